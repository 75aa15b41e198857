/*
 * One input of a monitor, or one sensor of its own, from reading to reading: what it gives is told,
 * and when it stays away.
 */
#ifndef ASSAY_SENSORS_INPUT_H
#define ASSAY_SENSORS_INPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

enum { INPUT_MISSES_MAX = 3 }; /* readings missing in a row until an input counts as silent */

/* All zero until it is shown, which its owner does: by EVENT_SERIES with this number. */
struct input {
    uint16_t series;
    bool shown, silent;
    uint8_t misses;
};

/* A reading of an input that is shown: EVENT_SAMPLE, and EVENT_SENSOR_STATE if it was silent. */
void input_take(struct input *input, const struct sink *sink, int64_t value);

/* A reading that did not come or cannot be one: EVENT_SENSOR_STATE with the last one it is given.
 */
void input_miss(struct input *input, const struct sink *sink);

/* Says that it is silent, if it is shown and was not. */
void input_end(struct input *input, const struct sink *sink);

static inline bool input_speaks(const struct input *input)
{
    return input->shown && !input->silent;
}

#endif
