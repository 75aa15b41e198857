#include "tests/sim/drive.h"

#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "tests/sim/drive_pages.h"

static void fill_block(uint64_t seed, uint64_t lba, uint8_t *buffer, uint32_t size)
{
    uint64_t state = mix64(seed) ^ mix64(lba + 1);

    for (uint32_t at = 0; at < size; at += 8) {
        uint64_t word = prng_next(&state);

        memcpy(buffer + at, &word, sizeof(word));
    }
}

void sim_drive_content(const struct sim_drive *drive, uint64_t lba, void *buffer)
{
    fill_block(drive->seed, lba, buffer, drive->device.block_size);
}

static bool in_fault_time(const struct sim_drive *drive)
{
    uint64_t now_us = drive->clock->now_us;

    return now_us >= drive->fault_us &&
           (drive->fault_for_us == 0 || now_us - drive->fault_us < drive->fault_for_us);
}

/* Whether a read meets the fault; counts it. */
static bool meets_fault(struct sim_drive *drive, uint64_t lba, uint32_t blocks)
{
    uint32_t times = drive->fault_times;

    if (drive->fault == DRIVE_BIT_FLIP_ONCE && times == 0)
        times = 1;
    if (lba >= drive->fault_lba + drive->fault_blocks || drive->fault_lba >= lba + blocks)
        return false;
    if (times != 0 && drive->failed >= times)
        return false;
    drive->failed++;
    return true;
}

static void take_time(struct sim_drive *drive, uint64_t bytes)
{
    bool slow = drive->fault == DRIVE_SLOW && in_fault_time(drive);
    uint64_t pace = slow ? drive->slow_pace : drive->pace;

    sim_clock_pass(drive->clock, drive->access_us + bytes * 1000000 / pace);
}

/* Fills a block of a read that the drive's fault touches or not. */
static void deliver(struct sim_drive *drive, uint64_t lba, uint8_t *buffer, bool met)
{
    uint64_t offset = lba - drive->fault_lba;
    bool named = met && lba >= drive->fault_lba && offset < drive->fault_blocks;

    if (named && drive->fault == DRIVE_PARTIAL_DMA)
        return;
    if (named && drive->fault == DRIVE_STALE_READ)
        sim_drive_content(drive, drive->last_lba + offset, buffer);
    else
        sim_drive_content(drive, lba, buffer);
    if (named && drive->fault == DRIVE_SECTORS_DIFFER)
        fill_block(~drive->seed, lba, buffer, drive->device.block_size);
    if (named && offset == 0 &&
        (drive->fault == DRIVE_BIT_FLIP || drive->fault == DRIVE_BIT_FLIP_ONCE))
        buffer[17] ^= 0x08;
}

static void transfer(struct sim_drive *drive, uint64_t lba, uint32_t blocks, uint8_t *buffer,
                     bool met)
{
    uint32_t size = drive->device.block_size;

    for (uint32_t i = 0; i < blocks; i++)
        deliver(drive, lba + i, buffer + (size_t)i * size, met);
    drive->last_lba = lba;
    if (drive->after_dma != NULL)
        drive->after_dma(drive->after_dma_context, buffer, (size_t)blocks * size);
}

static bool is_failing(enum drive_fault fault)
{
    return fault == DRIVE_UNREADABLE_SECTOR || fault == DRIVE_SILENT_FAILURE ||
           fault == DRIVE_ICRC || fault == DRIVE_ABORTS;
}

static bool is_gone(const struct sim_drive *drive)
{
    return drive->fault == DRIVE_VANISHES && in_fault_time(drive);
}

static int drive_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct sim_drive *drive = context;
    bool met;

    drive->reads++;
    if (is_gone(drive))
        return ERR_GONE;
    met = meets_fault(drive, lba, blocks);
    if (met && drive->fault == DRIVE_TIMES_OUT) {
        sim_clock_pass(drive->clock, drive->timeout_us);
        return ERR_TIMEOUT;
    }
    if (met && is_failing(drive->fault)) {
        sim_clock_pass(drive->clock, drive->failing_us);
        return drive->fault == DRIVE_SILENT_FAILURE ? OK : ERR_IO;
    }
    take_time(drive, (uint64_t)blocks * drive->device.block_size);
    transfer(drive, lba, blocks, buffer, met);
    return OK;
}

/* What the drive says of a failing read, as its protocol has it. */
static void fail_status(const struct sim_drive *drive, struct drive_status *status)
{
    status->ata_status = 0x41;
    switch (drive->fault) {
    case DRIVE_UNREADABLE_SECTOR:
        status->ata_error = 0x40;
        status->nvme_status = 0x0281;
        break;
    case DRIVE_ICRC:
        status->ata_error = 0x84;
        status->nvme_status = 0x0004;
        break;
    default:
        status->ata_error = 0x04;
        status->nvme_status = 0x0006;
    }
}

static int drive_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                     struct drive_status *ret_status)
{
    struct sim_drive *drive = context;
    struct drive_status status = {.protocol = drive->device.protocol, .ata_status = 0x50};
    bool met;

    if (!drive->can_ask)
        return ERR_UNSUPPORTED;
    if (blocks > drive->ask_blocks_max)
        return ERR_RANGE;
    drive->asks++;
    if (is_gone(drive))
        return ERR_GONE;
    met = meets_fault(drive, lba, blocks);
    if (met && drive->fault == DRIVE_TIMES_OUT) {
        sim_clock_pass(drive->clock, drive->timeout_us);
        return ERR_TIMEOUT;
    }
    if (met && is_failing(drive->fault)) {
        sim_clock_pass(drive->clock, drive->failing_us);
        fail_status(drive, &status);
        if (drive->fault == DRIVE_ICRC)
            transfer(drive, lba, blocks, buffer, met);
    } else {
        take_time(drive, (uint64_t)blocks * drive->device.block_size);
        transfer(drive, lba, blocks, buffer, met);
    }
    *ret_status = status;
    return OK;
}

static int drive_page(void *context, enum drive_page which, void *buffer, size_t size)
{
    struct sim_drive *drive = context;

    return is_gone(drive) ? ERR_GONE : sim_drive_page(drive, which, buffer, size);
}

void sim_drive_init(struct sim_drive *drive, struct sim_clock *clock, enum drive_protocol protocol,
                    uint32_t block_size, uint64_t block_count, uint64_t seed)
{
    *drive = (struct sim_drive){
        .clock = clock,
        .fault_blocks = 1,
        .seed = seed,
        .pace = 300 * 1000 * 1000,
        .slow_pace = 1000 * 1000,
        .access_us = 100,
        .failing_us = 3000,
        .timeout_us = 10 * 1000 * 1000,
        .can_ask = protocol != PROTOCOL_NONE,
        .ask_blocks_max = 128 * 1024 / block_size,
        .celsius = 35,
        .serial = "SIM-0001",
    };
    drive->device = (struct block_device){
        .context = drive,
        .part = PART_FIRST_FREE,
        .protocol = protocol,
        .block_size = block_size,
        .block_count = block_count,
        .read = drive_read,
        .ask = drive_ask,
        .page = drive_page,
    };
}
