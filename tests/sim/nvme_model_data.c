/* The blocks of the model, and their way to and from the host's memory. */
#include <string.h>

#include "base/prng.h"
#include "tests/sim/nvme_model_parts.h"

static uint8_t data[MODEL_DATA_MAX];

static bool add_page(struct nvme_model *model, uint64_t address, size_t *left, unsigned count,
                     uint64_t *addresses, uint32_t *sizes)
{
    size_t room = MODEL_PAGE - address % MODEL_PAGE;

    if (count >= MODEL_QUEUE_PAGES || (count > 0 && address % MODEL_PAGE != 0) || address % 4) {
        model_violation(model, "PRP entry %u is %llx", count, (unsigned long long)address);
        return false;
    }
    addresses[count] = address;
    sizes[count] = (uint32_t)(*left < room ? *left : room);
    *left -= sizes[count];
    return true;
}

/* The pages that `size` bytes of a command touch; fewer with a violation. */
static unsigned find_pages(struct nvme_model *model, const uint32_t *entry, size_t size,
                           uint64_t *addresses, uint32_t *sizes)
{
    uint64_t second = model_get64(entry, 8);
    size_t left = size;
    unsigned count = 0;

    if (size == 0 || !add_page(model, model_get64(entry, 6), &left, count, addresses, sizes))
        return 0;
    count++;
    if (left > 0 && left <= MODEL_PAGE)
        return add_page(model, second, &left, count, addresses, sizes) ? 2 : 1;
    while (left > 0) {
        const uint8_t *at = model_reach(model, second + 8 * (count - 1), 8, false);
        uint64_t address;

        if (at == NULL)
            return count;
        memcpy(&address, at, 8);
        if (!add_page(model, address, &left, count, addresses, sizes))
            return count;
        count++;
    }
    return count;
}

/* Copies between data[] and the host's pages: the first `size` bytes of a command of `whole`. */
static void transfer(struct nvme_model *model, const uint32_t *entry, uint8_t *bytes, size_t whole,
                     size_t size, bool to_host)
{
    static uint64_t addresses[MODEL_QUEUE_PAGES];
    static uint32_t sizes[MODEL_QUEUE_PAGES];
    unsigned count = find_pages(model, entry, whole, addresses, sizes);
    size_t done = 0;

    for (unsigned i = 0; i < count && done < size; i++) {
        size_t piece = sizes[i] < size - done ? sizes[i] : size - done;
        uint8_t *host = model_reach(model, addresses[i], piece, to_host);

        if (host != NULL)
            memcpy(to_host ? host : bytes + done, to_host ? bytes + done : host, piece);
        done += piece;
    }
}

void model_give(struct nvme_model *model, const uint32_t *entry, const uint8_t *bytes, size_t size)
{
    transfer(model, entry, (uint8_t *)(uintptr_t)bytes, size, size, true);
}

const struct model_namespace *model_find(const struct nvme_model *model, uint32_t nsid)
{
    for (unsigned i = 0; i < model->namespace_count; i++) {
        if (model->namespaces[i].nsid == nsid)
            return &model->namespaces[i];
    }
    return NULL;
}

static struct model_block *find_written(struct nvme_model *model, uint32_t nsid, uint64_t lba)
{
    for (unsigned i = 0; i < model->overlay_count; i++) {
        if (model->overlay[i].nsid == nsid && model->overlay[i].lba == lba)
            return &model->overlay[i];
    }
    return NULL;
}

static void fill(uint64_t seed, uint32_t nsid, uint64_t lba, uint8_t *block, uint32_t size)
{
    uint64_t state = mix64(seed + nsid) ^ mix64(lba + 1);

    for (uint32_t at = 0; at < size; at += 8) {
        uint64_t word = prng_next(&state);

        memcpy(block + at, &word, sizeof(word));
    }
}

void nvme_model_content(const struct nvme_model *model, uint32_t nsid, uint64_t lba, void *buffer)
{
    fill(model->seed, nsid, lba, buffer, model_find(model, nsid)->block_size);
}

static void load_block(struct nvme_model *model, const struct model_namespace *space, uint64_t lba,
                       uint8_t *block, bool met)
{
    bool named = met && lba >= model->fault_lba && lba - model->fault_lba < model->fault_blocks;
    const struct model_block *written;

    if (named && model->fault == NVME_STALE_DATA)
        lba = model->last_lba + (lba - model->fault_lba);
    written = find_written(model, space->nsid, lba);
    if (written != NULL)
        memcpy(block, written->data, space->block_size);
    else
        fill(model->seed + (named && model->fault == NVME_BLOCK_DIFFERS), space->nsid, lba, block,
             space->block_size);
    if (named && lba == model->fault_lba && model->fault == NVME_BIT_FLIP)
        block[17] ^= 0x08;
}

static void store_block(struct nvme_model *model, const struct model_namespace *space, uint64_t lba,
                        const uint8_t *block)
{
    struct model_block *written = find_written(model, space->nsid, lba);

    if (written == NULL && model->overlay_count < MODEL_OVERLAY)
        written = &model->overlay[model->overlay_count++];
    if (written == NULL) {
        model_violation(model, "the model keeps no more than %u written blocks", MODEL_OVERLAY);
        return;
    }
    written->nsid = space->nsid;
    written->lba = lba;
    memcpy(written->data, block, space->block_size);
}

void model_move(struct nvme_model *model, const struct model_namespace *space,
                const uint32_t *entry, bool met)
{
    bool reads = (uint8_t)entry[0] == MODEL_READ;
    uint64_t lba = model_get64(entry, 10);
    uint32_t blocks = (entry[12] & 0xFFFF) + 1;
    size_t size = (size_t)blocks * space->block_size, part = size;

    if (met && model->fault == NVME_DMA_HALF)
        part = size / 2;
    if (met && model->fault == NVME_DMA_NONE)
        part = 0;
    if (!reads)
        transfer(model, entry, data, size, part, false);
    for (uint32_t i = 0; i < blocks; i++) {
        if (reads)
            load_block(model, space, lba + i, data + (size_t)i * space->block_size, met);
        else
            store_block(model, space, lba + i, data + (size_t)i * space->block_size);
    }
    if (reads)
        transfer(model, entry, data, size, part, true);
    if (reads)
        model->last_lba = lba;
}
