#include "stress/memory_account.h"

#include "base/error.h"
#include "base/text.h"
#include "stress/memory_hold_parts.h"

/* Kinds of ranges in the account: their holder, or MEMORY_TESTED. */
struct account {
    struct memory_hold *hold;
    struct extents *list; /* hold->work */
    const struct sink *sink;
    unsigned told;
    struct event_untested_range rest[2]; /* found no room; [1]: counted */
};

uint64_t memory_hold_counted(const struct memory_hold *hold)
{
    return least_of(hold->conventional, hold->wish.limit);
}

/* Only what was free at the start; the rest is its holder's from beginning to end. */
static void put(const struct account *account, uint64_t start, uint64_t end, uint64_t where,
                unsigned kind)
{
    struct extent found;

    for (uint64_t at = start;
         extents_next(&account->hold->start, at, end, EXTENT_KIND(MEMORY_FREE), &found);
         at = found.end)
        (void)extents_paint_where(account->list, found.start, found.end, where, kind);
}

/* By the firmware's map as it is now. What it does not name any more is the firmware's. */
static void put_map(const struct account *account)
{
    const struct extents *now = &account->hold->now;
    struct extent found;

    for (uint64_t at = 0; extents_next(now, at, UINT64_MAX, EXTENT_ANY, &found); at = found.end)
        put(account, found.start, found.end, EXTENT_KIND(MEMORY_FREE),
            found.kind == MEMORY_FREE ? HELD_LEFT : found.kind);
    put(account, 0, UINT64_MAX, EXTENT_KIND(MEMORY_FREE), HELD_BY_FIRMWARE);
}

static void put_marks(const struct account *account)
{
    const struct extents *marks = &account->hold->marks;
    struct extent found;

    for (uint64_t at = 0; extents_next(marks, at, UINT64_MAX, EXTENT_ANY, &found); at = found.end)
        put(account, found.start, found.end,
            found.kind == HELD_REFUSED ? EXTENT_KIND(HELD_LEFT) : EXTENT_ANY, found.kind);
}

static void put_pool(const struct account *account, bool cut)
{
    const struct pool *pool = &account->hold->pool;

    for (size_t i = 0; i < pool->count; i++) {
        const struct chunk *chunk = &pool->chunks[i];
        unsigned kind = cut && chunk->state != CHUNK_TAKEN ? HELD_CUT : HELD_UNFINISHED;

        if (chunk->tested)
            kind = MEMORY_TESTED;
        put(account, chunk->address, chunk->address + chunk->size, EXTENT_ANY, kind);
    }
}

static void put_wish(const struct account *account)
{
    const struct memory_wish *wish = &account->hold->wish;
    uint64_t start = (wish->start + FIRMWARE_PAGE - 1) & ~(uint64_t)(FIRMWARE_PAGE - 1);
    uint64_t end = wish->end & ~(uint64_t)(FIRMWARE_PAGE - 1);
    uint64_t ours = EXTENT_KIND(MEMORY_TESTED) | EXTENT_KIND(HELD_CUT) |
                    EXTENT_KIND(HELD_UNFINISHED) | EXTENT_KIND(HELD_UNCACHED);

    put(account, 0, MEMORY_FIRST, EXTENT_ANY, HELD_BELOW_1_MIB);
    put(account, 0, start, EXTENT_ANY, HELD_UNASKED);
    put(account, end, UINT64_MAX, EXTENT_ANY, HELD_UNASKED);
    if (!memory_wish_left(account->hold))
        put(account, 0, UINT64_MAX, EXTENT_ANY & ~ours, HELD_UNASKED);
}

static void tell(struct account *account, const struct event_untested_range *range)
{
    struct event event = {.type = EVENT_UNTESTED_RANGE, .untested_range = *range};

    emit(account->sink, &event);
}

static void tell_range(struct account *account, const struct extent *extent, bool counted)
{
    struct event_untested_range range = {
        .start = extent->start,
        .end = extent->end - 1,
        .size = extent->end - extent->start,
        .holder = extent->kind,
        .counted = counted && extent->kind != HELD_UNASKED,
    };
    struct event_untested_range *rest = &account->rest[range.counted];

    if (account->told < UNTESTED_RANGES_MAX - 2) {
        account->told++;
        tell(account, &range);
        return;
    }
    rest->start = rest->size ? rest->start : range.start;
    rest->end = range.end;
    rest->size += range.size;
    rest->holder = HELD_BY_MANY;
    rest->counted = range.counted;
}

/* A range of the account, in pieces that were free at the start, or were not. */
static void tell_pieces(struct account *account, const struct extent *extent)
{
    const struct extents *start = &account->hold->start;
    struct extent piece = *extent;

    for (; piece.start < extent->end; piece.start = piece.end) {
        struct extent found;

        piece.end = extent->end;
        if (!extents_next(start, piece.start, extent->end, EXTENT_KIND(MEMORY_FREE), &found)) {
            tell_range(account, &piece, false);
        } else if (found.start > piece.start) {
            piece.end = found.start;
            tell_range(account, &piece, false);
        } else {
            piece.end = found.end;
            tell_range(account, &piece, true);
        }
    }
}

static void tell_all(struct account *account)
{
    struct extent found;

    for (uint64_t at = 0; extents_next(account->list, at, UINT64_MAX,
                                       EXTENT_ANY & ~EXTENT_KIND(MEMORY_TESTED), &found);
         at = found.end)
        tell_pieces(account, &found);
    for (unsigned i = 0; i < 2; i++) {
        if (account->rest[i].size)
            tell(account, &account->rest[i]);
    }
}

static void tell_node(const struct account *account, const struct memory_nodes *nodes,
                      unsigned node)
{
    struct event event = {.type = EVENT_COVERAGE,
                          .coverage = {.part = PART_ALL_MEMORY, .unit = COVERAGE_BYTES}};
    struct event_coverage *coverage = &event.coverage;
    struct extent range;

    for (uint64_t at = 0;
         extents_next(nodes->ranges, at, UINT64_MAX, EXTENT_KIND(node + 1), &range);
         at = range.end) {
        coverage->tested +=
            extents_size(account->list, range.start, range.end, EXTENT_KIND(MEMORY_TESTED));
        coverage->total +=
            extents_size(&account->hold->start, range.start, range.end, EXTENT_KIND(MEMORY_FREE)) -
            extents_size(account->list, range.start, range.end, EXTENT_KIND(HELD_UNASKED));
    }
    format_text(coverage->phase, sizeof(coverage->phase), "memory node %u",
                (unsigned)nodes->domain[node]);
    if (coverage->total)
        emit(account->sink, &event);
}

void memory_account(struct memory_hold *hold, bool cut, const struct memory_nodes *nodes,
                    const struct sink *sink)
{
    struct account account = {.hold = hold, .list = &hold->work, .sink = sink};

    memory_hold_settle(hold);
    if (hold->source.map(hold->source.context, &hold->now))
        hold->now.count = 0;
    if (extents_copy(account.list, &hold->start))
        return;
    put_map(&account);
    put_marks(&account);
    put_pool(&account, cut);
    put_wish(&account);
    tell_all(&account);
    for (unsigned i = 0; i < nodes->count && nodes->count > 1; i++)
        tell_node(&account, nodes, i);
}
