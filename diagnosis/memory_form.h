/*
 * The form that wrong words have together: does a cell of a module fail, a row of cells, or a line
 * that leads to all of them?
 *
 * A data line that is stuck, or has bad contact, shows as one data bit that is wrong in pages all
 * over the module; reseating may mend it. Weak cells lie in one place, and stay weak.
 */
#ifndef ASSAY_DIAGNOSIS_MEMORY_FORM_H
#define ASSAY_DIAGNOSIS_MEMORY_FORM_H

#include "base/text.h"
#include "diagnosis/evidence.h"
#include "diagnosis/modules.h"
#include "diagnosis/verdicts.h"

enum {
    FORM_ROW_PAGES = 16, /* contiguous pages up to here may be rows of one bank */
    FORM_LANE_PAGES = 8, /* with the same bit, at least */
};

enum memory_form {
    FORM_UNKNOWN,
    FORM_CELL, /* in one page */
    FORM_ROW,  /* in pages that lie side by side */
    FORM_LANE, /* one data bit, in pages that are spread */
};

/* Of the wrong words that lie in the same module as the first one of a page or, where no map tells
 * modules apart, of all of them. */
enum memory_form memory_form(const struct evidence *evidence, unsigned page);

/* "; data bit 41 alone is wrong, in pages all over: a data line": nothing for an unknown form. */
void memory_form_tell(const struct evidence *evidence, unsigned page, struct text *text);

/* What to do about a data line, or about cells that failed again. False, and nothing added, where
 * the form does not change what the verdict says. */
bool memory_form_advise(const struct evidence *evidence, unsigned page,
                        const struct modules *modules, enum verdict verdict, struct text *text);

#endif
