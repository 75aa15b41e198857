/*
 * The memory phase: the chosen tests over all chunks of the pool, on all workers.
 *
 * The boot processor calls memory_run_step() in its loop, and polls the workers there; each call
 * gives out and takes back jobs and returns at once, or after a millisecond where it has to wait.
 * Chunks that somebody else has taken are left alone. Retired chunks are tested on.
 *
 * A test that cannot be done here, for want of a second processor or of a drive, is left out with
 * EVENT_NOT_TESTED (subsystem "memory"); what it did only in part, a note tells.
 */
#ifndef ASSAY_STRESS_MEMORY_RUN_H
#define ASSAY_STRESS_MEMORY_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress/memory_dma.h"
#include "stress/memory_jobs.h"

struct memory_run_config {
    struct memory_means means;
    uint32_t tests; /* mask of memory_tests[], see memory_tests_select() */
    uint64_t seed;
    uint64_t total; /* bytes of memory in the machine, for the coverage */
    uint64_t rate;  /* bytes per second that all fill together, to weigh waits; 0: not measured */
    const struct memory_dma *dma; /* NULL: there is no drive to read from */
    /* Before each step the memory is written back past the caches and left alone for so long; 0:
     * neither. For a pool so small that it would be tested in the caches, and in no time. */
    uint32_t pause_us;
    /* What an earlier part of the phase tested and moved, over other memory. */
    uint64_t tested_before, moved_before;
};

struct memory_run {
    struct memory_run_config config;
    struct memory_jobs jobs;
    struct memory_dma_run dma;
    uint64_t resume_us; /* a step begins no earlier */
    unsigned test;      /* in memory_tests[] */
    unsigned turn;      /* of that test */
    size_t step;        /* of that turn */
    uint64_t step_us;   /* when it began */
    size_t cursor;      /* the next chunk */
    bool again;         /* the step goes through the chunks once more, for those left out */
    size_t batch;       /* chunks in a job, where the step does not want one */
    uint32_t round;     /* fillings so far */
    uint64_t done;      /* of the work of all steps, see memory_run.c */
    bool finished;
    bool home; /* when finished: no job is left in the queue or with a processor */
};

/* About 280 KiB in `run`, which stays where it is; see memory_jobs_end(). */
void memory_run_init(struct memory_run *run, const struct memory_run_config *config);

/*
 * False when all is done, or when nothing can be done any more; EVENT_COVERAGE (phase "memory",
 * all of memory) is out then. `tested` in it are the bytes of the chunks that were filled and then
 * verified, by one test at least, hence never more than is true.
 */
bool memory_run_step(struct memory_run *run);

/* Ends the phase early, within MEMORY_JOBS_DRAIN_MS, with its coverage so far. May be called at
 * any time, also at the end; false as memory_jobs_end(). */
bool memory_run_stop(struct memory_run *run);

/* True while a drive reads into memory: who calls memory_run_step() then has no time for a job of
 * its own, or the drive would wait for it. */
bool memory_run_has_drive(const struct memory_run *run);

/* How far the phase is, 0 to 1000, by the bytes it has to move and the time it has to wait. */
unsigned memory_run_permille(const struct memory_run *run);
/* Bytes read and written so far. */
uint64_t memory_run_moved(const struct memory_run *run);

#endif
