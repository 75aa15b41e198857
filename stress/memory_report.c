#include "stress/memory_report.h"

#include "base/text.h"

void memory_report_init(struct memory_report *report, const struct sink *sink)
{
    *report = (struct memory_report){.sink = sink};
}

void memory_report_step(struct memory_report *report)
{
    report->step_pages = 0;
    regions_pass(report->regions, report->region_count);
}

/* The bit of a test, entered if it is new; 0 when the table is full. */
static uint16_t test_bit(struct memory_report *report, const char *test)
{
    size_t i = 0;

    while (i < report->test_count && !text_equal(report->tests[i], test))
        i++;
    if (i == MEMORY_REPORT_TESTS)
        return 0;
    if (i == report->test_count)
        report->tests[report->test_count++] = test;
    return (uint16_t)(1u << i);
}

void memory_report_count(struct memory_report *report, const struct memory_faults *faults,
                         const char *test)
{
    for (size_t i = 0; i < faults->regions.count; i++) {
        struct memory_region region = faults->regions.list[i];

        region.tests = test_bit(report, test);
        regions_fold(report->regions, &report->region_count, REGIONS_MAX, &region);
    }
    report->words += faults->words;
    report->step_pages += faults->pages;
    if (report->step_pages > report->step_pages_max)
        report->step_pages_max = report->step_pages;
}

bool memory_report_has_room(const struct memory_report *report)
{
    return report->emitted < MEMORY_REPORT_ALL;
}

static uint64_t page_of(uint64_t address)
{
    return address - address % BLOCK_SIZE;
}

struct page_result memory_report_known(const struct memory_report *report, uint64_t address)
{
    for (size_t i = 0; i < report->page_count; i++)
        if (report->pages[i].address == page_of(address))
            return report->pages[i].result;
    return (struct page_result){.repeat = REPEAT_NOT_TRIED};
}

/* The entry of a page, made if need be; NULL when the table is full. */
static struct reported_page *find_page(struct memory_report *report, uint64_t address)
{
    for (size_t i = 0; i < report->page_count; i++)
        if (report->pages[i].address == page_of(address))
            return &report->pages[i];
    if (report->page_count == MEMORY_REPORT_PAGES)
        return NULL;
    report->pages[report->page_count] = (struct reported_page){.address = page_of(address)};
    return &report->pages[report->page_count++];
}

static bool is_beside_drives(const char *test)
{
    return text_equal(test, "dma") || text_equal(test, "sweep");
}

/* What the retest saw, and what the test says that found the page. */
static enum memory_shape shape_of(const struct reported_page *page, const char *test,
                                  const struct page_result *result)
{
    if (result->repeat != REPEAT_HELD || result->shape != SHAPE_TRANSIENT)
        return result->shape;
    if (text_equal(test, "row-activation"))
        return SHAPE_DISTURBED;
    return is_beside_drives(test) && page && !page->quiet ? SHAPE_DMA_ONLY : SHAPE_TRANSIENT;
}

/* A shape that was found once is not lost when the page holds in a later retest. */
static void keep_result(struct reported_page *page, const char *test,
                        const struct page_result *result)
{
    bool known = page->result.shape != SHAPE_UNKNOWN && page->result.shape != SHAPE_TRANSIENT;

    page->quiet = page->quiet || !is_beside_drives(test);
    if (result->repeat > page->result.repeat || !known) {
        enum memory_repeat worst = page->result.repeat;

        page->result = *result;
        if (worst > result->repeat)
            page->result.repeat = worst;
    }
}

void memory_report_fault(struct memory_report *report, const struct memory_fault *fault,
                         const char *test, uint16_t processor, const struct page_result *result)
{
    struct event event = {.type = EVENT_MEMORY_ERROR};
    struct reported_page *page = find_page(report, fault->address);
    struct memory_region *region =
        regions_find(report->regions, report->region_count, fault->address);

    if (page)
        keep_result(page, test, result);
    event.memory_error.shape = (uint8_t)shape_of(page, test, page ? &page->result : result);
    event.memory_error.other = page ? page->result.other : result->other;
    if (region)
        region_take_shape(region, (enum memory_shape)event.memory_error.shape, result->repeat);
    if (!memory_report_has_room(report) || (page && page->events == MEMORY_REPORT_PAGE))
        return;
    if (page)
        page->events++;
    report->emitted++;
    event.memory_error.address = fault->address;
    event.memory_error.expected = fault->expected;
    event.memory_error.actual = fault->actual;
    event.memory_error.reread = fault->reread;
    copy_text(event.memory_error.test, sizeof(event.memory_error.test), test);
    event.memory_error.processor = processor;
    event.memory_error.repeat = (uint8_t)result->repeat;
    emit(report->sink, &event);
}

static void emit_region(const struct memory_report *report, const struct memory_region *region)
{
    struct event event = {.type = EVENT_MEMORY_REGION,
                          .memory_region = {.start = region->first,
                                            .end = region->last + 7,
                                            .words = region->words,
                                            .pages = region->pages,
                                            .ones = region->ones,
                                            .zeros = region->zeros,
                                            .shape = region->shape,
                                            .repeat = region->repeat}};
    struct text text = text_in(event.memory_region.tests, sizeof(event.memory_region.tests));

    for (size_t i = 0; i < report->test_count; i++)
        if (region->tests >> i & 1)
            text_format(&text, "%s%s", text.length ? "," : "", report->tests[i]);
    emit(report->sink, &event);
}

void memory_report_end(struct memory_report *report)
{
    for (size_t i = 0; i < report->region_count; i++)
        emit_region(report, &report->regions[i]);
    if (report->words > report->emitted)
        emit_note(report->sink, SEVERITY_WARNING,
                  "%llu more memory errors were counted in regions and not listed one by one; up "
                  "to %llu pages of 4 KiB failed in one step",
                  (unsigned long long)(report->words - report->emitted),
                  (unsigned long long)report->step_pages_max);
}
