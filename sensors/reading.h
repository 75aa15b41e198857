/*
 * The quality of a reading: whether a number that a register gave may be shown as one.
 *
 * A sensor whose input is open, or whose chip is not there, gives a number all the same. What
 * cannot be is never shown; what never moves is shown and marked, and the mark accuses nothing.
 */
#ifndef ASSAY_SENSORS_READING_H
#define ASSAY_SENSORS_READING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

enum reading_quality {
    READING_FRESH,
    READING_STUCK,       /* the same number READING_STUCK_SAMPLES times, while the load changed */
    READING_IMPLAUSIBLE, /* no such place has such a value: not to be shown */
    READING_ABSENT,      /* there is none: not to be shown */
};

enum { READING_STUCK_SAMPLES = 60 };

/*
 * Whether a value, in the units of enum quantity, can be one inside a machine that runs: a
 * temperature from -40 to 150 °C, a fan up to 30,000 rpm, a voltage from -15 to 30 V, power up to
 * 2 kW, a clock up to 12 GHz.
 */
bool reading_is_plausible(enum quantity quantity, int64_t value);

/* One sensor's memory; all zero before the first reading. */
struct reading_watch {
    int64_t last;
    uint32_t same; /* readings in a row that equal the last, itself counted */
    bool load_changed;
};

/* The machine's load went from idle to heavy or back since the last reading. */
void reading_load_changed(struct reading_watch *watch);

/* Judges a reading. `has_value` is false where the register gave none. */
enum reading_quality reading_judge(struct reading_watch *watch, enum quantity quantity,
                                   bool has_value, int64_t value);

/* Whether a reading of this quality may be shown. */
static inline bool reading_is_shown(enum reading_quality quality)
{
    return quality == READING_FRESH || quality == READING_STUCK;
}

#endif
