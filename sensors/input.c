#include "sensors/input.h"

static void set_silent(struct input *input, const struct sink *sink, bool silent)
{
    struct event event = {.type = EVENT_SENSOR_STATE,
                          .sensor_state = {.series = input->series, .silent = silent}};

    if (!input->shown || input->silent == silent)
        return;
    input->silent = silent;
    emit(sink, &event);
}

void input_take(struct input *input, const struct sink *sink, int64_t value)
{
    struct event event = {.type = EVENT_SAMPLE,
                          .sample = {.series = input->series, .value = value}};

    input->misses = 0;
    set_silent(input, sink, false);
    emit(sink, &event);
}

void input_miss(struct input *input, const struct sink *sink)
{
    if (input->misses < INPUT_MISSES_MAX)
        input->misses++;
    if (input->misses == INPUT_MISSES_MAX)
        set_silent(input, sink, true);
}

void input_end(struct input *input, const struct sink *sink)
{
    set_silent(input, sink, true);
}
