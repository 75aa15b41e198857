#include "base/error.h"
#include "disk/imaging/imaging_parts.h"

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
    struct pace_others others = {0};
    uint64_t now, usual;
    unsigned flags;

    for (unsigned i = 0; i < config->device_count; i++) {
        if (i != drive && imaging_wants(imaging, i))
            pace_others_add(&others, &imaging->drives[i].pace);
    }
    flags = pace_others_flags(&others);
    if (!flags && config->memory_pace &&
        config->memory_pace(config->memory_pace_context, &now, &usual))
        flags = PACE_OTHERS_KNOWN | (now >= usual / 2 ? PACE_OTHERS_KEPT : 0);
    return flags;
}

/* A read of a drive has ended: the drive's accounts. `counts` is false for reads whose time says
 * nothing of the drive's pace. */
static void account(struct imaging *imaging, unsigned drive, const struct block_request *request,
                    bool counts)
{
    struct imaging_drive *state = &imaging->drives[drive];
    uint64_t bytes = (uint64_t)request->blocks * state->device->block_size;
    uint64_t busy_us = pace_busy_us(request->begun_us, request->ended_us, state->ended_us);
    unsigned flags = pace_control(imaging, drive);

    if (request->ended_us > state->ended_us)
        state->ended_us = request->ended_us;
    state->service_us += busy_us;
    if (!counts)
        flags |= PACE_UNCLEAN;
    pace_add_polled(&state->pace, request->lba, bytes, busy_us, request->gap_us, flags);
    if (counts)
        latency_add(&state->latency, request->lba, request->blocks, bytes,
                    request->ended_us - request->begun_us, busy_us, request->gap_us);
}

