#include "diagnosis/gather.h"

#include "base/bits.h"
#include "base/text.h"

enum { FEW_BITS = 4 };

void gather_memory_map(struct evidence *evidence, const struct event_memory_map *map)
{
    if (evidence->memory_map_count == EVIDENCE_MAP) {
        evidence->memory_map_lost = true;
        evidence->left_out++;
        return;
    }
    evidence->memory_map[evidence->memory_map_count++] = *map;
}

/* The entry of the page an address lies in, made if it is new; NULL when the table is full. */
static struct evidence_page *find_page(struct evidence *evidence, uint64_t address)
{
    uint64_t base = address & ~(uint64_t)(PAGE_SIZE - 1);
    struct evidence_page *page;

    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (evidence->pages[i].page == base)
            return &evidence->pages[i];
    }
    if (evidence->page_count == EVIDENCE_PAGES) {
        evidence->left_out++;
        return NULL;
    }
    page = &evidence->pages[evidence->page_count++];
    page->page = base;
    page->address = address;
    return page;
}

/* In the address test a word holds its own address, or the complement of it. Reads the value as
 * the address of another word: false when it cannot be one. */
static bool is_alias(const struct event_memory_error *error, uint64_t *ret_alias)
{
    uint64_t alias = error->expected == error->address ? error->actual : ~error->actual;

    if (error->expected != error->address && error->expected != ~error->address)
        return false;
    if (alias % 8 != 0 || alias >> 52 != 0 || alias == error->address)
        return false;
    *ret_alias = alias;
    return true;
}

/* The same word again is no second one: a stuck bit can look like another address, too. */
static void add_alias(struct evidence_page *page, uint64_t address, uint64_t alias)
{
    if (!page->aliases) {
        page->aliases = 1;
        page->alias_at = address;
        page->alias = alias;
    } else if (address != page->alias_at) {
        page->aliases++;
    }
}

static void add_test(struct evidence_page *page, const char *test)
{
    if (!page->test[0])
        copy_text(page->test, sizeof(page->test), test);
    else if (!text_equal(page->test, test))
        page->other_test = true;
}

static bool is_definite(uint8_t shape)
{
    return shape != SHAPE_UNKNOWN && shape != SHAPE_TRANSIENT && shape != SHAPE_DMA_ONLY &&
           shape != SHAPE_DISTURBED;
}

/* What is known for sure stays; "only under DMA" is over when another test sees the page wrong. */
static void add_shape(struct evidence_page *page, const struct event_memory_error *error)
{
    bool beside_drives = text_equal(error->test, "dma") || text_equal(error->test, "sweep");

    page->quiet = page->quiet || !beside_drives;
    if (is_definite(error->shape) || !is_definite(page->shape))
        page->shape = error->shape;
    if (page->shape == SHAPE_DMA_ONLY && page->quiet)
        page->shape = SHAPE_TRANSIENT;
    if (error->other)
        page->other = error->other;
}

static void add_warmth(struct evidence_page *page, const struct event_memory_error *error)
{
    if (error->repeat != REPEAT_FAILED || !error->has_temperature)
        return;
    if (!page->has_warm || error->temperature > page->warm)
        page->warm = error->temperature;
    page->has_warm = true;
}

void gather_memory_error(struct evidence *evidence, const struct event_memory_error *error)
{
    struct evidence_page *page = find_page(evidence, error->address);
    uint64_t bits = error->expected ^ error->actual, alias;

    if (!page)
        return;
    page->tested_wrong++;
    if (error->repeat > page->test_repeat)
        page->test_repeat = error->repeat;
    if (text_equal(error->test, "own-address") && is_alias(error, &alias)) {
        add_alias(page, error->address, alias);
    } else if (count_bits(bits) <= FEW_BITS) {
        page->bits_elsewhere = true;
    }
    page->bits |= bits;
    add_test(page, error->test);
    add_shape(page, error);
    add_warmth(page, error);
}

void gather_memory_region(struct evidence *evidence, const struct event_memory_region *region)
{
    if (evidence->region_count == EVIDENCE_REGIONS) {
        evidence->left_out++;
        return;
    }
    evidence->regions[evidence->region_count++] = *region;
}

static const struct evidence_page *known_page(const struct evidence *evidence, uint64_t address)
{
    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (evidence->pages[i].page == (address & ~(uint64_t)(PAGE_SIZE - 1)))
            return &evidence->pages[i];
    }
    return NULL;
}

enum memory_shape evidence_rest_shape(const struct evidence *evidence,
                                      const struct event_memory_retest *retest)
{
    const struct evidence_page *page = known_page(evidence, retest->address);
    bool definite = is_definite(retest->shape);

    if (!page || retest->repeat != REPEAT_HELD)
        return page && !definite ? (enum memory_shape)page->shape
                                 : (enum memory_shape)retest->shape;
    if (page->has_warm && retest->has_temperature &&
        retest->temperature <= page->warm - REST_COOLER)
        return SHAPE_HOT_ONLY;
    return (enum memory_shape)page->shape;
}

