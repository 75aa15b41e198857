#include "base/error.h"
#include "disk/imaging/imaging_parts.h"

/* The number of a free slot, or slot_count. */
static unsigned free_slot(const struct imaging *imaging)
{
    unsigned i = 0;

    while (i < imaging->slot_count && imaging->slots[i].state != SLOT_FREE)
        i++;
    return i;
}

bool imaging_has_slot(const struct imaging *imaging)
{
    return free_slot(imaging) < imaging->slot_count;
}

struct imaging_slot *imaging_slot_find(struct imaging *imaging, enum block_task task)
{
    unsigned number = free_slot(imaging);
    struct imaging_slot *slot = &imaging->slots[number];

    if (number == imaging->slot_count)
        return NULL;
    block_job_init(&slot->work, task, imaging->config.hash);
    slot->piece = NULL;
    slot->experiment = NULL;
    slot->second = false;
    return slot;
}

static void submit(struct imaging *imaging, struct imaging_slot *slot)
{
    if (workers_submit(imaging->config.workers, &slot->work.job) == OK)
        slot->state = SLOT_OUT;
}

void imaging_slot_start(struct imaging *imaging, struct imaging_slot *slot)
{
    slot->state = SLOT_READY;
    slot->since_us = imaging->time_us;
    submit(imaging, slot);
}

unsigned imaging_reading(const struct imaging *imaging)
{
    unsigned count = 0;

    for (unsigned i = 0; i < imaging->config.device_count; i++)
        count += imaging->drives[i].in_flight;
    return count;
}

unsigned imaging_jobs(const struct imaging *imaging)
{
    unsigned count = 0;

    for (unsigned i = 0; i < imaging->slot_count; i++)
        count += imaging->slots[i].state == SLOT_READY || imaging->slots[i].state == SLOT_OUT;
    return count;
}

unsigned imaging_jobs_of(const struct imaging *imaging, enum block_task task)
{
    unsigned count = 0;

    for (unsigned i = 0; i < imaging->slot_count; i++) {
        const struct imaging_slot *slot = &imaging->slots[i];

        count += (slot->state == SLOT_READY || slot->state == SLOT_OUT) && slot->work.task == task;
    }
    return count;
}

bool imaging_works(const struct imaging *imaging)
{
    for (unsigned i = 0; i < imaging->slot_count; i++) {
        const struct imaging_slot *slot = &imaging->slots[i];

        if (slot->state == SLOT_READY ||
            (slot->state == SLOT_OUT && !job_is_done((struct job *)&slot->work.job)))
            return true;
    }
    return false;
}

bool imaging_all_lost(const struct imaging *imaging)
{
    for (unsigned i = 0; i < imaging->slot_count; i++) {
        if (imaging->slots[i].state != SLOT_LOST)
            return false;
    }
    return true;
}

static void give(struct chunk *chunk)
{
    if (chunk)
        pool_give(chunk);
}

void imaging_give_buffers(const struct block_job *work)
{
    give(work->read);
    give(work->copy);
    give(work->packed.chunk);
}

/* What a job has found, its chunks included. */
static struct difference_evidence evidence_of(const struct imaging *imaging,
                                              const struct imaging_slot *slot)
{
    const struct block_job *work = &slot->work;

    return (struct difference_evidence){
        .device = imaging->drives[slot->drive].device,
        .hop = (enum hop)work->hop,
        .lba = slot->lba,
        .blocks = slot->blocks,
        .size = work->size,
        .processor = work->job.processor,
        .compute = work->compute,
        .packed_form = work->packed_form,
        .hash = work->task == BLOCK_VERIFY ? work->packed.block_hash : work->hash,
        .canary_seed = slot->canary_seed,
        .older_lba = slot->older_lba,
        .older_blocks = slot->older_blocks,
        .arrived = work->task == BLOCK_IMAGE && work->hop == HOP_ARRIVAL,
        .read = work->read,
        .copy = work->copy,
        .packed = work->packed,
    };
}

static void keep_packed(struct imaging *imaging, const struct imaging_slot *slot)
{
    unsigned place = (imaging->arena_oldest + imaging->arena_count) % IMAGING_ARENA;

    imaging->arena[place] = (struct arena_entry){
        .packed = slot->work.packed,
        .drive = slot->drive,
        .lba = slot->lba,
        .blocks = slot->blocks,
    };
    imaging->arena_count++;
}

/* Assay's own journal is on it: it may well have changed. */
static bool is_own(const struct block_device *device, const struct imaging_slot *slot)
{
    return slot->lba < device->own_first + device->own_blocks &&
           device->own_first < slot->lba + slot->blocks;
}

/* The block is sound in itself. Is it what was read the first time? */
static void compare_readings(struct imaging *imaging, const struct imaging_slot *slot)
{
    const struct block_job *work = &slot->work;
    struct difference_evidence evidence = evidence_of(imaging, slot);

    if (slot->piece)
        *slot->piece = (struct tour_piece){
            .hash = work->hash,
            .address = work->read->address,
            .processor = work->job.processor,
            .state = PIECE_KNOWN,
        };
    if (!slot->second || hash_equal(work->hash, slot->first.hash) ||
        is_own(evidence.device, slot)) {
        pool_give(work->read);
        return;
    }
    evidence.hop = HOP_SECOND_READ;
    evidence.first = slot->first;
    evidence.copy = NULL;
    evidence.packed.chunk = NULL;
    imaging_examine(imaging, slot->drive, &evidence);
}

