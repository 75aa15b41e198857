/*
 * Memory that no test looked at, as console, summary and HTML tell it: sums by who had it.
 */
#ifndef ASSAY_REPORT_UNTESTED_H
#define ASSAY_REPORT_UNTESTED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "base/text.h"

struct untested {
    /* By holder, once for memory that was never free and once for memory that was free when Assay
     * started, which the coverage is told against. */
    struct {
        uint64_t size;
        unsigned ranges;
    } sums[2][HOLDERS];
};

void untested_add(struct untested *untested, const struct event_untested_range *range);
uint64_t untested_size(const struct untested *untested, bool counted);
/* "Assay itself 8.0 MiB, below 1 MiB, where processors start 636 KiB": every holder with a sum. */
void text_untested(struct text *text, const struct untested *untested, bool counted);

/* Who had a range, in plain words. */
const char *words_holder(unsigned holder);

#endif
