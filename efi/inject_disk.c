/*
 * Faults of a drive, put in between the run and the first drive that is tested. The wrapped drive
 * takes one request at a time, and is not written to.
 */
#include <string.h>

#include "base/error.h"
#include "efi/inject.h"

enum {
    ATA_UNCORRECTABLE = 0x40,       /* error register: UNC */
    NVME_UNRECOVERED_READ = 0x0281, /* status code type 2, media errors */
    SMART_FAILS_MID = 0xF4,         /* ACS-3, SMART RETURN STATUS: LBA mid and high */
    SMART_FAILS_HIGH = 0x2C,
    WARNING_RELIABILITY = 1 << 2, /* NVMe Base 2.0, log 02h byte 0 */
    CRC_ERRORS = 12,
    SECTOR_DIFFERS_FROM = 64, /* bytes of it that stay as they are */
    FULL_PACE_US = 4000000,   /* under load, before the drive grows slow */
    SLOW_FACTOR = 20,
    SLOW_MAX_US = 2000000,
};

static bool covers(uint64_t lba, uint32_t blocks, uint64_t target)
{
    return lba <= target && target - lba < blocks;
}

/* The sector of every second read of it is not what it was. */
static void corrupt(struct injector *injector, uint64_t lba, uint32_t blocks, uint8_t *buffer)
{
    uint32_t size = injector->healthy.block_size;
    uint8_t *sector;

    if (!covers(lba, blocks, INJECT_CORRUPT_LBA) || injector->corrupt_reads++ % 2 == 0)
        return;
    sector = buffer + (INJECT_CORRUPT_LBA - lba) * size;
    for (uint32_t i = 0; i < size; i++)
        sector[i] ^= 0xA5;
}

/* A read takes many times as long as it did, once the drive has shown its own pace. */
static void delay(struct injector *injector, uint64_t since_us)
{
    uint64_t now = clock_now_us(injector->clock);
    uint64_t wait = (now - since_us) * SLOW_FACTOR;

    if (!injector->loaded)
        return;
    if (!injector->loaded_us)
        injector->loaded_us = now;
    if (now - injector->loaded_us >= FULL_PACE_US)
        clock_wait_us(injector->clock, wait > SLOW_MAX_US ? SLOW_MAX_US : wait);
}

static int faulty_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct injector *injector = context;
    uint64_t since_us = clock_now_us(injector->clock);
    int error;

    if (inject_wants(injector, INJECT_DISK_MEDIA) && covers(lba, blocks, INJECT_MEDIA_LBA))
        return ERR_IO;
    if (inject_wants(injector, INJECT_DISK_STALE) && covers(lba, blocks, INJECT_STALE_LBA))
        return OK;
    error = injector->healthy.read(injector->healthy.context, lba, blocks, buffer);
    if (!error && inject_wants(injector, INJECT_DISK_CORRUPT))
        corrupt(injector, lba, blocks, buffer);
    if (inject_wants(injector, INJECT_DISK_SLOW))
        delay(injector, since_us);
    return error;
}

static int faulty_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                      struct drive_status *ret_status)
{
    struct injector *injector = context;

    if (inject_wants(injector, INJECT_DISK_MEDIA) && covers(lba, blocks, INJECT_MEDIA_LBA)) {
        *ret_status = (struct drive_status){
            .protocol = injector->healthy.protocol,
            .ata_status = 0x51,
            .ata_error = ATA_UNCORRECTABLE,
            .nvme_status = NVME_UNRECOVERED_READ,
        };
        return OK;
    }
    return injector->healthy.ask(injector->healthy.context, lba, blocks, buffer, ret_status);
}

static int faulty_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct injector *injector = context;
    int error = injector->healthy.page(injector->healthy.context, page, buffer, size);
    uint8_t *bytes = buffer;

    if (error || !inject_wants(injector, INJECT_DISK_FAILING))
        return error;
    if (page == PAGE_SMART_STATUS && size >= 2) {
        bytes[0] = SMART_FAILS_MID;
        bytes[1] = SMART_FAILS_HIGH;
    }
    if (page == PAGE_SMART && injector->healthy.protocol == PROTOCOL_NVME)
        bytes[0] |= WARNING_RELIABILITY;
    return OK;
}

static int faulty_link(void *context, struct drive_link *ret_link)
{
    struct injector *injector = context;
    int error = OK;

    memset(ret_link, 0, sizeof(*ret_link));
    if (injector->healthy.link)
        error = injector->healthy.link(injector->healthy.context, ret_link);
    if (error)
        return error;
    if (inject_wants(injector, INJECT_DISK_CRC) && injector->loaded)
        ret_link->crc_errors += CRC_ERRORS;
    if (inject_wants(injector, INJECT_PCIE_LINK)) {
        ret_link->width_drive = ret_link->width_port = 4;
        ret_link->width = 1;
    }
    return OK;
}

void inject_disk(struct injector *injector, struct block_device *device)
{
    static const uint32_t faults = 1 << INJECT_DISK_MEDIA | 1 << INJECT_DISK_STALE |
                                   1 << INJECT_DISK_CORRUPT | 1 << INJECT_DISK_SLOW |
                                   1 << INJECT_DISK_CRC | 1 << INJECT_DISK_FAILING |
                                   1 << INJECT_PCIE_LINK;

    if (injector->device || !(injector->faults & faults))
        return;
    injector->device = device;
    injector->healthy = *device;
    device->context = injector;
    device->depth = 1;
    device->read = faulty_read;
    device->ask = injector->healthy.ask ? faulty_ask : NULL;
    device->page = faulty_page;
    device->write = NULL;
    device->flush = NULL;
    device->submit = NULL;
    device->poll = NULL;
    device->self_test = NULL;
    device->link = injector->healthy.link || inject_wants(injector, INJECT_DISK_CRC) ||
                           inject_wants(injector, INJECT_PCIE_LINK)
                       ? faulty_link
                       : NULL;
}

void inject_end(struct injector *injector)
{
    if (injector->device) {
        injector->healthy.part = injector->device->part;
        *injector->device = injector->healthy;
    }
    injector->device = NULL;
}
