#include "stress/memory_run.h"

#include "base/text.h"

#define SECOND_US ((uint64_t)1000000)

enum {
    JOBS_PER_WORKER = 3,
    IDLE_US = 1000,
    UNMET_MAX = 4, /* pairs that do not meet before it is believed that none will */
};

static const struct memory_test *current_test(const struct memory_run *run)
{
    return &memory_tests[run->test];
}

static const struct memory_step *current_step(const struct memory_run *run)
{
    return &current_test(run)->steps[run->step];
}

static bool step_is(const struct memory_run *run, enum memory_operation operation)
{
    return run->test < MEMORY_TESTS && current_step(run)->operation == operation;
}

static bool is_dma(const struct memory_run *run)
{
    return step_is(run, OPERATION_DMA_LOWER) || step_is(run, OPERATION_DMA_UPPER);
}

/* ---- progress */

static uint64_t step_waited_us(const struct memory_run *run)
{
    uint64_t all_us = current_step(run)->seconds * SECOND_US;
    uint64_t waited_us = clock_now_us(run->config.means.clock) - run->step_us;

    return waited_us < all_us ? waited_us : all_us;
}

/* Of the step that runs. */
static uint64_t step_done(const struct memory_run *run)
{
    uint64_t chunks = run->again ? run->config.means.pool->count : run->cursor;

    return step_moves(current_step(run)) * chunks +
           step_waited_us(run) / 1000 * second_work(run->config.rate) / 1000;
}

bool memory_run_has_drive(const struct memory_run *run)
{
    return is_dma(run);
}

unsigned memory_run_permille(const struct memory_run *run)
{
    uint64_t all =
        memory_tests_work(run->config.tests, run->config.means.pool->count, run->config.rate);
    uint64_t done = run->done + (run->test < MEMORY_TESTS ? step_done(run) : 0);

    return all ? (unsigned)(done * 1000 / all) : 1000;
}

uint64_t memory_run_moved(const struct memory_run *run)
{
    return run->jobs.moved;
}

/* ---- from step to step */

/* Moves to the first chosen test from run->test on. */
static void find_test(struct memory_run *run)
{
    while (run->test < MEMORY_TESTS && !(run->config.tests >> run->test & 1))
        run->test++;
}

static void begin_pause(struct memory_run *run)
{
    const struct pool *pool = run->config.means.pool;

    if (!run->config.pause_us)
        return;
    for (size_t i = 0; i < pool->count; i++)
        if (pool->chunks[i].state != CHUNK_TAKEN)
            span_flush(&(struct span){.words = pool->chunks[i].data,
                                      .address = pool->chunks[i].address,
                                      .count = pool->chunks[i].size / sizeof(uint64_t)});
    run->resume_us = clock_now_us(run->config.means.clock) + run->config.pause_us;
}

static void begin_step(struct memory_run *run)
{
    run->cursor = 0;
    run->again = false;
    run->step_us = clock_now_us(run->config.means.clock);
    run->jobs.met = run->jobs.unmet = 0;
    memory_report_step(&run->jobs.report);
    if (run->test < MEMORY_TESTS &&
        operation_fills((enum memory_operation)current_step(run)->operation))
        run->round++;
    if (is_dma(run))
        memory_dma_begin(&run->dma, false);
    begin_pause(run);
}

void memory_run_init(struct memory_run *run, const struct memory_run_config *config)
{
    size_t chunks = config->means.pool->count;

    run->config = *config;
    memory_jobs_init(&run->jobs, &config->means, JOBS_PER_WORKER);
    memory_dma_init(&run->dma, &run->jobs, config->dma);
    for (size_t i = 0; i < chunks; i++)
        config->means.pool->chunks[i].tested = false;
    run->batch = chunks / run->jobs.limit;
    run->batch = run->batch < 1 ? 1 : run->batch;
    run->batch = run->batch > MEMORY_JOB_PIECES ? MEMORY_JOB_PIECES : run->batch;
    run->test = 0;
    run->turn = 0;
    run->step = 0;
    run->round = 0;
    run->done = 0;
    run->finished = false;
    run->home = true;
    run->resume_us = 0;
    find_test(run);
    begin_step(run);
}

/* What a step that depends on more than memory could not do. */
static void tell_step(struct memory_run *run)
{
    const struct sink *sink = run->config.means.sink;
    const char *id = current_test(run)->id;
    unsigned long long unmet = run->jobs.unmet, all = unmet + run->jobs.met;

    if (is_dma(run) && run->dma.reason && !run->dma.filled)
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, false, "%s: %s", id, run->dma.reason);
    else if (is_dma(run) && run->dma.reason)
        emit_note(sink, SEVERITY_WARNING,
                  "Memory test %s: a drive filled %llu MiB, and no more: %s.", id,
                  (unsigned long long)(run->dma.filled >> 20), run->dma.reason);
    if (step_is(run, OPERATION_PING_PONG) && unmet && !run->jobs.met)
        emit_not_tested(sink, "memory", PART_ALL_MEMORY, false, "%s: needs two processors", id);
    else if (step_is(run, OPERATION_PING_PONG) && unmet)
        emit_note(sink, SEVERITY_WARNING,
                  "Memory test %s: of %llu chunks %llu were left out, for a second processor did "
                  "not come in time.",
                  id, all, unmet);
}

