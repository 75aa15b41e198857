#include "stress/regions.h"

static uint64_t page_of(uint64_t address)
{
    return address / REGION_PAGE;
}

/* Pages between two regions, `a` the lower one; 0 when they touch or overlap. */
static uint64_t gap(const struct memory_region *a, const struct memory_region *b)
{
    uint64_t end = page_of(a->last) + 1;

    return page_of(b->first) > end ? page_of(b->first) - end : 0;
}

static unsigned weight(uint8_t shape)
{
    switch (shape) {
    case SHAPE_UNKNOWN:
        return 0;
    case SHAPE_DISTURBED:
    case SHAPE_DMA_ONLY:
        return 1;
    case SHAPE_TRANSIENT:
        return 2;
    default:
        return 3;
    }
}

static uint64_t span_pages(const struct memory_region *region)
{
    return page_of(region->last) - page_of(region->first) + 1;
}

void region_take_shape(struct memory_region *region, enum memory_shape shape,
                       enum memory_repeat repeat)
{
    if (repeat > region->repeat)
        region->repeat = (uint8_t)repeat;
    if (weight((uint8_t)shape) > weight(region->shape)) {
        if (!region->mixed)
            region->shape = (uint8_t)shape;
    } else if (shape != region->shape && weight((uint8_t)shape) == weight(region->shape)) {
        region->shape = SHAPE_UNKNOWN;
        region->mixed = true;
    }
}

/* Adds what `from` knows to `to`. */
static void join(struct memory_region *to, const struct memory_region *from)
{
    if (from->first < to->first)
        to->first = from->first;
    if (from->last > to->last)
        to->last = from->last;
    to->words += from->words;
    to->pages += from->pages;
    to->pass_pages += from->pass_pages;
    to->ones |= from->ones;
    to->zeros |= from->zeros;
    to->tests |= from->tests;
    to->mixed |= from->mixed;
    region_take_shape(to, (enum memory_shape)from->shape, (enum memory_repeat)from->repeat);
    if (to->mixed)
        to->shape = SHAPE_UNKNOWN;
}

/* To be called when all that belongs together is joined: pages of a pass that runs may be among
 * those counted before. */
static void keep_bounds(struct memory_region *region)
{
    uint64_t most = span_pages(region);

    if (region->pass_pages > most)
        region->pass_pages = most;
    if (region->pages < region->pass_pages)
        region->pages = region->pass_pages;
    if (region->pages > most)
        region->pages = most;
}

static void remove_at(struct memory_region *list, size_t *count, size_t at)
{
    for (size_t i = at + 1; i < *count; i++)
        list[i - 1] = list[i];
    (*count)--;
}

static void insert_at(struct memory_region *list, size_t *count, size_t at,
                      const struct memory_region *region)
{
    for (size_t i = (*count)++; i > at; i--)
        list[i] = list[i - 1];
    list[at] = *region;
}

/* Joins an entry with the next one. */
static void join_next(struct memory_region *list, size_t *count, size_t at)
{
    join(&list[at], &list[at + 1]);
    remove_at(list, count, at + 1);
}

static void join_nearest(struct memory_region *list, size_t *count)
{
    size_t nearest = 0;

    for (size_t i = 1; i + 1 < *count; i++) {
        if (gap(&list[i], &list[i + 1]) < gap(&list[nearest], &list[nearest + 1]))
            nearest = i;
    }
    join_next(list, count, nearest);
    keep_bounds(&list[nearest]);
}

void regions_fold(struct memory_region *list, size_t *count, size_t limit,
                  const struct memory_region *region)
{
    struct memory_region add = *region;
    size_t at = 0;

    add.pass_pages = region->pages;
    add.pages = 0;
    while (at < *count && list[at].first < add.first)
        at++;
    if (at > 0 && gap(&list[at - 1], &add) == 0) {
        at--;
        join(&list[at], &add);
    } else {
        insert_at(list, count, at, &add);
    }
    while (at + 1 < *count && gap(&list[at], &list[at + 1]) == 0)
        join_next(list, count, at);
    keep_bounds(&list[at]);
    if (*count > limit)
        join_nearest(list, count);
}

void regions_add_word(struct memory_regions *regions, size_t limit, uint64_t address, uint64_t ones,
                      uint64_t zeros, bool new_page)
{
    struct memory_region word = {.first = address,
                                 .last = address,
                                 .words = 1,
                                 .pages = new_page,
                                 .ones = ones,
                                 .zeros = zeros};

    regions_fold(regions->list, &regions->count, limit, &word);
}

void regions_pass(struct memory_region *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        list[i].pass_pages = 0;
}

struct memory_region *regions_find(struct memory_region *list, size_t count, uint64_t address)
{
    for (size_t i = 0; i < count; i++) {
        if (page_of(list[i].first) <= page_of(address) && page_of(address) <= page_of(list[i].last))
            return &list[i];
    }
    return NULL;
}
