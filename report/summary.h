/*
 * The report for a technician: plain text, at most 79 columns, lines ended by CR and LF, for it
 * will be opened in Windows. Its order is that of the HTML report; plots become ranges.
 */
#ifndef ASSAY_REPORT_SUMMARY_H
#define ASSAY_REPORT_SUMMARY_H

#include "report/model.h"
#include "report/output.h"

/* Writes summary.txt. OK, or the first error of the output. */
int summary_write(const struct model *model, const struct output *output);

#endif
