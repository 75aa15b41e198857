/*
 * The memory under test, cut into chunks.
 *
 * A chunk is at most CHUNK_SIZE bytes of physical memory that Assay holds; a whole one is also a
 * transfer buffer of the imaging workload. Chunks are taken in rotation, so that in time every
 * one of them serves as target of DMA and every one is tested between. Only the boot processor
 * calls these functions; a job owns the chunks it was given until it is done.
 */
#ifndef ASSAY_BASE_POOL_H
#define ASSAY_BASE_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Smaller only in the program that runs thousands of made-up machines (tests/sim), all of whose
 * drives and memories are smaller by as much. */
#ifndef CHUNK_KIB
#define CHUNK_KIB 1024
#endif

enum { CHUNK_SIZE = CHUNK_KIB * 1024 };

enum chunk_state {
    CHUNK_FREE,
    CHUNK_TAKEN,   /* lent, or under test */
    CHUNK_RETIRED, /* it failed: not lent any more, still counted as tested */
    CHUNK_GONE,    /* given back to the firmware; its size is 0. Its place in the table stays. */
};

struct chunk {
    void *data;
    uint64_t address; /* physical */
    uint32_t size;    /* bytes, a multiple of 4096 */
    uint8_t state;    /* enum chunk_state */
    uint8_t filled;   /* pattern it holds, plus one; 0: nothing known. For the memory tests. */
    uint32_t round;   /* which filling; for the memory tests */
    bool tested;      /* it was filled, and then verified; for the memory tests */
};

struct pool {
    struct chunk *chunks;
    size_t count;
    size_t limit; /* room in chunks[] */
    size_t next_lent;
    uint64_t size; /* bytes in all chunks */
};

void pool_init(struct pool *pool, struct chunk *chunks, size_t limit);
/* Cuts a range into chunks and adds them. ERR_FULL when the table ends first: what was added
 * stays, the rest is left out. Address and size are multiples of 4096. */
int pool_add(struct pool *pool, void *data, uint64_t address, uint64_t size);

/* The next free whole chunk in rotation, now taken, or NULL. Its filling is forgotten. */
struct chunk *pool_take(struct pool *pool);
void pool_give(struct chunk *chunk);
void pool_retire(struct chunk *chunk);
/* The memory of the chunk is nobody's here any more. */
void pool_drop(struct pool *pool, struct chunk *chunk);
/* Bytes of the chunks that were tested. */
uint64_t pool_tested(const struct pool *pool);

/* The chunk that holds a physical address, or NULL. */
struct chunk *pool_find(struct pool *pool, uint64_t address);

#endif
