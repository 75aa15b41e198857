#include "disk/imaging/imaging.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/imaging/imaging_parts.h"

static unsigned whole_chunks(const struct pool *pool)
{
    unsigned count = 0;

    for (size_t i = 0; i < pool->count; i++)
        count += pool->chunks[i].size == CHUNK_SIZE && pool->chunks[i].state != CHUNK_RETIRED;
    return count;
}

static unsigned clamp(unsigned value, unsigned low, unsigned high)
{
    if (value < low)
        return low;
    return value < high ? value : high;
}

static void init_drive(struct imaging *imaging, unsigned index)
{
    const struct imaging_config *config = &imaging->config;
    struct imaging_drive *drive = &imaging->drives[index];
    const struct block_device *device = config->devices[index];
    uint64_t seed = config->seed + device->part;

    drive->device = device;
    disk_reader_init(&drive->reader, device, config->clock, config->sink, seed);
    drive->reader.pause = config->pause;
    drive->reader.pause_context = config->pause_context;
    pace_init(&drive->pace, device->part, config->sink);
    if (config->earlier)
        pace_carry(&drive->pace, &config->earlier[index]);
    latency_init(&drive->latency, device->block_count);
    drive->depth = clamp(request_depth(device), 1, imaging->ahead);
    if (tour_init(&drive->tour, device->block_size, device->block_count, seed) != OK) {
        drive->unusable = true;
        emit_not_tested(config->sink, "disk", device->part, true,
                        "it has %llu blocks of %u bytes, which cannot be read",
                        (unsigned long long)device->block_count, device->block_size);
    }
}

/* A job that was given up may still be with a processor: its slot is left as it is. */
static void clear(struct imaging *imaging)
{
    memset(imaging, 0, offsetof(struct imaging, slots));
    for (unsigned i = 0; i < IMAGING_SLOTS; i++) {
        struct imaging_slot *slot = &imaging->slots[i];

        if (slot->state != SLOT_LOST || job_is_done(&slot->work.job))
            memset(slot, 0, sizeof(*slot));
        else
            slot->experiment = NULL;
    }
    memset(&imaging->slot_count, 0, sizeof(*imaging) - offsetof(struct imaging, slot_count));
}

int imaging_init(struct imaging *imaging, const struct imaging_config *config)
{
    unsigned chunks = whole_chunks(config->pool);
    unsigned arena = config->arena_chunks ? config->arena_chunks : chunks / 8;

    if (config->device_count > IMAGING_DEVICES || chunks < IMAGING_CHUNKS_MIN)
        return ERR_RANGE;
    clear(imaging);
    imaging->config = *config;
    if (!imaging->config.hash)
        imaging->config.hash = block_hash_plain;
    imaging->arena_limit = clamp(arena, 1, chunks / 8 < IMAGING_KEPT ? chunks / 8 : IMAGING_KEPT);
    imaging->experiment_limit = clamp(chunks / 16, 1, IMAGING_EXPERIMENTS);
    imaging->ahead = clamp(chunks / (6 * (config->device_count + 1)), 1, IMAGING_AHEAD);
    imaging->tools.pool = config->pool;
    imaging->tools.sink = config->sink;
    imaging->tools.hash = imaging->config.hash;
    imaging->tools.page_tested = config->test_page != NULL;
    imaging->step_us = clock_now_us(config->clock);
    imaging->slot_count = 2 * config->workers->count + 2;
    for (unsigned i = 0; i < config->device_count; i++) {
        init_drive(imaging, i);
        imaging->slot_count += imaging->drives[i].depth;
    }
    imaging->slot_count = clamp(imaging->slot_count, 2, IMAGING_SLOTS);
    return OK;
}

static bool any_wanted(const struct imaging *imaging)
{
    for (unsigned i = 0; i < imaging->config.device_count; i++) {
        if (imaging_wants(imaging, i))
            return true;
    }
    return false;
}

static void end_drive(struct imaging *imaging, struct imaging_drive *drive)
{
    const struct tour *tour = &drive->tour;
    struct event event = {
        .type = EVENT_COVERAGE,
        .coverage = {.part = drive->device->part,
                     .tested = drive->tested,
                     .total = tour->block_count * tour->block_size,
                     .moved = tour->moved},
    };

    pace_end(&drive->pace);
    latency_end(&drive->latency, imaging->config.phase, drive->device->part, imaging->config.sink);
    if (drive->uncounted > 0)
        emit_note(imaging->config.sink, SEVERITY_INFO,
                  "%llu more mismatches of disk %u were counted and not looked into.",
                  (unsigned long long)drive->uncounted, drive->device->part);
    copy_text(event.coverage.phase, sizeof(event.coverage.phase), imaging->config.phase);
    emit(imaging->config.sink, &event);
}

static uint16_t permille(uint64_t part, uint64_t whole)
{
    return part >= whole ? 1000 : (uint16_t)(part * 1000 / whole);
}

/* A fifth of the time is more than chance and start-up make. */
static enum pace_setter pace_setter(const struct event_bottleneck *bottleneck)
{
    enum { MUCH = 200 };

