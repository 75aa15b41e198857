/*
 * The kernels, each variant of them, against words worked out one at a time. Meant to be built with
 * the flags of the image as well: at -O3 a compiler can make of loops what -O1 does not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stress/kernel.h"
#include "stress/page_test.h"

enum { BLOCKS = 5, WORDS = BLOCKS * BLOCK_WORDS };

static const uint64_t address = 0x240003000, seed = 77;

struct fixture {
    struct span span;
    struct memory_fault found[64];
    struct memory_faults faults;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    fixture->span = (struct span){aligned_alloc(BLOCK_SIZE, BLOCKS * BLOCK_SIZE), address, WORDS};
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;

    free(fixture->span.words);
    free(fixture);
    return 0;
}

static void fresh(struct fixture *fixture)
{
    fixture->faults = (struct memory_faults){.faults = fixture->found, .limit = 64};
}

/* Independent of the rows: the definition of each pattern, word by word. */
static uint64_t word_of(enum pattern pattern, unsigned index)
{
    uint64_t at = address + (uint64_t)index * 8, word;

    switch (pattern / 2) {
    case 0:
        word = at;
        break;
    case 1:
        word = 0;
        break;
    case 2:
        word = 0x5555555555555555;
        break;
    case 3:
        word = (uint64_t)0x0101010101010101 << seed % 8;
        break;
    default:
        word = mix64(mix64(seed ^ (at - at % BLOCK_SIZE)) + index % 8) | 1;
        for (unsigned i = index % BLOCK_WORDS / 8; i > 0; i--) {
            word ^= word << 13;
            word ^= word >> 7;
            word ^= word << 17;
        }
    }
    return pattern % 2 ? ~word : word;
}

static void assert_holds(const struct fixture *fixture, enum pattern pattern)
{
    for (unsigned i = 0; i < WORDS; i++)
        assert_int_equal(fixture->span.words[i], word_of(pattern, i));
}

static void good_memory(void **state)
{
    struct fixture *f = *state;

    for (unsigned p = 0; p < PATTERNS; p++) {
        enum pattern pattern = (enum pattern)p;

        fresh(f);
        span_fill(&f->span, pattern, seed);
        assert_holds(f, pattern);
        span_verify(&f->span, pattern, seed, &f->faults);
        assert_holds(f, pattern);
        span_invert_up(&f->span, pattern, seed, &f->faults);
        assert_holds(f, pattern_complement(pattern));
        span_invert_down(&f->span, pattern_complement(pattern), seed, &f->faults);
        assert_holds(f, pattern);
        assert_int_equal(f->faults.words, 0);
        assert_int_equal(f->faults.count, 0);
        assert_int_equal(f->faults.pages, 0);
    }
}

typedef void span_kernel(const struct span *, enum pattern, uint64_t, struct memory_faults *);

static span_kernel *const checking[] = {span_verify, span_invert_up, span_invert_down};

/* One wrong bit at each of many places is found, and nothing else is. */
static void one_bit(void **state)
{
    struct fixture *f = *state;
    uint64_t random = 1;

    for (unsigned i = 0; i < 60 * PATTERNS * 3; i++) {
        enum pattern pattern = (enum pattern)(i % PATTERNS);
        unsigned word = i < 6 ? (i % 2) * (WORDS - 1) : (unsigned)prng_below(&random, WORDS);
        uint64_t bit = (uint64_t)1 << prng_below(&random, 64);
        unsigned which = i / PATTERNS % 3;

        fresh(f);
        span_fill(&f->span, pattern, seed);
        f->span.words[word] ^= bit;
        checking[which](&f->span, pattern, seed, &f->faults);
        assert_int_equal(f->faults.words, 1);
        assert_int_equal(f->faults.pages, 1);
        assert_int_equal(f->faults.count, 1);
        assert_int_equal(f->found[0].address, address + word * 8);
        assert_int_equal(f->found[0].expected, word_of(pattern, word));
        assert_int_equal(f->found[0].actual, word_of(pattern, word) ^ bit);
        assert_int_equal(f->found[0].reread, word_of(pattern, word) ^ bit);
        if (which > 0)
            assert_holds(f, pattern_complement(pattern));
    }
}

