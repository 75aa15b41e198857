#include "base/error.h"
#include "disk/writing/writing_parts.h"

static uint64_t all_blocks(const struct writing_drive *drive)
{
    return drive->layout.blocks;
}

static struct writing_stretch stretch_of(const struct writing_drive *drive, uint64_t turn)
{
    struct writing_stretch stretch = {0};

    (void)layout_stretch(&drive->layout, turn, &stretch);
    return stretch;
}

/* What a piece of a stretch should be of, that was last written in `pass` up to `round`. */
static struct stamp stamp_of(const struct writing_drive *drive, uint64_t pass, unsigned round,
                             uint32_t piece)
{
    return (struct stamp){drive->run, 2 * pass + 1 + (round == 1 && piece % 2 == 1)};
}

/* A slot for a piece of the stretch; its task, stamp and count are left to the caller. */
static void set_piece(const struct writing_drive *drive, const struct writing_stretch *stretch,
                      uint32_t piece, enum writing_task task, struct writing_slot *slot)
{
    *slot = (struct writing_slot){.task = (uint8_t)task, .used = true, .waiting = true};
    layout_piece(&drive->layout, stretch, piece, &slot->lba, &slot->blocks);
}

static bool next_inspection(struct writing_drive *drive, uint32_t pieces, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);

    if (drive->piece >= pieces || drive->piece >= stretch.pieces)
        return false;
    set_piece(drive, &stretch, drive->piece++, TASK_INSPECT, slot);
    return true;
}

/* In the second round only the odd pieces are written. */
static bool next_write(struct writing_drive *drive, uint32_t pieces, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);

    while (drive->piece < pieces && drive->piece < stretch.pieces) {
        uint32_t piece = drive->piece++;

        set_piece(drive, &stretch, piece, TASK_WRITE, slot);
        slot->stamp = stamp_of(drive, drive->pass, drive->round, piece);
        if ((drive->round == 0 || piece % 2 == 1) && !faults_is_spoilt(drive, slot->lba))
            return true;
    }
    slot->used = false;
    return false;
}

static bool next_flush(struct writing_drive *drive, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);

    if (drive->flushed)
        return false;
    drive->flushed = true;
    *slot = (struct writing_slot){.task = TASK_FLUSH, .used = true, .waiting = true};
    slot->lba = stretch.lba;
    slot->stamp = stamp_of(drive, drive->pass, drive->round, 1);
    return true;
}

static bool next_check(struct writing_drive *drive, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);

    while (drive->piece < stretch.pieces) {
        uint32_t piece = drive->piece++;

        set_piece(drive, &stretch, piece, TASK_CHECK, slot);
        slot->stamp = stamp_of(drive, drive->pass, drive->round, piece);
        slot->counts = drive->pass == 0 && drive->round == 0;
        slot->known = drive->round == 1 && piece % 2 == 0;
        if (!faults_is_spoilt(drive, slot->lba))
            return true;
    }
    slot->used = false;
    return false;
}

/* Moves the walk to a stretch that is done, from where it is. */
static bool find_walk(struct writing_drive *drive)
{
    if (drive->walk_turn == drive->turn && drive->layout.stretch_count > 1)
        drive->walk_turn = layout_next(&drive->layout, drive->walk_turn);
    if (drive->pass == 0 && drive->walk_turn >= drive->turn)
        drive->walk_turn = 0;
    return drive->walk_turn != drive->turn;
}

/* One piece of the walk, and the walk a piece further. */
static void walk(struct writing_drive *drive, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->walk_turn);
    uint32_t piece = drive->walk_piece < stretch.pieces ? drive->walk_piece : 0;
    uint64_t size;

    set_piece(drive, &stretch, piece, TASK_CHECK, slot);
    slot->stamp = stamp_of(drive, drive->pass - (drive->walk_turn > drive->turn), 1, piece);
    slot->known = true;
    drive->walk_piece = piece + 1;
    if (drive->walk_piece == stretch.pieces) {
        drive->walk_piece = 0;
        drive->walk_turn = layout_next(&drive->layout, drive->walk_turn);
    }
    size = (uint64_t)slot->blocks * drive->layout.block_size;
    drive->walk_left = drive->walk_left > size ? drive->walk_left - size : 0;
}

/* The next piece of the stretches that are done: in this pass, or else in the one before. */
static bool next_walk(struct writing_drive *drive, struct writing_slot *slot)
{
    while (drive->walk_left > 0 && find_walk(drive)) {
        walk(drive, slot);
        if (!faults_is_spoilt(drive, slot->lba))
            return true;
    }
    slot->used = false;
    return false;
}

/* Blocks anywhere on the drive but in the stretch. */
static bool next_fill(struct writing_drive *drive, struct writing_slot *slot)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);
    uint64_t end = drive->device->block_count, size, stretch_end = stretch.lba + stretch.blocks;

    if (drive->fill_left == 0)
        return false;
    for (unsigned i = 0; i < 2; i++) { /* past the stretch, and then past the end, or both */
        if (drive->fill_lba >= stretch.lba && drive->fill_lba < stretch_end)
            drive->fill_lba = stretch_end;
        if (drive->fill_lba >= end)
            drive->fill_lba = 0;
    }
    if (drive->fill_lba < stretch.lba)
        end = stretch.lba;
    *slot = (struct writing_slot){.task = TASK_FILL, .used = true, .waiting = true};
    slot->lba = drive->fill_lba;
    slot->blocks = drive->layout.piece_blocks;
    if (slot->blocks > end - slot->lba)
        slot->blocks = (uint32_t)(end - slot->lba);
    drive->fill_lba += slot->blocks;
    size = (uint64_t)slot->blocks * drive->layout.block_size;
    drive->fill_left = drive->fill_left > size ? drive->fill_left - size : 0;
    return true;
}

