/*
 * Heat and what answers to it: the stages of load, and times in which a processor ran slow.
 */
#include "base/text.h"
#include "diagnosis/gather.h"

enum {
    NEAR_MILLI = 3000,  /* so close below its limit a processor is at it */
    COOL_MILLI = 15000, /* and so far below it, the limit is not the reason */
    COUNTS_US = 30000000,
    BREAKS_MAX = 1,
    BASE_PERCENT = 99,   /* of the base clock: a clock that stays at it is measured so well */
    SLOWED_PERCENT = 45, /* of what a fan had turned at */
    COOLER_MILLI = 2000, /* than it was then: a reason to turn slower */
    RANGE_MIN = 5000,    /* a temperature that moved less says nothing about load */
    RANGE_SURE = 15000,  /* and one that moved less than this, little of a processor */
};

unsigned evidence_first(const struct evidence *evidence, part_id part, enum quantity quantity)
{
    unsigned i = 0;

    while (i < evidence->series_count && (evidence->series[i].series.part != part ||
                                          evidence->series[i].series.quantity != quantity))
        i++;
    return i;
}

/* ---- stages */

static enum thermal_stage stage_of(const struct evidence *evidence)
{
    if (text_equal(evidence->phase, "verdict"))
        return THERMAL_OVER;
    if (!evidence->loaded)
        return THERMAL_REST;
    return evidence_resting(evidence) ? THERMAL_COOLING : THERMAL_LOAD;
}

void gather_stage(struct evidence *evidence, uint64_t time_us)
{
    enum thermal_stage stage = stage_of(evidence);

    if (stage <= evidence->stage)
        return;
    evidence->stage = (uint8_t)stage;
    evidence->stage_us = time_us;
    if (stage == THERMAL_LOAD)
        evidence->load_us = time_us;
}

/* ---- a processor that runs slow */

static void extend(struct evidence_stretch *stretch, bool holds, uint64_t time_us)
{
    if (!holds) {
        if (++stretch->breaks > BREAKS_MAX)
            stretch->lasts = false;
        return;
    }
    stretch->breaks = 0;
    if (!stretch->lasts)
        stretch->since_us = time_us;
    stretch->lasts = true;
    if (stretch->seen || time_us < stretch->since_us + COUNTS_US)
        return;
    stretch->seen = true;
    stretch->first_us = stretch->since_us;
}

/* A clock, beside the first temperature of its part; the lower limit of a clock is its base. */
static void watch_clock(struct evidence *evidence, const struct evidence_series *clock,
                        uint64_t time_us)
{
    unsigned index = evidence_first(evidence, clock->series.part, QUANTITY_TEMPERATURE);
    struct evidence_series *heat = &evidence->series[index];
    int64_t base = clock->series.low / 100 * BASE_PERCENT;
    bool slow = clock->last < base;

    if (index == evidence->series_count || !clock->series.has_low || !heat->samples ||
        !heat->series.has_high || evidence->stage != THERMAL_LOAD)
        return;
    extend(&heat->slow.hot, slow && heat->last >= heat->series.high - NEAR_MILLI, time_us);
    /* One that never came up to its base is kept slow by its firmware. */
    extend(&heat->slow.cool,
           slow && heat->slow.prochot && clock->max >= base &&
               heat->last <= heat->series.high - COOL_MILLI,
           time_us);
}

void gather_slowness(struct evidence_series *series, const struct event_sensor_state *state,
                     uint64_t time_us)
{
    series->slow.prochot |= state->prochot;
    if (!state->slow_when_hot || series->slow.hot.seen)
        return;
    series->slow.hot.seen = true;
    series->slow.hot.first_us = time_us > COUNTS_US ? time_us - COUNTS_US : 0;
}

/* ---- fans */

/* The temperature that moved most tells how warm the machine is; series_count where none did. */
static unsigned warmest_place(const struct evidence *evidence)
{
    unsigned place = evidence->series_count;
    int64_t range = RANGE_MIN - 1;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];

        if (!evidence_is_temperature(evidence, series) || !series->thermal.has_level ||
            series->max - series->min <= range)
            continue;
        place = i;
        range = series->max - series->min;
    }
    return place;
}

static void keep_top(const struct evidence *evidence, struct evidence_series *fan)
{
    unsigned place = warmest_place(evidence);

    fan->top_known = place < evidence->series_count;
    if (!fan->top_known)
        return;
    fan->top_place = place;
    fan->top_heat = evidence->series[place].thermal.level;
}

bool gather_as_warm(const struct evidence *evidence, const struct evidence_series *fan)
{
    const struct evidence_series *place = &evidence->series[fan->top_place];

    return fan->top_known && place->max - place->min >= RANGE_SURE &&
           place->thermal.level >= fan->top_heat - COOLER_MILLI &&
           place->last >= fan->top_heat - COOLER_MILLI;
}

/* Below the limit of its own that it had kept, or far below what it had turned at, in a machine as
 * warm as it was then. */
static void watch_speed(const struct evidence *evidence, struct evidence_series *fan,
                        uint64_t time_us)
{
    const struct event_series *limits = &fan->series;
    bool below = limits->has_low && fan->max >= limits->low && fan->last < limits->low;
    bool slowed = fan->last * 100 < fan->thermal.top * SLOWED_PERCENT;

    if (evidence->stage != THERMAL_LOAD)
        return;
    if (fan->thermal.level >= fan->thermal.top)
        keep_top(evidence, fan);
    extend(&fan->slowed, fan->last > 0 && (below || slowed) && gather_as_warm(evidence, fan),
           time_us);
}

void gather_thermal(struct evidence *evidence, const struct event_sample *sample, uint64_t time_us)
{
    struct evidence_series *series = gather_find_series(evidence, sample->series);

    if (!series || !series->samples || series->last != sample->value)
        return;
    if (series->series.quantity == QUANTITY_CLOCK)
        watch_clock(evidence, series, time_us);
    thermal_add(&series->thermal, (enum thermal_stage)evidence->stage, evidence->stage_us, time_us,
                sample->value);
    if (series->series.quantity == QUANTITY_FAN_SPEED)
        watch_speed(evidence, series, time_us);
}
