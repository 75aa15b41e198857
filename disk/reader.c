#include "disk/reader.h"

#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/canary.h"
#include "disk/search.h"

void disk_reader_init(struct disk_reader *reader, const struct block_device *device,
                      const struct clock *clock, const struct sink *sink, uint64_t seed)
{
    memset(reader, 0, sizeof(*reader));
    reader->device = device;
    reader->clock = clock;
    reader->sink = sink;
    reader->seed = seed;
    reader->clean = true;
}

struct attempt reader_attempt(struct disk_reader *reader, uint64_t lba, uint32_t blocks,
                              void *buffer)
{
    const struct block_device *device = reader->device;
    size_t size = (size_t)blocks * device->block_size;
    struct attempt attempt = {.lba = lba, .blocks = blocks, .size = size};
    size_t first = 0, last = 0;

    reader->canary_seed = prng_next(&reader->seed);
    canary_stamp(buffer, size, reader->canary_seed);
    attempt.error = device->read(device->context, lba, blocks, buffer);
    attempt.left = canary_left(buffer, size, reader->canary_seed, &first, &last) * CANARY_LINE;
    attempt.left_first = (uint32_t)(first / device->block_size);
    attempt.left_last = (uint32_t)(last / device->block_size);
    if (attempt.error == OK && attempt.left != 0)
        attempt.error = ERR_STALE;
    return attempt;
}

static bool is_request(const struct block_device *device, uint64_t lba, uint32_t blocks)
{
    return blocks != 0 && blocks <= READER_SIZE_MAX / device->block_size &&
           lba < device->block_count && blocks <= device->block_count - lba;
}

int disk_read_checked(struct disk_reader *reader, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct attempt attempt;
    uint64_t start_us;

    if (!is_request(reader->device, lba, blocks))
        return ERR_RANGE;
    if (reader->given_up)
        return ERR_REFUSED;
    start_us = clock_now_us(reader->clock);
    attempt = reader_attempt(reader, lba, blocks, buffer);
    reader->duration_us = clock_now_us(reader->clock) - start_us;
    reader->clean = attempt.error == OK;
    if (reader->clean)
        return OK;
    return reader_search(reader, &attempt, buffer);
}
