/*
 * The memory under test: what the firmware's map calls conventional, taken page by page, but for
 * what must be left to the firmware.
 *
 * The firmware keeps 64 MiB, 32 MiB of it below 4 GiB; an eighth on small machines. Memory below
 * 1 MiB (processors start there), persistent and specific-purpose memory are never taken.
 */
#ifndef ASSAY_EFI_MEMORY_H
#define ASSAY_EFI_MEMORY_H

#include <stdint.h>

#include "base/event.h"
#include "base/pool.h"

struct memory_wish {
    uint64_t limit;      /* at most so many bytes */
    uint64_t start, end; /* only within these physical addresses */
};

struct memory_taken {
    struct pool pool;
    uint64_t conventional; /* bytes the map called conventional, within the wish */
    uint64_t left;         /* of these, left to the firmware */
    uint64_t refused;      /* of these, promised by the map and refused by the allocator */
    uint64_t fill_rate;    /* bytes per second that one processor fills, by a short probe */
    uint64_t slow;         /* of these, left out: ten times slower than the rest */
};

/* Total of conventional memory, before anything is taken. 0 when the map cannot be read. */
uint64_t memory_conventional(void);

/* Takes the memory; what cannot be taken is emitted as not tested. In a later run of the same boot
 * the memory is already there (*ret_taken of the first call) and only that is said again. */
int memory_take(const struct memory_wish *wish, const struct sink *sink,
                struct memory_taken *ret_taken);

#endif
