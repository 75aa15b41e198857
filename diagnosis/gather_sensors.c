#include "diagnosis/gather.h"

enum {
    ZEROS_STOPPED = 3,
    HIGH_RUN = 2,
    OUTSIDE_RUN = 2,
    LATE_US = 10000000,
    RANGE_MIN_MILLI = 5000, /* a temperature that moved less says nothing about load */
};

struct evidence_series *gather_find_series(struct evidence *evidence, uint16_t number)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (evidence->series[i].series.series == number)
            return &evidence->series[i];
    }
    return NULL;
}

void gather_series(struct evidence *evidence, const struct event_series *event)
{
    struct evidence_series *series = gather_find_series(evidence, event->series);

    if (!series && evidence->series_count == EVIDENCE_SERIES) {
        evidence->left_out++;
        return;
    }
    if (!series)
        series = &evidence->series[evidence->series_count++];
    series->series = *event;
}

bool evidence_is_temperature(const struct evidence *evidence, const struct evidence_series *series)
{
    return series->series.quantity == QUANTITY_TEMPERATURE &&
           evidence_part(evidence, series->series.part)->kind != PART_DISK;
}

bool evidence_is_drive_temperature(const struct evidence *evidence,
                                   const struct evidence_series *series)
{
    return series->series.quantity == QUANTITY_TEMPERATURE &&
           evidence_part(evidence, series->series.part)->kind == PART_DISK;
}

/* The temperature that moved most, NULL when none has moved enough to say anything about load.
 * Drives lag behind and are not asked. */
static const struct evidence_series *widest_temperature(const struct evidence *evidence)
{
    const struct evidence_series *widest = NULL;
    int64_t range = RANGE_MIN_MILLI - 1;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (!evidence_is_temperature(evidence, series) || !series->samples ||
            series->max - series->min <= range)
            continue;
        widest = series;
        range = series->max - series->min;
    }
    return widest;
}

/* It has lost a third of what it had gained. */
static bool cooling_down(const struct evidence *evidence)
{
    const struct evidence_series *widest = widest_temperature(evidence);

    return widest && widest->max - widest->last > (widest->max - widest->min) / 3;
}

/* Whether it is warm enough for a fan to be missed that may stop while it is cool: some temperature
 * has risen, and stayed up. */
static bool has_warmed_up(const struct evidence *evidence)
{
    return widest_temperature(evidence) && !cooling_down(evidence);
}

static void note_stop(const struct evidence *evidence, struct evidence_series *series)
{
    struct evidence_stop *stop = &series->stop;

    stop->phase = evidence->phase_number;
    stop->has_heat = evidence_hottest(evidence, &stop->hottest_then);
    stop->others_then = evidence_other_fans(evidence, series);
}

/* Another phase is another load, and tells nothing of the fan. */
static void watch_stop(const struct evidence *evidence, struct evidence_series *series)
{
    struct evidence_stop *stop = &series->stop;

    if (!series->stopped || stop->phase != evidence->phase_number || !evidence->phase[0])
        return;
    stop->samples++;
    stop->hottest_last = stop->hottest_then;
    evidence_hottest(evidence, &stop->hottest_last);
    stop->others_last = evidence_other_fans(evidence, series);
}

/* One that stood still when the load came may have been switched off at rest: it has some seconds
 * to turn again. */
static bool may_turn_again(const struct evidence *evidence, uint64_t time_us)
{
    return evidence->stage == THERMAL_LOAD && time_us < evidence->load_us + LATE_US;
}

static void watch_fan(struct evidence *evidence, struct evidence_series *series, int64_t value,
                      uint64_t time_us)
{
    if (value > 0) {
        series->stood |= series->zeros && !series->turned;
        series->turned = true;
        series->zeros = 0;
        return;
    }
    if (!series->zeros++)
        series->zero_us = time_us;
    if (!series->turned || series->stopped || series->zeros < ZEROS_STOPPED ||
        may_turn_again(evidence, time_us))
        return;
    if (evidence_resting(evidence) || cooling_down(evidence) ||
        (series->series.may_stop && !has_warmed_up(evidence))) {
        series->turned = false; /* that it is off when load comes again says nothing */
    } else if (!series->stood || gather_as_warm(evidence, series)) {
        series->stopped = true;
        series->stopped_us = series->zero_us;
        note_stop(evidence, series);
    }
}

/* Less than half of a voltage, or twice as much, is a sensor read wrongly or not connected: the
 * machine would not run. */
static bool is_outside(const struct event_series *series, int64_t value)
{
    return (series->has_low && value < series->low && value >= series->low / 2) ||
           (series->has_high && value > series->high && value / 2 <= series->high);
}

