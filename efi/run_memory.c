/*
 * The memory phase: the tests over the memory that is held, then, in parts, over what was left to
 * the firmware, and the account of what no test has seen.
 */
#include "efi/run.h"

static bool test_step(struct run *run)
{
    workers_poll(&run->machine->workers);
    if (!memory_run_has_drive(run->memory))
        workers_help(&run->machine->workers);
    return memory_run_step(run->memory);
}

/* Bytes tested before the part at hand, of the same phase. */
static uint64_t tested_before(const struct run *run)
{
    return run->memory_parts ? memory_hold_tested(run->machine->memory) : 0;
}

/* A range of a few pages, to find an error again, is tested as if it were more: what is written
 * reaches the memory, and has the time to go wrong there. */
static uint32_t memory_pause_us(const struct run *run, const struct pool *pool)
{
    enum { SMALL = 64 * 1024 * 1024, PAUSE_US = 200000 };
    const struct options *options = run->config.options;

    return options && options->range_end && pool->size < SMALL ? PAUSE_US : 0;
}

static void test_pool(struct run *run, struct pool *pool)
{
    struct memory_run_config config = {
        .means = run_memory_means(run, pool),
        .tests = run->config.memory_tests,
        .seed = run->config.seed,
        .total = run->machine->memory_total,
        .tested_before = tested_before(run),
        .moved_before = run->memory_moved,
        .rate = run->machine->fill_rate * run->machine->workers.count,
        .dma = run_dma(run),
        .pause_us = memory_pause_us(run, pool),
    };

    memory_run_init(run->memory, &config);
    run->memory_runs = true;
    run_phase(run, test_step);
    if (memory_run_stop(run->memory)) {
        run_keep_report(run, &run->memory->jobs.report);
    } else {
        run->memory_lost++;
        if (run->machine->memory)
            run->machine->memory->pinned = true;
    }
    run->memory_runs = false;
    run->memory_moved += memory_run_moved(run->memory);
    run->memory_done += pool->size;
    run->memory_parts++;
}

/* A run of tests with a job that never came back is not used again; there is one more. */
static bool can_go_on(const struct run *run)
{
    return run->machine->memory && !run->stopped && run->memory_parts < MEMORY_PARTS &&
           run->memory_lost < RUN_MEMORY_RUNS;
}

uint16_t run_memory_permille(const struct run *run)
{
    uint64_t part = run->memory->config.means.pool->size;
    uint64_t total = run->machine->memory_total;
    uint64_t done = run->memory_done + part / 1000 * memory_run_permille(run->memory);

    return done >= total ? 1000 : (uint16_t)(done / (total / 1000 + 1));
}

bool run_do_memory(struct run *run)
{
    struct machine *machine = run->machine;
    struct pool *pool = machine->pool;

    while (pool) {
        run->memory = &run->memory_tests[run->memory_lost];
        test_pool(run, pool);
        pool = can_go_on(run) ? memory_hold_exchange(machine->memory, run->sink) : NULL;
    }
    if (machine->memory)
        memory_account(machine->memory, run->stopped, &machine->nodes, run->sink);
    return machine->pool != NULL;
}
