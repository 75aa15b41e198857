#include "stress/memory_run.h"

#include "base/text.h"

enum { JOBS_PER_WORKER = 3 };

static const struct memory_step *current_step(const struct memory_run *run)
{
    return &memory_tests[run->test].steps[run->step];
}

/* Moves to the first chosen test from run->test on. */
static void find_test(struct memory_run *run)
{
    while (run->test < MEMORY_TESTS && !(run->config.tests >> run->test & 1))
        run->test++;
}

static void begin_step(struct memory_run *run)
{
    run->cursor = 0;
    run->jobs.verified = 0;
    memory_report_step(&run->jobs.report);
    if (run->test < MEMORY_TESTS && current_step(run)->operation == OPERATION_FILL)
        run->round++;
    run->jobs.round = run->round;
}

void memory_run_init(struct memory_run *run, const struct memory_run_config *config)
{
    size_t chunks = config->means.pool->count;

    run->config = *config;
    memory_jobs_init(&run->jobs, &config->means, JOBS_PER_WORKER);
    run->batch = chunks / run->jobs.limit;
    run->batch = run->batch < 1 ? 1 : run->batch;
    run->batch = run->batch > MEMORY_JOB_PIECES ? MEMORY_JOB_PIECES : run->batch;
    run->test = 0;
    run->step = 0;
    run->round = 0;
    run->moves = 0;
    run->tested = 0;
    run->finished = false;
    run->home = true;
    find_test(run);
    begin_step(run);
}

static void keep_tested(struct memory_run *run)
{
    if (run->jobs.verified > run->tested)
        run->tested = run->jobs.verified;
}

static void next_step(struct memory_run *run)
{
    keep_tested(run);
    run->moves += step_moves(current_step(run));
    run->step++;
    if (run->step == memory_tests[run->test].step_count) {
        run->step = 0;
        run->test++;
        find_test(run);
    }
    begin_step(run);
}

/* A chunk that was not filled in this round, for whatever reason, is not verified in it. */
static bool step_applies(const struct memory_run *run, const struct chunk *chunk)
{
    const struct memory_step *step = current_step(run);

    if (!operation_verifies((enum memory_operation)step->operation))
        return true;
    return chunk->filled == step->pattern + 1 && chunk->round == run->round;
}

/* Fills a job with the next chunks, past those that are not to be had. */
static void gather(struct memory_run *run, struct memory_job *job)
{
    struct pool *pool = run->config.means.pool;
    struct memory_piece piece = {.seed = mix64(run->config.seed + run->test),
                                 .round = run->round,
                                 .step = *current_step(run)};

    while (run->cursor < pool->count && job->piece_count < run->batch) {
        piece.chunk = &pool->chunks[run->cursor++];
        if (step_applies(run, piece.chunk))
            (void)memory_jobs_add(&run->jobs, job, &piece);
    }
}

static void give_out(struct memory_run *run)
{
    while (run->cursor < run->config.means.pool->count) {
        struct memory_job *job = memory_jobs_idle(&run->jobs);

        if (!job)
            return;
        gather(run, job);
        if (job->piece_count)
            memory_jobs_start(&run->jobs, job, memory_tests[run->test].id);
    }
}

bool memory_run_stop(struct memory_run *run)
{
    struct event event = {.type = EVENT_COVERAGE};

    if (run->finished)
        return run->home;
    run->home = memory_jobs_end(&run->jobs);
    keep_tested(run);
    copy_text(event.coverage.phase, sizeof(event.coverage.phase), "memory");
    event.coverage.part = PART_ALL_MEMORY;
    event.coverage.tested = run->tested;
    event.coverage.total = run->config.total;
    event.coverage.moved = run->jobs.moved;
    emit(run->config.means.sink, &event);
    run->finished = true;
    return run->home;
}

bool memory_run_step(struct memory_run *run)
{
    if (run->finished)
        return false;
    memory_jobs_poll(&run->jobs);
    if (run->test < MEMORY_TESTS)
        give_out(run);
    if (run->test < MEMORY_TESTS && run->cursor == run->config.means.pool->count &&
        memory_jobs_busy(&run->jobs) == 0)
        next_step(run);
    if (run->test == MEMORY_TESTS || !memory_jobs_usable(&run->jobs)) {
        memory_run_stop(run);
        return false;
    }
    return true;
}

unsigned memory_run_permille(const struct memory_run *run)
{
    uint64_t count = run->config.means.pool->count;
    uint64_t all = memory_tests_moves(run->config.tests) * count;
    uint64_t done = run->moves * count;

    if (run->test < MEMORY_TESTS)
        done += step_moves(current_step(run)) * run->cursor;
    return all ? (unsigned)(done * 1000 / all) : 1000;
}

uint64_t memory_run_moved(const struct memory_run *run)
{
    return run->jobs.moved;
}
