/*
 * Which of the sensor registers a processor has, decided from CPUID alone.
 *
 * Reading an MSR that a processor does not have raises #GP, and a few models do worse, so each is
 * read only where CPUID announces it, or where the maker documents it for the model. Under a
 * hypervisor only what CPUID announces counts: what a model has, its guests need not have.
 */
#ifndef ASSAY_SENSORS_CPU_REGISTERS_H
#define ASSAY_SENSORS_CPU_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

enum cpu_vendor { CPU_OTHER, CPU_INTEL, CPU_AMD, CPU_HYGON };

struct cpu_leaf {
    uint32_t eax, ebx, ecx, edx;
};

/* CPUID leaves, all zero where the processor does not have them. */
struct cpu_leaves {
    struct cpu_leaf vendor;           /* 0 */
    struct cpu_leaf version;          /* 1 */
    struct cpu_leaf power;            /* 6 */
    struct cpu_leaf frequency;        /* 16h */
    struct cpu_leaf extended_version; /* 80000001h */
    struct cpu_leaf extended_power;   /* 80000007h */
};

/* Intel SDM volume 4, table "IA-32 Architectural MSRs" and those of the models; AMD's PPR. */
enum cpu_msr {
    MSR_PLATFORM_INFO = 0xCE,          /* 15:8 ratio of the base clock */
    IA32_MPERF = 0xE7,                 /* counts at the nominal clock */
    IA32_APERF = 0xE8,                 /* counts at the real clock */
    IA32_THERM_STATUS = 0x19C,         /* of the core */
    MSR_TEMPERATURE_TARGET = 0x1A2,    /* 23:16 TjMax in °C */
    IA32_PACKAGE_THERM_STATUS = 0x1B1, /* of the package */
    MSR_RAPL_POWER_UNIT = 0x606,       /* 3:0 unit of power, 12:8 of energy */
    MSR_PKG_POWER_LIMIT = 0x610,       /* 14:0 limit over the long term, bit 15 it is switched on */
    MSR_PKG_ENERGY_STATUS = 0x611,
    MSR_PKG_POWER_INFO = 0x614, /* 14:0 the power it is specified for */
    MSR_DRAM_ENERGY_STATUS = 0x619,
};

#define AMD_RAPL_POWER_UNIT 0xC0010299u
#define AMD_PKG_ENERGY_STATUS 0xC001029Bu

struct cpu_registers {
    enum cpu_vendor vendor;
    unsigned family, model, stepping;
    unsigned package_type; /* AMD: socket, CPUID 80000001h EBX 31:28 */
    bool is_virtual;       /* a hypervisor says that it is there */
    bool core_thermal;     /* IA32_THERM_STATUS, with a digital sensor behind it */
    bool package_thermal;  /* IA32_PACKAGE_THERM_STATUS */
    bool power_limit;      /* the power limit bits of both */
    bool temperature_target;
    unsigned tj_max;      /* °C, of models without that register whose TjMax is known; else 0 */
    bool clock_counters;  /* IA32_APERF and IA32_MPERF */
    bool platform_info;   /* MSR_PLATFORM_INFO, in steps of 100 MHz */
    unsigned nominal_mhz; /* CPUID 16h; 0: not told */
    bool energy;          /* MSR_RAPL_POWER_UNIT and those of the package */
    bool energy_dram;     /* MSR_DRAM_ENERGY_STATUS */
    bool dram_unit_fixed; /* which then counts in 2^-16 J, whatever the unit register says */
    bool amd_energy;      /* AMD_RAPL_POWER_UNIT and AMD_PKG_ENERGY_STATUS */
};

struct cpu_registers cpu_registers_of(const struct cpu_leaves *leaves);

/* Whether one of the registers above may be read; false for any other. None may be written. */
bool cpu_register_exists(const struct cpu_registers *registers, uint32_t msr);

#endif
