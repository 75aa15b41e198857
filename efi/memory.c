#include "efi/memory.h"

#include <string.h>

#include "base/error.h"
#include "efi/clock.h"
#include "efi/firmware.h"

#define MIB ((uint64_t)1024 * 1024)
#define LOW_END ((uint64_t)1 << 32)

enum {
    RANGES_MAX = 512,
    SPEED_PROBE = 64 * 1024,
    SPEED_ROUNDS = 3,
    SLOW_RATIO = 10,
};

/* EFI_MEMORY_NV and EFI_MEMORY_SP, UEFI 2.10 section 7.2. */
static const uint64_t never_tested = 0x8000 | 0x40000;

struct range {
    uint64_t start, end;
    uint64_t ticks; /* the best of a few fills of SPEED_PROBE bytes */
    bool held;
};

struct ranges {
    struct range list[RANGES_MAX];
    size_t count;
};

static struct ranges ranges;

static bool is_testable(const EFI_MEMORY_DESCRIPTOR *descriptor)
{
    return descriptor->Type == EfiConventionalMemory && !(descriptor->Attribute & never_tested);
}

/* Reads the firmware's map into a buffer of our own. */
static int read_map(uint8_t **ret_map, UINTN *ret_size, UINTN *ret_step)
{
    UINTN size = 0, key = 0, step = 0;
    UINT32 version = 0;
    VOID *map = NULL;

    firmware.boot->GetMemoryMap(&size, NULL, &key, &step, &version);
    size += 16 * step; /* the allocation below splits ranges */
    if (EFI_ERROR(firmware.boot->AllocatePool(EfiLoaderData, size, &map)))
        return ERR_FULL;
    if (EFI_ERROR(firmware.boot->GetMemoryMap(&size, map, &key, &step, &version)) || step < 40) {
        firmware.boot->FreePool(map);
        return ERR_IO;
    }
    *ret_map = map;
    *ret_size = size;
    *ret_step = step;
    return OK;
}

uint64_t memory_conventional(void)
{
    uint8_t *map;
    UINTN size, step;
    uint64_t total = 0;

    if (read_map(&map, &size, &step))
        return 0;
    for (UINTN at = 0; at + step <= size; at += step) {
        EFI_MEMORY_DESCRIPTOR *descriptor = (EFI_MEMORY_DESCRIPTOR *)(map + at);

        if (is_testable(descriptor))
            total += descriptor->NumberOfPages * 4096;
    }
    firmware.boot->FreePool(map);
    return total;
}

/* The ranges of the map that are within the wish. */
static int list_ranges(const struct memory_wish *wish, uint64_t *ret_total)
{
    uint8_t *map;
    UINTN size, step;
    int error = read_map(&map, &size, &step);

    if (error)
        return error;
    ranges.count = 0;
    *ret_total = 0;
    for (UINTN at = 0; at + step <= size && ranges.count < RANGES_MAX; at += step) {
        EFI_MEMORY_DESCRIPTOR *descriptor = (EFI_MEMORY_DESCRIPTOR *)(map + at);
        uint64_t start = descriptor->PhysicalStart;
        uint64_t end = start + descriptor->NumberOfPages * 4096;

        if (!is_testable(descriptor))
            continue;
        if (start < MIB)
            start = MIB;
        if (start < wish->start)
            start = (wish->start + 4095) & ~(uint64_t)4095;
        if (end > wish->end)
            end = wish->end & ~(uint64_t)4095;
        if (start >= end)
            continue;
        ranges.list[ranges.count++] = (struct range){.start = start, .end = end};
        *ret_total += end - start;
    }
    firmware.boot->FreePool(map);
    return OK;
}

static struct range *largest_range(bool low_only)
{
    struct range *largest = NULL;

    for (size_t i = 0; i < ranges.count; i++) {
        struct range *range = &ranges.list[i];

        if (low_only && range->end > LOW_END)
            continue;
        if (!largest || range->end - range->start > largest->end - largest->start)
            largest = range;
    }
    return largest;
}

/* Withholds `size` bytes at the end of the largest ranges, at most half of one at a time. */
static uint64_t withhold(uint64_t size, bool low_only)
{
    uint64_t left = 0;

    for (unsigned turn = 0; turn < 16 && left < size; turn++) {
        struct range *range = largest_range(low_only);
        uint64_t half = range ? (range->end - range->start) / 2 & ~(uint64_t)4095 : 0;
        uint64_t part = size - left < half ? size - left : half;

        if (!part)
            break;
        range->end -= part;
        left += part;
    }
    return left;
}

static uint64_t leave_to_firmware(uint64_t total)
{
    uint64_t reserve = total / 8 < 64 * MIB ? (total / 8 & ~(uint64_t)4095) : 64 * MIB;
    uint64_t left = withhold(reserve / 2, true);

    return left + withhold(reserve - left, false);
}

