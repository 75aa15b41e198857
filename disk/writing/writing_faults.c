#include "base/error.h"
#include "base/text.h"
#include "disk/writing/writing_parts.h"

/* Blocks in a row with the same fault. */
struct run {
    uint64_t lba;
    uint32_t blocks;
    uint8_t fault; /* enum write_fault */
    bool again;
    struct stamp_result result; /* of the first */
};

static const uint8_t fault_of[STAMP_STATES] = {
    [STAMP_LOST] = WRITE_LOST,
    [STAMP_MISPLACED] = WRITE_MISPLACED,
    [STAMP_TORN] = WRITE_TORN,
    [STAMP_CORRUPTED] = WRITE_CORRUPTED,
};

void faults_give_up(struct writing_drive *drive, const char *reason)
{
    if (!drive->given_up)
        emit_not_tested(drive->sink, "disk", drive->device->part, true, "%s", reason);
    drive->given_up = true;
}

bool faults_is_spoilt(const struct writing_drive *drive, uint64_t lba)
{
    for (unsigned i = 0; i < drive->spoilt_count; i++) {
        if (drive->spoilt[i] == lba)
            return true;
    }
    return false;
}

static bool was_told(const struct writing_drive *drive, uint64_t lba, uint64_t generation)
{
    for (unsigned i = 0; i < drive->errors; i++) {
        if (drive->told[i].lba == lba && drive->told[i].generation == generation)
            return true;
    }
    return false;
}

void faults_tell(struct writing_drive *drive, struct event *event)
{
    struct event_write_error *error = &event->write_error;

    if (was_told(drive, error->lba, error->generation))
        return;
    if (drive->errors == WRITING_ERRORS) {
        drive->uncounted++;
        return;
    }
    drive->told[drive->errors++] = (struct writing_place){error->lba, error->generation};
    event->type = EVENT_WRITE_ERROR;
    error->part = drive->device->part;
    emit(drive->sink, event);
    if (drive->errors == WRITING_ERRORS)
        faults_give_up(drive, "writing to it was given up after 16 errors");
}

static void add_lines(struct text *text, const struct stamp_result *result)
{
    if (result->odd == result->odd_to)
        text_format(text, "64 bytes at %u", result->odd * STAMP_LINE);
    else
        text_format(text, "bytes %u to %u", result->odd * STAMP_LINE,
                    (result->odd_to + 1) * STAMP_LINE - 1);
}

/* What stands there, in words. */
static void describe(const struct run *run, const struct stamp *wanted, struct text *text)
{
    const struct stamp_result *result = &run->result;

    if (run->blocks > 1)
        text_format(text, "%u blocks; in the first: ", run->blocks);
    if (result->damaged != 0) {
        text_format(text, "%u bits differ, in ", result->bits);
        add_lines(text, result);
    } else if (run->fault == WRITE_LOST && !result->has_found) {
        text_add(text, "what stood there before anything was written");
    } else if (run->fault == WRITE_LOST || run->fault == WRITE_MISPLACED) {
        text_format(text, "a whole block of generation %llu",
                    (unsigned long long)result->found.generation);
    } else {
        add_lines(text, result);
        text_format(text, result->has_found ? " are of generation %llu" : " are none of Assay's",
                    (unsigned long long)result->found.generation);
    }
    if (result->has_found && (!wanted || result->found.run != wanted->run))
        text_format(text, " of run %llx", (unsigned long long)result->found.run);
}

static void tell_run(struct writing_drive *drive, const struct run *run, const struct stamp *wanted)
{
    const struct stamp_result *result = &run->result;
    struct event event = {.write_error = {.fault = run->fault,
                                          .lba = run->lba,
                                          .generation = wanted ? wanted->generation : 0,
                                          .again = run->again}};
    struct text text = text_in(event.write_error.status, sizeof(event.write_error.status));

    if (result->has_found) {
        event.write_error.found_lba = result->found_lba;
        event.write_error.found_generation = result->found.generation;
    }
    if (!wanted)
        text_add(&text, "left by an earlier run: ");
    describe(run, wanted, &text);
    faults_tell(drive, &event);
}

/* What one block is: as it should be, or, without `wanted`, as an earlier run may leave it. */
static bool is_bad(const struct writing_drive *drive, const void *block, uint64_t lba,
                   const struct stamp *wanted, struct stamp_result *ret_result)
{
    uint32_t size = drive->layout.block_size;

    if (wanted)
        return stamp_examine(block, size, lba, *wanted, ret_result) != STAMP_GOOD;
    (void)stamp_inspect(block, size, lba, ret_result);
    return ret_result->state != STAMP_GOOD && ret_result->state != STAMP_EMPTY;
}

