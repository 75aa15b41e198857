#include "sensors/cpu_registers.h"

#include <stddef.h>

enum {
    VERSION_EDX_MSR = 1 << 5,
    VERSION_EDX_ACPI = 1 << 22, /* IA32_THERM_STATUS is there */
    POWER_EAX_DTS = 1 << 0,
    POWER_EAX_PLN = 1 << 4,
    POWER_EAX_PTM = 1 << 6,
    POWER_ECX_APERF = 1 << 0,
    EXTENDED_POWER_EDX_RAPL = 1 << 14,
};

static const uint32_t version_ecx_hypervisor = 1u << 31;

/* Models of Intel's family 6 with energy counters of the package. */
static const uint8_t energy_models[] = {
    0x2A, 0x2D, 0x3A, 0x3E, 0x3C, 0x3F, 0x45, 0x46, 0x3D, 0x47, 0x4F, 0x56, /* to Broadwell */
    0x57, 0x85,                                                             /* Xeon Phi */
    0x4E, 0x5E, 0x55, 0x8E, 0x9E, 0x66, 0xA5, 0xA6,                         /* to Comet Lake */
    0x5C, 0x5F, 0x7A,                                                       /* Goldmont */
    0x7E, 0x7D, 0x6C, 0x6A, 0x8C, 0x8D, 0x97, 0x9A, 0xBE,                   /* to Gracemont */
    0x8F, 0xCF, 0xB7, 0xBA, 0xBF, 0xAC, 0xAA, 0xB5, 0xC5, 0xC6, 0xBD,       /* to Lunar Lake */
};
/* Of these, with counters of the memory as well. */
static const uint8_t dram_models[] = {0x2D, 0x3E, 0x3F, 0x4F, 0x56, 0x57, 0x85, 0x4E, 0x5E,
                                      0x55, 0x8E, 0x9E, 0xA5, 0xA6, 0x6C, 0x6A, 0x8F, 0xCF};
/* And of these again, where that counter has a unit of its own. */
static const uint8_t dram_fixed_models[] = {0x3F, 0x4F, 0x56, 0x57, 0x85, 0x55, 0x6C, 0x6A};

/* From Nehalem on, but without MSR_TEMPERATURE_TARGET: Atoms, on some of which reading it resets
 * the machine, and Dunnington, which is older than its number. */
static const uint8_t no_target_models[] = {0x1C, 0x1D, 0x26, 0x27, 0x35, 0x36};

#define HAS(table, model) has(table, sizeof(table), model)

static bool has(const uint8_t *table, size_t count, unsigned model)
{
    for (size_t i = 0; i < count; i++) {
        if (table[i] == model)
            return true;
    }
    return false;
}

static enum cpu_vendor vendor_of(const struct cpu_leaf *leaf)
{
    static const struct {
        uint32_t ebx, edx, ecx;
        enum cpu_vendor vendor;
    } vendors[] = {
        {0x756E6547, 0x49656E69, 0x6C65746E, CPU_INTEL}, /* GenuineIntel */
        {0x68747541, 0x69746E65, 0x444D4163, CPU_AMD},   /* AuthenticAMD */
        {0x6F677948, 0x6E65476E, 0x656E6975, CPU_HYGON}, /* HygonGenuine */
    };

    for (size_t i = 0; i < sizeof(vendors) / sizeof(vendors[0]); i++) {
        if (leaf->ebx == vendors[i].ebx && leaf->ecx == vendors[i].ecx &&
            leaf->edx == vendors[i].edx)
            return vendors[i].vendor;
    }
    return CPU_OTHER;
}

/* Intel SDM volume 2, CPUID, "Version Information"; AMD has the same fields. */
static void read_version(struct cpu_registers *registers, uint32_t eax)
{
    registers->stepping = eax & 0xF;
    registers->family = eax >> 8 & 0xF;
    registers->model = eax >> 4 & 0xF;
    if (registers->family == 0xF || registers->family == 6)
        registers->model |= eax >> 12 & 0xF0;
    if (registers->family == 0xF)
        registers->family += eax >> 20 & 0xFF;
}

/* TjMax of Atoms that have no register for it, where the model alone tells. */
static unsigned fixed_tj_max(const struct cpu_registers *registers)
{
    switch (registers->model) {
    case 0x1C: /* D4xx, D5xx, N4xx, N5xx; the stepping before has several */
        return registers->stepping == 10 ? 100 : 0;
    case 0x26:
    case 0x27:
    case 0x35:
        return 90;
    case 0x36: /* N2xxx, D2xxx; S12x0 is stepping 9 and has others */
        return registers->stepping != 9 ? 100 : 0;
    default:
        return 0;
    }
}

/* What only the model tells. Family 6 is all of Intel's that have these registers. */
static void add_intel_models(struct cpu_registers *registers)
{
    unsigned model = registers->model;

    if (registers->family != 6 || registers->is_virtual)
        return;
    registers->temperature_target = model >= 0x1A && !HAS(no_target_models, model);
    registers->tj_max = fixed_tj_max(registers);
    registers->energy = HAS(energy_models, model);
    registers->energy_dram = HAS(dram_models, model);
    registers->dram_unit_fixed = HAS(dram_fixed_models, model);
    registers->platform_info = registers->energy;
}

static void add_intel(struct cpu_registers *registers, const struct cpu_leaves *leaves)
{
    uint32_t power = leaves->power.eax;

    registers->core_thermal = leaves->version.edx & VERSION_EDX_ACPI && power & POWER_EAX_DTS;
    registers->package_thermal = registers->core_thermal && power & POWER_EAX_PTM;
    registers->power_limit = registers->core_thermal && power & POWER_EAX_PLN;
    registers->nominal_mhz = leaves->frequency.eax & 0xFFFF;
    add_intel_models(registers);
}

struct cpu_registers cpu_registers_of(const struct cpu_leaves *leaves)
{
    struct cpu_registers registers = {.vendor = vendor_of(&leaves->vendor)};

    read_version(&registers, leaves->version.eax);
    registers.package_type = leaves->extended_version.ebx >> 28;
    registers.is_virtual = leaves->version.ecx & version_ecx_hypervisor;
    if (!(leaves->version.edx & VERSION_EDX_MSR) || registers.vendor == CPU_OTHER)
        return registers;
    registers.clock_counters = leaves->power.ecx & POWER_ECX_APERF;
    if (registers.vendor == CPU_INTEL)
        add_intel(&registers, leaves);
    else
        registers.amd_energy =
            registers.family >= 0x17 && leaves->extended_power.edx & EXTENDED_POWER_EDX_RAPL;
    return registers;
}

bool cpu_register_exists(const struct cpu_registers *registers, uint32_t msr)
{
    switch (msr) {
    case MSR_PLATFORM_INFO:
        return registers->platform_info;
    case IA32_MPERF:
    case IA32_APERF:
        return registers->clock_counters;
    case IA32_THERM_STATUS:
        return registers->core_thermal;
    case MSR_TEMPERATURE_TARGET:
        return registers->temperature_target;
    case IA32_PACKAGE_THERM_STATUS:
        return registers->package_thermal;
    case MSR_RAPL_POWER_UNIT:
    case MSR_PKG_POWER_LIMIT:
    case MSR_PKG_ENERGY_STATUS:
    case MSR_PKG_POWER_INFO:
        return registers->energy;
    case MSR_DRAM_ENERGY_STATUS:
        return registers->energy_dram;
    case AMD_RAPL_POWER_UNIT:
    case AMD_PKG_ENERGY_STATUS:
        return registers->amd_energy;
    default:
        return false;
    }
}
