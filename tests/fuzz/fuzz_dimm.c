/*
 * An SMBus controller of any registers: modules are looked for and read, on Intel's and on AMD's,
 * and nothing is written that the guard has to refuse.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/dimm_watch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 4000 };

static struct {
    const uint8_t *data;
    size_t size, at;
    uint64_t now_us;
} machine;

static uint8_t next(void)
{
    return machine.size ? machine.data[machine.at++ % machine.size] : 0xFF;
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    (void)context, (void)port;
    *ret_value = next();
    return OK;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    (void)context, (void)port, (void)value;
    return OK;
}

static int read_memory8(void *context, uint64_t address, uint8_t *ret_value)
{
    (void)address;
    return in8(context, 0, ret_value);
}

/* The first byte says whose controller it is. */
static int read_config(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value)
{
    bool amd = machine.size && machine.data[0] & 1;

    (void)context, (void)function;
    if (offset == 0x00)
        *ret_value = amd ? 0x790B1022 : 0xA3238086;
    else if (offset == 0x08)
        *ret_value = 0x0C050000u | next();
    else
        *ret_value = next() | (uint32_t)next() << 8;
    return OK;
}

static uint64_t now_us(void *context)
{
    (void)context;
    machine.now_us += 1u + next() % 64u * 16u;
    return machine.now_us;
}

static void take_event(void *context, struct event *event)
{
    (void)context, (void)event;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dimm_watch watch;
    static struct guard guard;
    const struct access access = {
        .in8 = in8, .out8 = out8, .read_config = read_config, .read_memory8 = read_memory8};
    const struct clock clock = {.now_us = now_us};
    const struct sink sink = {.emit = take_event};
    struct numbers numbers = {.next_part = 10, .next_series = 1};

    machine.data = data;
    machine.size = size;
    machine.at = 1;
    machine.now_us = 1;
    guard_init(&guard, &access);
    dimm_watch_init(&watch, &guard, &clock, &sink, &numbers, "", NULL);
    for (unsigned i = 0; i < STEPS; i++)
        dimm_step(&watch);
    for (unsigned i = 0; i < STEPS && !dimm_stop(&watch); i++)
        continue;
    if (guard.refused)
        __builtin_trap();
    return 0;
}
