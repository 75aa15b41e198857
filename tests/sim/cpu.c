#include "tests/sim/cpu.h"

#include <string.h>

#include "base/error.h"

enum { ENERGY_UNITS = 0xA0E03, EDX_ALL = 0xBFEBFBFF };

void sim_cpu_init(struct sim_cpu *cpu, enum sim_cpu_fault fault)
{
    memset(cpu, 0, sizeof(*cpu));
    cpu->fault = fault;
    cpu->root_identity = cpu->node_identity = 0xFFFFFFFF;
}

void sim_cpu_is(struct sim_cpu *cpu, const char *vendor, uint32_t version, uint32_t power_eax,
                uint32_t power_ecx, uint32_t nominal_mhz, uint32_t extended_power)
{
    cpu->leaves = (struct cpu_leaves){
        .version = {.eax = version, .edx = EDX_ALL},
        .power = {.eax = power_eax, .ecx = power_ecx},
        .frequency = {.eax = nominal_mhz},
        .extended_power = {.edx = extended_power},
    };
    memcpy(&cpu->leaves.vendor.ebx, vendor, 4);
    memcpy(&cpu->leaves.vendor.edx, vendor + 4, 4);
    memcpy(&cpu->leaves.vendor.ecx, vendor + 8, 4);
    cpu->registers = cpu_registers_of(&cpu->leaves);
}

void sim_cpu_core(struct sim_cpu *cpu, enum sim_cpu_fault fault, unsigned count, unsigned degrees)
{
    uint64_t readout = (uint64_t)(100 - degrees) << 16;

    sim_cpu_init(cpu, fault);
    sim_cpu_is(cpu, "GenuineIntel", 0x906E9, 0x27F7, 1, 3600, 0x100);
    for (unsigned i = 0; i < count; i++) {
        *sim_cpu_msr(cpu, i, 0x1A2) = 0x640000;
        *sim_cpu_msr(cpu, i, 0x19C) = 0x88000000 | readout;
        *sim_cpu_msr(cpu, i, 0x1B1) = 0x88000000 | readout;
        *sim_cpu_msr(cpu, i, 0x606) = ENERGY_UNITS;
        *sim_cpu_msr(cpu, i, 0x610) = 0xDD8208; /* 65 W */
        *sim_cpu_msr(cpu, i, 0x614) = 0x208;
        *sim_cpu_msr(cpu, i, 0x611) = 0;
        *sim_cpu_msr(cpu, i, 0x619) = 0;
        *sim_cpu_msr(cpu, i, 0xE7) = 1000;
        *sim_cpu_msr(cpu, i, 0xE8) = 1000;
        *sim_cpu_msr(cpu, i, 0xCE) = 0x80838F1012400;
    }
}

void sim_cpu_ryzen(struct sim_cpu *cpu, enum sim_cpu_fault fault)
{
    sim_cpu_init(cpu, fault);
    sim_cpu_is(cpu, "AuthenticAMD", 0xA20F12, 4, 1, 0, 0x6799);
    cpu->root_identity = 0x14801022;
    cpu->node_identity = 0x16531022;
    cpu->index_60 = 0x5D5C0;
    *sim_cpu_msr(cpu, 0, 0xC0010299) = 0xA1003;
    *sim_cpu_msr(cpu, 0, 0xC001029B) = 0;
    *sim_cpu_msr(cpu, 0, 0xE7) = 1000;
    *sim_cpu_msr(cpu, 0, 0xE8) = 1000;
    sim_cpu_smn(cpu, 0x59800, 0x69BB0000);
    sim_cpu_smn(cpu, 0x59954, 0xAA0);
}

static struct sim_register *find(struct sim_register *table, unsigned count, uint32_t number)
{
    for (unsigned i = 0; i < count; i++) {
        if (table[i].number == number)
            return &table[i];
    }
    return NULL;
}

static struct sim_register *make(struct sim_register *table, unsigned count, uint32_t number)
{
    struct sim_register *place = find(table, count, number);

    if (!place)
        place = find(table, count, 0);
    place->number = number;
    return place;
}

uint64_t *sim_cpu_msr(struct sim_cpu *cpu, unsigned processor, uint32_t number)
{
    return &make(cpu->msrs[processor], SIM_CPU_MSRS, number)->value;
}

void sim_cpu_smn(struct sim_cpu *cpu, uint32_t address, uint32_t value)
{
    make(cpu->smn, SIM_SMN, address)->value = value;
}

