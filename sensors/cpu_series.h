/*
 * How the processors' series are declared, and the states of packages told; used by cpu.c alone.
 */
#ifndef ASSAY_SENSORS_CPU_SERIES_H
#define ASSAY_SENSORS_CPU_SERIES_H

#include "sensors/cpu.h"

/* Declares all series when the time has come. True when they are declared. */
bool cpu_series_declare(struct cpu_sensors *sensors, uint64_t now_us);

/* What the processors of one package say together. */
struct cpu_summary {
    const struct cpu_sample *leader; /* the first of them with a fresh sample, for what all share */
    bool has_hottest;
    int64_t hottest;
    uint32_t flags; /* of all sensors: what is, and what was logged since the run began */
    unsigned clocks;
    int64_t khz, nominal_khz; /* of all clocks, added up */
};

/* cpu_state.c. Emits the state of a package when it has changed. */
void cpu_state_tell(const struct cpu_sensors *sensors, struct cpu_package *package,
                    const struct cpu_summary *summary, uint64_t now_us);

/* The base clock, by which MPERF counts; 0: not known. */
uint32_t cpu_nominal_khz(const struct cpu_sensors *sensors, const struct cpu_sample *sample);

/* Whether a processor's sample is of about now. */
bool cpu_unit_is_fresh(const struct cpu_unit *unit, uint64_t now_us);

#endif
