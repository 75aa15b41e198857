/*
 * The firmware's memory behind stress/memory_hold.h: its map, its allocator, a clock to probe with.
 */
#ifndef ASSAY_EFI_MEMORY_H
#define ASSAY_EFI_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "stress/memory_hold.h"

/* Reads the map before anything else takes memory. Where that fails, memory_take() does. */
void memory_begin(void);

/* True when the firmware's map has all of these bytes in it, and none of them as registers of
 * devices, as broken or as memory not accepted: then they can be read. After memory_begin(). */
bool memory_is_readable(uint64_t start, uint64_t size);

/* Takes the memory, as memory_hold_take(). *ret_hold stays the same in all runs of a boot; its pool
 * is empty when none could be had. */
int memory_take(const struct memory_wish *wish, const struct sink *sink,
                struct memory_hold **ret_hold);

/* Bytes per second that one processor fills, by the fastest probe; 0: none was made. */
uint64_t memory_fill_rate(void);

#endif
