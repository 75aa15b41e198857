#include "disk/imaging/difference.h"

#include <string.h>

static uint64_t word_at(const uint8_t *data, size_t offset, size_t size)
{
    uint64_t word = 0;

    memcpy(&word, data + offset, size - offset < sizeof(word) ? size - offset : sizeof(word));
    return word;
}

static unsigned different_bytes(uint64_t mask)
{
    unsigned count = 0;

    for (; mask; mask >>= 8)
        count += (mask & 0xFF) != 0;
    return count;
}

static unsigned bits_of(uint64_t mask)
{
    unsigned count = 0;

    for (; mask; mask &= mask - 1)
        count++;
    return count;
}

/* Adds the words of one sector, or of the rest of the data that is shorter, from `offset` on. */
static void add_sector(struct difference *difference, const uint8_t *wrong, const uint8_t *right,
                       size_t offset, size_t end)
{
    unsigned bytes = 0;

    for (size_t i = offset; i < end; i += sizeof(uint64_t)) {
        uint64_t mask = word_at(wrong, i, end) ^ word_at(right, i, end);

        if (mask && difference->bits == 0) {
            difference->first = i;
            difference->mask = mask;
        }
        difference->bits += bits_of(mask);
        bytes += different_bytes(mask);
    }
    if (bytes > DIFFERENCE_SECTOR / 4)
        difference->whole_sectors++;
}

bool difference_find(const void *wrong, const void *right, size_t size,
                     struct difference *ret_difference)
{
    const uint8_t *a = wrong, *b = right;
    struct difference difference = {0};

    for (size_t i = 0; i < size; i += DIFFERENCE_SECTOR) {
        size_t end = size - i < DIFFERENCE_SECTOR ? size : i + DIFFERENCE_SECTOR;

        if (memcmp(a + i, b + i, end - i) != 0)
            add_sector(&difference, a, b, i, end);
    }
    if (difference.bits == 0)
        return false;
    *ret_difference = difference;
    return true;
}