static bool is_same(const struct stamp_result *a, const struct stamp_result *b, uint64_t distance)
{
    if (a->state != b->state || a->has_found != b->has_found)
        return false;
    return !a->has_found ||
           (a->found_lba + distance == b->found_lba && a->found.generation == b->found.generation);
}

/* Where the right stamp has stood, what is none cannot be what stood there before. */
static enum write_fault fault_in(const struct writing_slot *slot, const struct stamp_result *result)
{
    if (slot->known && result->state == STAMP_LOST && !result->has_found)
        return WRITE_CORRUPTED;
    return (enum write_fault)fault_of[result->state];
}

/* The next run of bad blocks in what a slot has read, from block `from` on. */
static bool find_run(const struct writing_drive *drive, const struct writing_slot *slot,
                     const struct stamp *wanted, uint32_t from, struct run *ret_run)
{
    const uint8_t *bytes = slot->chunk->data;
    uint32_t size = drive->layout.block_size, blocks = 1;
    struct stamp_result result;

    while (from < slot->blocks &&
           !is_bad(drive, bytes + (size_t)from * size, slot->lba + from, wanted, &result))
        from++;
    if (from == slot->blocks)
        return false;
    *ret_run = (struct run){
        .lba = slot->lba + from, .fault = (uint8_t)fault_in(slot, &result), .result = result};
    while (from + blocks < slot->blocks &&
           is_bad(drive, bytes + (size_t)(from + blocks) * size, slot->lba + from + blocks, wanted,
                  &result) &&
           is_same(&ret_run->result, &result, blocks))
        blocks++;
    ret_run->blocks = blocks;
    return true;
}

/* Reads a run once more, or what of it fits a chunk: the same again? */
static bool is_again(struct writing *writing, struct writing_drive *drive, const struct run *run,
                     const struct stamp *wanted)
{
    struct chunk *chunk = pool_take(writing->config.pool);
    struct stamp_result result = {0};
    bool again = false;

    if (!chunk)
        return false;
    if (disk_read_checked(&drive->reader, run->lba, run->blocks, chunk->data) == OK)
        again = is_bad(drive, chunk->data, run->lba, wanted, &result) &&
                result.state == run->result.state;
    pool_give(chunk);
    return again;
}

static void find_faults(struct writing *writing, struct writing_drive *drive,
                        struct writing_slot *slot, const struct stamp *wanted)
{
    uint32_t from = 0;
    struct run run;

    while (from < slot->blocks && find_run(drive, slot, wanted, from, &run)) {
        uint64_t generation = wanted ? wanted->generation : 0;

        if (!drive->given_up && !was_told(drive, run.lba, generation))
            run.again = is_again(writing, drive, &run, wanted);
        tell_run(drive, &run, wanted);
        from = (uint32_t)(run.lba - slot->lba) + run.blocks;
    }
}

void faults_check(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot)
{
    if (stamp_check(slot->chunk->data, drive->layout.block_size, slot->lba, slot->blocks,
                    slot->stamp) != slot->blocks)
        find_faults(writing, drive, slot, &slot->stamp);
}

void faults_inspect(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot)
{
    uint32_t size = drive->layout.block_size;
    uint64_t stamped = 0;
    struct stamp_result result;

    for (uint32_t i = 0; i < slot->blocks; i++) {
        const uint8_t *block = (const uint8_t *)slot->chunk->data + (size_t)i * size;

        if (stamp_inspect(block, size, slot->lba + i, &result) == STAMP_EMPTY)
            continue;
        stamped++;
        drive->same_run |= result.found.run == drive->run;
    }
    drive->stamped += stamped;
    drive->stamped_all += stamped;
    drive->verified += slot->blocks;
    if (stamped > 0)
        find_faults(writing, drive, slot, NULL);
}

void faults_unreadable(struct writing_drive *drive, const struct writing_slot *slot)
{
    struct event event = {.write_error = {.fault = WRITE_UNREADABLE,
                                          .lba = drive->heard.lba,
                                          .generation = slot->stamp.generation,
                                          .again = drive->heard.again}};

    copy_text(event.write_error.status, sizeof(event.write_error.status), drive->heard.status);
    faults_tell(drive, &event);
}
