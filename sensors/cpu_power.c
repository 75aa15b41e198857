#include "sensors/cpu_power.h"

#include "base/error.h"

enum {
    UNIT_SHIFT = 8,
    UNIT_MASK = 0x1F,
    POWER_UNIT_MASK = 0xF,
    POWER_MASK = 0x7FFF,
    LIMIT_IS_ON = 1 << 15,
    DRAM_FIXED_SHIFT = 16,
    RATIO_SHIFT = 8,
    RATIO_MASK = 0xFF,
    BUS_KHZ = 100000,
    KHZ_PER_MHZ = 1000,
};

static bool read_counter(const struct access *access, uint32_t msr, uint32_t *ret_units)
{
    uint64_t value;

    if (access->read_msr(access->context, msr, &value) != OK)
        return false;
    *ret_units = (uint32_t)value;
    return true;
}

/* Milliwatts of a register with a power in its low bits; 0 where it cannot be read, or lacks one of
 * the bits `wanted`. */
static int64_t read_power(const struct access *access, uint32_t msr, uint64_t wanted, uint64_t unit)
{
    uint64_t value;

    if (access->read_msr(access->context, msr, &value) != OK || (value & wanted) != wanted)
        return 0;
    return (int64_t)((value & POWER_MASK) * 1000 >> (unit & POWER_UNIT_MASK));
}

/* The limit is often set to what no processor draws; then what it is specified for counts. */
static int64_t read_limit(const struct access *access, uint64_t unit)
{
    int64_t limit = read_power(access, MSR_PKG_POWER_LIMIT, LIMIT_IS_ON, unit);
    int64_t specified = read_power(access, MSR_PKG_POWER_INFO, 0, unit);

    return !limit || (specified && specified < limit) ? specified : limit;
}

static void read_energy(const struct access *access, const struct cpu_registers *registers,
                        struct cpu_counters *counters)
{
    bool amd = registers->amd_energy;
    uint64_t unit;

    if (!amd && !registers->energy)
        return;
    if (access->read_msr(access->context, amd ? AMD_RAPL_POWER_UNIT : MSR_RAPL_POWER_UNIT, &unit))
        return;
    counters->package_shift = unit >> UNIT_SHIFT & UNIT_MASK;
    counters->dram_shift = registers->dram_unit_fixed ? DRAM_FIXED_SHIFT : counters->package_shift;
    counters->has_package = read_counter(
        access, amd ? AMD_PKG_ENERGY_STATUS : MSR_PKG_ENERGY_STATUS, &counters->package);
    counters->package_limit = amd ? 0 : read_limit(access, unit);
    counters->has_dram =
        registers->energy_dram && read_counter(access, MSR_DRAM_ENERGY_STATUS, &counters->dram);
}

static uint32_t nominal_khz(const struct access *access, const struct cpu_registers *registers)
{
    uint64_t info;

    if (registers->nominal_mhz)
        return registers->nominal_mhz * KHZ_PER_MHZ;
    if (!registers->platform_info || access->read_msr(access->context, MSR_PLATFORM_INFO, &info))
        return 0;
    return (uint32_t)(info >> RATIO_SHIFT & RATIO_MASK) * BUS_KHZ;
}

void cpu_counters_read(const struct access *access, const struct cpu_registers *registers,
                       struct cpu_counters *ret_counters)
{
    *ret_counters = (struct cpu_counters){.has_clock = false};
    read_energy(access, registers, ret_counters);
    if (!registers->clock_counters)
        return;
    ret_counters->has_clock =
        access->read_msr(access->context, IA32_APERF, &ret_counters->aperf) == OK &&
        access->read_msr(access->context, IA32_MPERF, &ret_counters->mperf) == OK;
    ret_counters->nominal_khz = nominal_khz(access, registers);
}

bool energy_meter_take(struct energy_meter *meter, uint32_t units, unsigned shift, uint64_t time_us,
                       int64_t *ret_milliwatts)
{
    struct energy_meter before = *meter;
    uint64_t gone_us = time_us - before.time_us;
    uint32_t grown = units - before.units; /* modulo 2^32, as the counter is */

    if (before.begun && gone_us < POWER_GAP_US_MIN)
        return false;
    *meter = (struct energy_meter){.begun = true, .units = units, .time_us = time_us};
    if (!before.begun || gone_us > POWER_GAP_US_MAX || !grown)
        return false;
    /* A joule in a microsecond is 10^9 milliwatts. */
    *ret_milliwatts = (int64_t)(((uint64_t)grown * 1000000000 >> shift) / gone_us);
    return true;
}

bool clock_meter_take(struct clock_meter *meter, uint64_t aperf, uint64_t mperf, uint32_t of_khz,
                      uint64_t time_us, int64_t *ret_khz)
{
    struct clock_meter before = *meter;
    uint64_t gone_us = time_us - before.time_us;

    *meter =
        (struct clock_meter){.begun = true, .aperf = aperf, .mperf = mperf, .time_us = time_us};
    if (!before.begun || !of_khz || gone_us > POWER_GAP_US_MAX || aperf <= before.aperf ||
        mperf <= before.mperf)
        return false;
    /* At 12 GHz for a minute a counter grows by less than 2^40, and 12 GHz is less than 2^24 kHz.
     */
    *ret_khz = (int64_t)((aperf - before.aperf) * of_khz / (mperf - before.mperf));
    return true;
}
