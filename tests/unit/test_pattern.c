#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "stress/pattern.h"

static const uint64_t seed = 0x1234;

static void known_words(void **state)
{
    static const struct {
        enum pattern pattern;
        uint64_t seed, address, word;
    } cases[] = {
        {PATTERN_ADDRESS, 0, 0x140000FF8, 0x140000FF8},
        {PATTERN_ADDRESS, 99, 0x1000, 0x1000},
        {PATTERN_ADDRESS_INVERSE, 0, 0x140000FF8, ~(uint64_t)0x140000FF8},
        {PATTERN_ZEROS, 5, 8, 0},
        {PATTERN_ONES, 5, 8, UINT64_MAX},
        {PATTERN_FIVES, 5, 0x7777000, 0x5555555555555555},
        {PATTERN_AS, 5, 0x7777000, 0xAAAAAAAAAAAAAAAA},
        {PATTERN_WALK, 0, 0, 0x0101010101010101},
        {PATTERN_WALK, 7, 0, 0x8080808080808080},
        {PATTERN_WALK, 10, 0, 0x0404040404040404},
        {PATTERN_WALK_INVERSE, 10, 0, 0xFBFBFBFBFBFBFBFB},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(pattern_word(cases[i].pattern, cases[i].seed, cases[i].address),
                         cases[i].word);
}

static void pairs_are_complements(void **state)
{
    (void)state;
    for (unsigned p = 0; p < PATTERNS; p++)
        for (uint64_t address = 0; address < 3 * BLOCK_SIZE; address += 8) {
            uint64_t word = pattern_word((enum pattern)p, seed, address);

            assert_int_equal(pattern_word(pattern_complement((enum pattern)p), seed, address),
                             ~word);
        }
}

/* The generators as their author writes them, one word at a time. */
static uint64_t plain_random(uint64_t block, unsigned index)
{
    uint64_t word = mix64(mix64(seed ^ block) + index % 8) | 1;

    for (unsigned i = 0; i < index / 8; i++) {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
    }
    return word;
}

static void random_is_xorshift(void **state)
{
    (void)state;
    for (uint64_t block = 0x5000; block < 0x8000; block += BLOCK_SIZE)
        for (unsigned i = 0; i < BLOCK_WORDS; i++)
            assert_int_equal(pattern_word(PATTERN_RANDOM, seed, block + i * 8),
                             plain_random(block, i));
}

static void random_balances_and_differs(void **state)
{
    unsigned ones = 0, equal = 0;

    (void)state;
    for (uint64_t address = 0; address < 8 * BLOCK_SIZE; address += 8) {
        uint64_t word = pattern_word(PATTERN_RANDOM, seed, address);

        ones += (unsigned)__builtin_popcountll(word);
        equal += word == pattern_word(PATTERN_RANDOM, seed + 1, address);
        equal += word == pattern_word(PATTERN_RANDOM, seed, address + BLOCK_SIZE);
        equal += word == pattern_word(PATTERN_RANDOM, seed, address ^ 8);
    }
    assert_int_equal(equal, 0);
    /* 262,144 bits: five standard deviations are 1,280. */
    assert_in_range(ones, 131072 - 1280, 131072 + 1280);
}

static void rows_go_back(void **state)
{
    static const enum pattern_kind kinds[] = {KIND_ADDRESS, KIND_FIXED, KIND_RANDOM};

    (void)state;
    for (unsigned k = 0; k < 3; k++) {
        struct row rows[BLOCK_ROWS + 1];

        row_first(&rows[0], kinds[k], 0x0101, seed, 0x3000);
        for (unsigned r = 0; r < BLOCK_ROWS; r++) {
            rows[r + 1] = rows[r];
            row_next(&rows[r + 1], kinds[k]);
        }
        for (unsigned r = BLOCK_ROWS; r > 0; r--) {
            struct row row = rows[r];

            row_previous(&row, kinds[k]);
            assert_memory_equal(&row, &rows[r - 1], sizeof(row));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_words),        cmocka_unit_test(pairs_are_complements),
        cmocka_unit_test(random_is_xorshift), cmocka_unit_test(random_balances_and_differs),
        cmocka_unit_test(rows_go_back),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
