/*
 * What a processor does when it raises a machine check (#MC, vector 18): whether it may go on, and
 * what is kept of the error (Intel SDM volume 3, "Machine-Check Architecture"; AMD APM volume 2,
 * "Machine Check Architecture", has the same registers).
 *
 * One struct belongs to one processor. machine_check_raised and machine_check_held are called by
 * that processor alone, the first of them in the exception, so between any two instructions of the
 * second; machine_check_take and machine_check_flushed by the boot processor alone. Nothing waits
 * for anything.
 *
 * An error is recorded, flushed, then cleared: its bank keeps it until the record is on the medium.
 * If the machine dies before that, the next start still finds it. Where the run cannot go on
 * nothing is cleared, for the banks outlive a reset that is no power cycle.
 */
#ifndef ASSAY_SENSORS_MACHINE_CHECK_HANDLER_H
#define ASSAY_SENSORS_MACHINE_CHECK_HANDLER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "base/access.h"
#include "base/event.h"
#include "sensors/machine_check.h"

enum {
    MACHINE_CHECK_RECORDS = 8,    /* that wait for the boot processor, of one processor */
    MACHINE_CHECK_RAISES_MAX = 64 /* between two calls of machine_check_held */
};

enum machine_check_answer {
    MACHINE_CHECK_GO_ON,
    MACHINE_CHECK_CORRUPT,   /* PCC: the processor's state may be corrupt */
    MACHINE_CHECK_NO_RETURN, /* RIPV clear: there is no instruction to return to */
    MACHINE_CHECK_LOST,      /* an error that asks for action came, and another was lost (OVER) */
    MACHINE_CHECK_REPEATS,   /* it is raised again and again, and nothing else happens */
};

struct machine_check_handler {
    const struct access *access;
    uint16_t processor;
    unsigned banks;
    bool asks_for_action; /* IA32_MCG_CAP.MCG_SER_P: bit 55 of a status is AR */
    atomic_uint raises;   /* since machine_check_held was called last */

    struct event_machine_check records[MACHINE_CHECK_RECORDS];
    atomic_uint put;     /* records ever written */
    atomic_uint taken;   /* and taken */
    atomic_uint flushed; /* and on the medium */

    /* Of each bank: what stood there before the handler was installed, and what was recorded and is
     * not cleared yet with the number of its record; 0 for nothing. */
    _Atomic uint64_t stood[MACHINE_CHECK_BANKS_MAX];
    _Atomic uint64_t held[MACHINE_CHECK_BANKS_MAX];
    atomic_uint held_record[MACHINE_CHECK_BANKS_MAX];
};

/*
 * Makes the handler of the calling processor, before its first machine check. MCG_STATUS.MCIP that
 * stands from before a reset is cleared, for with it the next machine check would be a shutdown.
 * ERR_UNSUPPORTED where the processor has no machine-check architecture.
 */
int machine_check_handler_init(struct machine_check_handler *handler, const struct access *access,
                               uint16_t processor);

/*
 * In the exception. Goes on where RIPV is set and no bank has PCC: then all banks with an error are
 * recorded as far as there is room, and MCIP is cleared. A bank for which there was none is left to
 * machine_check_read. With any other answer nothing was written to any register.
 */
enum machine_check_answer machine_check_raised(struct machine_check_handler *handler);

/*
 * Clears the banks whose records are on the medium, and returns a mask of those that still wait:
 * machine_check_read leaves these out. To be called each second.
 */
uint32_t machine_check_held(struct machine_check_handler *handler);

/* Takes records, oldest first; returns how many, at most limit. */
unsigned machine_check_take(struct machine_check_handler *handler, struct event_machine_check *ret,
                            unsigned limit);

/* All that was taken so far is on the medium. */
void machine_check_flushed(struct machine_check_handler *handler);

/*
 * Tells, where the run cannot go on, why and what stands in the banks: lines of ASCII, 79 columns
 * at most, that begin "ASSAY MACHINE-CHECK cpu N". Reads registers, writes none.
 */
void machine_check_tell(const struct machine_check_handler *handler,
                        enum machine_check_answer answer, void (*put)(const char *line));

#endif
