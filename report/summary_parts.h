/*
 * What the files of the summary have among themselves; summary.h is for everybody else.
 */
#ifndef ASSAY_REPORT_SUMMARY_PARTS_H
#define ASSAY_REPORT_SUMMARY_PARTS_H

#include <stdint.h>

#include "report/lines.h"
#include "report/model.h"
#include "report/output.h"

struct summary {
    struct writer writer;
    struct lines lines;
    const struct model *model;
};

/* A sentence, wrapped, with `prefix` before it. */
__attribute__((format(printf, 3, 4))) void summary_say(struct summary *summary, const char *prefix,
                                                       const char *format, ...);
void summary_heading(struct summary *summary, const char *text);
/* "and 3 more"; nothing for none. */
void summary_lost(struct summary *summary, uint64_t lost);

/* Wrong words of memory and what they make together, and corrected errors (summary_memory.c). */
void summary_memory(struct summary *summary);
/* Memory that no test looked at (summary_untested.c). */
void summary_untested(struct summary *summary);
/* The drives with their counters and their latency, and single errors (summary_drives.c). */
void summary_drives(struct summary *summary);
void summary_errors(struct summary *summary);

#endif
