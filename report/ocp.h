/*
 * report.jsonl: the run in the Open Compute Project's OCP Diag 2.0 test output format, one JSON
 * object a line (ocp-diag-core, json_spec).
 *
 * Steps: "run" holds what happened outside any phase, "phase-N" is the N-th phase, "sensors" the
 * series of samples, "results" counters and coverage, "verdict" the diagnoses and what was not
 * tested. A finding is a diagnosis: certain and likely are FAIL, possible is UNKNOWN. A subsystem
 * found good is a diagnosis PASS; one that was not tested is a warning and an extension
 * "not-tested", never a diagnosis. Raw evidence stands in extensions named as in the journal, with
 * the journal's fields.
 *
 * Status and result: PASS is COMPLETE/PASS, FAIL and SUSPECT are COMPLETE/FAIL, INCOMPLETE and a
 * run without a verdict are ERROR/NOT_APPLICABLE.
 */
#ifndef ASSAY_REPORT_OCP_H
#define ASSAY_REPORT_OCP_H

#include <stddef.h>

#include "report/model.h"
#include "report/output.h"

/* Writes the report of a journal; `model` is what model_build made of the same bytes. Returns OK or
 * the first error of the output. */
int ocp_write(const char *journal, size_t size, const struct model *model,
              const struct output *output);

#endif
