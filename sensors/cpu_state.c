/*
 * Whether a package is, or was, slowed down.
 */
#include "sensors/cpu_series.h"

static bool is_hot(const struct cpu_summary *summary)
{
    const struct cpu_sample *sample = summary->leader;
    int64_t from = sample->tj_max - CPU_HOT_MILLI;

    if (!sample->tj_max)
        return false;
    if (sample->has_package && sample->package_thermal.has_temperature)
        return sample->package_thermal.temperature >= from;
    return summary->has_hottest && summary->hottest >= from;
}

/* Whether the clock has been below nominal for long while the package was hot. */
static bool is_slow_when_hot(struct cpu_package *package, const struct cpu_summary *summary,
                             uint64_t now_us)
{
    if (!is_hot(summary) || summary->khz >= summary->nominal_khz / 100 * CPU_NOMINAL_PERCENT)
        package->slow_since_us = 0;
    else if (!package->slow_since_us)
        package->slow_since_us = now_us;
    return package->slow_since_us && now_us - package->slow_since_us >= CPU_SLOW_US;
}

/* What was told once stays: a log of before the run hides when it ends. */
static void keep_state(struct event_sensor_state *state, const struct event_sensor_state *before)
{
    state->throttled |= before->throttled;
    state->prochot |= before->prochot;
    state->above_critical |= before->above_critical;
    state->slow_when_hot |= before->slow_when_hot;
}

static bool same_state(const struct event_sensor_state *a, const struct event_sensor_state *b)
{
    return a->throttled == b->throttled && a->prochot == b->prochot &&
           a->above_critical == b->above_critical && a->slow_when_hot == b->slow_when_hot;
}

void cpu_state_tell(const struct cpu_sensors *sensors, struct cpu_package *package,
                    const struct cpu_summary *summary, uint64_t now_us)
{
    uint32_t flags = summary->flags;
    struct event event = {.type = EVENT_SENSOR_STATE,
                          .sensor_state = {
                              .series = (uint16_t)(package->state_series - 1),
                              .throttled = flags & (THERM_THROTTLED | THERM_THROTTLED_LOG),
                              .prochot = flags & (THERM_PROCHOT | THERM_PROCHOT_LOG),
                              .above_critical = flags & (THERM_CRITICAL | THERM_CRITICAL_LOG),
                              .slow_when_hot = is_slow_when_hot(package, summary, now_us),
                          }};

    keep_state(&event.sensor_state, &package->state);
    if (!package->state_series || same_state(&event.sensor_state, &package->state))
        return;
    package->state = event.sensor_state;
    emit(sensors->config.sink, &event);
}
