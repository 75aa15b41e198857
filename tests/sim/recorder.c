#include "tests/sim/recorder.h"

#include <string.h>

#include "base/text.h"

static void record(void *context, struct event *event)
{
    struct recorder *recorder = context;

    if (recorder->count < RECORDER_EVENTS)
        recorder->events[recorder->count] = *event;
    recorder->count++;
}

struct sink recorder_start(struct recorder *recorder)
{
    recorder->count = 0;
    return (struct sink){.context = recorder, .emit = record};
}

const struct event *recorder_find(const struct recorder *recorder, enum event_type type,
                                  size_t index)
{
    for (size_t i = 0; i < recorder->count && i < RECORDER_EVENTS; i++) {
        if (recorder->events[i].type == type && index-- == 0)
            return &recorder->events[i];
    }
    return NULL;
}

size_t recorder_count(const struct recorder *recorder, enum event_type type)
{
    size_t count = 0;

    while (recorder_find(recorder, type, count) != NULL)
        count++;
    return count;
}

bool recorder_has_note(const struct recorder *recorder, const char *part)
{
    const struct event *event;

    for (size_t i = 0; (event = recorder_find(recorder, EVENT_NOTE, i)) != NULL; i++) {
        if (strstr(event->note.text, part))
            return true;
    }
    return false;
}

const struct event_series *recorder_series(const struct recorder *recorder, const char *name)
{
    const struct event *event;

    for (size_t i = 0; (event = recorder_find(recorder, EVENT_SERIES, i)) != NULL; i++) {
        if (text_equal(event->series.name, name))
            return &event->series;
    }
    return NULL;
}

size_t recorder_samples(const struct recorder *recorder, const char *name, int64_t *ret_last)
{
    const struct event_series *series = recorder_series(recorder, name);
    const struct event *event;
    size_t count = 0;

    for (size_t i = 0; series && (event = recorder_find(recorder, EVENT_SAMPLE, i)) != NULL; i++) {
        if (event->sample.series != series->series)
            continue;
        count++;
        *ret_last = event->sample.value;
    }
    return count;
}

size_t recorder_steps(const struct recorder *recorder, bool ended)
{
    const struct event *event;
    size_t count = 0;

    for (size_t i = 0; (event = recorder_find(recorder, EVENT_STEP, i)) != NULL; i++)
        count += event->step.ended == ended;
    return count;
}
