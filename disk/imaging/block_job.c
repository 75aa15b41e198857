#include "disk/imaging/block_job.h"

#include <string.h>

#include "base/error.h"

enum { HOLDER_NONE = 0, HOLDER_WITHDRAWN = 0xFFFFFFFF }; /* else the processor's number plus one */

struct hash block_hash_plain(const void *data, size_t size, unsigned processor)
{
    (void)processor;
    return hash_block(data, size);
}

/*
 * Two buffers gave two hashes. If their bytes are equal all the same, the computation is at fault
 * when it fails again on this processor; else one of the two changed after it was hashed.
 */
static bool computed_wrong(const struct block_job *job, const void *a, const void *b,
                           unsigned processor)
{
    if (memcmp(a, b, job->size) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        if (!hash_equal(job->hash_with(a, job->size, processor),
                        job->hash_with(b, job->size, processor)))
            return true;
    }
    return false;
}

static void found(struct block_job *job, enum hop hop)
{
    job->mismatch = true;
    job->hop = (uint8_t)hop;
}

static void run_image(struct block_job *job, unsigned processor)
{
    void *read = job->read->data, *copy = job->copy->data;
    struct packed_block *packed = &job->packed;

    job->hash = job->hash_with(read, job->size, processor);
    memcpy(copy, read, job->size);
    if (!hash_equal(job->hash_with(copy, job->size, processor), job->hash)) {
        job->compute = computed_wrong(job, read, copy, processor);
        found(job, memcmp(read, copy, job->size) == 0 ? HOP_ARRIVAL : HOP_COPY);
        return;
    }
    packed->block_size = job->size;
    packed->block_hash = job->hash;
    packed->size = pack_block(&job->pack, copy, job->size, packed->chunk->data, &packed->raw);
    packed->hash = job->hash_with(packed->chunk->data, packed->size, processor);
    if (unpack_block(packed->chunk->data, packed->size, packed->raw, read, job->size) != OK ||
        !hash_equal(job->hash_with(read, job->size, processor), job->hash)) {
        job->compute = computed_wrong(job, read, copy, processor);
        found(job, HOP_ROUND_TRIP);
    }
}

static void run_verify(struct block_job *job, unsigned processor)
{
    const struct packed_block *packed = &job->packed;
    void *data = packed->chunk->data;

    job->packed_form = !hash_equal(job->hash_with(data, packed->size, processor), packed->hash);
    if (job->packed_form ||
        unpack_block(data, packed->size, packed->raw, job->read->data, job->size) != OK ||
        !hash_equal(job->hash_with(job->read->data, job->size, processor), packed->block_hash))
        found(job, HOP_ARENA);
}

static void run_block_job(struct job *base, unsigned processor)
{
    struct block_job *job = (struct block_job *)base;
    uint32_t nobody = HOLDER_NONE;

    if (!atomic_compare_exchange_strong(&job->holder, &nobody, processor + 1))
        return;
    switch (job->task) {
    case BLOCK_IMAGE:
        run_image(job, processor);
        break;
    case BLOCK_VERIFY:
        run_verify(job, processor);
        break;
    case BLOCK_HASH:
        job->hash = job->hash_with(job->read->data, job->size, processor);
        break;
    case BLOCK_PAGE:
        job->repeat = (uint8_t)job->test_page(job->page, job->page_address);
        break;
    }
}

void block_job_init(struct block_job *job, enum block_task task, block_hash *hash_with)
{
    job->job.run = run_block_job;
    job->job.processor = 0;
    atomic_init(&job->job.done, false);
    atomic_init(&job->holder, HOLDER_NONE);
    job->task = (uint8_t)task;
    job->hash_with = hash_with;
    job->size = 0;
    job->read = NULL;
    job->copy = NULL;
    job->packed = (struct packed_block){.chunk = NULL};
    job->page = NULL;
    job->mismatch = false;
    job->hop = HOP_ARRIVAL;
    job->compute = false;
    job->packed_form = false;
    job->repeat = REPEAT_NOT_TRIED;
}

bool block_job_taken(struct block_job *job, unsigned *ret_processor)
{
    uint32_t holder = atomic_load(&job->holder);

    if (holder == HOLDER_NONE || holder == HOLDER_WITHDRAWN)
        return false;
    *ret_processor = holder - 1;
    return true;
}

bool block_job_withdraw(struct block_job *job)
{
    uint32_t nobody = HOLDER_NONE;

    return atomic_compare_exchange_strong(&job->holder, &nobody, HOLDER_WITHDRAWN);
}

bool block_job_withdrawn(struct block_job *job)
{
    return atomic_load(&job->holder) == HOLDER_WITHDRAWN;
}
