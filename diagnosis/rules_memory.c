#include "diagnosis/conditions.h"
#include "diagnosis/controllers.h"
#include "diagnosis/memory_form.h"
#include "diagnosis/modules.h"

static const struct evidence_page *page_at(const struct evidence *evidence, unsigned index)
{
    return &evidence->pages[index];
}

/* Rows activated more often than any program does can disturb cells that nothing is wrong with. */
static bool is_only_disturbed(const struct evidence_page *page)
{
    return text_equal(page->test, "row-activation") && !page->other_test && !page->mismatches;
}

bool page_failed_again(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = page_at(evidence, index);

    return page->test_repeat == REPEAT_FAILED && !is_only_disturbed(page);
}

bool page_failed_after_mismatch(const struct evidence *evidence, unsigned index)
{
    return page_at(evidence, index)->mismatch_repeat == REPEAT_FAILED;
}

bool page_failed_twice(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = page_at(evidence, index);

    return page->tested_wrong && (page->other_test || page->mismatches);
}

bool page_shares_bit(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = page_at(evidence, index);

    if (!page->tested_wrong || (page->bits & (page->bits - 1)) != 0 || is_only_disturbed(page))
        return false;
    for (unsigned i = 0; i < evidence->page_count; i++) {
        const struct evidence_page *other = page_at(evidence, i);

        if (i != index && other->tested_wrong && other->bits == page->bits &&
            !is_only_disturbed(other))
            return true;
    }
    return false;
}

bool page_failed_test(const struct evidence *evidence, unsigned index)
{
    return page_at(evidence, index)->tested_wrong > 0;
}

bool page_mismatched(const struct evidence *evidence, unsigned index)
{
    return page_at(evidence, index)->mismatches > 0;
}

/* The retest wrote to both addresses, and each time both held it. */
static bool is_reached_twice(const struct evidence_page *page)
{
    return page->shape == SHAPE_DECODER && page->other && page->test_repeat != REPEAT_FAILED;
}

static uint64_t alias_bits(const struct evidence_page *page)
{
    if (!page->aliases && is_reached_twice(page))
        return page->address ^ page->other;
    return page->aliases ? page->alias_at ^ page->alias : 0;
}

static bool alias_elsewhere(const struct evidence *evidence, unsigned index)
{
    uint64_t bits = alias_bits(page_at(evidence, index));

    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (i != index && alias_bits(page_at(evidence, i)) == bits)
            return true;
    }
    return false;
}

/* A page tested alone holds when its cells are good and only its address is not. One word alone
 * may be a bit that flipped: an address line takes many, here or in other pages. */
bool page_is_aliased(const struct evidence *evidence, unsigned index)
{
    const struct evidence_page *page = page_at(evidence, index);

    if (is_reached_twice(page))
        return true;
    if (page->test_repeat == REPEAT_FAILED || page->bits_elsewhere)
        return false;
    return page->aliases >= 2 || (page->aliases && alias_elsewhere(evidence, index));
}

/* The page itself, or the one whose words an aliased page holds. */
bool page_shares_cells(const struct evidence *evidence, unsigned index)
{
    uint64_t page = page_at(evidence, index)->page;

    for (unsigned i = 0; i < evidence->page_count; i++) {
        const struct evidence_page *other = page_at(evidence, i);
        uint64_t distance = alias_bits(other) & ~(uint64_t)(PAGE_SIZE - 1);

        if (page_is_aliased(evidence, i) && (i == index || (other->page ^ page) == distance))
            return true;
    }
    return false;
}

bool some_processor_computed_wrong(const struct evidence *evidence, unsigned index)
{
    (void)index;
    for (unsigned i = 0; i < evidence->wrong_count; i++) {
        if (processor_computed_wrong(evidence, i))
            return true;
    }
    return false;
}

bool some_page_failed(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (page_failed_again(evidence, i) || page_failed_after_mismatch(evidence, i) ||
            page_failed_twice(evidence, i) || page_shares_bit(evidence, i))
            return true;
    }
    return false;
}

bool some_page_is_aliased(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->page_count; i++) {
        if (page_is_aliased(evidence, i))
            return true;
    }
    return false;
}

/* The drive of the block is known to change data, or its link is. */
bool page_mismatch_explained(const struct evidence *evidence, unsigned index)
{
    const struct evidence_drive *drive = evidence_drive(evidence, page_at(evidence, index)->part);
    unsigned at;

    if (some_processor_computed_wrong(evidence, 0))
        return true;
    if (!drive)
        return false;
    at = (unsigned)(drive - evidence->drives);
    return drive_link_evidence(evidence, at) ||
           (drive_corrupts_again(evidence, at) && !sectors_explained(evidence, at)) ||
           drive_leaves_leftovers(evidence, at);
}

static uint32_t bit_mismatches(const struct evidence_drive *drive)
{
    return drive->mismatches[MISMATCH_BITS].count + drive->mismatches[MISMATCH_IN_MEMORY].count;
}

static uint32_t sector_mismatches(const struct evidence_drive *drive)
{
    return drive->mismatches[MISMATCH_SECTORS].count +
           drive->mismatches[MISMATCH_SECTORS_AGAIN].count + written_wrong(drive);
}

