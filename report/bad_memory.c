#include "report/bad_memory.h"

#include <stdint.h>

#include "report/journal.h"

#define PAGE_BYTES ((uint64_t)4096)
#define ADDRESS_END ((uint64_t)1 << 52) /* of what a processor can address */

/* Pages first to last, both bad. */
struct range {
    uint64_t first, last;
};

struct ranges {
    struct range list[BAD_MEMORY_RANGES]; /* in the order of their pages, none touching another */
    unsigned count;
    unsigned lost;  /* pages that are in none of them */
    bool full;      /* there may be such pages */
    bool lost_more; /* and more than were counted */
};

static void insert(struct ranges *ranges, unsigned at, const struct range *range)
{
    if (ranges->count == BAD_MEMORY_RANGES) {
        ranges->full = true;
        return;
    }
    for (unsigned i = ranges->count++; i > at; i--)
        ranges->list[i] = ranges->list[i - 1];
    ranges->list[at] = *range;
}

/* After a range has grown upward it may touch, or hold, those that follow. */
static void join(struct ranges *ranges, unsigned at)
{
    struct range *range = &ranges->list[at];
    unsigned end = at + 1;

    while (end < ranges->count && ranges->list[end].first <= range->last + 1) {
        if (ranges->list[end].last > range->last)
            range->last = ranges->list[end].last;
        end++;
    }
    for (unsigned i = end; i < ranges->count; i++)
        ranges->list[at + 1 + i - end] = ranges->list[i];
    ranges->count -= end - at - 1;
}

static void add_range(struct ranges *ranges, const struct range *range)
{
    unsigned at = 0;

    while (at < ranges->count && ranges->list[at].last + 1 < range->first)
        at++;
    if (at == ranges->count || range->last + 1 < ranges->list[at].first) {
        insert(ranges, at, range);
        return;
    }
    if (range->first < ranges->list[at].first)
        ranges->list[at].first = range->first;
    if (range->last > ranges->list[at].last)
        ranges->list[at].last = range->last;
    join(ranges, at);
}

static bool region_makes_sense(const struct event_memory_region *region)
{
    return region->pages && region->start <= region->end && region->end < ADDRESS_END;
}

static struct range region_pages(const struct event_memory_region *region)
{
    return (struct range){region->start / PAGE_BYTES, region->end / PAGE_BYTES};
}

/* Every page from its first to its last is bad. */
static bool is_dense(const struct event_memory_region *region)
{
    struct range pages = region_pages(region);

    return region->pages >= pages.last - pages.first + 1;
}

/* The bad pages that an event tells of, as one range or two: of a region with good pages in it
 * the first and the last are known. */
static unsigned bad_pages(const struct event *event, struct range ret[2])
{
    uint64_t page = event->type == EVENT_MEMORY_ERROR ? event->memory_error.address / PAGE_BYTES
                                                      : event->mismatch.address / PAGE_BYTES;

    ret[0] = (struct range){page, page};
    if (event->type == EVENT_MEMORY_ERROR)
        return 1;
    if (event->type == EVENT_MISMATCH)
        return event->mismatch.page == REPEAT_FAILED;
    if (event->type != EVENT_MEMORY_REGION || !region_makes_sense(&event->memory_region))
        return 0;
    ret[0] = region_pages(&event->memory_region);
    if (is_dense(&event->memory_region))
        return 1;
    ret[1] = (struct range){ret[0].last, ret[0].last};
    ret[0].last = ret[0].first;
    return 2;
}

static bool is_listed(const struct ranges *ranges, uint64_t page)
{
    for (unsigned i = 0; i < ranges->count; i++) {
        if (ranges->list[i].first <= page && page <= ranges->list[i].last)
            return true;
    }
    return false;
}

/* The lowest pages of those that are looked for, in their order, each once. */
struct window {
    uint64_t list[256];
    unsigned count;
};

