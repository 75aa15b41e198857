#include "report/model.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

/* The next free row, or NULL and one more lost. */
static struct event *next_row(struct event *table, struct rows *rows, size_t limit)
{
    if (rows->kept == limit) {
        rows->lost++;
        return NULL;
    }
    return &table[rows->kept++];
}

static void add(struct event *table, struct rows *rows, size_t limit, const struct event *event)
{
    struct event *row = next_row(table, rows, limit);

    if (row)
        *row = *event;
}

typedef bool same_subject(const struct event *a, const struct event *b);

/* As add, but an event about the same subject as a row takes that row's place. */
static void put(struct event *table, struct rows *rows, size_t limit, const struct event *event,
                same_subject *same)
{
    for (uint32_t i = 0; i < rows->kept; i++) {
        if (same(&table[i], event)) {
            table[i] = *event;
            return;
        }
    }
    add(table, rows, limit, event);
}

static bool same_part(const struct event *a, const struct event *b)
{
    return a->part.part == b->part.part;
}

static bool same_coverage(const struct event *a, const struct event *b)
{
    return a->coverage.part == b->coverage.part && text_equal(a->coverage.phase, b->coverage.phase);
}

static bool same_latency(const struct event *a, const struct event *b)
{
    return a->latency.part == b->latency.part && text_equal(a->latency.phase, b->latency.phase);
}

static bool same_link(const struct event *a, const struct event *b)
{
    return text_equal(a->pcie_link.device, b->pcie_link.device);
}

static bool same_not_tested(const struct event *a, const struct event *b)
{
    return a->not_tested.part == b->not_tested.part &&
           text_equal(a->not_tested.subsystem, b->not_tested.subsystem) &&
           text_equal(a->not_tested.reason, b->not_tested.reason);
}

static bool same_finding(const struct event *a, const struct event *b)
{
    return text_equal(a->finding.id, b->finding.id) &&
           text_equal(a->finding.component, b->finding.component);
}

