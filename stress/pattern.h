/*
 * Patterns: what a word of memory is filled with, and must hold later.
 *
 * Every pattern has its complement beside it, so that each cell is asked to hold both values. A
 * pattern is a function of the seed and of the physical address alone: any processor can say what
 * any 4 KiB block must hold, in any order. It is made by rows of 64 bytes, one cache line, within
 * a block: the address patterns count, the random ones are eight xorshift generators (Marsaglia,
 * "Xorshift RNGs", 2003; 13, 7, 17) that start anew in each block.
 */
#ifndef ASSAY_STRESS_PATTERN_H
#define ASSAY_STRESS_PATTERN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/prng.h"

enum pattern {
    PATTERN_ADDRESS, /* each word is its own physical address */
    PATTERN_ADDRESS_INVERSE,
    PATTERN_ZEROS,
    PATTERN_ONES,
    PATTERN_FIVES, /* 0101… */
    PATTERN_AS,    /* 1010… */
    PATTERN_WALK,  /* one bit in each byte, which one by the lowest three bits of the seed */
    PATTERN_WALK_INVERSE,
    PATTERN_RANDOM,
    PATTERN_RANDOM_INVERSE,
    PATTERNS,
};

enum {
    BLOCK_SIZE = 4096,
    BLOCK_WORDS = BLOCK_SIZE / 8,
    ROW_PAIRS = 4,
    ROW_WORDS = 2 * ROW_PAIRS,
    ROW_SIZE = 8 * ROW_WORDS,
    BLOCK_ROWS = BLOCK_WORDS / ROW_WORDS,
};

enum pattern_kind {
    KIND_ADDRESS,
    KIND_FIXED,
    KIND_RANDOM,
};

extern const char *const pattern_names[PATTERNS];

enum pattern_kind pattern_kind(enum pattern pattern);

static inline enum pattern pattern_complement(enum pattern pattern)
{
    return (enum pattern)(pattern ^ 1);
}

/* What the row is XORed with: all ones for the second of a pair. */
static inline uint64_t pattern_mask(enum pattern pattern)
{
    return pattern & 1 ? ~(uint64_t)0 : 0;
}

/* The word of the pattern at a physical address, a multiple of 8. Slow: for reports and tests. */
uint64_t pattern_word(enum pattern pattern, uint64_t seed, uint64_t address);

/* The word of a fixed pattern, before its mask; 0 for the others. */
uint64_t pattern_fixed_word(enum pattern pattern, uint64_t seed);

/*
 * The rows of a block. `kind` is a constant where these are used, so that the compiler leaves one
 * loop for each kind with no question in it. A row is that of the pattern before its mask.
 *
 * The words stand in pairs, vectors of GNU C that fit a register of every x86-64. This is not for
 * speed alone: GCC 12.2 at -O3 turns the same loops over plain words into wrong code, and so would
 * report good memory as faulty.
 */
typedef uint64_t word_pair __attribute__((vector_size(16), may_alias));

struct row {
    word_pair pairs[ROW_PAIRS];
};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* The starting state of one of the eight random generators of a block; never 0. */
ALWAYS_INLINE uint64_t random_start(uint64_t block_seed, unsigned lane)
{
    return mix64(block_seed + lane) | 1;
}

/* Word `index`, 0 to 7, of the first row of the block at `address`; `word` is the word of a fixed
 * pattern. */
ALWAYS_INLINE uint64_t row_first_word(enum pattern_kind kind, uint64_t word, uint64_t seed,
                                      uint64_t address, unsigned index)
{
    if (kind == KIND_ADDRESS)
        return address + index * 8;
    if (kind == KIND_FIXED)
        return word;
    return random_start(mix64(seed ^ address), index);
}

/* Words of a row, one or a vector of any width, become those of the next row. */
#define WORDS_NEXT(words, kind)                                                                    \
    do {                                                                                           \
        if ((kind) == KIND_ADDRESS)                                                                \
            (words) += ROW_SIZE;                                                                   \
        if ((kind) == KIND_RANDOM) {                                                               \
            (words) ^= (words) << 13;                                                              \
            (words) ^= (words) >> 7;                                                               \
            (words) ^= (words) << 17;                                                              \
        }                                                                                          \
    } while (0)

/* The way back: undoes WORDS_NEXT(). A shift is undone by shifts of 1, 2, 4… times its distance. */
#define WORDS_PREVIOUS(words, kind)                                                                \
    do {                                                                                           \
        if ((kind) == KIND_ADDRESS)                                                                \
            (words) -= ROW_SIZE;                                                                   \
        if ((kind) == KIND_RANDOM) {                                                               \
            (words) ^= (words) << 17;                                                              \
            (words) ^= (words) << 34;                                                              \
            (words) ^= (words) >> 7;                                                               \
            (words) ^= (words) >> 14;                                                              \
            (words) ^= (words) >> 28;                                                              \
            (words) ^= (words) >> 56;                                                              \
            (words) ^= (words) << 13;                                                              \
            (words) ^= (words) << 26;                                                              \
            (words) ^= (words) << 52;                                                              \
        }                                                                                          \
    } while (0)

/* The first row of the block at `address`. */
ALWAYS_INLINE void row_first(struct row *row, enum pattern_kind kind, uint64_t word, uint64_t seed,
                             uint64_t address)
{
    for (unsigned i = 0; i < ROW_PAIRS; i++)
        row->pairs[i] = (word_pair){row_first_word(kind, word, seed, address, 2 * i),
                                    row_first_word(kind, word, seed, address, 2 * i + 1)};
}

ALWAYS_INLINE void row_next(struct row *row, enum pattern_kind kind)
{
    for (unsigned i = 0; i < ROW_PAIRS; i++)
        WORDS_NEXT(row->pairs[i], kind);
}

ALWAYS_INLINE void row_previous(struct row *row, enum pattern_kind kind)
{
    for (unsigned i = 0; i < ROW_PAIRS; i++)
        WORDS_PREVIOUS(row->pairs[i], kind);
}

/* Word `index` of a row, 0 to 7. */
ALWAYS_INLINE uint64_t row_word(const struct row *row, unsigned index)
{
    return row->pairs[index / 2][index % 2];
}

#endif
