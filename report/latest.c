#include "report/latest.h"

enum { FRESH_THROUGHPUT_US = 15 * 1000000, FRESH_SENSOR_US = 90 * 1000000 };

void latest_init(struct latest *latest)
{
    latest->part_count = 1;
    latest->series_count = 0;
    latest->parts[0] = (struct latest_part){.kind = PART_MACHINE, .name = "machine"};
}

/* Where a part stands in the table; 0, the machine, when it does not. */
static size_t part_index(const struct latest *latest, part_id part)
{
    for (size_t i = 1; i < latest->part_count; i++) {
        if (latest->parts[i].part == part)
            return i;
    }
    return 0;
}

const struct latest_part *latest_part(const struct latest *latest, part_id part)
{
    return &latest->parts[part_index(latest, part)];
}

/* As latest_part, and makes an entry where there is room for one. */
static struct latest_part *part_made(struct latest *latest, part_id part)
{
    struct latest_part *entry = &latest->parts[part_index(latest, part)];

    if (part == 0 || entry->part == part || latest->part_count == LATEST_PARTS_MAX)
        return entry;
    entry = &latest->parts[latest->part_count++];
    *entry = (struct latest_part){.part = part};
    if (part == PART_ALL_PROCESSORS || part == PART_ALL_MEMORY) {
        entry->kind = part == PART_ALL_MEMORY ? PART_MEMORY : PART_PROCESSOR;
        copy_text(entry->name, sizeof(entry->name), part_kind_names[entry->kind]);
    }
    return entry;
}

/* Where a series stands in the table; series_count when it does not. */
static size_t series_index(const struct latest *latest, uint16_t series)
{
    size_t i = 0;

    while (i < latest->series_count && latest->series[i].series != series)
        i++;
    return i;
}

static void keep_part(struct latest *latest, const struct event_part *part)
{
    struct latest_part *entry = part_made(latest, part->part);

    if (entry->part != part->part)
        return;
    entry->kind = part->kind < PART_KINDS ? part->kind : PART_MACHINE;
    entry->size = part->size;
    copy_text(entry->name, sizeof(entry->name), part->name);
    copy_text(entry->serial, sizeof(entry->serial), part->serial);
    copy_text(entry->place, sizeof(entry->place), part->place);
}

static void keep_series(struct latest *latest, const struct event_series *series)
{
    size_t i = series_index(latest, series->series);
    struct latest_series *entry = &latest->series[i];

    if (i == LATEST_SERIES_MAX)
        return;
    if (i == latest->series_count)
        latest->series_count++;
    *entry = (struct latest_series){.series = series->series,
                                    .part = series->part,
                                    .quantity = series->quantity,
                                    .has_low = series->has_low,
                                    .has_high = series->has_high,
                                    .low = series->low,
                                    .high = series->high};
    copy_text(entry->name, sizeof(entry->name), series->name);
}

static void keep_sample(struct latest_series *series, const struct event *event)
{
    series->value = event->sample.value;
    series->time_us = event->time_us;
    series->sampled = true;
    series->silent = false;
    series->turned = series->turned || series->value > 0;
}

static void keep_state(struct latest_series *series, const struct event_sensor_state *state)
{
    series->beyond = state->below_critical || state->above_critical;
    series->silent = state->silent;
}

bool latest_trouble(const struct event *event, part_id *ret_part, enum trouble *ret_trouble)
{
    switch (event->type) {
    case EVENT_DISK_ERROR:
        *ret_part = event->disk_error.part;
        *ret_trouble = (enum trouble)(
            event->disk_error.fault < DISK_FAULTS ? event->disk_error.fault : DISK_FAULT_ABORTED);
        return true;
    case EVENT_MISMATCH:
        *ret_part = event->mismatch.part;
        *ret_trouble = TROUBLE_MISMATCH;
        return true;
    case EVENT_WRITE_ERROR:
        *ret_part = event->write_error.part;
        *ret_trouble = TROUBLE_WRITE;
        return true;
    case EVENT_MEMORY_ERROR:
        *ret_part = PART_ALL_MEMORY;
        *ret_trouble = TROUBLE_MEMORY;
        return true;
    case EVENT_MACHINE_CHECK:
        *ret_part = PART_ALL_PROCESSORS;
        *ret_trouble = TROUBLE_MACHINE_CHECK;
        return true;
    case EVENT_PACE:
        *ret_part = event->pace.part;
        *ret_trouble = TROUBLE_PACE;
        return true;
    default:
        return false;
    }
}

