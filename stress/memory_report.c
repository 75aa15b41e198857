#include "stress/memory_report.h"

#include "base/text.h"

void memory_report_init(struct memory_report *report, const struct sink *sink)
{
    *report = (struct memory_report){.sink = sink};
}

void memory_report_step(struct memory_report *report)
{
    report->step_pages = 0;
}

void memory_report_count(struct memory_report *report, const struct memory_faults *faults)
{
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

enum memory_repeat memory_report_known(const struct memory_report *report, uint64_t address)
{
    for (size_t i = 0; i < report->page_count; i++)
        if (report->pages[i].address == page_of(address))
            return (enum memory_repeat)report->pages[i].repeat;
    return REPEAT_NOT_TRIED;
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

void memory_report_fault(struct memory_report *report, const struct memory_fault *fault,
                         const char *test, uint16_t processor, enum memory_repeat repeat)
{
    struct event event = {.type = EVENT_MEMORY_ERROR};
    struct reported_page *page = find_page(report, fault->address);

    if (page && repeat > page->repeat)
        page->repeat = (uint8_t)repeat;
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
    event.memory_error.repeat = (uint8_t)repeat;
    emit(report->sink, &event);
}

void memory_report_end(struct memory_report *report)
{
    if (report->words > report->emitted)
        emit_note(report->sink, SEVERITY_WARNING,
                  "%llu more memory errors were counted and not listed; up to %llu pages of 4 KiB "
                  "failed in one step",
                  (unsigned long long)(report->words - report->emitted),
                  (unsigned long long)report->step_pages_max);
}
