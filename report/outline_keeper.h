/*
 * Keeps the outline of a run (report/outline.h) in a variable of the firmware, where this was asked
 * for. The rules, for the sake of the firmware's store:
 *
 * - at most 1 KiB, the name and the store's own header included;
 * - only while at least half of the store is free, asked before every write; where the firmware
 *   does not tell, nothing is written;
 * - at the start of a phase or a step and at a new finding, for OUTLINE_WRITES times in a run, and
 *   besides every OUTLINE_PERIOD_US: flash wears;
 * - deleted at the end of the run.
 *
 * After the first failure nothing more is written, which is said once.
 */
#ifndef ASSAY_REPORT_OUTLINE_KEEPER_H
#define ASSAY_REPORT_OUTLINE_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "base/variable.h"
#include "report/outline.h"

enum {
    OUTLINE_WRITES = 64,
    OUTLINE_PERIOD_US = 60 * 1000000,
    OUTLINE_OVERHEAD = 128, /* what a store adds to a variable, at most */
};

struct outline_keeper {
    const struct variable *variable;
    const struct sink *sink; /* for the note of a failure */
    struct outline outline;
    bool keeps;   /* still writes */
    bool present; /* there is a variable: of this run, or left by an earlier one */
    bool changed;
    unsigned writes; /* for a change */
    uint64_t now_us, written_us;
};

/* Looks for what an earlier run left; true, with its outline, when it can be read. Writes nothing
 * yet. `keeps`: this run is to be kept. */
bool outline_keeper_init(struct outline_keeper *keeper, const struct variable *variable,
                         const struct sink *sink, bool keeps, struct outline *ret_earlier);

/* Takes in one event of the run, its time set. */
void outline_keeper_event(struct outline_keeper *keeper, const struct event *event);

/* Writes what is new, by the rules. */
void outline_keeper_flush(struct outline_keeper *keeper);

/* After the end of the run: deletes the variable, an earlier run's as well. OK or an error. */
int outline_keeper_end(struct outline_keeper *keeper);

/* Says of a run that died what its outline says: the run itself, and each of its findings. */
void outline_tell(const struct outline *outline, const struct sink *sink);

#endif
