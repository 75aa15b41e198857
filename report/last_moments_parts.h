/*
 * What the files of the reader of last moments share, and nobody else needs.
 */
#ifndef ASSAY_REPORT_LAST_MOMENTS_PARTS_H
#define ASSAY_REPORT_LAST_MOMENTS_PARTS_H

#include "report/last_moments.h"

/* No sensor reads beyond this, and what does not can be added up and multiplied. */
enum { MOMENTS_VALUE_MAX = 1000000000 };

/* last_moments_tell.c: fills in what the tables tell. */
void last_moments_tell(const struct last_moments *work, struct event_prior_run *run);

#endif
