/*
 * The kernels over faulty memory do what the kernels do, and put faults where the order of a
 * kernel puts them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/memory_pages.h"
#include "tests/sim/memory_rows.h"

enum { BLOCKS = 6, WORDS = BLOCKS * BLOCK_WORDS, FOUND_MAX = 64, ADDRESS = 0x41000 };

typedef void verifying(const struct span *, enum pattern, uint64_t, struct memory_faults *);

static const struct kernels *real;
static struct sim_memory memory;
static uint64_t words[WORDS] __attribute__((aligned(BLOCK_SIZE)));
static uint64_t twin[WORDS] __attribute__((aligned(BLOCK_SIZE)));

static const struct span all = {words, ADDRESS, WORDS};

struct result {
    struct memory_fault found[FOUND_MAX];
    struct memory_faults faults;
};

static struct result *fresh(struct result *result)
{
    memset(result, 0, sizeof(*result));
    result->faults.faults = result->found;
    result->faults.limit = FOUND_MAX;
    return result;
}

static int setup(void **state)
{
    (void)state;
    memset(words, 0, sizeof(words));
    sim_memory_init(&memory, words, WORDS);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    memory_rows_set(NULL, 0);
    return 0;
}

/* A fault that never acts, so that its block goes row by row. */
static void watch(size_t word)
{
    struct sim_memory_fault fault = {.kind = SIM_READ_DISTURB, .word = word, .other = word};

    sim_memory_add(&memory, &fault);
}

static void assert_same(const struct result *a, const struct result *b)
{
    assert_memory_equal(words, twin, sizeof(words));
    assert_int_equal(a->faults.count, b->faults.count);
    assert_int_equal(a->faults.words, b->faults.words);
    assert_int_equal(a->faults.pages, b->faults.pages);
    assert_memory_equal(a->found, b->found, sizeof(a->found));
}

/* The same words and the same report, from memory with wrong words in it. */
static void as_the_kernels(void **state)
{
    static const struct span twins = {twin, ADDRESS, WORDS};
    verifying *const above[] = {span_verify, span_invert_up, span_invert_down};
    verifying *const below[] = {real->verify, real->invert_up, real->invert_down};
    uint64_t random = 5;

    (void)state;
    watch(7);
    watch(2 * BLOCK_WORDS + 100);
    watch(WORDS - 1);
    memory_rows_set(&memory, 0);
    for (unsigned i = 0; i < 40 * PATTERNS * 3; i++) {
        enum pattern pattern = (enum pattern)(i % PATTERNS);
        struct result a, b;

        span_fill(&all, pattern, i);
        real->fill(&twins, pattern, i);
        assert_memory_equal(words, twin, sizeof(words));
        for (unsigned wrong = 0; wrong < i % 50; wrong++)
            words[prng_below(&random, WORDS)] ^= prng_next(&random);
        memcpy(twin, words, sizeof(words));
        above[i / PATTERNS % 3](&all, pattern, i, &fresh(&a)->faults);
        below[i / PATTERNS % 3](&twins, pattern, i, &fresh(&b)->faults);
        assert_same(&a, &b);
    }
}

/* A cell that rises sets another: seen where the other is read after it and before it is written.
 */
static void order_within_a_block(void **state)
{
    static const struct {
        size_t word, other;
        bool seen_up, seen_down;
    } cases[] = {
        {80, 16, true, false},
        {16, 80, false, true},
        {17, 16, false, false}, /* one line: written at once */
        {WORDS - 1, 3, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sim_memory_fault fault = {.kind = SIM_SET_RISE,
                                         .word = cases[i].word,
                                         .bit = 5,
                                         .other = cases[i].other,
                                         .other_bit = 9};
        struct result up, down;

        setup(NULL);
        sim_memory_add(&memory, &fault);
        memory_rows_set(&memory, 0);
        span_invert_up(&all, PATTERN_ZEROS, 0, &fresh(&up)->faults);
        span_fill(&all, PATTERN_ZEROS, 0);
        span_invert_down(&all, PATTERN_ZEROS, 0, &fresh(&down)->faults);
        assert_int_equal(up.faults.words, cases[i].seen_up);
        assert_int_equal(down.faults.words, cases[i].seen_down);
        if (cases[i].seen_up) {
            assert_int_equal(up.found[0].address, ADDRESS + cases[i].word * 8);
            assert_int_equal(up.found[0].actual, 1 << 5);
        }
    }
}

/* Behind a cache the rise comes late: what was read by then was right, and is written over. */
static void behind_a_cache(void **state)
{
    struct sim_memory_fault fault = {
        .kind = SIM_SET_RISE, .word = 80, .bit = 5, .other = 16, .other_bit = 9};
    struct result near, far;

    (void)state;
    sim_memory_add(&memory, &fault);
    memory_rows_set(&memory, 8);
    span_invert_up(&all, PATTERN_ZEROS, 0, &fresh(&near)->faults);
    assert_int_equal(near.faults.words, 0);
    setup(NULL);
    fault.word = 16 + 9 * ROW_WORDS;
    sim_memory_add(&memory, &fault);
    memory_rows_set(&memory, 8);
    span_invert_up(&all, PATTERN_ZEROS, 0, &fresh(&far)->faults);
    assert_int_equal(far.faults.words, 1);
}

static void reads_that_disturb(void **state)
{
    struct sim_memory_fault fault = {.kind = SIM_READ_DISTURB, .word = 900, .bit = 63, .delay = 3};

    (void)state;
    sim_memory_add(&memory, &fault);
    memory_rows_set(&memory, 0);
    for (unsigned reads = 1; reads <= 5; reads++) {
        struct result result;

        span_verify(&all, PATTERN_ZEROS, 0, &fresh(&result)->faults);
        assert_int_equal(result.faults.words, reads > 3);
    }
    span_fill(&all, PATTERN_ZEROS, 0);
    assert_int_equal(words[900], 0);
}

/* Memory of 12 pages of which one is another; real kernels, no model. */
static void pages_mapped_twice(void **state)
{
    struct memory_pages pages;
    struct result result;
    struct span span;

    (void)state;
    memory_pages_open(&pages, 2 * sizeof(words));
    span = (struct span){pages.words, ADDRESS, pages.size / 8};
    memory_pages_alias(&pages, 2, 11);
    real->fill(&span, PATTERN_ADDRESS, 0);
    real->verify(&span, PATTERN_ADDRESS, 0, &fresh(&result)->faults);
    assert_int_equal(result.faults.words, BLOCK_WORDS);
    assert_int_equal(result.found[0].address, ADDRESS + 2 * BLOCK_SIZE);
    assert_int_equal(result.found[0].actual, ADDRESS + 11 * BLOCK_SIZE);
    memory_pages_mend(&pages);
    real->fill(&span, PATTERN_ADDRESS, 0);
    real->verify(&span, PATTERN_ADDRESS, 0, &fresh(&result)->faults);
    assert_int_equal(result.faults.words, 0);
    memory_pages_close(&pages);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(as_the_kernels, setup, teardown),
        cmocka_unit_test_setup_teardown(order_within_a_block, setup, teardown),
        cmocka_unit_test_setup_teardown(behind_a_cache, setup, teardown),
        cmocka_unit_test_setup_teardown(reads_that_disturb, setup, teardown),
        cmocka_unit_test_setup_teardown(pages_mapped_twice, setup, teardown),
    };

    real = kernels_used();
    memory_rows_use();
    return cmocka_run_group_tests_name("memory rows", tests, NULL, NULL);
}
