/*
 * Causes: which finding explains which other, in which place and within which time.
 *
 * One const table, applied after the rules have spoken. A cause is at least likely. What it
 * explains is either one face of it and no finding of its own (a slow drive of which sectors are
 * unreadable), or stays, one step less certain, says what explains it, and stands behind all that
 * nothing explains (a drive that was lost while a voltage was too low).
 */
#ifndef ASSAY_DIAGNOSIS_CAUSES_H
#define ASSAY_DIAGNOSIS_CAUSES_H

#include "diagnosis/match.h"

/* Where cause and symptom must be. */
enum where {
    WHERE_ANY,
    WHERE_SAME_PART,
    WHERE_SAME_CONTROLLER, /* the cause is a controller, the symptom one of its drives */
};

struct cause {
    enum verdict verdict;
    enum verdict symptom;
    enum where where;
    uint32_t within_s;          /* between them, where both have a time; 0: at any */
    enum certainty symptom_max; /* a symptom more certain than this has a fault of its own */
    bool same;                  /* the symptom is a face of the cause: not named beside it */
    condition only;             /* of the symptom, which must hold as well; NULL: nothing */
};

extern const struct cause causes[];
extern const size_t cause_count;

/* Leaves out what is a face of a cause, and marks what another finding explains. */
void causes_apply(const struct evidence *evidence, struct matches *matches);

#endif
