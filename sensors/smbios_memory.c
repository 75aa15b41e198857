/*
 * SMBIOS: memory arrays, modules, and where in physical memory they lie.
 */
#include "base/error.h"
#include "base/text.h"
#include "sensors/smbios_fields.h"

/* Memory Technology, section 7.18.6: these keep their data. */
enum { TECHNOLOGY_NVDIMM_N = 4, TECHNOLOGY_OPTANE = 7 };

/* Section 7.17: Maximum Capacity in KiB, or by the 64-bit field in bytes. */
int smbios_memory_array_of(const struct smbios_structure *structure,
                           struct smbios_memory_array *ret_array)
{
    uint64_t capacity = smbios_field(structure, 0x07, 4);

    if (structure->type != SMBIOS_MEMORY_ARRAY)
        return ERR_FORMAT;
    *ret_array = (struct smbios_memory_array){
        .handle = structure->handle,
        .use = (uint8_t)smbios_field(structure, 0x05, 1),
        .correction = (uint8_t)smbios_field(structure, 0x06, 1),
        .capacity = capacity == 0x80000000 ? smbios_field(structure, 0x0F, 8) : capacity << 10,
        .slots = (uint16_t)smbios_field(structure, 0x0D, 2),
    };
    return OK;
}

/* Section 7.18.4 and 7.18.5: Size in MiB, or in KiB with bit 15 set; Extended Size in MiB. */
static void memory_size(const struct smbios_structure *structure,
                        struct smbios_memory_device *device)
{
    uint64_t size = smbios_field(structure, 0x0C, 2);

    device->size_known = size != 0xFFFF && structure->formatted.size >= 0x0E;
    if (!device->size_known)
        device->size = 0;
    else if (size == 0x7FFF)
        device->size = (smbios_field(structure, 0x1C, 4) & 0x7FFFFFFF) << 20;
    else if (size & 0x8000)
        device->size = (size & 0x7FFF) << 10;
    else
        device->size = size << 20;
}

/* Speed in MT/s; FFFFh sends to the 32-bit field of version 3.3. */
static uint32_t memory_speed(const struct smbios_structure *structure, size_t offset,
                             size_t extended_offset)
{
    uint64_t speed = smbios_field(structure, offset, 2);

    return (uint32_t)(speed == 0xFFFF ? smbios_field(structure, extended_offset, 4) & 0x7FFFFFFF
                                      : speed);
}

int smbios_memory_device_of(const struct smbios_structure *structure,
                            struct smbios_memory_device *ret_device)
{
    struct smbios_memory_device *device = ret_device;
    uint64_t technology = smbios_field(structure, 0x28, 1);

    if (structure->type != SMBIOS_MEMORY_DEVICE)
        return ERR_FORMAT;
    device->handle = structure->handle;
    device->array = (uint16_t)smbios_field(structure, 0x04, 2);
    device->error = (uint16_t)smbios_field(structure, 0x06, 2);
    memory_size(structure, device);
    device->speed = memory_speed(structure, 0x15, 0x54);
    device->configured_speed = memory_speed(structure, 0x20, 0x58);
    device->persistent = technology >= TECHNOLOGY_NVDIMM_N && technology <= TECHNOLOGY_OPTANE;
    smbios_string_at(structure, 0x10, device->locator, sizeof(device->locator));
    smbios_string_at(structure, 0x11, device->bank_locator, sizeof(device->bank_locator));
    smbios_string_at(structure, 0x17, device->manufacturer, sizeof(device->manufacturer));
    smbios_string_at(structure, 0x18, device->serial, sizeof(device->serial));
    smbios_string_at(structure, 0x1A, device->part_number, sizeof(device->part_number));
    return OK;
}

int smbios_memory_device(const void *table, size_t size, unsigned index,
                         struct smbios_memory_device *ret_device)
{
    struct smbios_structure found;
    int error = smbios_find(table, size, SMBIOS_MEMORY_DEVICE, index, &found);

    return error == OK ? smbios_memory_device_of(&found, ret_device) : error;
}

/* Types 19 and 20 give addresses in KiB, the last KiB included; FFFFFFFFh sends to fields of 64
 * bits in bytes, the last byte included. False for a range that is none. */
static bool range(const struct smbios_structure *structure, size_t extended, uint64_t *ret_start,
                  uint64_t *ret_end)
{
    uint64_t start = smbios_field(structure, 0x04, 4), end = smbios_field(structure, 0x08, 4);

    if (start == UINT32_MAX) {
        start = smbios_field(structure, extended, 8);
        end = smbios_field(structure, extended + 8, 8);
    } else {
        start <<= 10;
        end = (end << 10) + 0x3FF;
    }
    if (end <= start)
        return false;
    *ret_start = start;
    *ret_end = end;
    return true;
}

int smbios_array_range_of(const struct smbios_structure *structure,
                          struct smbios_array_range *ret_range)
{
    uint64_t start, end;

    if (structure->type != SMBIOS_ARRAY_MAPPED || structure->formatted.size < 0x0F ||
        !range(structure, 0x0F, &start, &end))
        return ERR_FORMAT;
    *ret_range = (struct smbios_array_range){
        .handle = structure->handle,
        .array = (uint16_t)smbios_field(structure, 0x0C, 2),
        .width = (uint8_t)smbios_field(structure, 0x0E, 1),
        .start = start,
        .end = end,
    };
    return OK;
}

int smbios_device_range_of(const struct smbios_structure *structure,
                           struct smbios_device_range *ret_range)
{
    uint64_t start, end;

    if (structure->type != SMBIOS_DEVICE_MAPPED || structure->formatted.size < 0x13 ||
        !range(structure, 0x13, &start, &end))
        return ERR_FORMAT;
    *ret_range = (struct smbios_device_range){
        .device = (uint16_t)smbios_field(structure, 0x0C, 2),
        .array_range = (uint16_t)smbios_field(structure, 0x0E, 2),
        .row = (uint8_t)smbios_field(structure, 0x10, 1),
        .position = (uint8_t)smbios_field(structure, 0x11, 1),
        .depth = (uint8_t)smbios_field(structure, 0x12, 1),
        .start = start,
        .end = end,
    };
    return OK;
}

/* Error types, section 7.19.1: what is bad and was not corrected. */
static bool is_uncorrected(uint8_t type)
{
    switch (type) {
    case 0x04: /* bad read */
    case 0x05: /* parity */
    case 0x07: /* double-bit */
    case 0x08: /* multi-bit */
    case 0x0E: /* uncorrectable */
        return true;
    default:
        return false;
    }
}

bool smbios_memory_error(const void *table, size_t size, uint16_t handle)
{
    struct smbios_walk walk = smbios_begin(table, size);
    struct smbios_structure structure;

    while (smbios_next(&walk, &structure)) {
        if (structure.handle == handle &&
            (structure.type == SMBIOS_MEMORY_ERROR_32 || structure.type == SMBIOS_MEMORY_ERROR_64))
            return is_uncorrected((uint8_t)smbios_field(&structure, 0x04, 1));
    }
    return false;
}
