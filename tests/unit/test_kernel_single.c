/*
 * The kernels of block move, modulo-20, ping-pong and row activation: over good memory they find
 * nothing and leave what they should; a wrong word is told once, at its own address.
 */
#define _GNU_SOURCE /* memfd_create */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "stress/kernel_single.h"

enum { BLOCKS = 5, WORDS = BLOCKS * BLOCK_WORDS, FOUND = 64 };

static const uint64_t address = 0x240003000, seed = 77;

struct fixture {
    struct span span;
    struct memory_fault found[FOUND];
    struct memory_faults faults;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->span = (struct span){aligned_alloc(BLOCK_SIZE, BLOCKS * BLOCK_SIZE), address, WORDS};
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    free(f->span.words);
    free(f);
    return 0;
}

static void fresh(struct fixture *f)
{
    f->faults = (struct memory_faults){.faults = f->found, .limit = FOUND};
}

/* One wrong word, of which `mask` is wrong, and nothing else. */
static void assert_one(const struct fixture *f, size_t word, uint64_t mask)
{
    assert_int_equal(f->faults.words, 1);
    assert_int_equal(f->faults.pages, 1);
    assert_int_equal(f->faults.count, 1);
    assert_int_equal(f->found[0].address, address + word * 8);
    assert_int_equal(f->found[0].expected ^ f->found[0].actual, mask);
    assert_int_equal(f->found[0].reread, f->found[0].actual);
}

/* ---- block move */

typedef void mover(const struct span *, enum pattern, uint64_t, struct memory_faults *);

static mover *const movers[] = {span_move_up, span_move_down};

static uint64_t word_at(size_t word)
{
    return pattern_word(PATTERN_RANDOM, seed, address + word * 8);
}

/* The half that was copied stands twice; the odd block in the middle is as it was. */
static void moves(void **state)
{
    struct fixture *f = *state;

    for (size_t blocks = 1; blocks <= BLOCKS; blocks++)
        for (unsigned down = 0; down < 2; down++) {
            size_t shift = (blocks - blocks / 2) * BLOCK_WORDS, half = blocks / 2 * BLOCK_WORDS;

            f->span.count = blocks * BLOCK_WORDS;
            assert_int_equal(span_half(&f->span), half * 8);
            fresh(f);
            span_fill(&f->span, PATTERN_RANDOM, seed);
            movers[down](&f->span, PATTERN_RANDOM, seed, &f->faults);
            assert_int_equal(f->faults.words, 0);
            for (size_t i = 0; i < f->span.count; i++) {
                bool copied = down ? i < half : i >= shift;
                size_t from = !copied ? i : down ? i + shift : i - shift;

                assert_int_equal(f->span.words[i], word_at(from));
            }
        }
}

/* A wrong word that is copied: told at its own place, not at that of the copy. */
static void wrong_source(void **state)
{
    struct fixture *f = *state;

    for (size_t word = 0; word < WORDS; word += 37)
        for (unsigned down = 0; down < 2; down++) {
            bool copy = down ? word < 2 * BLOCK_WORDS : word >= 3 * BLOCK_WORDS;

            fresh(f);
            span_fill(&f->span, PATTERN_RANDOM, seed);
            f->span.words[word] ^= 16;
            movers[down](&f->span, PATTERN_RANDOM, seed, &f->faults);
            if (copy) /* overwritten */
                assert_int_equal(f->faults.words, 0);
            else
                assert_one(f, word, 16);
        }
}

/* A copy that goes wrong: of four pages the last two are one, so what was copied to the third is
 * overwritten. Told at the third, where the words are wrong, and not at what was copied. */
