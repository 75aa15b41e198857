#include "sensors/reading.h"

static const struct {
    int64_t low, high;
} ranges[QUANTITIES] = {
    [QUANTITY_TEMPERATURE] = {-40000, 150000}, [QUANTITY_FAN_SPEED] = {0, 30000000},
    [QUANTITY_VOLTAGE] = {-15000, 30000},      [QUANTITY_THROUGHPUT] = {0, INT64_MAX},
    [QUANTITY_POWER] = {0, 2000000},           [QUANTITY_CLOCK] = {1000, 12000000},
};

bool reading_is_plausible(enum quantity quantity, int64_t value)
{
    return quantity < QUANTITIES && value >= ranges[quantity].low && value <= ranges[quantity].high;
}

void reading_load_changed(struct reading_watch *watch)
{
    watch->load_changed = true;
}

/* A number that moves starts the count anew, and with it what the load has done meanwhile. */
static void count(struct reading_watch *watch, int64_t value)
{
    if (watch->same && value == watch->last) {
        watch->same += watch->same < READING_STUCK_SAMPLES;
        return;
    }
    *watch = (struct reading_watch){.last = value, .same = 1};
}

enum reading_quality reading_judge(struct reading_watch *watch, enum quantity quantity,
                                   bool has_value, int64_t value)
{
    if (!has_value)
        return READING_ABSENT;
    if (!reading_is_plausible(quantity, value))
        return READING_IMPLAUSIBLE;
    count(watch, value);
    return watch->same >= READING_STUCK_SAMPLES && watch->load_changed ? READING_STUCK
                                                                       : READING_FRESH;
}
