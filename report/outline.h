/*
 * The outline of a run, small enough for a variable of the firmware: where the run is, and what it
 * found last. Where there is no journal it is what is left of a run that died.
 *
 * Bytes, little-endian, without gaps:
 *
 *    0  4  "ARUN"
 *    4  2  version, 1
 *    6  2  size of it all, the checksum included
 *    8  4  number of the run
 *   12  4  seconds since the run began
 *   16  2  findings in all
 *   18  2  findings that follow below
 *   20 32  phase, filled up with NUL
 *   52 48  step begun and not ended, filled up with NUL
 *  100 96  of each finding, the oldest first: certainty 1, id 31, component 64
 *       4  checksum() of all before
 */
#ifndef ASSAY_REPORT_OUTLINE_H
#define ASSAY_REPORT_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    OUTLINE_FINDINGS = 7, /* the last ones */
    OUTLINE_PHASE_SIZE = 32,
    OUTLINE_STEP_SIZE = NAME_SIZE,
    OUTLINE_ID_SIZE = 31,
    OUTLINE_COMPONENT_SIZE = 64,
    OUTLINE_SIZE = 776, /* with all findings */
};

struct outline_finding {
    uint8_t certainty; /* enum certainty */
    char id[OUTLINE_ID_SIZE];
    char component[OUTLINE_COMPONENT_SIZE];
};

struct outline {
    uint32_t run;
    uint32_t after_s;
    char phase[OUTLINE_PHASE_SIZE];
    char step[OUTLINE_STEP_SIZE];
    unsigned found; /* in all */
    unsigned count;
    struct outline_finding findings[OUTLINE_FINDINGS];
};

/* Takes in an event; true when the outline says something new by it, beside the time. */
bool outline_event(struct outline *outline, const struct event *event);

/* Returns the length. */
size_t outline_encode(const struct outline *outline, uint8_t bytes[OUTLINE_SIZE]);

/* Texts come out as copy_name() makes them. ERR_FORMAT for anything that was not encoded so. */
int outline_decode(const void *bytes, size_t size, struct outline *ret_outline);

#endif
