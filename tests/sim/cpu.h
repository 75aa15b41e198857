/*
 * Simulated processors at register level: the MSRs of each that CPUID announces, and the
 * configuration space of 00:00.0 and 00:18.x with the index pairs of AMD. Named faults. What would
 * raise #GP on the real thing is counted and refused, and so is any write but to an index register.
 */
#ifndef ASSAY_TESTS_SIM_CPU_H
#define ASSAY_TESTS_SIM_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "sensors/cpu_registers.h"

enum sim_cpu_fault {
    SIM_CPU_HEALTHY,
    SIM_CPU_NOT_VALID,     /* the sensors of the cores say that their reading is not valid */
    SIM_CPU_NO_TJ_MAX,     /* the register of TjMax holds 0 */
    SIM_CPU_ODD_TJ_MAX,    /* it holds 255 */
    SIM_CPU_COUNTERS_HELD, /* energy, APERF and MPERF stand still */
    SIM_CPU_REFUSES,       /* every MSR is refused */
    SIM_CPU_PAIR_STOLEN,   /* the address register is changed once between address and value */
    SIM_CPU_PAIR_TAKEN,    /* it is changed every time */
    SIM_CPU_PAIR_RESTLESS, /* the value changes at every read */
    SIM_CPU_PAIR_ONES,     /* the value register floats */
    SIM_CPU_CONFIG_DIES,   /* configuration space fails after the identities */
};

enum { SIM_CPUS = 48, SIM_CPU_MSRS = 16, SIM_SMN = 16 };

struct sim_register {
    uint32_t number;
    uint64_t value;
};

struct sim_cpu {
    enum sim_cpu_fault fault;
    struct cpu_leaves leaves;
    struct cpu_registers registers; /* by the leaves */
    unsigned current;               /* the processor that runs the code */
    struct sim_register msrs[SIM_CPUS][SIM_CPU_MSRS];
    uint32_t root_identity, node_identity; /* 00:00.0 and 00:18.3, offset 0 */
    uint32_t memory_config, node_reported; /* 00:18.2 94h, 00:18.3 A4h */
    uint32_t index_60, index_b8;           /* of 00:00.0 */
    struct sim_register smn[SIM_SMN];      /* behind either pair */
    unsigned faults;                       /* MSRs that would have raised #GP */
    unsigned forbidden;                    /* writes of anything but an index register */
    unsigned writes, reads;                /* of configuration space */
};

/* A machine with no processor type yet: call one of those below. */
void sim_cpu_init(struct sim_cpu *cpu, enum sim_cpu_fault fault);
/* CPUID leaves 0, 1 and 6, 16h, 80000001h EBX, 80000007h EDX. */
void sim_cpu_is(struct sim_cpu *cpu, const char *vendor, uint32_t version, uint32_t power_eax,
                uint32_t power_ecx, uint32_t nominal_mhz, uint32_t extended_power);

/* An Intel Core of 2017 (model 9Eh) with `count` processors, two to a core, TjMax 100 °C, all at
 * `degrees`; and an AMD Ryzen 7 5800X3D at 56.6 °C. */
void sim_cpu_core(struct sim_cpu *cpu, enum sim_cpu_fault fault, unsigned count, unsigned degrees);
void sim_cpu_ryzen(struct sim_cpu *cpu, enum sim_cpu_fault fault);

/* The MSR of one processor, made if it is not there. */
uint64_t *sim_cpu_msr(struct sim_cpu *cpu, unsigned processor, uint32_t number);
void sim_cpu_smn(struct sim_cpu *cpu, uint32_t address, uint32_t value);

struct access sim_cpu_access(struct sim_cpu *cpu);

#endif
