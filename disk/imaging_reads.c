#include "base/error.h"
#include "disk/imaging_parts.h"

/* The buffers of one block on its way. */
struct buffers {
    struct chunk *read, *copy, *packed;
};

bool imaging_can_read(const struct imaging *imaging, unsigned drive)
{
    const struct imaging_drive *state = &imaging->drives[drive];

    return !imaging->stopping && !state->unusable && !state->reader.given_up;
}

bool imaging_wants(const struct imaging *imaging, unsigned drive)
{
    return imaging_can_read(imaging, drive) &&
           (!imaging->config.once || !tour_is_over(&imaging->drives[drive].tour) ||
            imaging_examines(imaging, drive));
}

/* A control for the pace of one drive: did the others, or else the memory, keep theirs? */
static unsigned pace_control(const struct imaging *imaging, unsigned drive)
{
    const struct imaging_config *config = &imaging->config;
    unsigned flags = 0;
    uint64_t now, usual;

    for (unsigned i = 0; i < config->device_count; i++) {
        bool known, kept;

        if (i == drive || !imaging_wants(imaging, i))
            continue;
        kept = pace_kept(&imaging->drives[i].pace, &known);
        if (known)
            flags |= PACE_OTHERS_KNOWN | (kept ? PACE_OTHERS_KEPT : 0);
    }
    if (!flags && config->memory_pace &&
        config->memory_pace(config->memory_pace_context, &now, &usual))
        flags = PACE_OTHERS_KNOWN | (now >= usual / 2 ? PACE_OTHERS_KEPT : 0);
    return flags;
}

/* Reads into a chunk, and keeps the accounts of the drive. */
static int read_blocks(struct imaging *imaging, unsigned drive, uint64_t lba, uint32_t blocks,
                       struct chunk *chunk)
{
    struct imaging_drive *state = &imaging->drives[drive];
    uint64_t before_us = clock_now_us(imaging->config.clock);
    int error = disk_read_checked(&state->reader, lba, blocks, chunk->data);
    unsigned flags = pace_control(imaging, drive);

    state->last_lba = lba;
    state->last_blocks = blocks;
    state->last_us = imaging->time_us;
    state->service_us += clock_now_us(imaging->config.clock) - before_us;
    if (error != OK || !state->reader.clean)
        flags |= PACE_UNCLEAN;
    pace_add(&state->pace, lba, (uint64_t)blocks * state->device->block_size,
             state->reader.duration_us, flags);
    return error;
}

static void read_for_experiment(struct imaging *imaging, struct experiment *experiment)
{
    struct imaging_drive *state = &imaging->drives[experiment->drive];
    int error = read_blocks(imaging, experiment->drive, experiment->lba, experiment->blocks,
                            experiment->target);

    if (error == OK)
        tour_add_elsewhere(&state->tour, experiment->blocks * state->device->block_size);
    experiment_read_done(experiment, &imaging->tools, error, state->tour.moved);
}

/* The chunk to read into: for a second reading not the one of the first. */
static struct chunk *take_target(struct pool *pool, const struct tour_read *read)
{
    struct chunk *chunk = pool_take(pool);

    if (chunk && read->second && chunk->address == read->piece->address) {
        struct chunk *other = pool_take(pool);

        pool_give(chunk);
        return other;
    }
    return chunk;
}

static void give_buffers(const struct buffers *buffers)
{
    if (buffers->read)
        pool_give(buffers->read);
    if (buffers->copy)
        pool_give(buffers->copy);
    if (buffers->packed)
        pool_give(buffers->packed);
}

/* All or none. */
static bool take_buffers(struct pool *pool, const struct tour_read *read, struct buffers *buffers)
{
    buffers->read = take_target(pool, read);
    buffers->copy = pool_take(pool);
    buffers->packed = pool_take(pool);
    if (buffers->read && buffers->copy && buffers->packed)
        return true;
    give_buffers(buffers);
    return false;
}

/* The block has arrived: off it goes. */
static void start_image(struct imaging *imaging, unsigned drive, struct imaging_slot *slot,
                        const struct tour_read *read, const struct buffers *buffers)
{
    struct imaging_drive *state = &imaging->drives[drive];

    slot->drive = (uint8_t)drive;
    slot->lba = read->lba;
    slot->blocks = read->blocks;
    slot->canary_seed = state->reader.canary_seed;
    slot->second = read->second;
    if (read->second) {
        slot->first = *read->piece;
    } else {
        slot->piece = read->piece;
        slot->piece->state = PIECE_WAITING;
    }
    slot->work.size = read->blocks * state->device->block_size;
    slot->work.read = buffers->read;
    slot->work.copy = buffers->copy;
    slot->work.packed.chunk = buffers->packed;
    imaging_slot_start(imaging, slot);
}

static bool read_for_tour(struct imaging *imaging, unsigned drive)
{
    struct imaging_drive *state = &imaging->drives[drive];
    struct imaging_slot *slot = imaging_slot_find(imaging, BLOCK_IMAGE);
    struct buffers buffers;
    struct tour_read read;
    uint32_t size;

    if (!slot || !tour_next(&state->tour, &read) ||
        !take_buffers(imaging->config.pool, &read, &buffers))
        return false;
    size = read.blocks * state->device->block_size;
    slot->older_lba = state->last_lba;
    slot->older_blocks = state->last_blocks;
    if (read_blocks(imaging, drive, read.lba, read.blocks, buffers.read) != OK) {
        give_buffers(&buffers);
        tour_advance(&state->tour, 0);
        return true;
    }
    if (read.first_pass && !read.second)
        state->tested += size;
    start_image(imaging, drive, slot, &read, &buffers);
    tour_advance(&state->tour, size);
    return true;
}

static bool is_ready(struct imaging *imaging, unsigned drive, bool room)
{
    struct tour_read read;

    if (!imaging_can_read(imaging, drive))
        return false;
    return imaging_waiting(imaging, drive) || (room && imaging_wants(imaging, drive) &&
                                               tour_next(&imaging->drives[drive].tour, &read));
}

/* Whether drive `a` is to be read before drive `b`. */
static bool is_before(const struct imaging *imaging, unsigned a, unsigned b)
{
    const struct imaging_drive *left = &imaging->drives[a], *right = &imaging->drives[b];
    bool left_waits = imaging->time_us - left->last_us >= IMAGING_TURN_US;
    bool right_waits = imaging->time_us - right->last_us >= IMAGING_TURN_US;

    if (left_waits != right_waits)
        return left_waits;
    return left->service_us < right->service_us;
}

bool imaging_read(struct imaging *imaging)
{
    bool room = imaging->arena_count + imaging_jobs_of(imaging, BLOCK_IMAGE) < imaging->arena_limit;
    unsigned best = IMAGING_DEVICES;
    struct experiment *experiment;

    for (unsigned i = 0; i < imaging->config.device_count; i++) {
        if (is_ready(imaging, i, room) && (best == IMAGING_DEVICES || is_before(imaging, i, best)))
            best = i;
    }
    if (best == IMAGING_DEVICES)
        return false;
    experiment = imaging_waiting(imaging, best);
    if (!experiment)
        return read_for_tour(imaging, best);
    read_for_experiment(imaging, experiment);
    return true;
}
