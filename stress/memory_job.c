#include "stress/memory_job.h"

#include <string.h>

#include "base/error.h"

enum { HOLDER_NONE = 0, HOLDER_WITHDRAWN = 1, HOLDER_FIRST = 2 };

static void run_piece(const struct memory_piece *piece, struct memory_faults *faults)
{
    struct span span = {.words = piece->chunk->data,
                        .address = piece->chunk->address,
                        .count = piece->chunk->size / 8};
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
    case OPERATIONS:
        break;
    }
}

/* Puts the page back into the state its chunk is believed to be in. */
static void restore_page(struct memory_job *job)
{
    const struct memory_piece *piece = memory_job_piece(job, job->page_address);
    struct span span = {
        .words = job->page, .address = job->page_address, .count = PAGE_TEST_SIZE / 8};

    if (piece)
        span_fill(&span, step_leaves(&piece->step), piece->seed);
}

static void run_retest(struct memory_job *job)
{
    if (job->pause)
        job->repeat =
            page_test_with(job->page, job->page_address, MEMORY_JOB_RETEST_ROUNDS, job->pause);
    else
        job->repeat = page_test(job->page, job->page_address, MEMORY_JOB_RETEST_ROUNDS);
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
    for (size_t i = 0; i < job->piece_count; i++) {
        /* Room is kept so that each of the later chunks can show that it fails, too. */
        job->faults.limit = MEMORY_JOB_FAULTS - (job->piece_count - 1 - i);
        run_piece(&job->pieces[i], &job->faults);
    }
}

void memory_job_init(struct memory_job *job)
{
    memset(job, 0, sizeof(*job));
    job->job.run = run;
    atomic_init(&job->job.done, false);
    atomic_init(&job->holder, HOLDER_NONE);
}

void memory_job_ready(struct memory_job *job, uint64_t now_us)
{
    if (!job->page) {
        job->faults = (struct memory_faults){.faults = job->found};
        job->next_fault = 0;
    }
    job->repeat = REPEAT_NOT_TRIED;
    job->since_us = now_us;
    job->state = MEMORY_JOB_READY;
    atomic_store(&job->holder, HOLDER_NONE);
}

int memory_job_submit(struct memory_job *job, const struct workers *workers)
{
    int error = workers_submit(workers, &job->job);

    if (error == OK)
        job->state = MEMORY_JOB_OUT;
    return error;
}

bool memory_job_over(struct memory_job *job)
{
    return job_is_done(&job->job);
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
