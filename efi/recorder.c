#include "efi/recorder.h"

#include <string.h>

#include "base/error.h"

enum {
    SAMPLES_PER_RUN = 600,
    PROGRESS_PER_RUN = 2000,
    SAMPLE_US = 1000000,
    MOVED_SHARE = 20, /* a sensor has moved when it did by this part of what it read */
    MOVED_SOONER = 4, /* and is kept when so much of the time between two samples has passed */
    PROGRESS_US = 2000000,
};

uint64_t recorder_now_us(const struct recorder *recorder)
{
    return clock_now_us(recorder->clock) - recorder->start_us;
}

static bool has_moved(const struct recorder *recorder, const struct event_sample *sample)
{
    int64_t last = recorder->last_value[sample->series];
    int64_t least = last / MOVED_SHARE;

    return recorder->sensor[sample->series] &&
           (sample->value > last + least || sample->value < last - least);
}

/* True when this sample goes into the journal: enough time has passed, it moved, or it came to be
 * zero or left zero, which for a fan is the news. */
static bool keep_sample(struct recorder *recorder, const struct event *event)
{
    uint16_t series = event->sample.series;
    uint64_t least_us = recorder->sample_us;
    bool news;

    if (series >= RECORDER_SERIES)
        return false;
    news = !recorder->last_value[series] != !event->sample.value;
    if (least_us > SAMPLE_US && has_moved(recorder, &event->sample))
        least_us /= MOVED_SOONER;
    if (recorder->last_sample_us[series] && !news &&
        event->time_us - recorder->last_sample_us[series] < least_us)
        return false;
    recorder->last_sample_us[series] = event->time_us + !event->time_us;
    recorder->last_value[series] = event->sample.value;
    return true;
}

static bool keep_progress(struct recorder *recorder, const struct event *event)
{
    if (recorder->last_progress_us &&
        event->time_us - recorder->last_progress_us < recorder->progress_us)
        return false;
    recorder->last_progress_us = event->time_us + !event->time_us;
    return true;
}

static bool keep(struct recorder *recorder, const struct event *event)
{
    if (event->type == EVENT_SAMPLE)
        return keep_sample(recorder, event);
    if (event->type == EVENT_PROGRESS)
        return keep_progress(recorder, event);
    return true;
}

static enum nearness nearness(const struct recorder *recorder, const struct event_series *series)
{
    const struct evidence_part *part = evidence_part(&recorder->evidence, series->part);

    if (series->quantity != QUANTITY_TEMPERATURE || part->kind == PART_DISK)
        return NEAR_NOTHING;
    if (part->parent == PART_ALL_MEMORY)
        return NEAR_MEMORY;
    return part->parent == PART_ALL_PROCESSORS ? NEAR_PROCESSOR : NEAR_SOMETHING;
}

/* Of those equally near the first that was declared is taken. */
static void choose_temperature(struct recorder *recorder, const struct event_series *series)
{
    enum nearness near = nearness(recorder, series);

    if (near <= recorder->nearness)
        return;
    recorder->nearness = (uint8_t)near;
    recorder->temperature_series = (uint16_t)(series->series + 1);
    recorder->has_temperature = false;
}

static void watch_temperature(struct recorder *recorder, const struct event *event)
{
    if (event->type == EVENT_SERIES && event->series.series < RECORDER_SERIES)
        recorder->sensor[event->series.series] = event->series.quantity != QUANTITY_THROUGHPUT;
    if (event->type == EVENT_SERIES)
        choose_temperature(recorder, &event->series);
    if (event->type == EVENT_SAMPLE && event->sample.series + 1 == recorder->temperature_series) {
        recorder->has_temperature = true;
        recorder->temperature = event->sample.value;
    }
}

/* Where it is known how warm it is near the memory, errors of memory say so. */
static void add_temperature(const struct recorder *recorder, struct event *event)
{
    struct event_memory_retest *retest = &event->memory_retest;

    if (event->type == EVENT_MEMORY_ERROR && !event->memory_error.has_temperature) {
        event->memory_error.has_temperature = recorder->has_temperature;
        event->memory_error.temperature = recorder->temperature;
    }
    if (event->type != EVENT_MEMORY_RETEST)
        return;
    retest->has_temperature = recorder->has_temperature;
    retest->temperature = recorder->temperature;
    retest->shape = (uint8_t)evidence_rest_shape(&recorder->evidence, retest);
}

