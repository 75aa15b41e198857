/*
 * The access seam: ports, model-specific registers, PCI configuration space, registers in memory.
 *
 * Every call returns OK or an error, so that a model may refuse what the hardware would punish.
 * read_msr and write_msr act on the processor that calls them; they return ERR_UNSUPPORTED where
 * CPUID does not announce the register's family, for an unknown MSR raises #GP. The others act on
 * the machine and are for the boot processor alone. A call that is NULL is not there, and whoever
 * needs it does without.
 */
#ifndef ASSAY_BASE_ACCESS_H
#define ASSAY_BASE_ACCESS_H

#include <stdint.h>

/* A function of PCI segment 0. */
struct pci_function {
    uint8_t bus, device, function;
};

struct access {
    void *context;
    int (*in8)(void *context, uint16_t port, uint8_t *ret_value);
    int (*out8)(void *context, uint16_t port, uint8_t value);
    int (*read_msr)(void *context, uint32_t msr, uint64_t *ret_value);
    int (*write_msr)(void *context, uint32_t msr, uint64_t value);
    /* A dword of configuration space, at a multiple of 4; all ones where there is no function. */
    int (*read_config)(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value);
    int (*write_config)(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value);
    /* A register in memory, of one byte. */
    int (*read_memory8)(void *context, uint64_t address, uint8_t *ret_value);
};

#endif
