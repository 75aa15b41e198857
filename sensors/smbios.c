#include "sensors/smbios.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/smbios_fields.h"

enum { HEADER_SIZE = 4 };

struct smbios_walk smbios_begin(const void *table, size_t size)
{
    return (struct smbios_walk){.table = bytes_of(table, size)};
}

/* Where the strings that begin at `offset` end: behind the first two NULs in a row, or at the end
 * of the table. */
static size_t strings_end(const struct bytes *table, size_t offset)
{
    for (size_t i = offset; i + 1 < table->size; i++)
        if (table->data[i] == 0 && table->data[i + 1] == 0)
            return i + 2;
    return table->size;
}

bool smbios_next(struct smbios_walk *walk, struct smbios_structure *ret_structure)
{
    struct bytes *table = &walk->table;
    uint8_t type = bytes_u8(table, walk->offset);
    uint8_t length = bytes_u8(table, walk->offset + 1);
    uint16_t handle = bytes_le16(table, walk->offset + 2);
    size_t end;

    if (table->failed || type == SMBIOS_END_OF_TABLE || length < HEADER_SIZE ||
        !bytes_have(table, walk->offset, length) || walk->count == SMBIOS_STRUCTURES_MAX)
        return false;
    end = strings_end(table, walk->offset + length);
    *ret_structure = (struct smbios_structure){
        .type = type,
        .handle = handle,
        .formatted = bytes_of(table->data + walk->offset, length),
        .strings = bytes_of(table->data + walk->offset + length, end - walk->offset - length),
    };
    walk->offset = end;
    walk->count++;
    return true;
}

bool smbios_string(const struct smbios_structure *structure, unsigned number, char *ret_text,
                   size_t size)
{
    const struct bytes *strings = &structure->strings;
    size_t start = 0;

    ret_text[0] = '\0';
    if (number == 0)
        return false;
    for (size_t i = 0; i < strings->size; i++) {
        if (strings->data[i] != 0)
            continue;
        if (i == start)
            return false;
        if (--number == 0) {
            copy_name(ret_text, size, strings->data + start, i - start);
            return true;
        }
        start = i + 1;
    }
    return false;
}

int smbios_find(const void *table, size_t size, uint8_t type, unsigned index,
                struct smbios_structure *ret_structure)
{
    struct smbios_walk walk = smbios_begin(table, size);
    struct smbios_structure structure;

    while (smbios_next(&walk, &structure)) {
        if (structure.type != type)
            continue;
        if (index == 0) {
            *ret_structure = structure;
            return OK;
        }
        index--;
    }
    return ERR_ABSENT;
}

uint64_t smbios_field(const struct smbios_structure *structure, size_t offset, size_t width)
{
    struct bytes formatted = structure->formatted;

    return bytes_le(&formatted, offset, width);
}

void smbios_string_at(const struct smbios_structure *structure, size_t offset, char *ret_text,
                      size_t size)
{
    smbios_string(structure, (unsigned)smbios_field(structure, offset, 1), ret_text, size);
}

/* Types 1 and 2 agree in these fields: sections 7.2 and 7.3. */
static int product(const void *table, size_t size, uint8_t type, struct smbios_product *ret_product)
{
    struct smbios_structure found;
    int error = smbios_find(table, size, type, 0, &found);

    if (error != OK)
        return error;
    smbios_string_at(&found, 0x04, ret_product->manufacturer, sizeof(ret_product->manufacturer));
    smbios_string_at(&found, 0x05, ret_product->product, sizeof(ret_product->product));
    smbios_string_at(&found, 0x07, ret_product->serial, sizeof(ret_product->serial));
    return OK;
}

int smbios_system(const void *table, size_t size, struct smbios_product *ret_system)
{
    return product(table, size, SMBIOS_SYSTEM, ret_system);
}

int smbios_baseboard(const void *table, size_t size, struct smbios_product *ret_board)
{
    return product(table, size, SMBIOS_BASEBOARD, ret_board);
}

