/*
 * A BMC that answers anything. The first byte of the input chooses how: even, every register read
 * is a byte of the input; odd, the registers keep to the protocol (tests/sim/bmc.h) and the
 * responses alone come from the input, each a length byte and so many bytes behind the header. With
 * bit 1 of that byte set the event log is read as well.
 * Whatever comes, each step is short, only the two ports are touched, every event is well-formed
 * and in the end nothing is left hanging.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "sensors/ipmi.h"
#include "tests/sim/bmc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { STEPS = 4000, PAUSE_US = 1000 };

struct input {
    const uint8_t *data;
    size_t size, at;
    struct bmc bmc;
    struct access model;
    unsigned events, records;
};

/* A byte of the input; when it is used up, zeros. */
static uint8_t next(struct input *input)
{
    return input->at < input->size ? input->data[input->at++] : 0;
}

static int raw_in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct input *input = context;

    if (port != 0xCA2 && port != 0xCA3)
        __builtin_trap();
    input->bmc.now_us++;
    *ret_value = next(input);
    return OK;
}

static int raw_out8(void *context, uint16_t port, uint8_t value)
{
    struct input *input = context;

    (void)value;
    if (port != 0xCA2 && port != 0xCA3)
        __builtin_trap();
    input->bmc.now_us++;
    return OK;
}

/* Puts bytes of the input behind the header of the response the model has just made. */
static void replace_response(struct input *input)
{
    struct bmc *bmc = &input->bmc;
    size_t size = next(input) % (sizeof(bmc->response) - 2);

    bmc->response_size = 2 + size;
    for (size_t i = 0; i < size; i++)
        bmc->response[2 + i] = next(input);
}

static int model_in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct input *input = context;
    bool fresh = input->bmc.busy && input->bmc.last_byte && input->bmc.response_at == 0;
    int error = input->model.in8(&input->bmc, port, ret_value);

    if (fresh && !input->bmc.busy && input->bmc.response_at == 1)
        replace_response(input);
    return error;
}

static int model_out8(void *context, uint16_t port, uint8_t value)
{
    struct input *input = context;

    if (port == 0xCA3)
        input->bmc.response_at = 0;
    return input->model.out8(&input->bmc, port, value);
}

static void check(void *context, struct event *event)
{
    ((struct input *)context)->events++;
    if (event->type >= EVENT_TYPES)
        __builtin_trap();
    if (event->type == EVENT_PART && !memchr(event->part.name, 0, sizeof(event->part.name)))
        __builtin_trap();
    if (event->type == EVENT_SERIES && !memchr(event->series.name, 0, sizeof(event->series.name)))
        __builtin_trap();
}

static void take(void *context, const struct sel_record *record)
{
    ((struct input *)context)->records++;
    if (record->topic >= SEL_TOPICS)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ipmi ipmi;
    struct input input = {.data = data, .size = size};
    struct numbers numbers = {.next_part = PART_FIRST_FREE, .next_series = 1};
    struct access access;
    struct clock clock = bmc_clock(&input.bmc);
    struct sink sink = {.context = &input, .emit = check};
    uint8_t choice = next(&input);
    bool raw = choice % 2 == 0;

    bmc_init(&input.bmc, BMC_HEALTHY);
    input.model = bmc_access(&input.bmc);
    access = input.model;
    access.context = &input;
    access.in8 = raw ? raw_in8 : model_in8;
    access.out8 = raw ? raw_out8 : model_out8;
    ipmi_init(&ipmi, &access, &clock, &sink, &numbers, 0xCA2, 1);
    if (choice & 2)
        ipmi_read_log(&ipmi, take, &input);
    for (unsigned i = 0; i < STEPS; i++) {
        uint64_t before_us = input.bmc.now_us;

        ipmi_step(&ipmi);
        if (input.bmc.now_us - before_us > 2 * IPMI_STEP_US)
            __builtin_trap();
        bmc_sleep(&input.bmc, PAUSE_US);
    }
    if (input.bmc.strays > 0 || ipmi.sensor_count > IPMI_SENSORS_MAX ||
        input.records > IPMI_LOG_KEPT)
        __builtin_trap();
    return 0;
}
