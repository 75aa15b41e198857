#include <stddef.h>

#include "sensors/memory_map_parts.h"

#define GIB ((uint64_t)1 << 30)

enum { UNKNOWN = 255 };

/* The local APIC's registers (Intel SDM volume 3, "Local APIC Registers") are never memory. */
static const uint64_t no_memory = 0xFEE00000;
static const uint64_t hole_end = 4 * GIB;
/* Boards leave 1 GiB of memory below 4 GiB at least, so it is moved up by 3 GiB at most. */
static const uint64_t hole_size_most = 3 * GIB;

static struct memory_module *find_module(struct memory_map *map, uint16_t handle)
{
    for (unsigned i = 0; i < map->module_count; i++) {
        if (map->modules[i].device.handle == handle)
            return &map->modules[i];
    }
    return NULL;
}

static bool covers(uint64_t start, uint64_t end, uint64_t address)
{
    return start <= address && address <= end;
}

static bool ignores_hole(const struct memory_map *map)
{
    for (unsigned i = 0; i < map->array_range_count; i++) {
        if (covers(map->array_ranges[i].start, map->array_ranges[i].end, no_memory))
            return true;
    }
    for (unsigned i = 0; i < map->device_range_count; i++) {
        if (covers(map->device_ranges[i].start, map->device_ranges[i].end, no_memory))
            return true;
    }
    return false;
}

static void add_range(struct memory_map *map, const struct memory_range *range)
{
    if (map->range_count == MEMORY_RANGES_MAX)
        map->lost = true;
    else
        map->ranges[map->range_count++] = *range;
}

/* Of a map that ignores the hole: a range may lie where it says, or above 4 GiB, moved up. */
static void add_moved(struct memory_map *map, struct memory_range range)
{
    uint64_t moved_end =
        range.end > UINT64_MAX - hole_size_most ? UINT64_MAX : range.end + hole_size_most;

    if (range.end >= hole_end) {
        range.end = moved_end;
        add_range(map, &range);
        return;
    }
    add_range(map, &range);
    range.start = hole_end;
    range.end = moved_end;
    if (moved_end >= hole_end)
        add_range(map, &range);
}

static void add_found(struct memory_map *map, const struct memory_range *range, bool moved)
{
    if (moved)
        add_moved(map, *range);
    else
        add_range(map, range);
}

/* Every module of the array may have any address of it. */
static void spread_array(struct memory_map *map, uint16_t array, bool moved)
{
    for (unsigned i = 0; i < map->module_count; i++) {
        const struct smbios_memory_device *device = &map->modules[i].device;

        if (device->array != array || device->persistent)
            continue;
        for (unsigned j = 0; j < map->array_range_count; j++) {
            struct memory_range range = {.module = i,
                                         .start = map->array_ranges[j].start,
                                         .end = map->array_ranges[j].end,
                                         .position = UNKNOWN,
                                         .depth = UNKNOWN};

            if (map->array_ranges[j].array == array)
                add_found(map, &range, moved);
        }
    }
}

static bool is_of_array(struct memory_map *map, const struct smbios_device_range *range,
                        uint16_t array)
{
    const struct memory_module *module = find_module(map, range->device);

    return module && module->device.array == array && !module->device.persistent;
}

/* Interleaved by its own word, with a range in which no other interleaved module lies. */
static bool interleaves_alone(struct memory_map *map, const struct smbios_device_range *range,
                              uint16_t array)
{
    if (range->position == 0)
        return false;
    for (unsigned i = 0; i < map->device_range_count; i++) {
        const struct smbios_device_range *other = &map->device_ranges[i];

        if (other->device != range->device && other->position != 0 && other->start <= range->end &&
            range->start <= other->end && is_of_array(map, other, array))
            return false;
    }
    return true;
}

/* The ranges of an array by type 20; those that interleave alone get what all such have. */
static void take_device_ranges(struct memory_map *map, uint16_t array, bool moved)
{
    uint64_t start = UINT64_MAX, end = 0;

    for (unsigned i = 0; i < map->device_range_count; i++) {
        const struct smbios_device_range *range = &map->device_ranges[i];

        if (!is_of_array(map, range, array) || !interleaves_alone(map, range, array))
            continue;
        start = range->start < start ? range->start : start;
        end = range->end > end ? range->end : end;
    }
    for (unsigned i = 0; i < map->device_range_count; i++) {
        const struct smbios_device_range *range = &map->device_ranges[i];
        bool alone = interleaves_alone(map, range, array);
        struct memory_range found = {.start = alone ? start : range->start,
                                     .end = alone ? end : range->end,
                                     .position = range->position,
                                     .depth = range->depth};

        if (!is_of_array(map, range, array))
            continue;
        found.module = (unsigned)(find_module(map, range->device) - map->modules);
        add_found(map, &found, moved);
    }
}

static bool all_are_mapped(const struct memory_map *map, uint16_t array)
{
    for (unsigned i = 0; i < map->module_count; i++) {
        const struct memory_module *module = &map->modules[i];

        if (module->device.array == array && !module->device.persistent && !module->mapped)
            return false;
    }
    return true;
}

static bool is_first_of_array(const struct memory_map *map, unsigned index)
{
    for (unsigned i = 0; i < index; i++) {
        if (map->modules[i].device.array == map->modules[index].device.array)
            return false;
    }
    return true;
}

void memory_map_make_ranges(struct memory_map *map)
{
    bool moved = ignores_hole(map);

    for (unsigned i = 0; i < map->device_range_count; i++) {
        struct memory_module *module = find_module(map, map->device_ranges[i].device);

        if (module)
            module->mapped = true;
    }
    for (unsigned i = 0; i < map->module_count; i++) {
        uint16_t array = map->modules[i].device.array;

        if (!is_first_of_array(map, i))
            continue;
        if (all_are_mapped(map, array))
            take_device_ranges(map, array, moved);
        else
            spread_array(map, array, moved);
    }
}
