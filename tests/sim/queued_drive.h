/*
 * A simulated drive (drive.h) behind a queue: requests wait at it, take the time that the drive
 * takes for them, and end out of order when somebody polls.
 *
 * The drive inside runs on a clock of its own, so that its time passes beside everybody else's.
 */
#ifndef ASSAY_TESTS_SIM_QUEUED_DRIVE_H
#define ASSAY_TESTS_SIM_QUEUED_DRIVE_H

#include "tests/sim/drive.h"

enum { QUEUED_DEPTH_MAX = 32 };

struct queued_entry {
    struct block_request *request; /* NULL: free */
    int error;
    uint64_t due_us;
};

struct queued_drive {
    struct sim_drive *inner;
    struct sim_clock inner_time;
    struct sim_clock *clock;    /* everybody's */
    struct block_device device; /* the seam over it */
    struct queued_entry entries[QUEUED_DEPTH_MAX];
    unsigned in_flight, most_in_flight;
    uint64_t polled_us; /* when it was polled last */
    uint64_t seed;
};

/* Puts `inner`, which sim_drive_init() made with `clock`, behind a queue of `depth`. */
void queued_drive_init(struct queued_drive *drive, struct sim_drive *inner, struct sim_clock *clock,
                       unsigned depth, uint64_t seed);

#endif