/* Claims a range; where the whole is refused, in pieces, for the map may be stale at its edges. */
static uint64_t hold(uint64_t start, uint64_t end, uint64_t step)
{
    uint64_t held = 0;

    for (uint64_t at = start; at < end; at += step) {
        uint64_t size = end - at < step ? end - at : step;
        EFI_PHYSICAL_ADDRESS address = at;

        if (EFI_ERROR(firmware.boot->AllocatePages(AllocateAddress, EfiLoaderData, size / 4096,
                                                   &address)))
            break;
        held += size;
    }
    return held;
}

static uint64_t probe_speed(const struct range *range)
{
    uint64_t best = UINT64_MAX;
    uint64_t size =
        range->end - range->start < SPEED_PROBE ? range->end - range->start : SPEED_PROBE;

    for (unsigned i = 0; i < SPEED_ROUNDS; i++) {
        uint64_t start = clock_ticks();

        memset((void *)(uintptr_t)range->start, 0x5A, size);
        start = clock_ticks() - start;
        if (start < best)
            best = start;
    }
    return best * SPEED_PROBE / size;
}

static void hold_ranges(const struct memory_wish *wish, struct memory_taken *taken)
{
    uint64_t wanted = wish->limit;

    for (size_t i = 0; i < ranges.count; i++) {
        struct range *range = &ranges.list[i];
        uint64_t size = range->end - range->start;
        uint64_t held;

        if (size > wanted)
            range->end = range->start + (wanted & ~(uint64_t)4095);
        if (range->start >= range->end)
            continue;
        held = hold(range->start, range->end, range->end - range->start);
        if (!held)
            held = hold(range->start, range->end, MIB);
        taken->refused += range->end - range->start - held;
        range->end = range->start + held;
        range->held = held != 0;
        wanted -= held;
        if (range->held)
            range->ticks = probe_speed(range);
    }
}

static uint64_t fastest_ticks(void)
{
    uint64_t best = UINT64_MAX;

    for (size_t i = 0; i < ranges.count; i++) {
        if (ranges.list[i].held && ranges.list[i].ticks < best)
            best = ranges.list[i].ticks;
    }
    return best;
}

static void fill_pool(struct memory_taken *taken)
{
    uint64_t fastest = fastest_ticks();

    if (fastest && fastest < UINT64_MAX)
        taken->fill_rate = SPEED_PROBE * clock_ticks_for(1000000) / fastest;
    for (size_t i = 0; i < ranges.count; i++) {
        struct range *range = &ranges.list[i];
        uint64_t size = range->end - range->start;

        if (!range->held)
            continue;
        if (range->ticks / SLOW_RATIO > fastest)
            taken->slow += size;
        else if (pool_add(&taken->pool, (void *)(uintptr_t)range->start, range->start, size))
            taken->refused += size;
    }
}

/* Takes the memory, once in a boot. */
static int take(const struct memory_wish *wish, struct memory_taken *ret_taken)
{
    uint64_t total = memory_conventional();
    size_t limit = total / CHUNK_SIZE + RANGES_MAX;
    struct chunk *chunks = pages_for(limit * sizeof(*chunks));
    int error;

    if (!chunks)
        return ERR_FULL;
    memset(ret_taken, 0, sizeof(*ret_taken));
    pool_init(&ret_taken->pool, chunks, limit);
    error = list_ranges(wish, &ret_taken->conventional);
    if (error)
        return error;
    ret_taken->left = leave_to_firmware(total);
    hold_ranges(wish, ret_taken);
    fill_pool(ret_taken);
    return OK;
}

static void say_gaps(const struct memory_taken *taken, const struct sink *sink)
{
    if (taken->slow)
        emit_not_tested(sink, "memory-uncached", PART_ALL_MEMORY, false,
                        "%llu MiB are ten times slower than the rest and were left out",
                        (unsigned long long)(taken->slow / MIB));
    if (taken->refused)
        emit_not_tested(sink, "memory-refused", PART_ALL_MEMORY, false,
                        "%llu KiB are free in the firmware's map but it would not give them",
                        (unsigned long long)(taken->refused / 1024));
}

int memory_take(const struct memory_wish *wish, const struct sink *sink,
                struct memory_taken *ret_taken)
{
    int error = OK;

    if (!ret_taken->pool.count)
        error = take(wish, ret_taken);
    /* What an earlier run of this boot has lent or marked is free again. */
    for (size_t i = 0; i < ret_taken->pool.count; i++)
        ret_taken->pool.chunks[i].state = CHUNK_FREE;
    say_gaps(ret_taken, sink);
    return error;
}
