/*
 * Simulated machine-check registers of one processor (Intel SDM volume 3), with named faults. What
 * would raise #GP there, an unknown register or any value but 0 written to a status, is
 * counted and refused.
 */
#ifndef ASSAY_TESTS_SIM_MSR_H
#define ASSAY_TESTS_SIM_MSR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"

enum msr_fault {
    MSR_HEALTHY,
    MSR_NO_MACHINE_CHECK, /* CPUID does not announce it */
    MSR_CANNOT_CLEAR,     /* writing a status fails */
    MSR_BANK_UNREADABLE,  /* reading bank 2 fails */
};

struct msr_bank {
    uint64_t status, address, misc;
};

struct msr_model {
    enum msr_fault fault;
    unsigned bank_count;
    bool recovers;   /* MCG_CAP announces MCG_SER_P */
    uint64_t global; /* IA32_MCG_STATUS */
    struct msr_bank banks[64];
    unsigned faults;  /* accesses that would have raised #GP */
    unsigned invalid; /* reads of an address or misc register that its status did not announce */
    unsigned writes;
};

void msr_init(struct msr_model *model, enum msr_fault fault, unsigned bank_count);
struct access msr_access(struct msr_model *model);

#endif
