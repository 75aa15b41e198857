#include "sensors/acpi_errors.h"

#include <string.h>

#include "base/error.h"
#include "sensors/acpi_fields.h"

enum {
    RSDP_SIZE = 36,
    RSDP_SIZE_1 = 20, /* of revision 0, to which the first checksum belongs */
    RSDP_CHECKED_MAX = 256,
};

bool acpi_checksum_is_right(const void *bytes, size_t size)
{
    const uint8_t *data = bytes;
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + data[i]);
    return sum == 0;
}

int acpi_check_table(const void *table, size_t size, const char *signature, size_t *ret_size)
{
    struct bytes bytes = bytes_of(table, size);
    size_t length = bytes_le32(&bytes, 4);

    if (!bytes_have(&bytes, 0, ACPI_HEADER_SIZE) || memcmp(table, signature, 4) != 0 ||
        length < ACPI_HEADER_SIZE || length > size || !acpi_checksum_is_right(table, length))
        return ERR_FORMAT;
    *ret_size = length;
    return OK;
}

int acpi_root_pointer(const void *pointer, size_t size, uint64_t *ret_xsdt)
{
    struct bytes bytes = bytes_of(pointer, size);
    size_t length = bytes_le32(&bytes, 20);

    if (!bytes_have(&bytes, 0, RSDP_SIZE) || memcmp(pointer, "RSD PTR ", 8) != 0 ||
        !acpi_checksum_is_right(pointer, RSDP_SIZE_1))
        return ERR_FORMAT;
    if (bytes_u8(&bytes, 15) < 2)
        return ERR_UNSUPPORTED;
    if (length < RSDP_SIZE || length > RSDP_CHECKED_MAX || length > size ||
        !acpi_checksum_is_right(pointer, length))
        return ERR_FORMAT;
    *ret_xsdt = bytes_le64(&bytes, 24);
    return OK;
}

struct acpi_address acpi_address_at(struct bytes *bytes, size_t offset)
{
    return (struct acpi_address){
        .space = bytes_u8(bytes, offset),
        .width = bytes_u8(bytes, offset + 1),
        .offset = bytes_u8(bytes, offset + 2),
        .access = bytes_u8(bytes, offset + 3),
        .address = bytes_le64(bytes, offset + 4),
    };
}

/* Table 18.2: length and address of the region. */
int acpi_bert(const void *table, size_t size, struct acpi_bert *ret_bert)
{
    struct acpi_bert bert;
    struct bytes bytes;
    size_t length;
    int error = acpi_check_table(table, size, "BERT", &length);

    if (error != OK)
        return error;
    bytes = bytes_of(table, length);
    bert.size = bytes_le32(&bytes, 36);
    bert.address = bytes_le64(&bytes, 40);
    if (bytes.failed)
        return ERR_FORMAT;
    if (bert.size == 0 || bert.address == 0)
        return ERR_ABSENT;
    if (bert.size > ACPI_REGION_MAX || bert.address > UINT64_MAX - bert.size)
        return ERR_RANGE;
    *ret_bert = bert;
    return OK;
}

/* ---- ERST */

/* Serialization header, table 18.23, and instruction entries, table 18.25. */
enum {
    AT_HEADER_SIZE = 36,
    AT_ENTRY_COUNT = 44,
    AT_ENTRIES = 48,
    HEADER_SIZE = 48, /* of the whole header; some count only what follows the table's own */
    HEADER_SIZE_SHORT = 12,
    ENTRY_SIZE = 32,
    SPACE_MEMORY = 0,
    SPACE_PORTS = 1,
};

/* Instructions, table 18.26. */
enum {
    READ_REGISTER = 0x00,
    READ_REGISTER_VALUE = 0x01,
    WRITE_REGISTER = 0x02,
    WRITE_REGISTER_VALUE = 0x03,
    STORE_VALUE_1 = 0x08,
    ADD_VALUE = 0x0B,
    SUBTRACT_VALUE = 0x0C,
    MOVE_DATA = 0x12,
    INSTRUCTIONS,
};

static bool writes(uint8_t instruction)
{
    switch (instruction) {
    case WRITE_REGISTER:
    case WRITE_REGISTER_VALUE:
    case STORE_VALUE_1:
    case ADD_VALUE:
    case SUBTRACT_VALUE:
    case MOVE_DATA:
        return true;
    default:
        return false;
    }
}

static bool take_entry(struct bytes *bytes, size_t at, struct acpi_erst *erst)
{
    uint8_t action = bytes_u8(bytes, at), instruction = bytes_u8(bytes, at + 1);
    struct acpi_address address = acpi_address_at(bytes, at + 4);

    if (bytes->failed || action >= ERST_ACTIONS || instruction >= INSTRUCTIONS ||
        (address.space != SPACE_MEMORY && address.space != SPACE_PORTS))
        return false;
    erst->has_action[action] = true;
    erst->action_writes[action] |= writes(instruction);
    return true;
}

/* The steps of reading a record, 18.5.2.2. */
static bool reading_writes(const struct acpi_erst *erst)
{
    static const uint8_t steps[] = {ERST_SET_OFFSET, ERST_SET_ID,     ERST_BEGIN_READ,
                                    ERST_EXECUTE,    ERST_CHECK_BUSY, ERST_END};

    for (size_t i = 0; i < sizeof(steps); i++)
        if (erst->action_writes[steps[i]])
            return true;
    return false;
}

int acpi_erst(const void *table, size_t size, struct acpi_erst *ret_erst)
{
    struct acpi_erst erst = {0};
    struct bytes bytes;
    uint32_t header_size;
    size_t length;
    int error = acpi_check_table(table, size, "ERST", &length);

    if (error != OK)
        return error;
    bytes = bytes_of(table, length);
    header_size = bytes_le32(&bytes, AT_HEADER_SIZE);
    erst.entries = bytes_le32(&bytes, AT_ENTRY_COUNT);
    if (bytes.failed || (header_size != HEADER_SIZE && header_size != HEADER_SIZE_SHORT) ||
        erst.entries > (length - AT_ENTRIES) / ENTRY_SIZE)
        return ERR_FORMAT;
    for (size_t i = 0; i < erst.entries; i++)
        if (!take_entry(&bytes, AT_ENTRIES + i * ENTRY_SIZE, &erst))
            return ERR_FORMAT;
    erst.reading_writes = reading_writes(&erst);
    *ret_erst = erst;
    return OK;
}
