/*
 * The NVMe driver against a hostile controller: bytes of the input decide what its registers read,
 * what stands in its queues and in the pages it gives, and when. It may be anything; the driver
 * must neither leave its memory nor hang, and gives all requests and all memory back.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/nvme/nvme.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    PAGES = 80,
    MAPS = 128,
    REQUESTS = 8,
    BUFFER = 64 * 1024,
    STEPS = 400,
    COMPLETIONS = 3, /* page of the I/O completion queue, as the driver lays its memory out */
};

struct input {
    const uint8_t *data;
    size_t size, at;
    uint64_t now_us;
    uint32_t cc, submission_tail[2], completion_tail[2], phase[2], entries[2];
    uint32_t stride; /* of doorbells, as the driver was last told */
    uint8_t *memory;
    unsigned maps;
    bool master, tame;
};

static uint8_t next(struct input *input)
{
    return input->at < input->size ? input->data[input->at++] : 0;
}

static uint32_t next32(struct input *input)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++)
        value = value << 8 | next(input);
    return value;
}

/* Time goes on by itself, and in leaps where the input says so. */
static uint64_t now_us(void *context)
{
    struct input *input = context;

    return input->now_us += 500;
}

static void wait_us(void *context, uint32_t duration_us)
{
    ((struct input *)context)->now_us += 50ull * duration_us;
}

/* ---- completions */

/* What an admin command gives: bytes of the input over a page that would do. */
static void give_page(struct input *input, const uint32_t *entry)
{
    uint8_t *page = input->memory + 2 * 4096;
    unsigned count = next(input) % 16;

    memset(page, 0, 4096);
    if ((entry[0] & 0xFF) == 6 && (entry[10] & 0xFF) == 1) {
        page[512] = 0x66;
        page[513] = 0x44;
        page[77] = next(input);
        page[516] = 2;
        page[525] = 1;
    } else if ((entry[0] & 0xFF) == 6 && (entry[10] & 0xFF) == 2) {
        page[0] = 1;
        page[4] = 2;
    } else if ((entry[0] & 0xFF) == 6) {
        page[2] = 1;
        page[130] = 9 + (next(input) & 3);
    }
    for (unsigned i = 0; i < count; i++)
        page[next32(input) % 4096] = next(input);
}

/* Puts a completion into a queue: the right one, or what the input has. */
static void complete(struct input *input, unsigned queue, uint16_t identifier)
{
    uint32_t *entry = (uint32_t *)(input->memory + (queue ? COMPLETIONS : 1) * 4096) +
                      (size_t)4 * input->completion_tail[queue];
    uint8_t how = input->tame ? 0 : next(input);
    uint32_t status = how & 1 ? next32(input) & 0x7FFF : 0;

    entry[0] = how & 2 ? next32(input) : 0;
    entry[2] = how & 4 ? next32(input) : queue << 16;
    entry[3] =
        status << 17 | input->phase[queue] << 16 | (how & 8 ? next32(input) & 0xFFFF : identifier);
    if (how & 16)
        entry[3] ^= 1 << 16;
    if (++input->completion_tail[queue] >= input->entries[queue]) {
        input->completion_tail[queue] = 0;
        input->phase[queue] ^= 1;
    }
}

static void ring(struct input *input, unsigned queue, uint32_t tail)
{
    const uint8_t *base = input->memory + (queue ? 4 : 0) * 4096;

    if (tail >= input->entries[queue])
        __builtin_trap();
    while (input->submission_tail[queue] != tail) {
        const uint32_t *entry =
            (const uint32_t *)(base + (size_t)64 * input->submission_tail[queue]);

        if (!queue && (entry[0] & 0xFF) == 1)
            input->entries[1] = (entry[10] >> 16) + 1;
        if (!queue)
            give_page(input, entry);
        if (input->tame || next(input) % 8 != 7)
            complete(input, queue, (uint16_t)(entry[0] >> 16));
        input->submission_tail[queue] = (input->submission_tail[queue] + 1) % input->entries[queue];
    }
}

/* ---- the bus seam */

static void enable(struct input *input)
{
    for (unsigned i = 0; i < 2; i++) {
        input->submission_tail[i] = input->completion_tail[i] = 0;
        input->phase[i] = 1;
    }
    input->entries[0] = 8;
    input->entries[1] = 1;
}

