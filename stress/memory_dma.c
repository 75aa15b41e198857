#include "stress/memory_dma.h"

#include "base/error.h"
#include "stress/kernel_search.h"

#define SECOND_US ((uint64_t)1000000)

enum { SECTOR_WORDS = 64, SECTOR_BYTES = 512 };

static uint64_t now_us(const struct memory_dma_run *run)
{
    return clock_now_us(run->jobs->means.clock);
}

void memory_dma_init(struct memory_dma_run *run, struct memory_jobs *jobs,
                     const struct memory_dma *dma)
{
    *run = (struct memory_dma_run){.jobs = jobs, .dma = dma};
}

/* ---- the queue of held jobs */

static struct memory_job *first_job(const struct memory_dma_run *run)
{
    return run->queue[run->first];
}

/* Lets the first job go. */
static void let_go(struct memory_dma_run *run, bool cancelled)
{
    struct memory_job *job = first_job(run);

    job->cancelled = cancelled;
    atomic_store(&job->held, false);
    run->first = (run->first + 1) % MEMORY_JOBS_MAX;
    run->count--;
}

/* No more reads; those that wait for one do without. */
static void stop_for(struct memory_dma_run *run, const char *reason)
{
    if (!run->reason)
        run->reason = reason;
    while (run->count)
        let_go(run, true);
    run->state = DMA_OFF;
}

static struct span target_of(const struct memory_job *job)
{
    return memory_dma_half(job->pieces[0].chunk,
                           (enum memory_operation)job->pieces[0].step.operation);
}

/* ---- reads */

static void begin_read(struct memory_dma_run *run, void *buffer, uint64_t address, size_t size,
                       enum memory_dma_state state)
{
    const char *reason = "the drive failed at a read";

    run->read_us = now_us(run);
    run->state = state;
    if (run->dma->begin(run->dma->context, buffer, address, size, &reason) != OK)
        stop_for(run, reason);
}

/* True when the read has ended well. */
static bool read_is_in(struct memory_dma_run *run)
{
    bool ended = false;

    if (run->dma->poll(run->dma->context, &ended) != OK) {
        stop_for(run, "the drive failed at a read");
        return false;
    }
    if (!ended && now_us(run) - run->read_us >= MEMORY_DMA_PATIENCE_S * SECOND_US) {
        run->reason = "the drive did not end a read";
        run->state = DMA_LOST;
    }
    return ended;
}

/* ---- two of three */

static bool is_whole_sector(const uint64_t *a, const uint64_t *b)
{
    const uint8_t *first = (const uint8_t *)a, *second = (const uint8_t *)b;
    unsigned differing = 0;

    for (unsigned i = 0; i < SECTOR_BYTES; i++)
        differing += first[i] != second[i];
    return differing > SECTOR_BYTES / 2;
}

/* False when it is no question of memory. */
static bool drive_is_steady(const struct span *target, const uint64_t *reference,
                            const uint64_t *third)
{
    for (size_t i = 0; i < target->count; i += SECTOR_WORDS)
        if (is_whole_sector(target->words + i, reference + i) ||
            is_whole_sector(third + i, reference + i))
            return false;
    for (size_t i = 0; i < target->count; i++)
        if (target->words[i] != reference[i] && third[i] != reference[i] &&
            target->words[i] != third[i])
            return false;
    return true;
}

/* The words of the target that the two others overrule; returns how many of the reference are. */
static uint64_t count_votes(const struct span *target, const uint64_t *reference,
                            const uint64_t *third, struct memory_faults *faults)
{
    uint64_t replaced = 0;
    unsigned collected = 0;

    for (size_t i = 0; i < target->count; i++) {
        if (i % BLOCK_WORDS == 0)
            collected = 0;
        if (third[i] != reference[i])
            replaced += third[i] == target->words[i];
        else
            search_word(&target->words[i], target->address + i * 8, reference[i], target->words[i],
                        faults, &collected);
    }
    return replaced;
}

static void vote(struct memory_dma_run *run)
{
    struct memory_job *job = first_job(run);
    struct span target = target_of(job);
    uint64_t replaced;

    if (!drive_is_steady(&target, run->reference->data, run->third->data)) {
        stop_for(run, "the drive gave other data for the same sectors");
        return;
    }
    job->faults.limit = MEMORY_JOB_FAULTS;
    replaced = count_votes(&target, run->reference->data, run->third->data, &job->faults);
    if (replaced) {
        struct chunk *chunk = run->reference;

        run->reference = run->third;
        run->third = chunk;
        run->replaced += replaced;
    }
    let_go(run, false);
    run->state = DMA_IDLE;
}

/* ---- a step of the test */

