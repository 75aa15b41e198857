#include "efi/ports.h"

#include <stdbool.h>

#include "base/error.h"
#include "efi/firmware.h"
#include "sensors/cpu_amd.h"

enum {
    MSR_MCG_CAP = 0x179,
    MSR_MCG_STATUS = 0x17A,
    MSR_MC_FIRST = 0x400,
    MSR_MC_END = 0x480,
    CPUID_MCE = 1 << 7,
    CPUID_MCA = 1 << 14,
    CPUID_MSR = 1 << 5,
    ROOT_BRIDGES_MAX = 32,
};

static const uint32_t extended_leaves = 0x80000000;

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

static struct cpu_leaf leaf(uint32_t number)
{
    struct cpuid result;

    if (number > cpuid(number & extended_leaves, 0).eax)
        return (struct cpu_leaf){0};
    result = cpuid(number, 0);
    return (struct cpu_leaf){result.eax, result.ebx, result.ecx, result.edx};
}

struct cpu_registers own_registers(void)
{
    struct cpu_leaves leaves = {
        .vendor = leaf(0),
        .version = leaf(1),
        .power = leaf(6),
        .frequency = leaf(0x16),
        .extended_version = leaf(extended_leaves + 1),
        .extended_power = leaf(extended_leaves + 7),
    };

    return cpu_registers_of(&leaves);
}

/* An MSR that the processor does not have raises #GP: only what CPUID announces is touched. */
static bool is_bank(uint32_t msr)
{
    uint32_t wanted = CPUID_MSR | CPUID_MCE | CPUID_MCA;

    if ((cpuid(1, 0).edx & wanted) != wanted)
        return false;
    if (msr == MSR_MCG_CAP || msr == MSR_MCG_STATUS)
        return true;
    return msr >= MSR_MC_FIRST && msr < MSR_MC_END &&
           (msr - MSR_MC_FIRST) / 4 < (rdmsr(MSR_MCG_CAP) & 0xFF);
}

static bool is_sensor(uint32_t msr)
{
    struct cpu_registers registers = own_registers();

    return cpu_register_exists(&registers, msr);
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    (void)context;
    if (!is_bank(msr) && !is_sensor(msr))
        return ERR_UNSUPPORTED;
    *ret_value = rdmsr(msr);
    return OK;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    (void)context;
    if (!is_bank(msr))
        return ERR_UNSUPPORTED;
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
    return OK;
}

/* ---- PCI configuration space */

/* A register as EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL.Pci takes it: UEFI 2.10 section 14.2. */
static UINT64 config_address(struct pci_function function, uint16_t offset)
{
    UINT64 address =
        (UINT64)function.bus << 24 | (UINT64)function.device << 16 | (UINT64)function.function << 8;

    return offset < 0x100 ? address | offset : address | (UINT64)offset << 32;
}

/* A root bridge refuses a bus that is not its own, so each is asked, in the firmware's order. */
static int config(struct pci_function function, uint16_t offset, bool write, uint32_t *value)
{
    EFI_HANDLE handles[ROOT_BRIDGES_MAX];
    size_t count = handles_with(&pci_root_guid, handles, ROOT_BRIDGES_MAX);
    UINT64 address = config_address(function, offset);

    for (size_t i = 0; i < count; i++) {
        EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *bridge = protocol_on(handles[i], &pci_root_guid);
        EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_IO_MEM move;

        if (!bridge || bridge->SegmentNumber)
            continue;
        move = write ? bridge->Pci.Write : bridge->Pci.Read;
        if (!EFI_ERROR(move(bridge, EfiPciIoWidthUint32, address, 1, value)))
            return OK;
    }
    return ERR_ABSENT;
}

static int read_config(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value)
{
    uint32_t value;
    int error = offset % 4 ? ERR_RANGE : config(function, offset, false, &value);

    (void)context;
    if (!error)
        *ret_value = value;
    return error;
}

/* Nothing else of configuration space is ever written. */
static bool is_writable(struct pci_function function, uint16_t offset)
{
    static const struct amd_write writes[] = AMD_WRITES;

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
        if (function.bus == writes[i].function.bus &&
            function.device == writes[i].function.device &&
            function.function == writes[i].function.function && offset == writes[i].offset)
            return true;
    }
    return false;
}

static int write_config(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value)
{
    (void)context;
    return is_writable(function, offset) ? config(function, offset, true, &value) : ERR_REFUSED;
}

static int read_memory8(void *context, uint64_t address, uint8_t *ret_value)
{
    (void)context;
    *ret_value = *(volatile const uint8_t *)(uintptr_t)address;
    return OK;
}

void access_init(struct access *ret_access)
{
    *ret_access = (struct access){
        .in8 = in8,
        .out8 = out8,
        .read_msr = read_msr,
        .write_msr = write_msr,
        .read_config = read_config,
        .write_config = write_config,
        .read_memory8 = read_memory8,
    };
}

uint32_t apic_id(void)
{
    if (cpuid(0, 0).eax >= 0xB && cpuid(0xB, 0).ebx)
        return cpuid(0xB, 0).edx;
    return cpuid(1, 0).ebx >> 24;
}