static uint32_t read32(void *context, uint32_t offset)
{
    struct input *input = context;
    uint8_t how = next(input);

    input->now_us += 10;
    if (offset == 0x04) {
        uint32_t value = how >= 0xF0 ? next32(input) : 1 << 5 | (how & 2 ? how >> 4 & 3 : 0);

        input->stride = 4u << (value & 0xF);
        return value;
    }
    if (how >= 0xF0)
        return how == 0xFF ? UINT32_MAX : next32(input);
    switch (offset) {
    case 0x00:
        return (how & 1 ? how : 1023) | 2u << 24;
    case 0x14:
        return input->cc;
    case 0x1C:
        return (input->cc & 1) | (how == 0x80 ? 2 : 0) | (input->cc >> 14 & 1) << 3;
    default:
        return next32(input);
    }
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
    struct input *input = context;

    input->now_us += 10;
    if (offset == 0x14 && value & 1 && !(input->cc & 1))
        enable(input);
    if (offset == 0x14)
        input->cc = value;
    if (offset < 0x1000 || !(input->cc & 1) || input->memory == NULL)
        return;
    if (offset == 0x1000)
        ring(input, 0, value);
    else if (offset == 0x1000 + 2 * input->stride && input->entries[1] > 1)
        ring(input, 1, value);
}

static uint32_t config32(void *context, enum bus_end end, uint32_t offset)
{
    if (offset >= 4096 || offset % 4 != 0 || end > BUS_PORT)
        __builtin_trap();
    return next32(context);
}

static int master(void *context, bool on)
{
    ((struct input *)context)->master = on;
    return OK;
}

static int allocate(void *context, size_t size, struct dma_memory *ret_memory)
{
    struct input *input = context;

    if (input->memory != NULL || size > PAGES * 4096)
        __builtin_trap();
    input->memory = calloc(1, size);
    *ret_memory = (struct dma_memory){.data = input->memory, .address = 0x10000000, .size = size};
    return OK;
}

static void release(void *context, struct dma_memory *memory)
{
    struct input *input = context;

    if (memory->data != input->memory || input->master)
        __builtin_trap();
    free(input->memory);
    input->memory = NULL;
}

static int map(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping)
{
    struct input *input = context;

    (void)direction;
    (void)buffer;
    if (size == 0 || size > NVME_REQUEST_MAX || input->maps == MAPS)
        __builtin_trap();
    if (next(input) == 0xEE)
        return ERR_FULL;
    input->maps++;
    *ret_mapping = (struct dma_mapping){.address = 0x20000000 + (uint64_t)(uintptr_t)buffer % 4096};
    return OK;
}

static void unmap(void *context, struct dma_mapping *mapping)
{
    struct input *input = context;

    (void)mapping;
    if (input->maps-- == 0)
        __builtin_trap();
}

/* ---- what is done with it */

static struct nvme_controller controller;
static uint8_t buffer[BUFFER];
static struct block_request requests[REQUESTS];
static bool given[REQUESTS];

static void check_device(const struct block_device *device)
{
    if (device->block_size < 512 || device->block_size > 4096 || device->block_count == 0 ||
        device->depth == 0 || device->depth > NVME_DEPTH)
        __builtin_trap();
}

static void submit(struct input *input, const struct block_device *device, unsigned i)
{
    requests[i] = (struct block_request){
        .operation = next(input) % 4,
        .lba = next(input),
        .blocks = next(input) % (BUFFER / device->block_size + 1),
        .buffer = buffer,
    };
    given[i] = device->submit(device->context, &requests[i]) == OK;
}

static void step(struct input *input)
{
    uint8_t what = next(input);
    struct block_device *device = nvme_device(&controller, what >> 4 & 1);
    unsigned i = what >> 5;
    struct drive_link link;

    if (device == NULL)
        return;
    check_device(device);
    switch (what & 7) {
    case 0:
    case 1:
        device->poll(device->context);
        break;
    case 2:
        if (!given[i] || requests[i].done)
            submit(input, device, i);
        break;
    case 3:
        (void)device->page(device->context, PAGE_SMART, buffer, 512);
        break;
    case 4:
        (void)device->read(device->context, what, 1, buffer);
        break;
    case 5:
        (void)device->link(device->context, &link);
        break;
    case 6:
        complete(input, what >> 4 & 1, (uint16_t)next32(input));
        break;
    default:
        nvme_allow_writes(device);
        input->now_us += 1000000ull * next(input);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {.data = data, .size = size, .entries = {8, 1}, .phase = {1, 1}};
    struct bus bus = {&input, read32, write32, config32, master, allocate, release, map, unmap};
    struct clock clock = {.context = &input, .now_us = now_us, .wait_us = wait_us};
    struct nvme_config config = {.bus = &bus, .clock = &clock};

    memset(given, 0, sizeof(given));
    input.tame = next(&input) & 1;
    if (nvme_start(&controller, &config) == OK) {
        input.tame = false;
        for (unsigned i = 0; i < STEPS && input.at < input.size; i++) {
            if (controller.state == NVME_RUNNING)
                step(&input);
        }
    } else if (!controller.reason[0]) {
        __builtin_trap();
    }
    (void)nvme_stop(&controller);
    for (unsigned i = 0; i < REQUESTS; i++) {
        if (given[i] && !requests[i].done)
            __builtin_trap();
    }
    if (input.memory != NULL || input.maps != 0 || input.master)
        __builtin_trap();
    return 0;
}
