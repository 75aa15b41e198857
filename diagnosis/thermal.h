/*
 * What the samples of one series tell of heat: its level at rest, how it leaps when load comes,
 * how slowly it goes on rising, where it ends, and how it falls when load goes.
 *
 * A machine is loaded in steps on purpose: idle, load, idle. What is between the heart of a
 * processor and the metal of its heat sink answers within seconds, the heat sink and the air of
 * the case within minutes; that tells bad contact from lack of air. The same struct learns from
 * fans (whether they answer, and how late), from power and from the clock.
 *
 * Pure: samples come in the order of their time, the clock is theirs, nothing is judged. Values
 * are those of enum quantity: thousandths of a degree, of a revolution per minute, of a watt.
 */
#ifndef ASSAY_DIAGNOSIS_THERMAL_H
#define ASSAY_DIAGNOSIS_THERMAL_H

#include <stdbool.h>
#include <stdint.h>

enum thermal_stage {
    THERMAL_REST,    /* no load yet */
    THERMAL_LOAD,    /* from the first phase that puts load on the machine */
    THERMAL_COOLING, /* in the cool-down */
    THERMAL_OVER,    /* after it: nothing is learned any more */
};

enum {
    THERMAL_POINTS = 24,               /* of a rise that are kept */
    THERMAL_DROP_US_MIN = 800000,      /* a drop is what has happened so long */
    THERMAL_DROP_US_MAX = 2500000,     /* to so long after the load went: in the silicon itself */
    THERMAL_LEAP_US_MIN = 3000000,     /* a leap is what has happened so long */
    THERMAL_LEAP_US_MAX = 10000000,    /* to so long after the load came or went */
    THERMAL_ANSWER_PERCENT = 10,       /* by so much a fan that answers is faster than at rest */
    THERMAL_ANSWER_MIN_MILLI = 100000, /* and by so much at least */
};

struct thermal_point {
    uint32_t after_ms; /* the load had come */
    int32_t value;
};

/* All zero before the first sample. */
struct thermal {
    uint8_t stage; /* enum thermal_stage, of the last sample */
    bool has_rest, has_level, has_leap, has_fall, has_drop, answered;
    uint8_t faster; /* samples in a row that are above rest, as an answer is */
    int64_t rest;   /* before load, the latest samples weighing most */
    int64_t level;  /* under load, likewise */
    int64_t top;    /* the highest level there was */
    int64_t leap;   /* by how much it was above rest some seconds after load came */
    int64_t drop;   /* by how much it was below its level as soon as load went */
    int64_t fall;   /* by how much it was below its level some seconds after load went */
    uint32_t leap_samples;
    uint32_t answer_s; /* of a fan: how late it answered */
    uint32_t point_count;
    struct thermal_point points[THERMAL_POINTS]; /* of the rise, each a third later than the last */
};

/* Learns from one sample. `since_us` is when the stage began, on the clock of `time_us`. A stage
 * that is before that of the last sample counts as that of the last. */
void thermal_add(struct thermal *thermal, enum thermal_stage stage, uint64_t since_us,
                 uint64_t time_us, int64_t value);

/* By how much it stands above rest at the end of the load; 0 where one of them is not known. */
int64_t thermal_rise(const struct thermal *thermal);

/* After how many seconds of load 63 % of the rise were done, the time constant where there is
 * one. False where it did not rise, or was not seen rising. */
bool thermal_time_constant(const struct thermal *thermal, uint32_t *ret_seconds);

/* How much of its rise, in percent up to 100, goes within seconds after the load and not at once:
 * what is at once is in the silicon, what follows is the metal on it that empties into the heat
 * sink, what takes minutes is heat sink and air. False where samples were too far apart, or it did
 * not rise. */
bool thermal_contact_percent(const struct thermal *thermal, unsigned *ret_percent);

/* How much of its rise comes and goes with the load within seconds, in percent up to 100: by the
 * fall where it is known, else by the leap. False where neither is, or it did not rise. */
bool thermal_quick_percent(const struct thermal *thermal, unsigned *ret_percent);

/*
 * Thermal resistance of what answers within seconds, in thousandths of K/W: leap and fall of a
 * temperature over those of the power that belongs to it; the smaller where both are known. The
 * power fell to what it was at rest. False where power did not change by `milliwatts_min`, or
 * nothing was seen in time.
 */
bool thermal_quick_resistance(const struct thermal *temperature, const struct thermal *power,
                              int64_t milliwatts_min, int64_t *ret_milli);

/* The same of the whole rise. */
bool thermal_resistance(const struct thermal *temperature, const struct thermal *power,
                        int64_t milliwatts_min, int64_t *ret_milli);

#endif
