/*
 * Simulated machines for the diagnosis: one run of one machine as a stream of events.
 *
 * A machine has drives, fans and temperatures of its own and the noise of healthy ones: counters
 * that stand from years ago, fan headers without a fan, fans that rest when it is cool, a tacho
 * that misses once, a sensor that always reads 127, a stall of the whole machine. A fault adds its
 * symptoms, those that look like another fault's among them. All constants here are the
 * simulation's own; the rules are not asked.
 */
#ifndef ASSAY_TESTS_SIM_MACHINE_SIM_H
#define ASSAY_TESTS_SIM_MACHINE_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

enum fault {
    FAULT_STUCK_BIT,
    FAULT_WEAK_BIT, /* holds when tested in quiet, fails under load */
    FAULT_ADDRESS_LINE,
    FAULT_ECC_CORRECTED,
    FAULT_ECC_UNCORRECTED,
    FAULT_COMPUTE,
    FAULT_CACHE,
    FAULT_UNREADABLE,
    FAULT_PENDING,
    FAULT_LEAD,
    FAULT_CORRUPTS,
    FAULT_SLOW,
    FAULT_PREDICTED,
    FAULT_HOT_DRIVE,
    FAULT_FAN,
    FAULT_DUST,
    FAULT_RESET,
    FAULTS,
};

/* What the diagnosis should say. */
extern const char *const fault_verdicts[FAULTS];

enum { SIM_DRIVES = 4, SIM_FANS = 4 };

struct machine {
    uint64_t random;
    uint64_t now_us;
    bool faults[FAULTS];
    void (*emit)(void *context, const struct event *event);
    void *context;

    unsigned drives, fans;
    unsigned victims[FAULTS];                   /* the drive or fan that has this fault */
    int64_t room, heat, drive_heat[SIM_DRIVES]; /* thousandths of a degree */
    int64_t speed[SIM_FANS];                    /* of each fan at full load; 0: not fitted */
    bool semi_passive;
    uint64_t stop_us; /* when the faulty fan stops */
    uint64_t weak_page, bit;
};

/* Runs it from its first event to its last. `random` is the seed, `faults` what is wrong. */
void machine_run(struct machine *machine);

/* The part a fault of this machine sits in. */
part_id machine_guilty(const struct machine *machine, enum fault fault);

#endif
