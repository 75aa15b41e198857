/*
 * The instructions behind the access seam: I/O ports, model-specific registers, CPUID.
 */
#ifndef ASSAY_EFI_PORTS_H
#define ASSAY_EFI_PORTS_H

#include <stdint.h>

#include "base/access.h"
#include "sensors/cpu_registers.h"

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

/* What CPUID says of the calling processor's sensor registers. */
struct cpu_registers own_registers(void);

/*
 * The access seam on this machine's own hardware. An MSR is read only where it is one of the
 * machine-check banks that CPUID and MCG_CAP announce, or a sensor's by sensors/cpu_registers.h; of
 * these only the banks are ever written. Configuration space is that of PCI segment 0, through the
 * firmware: the ports CF8h and CFCh would be shared with its management mode. There, only
 * AMD_WRITES are written.
 */
void access_init(struct access *ret_access);

/* APIC id of the calling processor: x2APIC where CPUID has it. */
uint32_t apic_id(void);

#endif