    if (bottleneck->drives_wait >= MUCH && bottleneck->drives_wait > bottleneck->processors_wait)
        return PACE_SET_BY_PROCESSORS;
    return bottleneck->processors_wait >= MUCH ? PACE_SET_BY_DRIVE : PACE_SET_BY_NOBODY;
}

/* Which of the stages the others waited for. */
static void tell_bottleneck(const struct imaging *imaging)
{
    struct event event = {.type = EVENT_BOTTLENECK};
    struct event_bottleneck *bottleneck = &event.bottleneck;
    const struct imaging_drive *busiest = NULL;
    uint64_t moved = 0;

    for (unsigned i = 0; i < imaging->config.device_count; i++) {
        const struct imaging_drive *drive = &imaging->drives[i];

        moved += drive->tour.moved;
        if (!busiest || drive->service_us > busiest->service_us)
            busiest = drive;
    }
    if (!busiest || !moved || imaging->load_us < IMAGING_GAP_US)
        return;
    copy_text(bottleneck->phase, sizeof(bottleneck->phase), imaging->config.phase);
    bottleneck->part = busiest->device->part;
    bottleneck->rate =
        moved / imaging->load_us * 1000000 + moved % imaging->load_us * 1000000 / imaging->load_us;
    bottleneck->drive_busy = permille(busiest->service_us, imaging->load_us);
    bottleneck->drives_wait = permille(imaging->drives_wait_us, imaging->load_us);
    bottleneck->processors_wait = permille(imaging->processors_wait_us, imaging->load_us);
    bottleneck->setter = (uint8_t)pace_setter(bottleneck);
    emit(imaging->config.sink, &event);
}

static void finish(struct imaging *imaging)
{
    for (unsigned i = 0; i < imaging->config.device_count; i++) {
        if (!imaging->drives[i].unusable)
            end_drive(imaging, &imaging->drives[i]);
    }
    tell_bottleneck(imaging);
    imaging->done = true;
}

/* Ends a workload that can go on no more. */
static void give_up(struct imaging *imaging, const char *reason)
{
    if (!imaging->stopping)
        emit_not_tested(imaging->config.sink, "imaging", 0, true, "%s", reason);
    imaging->stopping = true;
    imaging_drop_arena(imaging);
}

static void keep_time(struct imaging *imaging)
{
    uint64_t now_us = clock_now_us(imaging->config.clock);
    uint64_t gap_us = now_us - imaging->step_us;

    imaging->step_us = now_us;
    imaging->time_us += gap_us < IMAGING_GAP_US ? gap_us : IMAGING_GAP_US;
    imaging->tools.now_us = imaging->time_us;
    if (imaging->stopping)
        return;
    imaging->load_us += gap_us;
    if (imaging_lacks_room(imaging))
        imaging->drives_wait_us += gap_us;
    else if (!imaging_works(imaging))
        imaging->processors_wait_us += gap_us;
}

/* Verifies what was kept when its place is needed, or when nothing new will come. */
static bool verify(struct imaging *imaging)
{
    bool coming = any_wanted(imaging) || imaging_reading(imaging) > 0;

    if (imaging->arena_count < imaging->arena_limit && coming)
        return false;
    return imaging_verify_oldest(imaging);
}

static bool work(struct imaging *imaging)
{
    bool any = imaging_end_reads(imaging);

    any |= imaging_reap(imaging);
    any |= imaging_advance_experiments(imaging);
    any |= verify(imaging);
    any |= imaging_begin_reads(imaging);
    return any;
}

bool imaging_step(struct imaging *imaging)
{
    if (imaging->done)
        return false;
    keep_time(imaging);
    workers_poll(imaging->config.workers);
    if (work(imaging)) {
        imaging->moved_us = imaging->time_us;
        return true;
    }
    if (imaging_all_lost(imaging))
        give_up(imaging, "no processor takes work any more");
    else if (imaging_jobs(imaging) == 0 && imaging_reading(imaging) == 0 &&
             imaging->time_us - imaging->moved_us > IMAGING_PATIENCE_US)
        give_up(imaging, "no memory came free for its buffers");
    if (imaging_jobs(imaging) == 0 && imaging_reading(imaging) == 0 && imaging->arena_count == 0 &&
        imaging_experiments(imaging) == 0 && !any_wanted(imaging))
        finish(imaging);
    else if (!workers_help(imaging->config.workers))
        clock_wait_us(imaging->config.clock, IMAGING_IDLE_US);
    return !imaging->done;
}

void imaging_stop(struct imaging *imaging)
{
    imaging->stopping = true;
}

bool imaging_is_done(const struct imaging *imaging)
{
    return imaging->done;
}

const struct pace *imaging_pace(const struct imaging *imaging, unsigned device)
{
    return &imaging->drives[device].pace;
}

uint64_t imaging_moved(const struct imaging *imaging, unsigned device)
{
    return imaging->drives[device].tour.moved;
}

uint64_t imaging_tested(const struct imaging *imaging, unsigned device)
{
    return imaging->drives[device].tested;
}

uint64_t imaging_packed(const struct imaging *imaging)
{
    return imaging->packed_bytes;
}
