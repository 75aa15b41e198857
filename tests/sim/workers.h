/*
 * Simulated workers: processors that take jobs from the program's own queue.
 *
 * The inline ones run in poll(), one job for each processor in turn, so that a test is the same
 * each time. One of them can die in the middle of a job: it has taken the job, and never finishes
 * it. The threads run at the same time as the test, as other processors do.
 */
#ifndef ASSAY_TESTS_SIM_WORKERS_H
#define ASSAY_TESTS_SIM_WORKERS_H

#include <pthread.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/workers.h"

enum { SIM_WORKERS_MAX = 16 };

struct sim_workers {
    struct workers seam;
    struct queue queue;
    unsigned first, count; /* numbers of the processors: first to first + count - 1 */
    bool dead[SIM_WORKERS_MAX];
    jmp_buf poll;
    unsigned current;
    unsigned turn; /* who is first to be given a job */

    /* Called after each job; what happens to memory while nobody looks. */
    void (*between)(void *context);
    void *between_context;
};

/* Processors 1 to count, or the boot processor alone, number 0, for a count of 0. */
void sim_workers_init(struct sim_workers *workers, unsigned count);
/* The processor whose job calls this, through some hook, is dead from now on. Does not return. */
_Noreturn void sim_workers_die(struct sim_workers *workers);

struct sim_threads {
    struct workers seam;
    struct queue queue;
    atomic_bool stop;
    unsigned count;
    pthread_t threads[SIM_WORKERS_MAX];
};

void sim_threads_start(struct sim_threads *threads, unsigned count);
/* Lets the jobs end, and the threads. */
void sim_threads_stop(struct sim_threads *threads);

#endif