/* Ends the step that runs; true when the rest of its test makes no sense. */
static bool end_step(struct memory_run *run)
{
    bool hopeless = step_is(run, OPERATION_PING_PONG) && run->jobs.unmet && !run->jobs.met;

    if (is_dma(run)) {
        memory_dma_end(&run->dma);
        hopeless = run->dma.reason != NULL;
    }
    tell_step(run);
    return hopeless;
}

static void next_step(struct memory_run *run)
{
    bool hopeless = end_step(run);

    do {
        run->done += step_work(current_step(run), run->config.means.pool->count, run->config.rate);
        run->step++;
        if (run->step == current_test(run)->step_count) {
            run->step = 0;
            run->turn++;
        }
    } while (hopeless && run->step);
    if (run->turn == current_test(run)->turns) {
        run->turn = 0;
        run->test++;
        find_test(run);
    }
    begin_step(run);
}

/* ---- jobs */

/* Rows are read very often only where Assay holds what lies beside the chunk as well. */
static bool has_neighbours(const struct pool *pool, size_t index)
{
    const struct chunk *chunk = &pool->chunks[index];

    return index > 0 && index + 1 < pool->count &&
           chunk[-1].address + chunk[-1].size == chunk->address &&
           chunk->address + chunk->size == chunk[1].address;
}

/* A chunk that was not filled in this round, for whatever reason, is not verified in it. */
static bool step_applies(const struct memory_run *run, size_t index)
{
    const struct pool *pool = run->config.means.pool;
    const struct chunk *chunk = &pool->chunks[index];
    uint8_t needs = step_needs(current_step(run));

    if (step_is(run, OPERATION_ACTIVATE) && !has_neighbours(pool, index))
        return false;
    if (is_dma(run) && (chunk->size < 2 * BLOCK_SIZE || chunk->round == run->round))
        return false;
    return needs == 0 || (chunk->filled == needs && chunk->round == run->round);
}

static size_t batch(const struct memory_run *run)
{
    bool single =
        is_dma(run) || step_is(run, OPERATION_PING_PONG) || step_is(run, OPERATION_ACTIVATE);

    return single ? 1 : run->batch;
}

/* The chunk that comes next. A march that goes down does so through all of memory. */
static size_t next_index(struct memory_run *run)
{
    size_t index = run->cursor++;

    return step_is(run, OPERATION_INVERT_DOWN) ? run->config.means.pool->count - 1 - index : index;
}

/* Fills a job with the next chunks, past those that are not to be had. */
static void gather(struct memory_run *run, struct memory_job *job)
{
    struct pool *pool = run->config.means.pool;
    struct memory_piece piece = {.seed = memory_test_seed(run->config.seed, run->test, run->turn),
                                 .round = run->round,
                                 .step = *current_step(run)};

    while (run->cursor < pool->count && job->piece_count < batch(run)) {
        size_t index = next_index(run);

        piece.chunk = &pool->chunks[index];
        if (step_applies(run, index))
            (void)memory_jobs_add(&run->jobs, job, &piece);
    }
}

static void give_out(struct memory_run *run)
{
    while (run->cursor < run->config.means.pool->count) {
        struct memory_job *job = memory_jobs_idle(&run->jobs);

        if (!job || (is_dma(run) && !memory_dma_has_room(&run->dma)))
            return;
        gather(run, job);
        if (!job->piece_count)
            continue;
        if (is_dma(run))
            memory_dma_add(&run->dma, job);
        memory_jobs_start(&run->jobs, job, current_test(run)->id);
    }
}

/* Goes on with the step that runs; true when nothing more of it is to be begun. */
static bool all_given_out(struct memory_run *run)
{
    size_t count = run->config.means.pool->count;

    if (step_is(run, OPERATION_WAIT)) {
        clock_wait_us(run->config.means.clock, IDLE_US);
        return step_waited_us(run) == current_step(run)->seconds * SECOND_US;
    }
    if (is_dma(run) && !memory_dma_step(&run->dma))
        return true;
    if (step_is(run, OPERATION_PING_PONG) && run->jobs.unmet >= UNMET_MAX && !run->jobs.met)
        return true;
    give_out(run);
    if (run->cursor < count || memory_jobs_busy(&run->jobs))
        return false;
    if (is_dma(run) && !run->again) {
        memory_dma_end(&run->dma);
        memory_dma_begin(&run->dma, true);
        run->again = true;
        run->cursor = 0;
        return false;
    }
    return true;
}

bool memory_run_stop(struct memory_run *run)
{
    struct event event = {.type = EVENT_COVERAGE};

    if (run->finished)
        return run->home;
    if (is_dma(run))
        memory_dma_end(&run->dma);
    run->home = memory_jobs_end(&run->jobs);
    copy_text(event.coverage.phase, sizeof(event.coverage.phase), "memory");
    event.coverage.part = PART_ALL_MEMORY;
    event.coverage.tested = run->config.tested_before + pool_tested(run->config.means.pool);
    event.coverage.total = run->config.total;
    event.coverage.moved = run->config.moved_before + run->jobs.moved;
    emit(run->config.means.sink, &event);
    run->finished = true;
    return run->home;
}

bool memory_run_step(struct memory_run *run)
{
    if (run->finished)
        return false;
    memory_jobs_poll(&run->jobs);
    if (run->resume_us && clock_now_us(run->config.means.clock) < run->resume_us)
        return true;
    if (run->test < MEMORY_TESTS && all_given_out(run) && memory_jobs_busy(&run->jobs) == 0)
        next_step(run);
    if (run->test == MEMORY_TESTS || !memory_jobs_usable(&run->jobs)) {
        memory_run_stop(run);
        return false;
    }
    return true;
}
