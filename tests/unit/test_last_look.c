/* The last look: pages that had failed are examined once more when all is over, and no others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stress/last_look.h"
#include "stress/memory_run.h"
#include "tests/sim/memory_machine.h"

enum { CHUNKS = 8, WORD = 700, TURNS = 200000 };

struct fixture {
    struct memory_machine machine;
    struct memory_run run;
};

/* A whole run over memory with a stuck bit, or with one that flips once. */
static struct fixture *run(enum sim_memory_fault_kind kind, uint32_t pause_us)
{
    struct fixture *f = calloc(1, sizeof(*f));
    const struct sim_memory_fault fault = {.kind = kind, .word = WORD, .bit = 5, .delay = 6};
    struct memory_run_config config;
    unsigned turns = 0;

    machine_init(&f->machine, MACHINE_INLINE, CHUNKS, MACHINE_CHUNK);
    sim_memory_add(&f->machine.memory, &fault);
    config = (struct memory_run_config){.means = machine_means(&f->machine),
                                        .tests = 1,
                                        .seed = 5,
                                        .total = f->machine.pool.size,
                                        .pause_us = pause_us};
    memory_run_init(&f->run, &config);
    while (memory_run_step(&f->run)) {
        assert_true(turns++ < TURNS);
        workers_poll(&f->machine.workers);
    }
    assert_true(f->machine.type_counts[EVENT_MEMORY_ERROR] > 0);
    return f;
}

static unsigned look_at(struct fixture *f, const struct memory_report *reports, size_t count)
{
    const struct last_look look = {.pool = &f->machine.pool,
                                   .sink = &f->machine.sink,
                                   .pause = &f->machine.pause,
                                   .reports = reports,
                                   .report_count = count};
    unsigned pages = 0;

    for (size_t report = 0; report < count; report++)
        for (size_t i = 0; last_look(&look, report, i); i++)
            pages++;
    return pages;
}

static unsigned look(struct fixture *f)
{
    return look_at(f, &f->run.jobs.report, 1);
}

static void end(struct fixture *f)
{
    machine_free(&f->machine);
    free(f);
}

static void a_failed_page_is_examined(void **state)
{
    struct fixture *f = run(SIM_STUCK_AT_1, 0);
    const struct event *event;

    (void)state;
    assert_int_equal(look(f), 1);
    event = machine_event(&f->machine, EVENT_MEMORY_RETEST, 0);
    assert_int_equal(event->memory_retest.address,
                     machine_address(WORD / BLOCK_WORDS * BLOCK_WORDS));
    assert_int_equal(event->memory_retest.repeat, REPEAT_FAILED);
    assert_int_equal(event->memory_retest.shape, SHAPE_STUCK_AT_1);
    f->machine.memory.fault_count = 0; /* it has cooled down */
    look(f);
    event = machine_event(&f->machine, EVENT_MEMORY_RETEST, 1);
    assert_int_equal(event->memory_retest.repeat, REPEAT_HELD);
    end(f);
}

static void others_are_left_alone(void **state)
{
    static struct memory_report twice[2];
    struct fixture *f = run(SIM_STUCK_AT_1, 0);

    (void)state;
    pool_find(&f->machine.pool, machine_address(WORD))->state = CHUNK_TAKEN;
    look(f); /* a processor may still write there */
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_RETEST], 0);
    end(f);
    f = run(SIM_STUCK_AT_1, 0);
    twice[0] = twice[1] = f->run.jobs.report; /* the sweep met it, too: looked at once */
    assert_int_equal(look_at(f, twice, 2), 2);
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_RETEST], 1);
    end(f);
    f = run(SIM_FLIP, 0);
    look(f); /* it held at once */
    assert_int_equal(f->machine.type_counts[EVENT_MEMORY_RETEST], 0);
    end(f);
}

/* A step does not begin before the pause is over. */
static void small_ranges_have_time(void **state)
{
    struct fixture *quick = run(SIM_STUCK_AT_1, 0), *slow = run(SIM_STUCK_AT_1, 200000);
    uint64_t steps = memory_tests[0].step_count;

    (void)state;
    assert_true(quick->machine.now_us < 100000);
    assert_in_range(slow->machine.now_us, steps * 200000, (steps + 2) * 200000);
    assert_int_equal(quick->run.jobs.report.words, slow->run.jobs.report.words);
    end(quick);
    end(slow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_page_is_examined),
        cmocka_unit_test(others_are_left_alone),
        cmocka_unit_test(small_ranges_have_time),
    };

    return cmocka_run_group_tests_name("last_look", tests, NULL, NULL);
}
