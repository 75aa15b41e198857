#include "disk/writing/writing.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/writing/writing_parts.h"

static unsigned whole_chunks(const struct pool *pool)
{
    unsigned count = 0;

    for (size_t i = 0; i < pool->count; i++)
        count += pool->chunks[i].size == CHUNK_SIZE && pool->chunks[i].state != CHUNK_RETIRED;
    return count;
}

/* Passes on what the reader says, and keeps where a place was bad. */
static void hear(void *context, struct event *event)
{
    struct writing_drive *drive = context;

    if (event->type == EVENT_DISK_ERROR)
        drive->heard = event->disk_error;
    emit(drive->sink, event);
}

static int init_drive(struct writing *writing, unsigned index)
{
    const struct writing_config *config = &writing->config;
    const struct writing_target *target = &config->targets[index];
    struct writing_drive *drive = &writing->drives[index];
    int error = layout_init(&drive->layout, target->device, target->permission);

    if (error != OK)
        return error;
    drive->device = target->device;
    drive->sink = config->sink;
    drive->ear = (struct sink){.context = drive, .emit = hear};
    drive->run = config->run;
    disk_reader_init(&drive->reader, drive->device, config->clock, &drive->ear,
                     config->seed + drive->device->part);
    drive->reader.pause = config->pause;
    drive->reader.pause_context = config->pause_context;
    phase_begin(drive);
    return OK;
}

int writing_init(struct writing *writing, const struct writing_config *config)
{
    if (config->target_count > WRITING_DRIVES || whole_chunks(config->pool) < WRITING_CHUNKS_MIN)
        return ERR_RANGE;
    memset(writing, 0, sizeof(*writing));
    writing->config = *config;
    writing->begun_us = writing->moved_us = clock_now_us(config->clock);
    for (unsigned i = 0; i < config->target_count; i++) {
        int error = init_drive(writing, i);

        if (error != OK) {
            writing->done = true;
            return error;
        }
    }
    writing->config.targets = NULL; /* they are the caller's */
    return OK;
}

static void end_drive(struct writing *writing, struct writing_drive *drive)
{
    struct event event = {
        .type = EVENT_COVERAGE,
        .coverage = {.part = drive->device->part,
                     .tested = drive->tested,
                     .total = drive->layout.blocks * drive->layout.block_size,
                     .moved = drive->moved},
    };

    if (writing->config.verify_only)
        event.coverage.tested = drive->verified * drive->layout.block_size;
    if (drive->uncounted > 0)
        emit_note(drive->sink, SEVERITY_INFO,
                  "%llu more places of disk %u that were not as written are not listed.",
                  (unsigned long long)drive->uncounted, drive->device->part);
    copy_text(event.coverage.phase, sizeof(event.coverage.phase), writing->config.phase);
    emit(drive->sink, &event);
    drive->ended = true;
}

/* Steps one drive. Sets *ret_moved if anything was done; false when the drive is done. */
static bool step_drive(struct writing *writing, struct writing_drive *drive, bool may_submit,
                       bool *ret_moved)
{
    if (drive->ended)
        return false;
    request_poll(drive->device);
    *ret_moved |= io_reap(writing, drive);
    if (may_submit || drive->device->submit)
        *ret_moved |= io_submit(writing, drive);
    if (drive->phase == WRITING_DONE && io_is_idle(drive))
        end_drive(writing, drive);
    return !drive->ended;
}

static bool any_out(const struct writing *writing)
{
    for (unsigned i = 0; i < writing->config.target_count; i++) {
        for (unsigned j = 0; j < WRITING_DEPTH; j++) {
            if (writing->drives[i].slots[j].used && !writing->drives[i].slots[j].waiting)
                return true;
        }
    }
    return false;
}

/* Nothing was done: waits a little, or gives up when there is nothing left to wait for. */
static void idle(struct writing *writing)
{
    uint64_t now_us = clock_now_us(writing->config.clock);

    if (!any_out(writing) && !writing->stopping &&
        now_us - writing->moved_us > WRITING_PATIENCE_US) {
        emit_not_tested(writing->config.sink, "writing", 0, true,
                        "no memory came free for its buffers");
        writing->stopping = true;
        return;
    }
    clock_wait_us(writing->config.clock, WRITING_IDLE_US);
}

bool writing_step(struct writing *writing)
{
    unsigned count = writing->config.target_count;
    bool moved = false, any = false, submit = true;

    for (unsigned i = 0; i < count && !writing->done; i++) {
        struct writing_drive *drive = &writing->drives[(writing->next + i) % count];

        if (step_drive(writing, drive, submit, &moved)) {
            any = true;
            submit = submit && drive->device->submit;
        }
    }
    if (count > 0)
        writing->next = (writing->next + 1) % count;
    writing->done |= !any;
    if (moved)
        writing->moved_us = clock_now_us(writing->config.clock);
    else if (!writing->done)
        idle(writing);
    return !writing->done;
}

void writing_stop(struct writing *writing)
{
    writing->stopping = true;
}

bool writing_is_done(const struct writing *writing)
{
    return writing->done;
}

uint64_t writing_moved(const struct writing *writing, unsigned drive)
{
    return writing->drives[drive].moved;
}

uint64_t writing_tested(const struct writing *writing, unsigned drive)
{
    return writing->drives[drive].tested;
}
