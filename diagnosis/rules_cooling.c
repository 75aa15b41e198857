#include "diagnosis/series_evidence.h"

enum { SAMPLES_STUCK = 3 };

/* A reading that never moves and was beyond its limit all the time is a sensor read wrongly. */
static bool is_too_hot(const struct evidence_series *series)
{
    bool stuck = series->samples >= SAMPLES_STUCK && series->min == series->max;

    return (series->high_seen || series->high_state) && !stuck;
}

bool fan_stopped(const struct evidence *evidence, unsigned index)
{
    return series_is_fan(series_at(evidence, index)) && series_at(evidence, index)->stopped;
}

bool fan_stopped_and_says_so(const struct evidence *evidence, unsigned index)
{
    return fan_stopped(evidence, index) && series_at(evidence, index)->low_state;
}

bool fan_below_threshold(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);

    return series_is_fan(series) && series->low_state &&
           !evidence_is_glitch(series, series->low_samples);
}

bool some_fan_stopped(const struct evidence *evidence, unsigned index)
{
    (void)index;
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (fan_stopped(evidence, i) || fan_below_threshold(evidence, i))
            return true;
    }
    return false;
}

/* Since when a fan is known not to do its work. */
static uint64_t fan_fault_us(const struct evidence_series *series)
{
    if (series->stopped && series->low_state)
        return series->stopped_us < series->low_us ? series->stopped_us : series->low_us;
    return series->stopped ? series->stopped_us : series->low_us;
}

bool fan_stopped_before(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if ((fan_stopped(evidence, i) || fan_below_threshold(evidence, i)) &&
            fan_fault_us(series_at(evidence, i)) <= series_at(evidence, index)->high_us)
            return true;
    }
    return false;
}

bool drive_too_hot(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);

    return evidence_is_drive_temperature(evidence, series) && is_too_hot(series);
}

bool part_too_hot(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);

    return evidence_is_temperature(evidence, series) && is_too_hot(series);
}

bool some_part_too_hot(const struct evidence *evidence)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (part_too_hot(evidence, i))
            return true;
    }
    return false;
}

/* The processor or the board, and a drive: what they have in common is the air. */
bool part_too_hot_with_drive(const struct evidence *evidence, unsigned index)
{
    if (!part_too_hot(evidence, index))
        return false;
    for (unsigned i = 0; i < evidence->series_count; i++) {
        if (drive_too_hot(evidence, i))
            return true;
    }
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (drive_says_hot(evidence, i))
            return true;
    }
    return false;
}

/* One cause is named once: a fan that fails, what makes a processor slow down for heat, or the
 * first part that got too hot. */
bool heat_explained(const struct evidence *evidence, unsigned index)
{
    if (some_fan_fails(evidence, index) || some_processor_throttles(evidence))
        return true;
    for (unsigned i = 0; i < index; i++) {
        if (part_too_hot(evidence, i))
            return true;
    }
    return false;
}

void tell_fan(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);

    text_format(text, "%s: ", series->series.name);
    if (series->stopped) {
        text_add(text, "it turned at up to ");
        text_milli(text, series->max, 0);
        text_add(text, " rpm and then read 0, ");
        text_duration(text, series->stopped_us / 1000000);
        text_add(text, " into the run");
        if (series->last > 0)
            text_add(text, "; it turns again");
    }
    if (series->low_state)
        text_format(text, "%sthe sensor itself reports it below its critical threshold",
                    series->stopped ? "; " : "");
}

void tell_heat(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);

    text_format(text, "%s reached ", series->series.name);
    text_milli(text, series->max, 1);
    text_add(text, " C");
    if (series->series.has_high) {
        text_add(text, ", its own limit is ");
        text_milli(text, series->series.high, 1);
        text_add(text, " C");
    }
    if (series->high_state)
        text_add(text, "; the sensor itself reports it above its critical threshold");
    text_add(text, evidence_fan_turns(evidence) ? "; fans turn" : "; no fan could be read");
}
