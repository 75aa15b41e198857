#include "base/text.h"
#include "sensors/memory_map_parts.h"

/* A range as long as all of memory would make a sum that means nothing. */
enum { BYTES_LOG2_MAX = 56 };

/* What is mapped of an array; of all arrays where `array` is NULL. */
static uint64_t mapped_bytes(const struct memory_map *map, const uint16_t *array)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < map->array_range_count; i++) {
        const struct smbios_array_range *range = &map->array_ranges[i];
        uint64_t length = range->end - range->start + 1;

        if (array && range->array != *array)
            continue;
        sum += length >> BYTES_LOG2_MAX || !length ? (uint64_t)1 << BYTES_LOG2_MAX : length;
    }
    return sum;
}

/* What is installed in an array; 0 when that is not known. */
static uint64_t installed_bytes(const struct memory_map *map, uint16_t array)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < map->module_count; i++) {
        const struct smbios_memory_device *device = &map->modules[i].device;

        if (device->array != array)
            continue;
        if (!device->size_known || device->persistent || device->size >> BYTES_LOG2_MAX)
            return 0;
        sum += device->size;
    }
    return sum;
}

static bool some_are_mapped(const struct memory_map *map, uint16_t array)
{
    for (unsigned i = 0; i < map->module_count; i++) {
        if (map->modules[i].device.array == array && map->modules[i].mapped)
            return true;
    }
    return false;
}

/* Only memory with error correction is ever mirrored or kept spare. */
static bool may_be_mirrored(const struct memory_map *map, uint16_t array)
{
    for (unsigned i = 0; i < map->array_count; i++) {
        if (map->arrays[i].handle == array)
            return map->arrays[i].correction != SMBIOS_CORRECTION_NONE;
    }
    return true;
}

/* Short by a whole module of this size, and hardly more. */
static bool is_size_of(uint64_t missing, uint64_t size)
{
    return size && missing >= size && missing - size <= size / 16;
}

static void mark_missing(struct memory_map *map, uint16_t array, uint64_t missing)
{
    bool told = some_are_mapped(map, array);

    if (!told && may_be_mirrored(map, array))
        return;
    for (unsigned i = 0; i < map->module_count; i++) {
        struct memory_module *module = &map->modules[i];

        if (module->device.array == array && !module->mapped &&
            is_size_of(missing, module->device.size))
            module->state = MEMORY_MISSING;
    }
}

void memory_map_find_missing(struct memory_map *map, uint64_t seen)
{
    if (seen > mapped_bytes(map, NULL))
        return;
    for (unsigned i = 0; i < map->module_count; i++) {
        uint16_t array = map->modules[i].device.array;
        uint64_t installed = installed_bytes(map, array), mapped = mapped_bytes(map, &array);

        if (mapped && installed > mapped)
            mark_missing(map, array, installed - mapped);
    }
}

/* ---- slots that name a module and no size */

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Four bytes of a module's SPD in hex. What boards write into empty slots is a word, or all digits
 * alike, or digits in a row. */
static bool is_serial(const char *serial)
{
    unsigned alike = 0, in_a_row = 0;

    if (text_length(serial) != 8)
        return false;
    for (unsigned i = 0; i < 8; i++) {
        if (!is_hex_digit(serial[i]))
            return false;
        alike += serial[i] == serial[0];
        in_a_row += serial[i] == serial[0] + (char)i;
    }
    return alike < 8 && in_a_row < 8;
}

static bool is_part_number(const char *part)
{
    bool digit = false, letter = false;

    for (const char *c = part; *c; c++) {
        if ((*c | 0x20) == 'p' && (c[1] | 0x20) == 'a' && c[1] && (c[2] | 0x20) == 'r')
            return false; /* "A1_PartNum0", "Array1_PartNumber0" */
        digit |= *c >= '0' && *c <= '9';
        letter |= (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
    }
    return digit && letter && text_length(part) >= 5;
}

static unsigned count_serial(const struct memory_map *map, const char *serial)
{
    unsigned count = 0;

    for (unsigned i = 0; i < map->module_count; i++)
        count += text_equal(map->modules[i].device.serial, serial);
    for (unsigned i = 0; i < map->empty_count; i++)
        count += text_equal(map->empty[i].serial, serial);
    return count;
}

static bool names_module(const struct memory_map *map, const struct smbios_memory_device *device)
{
    return is_serial(device->serial) && is_part_number(device->part_number) &&
           count_serial(map, device->serial) == 1;
}

static bool some_have_size(const struct memory_map *map)
{
    for (unsigned i = 0; i < map->module_count; i++) {
        if (map->modules[i].device.size)
            return true;
    }
    return false;
}

void memory_map_find_unsized(struct memory_map *map)
{
    if (!some_have_size(map))
        return;
    for (unsigned i = 0; i < map->module_count; i++) {
        struct memory_module *module = &map->modules[i];

        if (!module->device.size_known && names_module(map, &module->device))
            module->state = MEMORY_UNSIZED;
    }
    for (unsigned i = 0; i < map->empty_count; i++) {
        if (!names_module(map, &map->empty[i]) || map->module_count == MEMORY_MODULES_MAX)
            continue;
        map->modules[map->module_count++] =
            (struct memory_module){.device = map->empty[i], .state = MEMORY_UNSIZED};
        map->empty[i].serial[0] = map->empty[i].locator[0] = '\0'; /* it counts as a module now */
    }
}