static bool is_urgent(const struct event *event)
{
    return event->type == EVENT_FINDING || event->type == EVENT_MEMORY_ERROR ||
           event->type == EVENT_DISK_ERROR || event->type == EVENT_MISMATCH ||
           event->type == EVENT_WRITE_ERROR || event->type == EVENT_MACHINE_CHECK ||
           event->type == EVENT_PHASE_START;
}

static void record(void *context, struct event *event)
{
    struct recorder *recorder = context;

    event->time_us = recorder_now_us(recorder);
    watch_temperature(recorder, event);
    add_temperature(recorder, event);
    evidence_add(&recorder->evidence, event);
    live_event(&recorder->live, event);
    if (!recorder->panel->painted)
        console_event(&recorder->console, event);
    if (keep(recorder, event))
        journal_append(&recorder->journal, event);
    if (recorder->tap.event)
        recorder->tap.event(event);
    recorder->urgent |= is_urgent(event);
    /* What may hang is on the medium, and on the screen, before it begins. */
    if (event->type == EVENT_STEP && !event->step.ended) {
        recorder_flush(recorder);
        recorder_paint(recorder);
    }
}

static void print_line(void *context, const char *line)
{
    struct recorder *recorder = context;

    recorder->panel->print(line);
}

void recorder_init(struct recorder *recorder, const struct clock *clock, const struct panel *panel,
                   char *buffer, size_t size)
{
    struct lines lines = {.context = recorder, .put = print_line};

    memset(recorder, 0, sizeof(*recorder));
    recorder->clock = clock;
    recorder->panel = panel;
    recorder->start_us = clock_now_us(clock);
    recorder->sink = (struct sink){.context = recorder, .emit = record};
    recorder_plan(recorder, 0);
    journal_init(&recorder->journal, buffer, size);
    evidence_init(&recorder->evidence);
    live_init(&recorder->live);
    console_init(&recorder->console, &lines);
}

void recorder_plan(struct recorder *recorder, uint32_t planned_s)
{
    uint64_t planned_us = (uint64_t)planned_s * 1000000;

    recorder->sample_us = planned_us / SAMPLES_PER_RUN;
    if (recorder->sample_us < SAMPLE_US)
        recorder->sample_us = SAMPLE_US - SAMPLE_US / 10; /* a clock that is a little early */
    recorder->progress_us = planned_us / PROGRESS_PER_RUN;
    if (recorder->progress_us < PROGRESS_US)
        recorder->progress_us = PROGRESS_US;
}

int recorder_open(struct recorder *recorder, const struct store *store)
{
    int error = store->journal_create(store->context, recorder->journal.size);

    if (error)
        return error;
    recorder->store = *store;
    recorder->has_store = true;
    recorder_flush(recorder);
    return OK;
}

static void lose_store(struct recorder *recorder, int error)
{
    recorder->has_store = false;
    emit_note(&recorder->sink, SEVERITY_WARNING,
              "The journal can no longer be written (%s): the run goes on without it.",
              error_text(error));
    emit_not_tested(&recorder->sink, "report-files", 0, false,
                    "the medium failed (%s): its journal breaks off at %llu s", error_text(error),
                    (unsigned long long)(recorder_now_us(recorder) / 1000000));
}

void recorder_flush(struct recorder *recorder)
{
    const struct store *store = &recorder->store;
    size_t size;
    int error;

    recorder->urgent = false;
    if (recorder->tap.flush)
        recorder->tap.flush();
    size = recorder->journal.length - recorder->stored;
    if (!recorder->has_store || !size)
        return;
    error = store->journal_write(store->context, recorder->stored,
                                 recorder->journal.data + recorder->stored, size);
    if (!error)
        error = store->journal_flush(store->context);
    if (error)
        lose_store(recorder, error);
    else
        recorder->stored += size;
}

void recorder_paint(struct recorder *recorder)
{
    if (!recorder->panel->painted)
        return;
    live_draw(&recorder->live, recorder_now_us(recorder), &recorder->screen);
    recorder->panel->paint(&recorder->screen);
}

int recorder_close(struct recorder *recorder)
{
    bool open = recorder->has_store;

    recorder_flush(recorder);
    if (open)
        recorder->store.journal_close(recorder->store.context);
    open = open && !recorder->has_store;
    recorder->has_store = false;
    return open ? ERR_IO : OK;
}
