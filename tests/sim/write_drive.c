#include "tests/sim/write_drive.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/prng.h"

uint8_t *write_drive_block(struct write_drive *drive, uint64_t lba)
{
    return drive->store + lba * drive->device.block_size;
}

static bool is_permitted(const struct write_drive *drive, uint64_t lba)
{
    for (unsigned i = 0; i < WRITE_DRIVE_RANGES; i++) {
        if (lba >= drive->permitted[i][0] && lba - drive->permitted[i][0] < drive->permitted[i][1])
            return true;
    }
    return false;
}

static bool meets(struct write_drive *drive)
{
    if (drive->fault_times != 0 && drive->met >= drive->fault_times)
        return false;
    drive->met++;
    return true;
}

/* What becomes of one block. */
static void put(struct write_drive *drive, uint64_t lba, const uint8_t *bytes)
{
    size_t size = drive->device.block_size;
    bool named = lba == drive->fault_lba && ++drive->writes_of_block >= drive->fault_from;

    drive->outside += !is_permitted(drive, lba);
    drive->written++;
    drive->unflushed++;
    if (drive->fault == POWER_CUT && drive->written > drive->fault_from) {
        drive->dead = true;
        size = drive->fault_bytes;
    } else if (named && drive->fault == WRITES_DROPPED && meets(drive)) {
        return;
    } else if (named && drive->fault == WRITES_MISPLACED && meets(drive)) {
        lba = drive->fault_to;
    } else if (named && drive->fault == WRITES_TORN && meets(drive)) {
        size = drive->fault_bytes;
    }
    memcpy(write_drive_block(drive, lba), bytes, size);
    if (named && drive->fault == WRITES_FLIPPED && meets(drive))
        write_drive_block(drive, lba)[77] ^= 0x20;
}

static bool touches(const struct write_drive *drive, uint64_t lba, uint32_t blocks)
{
    return drive->fault_lba >= lba && drive->fault_lba - lba < blocks;
}

static int drive_write(void *context, uint64_t lba, uint32_t blocks, const void *buffer)
{
    struct write_drive *drive = context;
    const uint8_t *bytes = buffer;

    sim_clock_pass(drive->clock, 100 + blocks);
    if (drive->dead)
        return ERR_GONE;
    if (drive->fault == WRITES_REFUSED)
        return ERR_REFUSED;
    if (drive->fault == WRITES_FAIL && touches(drive, lba, blocks) && meets(drive))
        return ERR_IO;
    for (uint32_t i = 0; i < blocks && !drive->dead; i++)
        put(drive, lba + i, bytes + (size_t)i * drive->device.block_size);
    if (drive->fault == BUFFER_CHANGES && touches(drive, lba, blocks) && meets(drive)) {
        /* the seam promises not to; memory that fails does not ask */
        uint8_t *changed = (uint8_t *)(uintptr_t)buffer;

        changed[(size_t)(drive->fault_lba - lba) * drive->device.block_size + 9] ^= 0x04;
    }
    return drive->dead ? ERR_GONE : OK;
}

static int drive_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct write_drive *drive = context;
    bool named = touches(drive, lba, blocks);

    sim_clock_pass(drive->clock, 100 + blocks);
    drive->reads += blocks;
    if (drive->dead)
        return ERR_GONE;
    if (drive->fault == READS_FAIL && named && drive->written > 0 && meets(drive))
        return ERR_IO;
    if (drive->fault == READS_UNFILLED && named && drive->written > 0 && meets(drive))
        return OK;
    memcpy(buffer, write_drive_block(drive, lba), (size_t)blocks * drive->device.block_size);
    if (drive->fault == READS_FLIPPED && named && drive->written > 0 && meets(drive))
        ((uint8_t *)buffer)[(drive->fault_lba - lba) * drive->device.block_size + 20] ^= 0x01;
    return OK;
}

static int drive_flush(void *context)
{
    struct write_drive *drive = context;

    sim_clock_pass(drive->clock, 1000);
    drive->flushes++;
    if (drive->dead)
        return ERR_GONE;
    if (drive->fault == FLUSHES_FAIL && meets(drive))
        return ERR_IO;
    drive->unflushed = 0;
    return OK;
}

static int drive_submit(void *context, struct block_request *request)
{
    struct write_drive *drive = context;

    if (drive->queued == drive->device.depth)
        return ERR_FULL;
    request->done = false;
    request->begun_us = drive->clock->now_us;
    drive->queue[drive->queued++] = request;
    if (drive->queued > drive->deepest)
        drive->deepest = drive->queued;
    return OK;
}

/* Ends one of the queued requests, now and then. */
static void drive_poll(void *context)
{
    struct write_drive *drive = context;
    struct block_request *request;
    unsigned which;

    sim_clock_pass(drive->clock, 10);
    if (drive->queued == 0 || prng_below(&drive->seed, 3) == 0)
        return;
    which = (unsigned)prng_below(&drive->seed, drive->queued);
    request = drive->queue[which];
    drive->queue[which] = drive->queue[--drive->queued];
    if (request->operation == REQUEST_WRITE)
        request->error = drive_write(drive, request->lba, request->blocks, request->buffer);
    else if (request->operation == REQUEST_READ)
        request->error = drive_read(drive, request->lba, request->blocks, request->buffer);
    else
        request->error = drive_flush(drive);
    request->ended_us = drive->clock->now_us;
    request->done = true;
}

void write_drive_init(struct write_drive *drive, struct sim_clock *clock, uint32_t block_size,
                      uint64_t block_count, unsigned depth, uint64_t seed)
{
    *drive = (struct write_drive){.clock = clock, .seed = seed, .fault_from = 1};
    drive->store = calloc(block_count, block_size);
    drive->device = (struct block_device){
        .context = drive,
        .part = PART_FIRST_FREE,
        .block_size = block_size,
        .block_count = block_count,
        .depth = depth,
        .read = drive_read,
        .write = drive_write,
        .flush = drive_flush,
        .submit = depth > 1 ? drive_submit : NULL,
        .poll = depth > 1 ? drive_poll : NULL,
    };
}

void write_drive_free(struct write_drive *drive)
{
    free(drive->store);
    drive->store = NULL;
}

void write_drive_restart(struct write_drive *drive)
{
    drive->dead = false;
    drive->fault = WRITES_WELL;
    drive->queued = 0;
    drive->written = drive->met = drive->writes_of_block = 0;
}

void write_drive_permit(struct write_drive *drive, unsigned index, uint64_t first, uint64_t blocks)
{
    drive->permitted[index][0] = first;
    drive->permitted[index][1] = blocks;
}
