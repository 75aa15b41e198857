/*
 * The workers seam: the other processors, which take jobs from one queue.
 *
 * A job is computation over memory it was given; it calls no firmware and emits no event. Its
 * owner, on the boot processor, submits it, goes on, and finds job_is_done() true at some later
 * time. A job takes a few milliseconds; the owner bounds its patience, for a processor can die.
 *
 * The queue is a bounded ring for one producer and many consumers. Where no other processor can
 * be had, `poll` runs the jobs on the boot processor itself.
 */
#ifndef ASSAY_BASE_WORKERS_H
#define ASSAY_BASE_WORKERS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct job {
    /* `processor` is the number of the processor that runs it, 0 the boot processor. */
    void (*run)(struct job *job, unsigned processor);
    atomic_bool done;
    uint16_t processor; /* who ran it; valid when done */
};

enum { QUEUE_SIZE = 256 };

struct queue_slot {
    _Atomic uint64_t sequence;
    struct job *job;
};

/* Bounded queue after D. Vyukov: a slot's sequence number says whose turn it is. */
struct queue {
    struct queue_slot slots[QUEUE_SIZE];
    _Atomic uint64_t head; /* next to take */
    uint64_t tail;         /* next to fill; the producer's own */
};

void queue_init(struct queue *queue);
/* ERR_FULL when all slots are taken. */
int queue_put(struct queue *queue, struct job *job);
/* The next job, or NULL. */
struct job *queue_take(struct queue *queue);
/* Takes one job and runs it. False when there was none. */
bool queue_run_one(struct queue *queue, unsigned processor);

static inline bool job_is_done(struct job *job)
{
    return atomic_load_explicit(&job->done, memory_order_acquire);
}

struct workers {
    void *context;
    unsigned count; /* processors that take jobs, the boot processor included only if it must */
    int (*submit)(void *context, struct job *job);
    /* Called by the boot processor between its own tasks: lets work proceed where that needs it. */
    void (*poll)(void *context);
    /* Runs one waiting job on the boot processor, which has nothing better to do. False when none
     * waits. NULL where poll does that already. */
    bool (*help)(void *context);
};

static inline int workers_submit(const struct workers *workers, struct job *job)
{
    atomic_store_explicit(&job->done, false, memory_order_relaxed);
    return workers->submit(workers->context, job);
}

static inline bool workers_help(const struct workers *workers)
{
    return workers->help && workers->help(workers->context);
}

static inline void workers_poll(const struct workers *workers)
{
    workers->poll(workers->context);
}

#endif
