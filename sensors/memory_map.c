#include "sensors/memory_map.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/memory_map_parts.h"

static void add_array(struct memory_map *map, const struct smbios_structure *structure)
{
    if (map->array_count == MEMORY_ARRAYS_MAX)
        map->lost = true;
    else if (smbios_memory_array_of(structure, &map->arrays[map->array_count]) == OK)
        map->array_count++;
}

static void add_module(struct memory_map *map, const struct smbios_structure *structure)
{
    struct smbios_memory_device device;

    if (smbios_memory_device_of(structure, &device))
        return;
    if (device.size_known && !device.size) {
        if (map->empty_count < MEMORY_MODULES_MAX)
            map->empty[map->empty_count++] = device;
    } else if (map->module_count == MEMORY_MODULES_MAX) {
        map->lost = true;
    } else {
        map->modules[map->module_count++].device = device;
    }
}

static void add_array_range(struct memory_map *map, const struct smbios_structure *structure)
{
    if (map->array_range_count == MEMORY_RANGES_MAX)
        map->lost = true;
    else if (!smbios_array_range_of(structure, &map->array_ranges[map->array_range_count]))
        map->array_range_count++;
}

static void add_device_range(struct memory_map *map, const struct smbios_structure *structure)
{
    if (map->device_range_count == MEMORY_RANGES_MAX)
        map->lost = true;
    else if (!smbios_device_range_of(structure, &map->device_ranges[map->device_range_count]))
        map->device_range_count++;
}

static void read_table(struct memory_map *map, const void *table, size_t size)
{
    struct smbios_walk walk = smbios_begin(table, size);
    struct smbios_structure structure;

    while (smbios_next(&walk, &structure)) {
        switch (structure.type) {
        case SMBIOS_MEMORY_ARRAY:
            add_array(map, &structure);
            break;
        case SMBIOS_MEMORY_DEVICE:
            add_module(map, &structure);
            break;
        case SMBIOS_ARRAY_MAPPED:
            add_array_range(map, &structure);
            break;
        case SMBIOS_DEVICE_MAPPED:
            add_device_range(map, &structure);
            break;
        default:
            break;
        }
    }
}

/* Arrays of flash, video memory and caches have modules as well. */
static bool is_other_use(const struct memory_map *map, uint16_t array)
{
    enum { VIDEO = 4, CACHE = 7 }; /* section 7.17.2 */

    for (unsigned i = 0; i < map->array_count; i++) {
        if (map->arrays[i].handle == array)
            return map->arrays[i].use >= VIDEO && map->arrays[i].use <= CACHE;
    }
    return false;
}

static void drop_other_uses(struct memory_map *map)
{
    unsigned modules = 0, empty = 0;

    for (unsigned i = 0; i < map->module_count; i++) {
        if (!is_other_use(map, map->modules[i].device.array))
            map->modules[modules++] = map->modules[i];
    }
    for (unsigned i = 0; i < map->empty_count; i++) {
        if (!is_other_use(map, map->empty[i].array))
            map->empty[empty++] = map->empty[i];
    }
    map->module_count = modules;
    map->empty_count = empty;
}

/* ---- the names of slots */

static bool locator_is_shared(const struct memory_map *map, const char *locator)
{
    unsigned count = 0;

    for (unsigned i = 0; i < map->module_count; i++)
        count += text_equal(map->modules[i].device.locator, locator);
    for (unsigned i = 0; i < map->empty_count; i++)
        count += text_equal(map->empty[i].locator, locator);
    return count > 1;
}

/* Some boards call the slots of every channel alike, and tell the channels in the bank locator. */
static void name_place(const struct memory_map *map, struct memory_module *module, unsigned number)
{
    const struct smbios_memory_device *device = &module->device;
    struct text text = text_in(module->place, sizeof(module->place));

    if (!device->locator[0] && !device->bank_locator[0])
        text_format(&text, "module %u", number);
    else if (!device->locator[0])
        text_add(&text, device->bank_locator);
    else if (device->bank_locator[0] && locator_is_shared(map, device->locator))
        text_format(&text, "%s %s", device->bank_locator, device->locator);
    else
        text_add(&text, device->locator);
}

void memory_map_read(const void *table, size_t size, uint64_t seen, struct memory_map *ret_map)
{
    struct memory_map *map = ret_map;

    memset(map, 0, sizeof(*map));
    read_table(map, table, size);
    drop_other_uses(map);
    memory_map_make_ranges(map);
    if (!map->lost)
        memory_map_find_missing(map, seen);
    else
        map->range_count = 0;
    memory_map_find_unsized(map);
    for (unsigned i = 0; i < map->module_count; i++) {
        struct memory_module *module = &map->modules[i];

        name_place(map, module, i + 1);
        module->reported = smbios_memory_error(table, size, module->device.error);
    }
}
