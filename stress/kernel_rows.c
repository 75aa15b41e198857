#include "stress/kernel_cache.h"
#include "stress/kernel_single.h"

enum { DISTANCE_MIN = 128 * 1024 };

static void activate_pair(const uint8_t *a, const uint8_t *b)
{
    for (unsigned i = 0; i < ACTIVATE_ROUNDS; i++) {
        (void)*(const volatile uint64_t *)a;
        (void)*(const volatile uint64_t *)b;
        flush_line(a);
        flush_line(b);
        memory_fence();
    }
}

void span_activate(const struct span *span)
{
    const uint8_t *middle = (const uint8_t *)span->words + ACTIVATE_SPAN / 2;

    if (span->count * 8 != ACTIVATE_SPAN)
        return;
    span_flush(span);
    for (unsigned i = 0; i < ACTIVATE_DISTANCES; i++) {
        size_t half = (size_t)DISTANCE_MIN << i >> 1;

        activate_pair(middle - half, middle + half);
    }
}

size_t first_difference(const uint64_t *a, const uint64_t *b, size_t blocks)
{
    for (size_t block = 0; block < blocks; block++) {
        uint64_t difference = 0;

        for (size_t i = block * BLOCK_WORDS; i < (block + 1) * BLOCK_WORDS; i++)
            difference |= a[i] ^ b[i];
        if (difference)
            return block;
    }
    return blocks;
}
