/*
 * Finding the controller, and what may be written to it.
 */
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/smbus.h"

enum {
    PCI_IDENTITY = 0x00,
    PCI_COMMAND = 0x04,
    PCI_CLASS = 0x08, /* revision in the low byte */
    COMMAND_IO = 0x01,
    CLASS_SMBUS = 0x0C05,
    VENDOR_INTEL = 0x8086,
    VENDOR_AMD = 0x1022,
    VENDOR_HYGON = 0x1D94,
};

/* Intel: the ports, and the host configuration. */
enum {
    INTEL_BASE = 0x20,
    INTEL_HOST = 0x40,
    BASE_IS_IO = 0x01,
    BASE_MASK = 0xFFE0,
    HOST_ENABLED = 0x01,
    HOST_SMI = 0x02,       /* its interrupts are the firmware's */
    HOST_I2C = 0x04,       /* transfers have no command byte */
    AUXILIARY_MODE = 0x03, /* checksums, buffered blocks */
};

/* AMD: power management registers 00h to 02h, by index and data, or in memory on those that have
 * no such ports any more. */
enum {
    AMD_HUDSON2 = 0x780B,
    AMD_HUDSON2_REVISION = 0x41, /* the older ones have the base elsewhere */
    AMD_KERNCZ = 0x790B,
    AMD_KERNCZ_REVISION = 0x49,
    AMD_MEMORY_REVISION = 0x51,
    AMD_INDEX = 0xCD6,
    AMD_MEMORY = 0xFED80300,
    AMD_ENABLED = 0x10,
    AMD_PORT = 0x18, /* of register 02h: which of four buses is connected */
    AMD_HUDSON2_PORT_REGISTER = 0x2F,
    AMD_HUDSON2_PORT = 0x06,
};

/* Only odd bytes, for the lowest bit says that it is a read. */
#define READ_FROM(address)                                                                         \
    {                                                                                              \
        SMBUS_ADDRESS, (address) << 1 | 1, (address) << 1 | 1                                      \
    }
#define READ_FROM_EIGHT(first)                                                                     \
    READ_FROM((first) + 0), READ_FROM((first) + 1), READ_FROM((first) + 2),                        \
        READ_FROM((first) + 3), READ_FROM((first) + 4), READ_FROM((first) + 5),                    \
        READ_FROM((first) + 6), READ_FROM((first) + 7)

/* The status holds flags that are cleared by writing them, and Intel's semaphore. */
#define TRANSFERS                                                                                  \
    {SMBUS_STATUS, 0x00, 0xFF}, {SMBUS_CONTROL, 0x00, 0x00},                                       \
        {SMBUS_CONTROL, SMBUS_END, SMBUS_END}, {SMBUS_CONTROL, SMBUS_READ_BYTE, SMBUS_READ_BYTE},  \
        {SMBUS_CONTROL, SMBUS_READ_WORD, SMBUS_READ_WORD}, {SMBUS_COMMAND, 0x00, 0xFF},            \
        READ_FROM_EIGHT(SMBUS_SENSOR_FIRST), READ_FROM_EIGHT(SMBUS_SPD_FIRST)

static const struct guard_register intel_registers[] = {TRANSFERS};
static const struct guard_register amd_registers[] = {
    TRANSFERS,
    {SMBUS_AMD_SEMAPHORE, SMBUS_AMD_TAKE, SMBUS_AMD_TAKE | 0x0F},
    {SMBUS_AMD_SEMAPHORE, SMBUS_AMD_RELEASE, SMBUS_AMD_RELEASE | 0x0F},
};

static const struct guard_rule rules[] = {
    [SMBUS_INTEL] = {.what = GUARD_PORTS,
                     .count = SMBUS_ADDRESS + 1,
                     .registers = intel_registers,
                     .register_count = sizeof(intel_registers) / sizeof(intel_registers[0]),
                     .span = 32,
                     .alignment = 32},
    [SMBUS_AMD] = {.what = GUARD_PORTS,
                   .count = SMBUS_AMD_SEMAPHORE + 1,
                   .registers = amd_registers,
                   .register_count = sizeof(amd_registers) / sizeof(amd_registers[0]),
                   .span = 16,
                   .alignment = 16},
};

static const uint8_t amd_indices[] = {0x00, 0x01, 0x02, AMD_HUDSON2_PORT_REGISTER};
static const struct guard_rule amd_index_rule = {.what = GUARD_PAIR,
                                                 .at = AMD_INDEX,
                                                 .indices = amd_indices,
                                                 .index_count = sizeof(amd_indices)};

static int get_config(const struct smbus *bus, uint16_t offset, uint32_t *ret_value)
{
    return bus->access->read_config(bus->access->context, bus->function, offset, ret_value);
}

static int get_port(const struct smbus *bus, unsigned offset, uint8_t *ret_value)
{
    return bus->access->in8(bus->access->context, (uint16_t)(bus->base + offset), ret_value);
}

static const char *place(struct smbus *bus, struct guard *guard)
{
    uint8_t status;

    if (guard_place(guard, &rules[bus->kind], bus->base))
        return "the address of its ports cannot be one";
    if (get_port(bus, SMBUS_STATUS, &status))
        return "its ports cannot be reached";
    /* Intel's semaphore is taken by reading it: it is put back. */
    if (bus->kind == SMBUS_INTEL && !(status & 0x40))
        (void)bus->access->out8(bus->access->context, bus->base, 0x40);
    return status == 0xFF ? "nobody answers at its ports" : NULL;
}