static void finish_image(struct imaging *imaging, const struct imaging_slot *slot)
{
    const struct block_job *work = &slot->work;

    imaging->packed_bytes += work->size;
    if (work->mismatch) {
        struct difference_evidence evidence = evidence_of(imaging, slot);

        if (slot->piece)
            slot->piece->state = PIECE_UNKNOWN;
        imaging_examine(imaging, slot->drive, &evidence);
        return;
    }
    pool_give(work->copy);
    keep_packed(imaging, slot);
    compare_readings(imaging, slot);
}

static void finish_verify(struct imaging *imaging, const struct imaging_slot *slot)
{
    if (slot->work.mismatch) {
        struct difference_evidence evidence = evidence_of(imaging, slot);

        imaging_examine(imaging, slot->drive, &evidence);
    } else {
        imaging_give_buffers(&slot->work);
    }
}

static void finish(struct imaging *imaging, struct imaging_slot *slot)
{
    slot->state = SLOT_FREE;
    if (slot->experiment)
        experiment_job_done(slot->experiment, &imaging->tools, &slot->work);
    else if (slot->work.task == BLOCK_IMAGE)
        finish_image(imaging, slot);
    else
        finish_verify(imaging, slot);
}

static void report_dead(struct imaging *imaging, unsigned processor)
{
    for (unsigned i = 0; i < imaging->dead_count; i++) {
        if (imaging->dead[i] == processor)
            return;
    }
    if (imaging->dead_count == IMAGING_DEAD)
        return;
    imaging->dead[imaging->dead_count++] = (uint16_t)processor;
    emit_not_tested(imaging->config.sink, "processor", PART_ALL_PROCESSORS, false,
                    "processor %u stopped answering", processor);
}

/* Nobody waits for the job any more; should it be done all the same, its chunks are given back
 * then, and not before. */
static void lose(struct imaging *imaging, struct imaging_slot *slot)
{
    unsigned processor;

    if (!block_job_withdraw(&slot->work) && block_job_taken(&slot->work, &processor))
        report_dead(imaging, processor);
    emit_note(imaging->config.sink, SEVERITY_WARNING,
              "A job was given up after %u s, with its buffers: blocks %llu to %llu of disk %u.",
              IMAGING_PATIENCE_US / 1000000, (unsigned long long)slot->lba,
              (unsigned long long)(slot->lba + slot->blocks - 1),
              imaging->drives[slot->drive].device->part);
    slot->state = SLOT_LOST;
    if (slot->piece)
        slot->piece->state = PIECE_UNKNOWN;
    slot->piece = NULL;
    if (slot->experiment)
        experiment_job_lost(slot->experiment, &imaging->tools);
}

static bool reap_slot(struct imaging *imaging, struct imaging_slot *slot)
{
    bool late = imaging->time_us - slot->since_us > IMAGING_PATIENCE_US;

    if (slot->state == SLOT_READY)
        submit(imaging, slot);
    if (slot->state == SLOT_OUT && job_is_done(&slot->work.job)) {
        finish(imaging, slot);
        return true;
    }
    if (slot->state == SLOT_LOST && job_is_done(&slot->work.job)) {
        imaging_give_buffers(&slot->work);
        slot->state = SLOT_FREE;
        return true;
    }
    if (late && (slot->state == SLOT_OUT || slot->state == SLOT_READY)) {
        lose(imaging, slot);
        return true;
    }
    return false;
}

bool imaging_reap(struct imaging *imaging)
{
    bool any = false;

    for (unsigned i = 0; i < imaging->slot_count; i++)
        any |= reap_slot(imaging, &imaging->slots[i]);
    return any;
}

bool imaging_verify_oldest(struct imaging *imaging)
{
    struct arena_entry *entry = &imaging->arena[imaging->arena_oldest];
    struct imaging_slot *slot;
    struct chunk *chunk;

    if (imaging->arena_count == 0)
        return false;
    slot = imaging_slot_find(imaging, BLOCK_VERIFY);
    chunk = slot ? pool_take(imaging->config.pool) : NULL;
    if (!chunk)
        return false;
    slot->drive = entry->drive;
    slot->lba = entry->lba;
    slot->blocks = entry->blocks;
    slot->work.size = entry->packed.block_size;
    slot->work.packed = entry->packed;
    slot->work.read = chunk;
    imaging->arena_oldest = (imaging->arena_oldest + 1) % IMAGING_ARENA;
    imaging->arena_count--;
    imaging_slot_start(imaging, slot);
    return true;
}

void imaging_drop_arena(struct imaging *imaging)
{
    for (; imaging->arena_count > 0; imaging->arena_count--) {
        pool_give(imaging->arena[imaging->arena_oldest].packed.chunk);
        imaging->arena_oldest = (imaging->arena_oldest + 1) % IMAGING_ARENA;
    }
}
