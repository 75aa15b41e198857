/*
 * The last lines of a run on the console: what was found in words, then the contract's lines, each
 * at most 79 columns of printable ASCII with the text at its end cut:
 *
 *   ASSAY FINDING <id> <certainty> <component>
 *   ASSAY NOT-TESTED <subsystem> <reason>
 *   ASSAY VERDICT <overall>
 */
#ifndef ASSAY_REPORT_CLOSING_H
#define ASSAY_REPORT_CLOSING_H

#include "base/event.h"
#include "report/lines.h"
#include "report/model.h"

/* A paragraph for each finding, most certain first; all FINDING lines; all NOT-TESTED lines; the
 * VERDICT line, always and last. A run without a verdict is INCOMPLETE. */
void closing_lines(const struct model *model, const struct lines *lines);

/* One line each. Blanks in an id or a subsystem become '-': they are one word in the line. */
void closing_finding(const struct event_finding *finding, char line[LINE_SIZE]);
void closing_not_tested(const struct event_not_tested *not_tested, char line[LINE_SIZE]);
void closing_verdict(enum overall overall, char line[LINE_SIZE]);

#endif