/* The free chunk of the largest size that lies nearest to one end of the pool, now taken. */
static struct chunk *take(struct pool *pool, bool from_end)
{
    struct chunk *best = NULL;

    for (size_t i = 0; i < pool->count; i++) {
        struct chunk *chunk = &pool->chunks[from_end ? pool->count - 1 - i : i];

        if (chunk->state == CHUNK_FREE && (!best || chunk->size > best->size))
            best = chunk;
    }
    if (best)
        best->state = CHUNK_TAKEN;
    if (best)
        best->filled = 0;
    return best;
}

static void give(struct chunk **chunk)
{
    if (*chunk)
        pool_give(*chunk);
    *chunk = NULL;
}

void memory_dma_begin(struct memory_dma_run *run, bool from_end)
{
    struct pool *pool = run->jobs->means.pool;
    struct span half;

    run->reference = take(pool, from_end);
    run->third = take(pool, from_end);
    run->first = run->count = 0;
    run->begun_us = now_us(run);
    run->state = DMA_OFF;
    if (!run->dma)
        run->reason = "no drive to read from";
    if (!run->reference || !run->third || run->third->size < run->reference->size)
        run->reason = "too little memory";
    if (run->reason)
        return;
    half = memory_dma_half(run->reference, OPERATION_DMA_LOWER);
    run->size = half.count * 8;
    begin_read(run, half.words, half.address, run->size, DMA_REFERENCE);
}

bool memory_dma_has_room(const struct memory_dma_run *run)
{
    return run->state != DMA_OFF && run->state != DMA_REFERENCE && run->state != DMA_LOST &&
           run->count < run->jobs->limit;
}

void memory_dma_add(struct memory_dma_run *run, struct memory_job *job)
{
    atomic_store(&job->held, true);
    run->queue[(run->first + run->count++) % MEMORY_JOBS_MAX] = job;
}

/* The chunk of the next job, once somebody may have the job. */
static void begin_target(struct memory_dma_run *run)
{
    struct span target;

    if (!run->count || first_job(run)->state != MEMORY_JOB_OUT)
        return;
    target = target_of(first_job(run));
    begin_read(run, target.words, target.address, target.count * 8, DMA_TARGET);
}

static void compare(struct memory_dma_run *run)
{
    struct span target = target_of(first_job(run));
    size_t blocks = target.count / BLOCK_WORDS;

    run->filled += target.count * 8;
    if (first_difference(target.words, run->reference->data, blocks) == blocks) {
        let_go(run, false);
        run->state = DMA_IDLE;
        return;
    }
    begin_read(run, run->third->data, run->third->address, run->size, DMA_THIRD);
}

static void go_on(struct memory_dma_run *run)
{
    switch (run->state) {
    case DMA_REFERENCE:
        if (read_is_in(run))
            run->state = DMA_IDLE;
        break;
    case DMA_IDLE:
        begin_target(run);
        break;
    case DMA_TARGET:
        if (read_is_in(run))
            compare(run);
        break;
    case DMA_THIRD:
        if (read_is_in(run))
            run->state = DMA_VOTE;
        break;
    case DMA_VOTE:
        if (job_is_done(&first_job(run)->job))
            vote(run);
        break;
    case DMA_OFF:
    case DMA_LOST:
        break;
    }
}

bool memory_dma_step(struct memory_dma_run *run)
{
    go_on(run);
    if ((run->state == DMA_IDLE || run->state == DMA_VOTE) &&
        now_us(run) - run->begun_us >= MEMORY_DMA_STEP_S * SECOND_US)
        stop_for(run, "the time for it was up");
    return !run->reason;
}

/* What waits for its turn goes without; what is being read is waited for. */
void memory_dma_end(struct memory_dma_run *run)
{
    const struct clock *clock = run->jobs->means.clock;
    bool ended = run->state == DMA_OFF || run->state == DMA_IDLE || run->state == DMA_VOTE;

    for (unsigned turn = 0; turn < MEMORY_JOBS_DRAIN_MS && !ended; turn++) {
        if (run->dma->poll(run->dma->context, &ended) != OK)
            ended = true;
        if (!ended)
            clock_wait_us(clock, 1000);
    }
    while (run->count > (ended ? 0 : 1)) {
        size_t last = (run->first + run->count - 1) % MEMORY_JOBS_MAX;

        run->queue[last]->cancelled = true;
        atomic_store(&run->queue[last]->held, false);
        run->count--;
    }
    run->state = ended ? DMA_OFF : DMA_LOST;
    if (!ended)
        return; /* the chunks stay taken: one of them may still be written to */
    give(&run->reference);
    give(&run->third);
}
