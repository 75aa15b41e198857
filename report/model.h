/*
 * A run as its reports show it: one pass over a journal, everything in tables of fixed size.
 *
 * Rows are events as they came, so a row's fields are those of base/event.h and `time_us` says
 * when: model->parts[i].part.serial, model->findings[i].finding.advice. Each table has its
 * `struct rows`: how many rows stand in it, and how many events found it full. A report that shows
 * a table also shows what it lost.
 */
#ifndef ASSAY_REPORT_MODEL_H
#define ASSAY_REPORT_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "report/journal.h"

enum {
    MODEL_PARTS = 128,
    MODEL_PHASES = 32,
    MODEL_SERIES = 128,
    MODEL_POINTS = 256, /* of one series, for its plot */
    MODEL_COUNTERS = 1024,
    MODEL_COVERAGES = 128,
    MODEL_UNTESTED_RANGES = 512,
    MODEL_MEMORY_ERRORS = 32,
    MODEL_MEMORY_REGIONS = 128,
    MODEL_MEMORY_RETESTS = 64,
    MODEL_MEMORY_MAPS = 128,
    MODEL_CORRECTED = 32,
    MODEL_DISK_ERRORS = 32,
    MODEL_MISMATCHES = 32,
    MODEL_PACES = 32,
    MODEL_BOTTLENECKS = 16, /* one for each phase under load, or for each drive alone */
    MODEL_LATENCIES = 64,
    MODEL_OUTLIERS = 128,
    MODEL_WRITE_ERRORS = 32,
    MODEL_MACHINE_CHECKS = 32,
    MODEL_LINKS = 64,
    MODEL_PRIOR_RUNS = 16,
    MODEL_RESTARTS = 4,
    MODEL_PRIOR_ERRORS = 96,
    MODEL_NOT_TESTED = 64,
    MODEL_NOTES = 64,
    MODEL_FINDINGS = 64,
    MODEL_GOODS = 16,
    MODEL_CHANGES = 24,
};

struct rows {
    uint32_t kept; /* rows in the table */
    uint64_t lost; /* events that found it full */
};

struct model_phase {
    char name[NAME_SIZE];
    uint32_t planned_s;
    uint64_t start_us;
    uint64_t end_us; /* of a phase that never ended: the last event of the journal */
    bool ended;
    uint8_t ending; /* enum ending; valid when ended */
};

/* `stride` samples in a row, as the range they spanned. */
struct model_point {
    uint64_t time_us; /* of the first of them */
    int64_t low, high;
};

struct model_series {
    struct event_series declared;
    uint64_t count; /* samples */
    int64_t first, last, low, high;
    uint64_t low_us, high_us; /* when low and high were first reached */
    uint64_t last_us;
    bool was_below, was_above; /* beyond its own threshold at any time */
    bool was_silent;           /* stopped answering at any time */
    bool was_slowed;           /* a processor's: it was slowed down, by itself or another device */
    bool silent;               /* and still was at the end */
    uint32_t stride;           /* samples of one point; doubled each time points[] is full */
    uint32_t in_last;          /* samples in the last point */
    uint32_t point_count;
    struct model_point points[MODEL_POINTS];
};

struct model_counter {
    part_id part;
    char name[NAME_SIZE];
    bool has_start, has_end;
    uint64_t start, end;
};

/* Corrected errors that one bank told of, at one module where that is known. */
struct model_corrected {
    uint16_t processor; /* that told of the first */
    uint16_t bank;
    uint16_t modules; /* that the address may lie in; 0: not known */
    part_id module;   /* the first of these */
    uint64_t address; /* of the first error, when it is one of physical memory */
    const char *what; /* "memory read" */
    uint64_t in_run, prior;
    uint64_t first_us, last_us; /* of those in the run */
    uint64_t last_seen_us;      /* this and the next three: of the last of all */
    uint16_t last_processor;
    uint64_t last_status, last_address;
};

/* About 1.8 MB: from the caller's large memory, never on a stack. */
struct model {
    bool has_run_start, has_verdict, has_run_end;
    struct event_run_start run_start;
    struct event_verdict verdict;
    struct event_run_end run_end;
    uint64_t end_us;        /* time of the last event */
    uint64_t event_count;   /* read from the journal */
    uint64_t skipped_count; /* of kinds this version does not know */
    enum journal_stop stop; /* why reading ended; JOURNAL_ENDED and JOURNAL_BLANK are regular */
    size_t stop_offset;     /* where, in bytes */

