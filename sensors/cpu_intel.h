/*
 * Intel's digital thermal sensors: the temperature of a core and of its package, and whether they
 * are, or were, slowed down for heat.
 *
 * Intel SDM volume 3, chapter "Power and Thermal Management", sections "Digital Thermal Sensor and
 * Interrupt" and "Package Level Thermal Management"; the registers are those of the processor that
 * calls. Nothing is written: the log bits stay set from boot on, so only the difference to the
 * first reading counts.
 */
#ifndef ASSAY_SENSORS_CPU_INTEL_H
#define ASSAY_SENSORS_CPU_INTEL_H

#include "base/access.h"
#include "sensors/cpu_registers.h"

/* Bits of IA32_THERM_STATUS and IA32_PACKAGE_THERM_STATUS; each log stands one above its state. */
enum {
    THERM_THROTTLED = 1 << 0, /* the sensor itself slows the processor down */
    THERM_THROTTLED_LOG = 1 << 1,
    THERM_PROCHOT = 1 << 2, /* another device does, by PROCHOT# or FORCEPR# */
    THERM_PROCHOT_LOG = 1 << 3,
    THERM_CRITICAL = 1 << 4, /* about to shut down for heat */
    THERM_CRITICAL_LOG = 1 << 5,
    THERM_POWER_LIMIT = 1 << 10, /* it runs slower than asked for, to keep to its power limit */
    THERM_POWER_LIMIT_LOG = 1 << 11,
    THERM_LOGS = THERM_THROTTLED_LOG | THERM_PROCHOT_LOG | THERM_CRITICAL_LOG,
};

struct intel_thermal {
    bool has_temperature; /* false: the sensor says that its reading is not valid, or there is none
                           */
    int64_t temperature;  /* thousandths of a degree Celsius */
    uint32_t flags;       /* THERM_*; the power limit's only where CPUID announces them */
};

/*
 * TjMax, the temperature at which a processor slows itself down, in thousandths of a degree: from
 * MSR_TEMPERATURE_TARGET, else by the model. ERR_ABSENT where neither tells it, or what the
 * register holds is not within 50 to 125 °C: without it no temperature is known.
 */
int intel_tj_max(const struct access *access, const struct cpu_registers *registers,
                 int64_t *ret_milli);

/* The core's own sensor, ERR_UNSUPPORTED where there is none. A reading counts only with its valid
 * bit. `tj_max` 0: not known. */
int intel_core(const struct access *access, const struct cpu_registers *registers, int64_t tj_max,
               struct intel_thermal *ret_thermal);

/* The hottest of the whole package; its register has no valid bit. */
int intel_package(const struct access *access, const struct cpu_registers *registers,
                  int64_t tj_max, struct intel_thermal *ret_thermal);

/* The logs that have been set since `first` was read, and what is the case now. */
uint32_t intel_events(uint32_t first, uint32_t now);

#endif
