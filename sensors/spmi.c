#include "sensors/spmi.h"

#include "base/bytes.h"
#include "base/error.h"
#include "sensors/acpi_errors.h"

/* Offsets of the table, counted from 0; the base address is a generic address of ACPI. */
enum {
    AT_INTERFACE = 36,
    AT_ALWAYS_1 = 37,
    AT_SPACE = 48,
    AT_WIDTH = 49,
    AT_ADDRESS = 52,
};

enum {
    INTERFACE_KCS = 1,
    SPACE_PORTS = 1,
};

/* The width of a register is how far apart they stand, in bits. Some tables say 0 for side by
 * side. */
static uint8_t spacing_of(uint8_t width)
{
    switch (width) {
    case 0:
    case 8:
        return 1;
    case 32:
        return 4;
    case 128:
        return 16;
    default:
        return 0;
    }
}

int spmi_kcs(const void *table, size_t size, struct spmi_kcs *ret_kcs)
{
    struct bytes bytes;
    uint64_t address;
    uint8_t spacing;
    size_t length;
    int error = acpi_check_table(table, size, "SPMI", &length);

    if (error != OK)
        return error;
    bytes = bytes_of(table, length);
    address = bytes_le64(&bytes, AT_ADDRESS);
    spacing = spacing_of(bytes_u8(&bytes, AT_WIDTH));
    if (bytes.failed || bytes_u8(&bytes, AT_ALWAYS_1) != 1)
        return ERR_FORMAT;
    if (bytes_u8(&bytes, AT_INTERFACE) != INTERFACE_KCS ||
        bytes_u8(&bytes, AT_SPACE) != SPACE_PORTS)
        return ERR_UNSUPPORTED;
    if (address == 0 || spacing == 0 || address > (uint64_t)UINT16_MAX - spacing)
        return ERR_FORMAT;
    *ret_kcs = (struct spmi_kcs){.port = (uint16_t)address, .spacing = spacing};
    return OK;
}
