/* Memory as the model's device sees it. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/sim/nvme_model_parts.h"

static struct model_region *lend(struct nvme_model *model, uint8_t *host, size_t size,
                                 size_t offset)
{
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        struct model_region *region = &model->regions[i];

        if (region->used)
            continue;
        *region = (struct model_region){
            .host = host,
            .size = size,
            .address = model->next_address + offset,
            .used = true,
        };
        model->next_address += ((size + offset) / MODEL_PAGE + 3) * MODEL_PAGE;
        return region;
    }
    return NULL;
}

static int allocate(void *context, size_t size, struct dma_memory *ret_memory)
{
    struct nvme_model *model = context;
    void *data = aligned_alloc(MODEL_PAGE, (size + MODEL_PAGE - 1) / MODEL_PAGE * MODEL_PAGE);
    struct model_region *region = data ? lend(model, data, size, 0) : NULL;

    if (region == NULL) {
        free(data);
        return ERR_FULL;
    }
    memset(data, 0, size);
    *ret_memory = (struct dma_memory){
        .data = data, .address = region->address, .size = size, .handle = region};
    return OK;
}

/* Memory of queues may go only when the device can not write to it. */
static void release(void *context, struct dma_memory *memory)
{
    struct nvme_model *model = context;
    struct model_region *region = memory->handle;

    if (!region->used || region->mapping)
        model_violation(model, "released memory that was not allocated");
    if (model->master && model->csts & CSTS_RDY && !model->gone)
        model_violation(model, "released memory of a working controller");
    region->used = false;
    free(region->host);
}

static unsigned mapped(const struct nvme_model *model)
{
    unsigned count = 0;

    for (unsigned i = 0; i < MODEL_REGIONS; i++)
        count += model->regions[i].used && model->regions[i].mapping;
    return count;
}

static int map(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping)
{
    struct nvme_model *model = context;
    uint8_t *host = buffer;
    struct model_region *region;

    if (model->maps_max != 0 && mapped(model) >= model->maps_max)
        return ERR_FULL;
    if (model->bounce) {
        host = malloc(size);
        memset(host, 0x5A, size);
        if (direction == DMA_TO_DEVICE)
            memcpy(host, buffer, size);
    }
    region = lend(model, host, size, (uintptr_t)buffer % MODEL_PAGE);
    if (region == NULL)
        return ERR_FULL;
    region->mapping = true;
    region->to_device = direction == DMA_TO_DEVICE;
    region->buffer = model->bounce ? buffer : NULL;
    *ret_mapping = (struct dma_mapping){
        .address = region->address, .bounced = model->bounce, .handle = region};
    return OK;
}

static void unmap(void *context, struct dma_mapping *mapping)
{
    struct nvme_model *model = context;
    struct model_region *region = mapping->handle;

    if (!region->used || !region->mapping)
        model_violation(model, "unmapped what was not mapped");
    else if (model_uses(model, region))
        model_violation(model, "unmapped while a command uses it");
    if (region->buffer != NULL) {
        if (!region->to_device)
            memcpy(region->buffer, region->host, region->size);
        free(region->host);
    }
    region->used = false;
}

void model_memory_seam(struct nvme_model *model)
{
    model->bus.allocate = allocate;
    model->bus.release = release;
    model->bus.map = map;
    model->bus.unmap = unmap;
}

uint8_t *model_reach(struct nvme_model *model, uint64_t address, size_t size, bool writes)
{
    if (!model->master || model->gone) {
        model->blocked++;
        return NULL;
    }
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        const struct model_region *region = &model->regions[i];

        if (!region->used || address < region->address || size > region->size ||
            address - region->address > region->size - size)
            continue;
        if (region->mapping && region->to_device == writes)
            model_violation(model, "DMA against the direction of the mapping");
        return region->host + (address - region->address);
    }
    model->blocked++;
    if (model->fault != NVME_COMPLETION_SWAPPED)
        model_violation(model, "DMA of %zu bytes at %llx, which is not lent", size,
                        (unsigned long long)address);
    return NULL;
}
