#include "report/last_moments.h"

#include <string.h>

#include "base/calendar.h"
#include "base/last_words.h"
#include "base/mca.h"
#include "base/text.h"
#include "report/journal.h"
#include "report/last_moments_parts.h"

/* What the reader carries beside its tables. */
struct reading {
    struct last_moments *work;
    struct event_prior_run *run;
    uint64_t window_us; /* when the last moments began */
};

static bool in_window(const struct reading *reading, uint64_t time_us)
{
    return time_us >= reading->window_us;
}

static uint64_t before(uint64_t time_us, uint64_t gone_us)
{
    return time_us > gone_us ? time_us - gone_us : 0;
}

/* ---- tables */

static struct moments_series *find_series(struct last_moments *work, uint16_t series)
{
    for (unsigned i = 0; i < work->series_count; i++) {
        if (work->series[i].declared.series == series)
            return &work->series[i];
    }
    return NULL;
}

static void declare(struct last_moments *work, const struct event_series *series)
{
    if (find_series(work, series->series) || work->series_count == MOMENTS_SERIES)
        return;
    work->series[work->series_count++] = (struct moments_series){.declared = *series};
}

static void take_part(struct last_moments *work, const struct event_part *part)
{
    if (part->kind == PART_DISK && work->disk_count < MOMENTS_DISKS)
        work->disks[work->disk_count++] = part->part;
    if (part->kind == PART_PROCESSOR && text_starts(part->name, "AMD"))
        work->amd = true;
}

/* The oldest of the last samples joins those before. */
static void shift_tail(struct moments_series *series, int64_t value)
{
    int64_t oldest = series->tail[MOMENTS_TAIL - 1];

    if (series->count >= MOMENTS_TAIL) {
        if (!series->before || oldest < series->before_lowest)
            series->before_lowest = oldest;
        series->before_sum += oldest;
        series->before++;
    }
    memmove(series->tail + 1, series->tail, sizeof(series->tail) - sizeof(series->tail[0]));
    series->tail[0] = value;
}

static void take_sample(struct reading *reading, const struct event_sample *sample,
                        uint64_t time_us)
{
    struct moments_series *series = find_series(reading->work, sample->series);

    if (!series || sample->value > MOMENTS_VALUE_MAX || sample->value < -MOMENTS_VALUE_MAX)
        return;
    if (!in_window(reading, time_us) || !series->count)
        series->first = sample->value;
    else
        series->moved = true;
    if (!series->count || sample->value > series->highest)
        series->highest = sample->value;
    series->last = sample->value;
    shift_tail(series, sample->value);
    series->count++;
}

static void take_throughput(struct reading *reading, const struct event_sample *sample,
                            uint64_t time_us)
{
    struct moments_series *series = find_series(reading->work, sample->series);

    if (series && in_window(reading, time_us) && sample->value > 0)
        series->moved = true;
}

static void take_finding(struct last_moments *work, const struct event_finding *finding)
{
    struct moments_finding one;

    copy_text(one.id, sizeof(one.id), finding->id);
    copy_text(one.component, sizeof(one.component), finding->component);
    if (text_equal(one.id, "reset-under-load")) /* was about a run before it */
        return;
    for (unsigned i = 0; i < work->finding_count; i++) {
        if (text_equal(work->findings[i].id, one.id) &&
            text_equal(work->findings[i].component, one.component))
            return;
    }
    if (work->finding_count < MOMENTS_FINDINGS)
        work->findings[work->finding_count++] = one;
}

static void take_check(struct reading *reading, const struct event_machine_check *check,
                       uint64_t time_us)
{
    struct mca_error error = mca_decode(check->status, reading->work->amd);
    struct event_prior_run *run = reading->run;
    uint32_t *count = in_window(reading, time_us) ? &run->corrected : &run->corrected_before;

    if (check->prior || error.source == MCA_NONE || error.uncorrected ||
        time_us < before(reading->window_us, MOMENTS_US))
        return;
    *count = error.count < UINT32_MAX - *count ? *count + error.count : UINT32_MAX;
}

/* ---- reading */

static void take(struct reading *reading, const struct event *event)
{
    struct last_moments *work = reading->work;
    struct moments_series *series;

    switch (event->type) {
    case EVENT_PART:
        take_part(work, &event->part);
        break;
    case EVENT_SERIES:
        declare(work, &event->series);
        break;
    case EVENT_SAMPLE:
        series = find_series(work, event->sample.series);
        if (series && series->declared.quantity == QUANTITY_THROUGHPUT)
            take_throughput(reading, &event->sample, event->time_us);
        else
            take_sample(reading, &event->sample, event->time_us);
        break;
    case EVENT_SENSOR_STATE:
        series = find_series(work, event->sensor_state.series);
        if (series)
            series->silent = event->sensor_state.silent;
        break;
    case EVENT_MACHINE_CHECK:
        take_check(reading, &event->machine_check, event->time_us);
        break;
    case EVENT_FINDING:
        take_finding(work, &event->finding);
        break;
    case EVENT_RESTART:
        reading->run->override_stood |= event->restart.cause == RESTART_POWER_OVERRIDE;
        break;
    case EVENT_NOTE:
        reading->run->watchdog_ran |= text_starts(event->note.text, WATCHDOG_LEFT);
        break;
    default:
        break;
    }
}

/* When the run said its last word, and by the machine's clock. */
static uint64_t find_end(const char *bytes, size_t size, struct event_prior_run *run)
{
    struct journal_reader reader = journal_read_from(bytes, size);
    uint64_t end_us = 0, began_s = 0;
    struct event event;

    while (journal_read(&reader, &event)) {
        const struct event_run_start *start = &event.run_start;

        end_us = event.time_us;
        if (event.type == EVENT_RUN_START)
            began_s = calendar_seconds(start->year, start->month, start->day, start->hour,
                                       start->minute, start->second);
    }
    run->ended_s = began_s ? began_s + end_us / 1000000 : 0;
    return end_us;
}

bool last_moments_read(struct last_moments *work, const char *bytes, size_t size,
                       struct event_prior_run *ret_run)
{
    struct journal_reader reader = journal_read_from(bytes, size);
    struct event_prior_run run;
    struct reading reading = {.work = work, .run = &run};
    struct event event;

    if (!journal_is_unfinished(bytes, size, &run))
        return false;
    memset(work, 0, sizeof(*work));
    reading.window_us = before(find_end(bytes, size, &run), MOMENTS_US);
    while (journal_read(&reader, &event))
        take(&reading, &event);
    last_moments_tell(work, &run);
    *ret_run = run;
    return true;
}
