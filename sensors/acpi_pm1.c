#include "sensors/acpi_pm1.h"

#include "base/error.h"
#include "sensors/acpi_fields.h"

/* Offsets in the FADT, ACPI 6.5 table 5.9. */
enum {
    FADT_PM1A_EVENT = 56,
    FADT_PM1B_EVENT = 60,
    FADT_PM1_EVENT_SIZE = 88,
    FADT_FLAGS = 112,
    FADT_X_PM1A_EVENT = 148,
    FADT_X_PM1B_EVENT = 160,
    GAS_SIZE = 12,
    FLAG_HARDWARE_REDUCED = 1 << 20,
    SPACE_IO = 1,
    EVENT_SIZE_MIN = 4, /* status and enable */
};

enum {
    STATUS_POWER_BUTTON = 1 << 8,
    STATUS_POWER_OVERRIDE = 1 << 11,
    STATUS_WAKE = 1 << 15,
    STATUS_NOBODY = 0xFFFF,
};

/* The extended address where the table has one, else the plain one. */
static int find_block(struct bytes *fadt, size_t plain, size_t extended, uint16_t *ret_port)
{
    uint64_t port = bytes_le32(fadt, plain);

    if (fadt->size >= extended + GAS_SIZE) {
        struct acpi_address address = acpi_address_at(fadt, extended);

        if (address.address && address.space != SPACE_IO)
            return ERR_UNSUPPORTED;
        if (address.address)
            port = address.address;
    }
    if (port > UINT16_MAX - 1)
        return ERR_FORMAT;
    *ret_port = (uint16_t)port;
    return OK;
}

int acpi_pm1_find(const void *fadt, size_t size, struct acpi_pm1 *ret_pm1)
{
    struct acpi_pm1 pm1 = {.ports = {0, 0}};
    size_t length = 0;
    struct bytes bytes;
    int error = acpi_check_table(fadt, size, "FACP", &length);

    if (error)
        return error;
    bytes = bytes_of(fadt, length);
    if (bytes_u8(&bytes, FADT_PM1_EVENT_SIZE) < EVENT_SIZE_MIN ||
        bytes_le32(&bytes, FADT_FLAGS) & FLAG_HARDWARE_REDUCED)
        return bytes.failed ? ERR_FORMAT : ERR_ABSENT;
    error = find_block(&bytes, FADT_PM1A_EVENT, FADT_X_PM1A_EVENT, &pm1.ports[0]);
    if (!error)
        error = find_block(&bytes, FADT_PM1B_EVENT, FADT_X_PM1B_EVENT, &pm1.ports[1]);
    if (error || bytes.failed)
        return error ? error : ERR_FORMAT;
    if (!pm1.ports[0])
        return ERR_ABSENT;
    *ret_pm1 = pm1;
    return OK;
}

/* Bytes may be read one by one (section 4.8.3.1). */
static int read_port(const struct access *access, uint16_t port, uint16_t *ret_status)
{
    uint8_t low, high;
    int error = access->in8(access->context, port, &low);

    if (!error)
        error = access->in8(access->context, (uint16_t)(port + 1), &high);
    if (error)
        return error;
    *ret_status = (uint16_t)(low | high << 8);
    return *ret_status == STATUS_NOBODY ? ERR_ABSENT : OK;
}

int acpi_pm1_read(const struct acpi_pm1 *pm1, const struct access *access, uint16_t *ret_status)
{
    uint16_t first = 0, second = 0;
    int error = read_port(access, pm1->ports[0], &first);

    if (!error && pm1->ports[1])
        error = read_port(access, pm1->ports[1], &second);
    if (!error)
        *ret_status = first | second;
    return error;
}

enum restart_cause acpi_pm1_cause(uint16_t status)
{
    if (status & STATUS_POWER_OVERRIDE)
        return RESTART_POWER_OVERRIDE;
    if (status & STATUS_WAKE && status & STATUS_POWER_BUTTON)
        return RESTART_POWER_BUTTON;
    return RESTART_UNKNOWN;
}
