#include "efi/ports.h"

#include <stdbool.h>

#include "base/error.h"

enum {
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17A,
    MSR_MC_FIRST = 0x400,
    MSR_MC_END = 0x480,
    CPUID_MCE = 1 << 7,
    CPUID_MCA = 1 << 14,
    CPUID_MSR = 1 << 5,
};

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    (void)context;
    *ret_value = port_in8(port);
    return OK;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    port_out8(port, value);
    return OK;
}

static uint64_t rdmsr(uint32_t msr)
{
    uint32_t low, high;

    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

/* An MSR that the processor does not have raises #GP: only what CPUID announces is touched. */
static bool msr_exists(uint32_t msr)
{
    uint32_t wanted = CPUID_MSR | CPUID_MCE | CPUID_MCA;

    if ((cpuid(1, 0).edx & wanted) != wanted)
        return false;
    if (msr == MSR_MCG_CAP || msr == MSR_MCG_STATUS)
        return true;
    return msr >= MSR_MC_FIRST && msr < MSR_MC_END &&
           (msr - MSR_MC_FIRST) / 4 < (rdmsr(MSR_MCG_CAP) & 0xFF);
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    (void)context;
    if (!msr_exists(msr))
        return ERR_UNSUPPORTED;
    *ret_value = rdmsr(msr);
    return OK;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    (void)context;
    if (!msr_exists(msr))
        return ERR_UNSUPPORTED;
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
    return OK;
}

void access_init(struct access *ret_access)
{
    *ret_access =
        (struct access){.in8 = in8, .out8 = out8, .read_msr = read_msr, .write_msr = write_msr};
}

uint32_t apic_id(void)
{
    if (cpuid(0, 0).eax >= 0xB && cpuid(0xB, 0).ebx)
        return cpuid(0xB, 0).edx;
    return cpuid(1, 0).ebx >> 24;
}
