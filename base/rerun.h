/*
 * Options that run one piece of memory work again: just that range, with those tests and that seed.
 */
#ifndef ASSAY_BASE_RERUN_H
#define ASSAY_BASE_RERUN_H

#include <stdint.h>

#include "base/event.h"
#include "base/text.h"

/* The first and the last byte; both 0: all of the memory. */
struct memory_range {
    uint64_t start, end;
};

/*
 * What must be under test for an error, or a region of them, to come again: the pages it lies in.
 * Of two addresses that reach one word both, and all of the memory where the other half of the
 * fault is not known.
 */
struct memory_range memory_range_of_error(const struct event_memory_error *error);
struct memory_range memory_range_of_region(const struct event_memory_region *region);

/* "plan=memory range=140000000-140000fff tests=random seed=0x0123456789abcdef". `tests` are names
 * separated by commas, empty for all; the sweep beside imaging is no test that can be asked for,
 * and "random" comes nearest to it. */
void text_memory_rerun(struct text *text, struct memory_range range, const char *tests,
                       uint64_t seed);

/* What is to be said beside it, with a blank before it; mostly nothing. */
const char *memory_rerun_note(const char *tests);

#endif
