/*
 * Voltages.
 */
#include "diagnosis/series_evidence.h"

enum { TOGETHER_US = 60 * 1000000 };

static bool is_rail(const struct evidence_series *series)
{
    return series->series.quantity == QUANTITY_VOLTAGE;
}

/* The cell that keeps the clock going feeds nothing else. */
bool rail_is_battery(const struct evidence *evidence, unsigned index)
{
    const char *name = series_at(evidence, index)->series.name;

    for (; *name; name++) {
        if (text_starts(name, "BAT") || text_starts(name, "Bat") || text_starts(name, "bat"))
            return true;
    }
    return false;
}

bool rail_outside(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);
    bool says_so = series->low_state || series->high_state;

    return is_rail(series) &&
           (series->outside_seen || (says_so && (series->outside || !series->samples)));
}

static bool is_within(uint64_t first_us, uint64_t last_us, const struct evidence_series *series)
{
    return first_us <= series->outside_last_us + TOGETHER_US &&
           series->outside_first_us <= last_us + TOGETHER_US;
}

static bool drive_failed_then(const struct evidence_drive *drive,
                              const struct evidence_series *series)
{
    static const uint8_t losses[] = {DISK_FAULT_LINK, DISK_FAULT_TIMEOUT, DISK_FAULT_GONE};

    for (size_t i = 0; i < sizeof(losses); i++) {
        const struct evidence_faults *faults = &drive->faults[losses[i]];

        if (faults->count && is_within(faults->first_us, faults->last_us, series))
            return true;
    }
    return false;
}

/* One reading may be a wrong one; not when other things failed just then. */
bool rail_dipped_with_others(const struct evidence *evidence, unsigned index)
{
    const struct evidence_series *series = series_at(evidence, index);

    if (!is_rail(series) || !series->outside)
        return false;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        if (drive_failed_then(&evidence->drives[i], series))
            return true;
    }
    for (unsigned i = 0; i < evidence->check_count; i++) {
        const struct evidence_check *check = &evidence->checks[i];

        if (check->in_run && is_within(check->first_us, check->last_us, series))
            return true;
    }
    return false;
}

static unsigned others_outside(const struct evidence *evidence, unsigned index)
{
    unsigned count = 0;

    for (unsigned i = 0; i < evidence->series_count; i++)
        count += i != index && rail_outside(evidence, i) && !rail_is_battery(evidence, i);
    return count;
}

void tell_rail(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_series *series = series_at(evidence, index);
    const struct event_series *limits = &series->series;
    bool low = limits->has_low && series->min < limits->low;

    text_format(text, "%s", limits->name);
    if (series->outside) {
        text_format(text, " read %s", low ? "down to " : "up to ");
        text_milli(text, low ? series->min : series->max, 3);
        text_add(text, " V, its own limit is ");
        text_milli(text, low ? limits->low : limits->high, 3);
        text_format(text, " V; %u of %u readings were beyond it", series->outside, series->samples);
    } else {
        text_add(text, ": the sensor itself reports it beyond its critical threshold");
    }
    if (others_outside(evidence, index))
        text_format(text, "; so were %u other voltages", others_outside(evidence, index));
}
