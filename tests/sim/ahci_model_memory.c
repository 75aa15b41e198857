/*
 * The model's memory: what the controller may reach, where it sees it, and until when.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "tests/sim/ahci_model.h"

enum { PAGE = 4096, CR = 1 << 15, FR = 1 << 14 };

#define HIGH UINT64_C(0x100000000)

void ahci_model_violation(struct ahci_model *model, const char *text)
{
    if (model->violations++ == 0)
        model->violation = text;
}

uint8_t *ahci_model_memory(struct ahci_model *model, uint64_t address, size_t size, bool write)
{
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        struct model_region *region = &model->regions[i];

        if (!region->live || address < region->address ||
            address - region->address > region->size ||
            size > region->size - (address - region->address))
            continue;
        if (write && !region->writable)
            ahci_model_violation(model, "DMA into a buffer lent for reading");
        return region->data + (address - region->address);
    }
    ahci_model_violation(model, "DMA outside of the memory that was lent");
    return NULL;
}

/* Whether a port that runs can still reach a region. */
static bool is_in_use(const struct ahci_model *model, const struct model_region *region)
{
    for (unsigned i = 0; i < MODEL_PORTS; i++) {
        const struct model_port *port = &model->ports[i];
        uint64_t clb = port->clb[0] | (uint64_t)port->clb[1] << 32;

        if (!model->master || model->vanished)
            continue;
        if (port->cmd & (CR | FR) && clb >= region->address && clb < region->address + region->size)
            return true;
        for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
            const struct model_command *command = &port->commands[slot];

            if (command->active && port->cmd & CR && command->size != 0 &&
                command->address >= region->address &&
                command->address < region->address + region->size)
                return true;
        }
    }
    return false;
}

static struct model_region *new_region(struct ahci_model *model, size_t size)
{
    for (unsigned i = 0; i < MODEL_REGIONS; i++) {
        struct model_region *region = &model->regions[i];

        if (region->live)
            continue;
        *region = (struct model_region){.live = true, .writable = true, .size = size};
        region->data = aligned_alloc(PAGE, (size + PAGE - 1) / PAGE * PAGE);
        memset(region->data, 0, size);
        region->address = model->next_address;
        if (region->address == 0)
            region->address = model->wide || model->memory_high ? 5 * HIGH : 0x10000000;
        model->next_address = region->address + (size + PAGE - 1) / PAGE * PAGE + 16 * PAGE;
        if (!model->wide && !model->memory_high && model->next_address > HIGH / 2)
            model->next_address = 0x10000000; /* what was there is long gone */
        return region;
    }
    return NULL;
}

static void free_region(struct ahci_model *model, struct model_region *region)
{
    if (!region->live) {
        ahci_model_violation(model, "memory given back twice");
        return;
    }
    if (is_in_use(model, region))
        ahci_model_violation(model, "memory taken back while the controller may use it");
    region->live = false;
    free(region->data);
}

static int allocate(void *context, size_t size, struct dma_memory *ret_memory)
{
    struct model_region *region = new_region(context, size);

    if (region == NULL)
        return ERR_FULL;
    *ret_memory = (struct dma_memory){region->data, region->address, size, region};
    return OK;
}

static void release(void *context, struct dma_memory *memory)
{
    free_region(context, memory->handle);
}

static int map(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping)
{
    struct ahci_model *model = context;
    struct model_region *region;

    if (model->fail_maps != 0) {
        model->fail_maps--;
        return ERR_FULL;
    }
    region = new_region(model, size);
    if (region == NULL)
        return ERR_FULL;
    region->mapped = true;
    region->writable = direction == DMA_FROM_DEVICE;
    region->original = buffer;
    memcpy(region->data, buffer, size);
    *ret_mapping = (struct dma_mapping){region->address, model->bounce, region};
    return OK;
}

static void unmap(void *context, struct dma_mapping *mapping)
{
    struct model_region *region = mapping->handle;

    if (region->live && region->writable)
        memcpy(region->original, region->data, region->size);
    free_region(context, region);
}

void ahci_model_lend(struct ahci_model *model)
{
    model->bus.allocate = allocate;
    model->bus.release = release;
    model->bus.map = map;
    model->bus.unmap = unmap;
}
