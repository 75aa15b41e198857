/*
 * What a run of a field machine said, taken out of its journal, and whether that is right.
 */
#ifndef ASSAY_TESTS_SIM_FIELD_SCORE_H
#define ASSAY_TESTS_SIM_FIELD_SCORE_H

#include "diagnosis/verdicts.h"
#include "tests/sim/field.h"

struct field_score {
    bool done; /* the machine's run came to its end */
    uint64_t seed;
    uint8_t fault_count, faults[FIELD_FAULTS_MAX]; /* enum field_fault */
    uint8_t first;    /* enum verdict of the first finding; VERDICTS: there is none */
    uint8_t overall;  /* enum overall, as the journal has it */
    bool right;       /* see docs/accuracy.md */
    uint8_t missed;   /* where it is not: the first of its faults that was not named; FIELD_FAULTS:
                         all were, and something else as well */
    bool first_right; /* the first finding is of a fault that it has */
    char said[240];   /* the findings in words */
    char had[160];    /* the faults in words */
};

/* Of a machine that has run. */
void field_score(const struct field_machine *field, struct field_score *ret);

#endif
