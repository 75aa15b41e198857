/*
 * The account at the end of a memory phase: every range of memory that was not tested, and who had
 * it; and how much was tested of the memory of each NUMA node.
 */
#ifndef ASSAY_STRESS_MEMORY_ACCOUNT_H
#define ASSAY_STRESS_MEMORY_ACCOUNT_H

#include "stress/memory_hold.h"

enum {
    UNTESTED_RANGES_MAX = 512, /* EVENT_UNTESTED_RANGE in a run */
};

struct memory_nodes {
    const struct extents *ranges; /* of kind n + 1: memory of node n */
    const uint32_t *domain;       /* proximity domain of each */
    unsigned count;               /* one or none: nothing is told */
};

/*
 * Emits EVENT_UNTESTED_RANGE for every range, at most UNTESTED_RANGES_MAX of them, the last two
 * with the sums of the rest; and, where there are several nodes, EVENT_COVERAGE with the phase
 * "memory node N" for each. `cut`: the phase did not come to its end. No range is missing: what was
 * tested and the `counted` ones together are what memory_hold_counted() says.
 */
void memory_account(struct memory_hold *hold, bool cut, const struct memory_nodes *nodes,
                    const struct sink *sink);

/* What the coverage is told against: bytes free at the start, within the wish and its limit. */
uint64_t memory_hold_counted(const struct memory_hold *hold);

#endif
