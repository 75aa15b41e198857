/*
 * What the files of memory_hold.h have among themselves; that header is for everybody else.
 */
#ifndef ASSAY_STRESS_MEMORY_HOLD_PARTS_H
#define ASSAY_STRESS_MEMORY_HOLD_PARTS_H

#include "stress/memory_hold.h"

#define MEMORY_LOW_END ((uint64_t)1 << 32)
#define MEMORY_FIRST ((uint64_t)1024 * 1024) /* below it, processors start */

/* Kinds of ranges in hold->work. */
enum { WORK_WANTED = 1, WORK_CLAIMED = 2 };

/* An amount of memory, and how much of it must be, or may be, below 4 GiB. */
struct memory_share {
    uint64_t all, low;
};

/* What the firmware must have free. */
struct memory_share memory_rule(const struct memory_hold *hold);
/* What it has free by the map as it was read last. */
struct memory_share memory_spare(const struct memory_hold *hold);
/* hold->work: what is free now, was free at the start, is within the wish and without a mark. */
struct memory_share memory_want(struct memory_hold *hold);

/* The part claimed last joins the pool, and its table begins anew behind it. */
void memory_hold_settle(struct memory_hold *hold);
/* Bytes that may still be claimed by the limit of the wish. */
uint64_t memory_wish_left(const struct memory_hold *hold);

/*
 * Claims the wanted ranges of hold->work as far as the rule and the limit of the wish allow, and
 * adds them to the pool. Reads the map again. What is refused or too slow is marked.
 */
void memory_claim(struct memory_hold *hold, struct pool *pool);

static inline uint64_t least_of(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t less(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

#endif
