/*
 * What the files that write a run for LAVA share.
 */
#ifndef ASSAY_REPORT_LAVA_PARTS_H
#define ASSAY_REPORT_LAVA_PARTS_H

#include "report/lava.h"

struct lava_writing {
    struct lava *lava;
    const struct model *model;
    unsigned memory_wanted;
};

/* A case whose id is ours as it stands. */
void lava_put_own(const struct lava_writing *writing, const char *id, enum lava_result result,
                  int64_t milli, unsigned decimals, const char *units);

/* Everything that has a number of its own (lava_measured.c). */
void lava_put_measured(const struct lava_writing *writing);

/* What tells a drive apart: its serial number, else its place, else its model. */
const char *lava_drive_name(const struct event_part *part);

/* Whether a finding's id begins so. */
bool lava_is_accused(const struct model *model, const char *prefix);

/* A count as a measurement. */
int64_t lava_thousandths(uint64_t count);

static inline enum lava_result lava_failed_if(bool failed)
{
    return failed ? LAVA_FAIL : LAVA_PASS;
}

#endif
