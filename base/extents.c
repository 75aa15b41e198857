#include "base/extents.h"

#include <string.h>

#include "base/error.h"

void extents_init(struct extents *extents, struct extent *list, size_t limit)
{
    *extents = (struct extents){.list = list, .limit = limit};
}

static bool is_one_of(unsigned kind, uint64_t kinds)
{
    return kinds >> kind & 1;
}

/* Index of the first range that ends behind the address, or at it. */
static size_t find(const struct extents *extents, uint64_t address, bool or_at)
{
    size_t low = 0, high = extents->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        uint64_t end = extents->list[middle].end;

        if (end > address || (or_at && end == address))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* Puts `count` ranges into the place of those from first to last. */
static int replace(struct extents *extents, size_t first, size_t last, const struct extent *with,
                   size_t count)
{
    size_t left = extents->count - last;

    if (extents->count - (last - first) + count > extents->limit)
        return ERR_FULL;
    memmove(&extents->list[first + count], &extents->list[last], left * sizeof(*extents->list));
    for (size_t i = 0; i < count; i++)
        extents->list[first + i] = with[i];
    extents->count = first + count + left;
    return OK;
}

int extents_paint(struct extents *extents, uint64_t start, uint64_t end, unsigned kind)
{
    struct extent pieces[3];
    size_t count = 0;
    size_t first = find(extents, start, true), last = first;
    struct extent middle = {.start = start, .end = end, .kind = (uint8_t)kind};
    struct extent after = {.start = 0, .end = 0};

    if (start >= end)
        return OK;
    while (last < extents->count && extents->list[last].start <= end) {
        struct extent old = extents->list[last++];

        if (old.kind == kind) {
            middle.start = old.start < middle.start ? old.start : middle.start;
            middle.end = old.end > middle.end ? old.end : middle.end;
            continue;
        }
        if (old.start < start)
            pieces[count++] = (struct extent){
                .start = old.start, .end = old.end < start ? old.end : start, .kind = old.kind};
        if (old.end > end)
            after = (struct extent){
                .start = old.start > end ? old.start : end, .end = old.end, .kind = old.kind};
    }
    if (kind != EXTENT_NONE)
        pieces[count++] = middle;
    if (after.end)
        pieces[count++] = after;
    return replace(extents, first, last, pieces, count);
}

int extents_paint_where(struct extents *extents, uint64_t start, uint64_t end, uint64_t where,
                        unsigned kind)
{
    struct extent found;
    int error = OK;

    for (uint64_t at = start; extents_next(extents, at, end, where, &found); at = found.end) {
        int failed = extents_paint(extents, found.start, found.end, kind);

        error = failed ? failed : error;
    }
    return error;
}

int extents_copy(struct extents *to, const struct extents *from)
{
    to->count = 0;
    if (from->count > to->limit)
        return ERR_FULL;
    for (size_t i = 0; i < from->count; i++)
        to->list[i] = from->list[i];
    to->count = from->count;
    return OK;
}

uint64_t extents_size(const struct extents *extents, uint64_t start, uint64_t end, uint64_t kinds)
{
    struct extent found;
    uint64_t size = 0;

    for (uint64_t at = start; extents_next(extents, at, end, kinds, &found); at = found.end)
        size += found.end - found.start;
    return size;
}

unsigned extents_kind(const struct extents *extents, uint64_t address)
{
    size_t index = find(extents, address, false);

    if (index == extents->count || extents->list[index].start > address)
        return EXTENT_NONE;
    return extents->list[index].kind;
}

bool extents_next(const struct extents *extents, uint64_t start, uint64_t end, uint64_t kinds,
                  struct extent *ret_extent)
{
    for (size_t i = find(extents, start, false); start < end && i < extents->count; i++) {
        const struct extent *extent = &extents->list[i];

        if (extent->start >= end)
            return false;
        if (!is_one_of(extent->kind, kinds))
            continue;
        *ret_extent = *extent;
        ret_extent->start = extent->start < start ? start : extent->start;
        ret_extent->end = extent->end > end ? end : extent->end;
        return true;
    }
    return false;
}
