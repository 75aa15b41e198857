#include "stress/memory_hold.h"

#include "base/error.h"
#include "stress/memory_hold_parts.h"

#define MIB ((uint64_t)1024 * 1024)
#define RESERVE (64 * MIB)

enum { SMALL = 8, SLACK = 64 };

static uint64_t whole_pages(uint64_t size)
{
    return size & ~(uint64_t)(FIRMWARE_PAGE - 1);
}

int memory_hold_begin(struct memory_hold *hold, const struct memory_source *source,
                      struct extent *lists, size_t limit)
{
    int error;

    *hold = (struct memory_hold){.source = *source};
    extents_init(&hold->start, lists, limit);
    extents_init(&hold->now, lists + limit, limit);
    extents_init(&hold->marks, lists + 2 * limit, limit);
    extents_init(&hold->work, lists + 3 * limit, limit);
    error = source->map(source->context, &hold->start);
    (void)extents_paint_where(&hold->start, 0, UINT64_MAX, EXTENT_KIND(HELD_BY_ASSAY),
                              HELD_BY_EARLIER_PROGRAM);
    return error;
}

void memory_hold_own(struct memory_hold *hold, uint64_t start, uint64_t end, bool free)
{
    (void)extents_paint_where(&hold->start, start, end, EXTENT_KIND(HELD_BY_EARLIER_PROGRAM),
                              free ? MEMORY_FREE : HELD_BY_ASSAY);
}

uint64_t memory_hold_total(const struct memory_hold *hold)
{
    return extents_size(&hold->start, 0, UINT64_MAX, EXTENT_KIND(MEMORY_FREE));
}

size_t memory_hold_chunks(const struct memory_hold *hold)
{
    return memory_hold_total(hold) / CHUNK_SIZE + hold->start.count + MEMORY_ADDED;
}

/* A little more than the rule, for what the firmware itself takes while it is asked. */
struct memory_share memory_rule(const struct memory_hold *hold)
{
    uint64_t total = memory_hold_total(hold);
    uint64_t all = whole_pages(least_of(total / SMALL, RESERVE));

    all += whole_pages(all / SLACK);
    return (struct memory_share){.all = all, .low = whole_pages(all / 2)};
}

static struct memory_share share_of(const struct extents *extents, uint64_t kinds)
{
    return (struct memory_share){
        .all = extents_size(extents, MEMORY_FIRST, UINT64_MAX, kinds),
        .low = extents_size(extents, MEMORY_FIRST, MEMORY_LOW_END, kinds),
    };
}

struct memory_share memory_spare(const struct memory_hold *hold)
{
    return share_of(&hold->now, EXTENT_KIND(MEMORY_FREE));
}

uint64_t memory_hold_spare(const struct memory_hold *hold)
{
    return memory_spare(hold).all;
}

/* Of one range that is free now. */
static void want_range(struct memory_hold *hold, uint64_t start, uint64_t end)
{
    struct extent found;

    for (uint64_t at = start; extents_next(&hold->start, at, end, EXTENT_KIND(MEMORY_FREE), &found);
         at = found.end)
        (void)extents_paint(&hold->work, found.start, found.end, WORK_WANTED);
}

struct memory_share memory_want(struct memory_hold *hold)
{
    uint64_t start = whole_pages(hold->wish.start + FIRMWARE_PAGE - 1);
    uint64_t end = whole_pages(hold->wish.end);
    struct extent found;

    hold->work.count = 0;
    if (start < MEMORY_FIRST)
        start = MEMORY_FIRST;
    for (uint64_t at = start; extents_next(&hold->now, at, end, EXTENT_KIND(MEMORY_FREE), &found);
         at = found.end)
        want_range(hold, found.start, found.end);
    for (uint64_t at = start; extents_next(&hold->marks, at, end, EXTENT_ANY, &found);
         at = found.end)
        (void)extents_paint(&hold->work, found.start, found.end, EXTENT_NONE);
    return share_of(&hold->work, EXTENT_KIND(WORK_WANTED));
}

static struct extent largest(const struct extents *extents, uint64_t end)
{
    struct extent found, best = {.start = 0, .end = 0};

    for (uint64_t at = 0; extents_next(extents, at, end, EXTENT_KIND(WORK_WANTED), &found);
         at = found.end) {
        if (found.end - found.start > best.end - best.start)
            best = found;
    }
    return best;
}

/* Wants no longer so many bytes at the ends of the largest ranges, so that what is left to the
 * firmware is in few pieces. */