bool phase_next(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot)
{
    if (writing->stopping || drive->given_up)
        return false;
    switch (drive->phase) {
    case WRITING_PROBE:
        return next_inspection(drive, 1, slot);
    case WRITING_VERIFY:
        return next_inspection(drive, UINT32_MAX, slot);
    case WRITING_OPEN:
        return next_write(drive, 1, slot);
    case WRITING_WRITE:
        return next_write(drive, UINT32_MAX, slot);
    case WRITING_OPEN_FLUSH:
    case WRITING_FLUSH:
        return next_flush(drive, slot);
    case WRITING_WALK:
        return next_walk(drive, slot);
    case WRITING_FILL:
        return next_fill(drive, slot);
    case WRITING_CHECK:
        return next_check(drive, slot);
    default:
        return false;
    }
}

/* How much must be read elsewhere, and how much of it the stretches that are done can give. */
static void plan_elsewhere(struct writing_drive *drive)
{
    struct writing_stretch stretch = stretch_of(drive, drive->turn);
    uint64_t size = drive->layout.block_size;
    uint64_t need = (drive->device->block_count - stretch.blocks) * size;
    uint64_t done = (drive->pass == 0 ? drive->done : all_blocks(drive) - stretch.blocks) * size;

    if (need > WRITING_ELSEWHERE_SIZE)
        need = WRITING_ELSEWHERE_SIZE;
    drive->walk_left = done < need ? done : need;
    drive->fill_left = done < need ? need : 0;
}

void phase_begin(struct writing_drive *drive)
{
    drive->phase = WRITING_PROBE;
}

static void go(struct writing_drive *drive, enum writing_phase phase)
{
    drive->phase = (uint8_t)phase;
    drive->piece = 0;
    drive->flushed = false;
}

/* After what an earlier run has left comes the first write; its number must be a new one. */
static void end_verify(struct writing *writing, struct writing_drive *drive)
{
    if (drive->stamped_all > 0)
        emit_note(drive->sink, SEVERITY_INFO,
                  "Disk %u: %llu of %llu blocks read before writing are from earlier runs.",
                  drive->device->part, (unsigned long long)drive->stamped_all,
                  (unsigned long long)drive->verified);
    if (drive->same_run)
        drive->run = ~drive->run;
    drive->turn = 0;
    go(drive, writing->config.verify_only ? WRITING_DONE : WRITING_OPEN);
}

static bool verify_is_late(const struct writing *writing)
{
    uint64_t now_us = clock_now_us(writing->config.clock);

    return writing->config.verify_us && now_us - writing->begun_us > writing->config.verify_us;
}

static void end_stretch_verify(struct writing *writing, struct writing_drive *drive)
{
    bool any = drive->stamped > 0, late = verify_is_late(writing);

    drive->stamped = 0;
    drive->turn = layout_next(&drive->layout, drive->turn);
    if (any && late && drive->turn != 0)
        emit_note(drive->sink, SEVERITY_WARNING,
                  "Disk %u: there was no time to read all that an earlier run has written.",
                  drive->device->part);
    if (drive->turn == 0 || late || (!any && !writing->config.verify_only))
        end_verify(writing, drive);
    else
        go(drive, WRITING_VERIFY);
}

static void end_visit(struct writing *writing, struct writing_drive *drive)
{
    if (drive->pass == 0)
        drive->done += stretch_of(drive, drive->turn).blocks;
    drive->round = 0;
    drive->turn = layout_next(&drive->layout, drive->turn);
    if (drive->turn == 0)
        drive->pass++;
    go(drive, drive->turn == 0 && writing->config.once ? WRITING_DONE : WRITING_WRITE);
}

void phase_end(struct writing *writing, struct writing_drive *drive)
{
    switch (drive->phase) {
    case WRITING_PROBE:
        if (drive->stamped == 0 && !writing->config.verify_only) {
            end_verify(writing, drive);
            return;
        }
        drive->stamped = drive->stamped_all = drive->verified = 0;
        go(drive, WRITING_VERIFY);
        return;
    case WRITING_VERIFY:
        end_stretch_verify(writing, drive);
        return;
    case WRITING_OPEN_FLUSH:
        go(drive, WRITING_WRITE);
        drive->piece = 1;
        return;
    case WRITING_FLUSH:
        plan_elsewhere(drive);
        go(drive, WRITING_WALK);
        return;
    case WRITING_CHECK:
        if (drive->round == 0) {
            drive->round = 1;
            go(drive, WRITING_WRITE);
        } else {
            end_visit(writing, drive);
        }
        return;
    default: /* the phases that simply follow one another */
        go(drive, (enum writing_phase)(drive->phase + 1));
    }
}
