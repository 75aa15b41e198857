/*
 * What a rule found, before any text is made of it; between judge.c and the tables of causes and
 * doubts.
 */
#ifndef ASSAY_DIAGNOSIS_MATCH_H
#define ASSAY_DIAGNOSIS_MATCH_H

#include "diagnosis/judge.h"
#include "diagnosis/rules.h"

struct match {
    const struct rule *rule;
    unsigned index; /* of its subject */
    part_id part;
    uint8_t certainty;     /* enum certainty, of the rule or a step below */
    const char *against;   /* what speaks against it; NULL: nothing */
    const struct rule *by; /* the rule of the finding that explains it; NULL: none */
    unsigned by_index;     /* and its subject */
};

struct matches {
    struct match list[FINDINGS_LIMIT];
    unsigned count;
};

/* One step less certain; `possible` stays. */
static inline void match_lower(struct match *match)
{
    if (match->certainty > POSSIBLE)
        match->certainty--;
}

#endif
