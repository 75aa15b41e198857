#include "stress/pattern.h"

const char *const pattern_names[PATTERNS] = {
    "address", "~address", "zeros", "ones", "fives", "as", "walk", "~walk", "random", "~random",
};

enum pattern_kind pattern_kind(enum pattern pattern)
{
    if (pattern <= PATTERN_ADDRESS_INVERSE)
        return KIND_ADDRESS;
    if (pattern >= PATTERN_RANDOM)
        return KIND_RANDOM;
    return KIND_FIXED;
}

uint64_t pattern_fixed_word(enum pattern pattern, uint64_t seed)
{
    if (pattern == PATTERN_FIVES || pattern == PATTERN_AS)
        return 0x5555555555555555u;
    if (pattern == PATTERN_WALK || pattern == PATTERN_WALK_INVERSE)
        return (uint64_t)0x0101010101010101u << (seed & 7);
    return 0;
}

uint64_t pattern_word(enum pattern pattern, uint64_t seed, uint64_t address)
{
    enum pattern_kind kind = pattern_kind(pattern);
    unsigned index = (unsigned)(address % BLOCK_SIZE / 8);
    struct row row;

    row_first(&row, kind, pattern_fixed_word(pattern, seed), seed, address - address % BLOCK_SIZE);
    for (unsigned i = 0; i < index / ROW_WORDS; i++)
        row_next(&row, kind);
    return row_word(&row, index % ROW_WORDS) ^ pattern_mask(pattern);
}
