/*
 * The shape of a fault: each kind of fault, put into a page at places drawn from a seed, is told as
 * what it is; a page without one holds, whatever it is accused of; and memory that was only held
 * beside it is as before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "stress/page_examine.h"
#include "tests/sim/page_faults.h"

enum {
    SEEDS = 200,
    WORDS = 8192,                /* 64 KiB at one of the addresses of a pool */
    HELD_WORDS = 4096,           /* of these the job holds the lower half */
    PAGE_WORD = 2 * BLOCK_WORDS, /* and tests its third page */
};

#define ADDRESS ((uint64_t)0x140000000)

static uint64_t address_of(size_t word)
{
    return ADDRESS + word * 8;
}

struct fixture {
    uint64_t *words;
    uint64_t *before;
    struct page_faults faults;
    uint64_t random;
    struct memory_fault seen[4];
    size_t seen_count;
    size_t word; /* the faulty one, in the page */
    unsigned bit;
};

static struct fixture *begin(uint64_t seed)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->words = aligned_alloc(BLOCK_SIZE, WORDS * 8);
    f->before = malloc(WORDS * 8);
    f->random = seed;
    for (size_t i = 0; i < WORDS; i++)
        f->words[i] = prng_next(&f->random);
    page_faults_init(&f->faults, f->words, WORDS);
    f->word = PAGE_WORD + prng_below(&f->random, BLOCK_WORDS);
    f->bit = (unsigned)prng_below(&f->random, 64);
    return f;
}

static void end(struct fixture *f)
{
    free(f->words);
    free(f->before);
    free(f);
}

static void saw(struct fixture *f, uint64_t address, uint64_t expected, uint64_t actual)
{
    f->seen[f->seen_count++] = (struct memory_fault){address, expected, actual, actual};
}

/* One bit was wrong: it read `value`. */
static void saw_bit(struct fixture *f, bool value)
{
    uint64_t bit = (uint64_t)1 << f->bit, word = prng_next(&f->random);

    saw(f, address_of(f->word), value ? word & ~bit : word | bit, value ? word | bit : word & ~bit);
}

static struct page_result examine(struct fixture *f)
{
    struct span held = {.words = f->words, .address = ADDRESS, .count = HELD_WORDS};
    struct page_task task = {.page = f->words + PAGE_WORD,
                             .address = address_of(PAGE_WORD),
                             .rounds = 2,
                             .pause = &f->faults.pause,
                             .faults = f->seen,
                             .fault_count = f->seen_count,
                             .held = &held,
                             .held_count = 1};

    memcpy(f->before, f->words, WORDS * 8);
    return page_examine(&task);
}

/* What lies outside of the page is as it was, but for words that are one cell with the page's. */
static void assert_kept(const struct fixture *f, size_t other)
{
    for (size_t i = 0; i < WORDS; i++) {
        if (i / BLOCK_WORDS != PAGE_WORD / BLOCK_WORDS && i != other)
            assert_int_equal(f->words[i], f->before[i]);
    }
}

static void put_fault(struct fixture *f, enum sim_memory_fault_kind kind, size_t other,
                      unsigned other_bit)
{
    const struct sim_memory_fault fault = {
        .kind = kind, .word = f->word, .bit = f->bit, .other = other, .other_bit = other_bit};

    sim_memory_add(&f->faults.memory, &fault);
}

static void assert_result(struct page_result result, enum memory_repeat repeat,
                          enum memory_shape shape)
{
    assert_string_equal(memory_repeat_names[result.repeat], memory_repeat_names[repeat]);
    assert_string_equal(memory_shape_names[result.shape], memory_shape_names[shape]);
}

static void stuck(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        bool value = seed % 2;

        put_fault(f, value ? SIM_STUCK_AT_1 : SIM_STUCK_AT_0, f->word, 0);
        saw_bit(f, value);
        assert_result(examine(f), REPEAT_FAILED, value ? SHAPE_STUCK_AT_1 : SHAPE_STUCK_AT_0);
        assert_kept(f, WORDS);
        end(f);
    }
}

/* A cell that cannot rise is stuck at 0 for whoever has never seen it at 1. */
static void no_transition(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        bool rise = seed % 2, seen_at_other = seed / 2 % 2;

        f->words[f->word] = rise ? 0 : ~(uint64_t)0;
        put_fault(f, rise ? SIM_NO_RISE : SIM_NO_FALL, f->word, 0);
        saw_bit(f, !rise);
        if (seen_at_other)
            saw_bit(f, rise);
        assert_result(examine(f), REPEAT_FAILED,
                      seen_at_other ? SHAPE_TRANSITION
                      : rise        ? SHAPE_STUCK_AT_0
                                    : SHAPE_STUCK_AT_1);
        end(f);
    }
}

static void slow_transition(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        bool rise = seed % 2;

        page_faults_slow(&f->faults, rise ? SLOW_RISE : SLOW_FALL, f->word, f->bit);
        saw_bit(f, !rise);
        assert_result(examine(f), REPEAT_FAILED, SHAPE_TRANSITION);
        assert_kept(f, WORDS);
        end(f);
    }
}

/* The cell that changes this one lies in its word, in its page, in memory the job holds, or in
 * memory that it does not hold: then there is nothing to be seen. */
