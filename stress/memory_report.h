/*
 * Telling of memory errors without drowning in them.
 *
 * A dead module gives millions of wrong words. At most MEMORY_REPORT_PAGE events are emitted for
 * one page of 4 KiB and MEMORY_REPORT_ALL in all; the others are counted, and told of in one note
 * at the end.
 */
#ifndef ASSAY_STRESS_MEMORY_REPORT_H
#define ASSAY_STRESS_MEMORY_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "stress/kernel.h"

enum {
    MEMORY_REPORT_PAGE = 32,
    MEMORY_REPORT_ALL = 200,
    MEMORY_REPORT_PAGES = 64, /* that are told apart; later ones have only the limit in all */
};

struct reported_page {
    uint64_t address;
    uint8_t events;
    uint8_t repeat; /* enum memory_repeat: of its last retest */
};

struct memory_report {
    const struct sink *sink;
    struct reported_page pages[MEMORY_REPORT_PAGES];
    size_t page_count;
    uint64_t words;      /* wrong words in all */
    uint64_t emitted;    /* of which have an event */
    uint64_t step_pages; /* pages with wrong words in the step that runs */
    uint64_t step_pages_max;
};

void memory_report_init(struct memory_report *report, const struct sink *sink);

/* Begins to count the pages anew: a page fails once in a step. */
void memory_report_step(struct memory_report *report);
/* Counts what one job found. */
void memory_report_count(struct memory_report *report, const struct memory_faults *faults);

/* True while there may be another event at all. */
bool memory_report_has_room(const struct memory_report *report);
/* What is known of the page that holds the address; REPEAT_NOT_TRIED for one not seen. */
enum memory_repeat memory_report_known(const struct memory_report *report, uint64_t address);

/* Emits one EVENT_MEMORY_ERROR, if the limits allow it. */
void memory_report_fault(struct memory_report *report, const struct memory_fault *fault,
                         const char *test, uint16_t processor, enum memory_repeat repeat);

/* The note about all that was counted and not emitted; nothing when there is none. */
void memory_report_end(struct memory_report *report);

#endif
