/*
 * The bus seam: one PCI function as its driver sees it, and memory that both of them see.
 *
 * Registers are those of the function's memory BAR, little-endian, accessed 32 bits at a time and
 * in the order of the calls. A function that left the bus reads as all ones. Memory is seen by the
 * device at its own addresses, which an IOMMU or a bounce buffer makes different from ours.
 */
#ifndef ASSAY_BASE_BUS_H
#define ASSAY_BASE_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Memory for queues and tables: seen by both at any time, zeroed, aligned to 4 KiB. */
struct dma_memory {
    void *data;
    uint64_t address; /* as the device sees it */
    size_t size;
    void *handle; /* the seam's own */
};

enum dma_direction { DMA_FROM_DEVICE, DMA_TO_DEVICE };

/* A buffer lent to the device. What the device wrote is to be seen only after unmap. */
struct dma_mapping {
    uint64_t address; /* as the device sees its first byte; the rest follows on */
    bool bounced;     /* it is not the buffer itself that the device sees */
    void *handle;     /* the seam's own */
};

enum bus_end {
    BUS_FUNCTION, /* the function itself */
    BUS_PORT,     /* the bridge above it */
};

struct bus {
    void *context;
    uint32_t (*read32)(void *context, uint32_t offset);
    void (*write32)(void *context, uint32_t offset, uint32_t value);
    /* A dword of configuration space, all ones where there is none. */
    uint32_t (*config32)(void *context, enum bus_end end, uint32_t offset);
    /* Whether the function may read and write memory by itself. */
    int (*master)(void *context, bool on);
    /* ERR_FULL when there is none. */
    int (*allocate)(void *context, size_t size, struct dma_memory *ret_memory);
    void (*release)(void *context, struct dma_memory *memory);
    /* ERR_FULL when it cannot be mapped now, and whole. */
    int (*map)(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping);
    void (*unmap)(void *context, struct dma_mapping *mapping);
};

static inline uint32_t bus_read32(const struct bus *bus, uint32_t offset)
{
    return bus->read32(bus->context, offset);
}

static inline void bus_write32(const struct bus *bus, uint32_t offset, uint32_t value)
{
    bus->write32(bus->context, offset, value);
}

#endif
