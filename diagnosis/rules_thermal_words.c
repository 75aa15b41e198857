/*
 * Heat under load, in words.
 */
#include "diagnosis/series_evidence.h"

enum { WATTS_TOLD_MIN = 1000 };

static void tell_range(const struct thermal *thermal, const char *unit, struct text *text)
{
    if (thermal->has_rest) {
        text_milli(text, thermal->rest, 0);
        text_format(text, "%s at rest, ", unit);
    }
    text_milli(text, thermal->level, 0);
    text_format(text, "%s under load", unit);
}

void tell_fan_speed(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *fan = series_at(evidence, index);

    text_format(text, "%s: ", fan->series.name);
    if (fan->slowed.seen) {
        text_milli(text, fan->last, 0);
        text_add(text, " rpm after ");
        text_milli(text, fan->thermal.top, 0);
        text_add(text, " rpm, and it is no cooler");
        if (fan->series.has_low && fan->last < fan->series.low) {
            text_add(text, "; its own limit is ");
            text_milli(text, fan->series.low, 0);
            text_add(text, " rpm");
        }
    } else {
        tell_range(&fan->thermal, " rpm", text);
        text_add(text, ", while the processor slows down for heat");
    }
}

static void tell_series(const struct evidence *evidence, part_id part, enum quantity quantity,
                        const char *unit, struct text *text)
{
    unsigned index = evidence_first(evidence, part, quantity);

    if (index == evidence->series_count || !series_at(evidence, index)->thermal.has_level)
        return;
    text_add(text, "; ");
    tell_range(&series_at(evidence, index)->thermal, unit, text);
}

static void tell_resistance(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);
    unsigned power = evidence_first(evidence, series->series.part, QUANTITY_POWER);
    const struct thermal *watts;
    int64_t milli;

    if (power == evidence->series_count)
        return;
    watts = &series_at(evidence, power)->thermal;
    if (thermal_quick_resistance(&series->thermal, watts, WATTS_TOLD_MIN, &milli)) {
        text_add(text, "; ");
        text_milli(text, milli, 2);
        text_add(text, " K/W within seconds");
    }
    if (thermal_resistance(&series->thermal, watts, WATTS_TOLD_MIN, &milli)) {
        text_add(text, ", ");
        text_milli(text, milli, 2);
        text_add(text, " K/W in all");
    }
}

/* The fan that answers best, and how late; else that none does. */
static void tell_answer(const struct evidence *evidence, struct text *text)
{
    const struct evidence_series *best = NULL;
    bool known = false;

    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *fan = series_at(evidence, i);

        if (!series_is_fan(fan) || !fan->thermal.has_level)
            continue;
        known = true;
        if (fan->thermal.answered && (!best || fan->thermal.level > best->thermal.level))
            best = fan;
    }
    if (best) {
        text_format(text, "; %s answered after %u s: ", best->series.name, best->thermal.answer_s);
        tell_range(&best->thermal, " rpm", text);
    } else {
        text_add(text, known ? "; no fan answers" : "; no fan could be read");
    }
}

void tell_throttle(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);
    unsigned percent;
    uint32_t seconds;

    text_format(text, "%s: ", series->series.name);
    tell_range(&series->thermal, " C", text);
    if (series->series.has_high) {
        text_add(text, " of ");
        text_milli(text, series->series.high, 0);
    }
    if (thermal_quick_percent(&series->thermal, &percent))
        text_format(text, ", %u %% of it within seconds", percent);
    if (thermal_contact_percent(&series->thermal, &percent))
        text_format(text, ", %u %% between silicon and heat sink", percent);
    if (thermal_time_constant(&series->thermal, &seconds))
        text_format(text, ", 63 %% after %u s", seconds);
    tell_resistance(evidence, index, text);
    tell_series(evidence, series->series.part, QUANTITY_CLOCK, " MHz", text);
    tell_series(evidence, series->series.part, QUANTITY_POWER, " W", text);
    tell_answer(evidence, text);
}
