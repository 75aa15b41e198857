/*
 * Two runs of one machine compared: what an earlier run found or measured, beside this one.
 *
 * Both come from their journals alone, and the older one lies on a medium that was carried around:
 * any bytes are taken, every table is bounded, and what finds no room is left out. Parts are
 * numbered anew in each run; they are the same when kind and serial number are, or kind, name and
 * place where there is no serial number.
 */
#ifndef ASSAY_REPORT_COMPARE_H
#define ASSAY_REPORT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    COMPARE_PARTS = 96,
    COMPARE_FINDINGS = 16,
    COMPARE_COUNTERS = 192,
    COMPARE_SERIES = 128,
    COMPARE_CHANGES = 24, /* told at most */
};

/* What moved by less is no news. */
enum {
    COMPARE_HEAT = 3000,  /* thousandths of a degree, of the hottest under load */
    COMPARE_PERCENT = 20, /* of the greater throughput */
};

struct compared_counter {
    part_id part;
    char name[NAME_SIZE];
    uint64_t value; /* when it was read last */
};

struct compared_series {
    struct event_series declared;
    uint32_t loaded; /* samples under load */
    int64_t highest; /* of these */
    int64_t sum;     /* of a throughput: of these, in kB/s */
};

struct compared_finding {
    char id[NAME_SIZE];
    char component[TEXT_SIZE];
};

struct compared_run {
    struct event_run_start start;
    bool started, ended, cut, concluded, loading;
    bool is_stick[COMPARE_PARTS]; /* the medium, which belongs to no machine */
    struct event_part parts[COMPARE_PARTS];
    unsigned part_count;
    struct compared_finding findings[COMPARE_FINDINGS];
    unsigned finding_count;
    struct compared_counter counters[COMPARE_COUNTERS];
    unsigned counter_count;
    struct compared_series series[COMPARE_SERIES];
    unsigned series_count;
};

/* About 100 KiB: from the caller's large memory, never on a stack. */
struct comparison {
    struct compared_run then, now;
};

/* Reads a journal. False when it has no run-start. */
bool compare_read(struct compared_run *run, const char *bytes, size_t size);

/* Whether `then` ended, and was of the machine that `now` is of: processors of the same name, and
 * one serial number in common of two at most that both have, else half of them. */
bool compare_matches(const struct compared_run *then, const struct compared_run *now);

/* Emits what changed, COMPARE_CHANGES of EVENT_CHANGE at most; one of kind CHANGE_NOTHING where
 * nothing did. */
void compare_tell(const struct comparison *both, const struct sink *sink);

#endif
