/* Admin commands of the model. */
#include <string.h>

#include "base/prng.h"
#include "tests/sim/nvme_model_parts.h"

enum { INVALID_OPCODE = 0x001, INVALID_FIELD = 0x002, INVALID_NAMESPACE = 0x00B };

static void put_le(uint8_t *page, size_t offset, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        page[offset + i] = (uint8_t)(value >> 8 * i);
}

static void controller_page(const struct nvme_model *model, uint8_t *page)
{
    put_le(page, 0, 2, 0x1B36);
    memcpy(page + 4, "MODEL-1             ", 20);
    memcpy(page + 24, "MODELLED NVME DISK                      ", 40);
    page[77] = model->mdts;
    put_le(page, 128, 2, model->retry_delay);
    put_le(page, 256, 2, model->self_tests ? 1 << 4 : 0);
    page[262] = model->error_entries;
    page[512] = 0x66;
    page[513] = 0x44;
    put_le(page, 516, 4, model->namespace_number);
    page[525] = model->write_cache;
}

static void namespace_page(const struct model_namespace *space, uint8_t *page)
{
    unsigned power = space->block_size_power ? space->block_size_power
                                             : (unsigned)__builtin_ctz(space->block_size);

    put_le(page, 0, 8, space->blocks);
    put_le(page, 8, 8, space->blocks);
    page[25] = space->format > 15 ? 63 : 15;
    page[26] = (uint8_t)((space->format & 0xF) | (space->format >> 4) << 5);
    for (unsigned i = 0; i < 64; i++)
        put_le(page, 128 + 4ul * i, 4, 9 << 16 | 8); /* the others have metadata */
    put_le(page, 128 + 4ul * space->format, 4, power << 16 | space->metadata);
}

static void list_page(const struct nvme_model *model, uint32_t after, uint8_t *page)
{
    size_t count = 0;

    for (unsigned i = 0; i < model->namespace_count; i++) {
        if (model->namespaces[i].nsid > after)
            put_le(page, 4 * count++, 4, model->namespaces[i].nsid);
    }
}

static uint16_t identify(struct nvme_model *model, const uint32_t *entry)
{
    uint8_t page[MODEL_PAGE] = {0};
    const struct model_namespace *space = model_find(model, entry[1]);
    uint8_t cns = (uint8_t)entry[10];
    uint64_t random = model->seed;

    if (model->fault == NVME_IDENTIFY_FAILS)
        return 0x006;
    if (cns > 2 || (cns == 2 && model->no_list))
        return INVALID_FIELD;
    if (cns == 0 && (entry[1] == 0 || entry[1] > model->namespace_number))
        return INVALID_NAMESPACE;
    if (cns == 0 && space != NULL)
        namespace_page(space, page);
    else if (cns == 1)
        controller_page(model, page);
    else if (cns == 2)
        list_page(model, entry[1], page);
    for (size_t i = 0; i < MODEL_PAGE && model->fault == NVME_IDENTIFY_GARBAGE; i++)
        page[i] = (uint8_t)prng_next(&random);
    if (model->fault != NVME_IDENTIFY_EMPTY)
        model_give(model, entry, page, MODEL_PAGE);
    return 0;
}

static uint16_t get_log(struct nvme_model *model, const uint32_t *entry)
{
    uint8_t page[MODEL_PAGE] = {0};
    uint8_t which = (uint8_t)entry[10];
    size_t size = ((size_t)(entry[10] >> 16) + 1) * 4;
    size_t most = which == 1   ? (model->error_entries + 1u) * 64
                  : which == 2 ? 512
                  : which == 6 ? 564
                               : 0;

    if (size > MODEL_PAGE || entry[1] != UINT32_MAX)
        model_violation(model, "log %u of %zu bytes, namespace %x", which, size, entry[1]);
    if (most == 0 || (which == 6 && !model->self_tests))
        return 0x109;
    if (size > most)
        return INVALID_FIELD;
    page[0] = which; /* enough to know it by */
    page[size - 1] = 0xEE;
    model_give(model, entry, page, size);
    return 0;
}

/* Both kinds: 1 creates the submission queue, 5 the completion queue. */
static uint16_t create_queue(struct nvme_model *model, const uint32_t *entry, bool completions)
{
    struct model_queue *queue = &model->queues[1];
    uint32_t size = (entry[10] >> 16) + 1;

    if ((entry[10] & 0xFFFF) != 1)
        return 0x101;
    if (size < 2 || size > model->mqes + 1u)
        return 0x102;
    if (!(entry[11] & 1) || model_get64(entry, 6) % MODEL_PAGE != 0)
        return INVALID_FIELD;
    if (completions && model->fault == NVME_QUEUES_REFUSED)
        return 0x106;
    if (!completions && (!queue->completions || entry[11] >> 16 != 1))
        return 0x100;
    if (completions) {
        *queue = (struct model_queue){
            .completions = model_get64(entry, 6), .completion_entries = size, .phase = true};
    } else {
        queue->submissions = model_get64(entry, 6);
        queue->entries = size;
    }
    return 0;
}

static uint16_t delete_queue(struct nvme_model *model, const uint32_t *entry, bool completions)
{
    struct model_queue *queue = &model->queues[1];

    if ((entry[10] & 0xFFFF) != 1 || !queue->completions || !completions == !queue->submissions)
        return 0x101;
    if (completions)
        *queue = (struct model_queue){.submissions = 0};
    else
        queue->submissions = 0;
    return 0;
}

uint16_t model_admin(struct nvme_model *model, const uint32_t *entry, uint32_t *ret_value)
{
    switch ((uint8_t)entry[0]) {
    case 0x00:
    case 0x04:
        return delete_queue(model, entry, (uint8_t)entry[0] == 0x04);
    case 0x01:
    case 0x05:
        return create_queue(model, entry, (uint8_t)entry[0] == 0x05);
    case 0x02:
        return get_log(model, entry);
    case 0x06:
        return identify(model, entry);
    case 0x09:
        *ret_value = 0;
        return entry[10] == 7 ? 0 : INVALID_FIELD;
    case 0x14:
        model->self_test = (uint8_t)(entry[10] & 0xF);
        return model->self_test_running && model->self_test != 0xF ? 0x11D : 0;
    default:
        return INVALID_OPCODE;
    }
}