/* Why Intel's is left alone, or NULL. */
static const char *open_intel(struct smbus *bus, struct guard *guard)
{
    uint32_t command, base, host;
    uint8_t auxiliary;
    const char *why;

    if (get_config(bus, PCI_COMMAND, &command) || get_config(bus, INTEL_BASE, &base) ||
        get_config(bus, INTEL_HOST, &host))
        return "its configuration cannot be read";
    if (!(command & COMMAND_IO) || !(base & BASE_IS_IO) || !(host & HOST_ENABLED))
        return "the firmware has switched it off";
    if (host & HOST_SMI)
        return "the firmware keeps it for itself";
    if (host & HOST_I2C)
        return "it is set up for another protocol";
    bus->base = (uint16_t)(base & BASE_MASK);
    why = place(bus, guard);
    if (why)
        return why;
    if (get_port(bus, SMBUS_INTEL_AUXILIARY, &auxiliary) || auxiliary & AUXILIARY_MODE)
        return "it is set up for checksums or blocks";
    return NULL;
}

/* A power management register; the index port is not put back, for nobody relies on it. */
static int get_power(const struct smbus *bus, bool in_memory, uint8_t index, uint8_t *ret_value)
{
    const struct access *access = bus->access;
    int error;

    if (in_memory)
        return access->read_memory8(access->context, AMD_MEMORY + index, ret_value);
    error = access->out8(access->context, AMD_INDEX, index);
    return error ? error : access->in8(access->context, AMD_INDEX + 1, ret_value);
}

static const char *open_amd(struct smbus *bus, struct guard *guard, uint16_t device,
                            uint8_t revision)
{
    bool hudson2 = device == AMD_HUDSON2;
    bool in_memory = !hudson2 && revision >= AMD_MEMORY_REVISION;
    uint8_t low, high, port;

    if (revision < (hudson2 ? AMD_HUDSON2_REVISION : AMD_KERNCZ_REVISION))
        return "it is older than those that are known";
    if (in_memory ? !bus->access->read_memory8 : guard_allow(guard, &amd_index_rule, 1) != OK)
        return "its power management registers cannot be reached";
    if (get_power(bus, in_memory, 0, &low) || get_power(bus, in_memory, 1, &high) ||
        get_power(bus, in_memory, hudson2 ? AMD_HUDSON2_PORT_REGISTER : 2, &port))
        return "its configuration cannot be read";
    if (low == 0xFF && high == 0xFF)
        return "nobody answers at its power management registers";
    if (!(low & AMD_ENABLED))
        return "the firmware has switched it off";
    if (port & (hudson2 ? AMD_HUDSON2_PORT : AMD_PORT))
        return "the firmware has connected it to another bus";
    bus->base = (uint16_t)(high << 8);
    return place(bus, guard);
}

static bool is_amd(uint32_t identity)
{
    uint16_t vendor = (uint16_t)identity, device = (uint16_t)(identity >> 16);

    return (vendor == VENDOR_AMD && (device == AMD_HUDSON2 || device == AMD_KERNCZ)) ||
           (vendor == VENDOR_HYGON && device == AMD_KERNCZ);
}

/* True when there is a controller at the function; then *ret_why says why it is left alone. */
static bool try_function(struct smbus *bus, struct guard *guard, const char **ret_why)
{
    uint32_t identity, class;

    if (get_config(bus, PCI_IDENTITY, &identity) || get_config(bus, PCI_CLASS, &class) ||
        class >> 16 != CLASS_SMBUS)
        return false;
    if ((uint16_t)identity == VENDOR_INTEL) {
        bus->kind = SMBUS_INTEL;
        *ret_why = open_intel(bus, guard);
        return true;
    }
    bus->kind = SMBUS_AMD;
    if (is_amd(identity))
        *ret_why = open_amd(bus, guard, (uint16_t)(identity >> 16), (uint8_t) class);
    else
        *ret_why = "it is not known";
    return true;
}

int smbus_find(struct smbus *bus, struct guard *guard, const struct clock *clock,
               const char **ret_why)
{
    /* Intel's to series 9, Intel's since, AMD's. */
    static const struct pci_function functions[] = {{0, 0x1F, 3}, {0, 0x1F, 4}, {0, 0x14, 0}};
    const struct access *access = &guard->access;

    *bus = (struct smbus){.access = access, .clock = clock};
    if (!access->read_config || !access->in8 || !access->out8)
        return ERR_UNSUPPORTED;
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        bus->function = functions[i];
        if (try_function(bus, guard, ret_why))
            return *ret_why ? ERR_REFUSED : OK;
    }
    return ERR_ABSENT;
}

bool smbus_is_unsafe(const char *system_maker, const char *board_maker, const char *board)
{
    return text_equal(system_maker, "IBM") ||
           (text_equal(board_maker, "SAPPHIRE Inc.") && text_equal(board, "PC-AM2RD790")) ||
           (text_equal(board_maker, "DFI Inc.") && text_equal(board, "LP UT 790FX"));
}
