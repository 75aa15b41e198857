/*
 * Doubts: evidence that speaks against a finding though its rule matches.
 *
 * One const table, applied after the rules have spoken. The first that holds makes the finding one
 * step less certain, and its sentence stands in the finding's evidence.
 */
#ifndef ASSAY_DIAGNOSIS_DOUBTS_H
#define ASSAY_DIAGNOSIS_DOUBTS_H

#include "diagnosis/match.h"

struct doubt {
    const char *name;
    enum verdict verdict;
    const char *rule; /* of that verdict; NULL: all of its subject */
    enum subject subject;
    condition holds;
    const char *sentence; /* completes "against it speaks: " */
};

extern const struct doubt doubts[];
extern const size_t doubt_count;

/* Lowers a match and notes why, if anything speaks against it. */
void doubts_apply(const struct evidence *evidence, struct match *match);

#endif
