/*
 * The memory work beside the imaging workload.
 *
 * Free chunks are gone through in rotation: each is verified against what the sweep filled it with
 * a rotation earlier, and filled with the next pattern. A chunk that imaging has had meanwhile is
 * only filled, for taking it made its filling forgotten. Jobs are short, few are queued, and no
 * more than a tenth of the free chunks is held at a time, so that imaging finds processors and
 * buffers.
 */
#ifndef ASSAY_STRESS_SWEEP_H
#define ASSAY_STRESS_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress/memory_jobs.h"

enum {
    SWEEP_JOBS_PER_WORKER = 2,
    SWEEP_JOB_CHUNKS = 4,
    SWEEP_LOOK = 256, /* chunks looked at for one job */
};

struct sweep_config {
    struct memory_means means;
    uint64_t seed;
};

struct sweep {
    struct sweep_config config;
    struct memory_jobs jobs;
    size_t cursor;
    size_t free_seen; /* in this rotation */
    size_t free;      /* in the one before */
    bool stopped;
    bool home; /* when stopped: no job is left in the queue or with a processor */
};

/* About 280 KiB in `sweep`, which stays where it is; see memory_jobs_end(). */
void sweep_init(struct sweep *sweep, const struct sweep_config *config);

/* Gives out and takes back jobs; returns at once. To be called in the loop that polls the workers.
 * Errors are reported as test "sweep". */
void sweep_step(struct sweep *sweep);

/* Ends the work within MEMORY_JOBS_DRAIN_MS; false as memory_jobs_end(). */
bool sweep_stop(struct sweep *sweep);

/* Bytes read and written so far. */
uint64_t sweep_moved(const struct sweep *sweep);

#endif