static void add_to_window(struct window *window, uint64_t page)
{
    enum { SIZE = sizeof(window->list) / sizeof(window->list[0]) };
    unsigned at = window->count;

    while (at > 0 && window->list[at - 1] > page)
        at--;
    if (at == SIZE || (at > 0 && window->list[at - 1] == page))
        return;
    if (window->count < SIZE)
        window->count++;
    for (unsigned i = window->count - 1; i > at; i--)
        window->list[i] = window->list[i - 1];
    window->list[at] = page;
}

/* The bad pages from `first` on that are in no range. Of a range that found no room its first one:
 * the others may be listed, or not. */
static void look_for_lost(const char *journal, size_t size, struct ranges *ranges, uint64_t first,
                          struct window *window)
{
    struct journal_reader reader = journal_read_from(journal, size);
    struct event event;
    struct range bad[2];

    window->count = 0;
    while (journal_read(&reader, &event)) {
        unsigned count = bad_pages(&event, bad);

        for (unsigned i = 0; i < count; i++) {
            if (bad[i].first < first || is_listed(ranges, bad[i].first))
                continue;
            add_to_window(window, bad[i].first);
            ranges->lost_more |= bad[i].last > bad[i].first;
        }
    }
}

/* One page may stand in the journal many times: they are counted in passes, each in a window of
 * pages above those of the last. */
static void count_lost(const char *journal, size_t size, struct ranges *ranges)
{
    enum { PASSES_MAX = 16 };
    struct window window = {.count = 0};
    uint64_t first = 0;

    for (unsigned pass = 0; pass < PASSES_MAX; pass++) {
        look_for_lost(journal, size, ranges, first, &window);
        ranges->lost += window.count;
        if (window.count < sizeof(window.list) / sizeof(window.list[0]))
            return;
        first = window.list[window.count - 1] + 1;
    }
    ranges->lost_more = true;
}

/* Dense regions first: they are the most pages in the fewest ranges. */
static void collect(const char *journal, size_t size, struct ranges *ranges)
{
    ranges->count = ranges->lost = 0;
    ranges->full = ranges->lost_more = false;
    for (unsigned pass = 0; pass < 2; pass++) {
        struct journal_reader reader = journal_read_from(journal, size);
        struct event event;
        struct range bad[2];

        while (journal_read(&reader, &event)) {
            unsigned count = bad_pages(&event, bad);
            bool dense = count == 1 && bad[0].last > bad[0].first;

            for (unsigned i = 0; i < count && dense == !pass; i++)
                add_range(ranges, &bad[i]);
        }
    }
    if (ranges->full)
        count_lost(journal, size, ranges);
}

bool bad_memory_exists(const char *journal, size_t size)
{
    struct journal_reader reader = journal_read_from(journal, size);
    struct event event;
    struct range bad[2];

    while (journal_read(&reader, &event)) {
        if (bad_pages(&event, bad))
            return true;
    }
    return false;
}

/* Pages of the list that lie in a region. */
static uint64_t listed_pages(const struct ranges *ranges, struct range region)
{
    uint64_t pages = 0;

    for (unsigned i = 0; i < ranges->count; i++) {
        struct range range = ranges->list[i];

        if (range.first < region.first)
            range.first = region.first;
        if (range.last > region.last)
            range.last = region.last;
        if (range.first <= range.last)
            pages += range.last - range.first + 1;
    }
    return pages;
}

/* Regions with more bad pages than are listed: which ones, nobody has kept. */
static void write_incomplete(struct writer *writer, const char *journal, size_t size,
                             const struct ranges *ranges)
{
    struct journal_reader reader = journal_read_from(journal, size);
    struct event event;

    while (journal_read(&reader, &event)) {
        const struct event_memory_region *region = &event.memory_region;
        uint64_t listed;

        if (event.type != EVENT_MEMORY_REGION || !region_makes_sense(region))
            continue;
        listed = listed_pages(ranges, region_pages(region));
        if (listed < region->pages)
            writer_format(writer,
                          "# INCOMPLETE: from 0x%llx to 0x%llx at least %llu pages failed, and "
                          "only %llu are listed.\r\n# Run Assay again with range=%llx-%llx to "
                          "find others, or replace the module.\r\n",
                          (unsigned long long)region->start, (unsigned long long)region->end,
                          (unsigned long long)region->pages, (unsigned long long)listed,
                          (unsigned long long)region->start, (unsigned long long)region->end);
    }
}

