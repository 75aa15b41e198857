/*
 * The report for people: one HTML file without scripts and without anything outside itself, to be
 * read on a telephone, on a desk or on paper.
 *
 * It begins with the verdict and what to do, then says what speaks for it, what was tested, what
 * was not, and ends with the raw numbers.
 */
#ifndef ASSAY_REPORT_HTML_H
#define ASSAY_REPORT_HTML_H

#include "report/model.h"
#include "report/output.h"

/* Writes report.html. OK, or the first error of the output. */
int html_write(const struct model *model, const struct output *output);

/* The sections of the report, in its own files: what was measured, and single errors. */
void html_tested(struct writer *writer, const struct model *model);
void html_not_tested(struct writer *writer, const struct model *model);
void html_untested(struct writer *writer, const struct model *model);
void html_plots(struct writer *writer, const struct model *model);
void html_drives(struct writer *writer, const struct model *model);
/* What was measured of one drive's reads; nothing where nothing was. */
void html_latency(struct writer *writer, const struct model *model, const struct event_part *drive);
/* Memory: wrong words and what they make together, and corrected errors. */
void html_memory(struct writer *writer, const struct model *model);
void html_links(struct writer *writer, const struct model *model);
void html_errors(struct writer *writer, const struct model *model);
void html_history(struct writer *writer, const struct model *model);

/* The style sheet: light and dark, narrow and wide, screen and paper. */
extern const char *const html_style;

#endif
