#include "tests/sim/queued_drive.h"

#include <string.h>

#include "base/error.h"
#include "base/prng.h"

static struct queued_entry *free_entry(struct queued_drive *drive)
{
    for (unsigned i = 0; i < drive->device.depth; i++) {
        if (!drive->entries[i].request)
            return &drive->entries[i];
    }
    return NULL;
}

/* Another request that waits may end in this one's place, and this one in its. */
static void shuffle(struct queued_drive *drive, struct queued_entry *entry)
{
    struct queued_entry *other = &drive->entries[prng_next(&drive->seed) % drive->device.depth];
    uint64_t due_us = entry->due_us;

    if (!other->request)
        return;
    entry->due_us = other->due_us;
    other->due_us = due_us;
}

static int queued_submit(void *context, struct block_request *request)
{
    struct queued_drive *drive = context;
    struct queued_entry *entry = free_entry(drive);

    if (!entry)
        return ERR_FULL;
    if (request->operation != REQUEST_READ)
        return ERR_UNSUPPORTED;
    if (drive->inner_time.now_us < drive->clock->now_us)
        drive->inner_time.now_us = drive->clock->now_us;
    request->begun_us = drive->clock->now_us;
    request->done = false;
    entry->request = request;
    entry->error =
        drive->inner->device.read(drive->inner, request->lba, request->blocks, request->buffer);
    entry->due_us = drive->inner_time.now_us;
    shuffle(drive, entry);
    if (++drive->in_flight > drive->most_in_flight)
        drive->most_in_flight = drive->in_flight;
    return OK;
}

static void queued_poll(void *context)
{
    struct queued_drive *drive = context;
    uint64_t now_us = drive->clock->now_us;

    for (unsigned i = 0; i < drive->device.depth; i++) {
        struct queued_entry *entry = &drive->entries[i];

        if (!entry->request || entry->due_us > now_us)
            continue;
        entry->request->error = entry->error;
        entry->request->ended_us = now_us;
        entry->request->gap_us = now_us - drive->polled_us;
        entry->request->done = true;
        entry->request = NULL;
        drive->in_flight--;
    }
    drive->polled_us = now_us;
}

/* The inner drive's time passes for everybody while somebody waits for it. */
static void wait_for_it(struct queued_drive *drive)
{
    if (drive->clock->now_us < drive->inner_time.now_us)
        drive->clock->now_us = drive->inner_time.now_us;
}

static int queued_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct queued_drive *drive = context;
    int error;

    if (drive->inner_time.now_us < drive->clock->now_us)
        drive->inner_time.now_us = drive->clock->now_us;
    error = drive->inner->device.read(drive->inner, lba, blocks, buffer);
    wait_for_it(drive);
    return error;
}

static int queued_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                      struct drive_status *ret_status)
{
    struct queued_drive *drive = context;
    int error = drive->inner->device.ask(drive->inner, lba, blocks, buffer, ret_status);

    wait_for_it(drive);
    return error;
}

static int queued_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct queued_drive *drive = context;

    return drive->inner->device.page(drive->inner, page, buffer, size);
}

void queued_drive_init(struct queued_drive *drive, struct sim_drive *inner, struct sim_clock *clock,
                       unsigned depth, uint64_t seed)
{
    memset(drive, 0, sizeof(*drive));
    drive->inner = inner;
    drive->clock = clock;
    drive->inner_time = *clock;
    drive->polled_us = clock->now_us;
    drive->seed = seed;
    inner->clock = &drive->inner_time;
    drive->device = inner->device;
    drive->device.context = drive;
    drive->device.depth = depth;
    drive->device.read = queued_read;
    drive->device.ask = queued_ask;
    drive->device.page = queued_page;
    drive->device.submit = queued_submit;
    drive->device.poll = queued_poll;
}
