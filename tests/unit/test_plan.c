#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "stress/plan.h"
#include "stress/tests.h"

enum { NONE = -1 };

/* Seconds of inventory, baseline, memory, disks, writing, imaging and cool-down, or NONE. */
static void phases(void **state)
{
    static const struct {
        const char *plan;
        uint32_t imaging_s;
        int64_t seconds[PHASES];
    } cases[] = {
        {"quick", 0, {0, 15, 0, 30, 150, 300, 30}},
        {"imaging", 0, {0, 15, 0, 60, 900, 1800, 60}},
        {"overnight", 0, {0, 15, 0, 60, 14400, 28800, 60}},
        {"quick", 1, {0, 2, 0, 2, 2, 1, 2}},
        {"quick", 8, {0, 2, 0, 2, 4, 8, 2}},
        {"imaging", 100, {0, 5, 0, 10, 50, 100, 10}},
        {"imaging", 604800, {0, 15, 0, 60, 302400, 604800, 60}},
        {"memory", 0, {0, NONE, 0, NONE, NONE, NONE, NONE}},
        {"memory", 500, {0, NONE, 0, NONE, NONE, NONE, NONE}},
        {"disk", 0, {0, NONE, NONE, 0, 0, NONE, NONE}},
        {"sensors", 0, {0, 10, NONE, NONE, NONE, NONE, 10}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct planned_phase got[PHASES];
        size_t count = 0, at = 0;

        assert_int_equal(plan_phases(cases[i].plan, cases[i].imaging_s, got, &count), OK);
        for (unsigned p = 0; p < PHASES; p++) {
            if (cases[i].seconds[p] == NONE)
                continue;
            assert_true(at < count);
            assert_int_equal(got[at].phase, p);
            assert_int_equal(got[at].seconds, cases[i].seconds[p]);
            at++;
        }
        assert_int_equal(at, count);
    }
}

static void unknown(void **state)
{
    static const char *const names[] = {"", "menu", "triage", "memtest86+", "Quick", "quick "};
    struct planned_phase got[PHASES] = {{PHASE_DISKS, 5}};
    size_t count = 42;

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_null(plan_find(names[i]));
        assert_int_equal(plan_phases(names[i], 8, got, &count), ERR_ABSENT);
    }
    assert_int_equal(count, 42);
    assert_int_equal(got[0].seconds, 5);
}

static void estimates(void **state)
{
    /* 26 moves of 16 GiB at 10 GiB/s are 41.6 s. */
    struct plan_machine machine = {.memory_bytes = (uint64_t)16 << 30,
                                   .fill_rate = (uint64_t)10 << 30,
                                   .memory_moves = 26,
                                   .disks = 2,
                                   .disk_pass_s = 100};
    struct planned_phase got[PHASES];
    size_t count;

    (void)state;
    assert_int_equal(plan_phases("quick", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), 15 + 42 + 2 * 30 + 300 + 30);
    assert_int_equal(plan_phases("memory", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), 42);
    assert_int_equal(plan_phases("disk", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), 200);
    machine.writes = true;
    assert_int_equal(plan_estimate_s(got, count, &machine), 300);
    assert_int_equal(plan_phases("quick", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), 15 + 42 + 2 * 30 + 150 + 300 + 30);
    machine.writes = false;
    machine.fill_rate = 0;
    machine.disks = 0;
    assert_int_equal(plan_phases("imaging", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), 15 + 1800 + 60);
    machine.memory_wait_s = 120; /* is known, whatever the rate */
    assert_int_equal(plan_estimate_s(got, count, &machine), 15 + 120 + 1800 + 60);
    machine.memory_wait_s = 0;
    machine.fill_rate = (uint64_t)1 << 30;
    machine.memory_bytes = (uint64_t)64 << 40; /* no overflow */
    assert_int_equal(plan_phases("memory", 0, got, &count), OK);
    assert_int_equal(plan_estimate_s(got, count, &machine), (uint64_t)26 * 65536);
}

/* What is named runs whatever the plan; else the short plans have the fast tests. */
static void memory_tests_of_plans(void **state)
{
    (void)state;
    assert_int_equal(plan_memory_tests("quick", MEMORY_TESTS_ALL, false), MEMORY_TESTS_FAST);
    assert_int_equal(plan_memory_tests("imaging", MEMORY_TESTS_ALL, false), MEMORY_TESTS_FAST);
    assert_int_equal(plan_memory_tests("overnight", MEMORY_TESTS_ALL, false), MEMORY_TESTS_ALL);
    assert_int_equal(plan_memory_tests("memory", MEMORY_TESTS_ALL, false), MEMORY_TESTS_ALL);
    assert_int_equal(plan_memory_tests("quick", 1 << TEST_BIT_FADE, true), 1 << TEST_BIT_FADE);
    assert_int_equal(plan_memory_tests("memory", 1 << TEST_ROW_ACTIVATION, true),
                     1 << TEST_ROW_ACTIVATION);
    assert_int_equal(plan_memory_tests("nonsense", MEMORY_TESTS_ALL, false), 0);
    for (size_t i = 0; i < RUN_PLANS; i++)
        assert_int_equal(run_plans[i].memory_tests != 0, run_plans[i].phases >> PHASE_MEMORY & 1);
}

static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < RUN_PLANS; i++)
        assert_true(text_length(run_plans[i].description) > 0);
    for (size_t i = 0; i < PHASES; i++)
        assert_true(text_length(phase_names[i]) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases),    cmocka_unit_test(unknown),
        cmocka_unit_test(estimates), cmocka_unit_test(memory_tests_of_plans),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
