/*
 * A memory job: a short list of pieces of memory work that one processor does in one go, and what
 * it found.
 *
 * Who takes a job signs for it. The owner can therefore withdraw a job that nobody has taken, and
 * name the processor that took one and never came back.
 *
 * A job with a step of ping-pong is done by two processors: it goes into the queue twice, and who
 * takes it first waits for the other, MEMORY_JOB_MEET_US at most. Such a job has one piece.
 *
 * A job beside a drive's read (stress/memory_dma.h) is held: it is not over, and its chunk not
 * given back, before the read has ended, too.
 */
#ifndef ASSAY_STRESS_MEMORY_JOB_H
#define ASSAY_STRESS_MEMORY_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/event.h"
#include "base/pool.h"
#include "base/workers.h"
#include "stress/kernel_single.h"
#include "stress/page_examine.h"
#include "stress/tests.h"

enum {
    MEMORY_JOB_PIECES = 16,
    MEMORY_JOB_FAULTS = 32,
    MEMORY_JOB_RETEST_ROUNDS = 2,
    MEMORY_JOB_PARTNER_FAULTS = 16,
    MEMORY_JOB_MEET_US = 250000,
    MEMORY_JOB_DMA_LAPS = 2, /* of up and down, while the drive has not ended */
};

/* One step done to one chunk. */
struct memory_piece {
    struct chunk *chunk;
    uint64_t seed;
    uint32_t round; /* which filling the chunk holds afterwards */
    struct memory_step step;
};

enum memory_job_state {
    MEMORY_JOB_IDLE,
    MEMORY_JOB_READY, /* to be put into the queue as soon as it has room */
    MEMORY_JOB_OUT,   /* in the queue or with a processor */
    MEMORY_JOB_LOST,  /* as OUT, but its owner waits no longer */
};

struct memory_job {
    struct job job; /* first: the workers know no more of it */
    _Atomic uint32_t holder;

    /* Of a pair: what the other processor takes and finds, and how far the two are. */
    struct job partner;
    struct memory_fault partner_found[MEMORY_JOB_PARTNER_FAULTS];
    struct memory_faults partner_faults;
    _Atomic uint32_t meeting, finished;
    const struct clock *clock; /* also for other processors: the wait is short */
    bool paired;

    atomic_bool held; /* set before the job is made ready, cleared by who set it */
    bool cancelled;   /* by who held it: the read that belongs to it was not made */

    /* For the owner. */
    uint8_t state;      /* enum memory_job_state */
    uint64_t since_us;  /* made ready at */
    const char *test;   /* id for events */
    size_t chunk_count; /* held by the job */
    size_t next_fault;  /* the first fault not reported yet */
    uint16_t found_by;  /* processor that did the pieces */

    /* The task: the pieces in their order or, when it is not NULL, one page to be tested alone. */
    struct memory_piece pieces[MEMORY_JOB_PIECES];
    size_t piece_count;
    void *page;
    uint64_t page_address;
    const struct page_pause *pause;      /* NULL: page_test()'s own */
    size_t page_fault, page_fault_count; /* the wrong words of that page in found[] */

    /* The answer. */
    struct memory_fault found[MEMORY_JOB_FAULTS];
    struct memory_faults faults;
    struct page_result page_result;
};

void memory_job_init(struct memory_job *job);
/* Forgets the last answer and makes the job ready at a time; its task stands already. */
void memory_job_ready(struct memory_job *job, uint64_t now_us);
/* Puts a ready job into the queue. ERR_FULL: try again later. */
int memory_job_submit(struct memory_job *job, const struct workers *workers);

/* True when a job that was OUT or LOST is done or was never begun and never will be. */
bool memory_job_over(struct memory_job *job);
/* False when its pieces were not done, or only in part: no second processor came, or no read. */
bool memory_job_did(struct memory_job *job);
/* Nobody will do the job from now on; false when somebody has it already. */
bool memory_job_withdraw(struct memory_job *job);
bool memory_job_withdrawn(struct memory_job *job);
/* The processor that took the job; false when none did. */
bool memory_job_taken(struct memory_job *job, unsigned *ret_processor);

struct span memory_span(const struct chunk *chunk);
/* The half of a chunk into which the drive reads in a step, and its length in bytes: 0 for a chunk
 * of one block. Processors have the rest. */
struct span memory_dma_half(const struct chunk *chunk, enum memory_operation operation);

/* The last piece that touches the address, or NULL. */
const struct memory_piece *memory_job_piece(const struct memory_job *job, uint64_t address);

#endif