    struct event parts[MODEL_PARTS]; /* the last event of each part number */
    struct rows part_rows;
    struct model_phase phases[MODEL_PHASES];
    struct rows phase_rows;
    struct model_series series[MODEL_SERIES];
    struct rows series_rows;
    uint64_t stray_samples; /* of series that were not declared, or lost */
    struct model_counter counters[MODEL_COUNTERS];
    struct rows counter_rows;
    struct event coverages[MODEL_COVERAGES]; /* the last of each phase and part */
    struct rows coverage_rows;
    struct event_untested_range untested_ranges[MODEL_UNTESTED_RANGES];
    struct rows untested_rows;
    struct event latencies[MODEL_LATENCIES]; /* the last of each phase and part */
    struct rows latency_rows;
    struct event bottlenecks[MODEL_BOTTLENECKS];
    struct rows bottleneck_rows;

    /* The first ones; kept + lost is how many there were. */
    struct event memory_errors[MODEL_MEMORY_ERRORS];
    struct rows memory_error_rows;
    struct event memory_regions[MODEL_MEMORY_REGIONS];
    struct rows memory_region_rows;
    struct event memory_retests[MODEL_MEMORY_RETESTS];
    struct rows memory_retest_rows;
    struct event memory_maps[MODEL_MEMORY_MAPS];
    struct rows memory_map_rows;
    struct model_corrected corrected[MODEL_CORRECTED];
    struct rows corrected_rows;
    struct event disk_errors[MODEL_DISK_ERRORS];
    struct rows disk_error_rows;
    struct event mismatches[MODEL_MISMATCHES];
    struct rows mismatch_rows;
    struct event paces[MODEL_PACES];
    struct rows pace_rows;
    struct event outliers[MODEL_OUTLIERS];
    struct rows outlier_rows;
    struct event write_errors[MODEL_WRITE_ERRORS];
    struct rows write_error_rows;
    struct event machine_checks[MODEL_MACHINE_CHECKS];
    struct rows machine_check_rows;
    struct event links[MODEL_LINKS]; /* of PCI Express; the last of each */
    struct rows link_rows;
    struct event prior_runs[MODEL_PRIOR_RUNS];
    struct rows prior_run_rows;
    struct event restarts[MODEL_RESTARTS];
    struct rows restart_rows;
    struct event changes[MODEL_CHANGES];
    struct rows change_rows;
    struct event prior_errors[MODEL_PRIOR_ERRORS];
    struct rows prior_error_rows;
    struct event notes[MODEL_NOTES];
    struct rows note_rows;

    struct event not_tested[MODEL_NOT_TESTED]; /* equal ones once */
    struct rows not_tested_rows;
    /* The last of each id and component; provisional ones only while there is no verdict phase. */
    struct event findings[MODEL_FINDINGS];
    struct rows finding_rows;
    struct event goods[MODEL_GOODS]; /* the last of each id */
    struct rows good_rows;
};

/* Fills the model from a journal's bytes. ERR_FORMAT when not one event could be read; the model
 * is then empty, but says why in `stop`. A journal cut short is a good journal up to its cut. */
int model_build(struct model *model, const char *journal, size_t size);

/* Takes one event more, as if it stood at the journal's end: what became known only then. */
void model_take(struct model *model, const struct event *event);

/* A part by its number, or NULL. */
const struct event_part *model_part(const struct model *model, part_id part);
/* What to call a part in words: its name, else its place, else its kind; never empty. */
const char *model_part_name(const struct model *model, part_id part);
/* A declared series by its number, or NULL. */
const struct model_series *model_series(const struct model *model, uint16_t series);

/* The steps of model_build that concern series (model_series.c). */
void model_declare_series(struct model *model, const struct event_series *declared);
void model_add_sample(struct model *model, uint64_t time_us, const struct event_sample *sample);
void model_set_sensor_state(struct model *model, const struct event_sensor_state *state);

/* The step of model_build that adds corrected errors up (model_corrected.c). */
void model_read_corrected(struct model *model, const char *journal, size_t size);
/* "DIMM_A1", "one of 2: DIMM_A1 or another", "not known". */
const char *model_corrected_module(const struct model *model, const struct model_corrected *row,
                                   char buffer[TEXT_SIZE]);

/* Named faults were injected: a self-test, which every report must say loudly. */
bool model_is_injected(const struct model *model);
/* The journal broke off in the middle: a bad line or a gap, not its end or its blank rest. */
bool model_is_damaged(const struct model *model);

/* What the tables had no room for, in words: "3 findings, 12 counters"; empty when nothing. */
void model_losses(const struct model *model, char *buffer, size_t size);

static inline uint64_t rows_seen(struct rows rows)
{
    return rows.kept + rows.lost;
}

#endif
