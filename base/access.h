/*
 * The access seam: ports and model-specific registers.
 *
 * Every call returns OK or an error, so that a model may refuse what the hardware would punish.
 * read_msr and write_msr act on the processor that calls them; they return ERR_UNSUPPORTED where
 * CPUID does not announce the register's family, for an unknown MSR raises #GP.
 */
#ifndef ASSAY_BASE_ACCESS_H
#define ASSAY_BASE_ACCESS_H

#include <stdint.h>

struct access {
    void *context;
    int (*in8)(void *context, uint16_t port, uint8_t *ret_value);
    int (*out8)(void *context, uint16_t port, uint8_t value);
    int (*read_msr)(void *context, uint32_t msr, uint64_t *ret_value);
    int (*write_msr)(void *context, uint32_t msr, uint64_t value);
};

#endif
