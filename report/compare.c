#include "report/compare.h"

#include <string.h>

#include "base/text.h"
#include "report/compare_parts.h"
#include "report/journal.h"

enum {
    RATE_KILO = 1000000, /* thousandths of a byte in a thousand bytes */
    RATE_MAX = 1 << 30,  /* kB/s: so that no sum of a journal overflows */
};

/* ---- one run */

static void take_part(struct compared_run *run, const struct event_part *part)
{
    if (run->part_count < COMPARE_PARTS)
        run->parts[run->part_count++] = *part;
}

const struct event_part *compared_part(const struct compared_run *run, part_id part)
{
    for (unsigned i = 0; i < run->part_count; i++) {
        if (run->parts[i].part == part)
            return &run->parts[i];
    }
    return NULL;
}

/* The medium that Assay was started from, by its word that it is not tested. */
static void take_gap(struct compared_run *run, const struct event_not_tested *gap)
{
    for (unsigned i = 0; i < run->part_count && text_equal(gap->subsystem, "boot-disk"); i++) {
        if (run->parts[i].part == gap->part)
            run->is_stick[i] = true;
    }
}

static void take_finding(struct compared_run *run, const struct event_finding *finding)
{
    struct compared_finding *one = &run->findings[run->finding_count];

    /* Before the verdict they are provisional; and an earlier run's death belongs to no machine. */
    if (!run->concluded || run->finding_count == COMPARE_FINDINGS)
        return;
    copy_text(one->id, sizeof(one->id), finding->id);
    copy_text(one->component, sizeof(one->component), finding->component);
    if (!text_equal(one->id, "reset-under-load"))
        run->finding_count++;
}

static void take_counter(struct compared_run *run, const struct event_counter *counter)
{
    struct compared_counter *one = NULL;

    for (unsigned i = 0; i < run->counter_count && !one; i++) {
        if (run->counters[i].part == counter->part &&
            text_equal(run->counters[i].name, counter->name))
            one = &run->counters[i];
    }
    if (!one && run->counter_count < COMPARE_COUNTERS)
        one = &run->counters[run->counter_count++];
    if (!one)
        return;
    one->part = counter->part;
    copy_text(one->name, sizeof(one->name), counter->name);
    one->value = counter->value;
}

static void take_series(struct compared_run *run, const struct event_series *series)
{
    if (run->series_count < COMPARE_SERIES)
        run->series[run->series_count++] = (struct compared_series){.declared = *series};
}

static void take_sample(struct compared_run *run, const struct event_sample *sample)
{
    struct compared_series *series = NULL;
    int64_t rate = sample->value / RATE_KILO;

    for (unsigned i = 0; i < run->series_count && !series; i++) {
        if (run->series[i].declared.series == sample->series)
            series = &run->series[i];
    }
    if (!series || !run->loading || series->loaded == UINT32_MAX)
        return;
    if (series->declared.quantity == QUANTITY_THROUGHPUT) {
        if (rate <= 0 || rate > RATE_MAX)
            return;
        series->sum += rate;
    } else if (!series->loaded || sample->value > series->highest) {
        series->highest = sample->value;
    }
    series->loaded++;
}

static void start_phase(struct compared_run *run, const char *phase)
{
    run->loading = text_equal(phase, "imaging");
    run->concluded |= text_equal(phase, PHASE_OF_VERDICT);
}

static void take(struct compared_run *run, const struct event *event)
{
    switch (event->type) {
    case EVENT_RUN_START:
        run->started = true;
        run->start = event->run_start;
        break;
    case EVENT_PART:
        take_part(run, &event->part);
        break;
    case EVENT_NOT_TESTED:
        take_gap(run, &event->not_tested);
        break;
    case EVENT_PHASE_START:
        start_phase(run, event->phase_start.phase);
        break;
    case EVENT_PHASE_END:
        run->loading = false;
        run->cut |= event->phase_end.ending == ENDED_CUT;
        break;
    case EVENT_SERIES:
        take_series(run, &event->series);
        break;
    case EVENT_SAMPLE:
        take_sample(run, &event->sample);
        break;
    case EVENT_COUNTER:
        take_counter(run, &event->counter);
        break;
    case EVENT_FINDING:
        take_finding(run, &event->finding);
        break;
    case EVENT_VERDICT:
        run->ended = true;
        break;
    default:
        break;
    }
}

bool compare_read(struct compared_run *run, const char *bytes, size_t size)
{
    struct journal_reader reader = journal_read_from(bytes, size);
    struct event event;

    memset(run, 0, sizeof(*run));
    while (journal_read(&reader, &event))
        take(run, &event);
    return run->started;
}

/* ---- one machine */

bool compared_same_part(const struct event_part *a, const struct event_part *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->serial[0] || b->serial[0])
        return text_equal(a->serial, b->serial);
    return text_equal(a->name, b->name) && text_equal(a->place, b->place);
}

/* How many parts of a machine have a serial number of their own. */
static unsigned count_serials(const struct compared_run *run)
{
    unsigned count = 0;

    for (unsigned i = 0; i < run->part_count; i++)
        count += run->parts[i].serial[0] && !run->is_stick[i];
    return count;
}

static unsigned count_common(const struct compared_run *a, const struct compared_run *b)
{
    unsigned count = 0;

    for (unsigned i = 0; i < a->part_count; i++) {
        bool found = !a->parts[i].serial[0] || a->is_stick[i];

        for (unsigned j = 0; j < b->part_count && !found; j++) {
            found = !b->is_stick[j] && compared_same_part(&a->parts[i], &b->parts[j]);
            count += found;
        }
    }
    return count;
}

static const char *processors_of(const struct compared_run *run)
{
    const struct event_part *part = compared_part(run, PART_ALL_PROCESSORS);

    return part ? part->name : "";
}

bool compare_matches(const struct compared_run *then, const struct compared_run *now)
{
    unsigned ours = count_serials(now), theirs = count_serials(then);
    unsigned fewer = ours < theirs ? ours : theirs;
    unsigned common = count_common(now, then);

    return then->ended && text_equal(processors_of(then), processors_of(now)) && common > 0 &&
           common * 2 >= fewer;
}
