#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/event.h"
#include "base/text.h"
#include "stress/tests.h"

/* Each step finds what it needs left by the one before, and nothing filled goes unverified. */
static void steps_follow(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++) {
        const struct memory_test *test = &memory_tests[t];
        const struct memory_step *first = test->steps, *last = first + test->step_count - 1;

        assert_true(test->step_count >= 2);
        assert_true(operation_fills((enum memory_operation)first->operation));
        assert_true(operation_verifies((enum memory_operation)last->operation));
        for (const struct memory_step *step = first + 1; step <= last; step++) {
            if (operation_fills((enum memory_operation)step->operation))
                assert_true(operation_verifies((enum memory_operation)step[-1].operation));
            else
                assert_int_equal(step_needs(step), step_filling(step - 1));
        }
    }
}

/* The value of a bit that a step asks for, of a word that is surrounded or is not. */
static unsigned asks(const struct memory_step *step, unsigned bit, uint64_t seed, bool surrounded)
{
    enum pattern pattern = (enum pattern)step->pattern;
    uint64_t word = pattern_fixed_word(pattern, seed) ^ pattern_mask(pattern);
    bool other = step->operation == OPERATION_VERIFY_SURROUNDED && !surrounded;

    if (pattern_kind(pattern) != KIND_FIXED)
        word = pattern_mask(pattern); /* any, and its complement */
    return 1u << ((word >> bit & 1) ^ other);
}

/* Every test that claims stuck bits asks every bit for both of its values. */
static void both_values(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++) {
        const struct memory_test *test = &memory_tests[t];

        for (unsigned bit = 0; bit < 64 && test->claims & CLAIM_STUCK; bit++) {
            unsigned asked = 0;

            for (unsigned turn = 0; turn < test->turns; turn++)
                for (size_t s = 0; s < test->step_count; s++)
                    if (operation_verifies((enum memory_operation)test->steps[s].operation))
                        asked |= asks(&test->steps[s], bit, memory_test_seed(5, t, turn), turn % 2);
            assert_int_equal(asked, 3);
        }
    }
}

/* The turns of a test have seeds of their own, whatever else runs; the turn is in the low bits. */
static void seeds(void **state)
{
    (void)state;
    for (unsigned t = 0; t < MEMORY_TESTS; t++)
        for (unsigned turn = 0; turn < memory_tests[t].turns; turn++) {
            uint64_t seed = memory_test_seed(42, t, turn);

            assert_int_equal(seed % MEMORY_TURNS_MAX, turn);
            assert_int_equal(seed - turn, memory_test_seed(42, t, 0));
            assert_true(t == 0 || seed - turn != memory_test_seed(42, t - 1, 0));
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
        assert_in_range(memory_tests[t].turns, 1, MEMORY_TURNS_MAX);
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
        {"modulo-20", OK, 1 << TEST_MODULO, ""},
        {"row-activation,bit-fade", OK, 1 << TEST_ROW_ACTIVATION | 1 << TEST_BIT_FADE, ""},
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

static void named(void **state)
{
    (void)state;
    assert_false(memory_tests_named("all"));
    assert_true(memory_tests_named("random"));
    assert_false(MEMORY_TESTS_ALL >> TEST_ROW_ACTIVATION & 1);
    assert_int_equal(MEMORY_TESTS_ALL + 1, 1 << TEST_ROW_ACTIVATION);
    assert_int_equal(MEMORY_TESTS_FAST & ~MEMORY_TESTS_ALL, 0);
}

static void moves(void **state)
{
    (void)state;
    assert_int_equal(memory_tests_moves(0), 0);
    assert_int_equal(memory_tests_moves(1 << TEST_OWN_ADDRESS), 4);
    assert_int_equal(memory_tests_moves(1 << TEST_MOVING_INVERSIONS), 16);
    assert_int_equal(memory_tests_moves(1 << TEST_WALKING), 8 * 6);
    assert_int_equal(memory_tests_moves(1 << TEST_MODULO), 20 * 8);
    assert_int_equal(memory_tests_moves(MEMORY_TESTS_FAST), 47);
    assert_int_equal(memory_tests_moves(MEMORY_TESTS_ALL), 47 + 48 + 160 + 4);
}

static void waits(void **state)
{
    (void)state;
    assert_int_equal(memory_tests_wait_s(MEMORY_TESTS_FAST), 0);
    assert_int_equal(memory_tests_wait_s(1 << TEST_BIT_FADE), 120);
    assert_int_equal(memory_tests_wait_s(MEMORY_TESTS_ALL), 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_follow), cmocka_unit_test(both_values),
        cmocka_unit_test(seeds),        cmocka_unit_test(records_are_whole),
        cmocka_unit_test(selects),      cmocka_unit_test(named),
        cmocka_unit_test(moves),        cmocka_unit_test(waits),
    };

    return cmocka_run_group_tests_name("tests", tests, NULL, NULL);
}
