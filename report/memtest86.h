/*
 * When memtest86+ is worth doing after a run. It takes the machine from the firmware and so reaches
 * memory that the firmware holds while Assay runs; and it shares no code with Assay, so it is a
 * second opinion where Assay is not sure. It is no help where a module is known to be bad, where
 * the memory test was cut short or confined by options, or where memory was not the question.
 */
#ifndef ASSAY_REPORT_MEMTEST86_H
#define ASSAY_REPORT_MEMTEST86_H

#include "report/model.h"

enum { MEMTEST86_ADVICE_SIZE = 400 };

/* Why and how, in plain sentences; false and nothing when it is not worth doing. */
bool memtest86_advice(const struct model *model, char buffer[MEMTEST86_ADVICE_SIZE]);

#endif
