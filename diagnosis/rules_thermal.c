/*
 * Heat under load: contact, air, fans, and processors that slow down.
 *
 * No temperature accuses by itself: many machines run at their limit by design. What counts is a
 * processor that cannot keep its base clock for heat, or a heat sink that takes up far less than
 * one that is seated. Then the shape of the rise tells why: what comes and goes with the load
 * within seconds is between processor and heat sink, what takes minutes is air.
 */
#include "diagnosis/series_evidence.h"

enum {
    CONTACT_PERCENT = 11,  /* of the rise between silicon and heat sink: seated ones have less */
    QUICK_PERCENT = 42,    /* of the rise within seconds: it is the contact; and one more */
    QUICK_STEP_S = 20,     /* for each of these that it took to run slow */
    AT_ONCE_US = 20000000, /* after the load came it ran slow: it is the contact, too */
    SEATED_RISE = 60000,   /* no heat sink that is seated leaps so far at what it is made for */
    WATTS_MIN = 5000,      /* of more power, to be measured by */
    WATTS_SANE = 400000,   /* a limit above it is none */
    DEAF_RISE = 15000,
    WARM_RISE = 10000,  /* of a place that makes no heat of its own */
    STILL_MILLI = 1000, /* a mean speed below it is that of a fan that does not turn */
};

static bool has_word(const struct evidence_series *series, const char *upper, const char *lower)
{
    for (const char *name = series->series.name; *name; name++) {
        if (text_starts(name, upper) || text_starts(name, lower))
            return true;
    }
    return false;
}

static bool is_pump(const struct evidence_series *series)
{
    return has_word(series, "PUMP", "ump");
}

static bool is_of_processor(const struct evidence_series *series)
{
    return has_word(series, "CPU", "cpu") && !is_pump(series);
}

/* ---- a processor that is slow for heat */

bool some_processor_throttles(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (slow_when_hot(evidence, i))
            return true;
    }
    return false;
}

/* Another place that grew warm, or a drive above its limit: what they have in common is the air. */
static bool others_are_warm(const struct evidence *evidence, unsigned index)
{
    part_id part = series_at(evidence, index)->series.part;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *other = series_at(evidence, i);

        if (drive_too_hot(evidence, i) ||
            (other->series.part != part && !other->slow.hot.seen &&
             evidence_is_temperature(evidence, other) && !is_of_processor(other) &&
             thermal_rise(&other->thermal) >= WARM_RISE))
            return true;
    }
    return false;
}

/* Air takes minutes to get warm: the later it ran slow, the more of its rise must come and go
 * within seconds for it to be the contact. */
static unsigned quick_percent_needed(const struct evidence *evidence, unsigned index)
{
    uint64_t first_us = series_at(evidence, index)->slow.hot.first_us;
    uint64_t late_us = first_us > evidence->load_us ? first_us - evidence->load_us : 0;

    return QUICK_PERCENT + (unsigned)(late_us / 1000000 / QUICK_STEP_S);
}

/* One that was slow before any load tells nothing of how quickly it got there. */
static bool was_at_once(const struct evidence *evidence, const struct evidence_stretch *slow)
{
    return evidence->loaded && slow->first_us >= evidence->load_us &&
           slow->first_us <= evidence->load_us + AT_ONCE_US;
}

/* It was slow as soon as the load came; or enough of its rise is in the contact; or, where samples
 * are too far apart for that, enough of it comes and goes within seconds. */
static bool is_quick(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);
    unsigned percent;

    if (was_at_once(evidence, &series->slow.hot))
        return true;
    if (thermal_contact_percent(&series->thermal, &percent))
        return percent >= CONTACT_PERCENT;
    return series->thermal.has_fall && thermal_quick_percent(&series->thermal, &percent) &&
           percent >= quick_percent_needed(evidence, index);
}

static const struct evidence_series *power_of(const struct evidence *evidence, unsigned index)
{
    part_id part = series_at(evidence, index)->series.part;
    unsigned power = evidence_first(evidence, part, QUANTITY_POWER);

    if (evidence_first(evidence, part, QUANTITY_TEMPERATURE) != index)
        return NULL;
    return power < evidence->series_count ? series_at(evidence, power) : NULL;
}

