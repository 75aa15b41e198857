/*
 * The processors' own sensors, told as series: temperatures of packages, cores and chiplets, power,
 * clock, and whether a package is slowed down for heat.
 *
 * Each processor reads its own registers into a struct cpu_sample once a second; the boot processor
 * gathers the samples here and emits. A part is declared for each package, and its series with it,
 * once all processors have given a sample or CPU_ROUNDS_WAIT rounds have gone by. With more than
 * CPU_CORES_SHOWN cores only the hottest of each package has a series, whose source says of how
 * many. A processor without such sensors, as under most hypervisors, declares nothing.
 */
#ifndef ASSAY_SENSORS_CPU_H
#define ASSAY_SENSORS_CPU_H

#include "base/event.h"
#include "sensors/cpu_amd.h"
#include "sensors/cpu_intel.h"
#include "sensors/cpu_power.h"
#include "sensors/reading.h"

enum {
    CPU_PROCESSORS_MAX = 257, /* the boot processor and 256 others */
    CPU_PACKAGES_MAX = 8,
    CPU_CORES_SHOWN = 16,
    CPU_ROUNDS_WAIT = 5,
    CPU_FRESH_US = 5000000,   /* an older sample is not told again */
    CPU_SLOW_US = 30000000,   /* of a clock below nominal while hot, until it counts */
    CPU_HOT_MILLI = 3000,     /* within so much of TjMax a package is hot */
    CPU_NOMINAL_PERCENT = 99, /* of the nominal clock: one that stays at it is measured so well */
};

/* What one processor has read of itself. */
struct cpu_sample {
    uint64_t time_us;       /* on the clock of all of them; 0: no sample yet */
    uint16_t package, core; /* where it is, by the firmware */
    int64_t tj_max;         /* thousandths of a degree; 0: not known */
    bool has_core, has_package;
    struct intel_thermal core_thermal, package_thermal;
    struct cpu_counters counters;
};

/* Reads the calling processor's registers; place and time are left as they are. */
void cpu_sample_read(const struct access *access, const struct cpu_registers *registers,
                     struct cpu_sample *sample);

struct cpu_sensors_config {
    const struct access *access;
    const struct cpu_registers *registers; /* of the boot processor; read at the beginning only */
    const char *brand;
    const struct sink *sink;
    struct numbers *numbers;
    unsigned processors; /* that give samples */
    uint32_t tsc_khz;    /* the clock of MPERF where the processor does not tell it; 0: not known */
};

/* A series, and what was told of it. */
struct cpu_series {
    uint16_t number; /* plus one; 0: not declared */
    uint8_t quantity;
    struct reading_watch watch;
    char name[NAME_SIZE];
    bool stuck; /* it was noted that it does not move */
};

struct cpu_unit {
    struct cpu_sample sample;
    uint32_t first_core, first_package; /* flags of the first sample: logs from before the run */
    struct clock_meter clock;
    int64_t khz; /* 0: not known */
};

struct cpu_core {
    uint16_t package, core;
    struct cpu_series temperature;
};

struct cpu_package {
    uint16_t number;
    part_id part;
    unsigned cores; /* with a sensor of their own */
    struct cpu_series temperature, hottest, power, dram_power, clock;
    struct energy_meter energy, dram_energy;
    int64_t milliwatts; /* drawn last; 0: not known */
    uint64_t slow_since_us;
    uint16_t state_series;           /* plus one, whose state is told: its first temperature */
    struct event_sensor_state state; /* as told last */
};

struct cpu_sensors {
    struct cpu_sensors_config config;
    bool begun, declared;
    unsigned rounds;
    struct cpu_unit units[CPU_PROCESSORS_MAX];
    struct cpu_package packages[CPU_PACKAGES_MAX];
    unsigned package_count;
    struct cpu_core cores[CPU_CORES_SHOWN];
    unsigned core_count; /* of all packages, those that have no series counted as well */
    bool has_amd;
    struct amd_thermal amd;
    struct cpu_series tctl, tdie, ccd[AMD_CCDS_MAX];
    unsigned temperatures; /* series of them that were declared */
};

/* Whether a processor may have any of these sensors; else nothing of it is touched. */
bool cpu_sensors_exist(const struct cpu_registers *registers);

/* All zero before. What the configuration points to must outlive the struct, but for `registers`
 * and `brand`. Looks for AMD's sensors, whose address register is written and put back. */
void cpu_sensors_begin(struct cpu_sensors *sensors, const struct cpu_sensors_config *config);

/* Takes the latest sample of a processor, numbered from 0; the same one again changes nothing. */
void cpu_sensors_take(struct cpu_sensors *sensors, unsigned processor,
                      const struct cpu_sample *sample);

/*
 * Ends a round, once a second: declares, and emits a sample of each series that has a reading.
 * EVENT_SENSOR_STATE of a package's first temperature when one of these is seen first, and stays:
 * `throttled`, it slows itself down for heat or logged since the run began that it did; `prochot`,
 * another device makes it slow, or did; `above_critical`, the same of its critical temperature;
 * `slow_when_hot`, its clock was below nominal for CPU_SLOW_US while it was hot. A log that was set
 * before the run says nothing any more.
 * EVENT_NOTE, once, of a temperature that read the same for READING_STUCK_SAMPLES rounds while its
 * package came to draw twice or half the power.
 */
void cpu_sensors_tell(struct cpu_sensors *sensors, uint64_t now_us);

/* How many temperatures are read; 0 until they are declared. */
unsigned cpu_sensors_temperatures(const struct cpu_sensors *sensors);

#endif