void gather_memory_retest(struct evidence *evidence, const struct event_memory_retest *retest)
{
    enum memory_shape shape = evidence_rest_shape(evidence, retest);
    struct evidence_page *page = find_page(evidence, retest->address);

    if (!page)
        return;
    page->shape = (uint8_t)shape;
    page->rested = retest->repeat;
    page->has_rest = retest->has_temperature;
    page->rest = retest->temperature;
}

/* The block was compared with what it should be, byte by byte, and was right. Of a first reading
 * that is no more this cannot be said, nor of a copy that did differ when it was made. */
static bool is_unseen(const struct event_mismatch *mismatch)
{
    return !mismatch->bits && !mismatch->whole_sectors && !mismatch->leftover && !mismatch->again &&
           (mismatch->hop == HOP_ARRIVAL || mismatch->hop == HOP_ROUND_TRIP ||
            mismatch->hop == HOP_ARENA);
}

static enum mismatch_class classify(const struct event_mismatch *mismatch)
{
    if (mismatch->compute)
        return MISMATCH_COMPUTE;
    if (mismatch->page == REPEAT_FAILED)
        return MISMATCH_PAGE_FAILED;
    if (is_unseen(mismatch))
        return MISMATCH_UNSEEN;
    if (mismatch->hop == HOP_COPY || mismatch->hop == HOP_ROUND_TRIP || mismatch->hop == HOP_ARENA)
        return MISMATCH_IN_MEMORY;
    if (mismatch->leftover)
        return MISMATCH_LEFTOVER;
    /* Of a reading that is no more nobody knows in how much it differed. */
    if (mismatch->whole_sectors || !mismatch->bits)
        return mismatch->again ? MISMATCH_SECTORS_AGAIN : MISMATCH_SECTORS;
    return MISMATCH_BITS;
}

static void add_to_drive(struct evidence_mismatches *sum, const struct event_mismatch *mismatch)
{
    if (!sum->count++) {
        sum->lba = mismatch->lba;
        sum->bits = mismatch->bits;
        sum->address = mismatch->address;
    }
    sum->direct += !mismatch->bounced;
    if (mismatch->hop < HOPS)
        sum->hops |= (uint8_t)(1 << mismatch->hop);
}

/* What is kept was hashed by one processor and verified by another; else one did it all. */
static void add_wrong_processor(struct evidence *evidence, const struct event_mismatch *mismatch)
{
    uint16_t processor = mismatch->processor;
    unsigned i = 0;

    while (i < evidence->wrong_count && evidence->wrong_processors[i] != processor)
        i++;
    if (i == EVIDENCE_PROCESSORS) {
        evidence->left_out++;
        return;
    }
    if (i == evidence->wrong_count)
        evidence->wrong_processors[evidence->wrong_count++] = processor;
    if (mismatch->compute) {
        evidence->wrong_counts[i]++;
        return;
    }
    evidence->unsure_counts[i]++;
    evidence->unsure_alone[i] += mismatch->hop != HOP_ARENA;
}

/* Only what may be the memory's fault is noted at its page. */
static void add_to_page(struct evidence *evidence, const struct event_mismatch *mismatch,
                        enum mismatch_class kind)
{
    struct evidence_page *page;

    if (kind != MISMATCH_PAGE_FAILED && kind != MISMATCH_IN_MEMORY && kind != MISMATCH_BITS)
        return;
    if (!mismatch->bits) /* it was not located, and the page is not known */
        return;
    page = find_page(evidence, mismatch->address);
    if (!page)
        return;
    if (!page->mismatches++)
        page->part = mismatch->part;
    page->bits |= mismatch->bit_mask;
    if (mismatch->page > page->mismatch_repeat)
        page->mismatch_repeat = mismatch->page;
}

/* The block differed before, in an earlier visit: that is again, too. */
static bool is_again(const struct evidence_drive *drive, const struct event_mismatch *mismatch)
{
    const struct evidence_mismatches *before = &drive->mismatches[MISMATCH_SECTORS];

    return before->count && before->lba == mismatch->lba;
}

void gather_mismatch(struct evidence *evidence, const struct event_mismatch *mismatch)
{
    struct evidence_drive *drive = gather_drive(evidence, mismatch->part);
    enum mismatch_class kind = classify(mismatch);

    if (drive && kind == MISMATCH_SECTORS && is_again(drive, mismatch))
        kind = MISMATCH_SECTORS_AGAIN;
    if (drive)
        add_to_drive(&drive->mismatches[kind], mismatch);
    if (kind == MISMATCH_COMPUTE || kind == MISMATCH_UNSEEN)
        add_wrong_processor(evidence, mismatch);
    add_to_page(evidence, mismatch, kind);
}