/* What events say about a series that was declared. */
static void keep_reading(struct latest *latest, const struct event *event)
{
    uint16_t number =
        event->type == EVENT_SAMPLE ? event->sample.series : event->sensor_state.series;
    size_t i = series_index(latest, number);

    if (i == latest->series_count)
        return;
    if (event->type == EVENT_SAMPLE)
        keep_sample(&latest->series[i], event);
    else
        keep_state(&latest->series[i], &event->sensor_state);
}

void latest_event(struct latest *latest, const struct event *event)
{
    part_id part;
    enum trouble trouble;

    if (event->type == EVENT_PART)
        keep_part(latest, &event->part);
    else if (event->type == EVENT_SERIES)
        keep_series(latest, &event->series);
    else if (event->type == EVENT_SAMPLE || event->type == EVENT_SENSOR_STATE)
        keep_reading(latest, event);
    else if (latest_trouble(event, &part, &trouble))
        part_made(latest, part)->troubles[trouble]++;
}

const struct latest_series *latest_series(const struct latest *latest, uint16_t series)
{
    size_t i = series_index(latest, series);

    return i < latest->series_count ? &latest->series[i] : NULL;
}

uint64_t latest_errors(const struct latest_part *part)
{
    uint64_t errors = 0;

    for (unsigned i = 0; i < TROUBLES; i++) {
        if (i != TROUBLE_PACE)
            errors += part->troubles[i];
    }
    return errors;
}

bool latest_is_fresh(const struct latest_series *series, uint64_t now_us)
{
    uint64_t limit_us =
        series->quantity == QUANTITY_THROUGHPUT ? FRESH_THROUGHPUT_US : FRESH_SENSOR_US;

    return series->sampled && !series->silent &&
           (now_us <= series->time_us || now_us - series->time_us <= limit_us);
}

uint64_t latest_throughput(const struct latest *latest, enum part_kind kind, uint64_t now_us)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < latest->series_count; i++) {
        const struct latest_series *series = &latest->series[i];

        if (series->quantity == QUANTITY_THROUGHPUT && series->value > 0 &&
            latest_is_fresh(series, now_us) && latest_part(latest, series->part)->kind == kind)
            sum += (uint64_t)series->value / 1000;
    }
    return sum;
}

const struct latest_series *latest_hottest(const struct latest *latest, uint64_t now_us)
{
    const struct latest_series *hottest = NULL;

    for (size_t i = 0; i < latest->series_count; i++) {
        const struct latest_series *series = &latest->series[i];

        if (series->quantity == QUANTITY_TEMPERATURE && latest_is_fresh(series, now_us) &&
            (!hottest || series->value > hottest->value))
            hottest = series;
    }
    return hottest;
}

const struct latest_series *latest_slowest_fan(const struct latest *latest, uint64_t now_us)
{
    const struct latest_series *slowest = NULL;

    for (size_t i = 0; i < latest->series_count; i++) {
        const struct latest_series *series = &latest->series[i];

        if (series->quantity == QUANTITY_FAN_SPEED && series->turned &&
            latest_is_fresh(series, now_us) && (!slowest || series->value < slowest->value))
            slowest = series;
    }
    return slowest;
}

void text_part(struct text *text, const struct latest_part *part)
{
    const char *which = part->serial[0] ? part->serial : part->place;

    text_add(text, part->name[0] ? part->name : part_kind_names[part->kind]);
    if (which[0])
        text_format(text, " (%s)", which);
}
