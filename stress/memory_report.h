/*
 * Telling of memory errors without drowning in them.
 *
 * A dead module gives millions of wrong words. At most MEMORY_REPORT_PAGE events are emitted for
 * one page of 4 KiB and MEMORY_REPORT_ALL in all. Every wrong word, with an event of its own or
 * without, is counted in one of at most REGIONS_MAX regions, which are emitted at the end.
 */
#ifndef ASSAY_STRESS_MEMORY_REPORT_H
#define ASSAY_STRESS_MEMORY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "stress/kernel.h"
#include "stress/page_examine.h"
#include "stress/regions.h"

enum {
    MEMORY_REPORT_PAGE = 32,
    MEMORY_REPORT_ALL = 200,
    MEMORY_REPORT_PAGES = 64, /* that are told apart; later ones have only the limit in all */
    MEMORY_REPORT_TESTS = 16, /* names of tests; those found later are not named in regions */
};

struct reported_page {
    uint64_t address;
    uint8_t events;
    bool quiet;                /* a test without any drive found it wrong */
    struct page_result result; /* of its retests: the worst, and the shape of that one */
};

struct memory_report {
    const struct sink *sink;
    struct reported_page pages[MEMORY_REPORT_PAGES];
    size_t page_count;
    struct memory_region regions[REGIONS_MAX + 1];
    size_t region_count;
    const char *tests[MEMORY_REPORT_TESTS]; /* bit n of a region's tests */
    size_t test_count;
    uint64_t words;      /* wrong words in all */
    uint64_t emitted;    /* of which have an event */
    uint64_t step_pages; /* pages with wrong words in the step that runs */
    uint64_t step_pages_max;
};

void memory_report_init(struct memory_report *report, const struct sink *sink);

/* Begins to count the pages anew: a page fails once in a step. */
void memory_report_step(struct memory_report *report);
/* Counts what one job of a test found. `test` outlives the report. */
void memory_report_count(struct memory_report *report, const struct memory_faults *faults,
                         const char *test);

/* True while there may be another event at all. */
bool memory_report_has_room(const struct memory_report *report);
/* What is known of the page that holds the address; REPEAT_NOT_TRIED for one not seen. */
struct page_result memory_report_known(const struct memory_report *report, uint64_t address);

/*
 * Emits one EVENT_MEMORY_ERROR, if the limits allow it, and gives its region what was found out
 * about its page. A page that held is told as SHAPE_DMA_ONLY while only tests that run beside a
 * drive ("dma", "sweep") found it wrong, and as SHAPE_DISTURBED when "row-activation" did.
 */
void memory_report_fault(struct memory_report *report, const struct memory_fault *fault,
                         const char *test, uint16_t processor, const struct page_result *result);

/* One EVENT_MEMORY_REGION for each region, and a note about all that has no event of its own;
 * nothing when there is none. */
void memory_report_end(struct memory_report *report);

#endif
