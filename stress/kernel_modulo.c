#include "stress/kernel_cache.h"
#include "stress/kernel_search.h"
#include "stress/kernel_single.h"

/* How many words from a physical address on the next one is that keeps its word, 0 to 19. */
static unsigned distance(uint64_t address, uint64_t seed)
{
    return (unsigned)((MODULO_WORDS + seed % MODULO_WORDS - address / 8 % MODULO_WORDS) %
                      MODULO_WORDS);
}

static void surround_once(const struct span *span, uint64_t word, uint64_t seed)
{
    uint64_t *words = span->words;
    size_t left = distance(span->address, seed);

    for (size_t i = 0; i < span->count; i++) {
        size_t end = i + left < span->count ? i + left : span->count;

        while (i < end)
            words[i++] = word;
        left = MODULO_WORDS - 1;
    }
    compiler_barrier();
}

void span_surround(const struct span *span, enum pattern pattern, uint64_t seed)
{
    uint64_t word = ~(pattern_fixed_word(pattern, seed) ^ pattern_mask(pattern));

    surround_once(span, word, seed);
    surround_once(span, word, seed);
}

/* All words that shall keep are XORed with one word, the others with its complement. */
static uint64_t block_difference(const uint64_t *words, uint64_t word, size_t left)
{
    uint64_t difference = 0;

    for (size_t i = 0; i < BLOCK_WORDS; i++) {
        size_t end = i + left < BLOCK_WORDS ? i + left : BLOCK_WORDS;

        while (i < end)
            difference |= words[i++] ^ ~word;
        if (i < BLOCK_WORDS)
            difference |= words[i] ^ word;
        left = MODULO_WORDS - 1;
    }
    return difference;
}

static void search(const uint64_t *words, uint64_t address, uint64_t word, unsigned left,
                   uint64_t difference, struct memory_faults *faults)
{
    unsigned collected = 0;
    uint64_t first = left ? ~word : word;

    for (unsigned i = 0; i < BLOCK_WORDS; i++) {
        search_word(&words[i], address + i * 8, left ? ~word : word,
                    *(const volatile uint64_t *)&words[i], faults, &collected);
        left = left ? left - 1 : MODULO_WORDS - 1;
    }
    if (collected == 0)
        search_vanished(words, address, first, difference, faults);
}

void span_verify_surrounded(const struct span *span, enum pattern pattern, uint64_t seed,
                            struct memory_faults *faults)
{
    uint64_t word = pattern_fixed_word(pattern, seed) ^ pattern_mask(pattern);

    compiler_barrier();
    for (size_t block = 0; block < span->count; block += BLOCK_WORDS) {
        uint64_t address = span->address + block * 8;
        unsigned left = distance(address, seed);
        uint64_t difference = block_difference(span->words + block, word, left);

        if (__builtin_expect(difference != 0, 0))
            search(span->words + block, address, word, left, difference, faults);
    }
}
