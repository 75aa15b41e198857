/*
 * The memory that Assay holds, and what it leaves to the firmware.
 *
 * The firmware has 64 MiB free at every moment, half of it below 4 GiB; an eighth on small
 * machines. Everything else that its map called free when Assay started is claimed and put into a
 * pool. What was left is tested too, in rotation: memory that was tested is given back first, then
 * what was left is claimed, and is a part of the pool from then on. So the pool is never the whole
 * memory, and yet every range is in it at some time.
 *
 * What the firmware answers is believed only if its map says the same afterwards. Whatever fails
 * leaves memory untested, never the firmware without its share; memory_account() says what and why.
 *
 * Addresses below 1 MiB are never taken: processors start there.
 */
#ifndef ASSAY_STRESS_MEMORY_HOLD_H
#define ASSAY_STRESS_MEMORY_HOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/extents.h"
#include "base/firmware_map.h"
#include "base/pool.h"

enum {
    MEMORY_LISTS = 4,    /* struct extents of a struct memory_hold */
    MEMORY_PARTS = 8,    /* parts in which a phase tests all of memory, at most */
    MEMORY_ADDED = 1024, /* chunks more than memory has, for ranges that end with a short one */
    MEMORY_PROBE_SIZE = 64 * 1024,
};

/* The firmware's allocator. Sizes and addresses are multiples of FIRMWARE_PAGE; functions give OK
 * or an error of base/error.h. */
struct memory_source {
    void *context;
    uint64_t shift; /* where a physical address is reached, minus that address */
    /* All memory by the map as it is now; what Assay itself holds is HELD_BY_ASSAY. */
    int (*map)(void *context, struct extents *ret_extents);
    int (*claim)(void *context, uint64_t start, uint64_t size);
    int (*release)(void *context, uint64_t start, uint64_t size);
    /* Time to fill so many bytes, in any unit. NULL: all memory is taken to be equally fast. */
    uint64_t (*probe)(void *context, uint64_t start, uint64_t size);
};

struct memory_wish {
    uint64_t limit;      /* at most so many bytes, a multiple of FIRMWARE_PAGE */
    uint64_t start, end; /* only within these physical addresses */
};

struct memory_hold {
    struct memory_source source;
    struct memory_wish wish;
    struct extents start; /* memory when Assay started: holders, and MEMORY_FREE */
    struct extents now;   /* the map as it was read last */
    struct extents marks; /* HELD_REFUSED, HELD_UNCACHED; MEMORY_TESTED: tested and given back */
    struct extents work;  /* of the function that runs */
    struct pool pool;
    struct pool part;      /* the part claimed last, its table the end of the pool's */
    uint64_t conventional; /* bytes that were free when Assay started, within the wish */
    uint64_t fastest;      /* time of the fastest probe; 0: none */
    bool pinned;           /* a job or a drive has not given its chunk back, and may use it yet */
};

/*
 * Begins, before anything else takes memory. `lists` has room for MEMORY_LISTS lists of `limit`
 * ranges. Ranges that the caller took for itself just now, as for `lists`, are given by
 * memory_hold_own(). An error of the map; ERR_FULL when some of it found no room.
 */
int memory_hold_begin(struct memory_hold *hold, const struct memory_source *source,
                      struct extent *lists, size_t limit);
/* This range was free when Assay started, and is Assay's; or, with `free` false, was Assay's. */
void memory_hold_own(struct memory_hold *hold, uint64_t start, uint64_t end, bool free);
/* Bytes that the firmware had free when its map was read last, those below 1 MiB not among them. */
uint64_t memory_hold_spare(const struct memory_hold *hold);
/* How many chunks the pool's table must have room for. */
size_t memory_hold_chunks(const struct memory_hold *hold);
/* Bytes that were free when Assay started. */
uint64_t memory_hold_total(const struct memory_hold *hold);

/*
 * Takes the memory, but for what is left to the firmware; what cannot be taken is emitted as not
 * tested. In a later run of the same boot the memory is there already; what an earlier run has lent
 * or retired is free again, unless `pinned`. An error when the map cannot be read.
 */
int memory_hold_take(struct memory_hold *hold, const struct memory_wish *wish, struct chunk *chunks,
                     size_t limit, const struct sink *sink);

/*
 * Gives tested memory back to the firmware, and claims what was left to it. The part of the pool
 * that this makes, to be tested, until the next call; NULL when all was tested, or when nothing
 * more could be exchanged, which is emitted.
 */
struct pool *memory_hold_exchange(struct memory_hold *hold, const struct sink *sink);

/* Bytes tested: of the pool, and of what was given back. */
uint64_t memory_hold_tested(const struct memory_hold *hold);

#endif
