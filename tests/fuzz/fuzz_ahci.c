/*
 * The AHCI driver at a controller that lies. Registers and FISes are those of a drive that works,
 * until the bytes say otherwise: then a register reads as four of them, or they are written to
 * where the controller may write. Whatever comes, the driver is to end in bounded time, with all
 * requests ended and all memory given back.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/ahci/ahci.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PORTS = 2,
    REGIONS = 64,
    LIES = 0xC8, /* bytes from here on */
    ACCESSES_MAX = 60 * 1000 * 1000,
    US_PER_ACCESS = 50,
    REQUESTS = 4,
    BLOCKS = 8,
    LIST_SIZE = 8192, /* and FISes, and most tables */
    POLLS_MAX = 4 * 1000 * 1000,
};

struct region {
    uint8_t *data;
    size_t size;
};

struct hostile {
    const uint8_t *data;
    size_t left;
    uint64_t now_us, accesses;
    uint32_t registers[PORTS][32];
    uint32_t ghc;
    struct region regions[REGIONS]; /* at address (index + 1) << 24 */
    bool narrow;                    /* 28 bits, no queue */
};

static uint8_t next(struct hostile *hostile)
{
    if (hostile->left == 0)
        return 0;
    hostile->left--;
    return *hostile->data++;
}

static uint32_t next32(struct hostile *hostile)
{
    uint32_t value = next(hostile);

    for (unsigned i = 1; i < 4; i++)
        value = value << 8 | next(hostile);
    return value;
}

static uint8_t *memory(struct hostile *hostile, uint64_t address, size_t size)
{
    uint64_t index = (address >> 24) - 1, offset = address & 0xFFFFFF;

    if (index >= REGIONS || hostile->regions[index].data == NULL ||
        offset > hostile->regions[index].size || size > hostile->regions[index].size - offset)
        return NULL;
    return hostile->regions[index].data + offset;
}

static void make_identity(struct hostile *hostile, uint8_t *page)
{
    memset(page, 0, 512);
    memcpy(page + 20, "1234567890          1.0     UFZZ   DIRKV                          ", 66);
    page[60 * 2 + 1] = 0x40;
    if (hostile->narrow)
        return;
    page[75 * 2] = 31;
    page[76 * 2] = 0x0E;
    page[76 * 2 + 1] = 0x01;
    page[83 * 2 + 1] = 0x44;
    page[100 * 2 + 2] = 0x10;
}

/* What a command brings: a good page, a page of the fuzzer's, or nothing; and FISes likewise. */
static void answer(struct hostile *hostile, uint32_t *port)
{
    uint8_t *own = memory(hostile, port[0], LIST_SIZE);
    uint8_t how = next(hostile);

    if (own == NULL)
        return;
    /* The place of the driver's own data, as its command table says. */
    if (how < LIES) {
        uint32_t table, at;
        uint8_t *fis, *page;

        memcpy(&table, own + 8, 4);
        fis = memory(hostile, table, 144);
        if (fis == NULL)
            return;
        memcpy(&at, fis + 128, 4);
        page = memory(hostile, at, 512);
        if (page != NULL && fis[0] == 0x27 && (fis[2] == 0xEC || fis[2] == 0x2F))
            make_identity(hostile, page);
        own[1024 + 0x40] = 0x34;
        return;
    }
    for (unsigned i = how & 0x1F; i > 0; i--) {
        size_t at = next32(hostile) % LIST_SIZE;

        own[at] = next(hostile);
    }
}

static uint32_t honest(const struct hostile *hostile, uint32_t offset)
{
    switch (offset) {
    case 0x00:
        return 0xC0301F00 | (PORTS - 1);
    case 0x04:
        return hostile->ghc;
    case 0x0C:
        return (1 << PORTS) - 1;
    default:
        break;
    }
    if (offset < 0x100 || offset >= 0x100 + PORTS * 0x80)
        return 0;
    switch (offset % 0x80) {
    case 0x20:
        return 0x50;
    case 0x24:
        return 0x101;
    case 0x28:
        return 0x133;
    case 0x10:
    case 0x30:
        return 0;
    default:
        return hostile->registers[(offset - 0x100) / 0x80][offset % 0x80 / 4];
    }
}

static void spend(struct hostile *hostile)
{
    hostile->now_us += US_PER_ACCESS;
    if (hostile->accesses++ > ACCESSES_MAX)
        abort();
}

