/*
 * The firmware's memory map: an array of EFI_MEMORY_DESCRIPTOR, UEFI 2.10 section 7.2.3.
 *
 * Firmware is often careless: descriptors are unsorted, overlap, or are empty. Where two overlap,
 * memory is free only if both call it free.
 */
#ifndef ASSAY_BASE_FIRMWARE_MAP_H
#define ASSAY_BASE_FIRMWARE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/extents.h"

/* The kind of a range is its holder, or one of these. */
enum memory_kind {
    MEMORY_FREE = HOLDERS, /* EfiConventionalMemory that may be tested */
    MEMORY_TESTED,
    MEMORY_KINDS,
};

enum { FIRMWARE_PAGE = 4096, FIRMWARE_DESCRIPTOR_SIZE = 40 };

_Static_assert((int)MEMORY_KINDS < (int)EXTENT_KINDS, "a set of kinds is one number");

/*
 * Reads the map: all memory in it, each range of the kind that its type and attributes say. Ranges
 * of device registers are no memory. `step` is the distance of two descriptors.
 *
 * What programs of the loader hold is `loader`'s. ERR_FORMAT for a step smaller than a descriptor;
 * ERR_FULL when some ranges found no room: those that did are right.
 */
int firmware_map_read(const void *map, size_t size, size_t step, enum memory_holder loader,
                      struct extents *ret_extents);

#endif
