#include "efi/inject.h"

#include "base/error.h"

enum {
    BIT = 5,
    WORD = 1234,           /* of the chunk in the middle of the pool */
    FAN_TURNS_SAMPLES = 4, /* true ones before it stops */
};

/* A corrected memory read error on channel 0, bank 7: Intel SDM volume 3, "MCA Error Codes". */
static const uint64_t corrected_memory_error = 0x9C00004000010090;

static bool wants(const struct injector *injector, enum inject fault)
{
    return injector->faults >> fault & 1;
}

static void filter_sensors(void *context, struct event *event)
{
    struct injector *injector = context;

    if (event->type == EVENT_SERIES && event->series.quantity == QUANTITY_FAN_SPEED &&
        !injector->fan)
        injector->fan = (uint16_t)(event->series.series + 1);
    if (event->type == EVENT_SAMPLE && event->sample.series + 1 == injector->fan &&
        injector->loaded && injector->fan_samples++ >= FAN_TURNS_SAMPLES)
        event->sample.value = 0;
    emit(injector->sink, event);
}

void inject_begin(struct injector *injector, uint32_t faults, const struct sink *sink)
{
    *injector = (struct injector){
        .faults = faults,
        .sink = sink,
        .filter = {.context = injector, .emit = filter_sensors},
    };
}

const struct sink *inject_sink(struct injector *injector)
{
    return wants(injector, INJECT_FAN_STOP) ? &injector->filter : injector->sink;
}

static bool covers(uint64_t lba, uint32_t blocks, uint64_t target)
{
    return lba <= target && target - lba < blocks;
}

static int faulty_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct injector *injector = context;

    if (wants(injector, INJECT_DISK_MEDIA) && covers(lba, blocks, INJECT_MEDIA_LBA))
        return ERR_IO;
    if (wants(injector, INJECT_DISK_STALE) && covers(lba, blocks, INJECT_STALE_LBA))
        return OK;
    return injector->healthy.read(injector->healthy.context, lba, blocks, buffer);
}

static int faulty_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                      struct drive_status *ret_status)
{
    struct injector *injector = context;

    if (wants(injector, INJECT_DISK_MEDIA) && covers(lba, blocks, INJECT_MEDIA_LBA)) {
        *ret_status = (struct drive_status){
            .protocol = injector->healthy.protocol,
            .ata_status = 0x51,
            .ata_error = 0x40,     /* UNC */
            .nvme_status = 0x0281, /* unrecovered read error */
        };
        return OK;
    }
    return injector->healthy.ask(injector->healthy.context, lba, blocks, buffer, ret_status);
}

static int healthy_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct injector *injector = context;

    return injector->healthy.page(injector->healthy.context, page, buffer, size);
}

void inject_disk(struct injector *injector, struct block_device *device)
{
    if (injector->device ||
        (!wants(injector, INJECT_DISK_MEDIA) && !wants(injector, INJECT_DISK_STALE)))
        return;
    injector->device = device;
    injector->healthy = *device;
    device->context = injector;
    device->read = faulty_read;
    device->ask = injector->healthy.ask ? faulty_ask : NULL;
    device->page = healthy_page;
}

void inject_end(struct injector *injector)
{
    if (injector->device) {
        injector->healthy.part = injector->device->part;
        *injector->device = injector->healthy;
    }
    injector->device = NULL;
}

static void hold_bit(struct injector *injector)
{
    struct chunk *chunk;
    volatile uint64_t *word;

    if (!injector->pool || !injector->pool->count)
        return;
    chunk = &injector->pool->chunks[injector->pool->count / 2];
    if (chunk->size <= WORD * sizeof(uint64_t))
        return;
    word = (volatile uint64_t *)chunk->data + WORD;
    *word &= ~((uint64_t)1 << BIT);
}

void inject_tick(struct injector *injector)
{
    if (wants(injector, INJECT_MEMORY_BIT))
        hold_bit(injector);
    if (wants(injector, INJECT_MCE) && !injector->checked) {
        struct event event = {
            .type = EVENT_MACHINE_CHECK,
            .machine_check = {.processor = 0,
                              .bank = 7,
                              .status = corrected_memory_error,
                              .address = 0x12345000,
                              .misc = 0x8C,
                              .has_address = true,
                              .has_misc = true},
        };

        injector->checked = true;
        emit(injector->sink, &event);
    }
}