static void withhold(struct memory_hold *hold, uint64_t size, uint64_t end)
{
    for (size_t turn = 0; size > 0 && turn < hold->work.limit; turn++) {
        struct extent range = largest(&hold->work, end);
        uint64_t part = least_of(size, range.end - range.start);

        if (!part || extents_paint(&hold->work, range.end - part, range.end, EXTENT_NONE))
            return;
        size -= part;
    }
}

static void leave_to_firmware(struct memory_hold *hold, struct memory_share wanted)
{
    struct memory_share rule = memory_rule(hold), spare = memory_spare(hold);
    struct memory_share rest = {.all = spare.all - wanted.all, .low = spare.low - wanted.low};
    uint64_t low = least_of(less(rule.low, rest.low), wanted.low);

    withhold(hold, low, MEMORY_LOW_END);
    withhold(hold, less(rule.all, rest.all + low), UINT64_MAX);
}

void memory_hold_settle(struct memory_hold *hold)
{
    struct pool *pool = &hold->pool;

    pool->count += hold->part.count;
    pool->size += hold->part.size;
    pool_init(&hold->part, pool->chunks + pool->count, pool->limit - pool->count);
}

uint64_t memory_wish_left(const struct memory_hold *hold)
{
    uint64_t marks = EXTENT_KIND(HELD_UNCACHED) | EXTENT_KIND(MEMORY_TESTED);

    return less(hold->wish.limit, hold->pool.size + hold->part.size +
                                      extents_size(&hold->marks, 0, UINT64_MAX, marks));
}

/* Chunks that were given back make room, where nobody can have one of the others by its place. */
static void compact(struct pool *pool)
{
    size_t kept = 0;

    for (size_t i = 0; i < pool->count; i++) {
        if (pool->chunks[i].state != CHUNK_GONE)
            pool->chunks[kept++] = pool->chunks[i];
    }
    pool->count = kept;
    pool->next_lent = 0;
}

/* What an earlier run of this boot has lent or marked is free again. */
static void begin_again(struct memory_hold *hold)
{
    struct pool *pool = &hold->pool;

    memory_hold_settle(hold);
    for (size_t i = 0; i < pool->count; i++)
        hold->pinned |= pool->chunks[i].state == CHUNK_TAKEN;
    for (size_t i = 0; i < pool->count; i++) {
        pool->chunks[i].tested = false;
        if (!hold->pinned && pool->chunks[i].state == CHUNK_RETIRED)
            pool->chunks[i].state = CHUNK_FREE;
    }
    if (!hold->pinned)
        compact(pool);
    (void)extents_paint_where(&hold->marks, 0, UINT64_MAX,
                              EXTENT_KIND(MEMORY_TESTED) | EXTENT_KIND(HELD_REFUSED), EXTENT_NONE);
}

static int take(struct memory_hold *hold)
{
    int error = hold->source.map(hold->source.context, &hold->now);

    if (error)
        return error;
    leave_to_firmware(hold, memory_want(hold));
    memory_claim(hold, &hold->pool);
    return OK;
}

static void say_gaps(const struct memory_hold *hold, const struct sink *sink)
{
    uint64_t slow = extents_size(&hold->marks, 0, UINT64_MAX, EXTENT_KIND(HELD_UNCACHED));
    uint64_t refused = extents_size(&hold->marks, 0, UINT64_MAX, EXTENT_KIND(HELD_REFUSED));

    if (slow)
        emit_not_tested(sink, "memory-uncached", PART_ALL_MEMORY, false,
                        "%llu MiB are ten times slower than the rest and were left out",
                        (unsigned long long)(slow / MIB));
    if (refused)
        emit_not_tested(sink, "memory-refused", PART_ALL_MEMORY, false,
                        "%llu KiB are free in the firmware's map but it would not give them",
                        (unsigned long long)(refused / 1024));
}

int memory_hold_take(struct memory_hold *hold, const struct memory_wish *wish, struct chunk *chunks,
                     size_t limit, const struct sink *sink)
{
    int error = OK;

    if (hold->pool.count) {
        begin_again(hold);
    } else {
        hold->wish = *wish;
        hold->conventional =
            extents_size(&hold->start, whole_pages(wish->start + FIRMWARE_PAGE - 1),
                         whole_pages(wish->end), EXTENT_KIND(MEMORY_FREE));
        pool_init(&hold->pool, chunks, limit);
        error = take(hold);
    }
    say_gaps(hold, sink);
    return error;
}

uint64_t memory_hold_tested(const struct memory_hold *hold)
{
    return extents_size(&hold->marks, 0, UINT64_MAX, EXTENT_KIND(MEMORY_TESTED)) +
           pool_tested(&hold->pool);
}
