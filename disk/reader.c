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

/* What came of a read into a stamped buffer. */
static struct attempt judge(const struct block_device *device, const struct block_request *request,
                            uint64_t canary_seed)
{
    size_t size = (size_t)request->blocks * device->block_size;
    struct attempt attempt = {
        .lba = request->lba, .blocks = request->blocks, .size = size, .error = request->error};
    size_t first = 0, last = 0;

    attempt.left = canary_left(request->buffer, size, canary_seed, &first, &last) * CANARY_LINE;
    attempt.left_first = (uint32_t)(first / device->block_size);
    attempt.left_last = (uint32_t)(last / device->block_size);
    if (attempt.error == OK && attempt.left != 0)
        attempt.error = ERR_STALE;
    return attempt;
}

/* Stamps the buffer of a read, and returns by what. */
static uint64_t stamp(struct disk_reader *reader, uint32_t blocks, void *buffer)
{
    uint64_t seed = prng_next(&reader->seed);

    canary_stamp(buffer, (size_t)blocks * reader->device->block_size, seed);
    return seed;
}

struct attempt reader_attempt(struct disk_reader *reader, uint64_t lba, uint32_t blocks,
                              void *buffer)
{
    const struct block_device *device = reader->device;
    struct block_request request = {.lba = lba, .blocks = blocks, .buffer = buffer};

    reader->canary_seed = stamp(reader, blocks, buffer);
    request.error = device->read(device->context, lba, blocks, buffer);
    return judge(device, &request, reader->canary_seed);
}

static bool is_request(const struct block_device *device, uint64_t lba, uint32_t blocks)
{
    return blocks != 0 && blocks <= READER_SIZE_MAX / device->block_size &&
           lba < device->block_count && blocks <= device->block_count - lba;
}

/* Takes note of a read that has ended, and looks for what is wrong with one that failed. */
static int end(struct disk_reader *reader, const struct attempt *attempt, void *buffer)
{
    reader->clean = attempt->error == OK;
    reader->has_read |= reader->clean;
    if (reader->clean)
        return OK;
    return reader->given_up ? ERR_REFUSED : reader_search(reader, attempt, buffer);
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
    return end(reader, &attempt, buffer);
}

int disk_read_begin(struct disk_reader *reader, struct disk_read *read, uint64_t lba,
                    uint32_t blocks, void *buffer)
{
    if (!is_request(reader->device, lba, blocks))
        return ERR_RANGE;
    if (reader->given_up)
        return ERR_REFUSED;
    read->request = (struct block_request){
        .operation = REQUEST_READ, .lba = lba, .blocks = blocks, .buffer = buffer};
    read->canary_seed = stamp(reader, blocks, buffer);
    return request_submit(reader->device, reader->clock, &read->request);
}

int disk_read_end(struct disk_reader *reader, struct disk_read *read)
{
    struct attempt attempt = judge(reader->device, &read->request, read->canary_seed);

    reader->canary_seed = read->canary_seed;
    reader->duration_us = read->request.ended_us - read->request.begun_us;
    return end(reader, &attempt, read->request.buffer);
}