/* What it is made for, else the most that it drew. */
static int64_t rated_milliwatts(const struct evidence_series *power)
{
    bool limited = power->series.has_high && power->series.high <= WATTS_SANE;

    return limited && power->series.high > power->max ? power->series.high : power->max;
}

/* ---- fans */

bool fan_slowed(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *fan = series_at(evidence, index);

    return series_is_fan(fan) && fan->slowed.seen;
}

static bool turns_under_load(const struct evidence_series *fan)
{
    return series_is_fan(fan) && !is_pump(fan) && fan->thermal.has_level &&
           fan->thermal.level >= STILL_MILLI && fan->thermal.has_rest;
}

static bool some_fan_answers(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *fan = series_at(evidence, i);

        if (series_is_fan(fan) && !is_pump(fan) && fan->thermal.answered)
            return true;
    }
    return false;
}

/* Heat that a fan should have answered to: up by so much to the limit, slowly. */
static bool some_heat_for_fans(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (slow_when_hot(evidence, i) && !is_quick(evidence, i) &&
            thermal_rise(&series_at(evidence, i)->thermal) >= DEAF_RISE)
            return true;
    }
    return false;
}

static bool is_deaf(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *fan = series_at(evidence, index);

    return turns_under_load(fan) && fan->thermal.rest > 0 && !fan->thermal.answered &&
           some_heat_for_fans(evidence);
}

bool fan_of_processor_deaf(const struct evidence *evidence, unsigned index)
{
    return is_deaf(evidence, index) && is_of_processor(series_at(evidence, index)) &&
           some_fan_answers(evidence);
}

bool fan_deaf(const struct evidence *evidence, unsigned index)
{
    return is_deaf(evidence, index) && !some_fan_answers(evidence);
}

static bool some_fan_turns_under_load(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *fan = series_at(evidence, i);

        if (series_is_fan(fan) && !is_pump(fan) && fan->thermal.has_level &&
            fan->thermal.level >= STILL_MILLI)
            return true;
    }
    return false;
}

/* A header without a fan reads 0 as well: it must be that of the processor, or no fan turns. */
bool fan_never_turned(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *fan = series_at(evidence, index);

    return series_is_fan(fan) && !is_pump(fan) && fan->thermal.has_level &&
           fan->thermal.level < STILL_MILLI && some_processor_throttles(evidence) &&
           (is_of_processor(fan) || !some_fan_turns_under_load(evidence));
}

bool some_fan_fails(const struct evidence *evidence, unsigned index)
{
    if (some_fan_stopped(evidence, index))
        return true;
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (fan_slowed(evidence, i) || fan_of_processor_deaf(evidence, i) ||
            fan_deaf(evidence, i) || fan_never_turned(evidence, i))
            return true;
    }
    return false;
}

/* ---- contact */

bool heatsink_leaps(const struct evidence *evidence, unsigned index)
{
    return slow_when_hot(evidence, index) && is_quick(evidence, index);
}

bool heatsink_far_beyond(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);
    const struct evidence_series *power = power_of(evidence, index);
    int64_t resistance;

    if (!power || !heatsink_leaps(evidence, index) ||
        !thermal_quick_resistance(&series->thermal, &power->thermal, WATTS_MIN, &resistance))
        return false;
    return resistance * rated_milliwatts(power) / 1000 >= SEATED_RISE;
}

/* ---- air */

bool air_is_short(const struct evidence *evidence, unsigned index)
{
    return slow_when_hot(evidence, index) && !is_quick(evidence, index) &&
           some_fan_turns_under_load(evidence);
}

bool air_is_warm(const struct evidence *evidence, unsigned index)
{
    return air_is_short(evidence, index) && others_are_warm(evidence, index);
}

/* ---- no cause */

bool throttle_explained(const struct evidence *evidence, unsigned index)
{
    return some_fan_fails(evidence, index) || heatsink_leaps(evidence, index) ||
           air_is_short(evidence, index);
}
