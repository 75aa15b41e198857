#include "diagnosis/memory_form.h"

enum {
    LANE_PERCENT = 90, /* of the bad pages have that bit and no other */
    LANE_OFFSETS = 3,  /* places within their pages; a column of cells has one */
    LANE_WORDS = 16,   /* of a page, as more than cells of a column would be */
};

#define LANE_SPAN ((uint64_t)64 << 20)

/* Stretches of bad pages, from regions and from pages that no region tells of yet. */
struct extent {
    uint64_t first, last; /* bytes */
    uint64_t words, pages;
    uint64_t bits;
};

struct bad_memory {
    uint64_t low, high; /* the first and the last page */
    uint64_t pages;
    uint64_t bit;       /* the single bit most pages have, or 0 */
    uint64_t bit_pages; /* that have it alone */
    uint64_t bit_words;
    bool contiguous;
    unsigned extents;
};

static bool is_single(uint64_t bits)
{
    return bits && !(bits & (bits - 1));
}

static bool is_in_scope(const struct evidence *evidence, const struct modules *modules,
                        uint64_t address)
{
    struct modules others;

    if (!modules->count)
        return true;
    modules_at(evidence, address, &others);
    return modules_meet(modules, &others);
}

static bool is_in_region(const struct evidence *evidence, uint64_t address)
{
    for (unsigned i = 0; i < evidence->region_count; i++) {
        const struct event_memory_region *region = &evidence->regions[i];

        if (region->start / PAGE_SIZE <= address / PAGE_SIZE &&
            address / PAGE_SIZE <= region->end / PAGE_SIZE)
            return true;
    }
    return false;
}

/* Number `index` of all stretches; false when it is none of its own. */
static bool extent_at(const struct evidence *evidence, unsigned index, struct extent *ret)
{
    const struct evidence_page *page;

    if (index < evidence->region_count) {
        const struct event_memory_region *region = &evidence->regions[index];

        *ret = (struct extent){region->start, region->end, region->words, region->pages,
                               region->ones | region->zeros};
        return true;
    }
    page = &evidence->pages[index - evidence->region_count];
    if (!page->tested_wrong || is_in_region(evidence, page->address))
        return false;
    *ret =
        (struct extent){page->page, page->page + PAGE_SIZE - 1, page->tested_wrong, 1, page->bits};
    return true;
}

static void add(struct bad_memory *bad, const struct extent *extent)
{
    uint64_t span = extent->last / PAGE_SIZE - extent->first / PAGE_SIZE + 1;

    if (!bad->extents++) {
        bad->low = extent->first / PAGE_SIZE;
        bad->contiguous = true;
    }
    if (extent->first / PAGE_SIZE < bad->low)
        bad->low = extent->first / PAGE_SIZE;
    if (extent->last / PAGE_SIZE > bad->high)
        bad->high = extent->last / PAGE_SIZE;
    bad->contiguous = bad->contiguous && extent->pages >= span;
    bad->pages += extent->pages;
    if (is_single(extent->bits) && !bad->bit)
        bad->bit = extent->bits;
    if (bad->bit && extent->bits == bad->bit) {
        bad->bit_pages += extent->pages;
        bad->bit_words += extent->words;
    }
}

static void collect(const struct evidence *evidence, unsigned page, struct bad_memory *ret)
{
    struct modules modules;
    struct extent extent;

    *ret = (struct bad_memory){.low = 0};
    modules_at(evidence, evidence->pages[page].address, &modules);
    for (unsigned i = 0; i < evidence->region_count + evidence->page_count; i++) {
        if (extent_at(evidence, i, &extent) && is_in_scope(evidence, &modules, extent.first))
            add(ret, &extent);
    }
}

/* Places within their pages at which pages with that bit are wrong first, up to LANE_OFFSETS. */
static unsigned offsets(const struct evidence *evidence, uint64_t bit)
{
    uint64_t seen[LANE_OFFSETS];
    unsigned count = 0;

    for (unsigned i = 0; i < evidence->page_count && count < LANE_OFFSETS; i++) {
        const struct evidence_page *page = &evidence->pages[i];
        unsigned j = 0;

        if (page->bits != bit)
            continue;
        while (j < count && seen[j] != page->address % PAGE_SIZE)
            j++;
        if (j == count)
            seen[count++] = page->address % PAGE_SIZE;
    }
    return count;
}

static bool is_lane(const struct evidence *evidence, const struct bad_memory *bad)
{
    if (!bad->bit || bad->bit_pages < FORM_LANE_PAGES ||
        bad->bit_pages * 100 < bad->pages * LANE_PERCENT ||
        (bad->high - bad->low) * PAGE_SIZE < LANE_SPAN)
        return false;
    return bad->bit_words >= bad->bit_pages * LANE_WORDS ||
           offsets(evidence, bad->bit) >= LANE_OFFSETS;
}

static enum memory_form form_of(const struct evidence *evidence, const struct bad_memory *bad)
{
    if (is_lane(evidence, bad))
        return FORM_LANE;
    if (bad->pages == 1 && bad->low == bad->high)
        return FORM_CELL;
    if (bad->contiguous && bad->high - bad->low + 1 == bad->pages && bad->pages <= FORM_ROW_PAGES)
        return FORM_ROW;
    return FORM_UNKNOWN;
}

enum memory_form memory_form(const struct evidence *evidence, unsigned page)
{
    struct bad_memory bad;

    collect(evidence, page, &bad);
    return form_of(evidence, &bad);
}

static unsigned bit_number(uint64_t bit)
{
    unsigned number = 0;

    while (bit >> 1 >> number)
        number++;
    return number;
}

void memory_form_tell(const struct evidence *evidence, unsigned page, struct text *text)
{
    struct bad_memory bad;

    collect(evidence, page, &bad);
    switch (form_of(evidence, &bad)) {
    case FORM_LANE:
        text_format(text, "; data bit %u alone is wrong, in %llu pages far apart: a data line",
                    bit_number(bad.bit), (unsigned long long)bad.pages);
        break;
    case FORM_ROW:
        text_format(text, "; %llu pages side by side: a row of cells",
                    (unsigned long long)bad.pages);
        break;
    default:
        break;
    }
}

bool memory_form_advise(const struct evidence *evidence, unsigned page,
                        const struct modules *modules, enum verdict verdict, struct text *text)
{
    if (verdict != VERDICT_MEMORY_BIT_ERROR || memory_form(evidence, page) != FORM_LANE)
        return false;
    if (modules->count == 1) {
        text_add(text, "Reseat the module in ");
        modules_name(evidence, modules, text);
        text_add(text, " first, its contacts cleaned, and run again; if the same bit fails, try it "
                       "in another slot: replace what the fault stays with.");
        return true;
    }
    text_add(text, "Reseat the modules first, their contacts cleaned, and run again; if the same "
                   "bit fails, run with one module at a time.");
    return true;
}