static void watch_rail(const struct evidence *evidence, struct evidence_series *series,
                       int64_t value, uint64_t time_us)
{
    if (!is_outside(&series->series, value)) {
        series->outside_run = 0;
        return;
    }
    if (!series->outside++)
        series->outside_first_us = time_us;
    series->outside_last_us = time_us;
    if (++series->outside_run >= OUTSIDE_RUN)
        series->outside_seen = true;
    if (!evidence->loaded)
        series->outside_at_rest = true;
}

static unsigned heat_step(int64_t milli)
{
    if (milli < 0)
        return 0;
    return milli / HEAT_STEP < HEAT_STEPS ? (unsigned)(milli / HEAT_STEP) : HEAT_STEPS - 1;
}

static void count_heat(uint16_t *count)
{
    *count = (uint16_t)(*count + (*count < UINT16_MAX));
}

static void watch_heat(const struct evidence *evidence, struct evidence_series *series,
                       int64_t value)
{
    series->heat.wrong_now = false;
    if (evidence->loaded && !evidence_resting(evidence))
        count_heat(&series->heat.tested[heat_step(value)]);
}

void gather_memory_heat(struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        struct evidence_series *series = &evidence->series[i];

        if (!evidence_is_temperature(evidence, series) || !series->samples ||
            series->heat.wrong_now)
            continue;
        series->heat.wrong_now = true;
        count_heat(&series->heat.wrong[heat_step(series->last)]);
    }
}

static void watch_limit(struct evidence_series *series, int64_t value, uint64_t time_us)
{
    if (!series->series.has_high || value <= series->series.high) {
        series->high_run = 0;
        return;
    }
    if (++series->high_run == HIGH_RUN && !series->high_seen) {
        series->high_seen = true;
        series->high_us = time_us;
    }
}

void gather_sample(struct evidence *evidence, const struct event_sample *sample, uint64_t time_us)
{
    struct evidence_series *series = gather_find_series(evidence, sample->series);
    bool sane = sample->value > -1000000000 && sample->value < 1000000000000000;

    if (!series || !sane)
        return;
    if (!series->samples++)
        series->min = series->max = sample->value;
    if (sample->value < series->min)
        series->min = sample->value;
    if (sample->value > series->max)
        series->max = sample->value;
    series->last = sample->value;
    series->low_samples += series->low_state;
    series->high_samples += series->high_state;
    if (series->series.quantity == QUANTITY_FAN_SPEED)
        watch_fan(evidence, series, sample->value, time_us);
    watch_stop(evidence, series);
    if (series->series.quantity == QUANTITY_VOLTAGE)
        watch_rail(evidence, series, sample->value, time_us);
    if (series->series.quantity != QUANTITY_TEMPERATURE)
        return;
    watch_limit(series, sample->value, time_us);
    watch_heat(evidence, series, sample->value);
}

void gather_sensor_state(struct evidence *evidence, const struct event_sensor_state *state,
                         uint64_t time_us)
{
    struct evidence_series *series = gather_find_series(evidence, state->series);

    if (!series)
        return;
    if (state->below_critical && !series->low_state) {
        series->low_us = time_us;
        series->low_samples = 0;
    }
    if (state->above_critical && !series->high_state) {
        series->high_us = series->high_seen ? series->high_us : time_us;
        series->high_samples = 0;
    }
    if (state->prochot && !series->slow.prochot)
        series->prochot_at = series->last;
    series->throttled |= state->throttled;
    gather_slowness(series, state, time_us);
    if (state->below_critical || evidence_is_glitch(series, series->low_samples))
        series->low_state = state->below_critical;
    if (state->above_critical || evidence_is_glitch(series, series->high_samples))
        series->high_state = state->above_critical;
}

void gather_load(struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (evidence->series[i].zeros)
            evidence->series[i].turned = false;
    }
}

bool evidence_hottest(const struct evidence *evidence, int64_t *ret_milli)
{
    bool known = false;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (!evidence_is_temperature(evidence, series) || !series->samples)
            continue;
        if (!known || series->last > *ret_milli)
            *ret_milli = series->last;
        known = true;
    }
    return known;
}

int64_t evidence_other_fans(const struct evidence *evidence, const struct evidence_series *but)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (series != but && series->series.quantity == QUANTITY_FAN_SPEED)
            sum += series->last;
    }
    return sum;
}

bool evidence_fan_turns(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (series->series.quantity == QUANTITY_FAN_SPEED && series->samples && series->last > 0)
            return true;
    }
    return false;
}

bool evidence_fan_turned(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (series->series.quantity == QUANTITY_FAN_SPEED && series->samples && series->max > 0)
            return true;
    }
    return false;
}
