/* What went wrong before anything could be read back. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/status.h"
#include "disk/writing/writing_parts.h"

bool faults_memory(struct writing_drive *drive, const struct writing_slot *slot)
{
    uint32_t size = drive->layout.block_size;
    uint32_t block = stamp_check(slot->chunk->data, size, slot->lba, slot->blocks, slot->stamp);
    struct event event = {.type = EVENT_MEMORY_ERROR};
    uint8_t wanted[STAMP_BLOCK_MAX];
    const uint8_t *found = (const uint8_t *)slot->chunk->data + (size_t)block * size;
    uint32_t at = 0;

    if (block == slot->blocks)
        return false;
    stamp_fill(wanted, size, slot->lba + block, 1, slot->stamp);
    while (at + 8 < size && memcmp(wanted + at, found + at, 8) == 0)
        at += 8;
    event.memory_error.address = slot->chunk->address + (uint64_t)block * size + at;
    memcpy(&event.memory_error.expected, wanted + at, 8);
    memcpy(&event.memory_error.actual, found + at, 8);
    event.memory_error.reread = event.memory_error.actual;
    copy_text(event.memory_error.test, sizeof(event.memory_error.test), "write-buffer");
    emit(drive->sink, &event);
    return true;
}

/* Writes blocks and waits for the end, in a bounded time. */
static int write_now(struct writing *writing, struct writing_drive *drive,
                     struct block_request *request)
{
    const struct clock *clock = writing->config.clock;
    uint64_t begun_us = clock_now_us(clock);
    int error;

    if (!layout_contains(&drive->layout, request->lba, request->blocks))
        return ERR_RANGE;
    do {
        request_poll(drive->device);
        error = request_submit(drive->device, clock, request);
        if (error == ERR_FULL)
            clock_wait_us(clock, WRITING_IDLE_US);
    } while (error == ERR_FULL && clock_now_us(clock) - begun_us < WRITING_REQUEST_US);
    if (error != OK)
        return error;
    while (!request->done) { /* which the device makes sure of in a bounded time */
        clock_wait_us(clock, WRITING_IDLE_US);
        request_poll(drive->device);
        if (writing->config.pause)
            writing->config.pause(writing->config.pause_context);
    }
    return request->error;
}

/* Narrows a failing write down, a sixteenth at a time; true when some part failed again. */
static bool narrow(struct writing *writing, struct writing_drive *drive,
                   struct block_request *request)
{
    uint32_t size = drive->layout.block_size, blocks = request->blocks;
    bool failed = true;

    while (failed && blocks > 1) {
        uint32_t part = (blocks + WRITING_PARTS - 1) / WRITING_PARTS;
        uint64_t end = request->lba + blocks;
        uint8_t *bytes = request->buffer;

        failed = false;
        for (uint64_t lba = request->lba; lba < end && !failed; lba += part) {
            struct block_request piece = {.operation = REQUEST_WRITE, .lba = lba, .buffer = bytes};

            piece.blocks = part < end - lba ? part : (uint32_t)(end - lba);
            failed = write_now(writing, drive, &piece) != OK;
            bytes += (size_t)piece.blocks * size;
            if (failed)
                *request = piece;
        }
        blocks = request->blocks;
    }
    return failed;
}

static void add_status(struct text *text, const struct block_request *request)
{
    text_add(text, error_text(request->error));
    if (request->has_status) {
        text_add(text, "; ");
        status_text(&request->status, text);
    }
}

void faults_write(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot)
{
    struct block_request *first = &slot->io.request, request = *first;
    bool flush = slot->task == TASK_FLUSH;
    struct event event = {.write_error = {.fault = WRITE_FAILED,
                                          .lba = slot->lba,
                                          .generation = slot->stamp.generation}};
    struct text text = text_in(event.write_error.status, sizeof(event.write_error.status));

    if (first->error == ERR_GONE || first->error == ERR_REFUSED || first->error == ERR_RANGE ||
        first->error == ERR_UNSUPPORTED) {
        faults_give_up(drive, first->error == ERR_GONE ? "it left while it was written to"
                                                       : "it does not let itself be written to");
        return;
    }
    text_add(&text, flush ? "flush: " : "");
    add_status(&text, first);
    if (!flush && !drive->given_up && write_now(writing, drive, &request) != OK) {
        event.write_error.again = narrow(writing, drive, &request);
        event.write_error.lba = request.lba;
        if (drive->spoilt_count < WRITING_ERRORS)
            drive->spoilt[drive->spoilt_count++] = slot->lba;
    }
    faults_tell(drive, &event);
}
