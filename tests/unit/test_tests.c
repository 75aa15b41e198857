#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/event.h"
#include "base/text.h"
#include "stress/tests.h"

/* Each step expects what the one before has left, and nothing filled goes unverified. */
static void steps_follow(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++) {
        const struct memory_test *test = &memory_tests[t];

        assert_true(test->step_count >= 2);
        assert_int_equal(test->steps[0].operation, OPERATION_FILL);
        assert_int_equal(test->steps[test->step_count - 1].operation, OPERATION_VERIFY);
        for (size_t s = 1; s < test->step_count; s++) {
            const struct memory_step *before = &test->steps[s - 1], *step = &test->steps[s];

            if (step->operation == OPERATION_FILL)
                assert_int_equal(before->operation, OPERATION_VERIFY);
            else
                assert_int_equal(step->pattern, step_leaves(before));
        }
    }
}

/* Every test asks every bit for both of its values. */
static void both_values(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        for (unsigned p = 0; p < PATTERNS; p++) {
            unsigned verified = 0, complement = 0;

            for (size_t s = 0; s < memory_tests[t].step_count; s++) {
                const struct memory_step *step = &memory_tests[t].steps[s];
                bool verifies = operation_verifies((enum memory_operation)step->operation);

                verified += verifies && step->pattern == p;
                complement += verifies && step->pattern == (p ^ 1);
            }
            assert_int_equal(verified > 0, complement > 0);
        }
}

static void records_are_whole(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++) {
        assert_true(text_length(memory_tests[t].id) < NAME_SIZE);
        assert_true(text_length(memory_tests[t].description) > 0);
        assert_true(text_length(memory_tests[t].finds) > 0);
        assert_true(text_length(memory_tests[t].misses) > 0);
    }
}

static void selects(void **state)
{
    static const struct {
        const char *list;
        int error;
        uint32_t mask;
        const char *bad;
    } cases[] = {
        {"all", OK, MEMORY_TESTS_ALL, ""},
        {"own-address", OK, 1, ""},
        {"random", OK, 4, ""},
        {"random,own-address", OK, 5, ""},
        {"random,random", OK, 4, ""},
        {"own-address,moving-inversions,random", OK, 7, ""},
        {"", ERR_ABSENT, 99, ""},
        {"random,", ERR_ABSENT, 99, ""},
        {",random", ERR_ABSENT, 99, ""},
        {"Random", ERR_ABSENT, 99, "Random"},
        {"random, own-address", ERR_ABSENT, 99, " own-address"},
        {"random,all", ERR_ABSENT, 99, "all"},
        {"own-addres", ERR_ABSENT, 99, "own-addres"},
        {"own-addresses,random", ERR_ABSENT, 99, "own-addresses"},
        {"a-name-that-is-far-longer-than-any-name-in-the-table-can-be", ERR_ABSENT, 99,
         "a-name-that-is-far-longer-than-any-name-in-the-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char bad[NAME_SIZE] = "";
        uint32_t mask = 99;

        assert_int_equal(memory_tests_select(cases[i].list, &mask, bad, sizeof(bad)),
                         cases[i].error);
        assert_int_equal(mask, cases[i].mask);
        assert_string_equal(bad, cases[i].bad);
    }
}

static void moves(void **state)
{
    (void)state;
    assert_int_equal(memory_tests_moves(0), 0);
    assert_int_equal(memory_tests_moves(1), 4);
    assert_int_equal(memory_tests_moves(2), 18);
    assert_int_equal(memory_tests_moves(MEMORY_TESTS_ALL), 26);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow),
        cmocka_unit_test(both_values),
        cmocka_unit_test(records_are_whole),
        cmocka_unit_test(selects),
        cmocka_unit_test(moves),
    };

    return cmocka_run_group_tests_name("tests", tests, NULL, NULL);
}
