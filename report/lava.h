/*
 * The results of a run for LAVA, a scheduler of test machines: one line each on the console, which
 * its action `test: monitors` takes by a pattern (docs/lava.md).
 *
 *   ASSAY START
 *   ASSAY TEST <id> PASS|FAIL|SKIP <measurement> <units>
 *   ASSAY END verdict=PASS|FAIL|SUSPECT|INCOMPLETE
 *
 * Each line has a measurement and units, for LAVA gives an absent group as null. An id is made of
 * a-z, 0-9 and single '_', which LAVA leaves as it is, and no two lines of a run have the same. A
 * line is at most 79 columns.
 *
 * A finding, whatever its certainty, is FAIL, and so are a phase cut short, too little memory
 * tried, and a verdict other than PASS. What is measured fails only where a finding accuses it: of
 * a run whose verdict is PASS no line is FAIL.
 */
#ifndef ASSAY_REPORT_LAVA_H
#define ASSAY_REPORT_LAVA_H

#include "report/lines.h"
#include "report/model.h"

enum {
    LAVA_ID_SIZE = 45, /* leaves 18 columns for a measurement and its units */
    LAVA_CASES = 512,  /* more than the tables of a run give; beyond it only more_results counts */
};

enum lava_result { LAVA_PASS, LAVA_FAIL, LAVA_SKIP, LAVA_RESULTS };

struct lava {
    const struct lines *lines;
    unsigned count;    /* of cases */
    unsigned left_out; /* that found no room */
    bool left_out_failed;
    char ids[LAVA_CASES][LAVA_ID_SIZE];
};

/* One case. Its id is the prefix, the words in a safe form and the suffix; of these the words are
 * cut where all of it does not fit. */
struct lava_case {
    const char *prefix, *words, *suffix;
    enum lava_result result;
    int64_t milli;     /* the measurement in thousandths */
    unsigned decimals; /* of them shown, 0 to 3 */
    const char *units; /* one word, at most 8 characters */
};

/* All lines of a run. `memory_wanted`: percent of the memory that must have been tried. */
void lava_write(struct lava *lava, const struct model *model, unsigned memory_wanted,
                const struct lines *lines);

/* All lines of a run that never began, for `count` options were bad. */
void lava_write_bad_options(struct lava *lava, unsigned count, const struct lines *lines);

/* The steps of lava_write(). */
void lava_begin(struct lava *lava, const struct lines *lines);
void lava_put(struct lava *lava, const struct lava_case *result);
void lava_end(struct lava *lava, enum overall overall);

/* Any other line while these are shown: the same line, or a copy in which none of the three pairs
 * of words stands, so that no name of a drive can pass for a result. */
const char *lava_harmless(const char *line, char harmless[LINE_SIZE]);

#endif