/* An experiment waits for its read, while the drive goes on with the others. */
static void read_for_experiment(struct imaging *imaging, struct experiment *experiment)
{
    struct imaging_drive *state = &imaging->drives[experiment->drive];
    struct block_request request = {.lba = experiment->lba, .blocks = experiment->blocks};
    int error;

    state->last_us = imaging->time_us;
    request.begun_us = clock_now_us(imaging->config.clock);
    error = disk_read_checked(&state->reader, experiment->lba, experiment->blocks,
                              experiment->target->data);
    request.ended_us = clock_now_us(imaging->config.clock);
    state->last_lba = experiment->lba;
    state->last_blocks = experiment->blocks;
    account(imaging, experiment->drive, &request, false);
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

/* All or none. */
static bool take_buffers(struct pool *pool, const struct tour_read *read, struct block_job *work)
{
    work->read = take_target(pool, read);
    work->copy = pool_take(pool);
    work->packed.chunk = pool_take(pool);
    if (work->read && work->copy && work->packed.chunk)
        return true;
    imaging_give_buffers(work);
    return false;
}

/* What the slot must know of its block. */
static void describe(struct imaging *imaging, unsigned drive, struct imaging_slot *slot,
                     const struct tour_read *read)
{
    struct imaging_drive *state = &imaging->drives[drive];

    slot->drive = (uint8_t)drive;
    slot->lba = read->lba;
    slot->blocks = read->blocks;
    slot->older_lba = state->last_lba;
    slot->older_blocks = state->last_blocks;
    slot->first_pass = read->first_pass;
    slot->second = read->second;
    slot->work.size = read->blocks * state->device->block_size;
    if (read->second)
        slot->first = *read->piece;
    else
        slot->piece = read->piece;
}

/* The block did not come. */
static void drop(struct imaging *imaging, struct imaging_slot *slot)
{
    tour_failed(&imaging->drives[slot->drive].tour, slot->work.size);
    imaging_give_buffers(&slot->work);
    if (slot->piece)
        slot->piece->state = PIECE_UNKNOWN;
    slot->state = SLOT_FREE;
}

/* The read has ended: off the block goes. */
static void end_read(struct imaging *imaging, struct imaging_slot *slot)
{
    struct imaging_drive *state = &imaging->drives[slot->drive];
    int error = disk_read_end(&state->reader, &slot->read);

    state->in_flight--;
    account(imaging, slot->drive, &slot->read.request, state->reader.clean);
    if (error != OK) {
        drop(imaging, slot);
        return;
    }
    tour_arrived(&state->tour, slot->work.size);
    if (slot->first_pass && !slot->second)
        state->tested += slot->work.size;
    slot->canary_seed = state->reader.canary_seed;
    imaging_slot_start(imaging, slot);
}

bool imaging_end_reads(struct imaging *imaging)
{
    bool any = false;

    for (unsigned i = 0; i < imaging->config.device_count; i++)
        request_poll(imaging->drives[i].device);
    for (unsigned i = 0; i < imaging->slot_count; i++) {
        struct imaging_slot *slot = &imaging->slots[i];

        if (slot->state != SLOT_READING || !slot->read.request.done)
            continue;
        end_read(imaging, slot);
        any = true;
    }
    return any;
}

static bool read_for_tour(struct imaging *imaging, unsigned drive)
{
    struct imaging_drive *state = &imaging->drives[drive];
    struct imaging_slot *slot = imaging_slot_find(imaging, BLOCK_IMAGE);
    struct tour_read read;

    if (!slot || !tour_next(&state->tour, &read) ||
        !take_buffers(imaging->config.pool, &read, &slot->work))
        return false;
    describe(imaging, drive, slot, &read);
    if (disk_read_begin(&state->reader, &slot->read, read.lba, read.blocks,
                        slot->work.read->data) != OK) {
        imaging_give_buffers(&slot->work);
        return false;
    }
    slot->state = SLOT_READING;
    if (slot->piece)
        slot->piece->state = PIECE_WAITING;
    state->in_flight++;
    state->last_us = imaging->time_us;
    state->last_lba = read.lba;
    state->last_blocks = read.blocks;
    tour_advance(&state->tour, slot->work.size);
    if (slot->read.request.done)
        end_read(imaging, slot);
    return true;
}

/* The drive has room for a read that its tour wants. */
static bool could_read(struct imaging *imaging, unsigned drive)
{
    struct imaging_drive *state = &imaging->drives[drive];
    struct tour_read read;

    return imaging_wants(imaging, drive) && state->in_flight < state->depth &&
           tour_next(&state->tour, &read);
}

static bool is_ready(struct imaging *imaging, unsigned drive, bool room)
{
    if (!imaging_can_read(imaging, drive))
        return false;
    return imaging_waiting(imaging, drive) || (room && could_read(imaging, drive));
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

/* The arena takes the blocks in work as well; what is too many in it is verified first. */
static bool has_room(const struct imaging *imaging)
{
    return imaging->arena_count < imaging->arena_limit + imaging->ahead;
}

bool imaging_lacks_room(struct imaging *imaging)
{
    bool room = imaging_has_slot(imaging) && has_room(imaging);

    for (unsigned i = 0; !room && i < imaging->config.device_count; i++) {
        if (could_read(imaging, i) && imaging->drives[i].in_flight == 0)
            return true;
    }
    return false;
}

/* The drive to be read next, or IMAGING_DEVICES. */
static unsigned choose_drive(struct imaging *imaging)
{
    bool room = has_room(imaging);
    unsigned best = IMAGING_DEVICES;

    for (unsigned i = 0; i < imaging->config.device_count; i++) {
        if (is_ready(imaging, i, room) && (best == IMAGING_DEVICES || is_before(imaging, i, best)))
            best = i;
    }
    return best;
}

/* A synchronous device has taken its time: others come first then. */
static bool took_time(const struct imaging *imaging, unsigned drive)
{
    return imaging->drives[drive].device->submit == NULL;
}

bool imaging_begin_reads(struct imaging *imaging)
{
    bool any = false;

    for (unsigned i = 0; i < IMAGING_BEGUN; i++) {
        unsigned drive = choose_drive(imaging);
        struct experiment *experiment =
            drive < IMAGING_DEVICES ? imaging_waiting(imaging, drive) : NULL;

        if (drive == IMAGING_DEVICES || (!experiment && !read_for_tour(imaging, drive)))
            break;
        any = true;
        if (experiment)
            read_for_experiment(imaging, experiment);
        if (experiment || took_time(imaging, drive))
            break;
    }
    return any;
}
