/*
 * The memory jobs of one phase: given out, waited for, and made into evidence.
 *
 * Both the memory phase and the sweep beside the imaging workload choose chunks and steps; all
 * else about a job is here. When a job comes back with wrong words, each of their pages is tested
 * again alone at once, by the same slot, before the job's chunks are given back; a chunk with a
 * page that fails again is retired. Once MEMORY_REPORT_ALL events are out, pages are not tested
 * again, and every chunk that fails is retired.
 *
 * Nothing here waits for ever. A job that is not done after MEMORY_JOB_PATIENCE_S is given up: if
 * nobody took it, its chunks come back untested; if a processor has it, its chunks stay with that
 * processor, until it comes back after all.
 */
#ifndef ASSAY_STRESS_MEMORY_JOBS_H
#define ASSAY_STRESS_MEMORY_JOBS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/pool.h"
#include "base/workers.h"
#include "stress/memory_job.h"
#include "stress/memory_report.h"

enum {
    MEMORY_JOBS_MAX = 128,
    MEMORY_JOB_PATIENCE_S = 60,
    MEMORY_JOBS_LOST_TOLD = 8, /* EVENT_NOT_TESTED for so many; the others are counted in a note */
    MEMORY_JOBS_DRAIN_MS = 2000,
};

/* What memory work needs of the rest. All outlive the work. */
struct memory_means {
    struct pool *pool;
    const struct workers *workers;
    const struct clock *clock;
    const struct sink *sink;
    const struct page_pause *pause; /* NULL: page_test()'s own */
};

struct memory_jobs {
    struct memory_means means;
    struct memory_job jobs[MEMORY_JOBS_MAX];
    size_t limit; /* jobs in use: some per worker */
    struct memory_report report;
    bool draining;  /* nothing new: no retests either */
    uint64_t moved; /* bytes read and written by jobs that are done */
    uint64_t lost;  /* jobs given up */
    uint64_t met;   /* jobs that two processors did together */
    uint64_t unmet; /* jobs that were not done, see memory_job_did() */
};

/* `per_worker` jobs for each worker, at least two in all. Forgets what every chunk holds. */
void memory_jobs_init(struct memory_jobs *jobs, const struct memory_means *means,
                      unsigned per_worker);

/* A job that does nothing now, without pieces, or NULL. It is the caller's until its next call of
 * memory_jobs_start(), or is left alone. */
struct memory_job *memory_jobs_idle(struct memory_jobs *jobs);
/* Adds a step on a chunk, which is taken thereby. False when the job is full or another has the
 * chunk; the same job may have it. */
bool memory_jobs_add(struct memory_jobs *jobs, struct memory_job *job,
                     const struct memory_piece *piece);
void memory_jobs_start(struct memory_jobs *jobs, struct memory_job *job, const char *test);

/* Puts ready jobs into the queue and handles those that are done. Cheap; polls no worker. */
void memory_jobs_poll(struct memory_jobs *jobs);

/* Jobs under way, those given up not among them. */
size_t memory_jobs_busy(const struct memory_jobs *jobs);
/* False when every job was given up, so that nothing can be done any more. */
bool memory_jobs_usable(const struct memory_jobs *jobs);
/* Chunks held by jobs under way. */
size_t memory_jobs_held(const struct memory_jobs *jobs);

/*
 * Ends the work: what nobody has begun is withdrawn, what runs is waited for, MEMORY_JOBS_DRAIN_MS
 * at most, with the workers polled; then the notes about what was counted. False when a job is
 * still in the queue or with a processor: `jobs` must then stay where it is and not be used again.
 */
bool memory_jobs_end(struct memory_jobs *jobs);

#endif