static bool same_good(const struct event *a, const struct event *b)
{
    return text_equal(a->good.id, b->good.id);
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static struct model_phase *add_phase(struct model *model, const char *name, uint64_t time_us)
{
    struct model_phase *phase;

    if (model->phase_rows.kept == MODEL_PHASES) {
        model->phase_rows.lost++;
        return NULL;
    }
    phase = &model->phases[model->phase_rows.kept++];
    copy_text(phase->name, sizeof(phase->name), name);
    phase->start_us = time_us;
    return phase;
}

static void start_phase(struct model *model, const struct event *event)
{
    struct model_phase *phase = add_phase(model, event->phase_start.phase, event->time_us);

    if (phase)
        phase->planned_s = event->phase_start.planned_s;
    if (text_equal(event->phase_start.phase, PHASE_OF_VERDICT)) {
        model->finding_rows = (struct rows){.kept = 0};
        model->good_rows = (struct rows){.kept = 0};
    }
}

/* Ends the last open phase of that name; one that never started becomes a row without length. */
static void end_phase(struct model *model, const struct event *event)
{
    struct model_phase *phase = NULL;

    for (uint32_t i = 0; i < model->phase_rows.kept; i++) {
        if (!model->phases[i].ended && text_equal(model->phases[i].name, event->phase_end.phase))
            phase = &model->phases[i];
    }
    if (!phase)
        phase = add_phase(model, event->phase_end.phase, event->time_us);
    if (!phase)
        return;
    phase->ended = true;
    phase->ending = event->phase_end.ending;
    phase->end_us = later(phase->start_us, event->time_us);
}

static struct model_counter *counter_row(struct model *model, part_id part, const char *name)
{
    struct model_counter *row;

    for (uint32_t i = 0; i < model->counter_rows.kept; i++) {
        row = &model->counters[i];
        if (row->part == part && text_equal(row->name, name))
            return row;
    }
    if (model->counter_rows.kept == MODEL_COUNTERS) {
        model->counter_rows.lost++;
        return NULL;
    }
    row = &model->counters[model->counter_rows.kept++];
    row->part = part;
    copy_text(row->name, sizeof(row->name), name);
    return row;
}

/* The first value at the start and the last at the end count. */
static void put_counter(struct model *model, const struct event_counter *counter)
{
    struct model_counter *row = counter_row(model, counter->part, counter->name);

    if (!row)
        return;
    if (counter->moment == MOMENT_END) {
        row->has_end = true;
        row->end = counter->value;
    } else if (!row->has_start) {
        row->has_start = true;
        row->start = counter->value;
    }
}

static void take_conclusion(struct model *model, const struct event *event)
{
    switch (event->type) {
    case EVENT_NOT_TESTED:
        put(model->not_tested, &model->not_tested_rows, MODEL_NOT_TESTED, event, same_not_tested);
        break;
    case EVENT_FINDING:
        put(model->findings, &model->finding_rows, MODEL_FINDINGS, event, same_finding);
        break;
    case EVENT_GOOD:
        put(model->goods, &model->good_rows, MODEL_GOODS, event, same_good);
        break;
    case EVENT_VERDICT:
        model->has_verdict = true;
        model->verdict = event->verdict;
        break;
    case EVENT_RUN_END:
        model->has_run_end = true;
        model->run_end = event->run_end;
        break;
    default:
        break;
    }
}

static void add_untested_range(struct model *model, const struct event_untested_range *range)
{
    if (model->untested_rows.kept == MODEL_UNTESTED_RANGES)
        model->untested_rows.lost++;
    else
        model->untested_ranges[model->untested_rows.kept++] = *range;
}

static void take_evidence(struct model *model, const struct event *event)
{
    switch (event->type) {
    case EVENT_UNTESTED_RANGE:
        add_untested_range(model, &event->untested_range);
        break;
    case EVENT_MEMORY_ERROR:
        add(model->memory_errors, &model->memory_error_rows, MODEL_MEMORY_ERRORS, event);
        break;
    case EVENT_MEMORY_REGION:
        add(model->memory_regions, &model->memory_region_rows, MODEL_MEMORY_REGIONS, event);
        break;
    case EVENT_MEMORY_RETEST:
        add(model->memory_retests, &model->memory_retest_rows, MODEL_MEMORY_RETESTS, event);
        break;
    case EVENT_MEMORY_MAP:
        add(model->memory_maps, &model->memory_map_rows, MODEL_MEMORY_MAPS, event);
        break;
    case EVENT_DISK_ERROR:
        add(model->disk_errors, &model->disk_error_rows, MODEL_DISK_ERRORS, event);
        break;
    case EVENT_MISMATCH:
        add(model->mismatches, &model->mismatch_rows, MODEL_MISMATCHES, event);
        break;
    case EVENT_PACE:
        add(model->paces, &model->pace_rows, MODEL_PACES, event);
        break;
    case EVENT_BOTTLENECK:
        add(model->bottlenecks, &model->bottleneck_rows, MODEL_BOTTLENECKS, event);
        break;
    case EVENT_OUTLIER:
        add(model->outliers, &model->outlier_rows, MODEL_OUTLIERS, event);
        break;
    case EVENT_WRITE_ERROR:
        add(model->write_errors, &model->write_error_rows, MODEL_WRITE_ERRORS, event);
        break;
    case EVENT_MACHINE_CHECK:
        add(model->machine_checks, &model->machine_check_rows, MODEL_MACHINE_CHECKS, event);
        break;
    case EVENT_PRIOR_RUN:
        add(model->prior_runs, &model->prior_run_rows, MODEL_PRIOR_RUNS, event);
        break;
    case EVENT_RESTART:
        add(model->restarts, &model->restart_rows, MODEL_RESTARTS, event);
        break;
    case EVENT_CHANGE:
        add(model->changes, &model->change_rows, MODEL_CHANGES, event);
        break;
    case EVENT_PRIOR_ERROR:
        add(model->prior_errors, &model->prior_error_rows, MODEL_PRIOR_ERRORS, event);
        break;
    case EVENT_NOTE:
        add(model->notes, &model->note_rows, MODEL_NOTES, event);
        break;
    default:
        take_conclusion(model, event);
    }
}

void model_take(struct model *model, const struct event *event)
{
    model->event_count++;
    model->end_us = event->time_us;
    switch (event->type) {
    case EVENT_RUN_START:
        model->has_run_start = true;
        model->run_start = event->run_start;
        break;
    case EVENT_PART:
        put(model->parts, &model->part_rows, MODEL_PARTS, event, same_part);
        break;
    case EVENT_PHASE_START:
        start_phase(model, event);
        break;
    case EVENT_PHASE_END:
        end_phase(model, event);
        break;
    case EVENT_SERIES:
        model_declare_series(model, &event->series);
        break;
    case EVENT_SAMPLE:
        model_add_sample(model, event->time_us, &event->sample);
        break;
    case EVENT_SENSOR_STATE:
        model_set_sensor_state(model, &event->sensor_state);
        break;
    case EVENT_COUNTER:
        put_counter(model, &event->counter);
        break;
    case EVENT_COVERAGE:
        put(model->coverages, &model->coverage_rows, MODEL_COVERAGES, event, same_coverage);
        break;
    case EVENT_PCIE_LINK:
        put(model->links, &model->link_rows, MODEL_LINKS, event, same_link);
        break;
    case EVENT_LATENCY:
        put(model->latencies, &model->latency_rows, MODEL_LATENCIES, event, same_latency);
        break;
    default:
        take_evidence(model, event);
    }
}

int model_build(struct model *model, const char *journal, size_t size)
{
    struct journal_reader reader = journal_read_from(journal, size);
    struct event event;

    memset(model, 0, sizeof(*model));
    while (journal_read(&reader, &event))
        model_take(model, &event);
    model->skipped_count = reader.skipped;
    model->stop = reader.stop;
    model->stop_offset = reader.offset;
    for (uint32_t i = 0; i < model->phase_rows.kept; i++) {
        if (!model->phases[i].ended)
            model->phases[i].end_us = later(model->phases[i].start_us, model->end_us);
    }
    model_read_corrected(model, journal, size);
    return model->event_count > 0 ? OK : ERR_FORMAT;
}

const struct event_part *model_part(const struct model *model, part_id part)
{
    for (uint32_t i = 0; i < model->part_rows.kept; i++) {
        if (model->parts[i].part.part == part)
            return &model->parts[i].part;
    }
    return NULL;
}

const char *model_part_name(const struct model *model, part_id id)
{
    const struct event_part *part = model_part(model, id);

    if (!part)
        return id == 0 ? "the machine" : "a part not listed";
    if (part->name[0])
        return part->name;
    if (part->place[0])
        return part->place;
    return part->kind < PART_KINDS ? part_kind_names[part->kind] : "part";
}

bool model_is_injected(const struct model *model)
{
    return model->run_start.inject[0] && !text_equal(model->run_start.inject, "none");
}

bool model_is_damaged(const struct model *model)
{
    return model->stop != JOURNAL_ENDED && model->stop != JOURNAL_BLANK;
}

#define LOSS(words, member)                                                                        \
    {                                                                                              \
        words, offsetof(struct model, member)                                                      \
    }

/* Tables whose loss a reader would otherwise not see; raw errors are counted where they stand. */
static const struct {
    const char *what;
    size_t offset;
} losses[] = {
    LOSS("findings", finding_rows),
    LOSS("subsystems not tested", not_tested_rows),
    LOSS("good subsystems", good_rows),
    LOSS("parts", part_rows),
    LOSS("phases", phase_rows),
    LOSS("series of samples", series_rows),
    LOSS("counters", counter_rows),
    LOSS("coverage figures", coverage_rows),
    LOSS("latency figures", latency_rows),
    LOSS("ranges of memory not tested", untested_rows),
    LOSS("figures of what set the pace", bottleneck_rows),
    LOSS("links of PCI Express", link_rows),
    LOSS("prior runs", prior_run_rows),
    LOSS("causes of a restart", restart_rows),
    LOSS("errors from before the run", prior_error_rows),
    LOSS("changes since an earlier run", change_rows),
    LOSS("notes", note_rows),
};

void model_losses(const struct model *model, char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    for (size_t i = 0; i < sizeof(losses) / sizeof(losses[0]); i++) {
        const struct rows *rows = (const void *)((const char *)model + losses[i].offset);

        if (rows->lost > 0)
            text_format(&text, "%s%llu %s", text.length > 0 ? ", " : "",
                        (unsigned long long)rows->lost, losses[i].what);
    }
}
