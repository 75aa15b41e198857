#include "tests/sim/recorder.h"

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
