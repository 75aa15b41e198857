#include "diagnosis/causes.h"

#include "diagnosis/conditions.h"
#include "diagnosis/controllers.h"
#include "diagnosis/drive_evidence.h"

enum { SECOND_US = 1000000, POWER_S = 60 };

const struct cause causes[] = {
    {VERDICT_DISK_MEDIA, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, true, NULL},
    {VERDICT_DISK_LINK, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, true, NULL},
    {VERDICT_DISK_FAILING, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, true, NULL},
    {VERDICT_DISK_HOT, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, true, NULL},
    {VERDICT_COOLING_AIRFLOW, VERDICT_DISK_HOT, WHERE_ANY, 0, CERTAIN, true, NULL},
    {VERDICT_DISK_MEDIA, VERDICT_DISK_LINK, WHERE_SAME_PART, 0, POSSIBLE, true, NULL},
    {VERDICT_DISK_FAILING, VERDICT_DISK_LINK, WHERE_SAME_PART, 0, POSSIBLE, true, NULL},
    {VERDICT_DISK_FAILING, VERDICT_DISK_MEDIA, WHERE_SAME_PART, 0, POSSIBLE, true, NULL},
    {VERDICT_MEMORY_ADDRESS_FAULT, VERDICT_MEMORY_BIT_ERROR, WHERE_ANY, 0, POSSIBLE, true, NULL},
    {VERDICT_MEMORY_ECC_UNCORRECTED, VERDICT_MEMORY_BIT_ERROR, WHERE_ANY, 0, POSSIBLE, true, NULL},
    {VERDICT_CPU_COMPUTE_ERROR, VERDICT_MEMORY_BIT_ERROR, WHERE_ANY, 0, POSSIBLE, true, NULL},

    /* A controller, for its drives. */
    {VERDICT_DISK_LINK, VERDICT_DISK_LINK, WHERE_SAME_CONTROLLER, 0, LIKELY, true,
     drive_reads_fail},
    {VERDICT_DISK_LINK, VERDICT_DISK_MEDIA, WHERE_SAME_CONTROLLER, 0, LIKELY, true,
     drive_reads_fail},
    {VERDICT_DISK_LINK, VERDICT_DISK_SLOW, WHERE_SAME_CONTROLLER, 0, LIKELY, true,
     drive_reads_fail},
    {VERDICT_DISK_LINK, VERDICT_DISK_SILENT_CORRUPTION, WHERE_SAME_CONTROLLER, 0, LIKELY, true,
     drive_reads_fail},
    {VERDICT_DISK_SILENT_CORRUPTION, VERDICT_DISK_SILENT_CORRUPTION, WHERE_SAME_CONTROLLER, 0,
     CERTAIN, true, drive_data_changes},

    /* The link that a drive's controller is behind. */
    {VERDICT_PCIE_LINK_ERRORS, VERDICT_DISK_LINK, WHERE_SAME_PART, 0, LIKELY, false, NULL},
    {VERDICT_PCIE_LINK_ERRORS, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, false, NULL},
    {VERDICT_PCIE_LINK_ERRORS, VERDICT_PCIE_LINK_DEGRADED, WHERE_SAME_PART, 0, LIKELY, false, NULL},
    {VERDICT_PCIE_LINK_DEGRADED, VERDICT_DISK_SLOW, WHERE_SAME_PART, 0, LIKELY, false, NULL},

    /* What all parts have in common is the power. */
    {VERDICT_POWER_VOLTAGE, VERDICT_DISK_LINK, WHERE_ANY, POWER_S, LIKELY, false, NULL},
    {VERDICT_POWER_VOLTAGE, VERDICT_DISK_MEDIA, WHERE_ANY, POWER_S, POSSIBLE, false, NULL},
    {VERDICT_POWER_VOLTAGE, VERDICT_CPU_MACHINE_CHECK, WHERE_ANY, POWER_S, CERTAIN, false, NULL},
    {VERDICT_POWER_VOLTAGE, VERDICT_CPU_COMPUTE_ERROR, WHERE_ANY, POWER_S, CERTAIN, false, NULL},
    {VERDICT_POWER_VOLTAGE, VERDICT_PCIE_LINK_ERRORS, WHERE_ANY, POWER_S, LIKELY, false, NULL},
    {VERDICT_POWER_VOLTAGE, VERDICT_RESET_UNDER_LOAD, WHERE_ANY, 0, LIKELY, false, NULL},
};

