/*
 * A line plot as inline SVG (SVG 1.1), computed in integers.
 *
 * One quantity over the run's time: axes with round ticks, the phases as bands, the sensors' own
 * limits as dashed lines, and a legend with a row for each line. Lines differ by dashes as well as
 * by colour, so that they can be told apart in grey. Sizes are of the viewBox; the page scales the
 * plot to its own width. Classes and colours are those of html_style.c.
 */
#ifndef ASSAY_REPORT_SVG_H
#define ASSAY_REPORT_SVG_H

#include <stddef.h>

#include "report/model.h"
#include "report/output.h"

enum { SVG_SERIES_MAX = 6 };

/* Series of one quantity, at most SVG_SERIES_MAX; more are left out. Draws nothing without any
 * sample. A point of the model that spans a range is drawn as that range. */
void svg_plot(struct writer *writer, const struct model *model,
              const struct model_series *const *series, size_t count);

#endif
