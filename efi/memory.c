#include "efi/memory.h"

#include <string.h>

#include "base/error.h"
#include "efi/clock.h"
#include "efi/firmware.h"

/* Descriptors and ranges beyond those at the start that there is room for. */
enum { MAP_ADDED = 1024 };

static struct {
    struct memory_hold hold;
    uint8_t *map; /* room for the firmware's map */
    size_t map_size;
    struct chunk *chunks;
    size_t chunk_limit;
} state;

static int read_map(void *context, struct extents *ret_extents)
{
    UINTN size = state.map_size, key = 0, step = 0;
    UINT32 version = 0;

    (void)context;
    if (EFI_ERROR(firmware.boot->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR *)(void *)state.map,
                                              &key, &step, &version)) ||
        size > state.map_size)
        return ERR_IO;
    return firmware_map_read(state.map, size, step, HELD_BY_ASSAY, ret_extents);
}

static int claim(void *context, uint64_t start, uint64_t size)
{
    EFI_PHYSICAL_ADDRESS address = start;
    EFI_STATUS status =
        firmware.boot->AllocatePages(AllocateAddress, EfiLoaderData, size / 4096, &address);

    (void)context;
    if (EFI_ERROR(status))
        return firmware_error(status);
    return address == start ? OK : ERR_IO;
}

static int release(void *context, uint64_t start, uint64_t size)
{
    EFI_STATUS status = firmware.boot->FreePages(start, size / 4096);

    (void)context;
    return EFI_ERROR(status) ? firmware_error(status) : OK;
}

static uint64_t probe(void *context, uint64_t start, uint64_t size)
{
    uint64_t begin = clock_ticks();

    (void)context;
    memset((void *)(uintptr_t)start, 0x5A, size);
    return clock_ticks() - begin;
}

static void own(const void *pages, size_t size, bool free)
{
    uint64_t start = (uintptr_t)pages;

    memory_hold_own(&state.hold, start & ~(uint64_t)4095, (start + size + 4095) & ~(uint64_t)4095,
                    free);
}

void memory_begin(void)
{
    const struct memory_source source = {
        .map = read_map, .claim = claim, .release = release, .probe = probe};
    UINTN size = 0, key = 0, step = 0;
    UINT32 version = 0;
    size_t limit;
    struct extent *lists;

    firmware.boot->GetMemoryMap(&size, NULL, &key, &step, &version);
    if (step < FIRMWARE_DESCRIPTOR_SIZE)
        return;
    limit = 2 * (size / step) + MAP_ADDED; /* each descriptor cuts one range in two at most */
    state.map_size = limit * step;
    state.map = pages_for(state.map_size);
    lists = pages_for(MEMORY_LISTS * limit * sizeof(*lists));
    if (!state.map || !lists)
        return;
    if (memory_hold_begin(&state.hold, &source, lists, limit))
        return;
    own(state.map, state.map_size, true);
    own(lists, MEMORY_LISTS * limit * sizeof(*lists), true);
    if (firmware.loaded)
        own(firmware.loaded->ImageBase, firmware.loaded->ImageSize, false);
    state.chunk_limit = memory_hold_chunks(&state.hold);
    state.chunks = pages_for(state.chunk_limit * sizeof(*state.chunks));
}

static bool is_readable(const EFI_MEMORY_DESCRIPTOR *descriptor)
{
    enum { UNACCEPTED = 15 }; /* UEFI 2.10 section 7.2.1 */

    return descriptor->Type != EfiUnusableMemory && descriptor->Type != EfiMemoryMappedIO &&
           descriptor->Type != EfiMemoryMappedIOPortSpace && descriptor->Type < UNACCEPTED;
}

/* How far from `start` on a readable range of the map reaches; `start` where none does. */
static uint64_t readable_until(const uint8_t *map, UINTN size, UINTN step, uint64_t start)
{
    for (UINTN at = 0; at + step <= size; at += step) {
        const EFI_MEMORY_DESCRIPTOR *descriptor = (const EFI_MEMORY_DESCRIPTOR *)(map + at);
        uint64_t first = descriptor->PhysicalStart;
        uint64_t end = first + descriptor->NumberOfPages * 4096;

        if (is_readable(descriptor) && first <= start && start < end)
            return end;
    }
    return start;
}

bool memory_is_readable(uint64_t start, uint64_t size)
{
    UINTN map_size = state.map_size, key = 0, step = 0;
    UINT32 version = 0;
    uint64_t at = start, next = start;

    if (!state.map || size == 0 || start + size < start ||
        EFI_ERROR(firmware.boot->GetMemoryMap(&map_size, (EFI_MEMORY_DESCRIPTOR *)(void *)state.map,
                                              &key, &step, &version)) ||
        step < FIRMWARE_DESCRIPTOR_SIZE)
        return false;
    do {
        at = next;
        next = readable_until(state.map, map_size, step, at);
    } while (next > at && next < start + size);
    return next >= start + size;
}

int memory_take(const struct memory_wish *wish, const struct sink *sink,
                struct memory_hold **ret_hold)
{
    *ret_hold = &state.hold;
    if (!state.chunks)
        return ERR_FULL;
    return memory_hold_take(&state.hold, wish, state.chunks, state.chunk_limit, sink);
}

uint64_t memory_fill_rate(void)
{
    if (!state.hold.fastest)
        return 0;
    return MEMORY_PROBE_SIZE * clock_ticks_for(1000000) / state.hold.fastest;
}
