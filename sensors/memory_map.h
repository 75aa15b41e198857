/*
 * The memory modules of a machine, and which physical addresses may lie in which, by SMBIOS (DMTF
 * DSP0134, types 16 to 20).
 *
 * Where type 20 tells of every module of an array, its ranges count; else every module of the array
 * gets the ranges that type 19 gives the array. An address that lies in the ranges of several
 * modules is in one of them, and nothing here can tell in which.
 *
 * Firmware is often careless, and what it says is widened rather than believed:
 * - Modules that are said to be interleaved, each with a range of its own, share all their ranges.
 * - Ranges that run through the addresses below 4 GiB where no memory can be ignore that the rest
 *   was moved up: above 4 GiB they reach up to 3 GiB further than they say.
 * A map that found no room is no map: without the lost ones a wrong module would be named.
 */
#ifndef ASSAY_SENSORS_MEMORY_MAP_H
#define ASSAY_SENSORS_MEMORY_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "sensors/smbios.h"

enum {
    MEMORY_MODULES_MAX = 48,
    MEMORY_RANGES_MAX = 128,
    MEMORY_ARRAYS_MAX = 16,
};

struct memory_module {
    struct smbios_memory_device device;
    char place[PLACE_SIZE]; /* locator, after the bank's where it alone would stand for two slots */
    uint8_t state;          /* enum memory_state: MEMORY_MAPPED, or what is wrong with it */
    bool reported;          /* the table tells of an uncorrected error of this module */
    bool mapped;            /* type 20 gives it a range */
};

struct memory_range {
    unsigned module; /* index into the modules */
    uint64_t start, end;
    uint8_t position, depth; /* as type 20 gives them; 255 by type 19 */
};

/* Some 25 KiB: belongs into the state of a caller. */
struct memory_map {
    struct memory_module modules[MEMORY_MODULES_MAX]; /* those installed, in the table's order */
    unsigned module_count;
    struct memory_range ranges[MEMORY_RANGES_MAX];
    unsigned range_count; /* 0: the table does not tell, or there was no room */

    /* The table as it was read. */
    struct smbios_memory_array arrays[MEMORY_ARRAYS_MAX];
    unsigned array_count;
    struct smbios_array_range array_ranges[MEMORY_RANGES_MAX];
    unsigned array_range_count;
    struct smbios_device_range device_ranges[MEMORY_RANGES_MAX];
    unsigned device_range_count;
    struct smbios_memory_device empty[MEMORY_MODULES_MAX]; /* slots said to be empty */
    unsigned empty_count;
    bool lost; /* some of it found no room */
};

/*
 * Reads the table. Slots that are empty are no modules; one without a size that names a serial
 * number and a part number as modules have them is MEMORY_UNSIZED.
 *
 * `seen` is how much memory the machine has by another witness, in bytes, UINT64_MAX when there is
 * none. Modules are MEMORY_MISSING when the ranges of their array add up to less than is installed
 * by the size of one of them, and `seen` is not more than all ranges add up to. Memory that the
 * processor's graphics took, mirrored and spare memory look alike: on arrays with error correction,
 * which alone can mirror, only a module that type 20 leaves out, as the only one or of several
 * alike, is called missing.
 */
void memory_map_read(const void *table, size_t size, uint64_t seen, struct memory_map *ret_map);

#endif
