#include "tests/sim/field_drive.h"

#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "tests/sim/drive_pages.h"

enum {
    SECTOR = 512,
    SECOND_US = 1000000,
    EMPTY_FASTER = 3,
    CRC_RETRY_US = 15000,
    LOSS_US = 1500000,
    KNOWN_US = 5 * SECOND_US,
};

/* ---- what it holds: in each sector eight numbers that stand nowhere else, over and over */

static void fill(uint64_t seed, uint64_t lba, uint8_t *buffer, uint32_t size)
{
    for (uint32_t at = 0; at < size; at += SECTOR) {
        uint64_t names[8] = {mix64(seed ^ (lba * 8 + at / SECTOR))};

        for (unsigned i = 1; i < 8; i++)
            names[i] = names[0] * (2 * i + 1);
        for (uint32_t i = 0; i < SECTOR; i += sizeof(names))
            memcpy(buffer + at + i, names, sizeof(names));
    }
}

static bool chance(struct field_drive *drive, uint32_t permille)
{
    return permille && prng_below(&drive->random, 1000) < permille;
}

static bool touches(uint64_t lba, uint32_t blocks, uint64_t first, uint32_t count)
{
    return count && lba < first + count && first < lba + blocks;
}

/* ---- heat */

/* NVMe warns while it lasts, and all count what lasted for a minute. */
static void count_heat(struct field_drive *drive, uint64_t gone_us)
{
    bool over = drive->limit && drive->heat > drive->limit;

    if (drive->kind == DRIVE_NVME)
        drive->sim.logs.critical_warning = drive->warning | (over ? 0x02 : 0);
    if (over)
        drive->over_us += gone_us;
    if (drive->over_us < (uint64_t)60 * SECOND_US)
        return;
    drive->over_us -= (uint64_t)60 * SECOND_US;
    if (drive->kind == DRIVE_NVME) {
        drive->sim.logs.warning_minutes++;
    } else {
        drive->sim.logs.over_minutes++;
        drive->sim.logs.over_limit++;
    }
}

void field_drive_pass(struct field_drive *drive)
{
    uint64_t now_us = drive->sim.clock->now_us, gone_us = now_us - drive->heat_us;
    int64_t goal = drive->rest + drive->extra + (drive->busy_us ? drive->rise : 0);
    int64_t share = (int64_t)(gone_us / 1000) / drive->heat_tau_s; /* thousandths */

    if (gone_us < SECOND_US)
        return;
    drive->heat += (goal - drive->heat) * (share > 1000 ? 1000 : share) / 1000;
    drive->heat_us = now_us;
    drive->busy_us = 0;
    drive->sim.celsius = (int)(drive->heat / 1000);
    count_heat(drive, gone_us);
}

/* ---- time */

static uint64_t pace_at(const struct field_drive *drive, uint64_t lba)
{
    uint64_t outer = drive->sim.pace, inner = drive->inner_pace;
    uint64_t pace = outer - (outer - inner) * lba / drive->sim.device.block_count;

    if (lba >= drive->empty_lba)
        pace *= EMPTY_FASTER;
    if (drive->throttle_celsius && drive->sim.celsius >= drive->throttle_celsius)
        pace /= 2;
    return pace;
}

/* By how much it is slower than it should be, in thousandths. */
static uint64_t slowness(const struct field_drive *drive, uint64_t lba)
{
    uint64_t now_us = drive->sim.clock->now_us, gone_s;

    if (!drive->slow_factor || now_us < drive->slow_us || lba < drive->slow_lba ||
        lba >= drive->slow_end)
        return 1000;
    gone_s = (now_us - drive->slow_us) / SECOND_US;
    if (gone_s >= drive->ramp_s)
        return drive->slow_factor * 1000u;
    return 1000 + (drive->slow_factor - 1) * 1000 * gone_s / drive->ramp_s;
}

static void wake(struct field_drive *drive)
{
    uint64_t now_us = drive->sim.clock->now_us;

    if (drive->sleeps_us && (!drive->has_read || now_us - drive->last_read_us > drive->sleeps_us))
        sim_clock_pass(drive->sim.clock, drive->spin_up_us);
    drive->has_read = true;
}

