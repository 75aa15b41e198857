/*
 * The steps of reading a memory map, after its table was read; used by memory_map.c alone.
 */
#ifndef ASSAY_SENSORS_MEMORY_MAP_PARTS_H
#define ASSAY_SENSORS_MEMORY_MAP_PARTS_H

#include "sensors/memory_map.h"

/* Ranges of the modules, by type 20 or by type 19. */
void memory_map_make_ranges(struct memory_map *map);

/* Marks the modules that may be the one their array is short of: MEMORY_MISSING. */
void memory_map_find_missing(struct memory_map *map, uint64_t seen);

/* Marks modules of unknown size, and moves slots that are said to be empty to the modules, where
 * they name a serial number and a part number: MEMORY_UNSIZED. */
void memory_map_find_unsized(struct memory_map *map);

#endif
