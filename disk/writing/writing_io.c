#include "base/error.h"
#include "disk/writing/writing_parts.h"

static bool is_out(const struct writing_slot *slot)
{
    return slot->used && !slot->waiting;
}

bool io_is_idle(const struct writing_drive *drive)
{
    for (unsigned i = 0; i < WRITING_DEPTH; i++) {
        if (drive->slots[i].used)
            return false;
    }
    return true;
}

static void free_slot(struct writing_slot *slot)
{
    if (slot->chunk)
        pool_give(slot->chunk);
    slot->chunk = NULL;
    slot->used = false;
}

static void finish_write(struct writing *writing, struct writing_drive *drive,
                         struct writing_slot *slot)
{
    if (slot->io.request.error != OK) {
        faults_write(writing, drive, slot);
    } else if (slot->task == TASK_WRITE) {
        drive->moved += (uint64_t)slot->blocks * drive->layout.block_size;
        if (faults_memory(drive, slot)) {
            pool_retire(slot->chunk);
            slot->chunk = NULL;
            slot->waiting = true;
            return;
        }
    }
    free_slot(slot);
}

static void finish_read(struct writing *writing, struct writing_drive *drive,
                        struct writing_slot *slot)
{
    uint64_t size = (uint64_t)slot->blocks * drive->layout.block_size;
    int error;

    drive->heard = (struct event_disk_error){.lba = slot->lba, .blocks = slot->blocks};
    error = disk_read_end(&drive->reader, &slot->io);
    if (error == OK) {
        drive->moved += size;
        drive->tested += slot->counts ? size : 0;
        if (slot->task == TASK_CHECK)
            faults_check(writing, drive, slot);
        else if (slot->task == TASK_INSPECT)
            faults_inspect(writing, drive, slot);
    } else if (slot->task == TASK_CHECK && error != ERR_GONE && error != ERR_REFUSED) {
        faults_unreadable(drive, slot);
    }
    drive->given_up |= drive->reader.given_up; /* which it said itself */
    free_slot(slot);
}

bool io_reap(struct writing *writing, struct writing_drive *drive)
{
    for (unsigned i = 0; i < WRITING_DEPTH; i++) {
        struct writing_slot *slot = &drive->slots[i];

        if (!is_out(slot) || !slot->io.request.done)
            continue;
        if (slot->task == TASK_WRITE || slot->task == TASK_FLUSH)
            finish_write(writing, drive, slot);
        else
            finish_read(writing, drive, slot);
        return true;
    }
    return false;
}

/* The last look before anything is written: only what was permitted. */
static int submit_write(const struct writing *writing, struct writing_drive *drive,
                        struct writing_slot *slot)
{
    if (writing->config.verify_only || !layout_contains(&drive->layout, slot->lba, slot->blocks))
        return ERR_RANGE;
    stamp_fill(slot->chunk->data, drive->layout.block_size, slot->lba, slot->blocks, slot->stamp);
    slot->io.request = (struct block_request){.operation = REQUEST_WRITE,
                                              .lba = slot->lba,
                                              .blocks = slot->blocks,
                                              .buffer = slot->chunk->data};
    return request_submit(drive->device, writing->config.clock, &slot->io.request);
}

static int submit(const struct writing *writing, struct writing_drive *drive,
                  struct writing_slot *slot)
{
    if (slot->task == TASK_WRITE)
        return submit_write(writing, drive, slot);
    if (slot->task != TASK_FLUSH)
        return disk_read_begin(&drive->reader, &slot->io, slot->lba, slot->blocks,
                               slot->chunk->data);
    slot->io.request = (struct block_request){.operation = REQUEST_FLUSH};
    return request_submit(drive->device, writing->config.clock, &slot->io.request);
}

/* True when the request is at the device, or has ended there. */
static bool try_submit(struct writing *writing, struct writing_drive *drive,
                       struct writing_slot *slot)
{
    int error;

    if (!slot->chunk && slot->task != TASK_FLUSH) {
        slot->chunk = pool_take(writing->config.pool);
        if (!slot->chunk)
            return false;
    }
    error = submit(writing, drive, slot);
    if (error == ERR_FULL)
        return false;
    slot->waiting = false;
    if (error != OK) { /* it ended before it began */
        slot->io.request.error = error;
        slot->io.request.done = true;
    }
    return true;
}

static struct writing_slot *find_waiting(struct writing_drive *drive)
{
    for (unsigned i = 0; i < WRITING_DEPTH; i++) {
        if (drive->slots[i].used && drive->slots[i].waiting)
            return &drive->slots[i];
    }
    return NULL;
}

static struct writing_slot *find_free(struct writing_drive *drive)
{
    unsigned depth = request_depth(drive->device);

    for (unsigned i = 0; i < WRITING_DEPTH && i < depth; i++) {
        if (!drive->slots[i].used)
            return &drive->slots[i];
    }
    return NULL;
}

bool io_submit(struct writing *writing, struct writing_drive *drive)
{
    struct writing_slot *slot = find_waiting(drive);

    if (slot && (writing->stopping || drive->given_up)) {
        free_slot(slot);
        return true;
    }
    if (slot)
        return try_submit(writing, drive, slot);
    slot = find_free(drive);
    if (!slot)
        return false;
    if (phase_next(writing, drive, slot))
        return try_submit(writing, drive, slot);
    if (!io_is_idle(drive))
        return false;
    if (writing->stopping || drive->given_up)
        drive->phase = WRITING_DONE;
    else if (drive->phase != WRITING_DONE)
        phase_end(writing, drive);
    return drive->phase != WRITING_DONE;
}
