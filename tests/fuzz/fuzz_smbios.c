/*
 * SMBIOS tables of any bytes: all that can be read is read, and the map of the modules is whole.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/memory_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct memory_map map;

static void check_map(const uint8_t *data, size_t size, uint64_t seen)
{
    memory_map_read(data, size, seen, &map);
    if (map.module_count > MEMORY_MODULES_MAX || map.range_count > MEMORY_RANGES_MAX)
        __builtin_trap();
    if (map.lost && map.range_count)
        __builtin_trap();
    for (unsigned i = 0; i < map.range_count; i++) {
        const struct memory_range *range = &map.ranges[i];

        if (range->module >= map.module_count || range->start > range->end)
            __builtin_trap();
    }
    for (unsigned i = 0; i < map.module_count; i++) {
        if (map.modules[i].state >= MEMORY_STATES || !map.modules[i].place[0])
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smbios_product product;
    struct smbios_memory_device device;
    struct smbios_ipmi ipmi;
    char text[PLACE_SIZE];
    unsigned i = 0;

    if (size > 4096)
        return 0;
    (void)smbios_system(data, size, &product);
    (void)smbios_baseboard(data, size, &product);
    (void)smbios_chassis(data, size);
    if (smbios_ipmi(data, size, &ipmi) == OK && ipmi.spacing == 0)
        __builtin_trap();
    while (smbios_memory_device(data, size, i, &device) == OK)
        i++;
    if (i > SMBIOS_STRUCTURES_MAX)
        __builtin_trap();
    for (i = 0; i < 300; i++)
        (void)smbios_oem_string(data, size, i, text, sizeof(text));
    check_map(data, size, UINT64_MAX);
    check_map(data, size, 0);
    return 0;
}