static bool is_counter(uint32_t msr)
{
    return msr == 0x611 || msr == 0x619 || msr == 0xC001029B || msr == 0xE7 || msr == 0xE8;
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    struct sim_cpu *cpu = context;
    const struct sim_register *place = find(cpu->msrs[cpu->current], SIM_CPU_MSRS, msr);

    if (cpu->fault == SIM_CPU_REFUSES)
        return ERR_UNSUPPORTED;
    if (!place || !cpu_register_exists(&cpu->registers, msr)) {
        cpu->faults++;
        return ERR_UNSUPPORTED;
    }
    *ret_value = place->value;
    if (cpu->fault == SIM_CPU_NOT_VALID && msr == 0x19C)
        *ret_value &= ~(1ull << 31);
    if (cpu->fault == SIM_CPU_NO_TJ_MAX && msr == 0x1A2)
        *ret_value = 0;
    if (cpu->fault == SIM_CPU_ODD_TJ_MAX && msr == 0x1A2)
        *ret_value = 0xFF0000;
    if (cpu->fault == SIM_CPU_COUNTERS_HELD && is_counter(msr))
        *ret_value = 5;
    return OK;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    (void)msr, (void)value;
    ((struct sim_cpu *)context)->forbidden++;
    return ERR_REFUSED;
}

static int port(void *context, uint16_t number, uint8_t *ret_value)
{
    (void)number, (void)ret_value;
    ((struct sim_cpu *)context)->forbidden++;
    return ERR_REFUSED;
}

static int out8(void *context, uint16_t number, uint8_t value)
{
    return port(context, number, &value);
}

static bool is_function(struct pci_function at, unsigned device, unsigned function)
{
    return at.bus == 0 && at.device == device && at.function == function;
}

/* The value behind a pair, and what may happen to its address meanwhile. */
static uint32_t value_at(struct sim_cpu *cpu, uint32_t *index)
{
    const struct sim_register *place = find(cpu->smn, SIM_SMN, *index);
    uint32_t value = place ? (uint32_t)place->value : 0;
    bool steals = cpu->fault == SIM_CPU_PAIR_TAKEN ||
                  (cpu->fault == SIM_CPU_PAIR_STOLEN && cpu->reads % 7 == 3);

    if (cpu->fault == SIM_CPU_PAIR_ONES)
        return 0xFFFFFFFF;
    if (cpu->fault == SIM_CPU_PAIR_RESTLESS)
        return value + (cpu->reads << 21);
    if (steals) {
        *index = 0x5D5C4;
        return 0x12345678;
    }
    return value;
}

static uint32_t root_register(struct sim_cpu *cpu, uint16_t offset)
{
    switch (offset) {
    case 0:
        return cpu->root_identity;
    case 0x60:
        return cpu->index_60;
    case 0x64:
        return value_at(cpu, &cpu->index_60);
    case 0xB8:
        return cpu->index_b8;
    case 0xBC:
        return value_at(cpu, &cpu->index_b8);
    default:
        return 0;
    }
}

static int read_config(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value)
{
    struct sim_cpu *cpu = context;

    cpu->reads++;
    if (cpu->fault == SIM_CPU_CONFIG_DIES && offset)
        return ERR_IO;
    *ret_value = 0xFFFFFFFF;
    if (is_function(function, 0, 0))
        *ret_value = root_register(cpu, offset);
    else if (is_function(function, 0x18, 2) && offset == 0x94)
        *ret_value = cpu->memory_config;
    else if (is_function(function, 0x18, 3))
        *ret_value = offset == 0xA4 ? cpu->node_reported : cpu->node_identity;
    return OK;
}

static int write_config(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value)
{
    struct sim_cpu *cpu = context;
    bool allowed = is_function(function, 0, 0) && (offset == 0x60 || offset == 0xB8);

    cpu->writes++;
    if (!allowed) {
        cpu->forbidden++;
        return ERR_REFUSED;
    }
    if (offset == 0x60)
        cpu->index_60 = value;
    else
        cpu->index_b8 = value;
    return OK;
}

struct access sim_cpu_access(struct sim_cpu *cpu)
{
    return (struct access){
        .context = cpu,
        .in8 = port,
        .out8 = out8,
        .read_msr = read_msr,
        .write_msr = write_msr,
        .read_config = read_config,
        .write_config = write_config,
    };
}
