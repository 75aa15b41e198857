/*
 * Claiming: page range by page range, never more than the rule allows, believed when the map says
 * the same, and put into the pool if it is as fast as memory.
 */
#include "base/error.h"
#include "stress/memory_hold_parts.h"

enum {
    SLICE = 64 * 1024 * 1024, /* memory that is probed for its speed once */
    SLOW_RATIO = 10,
    PROBES = 3,          /* of a slice that seems slow */
    REFUSALS_MAX = 4096, /* after so many, what is refused is not tried in smaller pieces */
};

struct claim {
    struct memory_hold *hold;
    struct memory_share room; /* that may still be claimed */
    unsigned refusals;
};

static void mark(struct memory_hold *hold, uint64_t start, uint64_t end, enum memory_holder holder)
{
    (void)extents_paint(&hold->marks, start, end, holder);
}

static void release(struct memory_hold *hold, uint64_t start, uint64_t end)
{
    (void)hold->source.release(hold->source.context, start, end - start);
}

static bool claim_piece(struct memory_hold *hold, uint64_t start, uint64_t size)
{
    if (hold->source.claim(hold->source.context, start, size))
        return false;
    if (extents_paint(&hold->work, start, start + size, WORK_CLAIMED))
        release(hold, start, start + size);
    return true;
}

/* Claims a range; where the whole is refused, in pieces, for the map may be stale at its edges. */
static void claim_range(struct claim *claim, uint64_t start, uint64_t end)
{
    uint64_t step = end - start;

    for (uint64_t at = start; at < end;) {
        uint64_t size = least_of(step, end - at);

        if (!claim_piece(claim->hold, at, size)) {
            if (size > FIRMWARE_PAGE && claim->refusals < REFUSALS_MAX) {
                claim->refusals++;
                step = size > CHUNK_SIZE ? CHUNK_SIZE : FIRMWARE_PAGE;
                continue;
            }
            mark(claim->hold, at, at + size, HELD_REFUSED);
        }
        at += size;
        if ((at - start) % CHUNK_SIZE == 0)
            step = CHUNK_SIZE;
    }
}

/* As much of each range as there is room for. */
static void claim_wanted(struct claim *claim)
{
    struct memory_share *room = &claim->room;
    struct extent found;

    for (uint64_t at = 0;
         extents_next(&claim->hold->work, at, UINT64_MAX, EXTENT_KIND(WORK_WANTED), &found);
         at = found.end) {
        bool low = found.start < MEMORY_LOW_END;
        uint64_t size;

        if (low)
            found.end = least_of(found.end, MEMORY_LOW_END);
        size = least_of(found.end - found.start, low ? least_of(room->all, room->low) : room->all);
        size &= ~(uint64_t)(FIRMWARE_PAGE - 1);
        claim_range(claim, found.start, found.start + size);
        room->all -= size;
        room->low -= low ? size : 0;
    }
}

/* What the firmware says it gave and still calls free is not ours. */
static void verify_range(struct memory_hold *hold, const struct extent *claimed)
{
    struct extent found;

    for (uint64_t at = claimed->start;
         extents_next(&hold->now, at, claimed->end, EXTENT_KIND(MEMORY_FREE), &found);
         at = found.end) {
        mark(hold, found.start, found.end, HELD_REFUSED);
        if (extents_paint(&hold->work, found.start, found.end, EXTENT_NONE))
            (void)extents_paint(&hold->work, claimed->start, claimed->end, EXTENT_NONE);
    }
}

static void verify(struct memory_hold *hold)
{
    struct extent claimed;
    bool known = hold->source.map(hold->source.context, &hold->now) == OK;

    for (uint64_t at = 0;
         extents_next(&hold->work, at, UINT64_MAX, EXTENT_KIND(WORK_CLAIMED), &claimed);
         at = claimed.end) {
        if (known) {
            verify_range(hold, &claimed);
        } else {
            release(hold, claimed.start, claimed.end);
            (void)extents_paint(&hold->work, claimed.start, claimed.end, EXTENT_NONE);
        }
    }
}

static uint64_t probe(const struct memory_hold *hold, const struct extent *slice)
{
    uint64_t size = least_of(slice->end - slice->start, MEMORY_PROBE_SIZE);
    uint64_t time = hold->source.probe(hold->source.context, slice->start, size);

    return (time + 1) * MEMORY_PROBE_SIZE / size;
}

static bool next_slice(const struct memory_hold *hold, uint64_t at, struct extent *ret_slice)
{
    if (!extents_next(&hold->work, at, UINT64_MAX, EXTENT_KIND(WORK_CLAIMED), ret_slice))
        return false;
    ret_slice->end = least_of(ret_slice->end, ret_slice->start + SLICE);
    return true;
}

static void find_fastest(struct memory_hold *hold)
{
    struct extent slice;

    for (uint64_t at = 0; hold->source.probe && next_slice(hold, at, &slice); at = slice.end) {
        uint64_t time = probe(hold, &slice);

        if (!hold->fastest || time < hold->fastest)
            hold->fastest = time;
    }
}

static bool is_slow(const struct memory_hold *hold, const struct extent *slice)
{
    for (unsigned i = 0; hold->source.probe && i < PROBES; i++) {
        if (probe(hold, slice) / SLOW_RATIO <= hold->fastest)
            return false;
    }
    return hold->source.probe != NULL;
}

static void add_to_pool(struct memory_hold *hold, struct pool *pool)
{
    struct extent slice;

    for (uint64_t at = 0; next_slice(hold, at, &slice); at = slice.end) {
        uint64_t before = pool->size;
        void *data = (void *)(uintptr_t)(slice.start + hold->source.shift);

        if (is_slow(hold, &slice))
            mark(hold, slice.start, slice.end, HELD_UNCACHED);
        else if (pool_add(pool, data, slice.start, slice.end - slice.start))
            release(hold, slice.start + (pool->size - before), slice.end);
    }
}

void memory_claim(struct memory_hold *hold, struct pool *pool)
{
    struct memory_share rule = memory_rule(hold), spare = memory_spare(hold);
    struct claim claim = {
        .hold = hold,
        .room = {.all = least_of(less(spare.all, rule.all), memory_wish_left(hold)),
                 .low = less(spare.low, rule.low)},
    };

    claim_wanted(&claim);
    verify(hold);
    find_fastest(hold);
    add_to_pool(hold, pool);
}
