#include "stress/memory_job.h"

#include <string.h>

#include "base/error.h"
#include "stress/memory_pair.h"

enum { HOLDER_NONE = 0, HOLDER_WITHDRAWN = 1, HOLDER_FIRST = 2 };

_Static_assert((int)MEMORY_JOB_PIECES <= (int)HELD_SPANS_MAX,
               "a retest may use all that its job holds");

struct span memory_span(const struct chunk *chunk)
{
    return (struct span){.words = chunk->data, .address = chunk->address, .count = chunk->size / 8};
}

struct span memory_dma_half(const struct chunk *chunk, enum memory_operation operation)
{
    struct span whole = memory_span(chunk);
    size_t half = span_half(&whole) / 8;

    return span_part(&whole, operation == OPERATION_DMA_LOWER ? 0 : whole.count - half, half);
}

/* Traffic of the processor in the part that the drive leaves alone. */
static void run_beside_dma(struct memory_job *job, const struct memory_piece *piece)
{
    enum pattern pattern = (enum pattern)piece->step.pattern;
    bool lower = piece->step.operation == OPERATION_DMA_LOWER;
    struct span whole = memory_span(piece->chunk);
    size_t half = span_half(&whole) / 8;
    struct span span = span_part(&whole, lower ? half : 0, whole.count - half);
    unsigned laps = 0;

    span_fill(&span, pattern, piece->seed);
    do {
        span_invert_up(&span, pattern, piece->seed, &job->faults);
        span_invert_down(&span, pattern_complement(pattern), piece->seed, &job->faults);
    } while (atomic_load(&job->held) && ++laps < MEMORY_JOB_DMA_LAPS);
    span_verify(&span, pattern, piece->seed, &job->faults);
}

static void run_piece(struct memory_job *job, const struct memory_piece *piece)
{
    struct memory_faults *faults = &job->faults;
    struct span span = memory_span(piece->chunk);
    enum pattern pattern = (enum pattern)piece->step.pattern;

    switch ((enum memory_operation)piece->step.operation) {
    case OPERATION_FILL:
        span_fill(&span, pattern, piece->seed);
        break;
    case OPERATION_VERIFY:
        span_verify(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_INVERT_UP:
        span_invert_up(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_INVERT_DOWN:
        span_invert_down(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_MOVE_UP:
        span_move_up(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_MOVE_DOWN:
        span_move_down(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_SURROUND:
        span_surround(&span, pattern, piece->seed);
        break;
    case OPERATION_VERIFY_SURROUNDED:
        span_verify_surrounded(&span, pattern, piece->seed, faults);
        break;
    case OPERATION_DMA_LOWER:
    case OPERATION_DMA_UPPER:
        run_beside_dma(job, piece);
        break;
    case OPERATION_ACTIVATE:
        span_activate(&span);
        break;
    case OPERATION_PING_PONG: /* memory_pair_run() */
    case OPERATION_WAIT:      /* of the whole memory */
    case OPERATIONS:
        break;
    }
}

/* Puts the page back into the state its chunk is believed to be in. */
static void restore_page(struct memory_job *job)
{
    const struct memory_piece *piece = memory_job_piece(job, job->page_address);
    uint8_t filling = piece ? step_filling(&piece->step) : 0;
    struct span span = {
        .words = job->page, .address = job->page_address, .count = PAGE_TEST_SIZE / 8};
    enum pattern pattern;

    if (!filling)
        return;
    pattern = (enum pattern)((filling & ~FILLING_SURROUNDED) - 1);
    span_fill(&span, pattern, piece->seed);
    if (filling & FILLING_SURROUNDED)
        span_surround(&span, pattern, piece->seed);
}

/* The chunks of the job, each once: nobody else has them now. */
static size_t list_held(const struct memory_job *job, struct span *spans)
{
    size_t count = 0;

    for (size_t i = 0; i < job->piece_count; i++) {
        const struct chunk *chunk = job->pieces[i].chunk;

        if (memory_job_piece(job, chunk->address) == &job->pieces[i])
            spans[count++] = memory_span(chunk);
    }
    return count;
}

static void run_retest(struct memory_job *job)
{
    struct span held[MEMORY_JOB_PIECES];
    struct page_task task = {
        .page = job->page,
        .address = job->page_address,
        .rounds = MEMORY_JOB_RETEST_ROUNDS,
        .pause = job->pause,
        .faults = job->found + job->page_fault,
        .fault_count = job->page_fault_count,
        .held = held,
        .held_count = list_held(job, held),
    };

    job->page_result = page_examine(&task);
    restore_page(job);
}

static void run(struct job *base, unsigned processor)
{
    struct memory_job *job = (struct memory_job *)base;
    uint32_t holder = HOLDER_NONE;

    if (!atomic_compare_exchange_strong(&job->holder, &holder, HOLDER_FIRST + processor))
        return;
    if (job->page) {
        run_retest(job);
        return;
    }
    job->faults.limit = MEMORY_JOB_FAULTS;
    if (job->paired) {
        memory_pair_run(job);
        return;
    }
    for (size_t i = 0; i < job->piece_count; i++) {
        /* Room is kept so that each of the later chunks can show that it fails, too. */
        job->faults.limit = MEMORY_JOB_FAULTS - (job->piece_count - 1 - i);
        run_piece(job, &job->pieces[i]);
    }
}

void memory_job_init(struct memory_job *job)
{
    memset(job, 0, sizeof(*job));
    job->job.run = run;
    atomic_init(&job->job.done, false);
    memory_pair_init(job);
    atomic_init(&job->holder, HOLDER_NONE);
}

void memory_job_ready(struct memory_job *job, uint64_t now_us)
{
    if (!job->page) {
        job->faults = (struct memory_faults){.faults = job->found};
        job->next_fault = 0;
    }
    job->cancelled = false;
    memory_pair_reset(job);
    job->page_result = (struct page_result){.repeat = REPEAT_NOT_TRIED};
    job->since_us = now_us;
    job->state = MEMORY_JOB_READY;
    atomic_store(&job->holder, HOLDER_NONE);
}

int memory_job_submit(struct memory_job *job, const struct workers *workers)
{
    int error = workers_submit(workers, &job->job);

    if (error != OK)
        return error;
    job->state = MEMORY_JOB_OUT;
    memory_pair_submit(job, workers);
    return OK;
}

bool memory_job_over(struct memory_job *job)
{
    return job_is_done(&job->job) && !atomic_load(&job->held) &&
           (!job->paired || job_is_done(&job->partner));
}

bool memory_job_did(struct memory_job *job)
{
    return !job->cancelled && (!job->paired || atomic_load(&job->finished) == 2);
}

bool memory_job_withdraw(struct memory_job *job)
{
    uint32_t holder = HOLDER_NONE;

    return atomic_compare_exchange_strong(&job->holder, &holder, HOLDER_WITHDRAWN);
}

bool memory_job_withdrawn(struct memory_job *job)
{
    return atomic_load(&job->holder) == HOLDER_WITHDRAWN;
}

bool memory_job_taken(struct memory_job *job, unsigned *ret_processor)
{
    uint32_t holder = atomic_load(&job->holder);

    if (holder < HOLDER_FIRST)
        return false;
    *ret_processor = holder - HOLDER_FIRST;
    return true;
}

const struct memory_piece *memory_job_piece(const struct memory_job *job, uint64_t address)
{
    for (size_t i = job->piece_count; i > 0; i--) {
        const struct memory_piece *piece = &job->pieces[i - 1];

        if (address >= piece->chunk->address &&
            address - piece->chunk->address < piece->chunk->size)
            return piece;
    }
    return NULL;
}
