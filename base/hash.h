/*
 * Hashes, all by xxHash (Debian's libxxhash-dev): XXH3-128 for blocks of a disk, XXH32 as the
 * checksum of a line of the journal.
 */
#ifndef ASSAY_BASE_HASH_H
#define ASSAY_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash {
    uint64_t low;
    uint64_t high;
};

struct hash hash_block(const void *data, size_t size);
uint32_t checksum(const void *data, size_t size);

static inline bool hash_equal(struct hash a, struct hash b)
{
    return a.low == b.low && a.high == b.high;
}

#endif
