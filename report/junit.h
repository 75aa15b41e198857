/*
 * junit.xml: the run for continuous-integration servers, as one test suite "assay".
 *
 * Test cases: each phase (class assay.phase), each subsystem found good or not tested
 * (assay.subsystem), each finding (assay.finding), and the verdict (assay.verdict) where no finding
 * speaks for it. A finding is a failure, whatever its certainty; not tested is skipped; a run or
 * phase cut short, and a run without a verdict, are errors. A run with injected faults is named so
 * in the suite's name and its properties.
 */
#ifndef ASSAY_REPORT_JUNIT_H
#define ASSAY_REPORT_JUNIT_H

#include "report/model.h"
#include "report/output.h"

/* Returns OK or the first error of the output. */
int junit_write(const struct model *model, const struct output *output);

#endif
