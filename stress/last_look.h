/*
 * A last look, at the end of a run, at the pages that had failed again: do they still, now that
 * nothing else is going on and the machine has cooled down?
 */
#ifndef ASSAY_STRESS_LAST_LOOK_H
#define ASSAY_STRESS_LAST_LOOK_H

#include "stress/memory_jobs.h"

/*
 * Examines page number `index` of those that a phase has reported, if it had failed again, on the
 * processor that calls, and emits an EVENT_MEMORY_RETEST. False past the last page, and when a
 * processor never gave a job back: it might still write to the memory. The phase must have ended.
 * A page that `earlier` knows as failed, NULL for none, is left out: it was looked at there.
 */
bool last_look(const struct memory_jobs *jobs, size_t index, const struct memory_report *earlier,
               const struct page_pause *pause);

#endif
