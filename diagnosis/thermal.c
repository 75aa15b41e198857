#include "diagnosis/thermal.h"

enum {
    WEIGHT = 4,       /* a new sample moves a level by a fourth of what it differs */
    SAMPLES_SURE = 3, /* one reading may be a wrong one */
    LEAP_SAMPLES = 2, /* the first one may be the mean of a time that was still idle */
    RISE_MIN = 5000,  /* a smaller rise has no shape */
    CONSTANT_PERCENT = 63,
};

static void approach(int64_t *level, bool *known, int64_t value)
{
    *level = *known ? *level + (value - *level) / WEIGHT : value;
    *known = true;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Points lie ever further apart, each a third later than the one before: so the rise fits at any
 * length of a run, and its beginning is kept. */
static void add_point(struct thermal *thermal, uint64_t after_us, int64_t value)
{
    uint64_t after_ms = after_us / 1000;
    unsigned count = thermal->point_count;

    if (count == THERMAL_POINTS || after_ms > UINT32_MAX || value > INT32_MAX ||
        (count && after_ms < thermal->points[count - 1].after_ms * (uint64_t)4 / 3 + 1))
        return;
    thermal->points[thermal->point_count++] =
        (struct thermal_point){.after_ms = (uint32_t)after_ms, .value = (int32_t)value};
}

static void watch_answer(struct thermal *thermal, uint64_t after_us, int64_t value)
{
    int64_t more = thermal->rest / 100 * THERMAL_ANSWER_PERCENT;

    if (!thermal->has_rest || thermal->answered)
        return;
    if (more < THERMAL_ANSWER_MIN_MILLI)
        more = THERMAL_ANSWER_MIN_MILLI;
    thermal->faster = (uint8_t)(value >= thermal->rest + more ? thermal->faster + 1 : 0);
    if (thermal->faster < SAMPLES_SURE)
        return;
    thermal->answered = true;
    thermal->answer_s = (uint32_t)(after_us / 1000000);
}

static bool is_early(uint64_t after_us)
{
    return after_us >= THERMAL_LEAP_US_MIN && after_us <= THERMAL_LEAP_US_MAX;
}

static void add_loaded(struct thermal *thermal, uint64_t after_us, int64_t value)
{
    approach(&thermal->level, &thermal->has_level, value);
    if (!thermal->point_count || thermal->level > thermal->top)
        thermal->top = thermal->level;
    if (after_us <= THERMAL_LEAP_US_MAX)
        thermal->leap_samples++;
    if (thermal->has_rest && is_early(after_us)) {
        thermal->leap = value - thermal->rest;
        thermal->has_leap = true;
    }
    watch_answer(thermal, after_us, value);
    add_point(thermal, after_us, value);
}

static void add_cooling(struct thermal *thermal, uint64_t after_us, int64_t value)
{
    if (after_us >= THERMAL_DROP_US_MIN && after_us <= THERMAL_DROP_US_MAX) {
        thermal->drop = thermal->level - value;
        thermal->has_drop = true;
    }
    if (is_early(after_us)) {
        thermal->fall = thermal->level - value;
        thermal->has_fall = true;
    }
}

void thermal_add(struct thermal *thermal, enum thermal_stage stage, uint64_t since_us,
                 uint64_t time_us, int64_t value)
{
    uint64_t after_us = time_us > since_us ? time_us - since_us : 0;

    if (stage > thermal->stage)
        thermal->stage = (uint8_t)stage;
    if (stage < thermal->stage)
        return;
    if (stage == THERMAL_REST)
        approach(&thermal->rest, &thermal->has_rest, value);
    if (stage == THERMAL_LOAD)
        add_loaded(thermal, after_us, value);
    if (stage == THERMAL_COOLING && thermal->has_level)
        add_cooling(thermal, after_us, value);
}

int64_t thermal_rise(const struct thermal *thermal)
{
    return thermal->has_rest && thermal->has_level ? thermal->level - thermal->rest : 0;
}

bool thermal_time_constant(const struct thermal *thermal, uint32_t *ret_seconds)
{
    int64_t rise = thermal_rise(thermal);

    if (rise < RISE_MIN)
        return false;
    for (unsigned i = 0; i < thermal->point_count; i++) {
        if ((thermal->points[i].value - thermal->rest) * 100 < rise * CONSTANT_PERCENT)
            continue;
        *ret_seconds = thermal->points[i].after_ms / 1000;
        return true;
    }
    return false;
}

static unsigned percent_of(int64_t part, int64_t whole)
{
    if (part < 0)
        return 0;
    return part < whole ? (unsigned)(part * 100 / whole) : 100;
}

bool thermal_contact_percent(const struct thermal *thermal, unsigned *ret_percent)
{
    int64_t rise = thermal_rise(thermal);

    if (rise < RISE_MIN || !thermal->has_drop || !thermal->has_fall)
        return false;
    *ret_percent = percent_of(thermal->fall - thermal->drop, rise);
    return true;
}

bool thermal_quick_percent(const struct thermal *thermal, unsigned *ret_percent)
{
    int64_t rise = thermal_rise(thermal);
    int64_t quick = thermal->has_fall ? thermal->fall : thermal->leap;

    if (rise < RISE_MIN || (!thermal->has_fall && !thermal->has_leap))
        return false;
    *ret_percent = percent_of(quick, rise);
    return true;
}

/* Thousandths of a degree over thousandths of a watt, in thousandths. */
static int64_t over(int64_t milli_degrees, int64_t milliwatts)
{
    return milli_degrees > 0 && milliwatts > 0 ? milli_degrees * 1000 / milliwatts : 0;
}

bool thermal_quick_resistance(const struct thermal *temperature, const struct thermal *power,
                              int64_t milliwatts_min, int64_t *ret_milli)
{
    bool by_leap = temperature->has_leap && power->has_leap &&
                   power->leap_samples >= LEAP_SAMPLES && power->leap >= milliwatts_min;
    bool by_fall = temperature->has_fall && thermal_rise(power) >= milliwatts_min;
    int64_t leap = by_leap ? over(temperature->leap, power->leap) : 0;
    int64_t fall = by_fall ? over(temperature->fall, thermal_rise(power)) : 0;

    if (!by_leap && !by_fall)
        return false;
    *ret_milli = by_leap && by_fall ? smaller(leap, fall) : by_leap ? leap : fall;
    return true;
}

bool thermal_resistance(const struct thermal *temperature, const struct thermal *power,
                        int64_t milliwatts_min, int64_t *ret_milli)
{
    int64_t watts = thermal_rise(power);

    if (watts < milliwatts_min || !temperature->has_rest || !temperature->has_level)
        return false;
    *ret_milli = over(thermal_rise(temperature), watts);
    return true;
}
