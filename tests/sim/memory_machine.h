/*
 * A machine for the memory work: memory with faults, a pool over it, workers, a clock and a sink
 * that keeps what it is given.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_MACHINE_H
#define ASSAY_TESTS_SIM_MEMORY_MACHINE_H

#include <pthread.h>

#include "stress/memory_jobs.h"
#include "tests/sim/memory.h"

enum {
    MACHINE_CHUNK = 16384, /* small ones keep the tests quick */
    MACHINE_CHUNKS_MAX = 64,
    MACHINE_EVENTS = 1024,
    MACHINE_THREADS = 3,
};

/* Physical address of the memory, never the pointer. */
#define MACHINE_ADDRESS ((uint64_t)0x140000000)

enum machine_workers {
    MACHINE_INLINE,    /* a job at each poll, faults applied after each */
    MACHINE_NONE_TAKE, /* jobs stay in the queue */
    MACHINE_HANG,      /* processor 7 takes jobs and does not come back */
    MACHINE_FULL,      /* the queue has no room */
    MACHINE_THREADED,  /* faults applied by the thread that has the chunk of faults[0] */
};

struct memory_machine {
    struct sim_memory memory;
    void *owned; /* the memory, when it is the machine's own */
    struct pool pool;
    struct chunk chunks[MACHINE_CHUNKS_MAX];
    struct queue queue;
    enum machine_workers mode;
    struct workers workers;
    struct clock clock;
    uint64_t now_us;
    uint64_t turn_us; /* passes at each poll */
    uint64_t idle_us; /* of an inline machine: passes beside it at each poll without a job, from
                         the second one on */
    unsigned idle;    /* such polls up to now */
    struct sink sink;
    struct page_pause pause;
    struct job *hung[MEMORY_JOBS_MAX];
    size_t hung_count;
    pthread_t threads[MACHINE_THREADS];
    atomic_bool stop_threads;
    struct event events[MACHINE_EVENTS];
    size_t event_count;
    size_t type_counts[EVENT_TYPES];
};

/* With `chunk_count` chunks of `chunk_size` bytes. */
void machine_init(struct memory_machine *machine, enum machine_workers mode, size_t chunk_count,
                  size_t chunk_size);
/* Over memory of the caller's. */
void machine_init_over(struct memory_machine *machine, enum machine_workers mode, uint64_t *words,
                       size_t chunk_count, size_t chunk_size);
void machine_free(struct memory_machine *machine);
struct memory_means machine_means(struct memory_machine *machine);

/* The n-th event of a type, or NULL. */
const struct event *machine_event(const struct memory_machine *machine, enum event_type type,
                                  size_t n);
/* Lets the hung jobs come back. */
void machine_wake(struct memory_machine *machine);
/* Physical address of a word of the memory. */
uint64_t machine_address(size_t word);

#endif