static void counts_beyond_what_it_collects(void **state)
{
    struct fixture *f = *state;

    for (unsigned k = 0; k < 3; k++) {
        span_fill(&f->span, PATTERN_RANDOM, seed);
        for (unsigned i = 0; i < 100; i++)
            f->span.words[i] ^= 1;
        for (unsigned i = 3 * BLOCK_WORDS; i < WORDS; i++)
            f->span.words[i] ^= 2;
        fresh(f);
        f->faults.limit = 20;
        checking[k](&f->span, PATTERN_RANDOM, seed, &f->faults);
        assert_int_equal(f->faults.words, 100 + 2 * BLOCK_WORDS);
        assert_int_equal(f->faults.pages, 3);
        assert_int_equal(f->faults.count, 20);
        for (unsigned i = 0; i < 16; i++)
            assert_int_equal(f->found[i].address / BLOCK_SIZE,
                             f->found[i / BLOCK_FAULTS * BLOCK_FAULTS].address / BLOCK_SIZE);
    }
}

static void order(void **state)
{
    struct fixture *f = *state;

    span_fill(&f->span, PATTERN_ZEROS, seed);
    for (unsigned i = 0; i < WORDS; i += BLOCK_WORDS)
        f->span.words[i] = 1;
    fresh(f);
    span_invert_up(&f->span, PATTERN_ZEROS, seed, &f->faults);
    for (unsigned i = 0; i < WORDS; i += BLOCK_WORDS)
        f->span.words[i] = 1;
    span_invert_down(&f->span, PATTERN_ONES, seed, &f->faults);
    assert_int_equal(f->faults.count, 2 * BLOCKS);
    for (unsigned i = 1; i < BLOCKS; i++) {
        assert_true(f->found[i].address > f->found[i - 1].address);
        assert_true(f->found[BLOCKS + i].address < f->found[BLOCKS + i - 1].address);
    }
}

static void no_room_still_counts(void **state)
{
    struct fixture *f = *state;
    struct memory_faults faults = {0};

    span_fill(&f->span, PATTERN_AS, seed);
    f->span.words[9] = 0;
    span_verify(&f->span, PATTERN_AS, seed, &faults);
    assert_int_equal(faults.words, 1);
    assert_int_equal(faults.count, 0);
}

/* A page whose bit 5 of word 100 is lost while it is left alone. */
static void lose_bit(void *context)
{
    ((uint64_t *)context)[100] &= ~(uint64_t)32;
}

static void nothing(void *context)
{
    (void)context;
}

static void page(void **state)
{
    struct fixture *f = *state;
    struct page_pause bad = {f->span.words, lose_bit, NULL}, good = {NULL, nothing, NULL};

    assert_int_equal(page_test(f->span.words, address, 1), REPEAT_HELD);
    assert_int_equal(page_test_with(f->span.words, address, 5, &good), REPEAT_HELD);
    assert_int_equal(page_test_with(f->span.words, address, 1, &bad), REPEAT_FAILED);
    assert_int_equal(page_test_with(f->span.words, address, 0, &bad), REPEAT_NOT_TRIED);
}

static int run(const struct kernels *kernels)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_memory, setup, teardown),
        cmocka_unit_test_setup_teardown(one_bit, setup, teardown),
        cmocka_unit_test_setup_teardown(counts_beyond_what_it_collects, setup, teardown),
        cmocka_unit_test_setup_teardown(order, setup, teardown),
        cmocka_unit_test_setup_teardown(no_room_still_counts, setup, teardown),
        cmocka_unit_test_setup_teardown(page, setup, teardown),
    };

    kernels_use(kernels);
    return cmocka_run_group_tests_name(kernels->name, tests, NULL, NULL);
}

int main(void)
{
    int failed = run(kernels_used()); /* what is used before anything was chosen */

    failed += run(&kernels_scalar);
#if defined(__x86_64__)
    failed += run(&kernels_sse2);
    if (__builtin_cpu_supports("avx2"))
        failed += run(&kernels_avx2);
#endif
    return failed;
}
