/*
 * The last moments of a run that died, read from its journal: what ran, how warm it was, how fans
 * turned, what was rising or falling, and what it had found.
 *
 * The journal is as a dying machine left it: any bytes are taken, and every table is bounded. What
 * finds no room in one is left out.
 */
#ifndef ASSAY_REPORT_LAST_MOMENTS_H
#define ASSAY_REPORT_LAST_MOMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    MOMENTS_SERIES = 192,
    MOMENTS_FINDINGS = 8,
    MOMENTS_DISKS = 32,
    MOMENTS_TAIL = 3,      /* samples of a voltage that count as its last */
    MOMENTS_US = 60000000, /* microseconds before the last word of the run */
};

/* What moved by less than this in the last moments is not worth a word. */
enum {
    MOMENTS_HEAT = 3000,      /* thousandths of a degree */
    MOMENTS_FAN_PERCENT = 10, /* of the faster of both speeds */
    MOMENTS_DIP_PERCENT = 5,  /* of the average before */
    MOMENTS_DIP_BEFORE = 8,   /* samples there must be before a dip */
};

struct moments_series {
    struct event_series declared;
    bool silent;
    uint32_t count; /* samples */
    int64_t last, highest;
    int64_t first; /* as the last moments began */
    bool moved;    /* and there was another sample since; of a throughput, one above 0 */
    /* Of a voltage: the last samples, the newest first, and those before them. */
    int64_t tail[MOMENTS_TAIL];
    uint32_t before;
    int64_t before_sum, before_lowest;
};

struct moments_finding {
    char id[NAME_SIZE];
    char component[SERIAL_SIZE]; /* as much of it as fits */
};

/* About 50 KiB, for the time of a call: from the caller's large memory, never on a stack. */
struct last_moments {
    bool amd;
    struct moments_series series[MOMENTS_SERIES];
    unsigned series_count;
    part_id disks[MOMENTS_DISKS];
    unsigned disk_count;
    struct moments_finding findings[MOMENTS_FINDINGS];
    unsigned finding_count;
};

/* False, with *ret_run untouched, when it is not the journal of a run without an end. Fills in all
 * of the run but its answer. */
bool last_moments_read(struct last_moments *work, const char *bytes, size_t size,
                       struct event_prior_run *ret_run);

#endif