static uint32_t read32(void *context, uint32_t offset)
{
    struct hostile *hostile = context;

    spend(hostile);
    return next(hostile) >= LIES ? next32(hostile) : honest(hostile, offset);
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
    struct hostile *hostile = context;
    uint32_t *port;

    spend(hostile);
    if (offset == 0x04)
        hostile->ghc = value & ~1u;
    if (offset < 0x100 || offset >= 0x100 + PORTS * 0x80)
        return;
    port = hostile->registers[(offset - 0x100) / 0x80];
    if (offset % 0x80 == 0x38 || offset % 0x80 == 0x34) {
        if (offset % 0x80 == 0x38)
            answer(hostile, port);
        /* A lie keeps the command for good. */
        port[offset % 0x80 / 4] = next(hostile) >= LIES ? value : 0;
        return;
    }
    if (offset % 0x80 == 0x18)
        value = (value & ~0xC000u) | (value & 1) << 15 | (value & 0x10) << 10;
    port[offset % 0x80 / 4] = value;
}

static uint32_t config32(void *context, enum bus_end end, uint32_t offset)
{
    (void)context;
    (void)end;
    (void)offset;
    return UINT32_MAX;
}

static int master(void *context, bool on)
{
    (void)context;
    (void)on;
    return OK;
}

static int find_region(struct hostile *hostile, uint8_t *data, size_t size, uint64_t *ret_address)
{
    for (unsigned i = 0; i < REGIONS; i++) {
        if (hostile->regions[i].data == NULL) {
            hostile->regions[i] = (struct region){data, size};
            *ret_address = (uint64_t)(i + 1) << 24;
            return OK;
        }
    }
    return ERR_FULL;
}

static int allocate(void *context, size_t size, struct dma_memory *ret_memory)
{
    uint8_t *data = calloc(1, size);
    uint64_t address = 0;
    int error = find_region(context, data, size, &address);

    if (error != OK)
        abort();
    *ret_memory = (struct dma_memory){data, address, size, NULL};
    return OK;
}

static void forget(struct hostile *hostile, uint64_t address)
{
    uint64_t index = (address >> 24) - 1;

    if (index >= REGIONS || hostile->regions[index].data == NULL)
        abort();
    hostile->regions[index].data = NULL;
}

static void release(void *context, struct dma_memory *dma)
{
    forget(context, dma->address);
    free(dma->data);
}

static int map(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping)
{
    (void)direction;
    ret_mapping->handle = NULL;
    return find_region(context, buffer, size, &ret_mapping->address);
}

static void unmap(void *context, struct dma_mapping *mapping)
{
    forget(context, mapping->address);
}

static uint64_t now_us(void *context)
{
    return ((struct hostile *)context)->now_us;
}

static void wait_us(void *context, uint32_t duration_us)
{
    ((struct hostile *)context)->now_us += (uint64_t)duration_us * 4;
}

static void use(struct block_device *device)
{
    static uint8_t buffers[REQUESTS + 1][BLOCKS * 4096];
    struct block_request requests[REQUESTS];
    struct drive_status status;
    struct drive_link link;
    uint8_t page[512];
    unsigned polls = 0;

    for (unsigned i = 0; i < REQUESTS; i++) {
        requests[i] = (struct block_request){
            .operation = i == 3 ? REQUEST_WRITE : REQUEST_READ,
            .lba = i * 64,
            .blocks = BLOCKS,
            .buffer = buffers[i],
        };
        if (device->submit(device->context, &requests[i]) != OK)
            requests[i].done = true;
    }
    (void)device->page(device->context, PAGE_SMART_STATUS, page, 2);
    for (unsigned i = 0; i < REQUESTS; i++) {
        while (!requests[i].done && polls++ < POLLS_MAX)
            device->poll(device->context);
        if (!requests[i].done)
            abort();
    }
    (void)device->read(device->context, 5, BLOCKS, buffers[REQUESTS]);
    (void)device->ask(device->context, 5, BLOCKS, buffers[REQUESTS], &status);
    (void)device->page(device->context, PAGE_ERRORS, page, sizeof(page));
    (void)device->flush(device->context);
    (void)device->link(device->context, &link);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ahci_controller controller;
    static struct hostile hostile;
    struct bus bus = {&hostile, read32, write32, config32, master, allocate, release, map, unmap};
    struct clock clock = {&hostile, now_us, wait_us};
    struct ahci_config config = {.bus = &bus, .clock = &clock, .timeout_us = 100000};

    if (size == 0)
        return 0;
    memset(&hostile, 0, sizeof(hostile));
    hostile.data = data + 1;
    hostile.left = size - 1;
    hostile.narrow = data[0] & 1;
    if (ahci_start(&controller, &config) == OK) {
        for (unsigned i = 0; i < ahci_device_count(&controller) && i < PORTS; i++) {
            ahci_allow_writes(&controller, i);
            use(ahci_device(&controller, i));
        }
        ahci_stop(&controller);
    }
    for (unsigned i = 0; i < REGIONS; i++) {
        if (hostile.regions[i].data != NULL)
            abort();
    }
    return 0;
}