static void take_time(struct field_drive *drive, uint64_t lba, uint64_t bytes)
{
    uint64_t begun_us = drive->sim.clock->now_us;
    uint64_t service_us = bytes * SECOND_US / pace_at(drive, lba);

    if (drive->slow_us && drive->read_us < KNOWN_US && drive->slow_us < begun_us)
        drive->slow_us = begun_us;
    service_us = service_us * slowness(drive, lba) / 1000;
    service_us += prng_below(&drive->random, service_us / 16 + 1);
    if (chance(drive, drive->pauses_permille))
        service_us += drive->pause_us / 2 + prng_below(&drive->random, drive->pause_us);
    sim_clock_pass(drive->sim.clock, drive->sim.access_us + service_us);
    drive->busy_us += drive->sim.clock->now_us - begun_us;
    drive->read_us += drive->sim.clock->now_us - begun_us;
    drive->last_read_us = drive->sim.clock->now_us;
}

/* ---- the link */

static bool is_gone(const struct field_drive *drive)
{
    return drive->gone_us && drive->sim.clock->now_us >= drive->gone_us;
}

/* The link is lost and comes back, while the driver repeats what it had asked for. */
static void lose_link(struct field_drive *drive)
{
    if (!drive->losses || drive->sim.clock->now_us < drive->loss_us)
        return;
    drive->losses--;
    drive->loss_us = drive->sim.clock->now_us + drive->loss_every_us;
    drive->sim.logs.link.phy_changes++;
    drive->sim.logs.link.resets++;
    drive->sim.logs.phy_events[0x09]++;
    drive->sim.logs.phy_events[0x0A]++;
    sim_clock_pass(drive->sim.clock, LOSS_US);
}

/* True when the read fails for it. */
static bool meet_crc(struct field_drive *drive)
{
    if (drive->sim.clock->now_us < drive->crc_us || !chance(drive, drive->crc_permille))
        return false;
    drive->sim.logs.link.crc_errors++;
    if (drive->crc_is_counted_by_drive) {
        drive->sim.counters[2]++;
        drive->sim.logs.transport_crc++;
        drive->sim.logs.phy_events[0x03]++;
    }
    sim_clock_pass(drive->sim.clock, CRC_RETRY_US);
    return chance(drive, drive->crc_fails_permille);
}

/* ---- data */

static void corrupt(struct field_drive *drive, uint64_t lba, uint32_t blocks, uint8_t *buffer,
                    const uint8_t *before)
{
    uint32_t size = drive->sim.device.block_size;

    for (uint32_t i = 0; i < drive->corrupt_blocks; i++) {
        uint64_t at = drive->corrupt_lba + i;

        if (at < lba || at >= lba + blocks)
            continue;
        if (drive->corruption == CORRUPT_PARTIAL)
            memcpy(buffer + (at - lba) * size, before + (size_t)i * size, size);
        else if (drive->corruption == CORRUPT_STALE)
            fill(drive->sim.seed, drive->last_lba + i, buffer + (at - lba) * size, size);
        else
            fill(prng_next(&drive->random), at, buffer + (at - lba) * size, size);
    }
}

/* What stood in the place of the blocks that a partial transfer leaves out. */
static void keep(const struct field_drive *drive, uint64_t lba, uint32_t blocks,
                 const uint8_t *buffer, uint8_t *ret_before, size_t limit)
{
    uint32_t size = drive->sim.device.block_size;

    for (uint32_t i = 0; i < drive->corrupt_blocks && (i + 1) * (size_t)size <= limit; i++) {
        uint64_t at = drive->corrupt_lba + i;

        if (at >= lba && at < lba + blocks)
            memcpy(ret_before + (size_t)i * size, buffer + (at - lba) * size, size);
    }
}

static void transfer(struct field_drive *drive, uint64_t lba, uint32_t blocks, uint8_t *buffer)
{
    uint32_t size = drive->sim.device.block_size;
    uint8_t before[8 * 4096] = {0};
    bool met = touches(lba, blocks, drive->corrupt_lba, drive->corrupt_blocks) &&
               chance(drive, drive->corrupt_permille);

    if (met)
        keep(drive, lba, blocks, buffer, before, sizeof(before));
    for (uint32_t i = 0; i < blocks; i++)
        fill(drive->sim.seed, lba + i, buffer + (size_t)i * size, size);
    if (met)
        corrupt(drive, lba, blocks, buffer, before);
    drive->last_lba = lba;
    if (drive->sim.after_dma)
        drive->sim.after_dma(drive->sim.after_dma_context, buffer, (size_t)blocks * size);
}