/* memmap= with a dollar sign as the reader of the line needs it. */
static void write_memmap(struct writer *writer, const struct ranges *ranges, const char *dollar)
{
    writer_text(writer, "memmap=");
    for (unsigned i = 0; i < ranges->count; i++) {
        unsigned long long start = ranges->list[i].first * PAGE_BYTES;
        unsigned long long end = (ranges->list[i].last + 1) * PAGE_BYTES;

        writer_format(writer, "%s0x%llx%s0x%llx", i ? "," : "", end - start, dollar, start);
    }
}

/* In /etc/default/grub the shell and then GRUB each take one layer of escapes away. */
static void write_linux(struct writer *writer, const struct ranges *ranges)
{
    writer_text(writer, "# Linux, on the kernel's command line:\r\n");
    write_memmap(writer, ranges, "$");
    writer_text(writer, "\r\n\r\n# The same in /etc/default/grub:\r\nGRUB_CMDLINE_LINUX=\"");
    write_memmap(writer, ranges, "\\\\\\$");
    writer_text(writer, "\"\r\n");
}

/* A range of pages as address and mask pairs: the largest aligned powers of two that fit. */
static void write_badram(struct writer *writer, const struct range *range, bool *first)
{
    uint64_t page = range->first;

    while (page <= range->last) {
        unsigned long long start = page * PAGE_BYTES;
        unsigned long long mask;
        uint64_t pages = 1;

        while (!(page & (2 * pages - 1)) && page + 2 * pages - 1 <= range->last)
            pages *= 2;
        mask = ~(pages * PAGE_BYTES - 1);
        writer_format(writer, "%s0x%016llx,0x%016llx", *first ? "" : ",", start, mask);
        *first = false;
        page += pages;
    }
}

static void write_grub(struct writer *writer, const struct ranges *ranges)
{
    bool first = true;

    writer_text(writer, "\r\n# GRUB, in /etc/default/grub:\r\nGRUB_BADRAM=\"");
    for (unsigned i = 0; i < ranges->count; i++)
        write_badram(writer, &ranges->list[i], &first);
    writer_text(writer, "\"\r\n");
}

static void write_windows(struct writer *writer, const struct ranges *ranges)
{
    enum { PAGES_MAX = 256 };
    unsigned pages = 0;

    writer_text(writer, "\r\n# Windows, in a command prompt of the administrator:\r\n"
                        "bcdedit /set {badmemory} badmemorylist");
    for (unsigned i = 0; i < ranges->count; i++) {
        const struct range *range = &ranges->list[i];

        for (uint64_t page = range->first; page <= range->last && pages < PAGES_MAX; page++) {
            writer_format(writer, " 0x%llx", (unsigned long long)page);
            pages++;
        }
    }
    writer_text(writer, "\r\nbcdedit /set {default} badmemoryaccess no\r\n");
    if (pages == PAGES_MAX)
        writer_format(writer, "# Only the first %u pages are named here.\r\n", PAGES_MAX);
}

int bad_memory_write(const char *journal, size_t size, const struct output *output)
{
    struct ranges ranges;
    struct writer writer;

    collect(journal, size, &ranges);
    writer_init(&writer, output);
    writer_text(
        &writer,
        "# Pages of memory that failed under test. Replacing the module is the cure; these\r\n"
        "# lines only keep a system off them until then. Take them out afterwards.\r\n\r\n");
    write_linux(&writer, &ranges);
    write_grub(&writer, &ranges);
    write_windows(&writer, &ranges);
    if (ranges.lost)
        writer_format(&writer, "# %s%u more pages found no room in this list.\r\n",
                      ranges.lost_more ? "at least " : "", ranges.lost);
    write_incomplete(&writer, journal, size, &ranges);
    return writer_finish(&writer);
}
