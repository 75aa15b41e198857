/*
 * What the files of the comparison share, and nobody else needs.
 */
#ifndef ASSAY_REPORT_COMPARE_PARTS_H
#define ASSAY_REPORT_COMPARE_PARTS_H

#include "report/compare.h"

/* NULL for a part that was not declared. */
const struct event_part *compared_part(const struct compared_run *run, part_id part);
bool compared_same_part(const struct event_part *a, const struct event_part *b);

#endif