static bool spread(const struct evidence *evidence,
                   uint32_t (*mismatches)(const struct evidence_drive *drive))
{
    const struct evidence_drive *first = NULL;

    for (unsigned i = 0; i < evidence->drive_count; i++) {
        const struct evidence_drive *drive = &evidence->drives[i];

        if (!mismatches(drive) || drive_link_evidence(evidence, i))
            continue;
        if (first && !controllers_may_be_same(evidence, first->part, drive->part))
            return true;
        if (!first)
            first = drive;
    }
    return false;
}

bool bits_spread(const struct evidence *evidence)
{
    return spread(evidence, bit_mismatches);
}

bool sectors_spread(const struct evidence *evidence)
{
    return spread(evidence, sector_mismatches);
}

bool many_drives_explained(const struct evidence *evidence, unsigned index)
{
    return some_processor_computed_wrong(evidence, index) || some_page_is_aliased(evidence);
}

bool memory_under_many_drives(const struct evidence *evidence, unsigned index)
{
    (void)index;
    return bits_spread(evidence) || sectors_spread(evidence);
}

void tell_many_drives(const struct evidence *evidence, unsigned index, struct text *text)
{
    unsigned drives = 0;
    uint32_t blocks = 0;

    (void)index;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        uint32_t count =
            bit_mismatches(&evidence->drives[i]) + sector_mismatches(&evidence->drives[i]);

        drives += count > 0;
        blocks += count;
    }
    text_format(text,
                "%u blocks of %u drives on different controllers differed on their way; what the "
                "drives have in common is memory and processor",
                blocks, drives);
}

/* How it stood at the end of the run. */
static void tell_rest(const struct evidence_page *page, struct text *text)
{
    if (page->rested != REPEAT_HELD)
        return;
    text_add(text, ", and held at the end of the run");
    if (!page->has_rest || !page->has_warm)
        return;
    text_add(text, " at ");
    text_milli(text, page->rest, 0);
    text_add(text, " C after ");
    text_milli(text, page->warm, 0);
    text_add(text, " C");
}

static void tell_repeat(const struct evidence_page *page, struct text *text)
{
    if (page->test_repeat == REPEAT_FAILED)
        text_add(text, "; tested again without any drive, the page failed again");
    else if (page->mismatch_repeat == REPEAT_FAILED)
        text_add(text, "; tested alone, the page failed again");
    else if (page->test_repeat == REPEAT_HELD || page->mismatch_repeat == REPEAT_HELD)
        text_add(text, "; tested again, the page held");
    tell_rest(page, text);
}

/* The one module by its numbers, for whoever orders another; and whether all pages point at it. */
static void tell_modules(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_part *part;
    struct modules modules, others;
    unsigned elsewhere = 0;

    modules_at(evidence, page_at(evidence, index)->address, &modules);
    for (unsigned i = 0; modules.count && i < evidence->page_count; i++) {
        modules_at(evidence, page_at(evidence, i)->address, &others);
        elsewhere += others.count && !modules_meet(&modules, &others);
    }
    if (elsewhere)
        text_format(text, "; %u of them in other modules", elsewhere);
    if (modules.count != 1)
        return;
    part = evidence_part(evidence, modules.parts[0]);
    if (part->name[0] || part->serial[0])
        text_format(text, "; the module is %s%s%s", part->name,
                    part->serial[0] ? ", serial number " : "", part->serial);
}

void tell_page(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_page *page = page_at(evidence, index);

    text_format(text, "at 0x%llx", (unsigned long long)page->address);
    if (page->tested_wrong)
        text_format(text, ", %u words wrong in the memory test %s%s", page->tested_wrong,
                    page->test, page->other_test ? " and others" : "");
    if (page->mismatches)
        text_format(text, ", %u blocks differed in this page", page->mismatches);
    if (page->bits)
        text_format(text, ", bits 0x%llx", (unsigned long long)page->bits);
    if (page->shape != SHAPE_UNKNOWN && page->shape < SHAPES)
        text_format(text, ", %s", memory_shape_names[page->shape]);
    tell_repeat(page, text);
    if (evidence->page_count > 1)
        text_format(text, "; %u pages in all%s", evidence->page_count,
                    evidence->page_count == EVIDENCE_PAGES ? " or more" : "");
    memory_form_tell(evidence, index, text);
    tell_modules(evidence, index, text);
}

void tell_alias(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_page *page = page_at(evidence, index);

    if (!page->aliases) {
        text_format(text, "what was written to 0x%llx showed at 0x%llx, and the other way",
                    (unsigned long long)page->address, (unsigned long long)page->other);
        tell_repeat(page, text);
        return;
    }
    text_format(text,
                "in the address test %u words of this page held the address of others: 0x%llx "
                "held 0x%llx, address bits 0x%llx",
                page->aliases, (unsigned long long)page->alias_at, (unsigned long long)page->alias,
                (unsigned long long)(page->alias_at ^ page->alias));
    tell_repeat(page, text);
}