static void fail_on_medium(struct field_drive *drive)
{
    sim_clock_pass(drive->sim.clock, drive->bad_us);
    drive->busy_us += drive->bad_us;
    if (drive->bad_counts && drive->sim.counters[1] < drive->bad_blocks) {
        drive->sim.counters[1]++;
        drive->sim.logs.pending++;
    }
}

static void count_pending(struct field_drive *drive)
{
    if (!drive->pending_at_end || drive->sim.clock->now_us < drive->pending_us)
        return;
    if (drive->kind == DRIVE_DISK)
        drive->sim.counters[1] = drive->pending_at_end;
    else
        drive->sim.counters[0] += drive->pending_at_end;
    drive->pending_at_end = 0;
}

static int drive_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct field_drive *drive = context;

    drive->sim.reads++;
    if (is_gone(drive))
        return ERR_GONE;
    field_drive_pass(drive);
    wake(drive);
    lose_link(drive);
    count_pending(drive);
    if (touches(lba, blocks, drive->bad_lba, drive->bad_blocks)) {
        fail_on_medium(drive);
        return ERR_IO;
    }
    take_time(drive, lba, (uint64_t)blocks * drive->sim.device.block_size);
    if (touches(lba, blocks, drive->stale_lba, drive->stale_blocks))
        return OK;
    drive->crc_fails_next = meet_crc(drive);
    if (drive->crc_fails_next)
        return ERR_IO;
    transfer(drive, lba, blocks, buffer);
    return OK;
}

/* ---- the drive's own word */

static int drive_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                     struct drive_status *ret_status)
{
    struct field_drive *drive = context;
    struct drive_status status = {.protocol = drive->sim.device.protocol, .ata_status = 0x50};
    bool bad = touches(lba, blocks, drive->bad_lba, drive->bad_blocks);

    if (!drive->sim.can_ask)
        return ERR_UNSUPPORTED;
    if (blocks > drive->sim.ask_blocks_max)
        return ERR_RANGE;
    if (is_gone(drive))
        return ERR_GONE;
    if (bad ||
        (drive->stale_is_known && touches(lba, blocks, drive->stale_lba, drive->stale_blocks))) {
        sim_clock_pass(drive->sim.clock, drive->bad_us);
        status.ata_status = 0x41;
        status.ata_error = bad ? 0x40 : 0x04;
        status.nvme_status = bad ? 0x0281 : 0x0006;
    } else if (drive->crc_fails_next || meet_crc(drive)) {
        status.ata_status = 0x41;
        status.ata_error = 0x84;
        status.nvme_status = 0x0004;
    } else {
        take_time(drive, lba, (uint64_t)blocks * drive->sim.device.block_size);
        transfer(drive, lba, blocks, buffer);
    }
    *ret_status = status;
    return OK;
}

static int drive_page(void *context, enum drive_page which, void *buffer, size_t size)
{
    struct field_drive *drive = context;

    if (is_gone(drive))
        return ERR_GONE;
    field_drive_pass(drive);
    count_pending(drive);
    if (drive->comresets_s)
        drive->sim.logs.phy_events[0x0A] =
            (uint16_t)(drive->sim.clock->now_us / SECOND_US / drive->comresets_s);
    return sim_drive_page(&drive->sim, which, buffer, size);
}

void field_drive_init(struct field_drive *drive, struct sim_clock *clock,
                      enum field_drive_kind kind, uint64_t bytes, uint64_t pace, uint64_t seed)
{
    static const enum drive_protocol protocols[FIELD_DRIVE_KINDS] = {
        [DRIVE_DISK] = PROTOCOL_ATA,
        [DRIVE_SSD] = PROTOCOL_ATA,
        [DRIVE_NVME] = PROTOCOL_NVME,
        [DRIVE_USB] = PROTOCOL_NONE,
    };
    uint32_t block_size = seed % 4 == 0 ? 4096 : SECTOR;

    *drive = (struct field_drive){.kind = kind, .random = mix64(seed), .heat_tau_s = 25};
    sim_drive_init(&drive->sim, clock, protocols[kind], block_size, bytes / block_size, seed);
    drive->sim.pace = drive->inner_pace = pace;
    drive->empty_lba = UINT64_MAX;
    drive->heat_us = clock->now_us;
    drive->sim.device.read = drive_read;
    drive->sim.device.ask = drive_ask;
    drive->sim.device.page = drive_page;
}
