#include "base/firmware_map.h"

#include "base/bytes.h"
#include "base/error.h"

/* EFI_MEMORY_NV and EFI_MEMORY_SP, UEFI 2.10 section 7.2.3. */
static const uint64_t persistent = 0x8000, specific_purpose = 0x40000;

enum { OFFSET_TYPE = 0, OFFSET_START = 8, OFFSET_PAGES = 24, OFFSET_ATTRIBUTE = 32 };

/* EFI_MEMORY_TYPE, UEFI 2.10 section 7.2.1. */
enum memory_type {
    TYPE_RESERVED,
    TYPE_LOADER_CODE,
    TYPE_LOADER_DATA,
    TYPE_BOOT_SERVICES_CODE,
    TYPE_BOOT_SERVICES_DATA,
    TYPE_RUNTIME_SERVICES_CODE,
    TYPE_RUNTIME_SERVICES_DATA,
    TYPE_CONVENTIONAL,
    TYPE_UNUSABLE,
    TYPE_ACPI_RECLAIM,
    TYPE_ACPI_NVS,
    TYPE_MAPPED_IO,
    TYPE_MAPPED_IO_PORTS,
    TYPE_PAL_CODE,
    TYPE_PERSISTENT,
    TYPE_UNACCEPTED,
};

/* HELD_BY_NOBODY: no memory, and where something else says otherwise, none all the same. */
static unsigned kind_of(uint32_t type, uint64_t attribute, enum memory_holder loader)
{
    switch (type) {
    case TYPE_LOADER_CODE:
    case TYPE_LOADER_DATA:
        return loader;
    case TYPE_BOOT_SERVICES_CODE:
    case TYPE_BOOT_SERVICES_DATA:
        return HELD_BY_BOOT_SERVICES;
    case TYPE_RUNTIME_SERVICES_CODE:
    case TYPE_RUNTIME_SERVICES_DATA:
        return HELD_BY_RUNTIME_SERVICES;
    case TYPE_CONVENTIONAL:
        if (attribute & persistent)
            return HELD_PERSISTENT;
        return attribute & specific_purpose ? HELD_FOR_SPECIFIC_PURPOSE : MEMORY_FREE;
    case TYPE_UNUSABLE:
        return HELD_UNUSABLE;
    case TYPE_ACPI_RECLAIM:
    case TYPE_ACPI_NVS:
        return HELD_BY_ACPI;
    case TYPE_MAPPED_IO:
    case TYPE_MAPPED_IO_PORTS:
        return HELD_BY_NOBODY;
    case TYPE_PERSISTENT:
        return HELD_PERSISTENT;
    case TYPE_UNACCEPTED:
        return HELD_UNACCEPTED;
    default: /* reserved, PAL code, and types of a maker or of a later specification */
        return HELD_BY_FIRMWARE;
    }
}

static bool read_descriptor(struct bytes *map, size_t at, enum memory_holder loader,
                            struct extent *ret_extent)
{
    uint64_t start = bytes_le64(map, at + OFFSET_START) & ~(uint64_t)(FIRMWARE_PAGE - 1);
    uint64_t pages = bytes_le64(map, at + OFFSET_PAGES);

    if (pages > (UINT64_MAX - start) / FIRMWARE_PAGE)
        return false;
    *ret_extent = (struct extent){
        .start = start,
        .end = start + pages * FIRMWARE_PAGE,
        .kind = (uint8_t)kind_of(bytes_le32(map, at + OFFSET_TYPE),
                                 bytes_le64(map, at + OFFSET_ATTRIBUTE), loader),
    };
    return true;
}

int firmware_map_read(const void *map, size_t size, size_t step, enum memory_holder loader,
                      struct extents *ret_extents)
{
    struct bytes bytes = bytes_of(map, size);
    int error = OK;

    ret_extents->count = 0;
    if (step < FIRMWARE_DESCRIPTOR_SIZE)
        return ERR_FORMAT;
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t at = 0; size - at >= step && at <= size; at += step) {
            struct extent extent;
            bool held_pass = pass == 1;

            if (read_descriptor(&bytes, at, loader, &extent) &&
                (extent.kind != MEMORY_FREE) == held_pass &&
                extents_paint(ret_extents, extent.start, extent.end, extent.kind))
                error = ERR_FULL;
        }
    }
    return error;
}
