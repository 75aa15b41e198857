#include "stress/kernel_cache.h"
#include "stress/kernel_search.h"
#include "stress/kernel_single.h"

enum { LAPS = 2, SIDES = 2 };

/* Once through a block: the side's words are verified against the pattern and inverted. */
static void lap(uint64_t *words, uint64_t address, enum pattern pattern, uint64_t seed,
                unsigned first, struct memory_faults *faults, unsigned *collected)
{
    enum pattern_kind kind = pattern_kind(pattern);
    uint64_t mask = pattern_mask(pattern);
    struct row row;

    row_first(&row, kind, pattern_fixed_word(pattern, seed), seed, address);
    for (unsigned i = first; i < BLOCK_WORDS; i += SIDES) {
        volatile uint64_t *word = &words[i];
        uint64_t expected, actual = *word;

        if (i % ROW_WORDS < SIDES && i >= ROW_WORDS)
            row_next(&row, kind);
        expected = row_word(&row, i % ROW_WORDS) ^ mask;
        if (__builtin_expect(actual != expected, 0))
            search_word(&words[i], address + i * 8, expected, actual, faults, collected);
        *word = ~expected;
    }
}

void ping_pong_begin(const struct span *span)
{
    __atomic_store_n(span->words, 0, __ATOMIC_SEQ_CST);
}

void ping_pong_side(const struct span *span, enum pattern pattern, uint64_t seed, unsigned side,
                    struct memory_faults *faults)
{
    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        /* The counter is nobody's word. */
        unsigned first = block == 0 && side == 0 ? SIDES : side, collected = 0;

        for (unsigned i = 0; i < LAPS; i++) {
            enum pattern now = i % 2 ? pattern_complement(pattern) : pattern;

            lap(span->words + block, span->address + block * 8, now, seed, first, faults,
                &collected);
            __atomic_fetch_add(span->words, 1, __ATOMIC_SEQ_CST);
        }
    }
}

void ping_pong_end(const struct span *span, enum pattern pattern, uint64_t seed,
                   struct memory_faults *faults)
{
    uint64_t blocks = span->count / BLOCK_WORDS;
    unsigned collected = 0;

    search_word(span->words, span->address, SIDES * LAPS * blocks,
                __atomic_load_n(span->words, __ATOMIC_SEQ_CST), faults, &collected);
    *(volatile uint64_t *)span->words = pattern_word(pattern, seed, span->address);
    compiler_barrier();
}
