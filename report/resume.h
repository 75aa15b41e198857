/*
 * Where a run that died may be taken up again: read from its journal alone, which tells as well
 * what the parts before it had done, if it was itself taken up.
 */
#ifndef ASSAY_REPORT_RESUME_H
#define ASSAY_REPORT_RESUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum { RESUME_DEATHS_MAX = 3 };

struct resume {
    uint32_t number; /* of the run that died; 0: nothing is taken up */
    char plan[NAME_SIZE];
    uint64_t seed;
    uint32_t imaging_s;         /* planned, in all */
    uint32_t imaged_s;          /* had, by all parts */
    char done[NAME_SIZE];       /* phases that need not be done again, between commas */
    char stopped_at[NAME_SIZE]; /* the phase, and with a slash the step */
    uint32_t deaths;            /* in a row at that place */
    char left_out[NAME_SIZE];   /* the phase, after RESUME_DEATHS_MAX of them; then done as well */
};

/* ERR_FORMAT: not the journal of a run that died. ERR_REFUSED: it died too often in a phase that no
 * run can do without. */
int resume_read(const char *journal, size_t size, struct resume *ret_resume);

/* True when the phase is one that was done, or is left out. Inventory and baseline are done in
 * every part: what is in the machine, and how warm it is, has to be known. */
bool resume_has_done(const struct resume *resume, const char *phase);

#endif
