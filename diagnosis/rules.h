/*
 * The rules: which evidence makes which verdict, how certain, and what speaks against it.
 *
 * One const table. A rule looks at one subject at a time: a page, a drive, a series of samples.
 * Of the rules for one verdict the strongest stands first, and the first that matches a subject
 * speaks for it. docs/verdicts.md is made from this table.
 */
#ifndef ASSAY_DIAGNOSIS_RULES_H
#define ASSAY_DIAGNOSIS_RULES_H

#include <stddef.h>

#include "base/text.h"
#include "diagnosis/evidence.h"
#include "diagnosis/verdicts.h"

/* What a rule looks at; `index` below is into that table of the evidence. */
enum subject {
    SUBJECT_PAGE,      /* pages: all of them are one finding, the first is named */
    SUBJECT_MEMORY,    /* all of it */
    SUBJECT_MODULE,    /* rows of the memory map */
    SUBJECT_CHECK,     /* machine checks of one kind at one place */
    SUBJECT_PRIOR,     /* errors written down before the run */
    SUBJECT_PROCESSOR, /* processors that computed wrong */
    SUBJECT_DRIVE,
    SUBJECT_CONTROLLER, /* of drives; the index is that of one of them */
    SUBJECT_LINK,       /* of PCI Express */
    SUBJECT_SERIES,
    SUBJECT_RUN,
};

typedef bool (*condition)(const struct evidence *evidence, unsigned index);
typedef void (*writer)(const struct evidence *evidence, unsigned index, struct text *text);

struct rule {
    const char *name;
    enum verdict verdict;
    enum certainty certainty;
    enum subject subject;
    condition matches;
    condition excluded; /* NULL: nothing speaks against it */
    writer tell;        /* the evidence, as one sentence */
    const char *needs;  /* for the manual: what must have been seen */
    const char *unless; /* and what must not; NULL with `excluded` */
};

extern const struct rule rules[];
extern const size_t rule_count;

/* How many subjects of this kind there are. */
unsigned subject_count(const struct evidence *evidence, enum subject subject);
/* The part that a finding of this rule is about, and its name: serial number or slot first. */
part_id rule_part(const struct rule *rule, const struct evidence *evidence, unsigned index);
void rule_component(const struct rule *rule, const struct evidence *evidence, unsigned index,
                    struct text *text);
/* What to do next: of memory that is known by its slots, with them; else what the verdict says. */
void rule_advice(const struct rule *rule, const struct evidence *evidence, unsigned index,
                 struct text *text);
/* Options that run just this again: of findings about memory that is in use. Nothing for others. */
void rule_rerun(const struct rule *rule, const struct evidence *evidence, unsigned index,
                struct text *text);

#endif
