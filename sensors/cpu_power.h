/*
 * What a processor draws and how fast it really runs, by counters that it keeps itself.
 *
 * Energy: Intel SDM volume 3, chapter "Power and Thermal Management", section "RAPL Interfaces";
 * AMD's PPR, "RAPL Power Unit" and "Package Energy Status". Clock: the same chapter, "Hardware
 * Feedback and IA32_MPERF/IA32_APERF". Nothing is written. The reading is done by the processor
 * whose registers they are, the differences by anyone.
 */
#ifndef ASSAY_SENSORS_CPU_POWER_H
#define ASSAY_SENSORS_CPU_POWER_H

#include "base/access.h"
#include "sensors/cpu_registers.h"

/* Between two readings: with more the counter may have gone round twice, with less its steps, of
 * about a millisecond, would show. */
enum { POWER_GAP_US_MAX = 60000000, POWER_GAP_US_MIN = 100000 };

/* The counters of one processor at one moment. */
struct cpu_counters {
    bool has_clock, has_package, has_dram;
    uint64_t aperf, mperf;
    uint32_t package, dram; /* energy, in units of 2^-shift J */
    uint8_t package_shift, dram_shift;
    int64_t package_limit; /* milliwatts that it draws for long at most, by its own account; 0: not
                              told */
    uint32_t nominal_khz;  /* of the clock that MPERF counts; 0: not told */
};

/* Reads those that there are. */
void cpu_counters_read(const struct access *access, const struct cpu_registers *registers,
                       struct cpu_counters *ret_counters);

/* A counter's last reading; all zero before the first. */
struct energy_meter {
    bool begun;
    uint32_t units;
    uint64_t time_us;
};

struct clock_meter {
    bool begun;
    uint64_t aperf, mperf, time_us;
};

/* The mean power since the last call in milliwatts, by a counter of 32 bits that goes round. False
 * at the first call, after a gap that is too long or too short, and of a counter that stands
 * still: no processor that works draws nothing. */
bool energy_meter_take(struct energy_meter *meter, uint32_t units, unsigned shift, uint64_t time_us,
                       int64_t *ret_milliwatts);

/* The mean clock since the last call, while the processor was not halted, in kilohertz. False at
 * the first call, after too long a gap, and where a counter did not move or went back. */
bool clock_meter_take(struct clock_meter *meter, uint64_t aperf, uint64_t mperf,
                      uint32_t nominal_khz, uint64_t time_us, int64_t *ret_khz);

#endif