const size_t cause_count = sizeof(causes) / sizeof(causes[0]);

struct span {
    bool known;
    uint64_t first_us, last_us;
};

static void widen(struct span *span, uint64_t first_us, uint64_t last_us)
{
    if (!span->known || first_us < span->first_us)
        span->first_us = first_us;
    if (!span->known || last_us > span->last_us)
        span->last_us = last_us;
    span->known = true;
}

static struct span span_of_drive(const struct evidence_drive *drive)
{
    struct span span = {.known = false};

    span.known = drive_fault_times(drive, &span.first_us, &span.last_us);
    return span;
}

/* When it was seen. Counters that are read at both ends of the run alone have no time. */
static struct span span_of(const struct evidence *evidence, const struct match *match)
{
    struct span span = {.known = false};
    const struct evidence_series *series;
    const struct evidence_check *check;
    const struct evidence_link *link;

    switch (match->rule->subject) {
    case SUBJECT_DRIVE:
        return span_of_drive(&evidence->drives[match->index]);
    case SUBJECT_CHECK:
        check = &evidence->checks[match->index];
        if (check->in_run)
            widen(&span, check->first_us, check->last_us);
        return span;
    case SUBJECT_LINK:
        link = &evidence->links[match->index];
        widen(&span, link->first_us, link->last_us);
        return span;
    case SUBJECT_SERIES:
        series = &evidence->series[match->index];
        if (series->outside)
            widen(&span, series->outside_first_us, series->outside_last_us);
        return span;
    default:
        return span;
    }
}

static bool is_in_time(const struct evidence *evidence, const struct cause *cause,
                       const struct match *at, const struct match *symptom)
{
    struct span one = span_of(evidence, at), two = span_of(evidence, symptom);
    uint64_t within_us = (uint64_t)cause->within_s * SECOND_US;

    if (!cause->within_s || !one.known || !two.known)
        return true;
    return two.first_us <= one.last_us + within_us && one.first_us <= two.last_us + within_us;
}

static bool is_in_place(const struct evidence *evidence, const struct cause *cause,
                        const struct match *at, const struct match *symptom)
{
    switch (cause->where) {
    case WHERE_SAME_PART:
        return at->part && at->part == symptom->part;
    case WHERE_SAME_CONTROLLER:
        return at->rule->subject == SUBJECT_CONTROLLER && symptom->rule->subject == SUBJECT_DRIVE &&
               controllers_are_same(evidence, evidence->drives[at->index].part, symptom->part);
    default:
        return true;
    }
}

/* The row by which one finding explains another; NULL: it does not. */
static const struct cause *row_for(const struct evidence *evidence, const struct match *at,
                                   const struct match *symptom)
{
    if (at == symptom || at->certainty == POSSIBLE)
        return NULL;
    for (size_t i = 0; i < cause_count; i++) {
        const struct cause *cause = &causes[i];

        if (cause->verdict == at->rule->verdict && cause->symptom == symptom->rule->verdict &&
            symptom->certainty <= cause->symptom_max && is_in_place(evidence, cause, at, symptom) &&
            is_in_time(evidence, cause, at, symptom) &&
            (!cause->only || cause->only(evidence, symptom->index)))
            return cause;
    }
    return NULL;
}

/* Whether a cause takes its place; one that only explains it is noted. */
static bool is_face(const struct evidence *evidence, const struct matches *matches,
                    const struct match *symptom, struct match *ret_marked)
{
    *ret_marked = *symptom;
    for (unsigned i = 0; i < matches->count; i++) {
        const struct match *at = &matches->list[i];
        const struct cause *cause = row_for(evidence, at, symptom);

        if (cause && cause->same)
            return true;
        if (cause && !ret_marked->by) {
            ret_marked->by = at->rule;
            ret_marked->by_index = at->index;
        }
    }
    return false;
}

void causes_apply(const struct evidence *evidence, struct matches *matches)
{
    struct matches kept;

    kept.count = 0;
    for (unsigned i = 0; i < matches->count; i++) {
        struct match marked;

        if (is_face(evidence, matches, &matches->list[i], &marked))
            continue;
        if (marked.by)
            match_lower(&marked);
        kept.list[kept.count++] = marked;
    }
    for (unsigned i = 0; i < kept.count; i++)
        matches->list[i] = kept.list[i];
    matches->count = kept.count;
}
