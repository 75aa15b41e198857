#include "sensors/cpu_intel.h"

#include "base/error.h"

enum {
    TJ_MAX_SHIFT = 16,
    TJ_MAX_MASK = 0xFF,
    TJ_MAX_LOW = 50,
    TJ_MAX_HIGH = 125,
    READOUT_SHIFT = 16,
    READOUT_MASK = 0x7F,
    MILLI = 1000,
};

static const uint32_t reading_valid = 1u << 31;

int intel_tj_max(const struct access *access, const struct cpu_registers *registers,
                 int64_t *ret_milli)
{
    unsigned degrees = registers->tj_max;
    uint64_t target;

    if (registers->temperature_target &&
        access->read_msr(access->context, MSR_TEMPERATURE_TARGET, &target) == OK)
        degrees = target >> TJ_MAX_SHIFT & TJ_MAX_MASK;
    if (degrees < TJ_MAX_LOW || degrees > TJ_MAX_HIGH)
        return ERR_ABSENT;
    *ret_milli = (int64_t)degrees * MILLI;
    return OK;
}

/* `wanted` must be set for the readout to count. */
static int read_thermal(const struct access *access, const struct cpu_registers *registers,
                        uint32_t msr, uint32_t wanted, int64_t tj_max,
                        struct intel_thermal *ret_thermal)
{
    uint32_t flags = THERM_LOGS | THERM_LOGS >> 1;
    uint64_t status;
    int error = access->read_msr(access->context, msr, &status);

    if (error)
        return error;
    if (registers->power_limit)
        flags |= THERM_POWER_LIMIT | THERM_POWER_LIMIT_LOG;
    *ret_thermal = (struct intel_thermal){
        .has_temperature = tj_max && (status & wanted) == wanted,
        .flags = (uint32_t)status & flags,
    };
    if (ret_thermal->has_temperature)
        ret_thermal->temperature =
            tj_max - (int64_t)(status >> READOUT_SHIFT & READOUT_MASK) * MILLI;
    return OK;
}

int intel_core(const struct access *access, const struct cpu_registers *registers, int64_t tj_max,
               struct intel_thermal *ret_thermal)
{
    if (!registers->core_thermal)
        return ERR_UNSUPPORTED;
    return read_thermal(access, registers, IA32_THERM_STATUS, reading_valid, tj_max, ret_thermal);
}

int intel_package(const struct access *access, const struct cpu_registers *registers,
                  int64_t tj_max, struct intel_thermal *ret_thermal)
{
    if (!registers->package_thermal)
        return ERR_UNSUPPORTED;
    return read_thermal(access, registers, IA32_PACKAGE_THERM_STATUS, 0, tj_max, ret_thermal);
}

uint32_t intel_events(uint32_t first, uint32_t now)
{
    const uint32_t logs = THERM_LOGS | THERM_POWER_LIMIT_LOG;

    return (now & ~logs) | (now & logs & ~first);
}
