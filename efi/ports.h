/*
 * The instructions behind the access seam: I/O ports, model-specific registers, CPUID.
 */
#ifndef ASSAY_EFI_PORTS_H
#define ASSAY_EFI_PORTS_H

#include <stdint.h>

#include "base/access.h"

static inline uint8_t port_in8(uint16_t port)
{
    uint8_t value;

    __asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline uint32_t port_in32(uint16_t port)
{
    uint32_t value;

    __asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

static inline void port_out8(uint16_t port, uint8_t value)
{
    __asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid result;

    __asm__ volatile("cpuid"
                     : "=a"(result.eax), "=b"(result.ebx), "=c"(result.ecx), "=d"(result.edx)
                     : "a"(leaf), "c"(subleaf));
    return result;
}

/* The access seam on this machine's own hardware. */
void access_init(struct access *ret_access);

/* APIC id of the calling processor: x2APIC where CPUID has it. */
uint32_t apic_id(void);

#endif
