/*
 * Memory maps of any bytes, the first of which is the distance of two descriptors: what comes out
 * is sorted and disjoint, and no address is free that a descriptor says is held.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/firmware_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 64, CONVENTIONAL = 7 };

static struct extent list[LIMIT];

static void check_held(const uint8_t *map, size_t size, size_t step, const struct extents *extents)
{
    struct bytes bytes = bytes_of(map, size);

    for (size_t at = 0; size - at >= step; at += step) {
        uint64_t start = bytes_le64(&bytes, at + 8) & ~(uint64_t)4095;
        uint64_t pages = bytes_le64(&bytes, at + 24);

        if (bytes_le32(&bytes, at) == CONVENTIONAL || !pages || pages > (UINT64_MAX - start) / 4096)
            continue;
        if (extents_size(extents, start, start + pages * 4096, EXTENT_KIND(MEMORY_FREE)))
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct extents extents;
    size_t step = size ? data[0] : 0;
    int error;

    if (!size)
        return 0;
    extents_init(&extents, list, LIMIT);
    error = firmware_map_read(data + 1, size - 1, step, HELD_BY_ASSAY, &extents);
    if ((error == ERR_FORMAT) != (step < FIRMWARE_DESCRIPTOR_SIZE) || extents.count > LIMIT)
        __builtin_trap();
    for (size_t i = 0; i < extents.count; i++) {
        if (list[i].start >= list[i].end || list[i].kind == EXTENT_NONE ||
            list[i].kind >= MEMORY_TESTED || (i > 0 && list[i - 1].end > list[i].start))
            __builtin_trap();
    }
    if (!error)
        check_held(data + 1, size - 1, step, &extents);
    return 0;
}