static void coupling(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        unsigned other_bit = (unsigned)prng_below(&f->random, 64), where = seed % 4;
        size_t other = where == 0   ? f->word
                       : where == 1 ? PAGE_WORD + prng_below(&f->random, BLOCK_WORDS)
                       : where == 2 ? prng_below(&f->random, PAGE_WORD)
                                    : HELD_WORDS + prng_below(&f->random, HELD_WORDS);

        if (other == f->word && other_bit == f->bit)
            other_bit = (f->bit + 1) % 64;
        put_fault(f, SIM_COUPLING, other, other_bit);
        saw_bit(f, seed / 4 % 2);
        assert_result(examine(f), where < 2 ? REPEAT_FAILED : REPEAT_HELD,
                      where < 3 ? SHAPE_COUPLING : SHAPE_TRANSIENT);
        assert_kept(f, WORDS);
        end(f);
    }
}

/* The other address as the address test saw it. */
static void decoder_by_address(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        bool in_page = seed % 2;
        size_t other = in_page ? PAGE_WORD + prng_below(&f->random, BLOCK_WORDS)
                               : prng_below(&f->random, PAGE_WORD);
        uint64_t mask = seed / 2 % 2 ? ~(uint64_t)0 : 0;
        struct page_result result;

        if (other == f->word)
            other ^= 1;
        put_fault(f, SIM_ALIAS, other, 0);
        saw(f, address_of(f->word), address_of(f->word) ^ mask, address_of(other) ^ mask);
        result = examine(f);
        assert_result(result, in_page ? REPEAT_FAILED : REPEAT_HELD, SHAPE_DECODER);
        assert_int_equal(result.other, address_of(other));
        assert_kept(f, other);
        end(f);
    }
}

/* One address line, and words that tell nothing of where the other is. */
static void decoder_by_line(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        size_t other = f->word ^ (size_t)1 << prng_below(&f->random, 12);
        struct page_result result;

        put_fault(f, SIM_ALIAS, other, 0);
        saw(f, address_of(f->word), prng_next(&f->random), prng_next(&f->random));
        result = examine(f);
        assert_int_equal(result.shape, SHAPE_DECODER);
        assert_int_equal(result.other, address_of(other));
        assert_kept(f, other);
        end(f);
    }
}

/* The other word lies anywhere in what is held, and nobody has named it. */
static void decoder_by_change(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        size_t other = seed % 2 ? PAGE_WORD + prng_below(&f->random, BLOCK_WORDS)
                                : prng_below(&f->random, PAGE_WORD);

        if (other == f->word)
            other ^= 1;
        put_fault(f, SIM_ALIAS, other, 0);
        saw(f, address_of(f->word), prng_next(&f->random), prng_next(&f->random));
        assert_int_equal(examine(f).shape, SHAPE_DECODER);
        assert_kept(f, other);
        end(f);
    }
}

/* The other half is far away: two words must say the same. One may be anything. */
static void decoder_by_evidence(void **state)
{
    const uint64_t line = (uint64_t)1 << 31;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);
        unsigned words = 1 + seed % 2;

        for (unsigned i = 0; i < words; i++)
            saw(f, address_of(PAGE_WORD + i), address_of(PAGE_WORD + i),
                address_of(PAGE_WORD + i) ^ line);
        assert_result(examine(f), REPEAT_HELD, words == 2 ? SHAPE_DECODER : SHAPE_TRANSIENT);
        assert_kept(f, WORDS);
        end(f);
    }
}

static void fading(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);

        page_faults_slow(&f->faults, seed % 2 ? FADE_TO_1 : FADE_TO_0, f->word, f->bit);
        saw_bit(f, seed % 2);
        assert_result(examine(f), REPEAT_FAILED, SHAPE_FADING);
        assert_kept(f, WORDS);
        end(f);
    }
}

/* A healthy page, accused of a bit, of many bits, or of nothing. */
static void healthy(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct fixture *f = begin(seed);

        if (seed % 3 == 0)
            saw_bit(f, seed % 2);
        if (seed % 3 == 1)
            saw(f, address_of(f->word), 0, prng_next(&f->random) | 0xFF);
        assert_result(examine(f), REPEAT_HELD, seed % 3 == 0 ? SHAPE_TRANSIENT : SHAPE_UNKNOWN);
        assert_kept(f, WORDS);
        end(f);
    }
}

/* Without rounds nothing is touched, and faults of another page are not of this one. */
static void nothing_to_examine(void **state)
{
    struct fixture *f = begin(1);
    struct page_task task = {.page = f->words + PAGE_WORD, .address = address_of(PAGE_WORD)};

    (void)state;
    memcpy(f->before, f->words, WORDS * 8);
    assert_result(page_examine(&task), REPEAT_NOT_TRIED, SHAPE_UNKNOWN);
    assert_memory_equal(f->words, f->before, WORDS * 8);
    saw(f, address_of(0), 1, 0);
    assert_result(examine(f), REPEAT_HELD, SHAPE_UNKNOWN);
    end(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stuck),
        cmocka_unit_test(no_transition),
        cmocka_unit_test(slow_transition),
        cmocka_unit_test(coupling),
        cmocka_unit_test(decoder_by_address),
        cmocka_unit_test(decoder_by_line),
        cmocka_unit_test(decoder_by_change),
        cmocka_unit_test(decoder_by_evidence),
        cmocka_unit_test(fading),
        cmocka_unit_test(healthy),
        cmocka_unit_test(nothing_to_examine),
    };

    return cmocka_run_group_tests_name("page_examine", tests, NULL, NULL);
}