int smbios_uuid(const void *table, size_t size, uint8_t ret_uuid[SMBIOS_UUID_SIZE])
{
    const size_t at = 0x08;
    struct smbios_structure found;
    bool differ = false;
    int error = smbios_find(table, size, SMBIOS_SYSTEM, 0, &found);

    if (error != OK || !bytes_have(&found.formatted, at, SMBIOS_UUID_SIZE))
        return ERR_ABSENT;
    for (size_t i = 1; i < SMBIOS_UUID_SIZE; i++)
        differ = differ || found.formatted.data[at + i] != found.formatted.data[at];
    if (!differ && (found.formatted.data[at] == 0 || found.formatted.data[at] == 0xFF))
        return ERR_ABSENT;
    memcpy(ret_uuid, found.formatted.data + at, SMBIOS_UUID_SIZE);
    return OK;
}

/* Chassis types, section 7.4.1. */
static enum chassis chassis_of(uint8_t type)
{
    switch (type) {
    case 8:  /* portable */
    case 9:  /* laptop */
    case 10: /* notebook */
    case 11: /* hand held */
    case 14: /* sub notebook */
    case 30: /* tablet */
    case 31: /* convertible */
    case 32: /* detachable */
        return CHASSIS_PORTABLE;
    case 3:  /* desktop */
    case 4:  /* low profile desktop */
    case 6:  /* mini tower */
    case 7:  /* tower */
    case 17: /* main server chassis */
    case 23: /* rack mount chassis */
        return CHASSIS_FIXED;
    default:
        return CHASSIS_UNKNOWN;
    }
}

enum chassis smbios_chassis(const void *table, size_t size)
{
    struct smbios_walk walk = smbios_begin(table, size);
    struct smbios_structure structure;
    enum chassis found = CHASSIS_UNKNOWN;

    while (smbios_next(&walk, &structure)) {
        enum chassis one = chassis_of(smbios_field(&structure, 0x05, 1) & 0x7F);

        if (structure.type == SMBIOS_CHASSIS && found != CHASSIS_PORTABLE && one != CHASSIS_UNKNOWN)
            found = one;
    }
    return found;
}

int smbios_oem_string(const void *table, size_t size, unsigned index, char *ret_text,
                      size_t text_size)
{
    struct smbios_walk walk = smbios_begin(table, size);
    struct smbios_structure structure;

    while (smbios_next(&walk, &structure)) {
        unsigned count;

        if (structure.type != SMBIOS_OEM_STRINGS)
            continue;
        count = (unsigned)smbios_field(&structure, 0x04, 1);
        if (index < count)
            return smbios_string(&structure, index + 1, ret_text, text_size) ? OK : ERR_ABSENT;
        index -= count;
    }
    return ERR_ABSENT;
}

/* Section 7.39: bit 0 of the base address tells ports from memory; the address's own lowest bit
 * and the register spacing stand in the modifier byte, which some older tables lack. */
int smbios_ipmi(const void *table, size_t size, struct smbios_ipmi *ret_ipmi)
{
    static const uint8_t spacings[] = {1, 4, 16, 0};
    struct smbios_structure found;
    uint64_t base;
    uint8_t modifier;
    int error = smbios_find(table, size, SMBIOS_IPMI_DEVICE, 0, &found);

    if (error != OK)
        return error;
    base = smbios_field(&found, 0x08, 8);
    modifier = (uint8_t)smbios_field(&found, 0x10, 1);
    if (base == 0 || spacings[modifier >> 6] == 0)
        return ERR_FORMAT;
    *ret_ipmi = (struct smbios_ipmi){
        .interface = (uint8_t)smbios_field(&found, 0x04, 1),
        .io_space = base & 1,
        .base = (base & ~(uint64_t)1) | (modifier >> 4 & 1),
        .spacing = spacings[modifier >> 6],
    };
    return OK;
}