static void wrong_copy(void **state)
{
    struct fixture *f = *state;
    int file = memfd_create("pages", 0);
    uint8_t *at = mmap(NULL, 4 * BLOCK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct span span = {(uint64_t *)at, address, 4 * BLOCK_WORDS};

    assert_int_equal(ftruncate(file, 3 * BLOCK_SIZE), 0);
    assert_ptr_equal(
        mmap(at, 3 * BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0), at);
    assert_ptr_equal(mmap(at + 3 * BLOCK_SIZE, BLOCK_SIZE, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_FIXED, file, 2 * BLOCK_SIZE),
                     at + 3 * BLOCK_SIZE);
    close(file);
    fresh(f);
    span_fill(&span, PATTERN_RANDOM, seed);
    span_move_up(&span, PATTERN_RANDOM, seed, &f->faults);
    assert_int_equal(f->faults.words, BLOCK_WORDS);
    assert_int_equal(f->faults.pages, 1);
    assert_int_equal(f->faults.regions.count, 1);
    assert_int_equal(f->faults.regions.list[0].first, address + 2 * BLOCK_SIZE);
    for (size_t i = 0; i < f->faults.count; i++) {
        assert_int_equal(f->found[i].address, address + (2 * BLOCK_WORDS + i) * 8);
        assert_int_equal(f->found[i].expected, word_at(i));
        assert_int_equal(f->found[i].actual, word_at(BLOCK_WORDS + i));
    }
    munmap(at, 4 * BLOCK_SIZE);
}

/* ---- modulo-20 */

static bool keeps(size_t word, uint64_t of)
{
    return (address / 8 + word) % MODULO_WORDS == of % MODULO_WORDS;
}

static void surrounds(void **state)
{
    struct fixture *f = *state;

    for (uint64_t of = 256; of < 256 + MODULO_WORDS; of++)
        for (unsigned p = PATTERN_ZEROS; p <= PATTERN_ONES; p++) {
            uint64_t word = p == PATTERN_ONES ? UINT64_MAX : 0;

            fresh(f);
            span_fill(&f->span, (enum pattern)p, of);
            span_surround(&f->span, (enum pattern)p, of);
            for (size_t i = 0; i < WORDS; i++)
                assert_int_equal(f->span.words[i], keeps(i, of) ? word : ~word);
            span_verify_surrounded(&f->span, (enum pattern)p, of, &f->faults);
            assert_int_equal(f->faults.words, 0);
        }
}

static void wrong_surrounded(void **state)
{
    struct fixture *f = *state;

    for (unsigned i = 0; i < 400; i++) {
        size_t word = i * 409 % WORDS;
        uint64_t bit = (uint64_t)1 << i % 64;

        fresh(f);
        span_fill(&f->span, PATTERN_ONES, i);
        span_surround(&f->span, PATTERN_ONES, i);
        f->span.words[word] ^= bit;
        span_verify_surrounded(&f->span, PATTERN_ONES, i, &f->faults);
        assert_one(f, word, bit);
        assert_int_equal(f->found[0].expected, keeps(word, i) ? UINT64_MAX : 0);
    }
}

/* What is written is written to all words but those that keep: those are never touched. */
static void kept_words_are_not_written(void **state)
{
    struct fixture *f = *state;

    span_fill(&f->span, PATTERN_RANDOM, seed);
    span_surround(&f->span, PATTERN_ZEROS, 3);
    for (size_t i = 0; i < WORDS; i++)
        assert_int_equal(f->span.words[i], keeps(i, 3) ? word_at(i) : UINT64_MAX);
}

/* ---- ping-pong */

static void sides(void **state)
{
    struct fixture *f = *state;

    fresh(f);
    span_fill(&f->span, PATTERN_RANDOM, seed);
    ping_pong_begin(&f->span);
    ping_pong_side(&f->span, PATTERN_RANDOM, seed, 0, &f->faults);
    ping_pong_side(&f->span, PATTERN_RANDOM, seed, 1, &f->faults);
    ping_pong_end(&f->span, PATTERN_RANDOM, seed, &f->faults);
    span_verify(&f->span, PATTERN_RANDOM, seed, &f->faults);
    assert_int_equal(f->faults.words, 0);
}

/* A wrong word is told by the side whose it is, and by no other. */
static void wrong_side(void **state)
{
    struct fixture *f = *state;

    for (size_t word = 1; word < WORDS; word += 101) {
        fresh(f);
        span_fill(&f->span, PATTERN_RANDOM, seed);
        ping_pong_begin(&f->span);
        f->span.words[word] ^= 8;
        ping_pong_side(&f->span, PATTERN_RANDOM, seed, 1 - word % 2, &f->faults);
        assert_int_equal(f->faults.words, 0);
        ping_pong_side(&f->span, PATTERN_RANDOM, seed, word % 2, &f->faults);
        assert_one(f, word, 8);
        ping_pong_end(&f->span, PATTERN_RANDOM, seed, &f->faults);
        assert_int_equal(f->faults.words, 1);
    }
}

static void lost_update(void **state)
{
    struct fixture *f = *state;

    fresh(f);
    span_fill(&f->span, PATTERN_RANDOM, seed);
    ping_pong_begin(&f->span);
    ping_pong_side(&f->span, PATTERN_RANDOM, seed, 0, &f->faults);
    f->span.words[0]--;
    ping_pong_side(&f->span, PATTERN_RANDOM, seed, 1, &f->faults);
    assert_int_equal(f->faults.words, 0);
    ping_pong_end(&f->span, PATTERN_RANDOM, seed, &f->faults);
    assert_int_equal(f->faults.words, 1);
    assert_int_equal(f->found[0].address, address);
    assert_int_equal(f->found[0].expected, f->found[0].actual + 1);
    assert_int_equal(f->span.words[0], word_at(0));
}

/* ---- row activation, and comparing */

static void activation_reads_only(void **state)
{
    struct span span = {aligned_alloc(BLOCK_SIZE, ACTIVATE_SPAN), 0x200000, ACTIVATE_SPAN / 8};
    struct memory_faults faults = {0};

    (void)state;
    span_fill(&span, PATTERN_RANDOM, seed);
    span_activate(&span);
    span.count -= BLOCK_WORDS; /* too small a one is left alone, at once */
    span_activate(&span);
    span.count += BLOCK_WORDS;
    span_verify(&span, PATTERN_RANDOM, seed, &faults);
    assert_int_equal(faults.words, 0);
    free(span.words);
}

static void differences(void **state)
{
    struct fixture *f = *state;
    uint64_t *copy = malloc(BLOCKS * BLOCK_SIZE);

    span_fill(&f->span, PATTERN_RANDOM, seed);
    memcpy(copy, f->span.words, BLOCKS * BLOCK_SIZE);
    assert_int_equal(first_difference(f->span.words, copy, BLOCKS), BLOCKS);
    for (size_t word = 0; word < WORDS; word += 61) {
        copy[word] ^= 1;
        assert_int_equal(first_difference(f->span.words, copy, BLOCKS), word / BLOCK_WORDS);
        copy[word] ^= 1;
    }
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(moves, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_source, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_copy, setup, teardown),
        cmocka_unit_test_setup_teardown(surrounds, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_surrounded, setup, teardown),
        cmocka_unit_test_setup_teardown(kept_words_are_not_written, setup, teardown),
        cmocka_unit_test_setup_teardown(sides, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_side, setup, teardown),
        cmocka_unit_test_setup_teardown(lost_update, setup, teardown),
        cmocka_unit_test_setup_teardown(activation_reads_only, setup, teardown),
        cmocka_unit_test_setup_teardown(differences, setup, teardown),
    };

    return cmocka_run_group_tests_name("kernel_single", tests, NULL, NULL);
}
