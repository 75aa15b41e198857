#include "stress/memory_pair.h"

#include "base/error.h"

/* Bits of struct memory_job's `meeting`. */
enum { MEETING_FIRST = 1, MEETING_PARTNER = 2, MEETING_CANCELLED = 4 };

/* Waits until the other one is here as well. False when it does not come. */
static bool meet(struct memory_job *job, uint32_t self)
{
    enum { TURN_US = 10 };
    uint32_t here = atomic_fetch_or(&job->meeting, self) | self;
    uint64_t begun_us = clock_now_us(job->clock);

    /* By turns as well, should the clock stand still. */
    for (unsigned turn = 0; here == self && turn < MEMORY_JOB_MEET_US / TURN_US &&
                            clock_now_us(job->clock) - begun_us < MEMORY_JOB_MEET_US;
         turn++) {
        clock_wait_us(job->clock, TURN_US);
        here = atomic_load(&job->meeting);
    }
    if (here == self &&
        atomic_compare_exchange_strong(&job->meeting, &here, self | MEETING_CANCELLED))
        return false;
    return !(here & MEETING_CANCELLED);
}

static void add_faults(struct memory_faults *faults, const struct memory_faults *more)
{
    for (size_t i = 0; i < more->count && faults->count < faults->limit; i++)
        faults->faults[faults->count++] = more->faults[i];
    faults->words += more->words;
    faults->pages += more->pages;
}

/* The part of a chunk that travels between two caches: an eighth, from its start. */
static struct span shared_part(const struct chunk *chunk)
{
    struct span span = memory_span(chunk);
    size_t blocks = span.count / BLOCK_WORDS / 8;

    span.count = (blocks ? blocks : 1) * BLOCK_WORDS;
    return span;
}

/* One side of a pair; who ends last puts together what both have found. */
static void run_side(struct memory_job *job, unsigned side, struct memory_faults *faults)
{
    const struct memory_piece *piece = &job->pieces[0];
    struct span span = shared_part(piece->chunk);
    enum pattern pattern = (enum pattern)piece->step.pattern;

    ping_pong_side(&span, pattern, piece->seed, side, faults);
    if (atomic_fetch_add(&job->finished, 1) == 0)
        return;
    add_faults(&job->faults, &job->partner_faults);
    ping_pong_end(&span, pattern, piece->seed, &job->faults);
}

void memory_pair_run(struct memory_job *job)
{
    struct span span = shared_part(job->pieces[0].chunk);

    ping_pong_begin(&span);
    if (meet(job, MEETING_FIRST))
        run_side(job, 0, &job->faults);
}

static void run_partner(struct job *base, unsigned processor)
{
    struct memory_job *job =
        (struct memory_job *)((uint8_t *)base - offsetof(struct memory_job, partner));

    (void)processor;
    if (!memory_job_withdrawn(job) && meet(job, MEETING_PARTNER))
        run_side(job, 1, &job->partner_faults);
}

void memory_pair_init(struct memory_job *job)
{
    job->partner.run = run_partner;
    atomic_init(&job->partner.done, true);
}

/* Forgets what two processors did at the job before. */
void memory_pair_reset(struct memory_job *job)
{
    job->paired =
        !job->page && job->piece_count == 1 && job->pieces[0].step.operation == OPERATION_PING_PONG;
    job->partner_faults =
        (struct memory_faults){.faults = job->partner_found, .limit = MEMORY_JOB_PARTNER_FAULTS};
    atomic_store(&job->meeting, 0);
    atomic_store(&job->finished, 0);
}

void memory_pair_submit(struct memory_job *job, const struct workers *workers)
{
    if (!job->paired || workers_submit(workers, &job->partner) == OK)
        return;
    atomic_store(&job->partner.done, true);
    atomic_fetch_or(&job->meeting, MEETING_CANCELLED);
}
