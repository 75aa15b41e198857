/*
 * A last look, at the end of a run, at the pages that had failed again: do they still, now that
 * nothing else is going on and the machine has cooled down?
 */
#ifndef ASSAY_STRESS_LAST_LOOK_H
#define ASSAY_STRESS_LAST_LOOK_H

#include "stress/memory_jobs.h"

struct last_look {
    struct pool *pool;
    const struct sink *sink;
    const struct page_pause *pause;      /* NULL: page_examine()'s own */
    const struct memory_report *reports; /* of phases that have ended, and whose jobs came back */
    size_t report_count;
};

/*
 * Examines page number `index` of those in report number `report`, if it had failed again, on the
 * processor that calls, and emits an EVENT_MEMORY_RETEST. False past the last page of the report. A
 * page that an earlier report knows as failed is left out: it was looked at there.
 */
bool last_look(const struct last_look *look, size_t report, size_t index);

#endif
