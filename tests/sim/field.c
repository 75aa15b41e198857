/*
 * Making a field machine: what it consists of, and the oddities of healthy ones.
 */
#include "tests/sim/field.h"

#include <stdlib.h>
#include <string.h>

#include "base/prng.h"
#include "base/text.h"
#include "tests/sim/drive_pages.h"

uint64_t field_below(struct field_machine *field, uint64_t limit)
{
    return prng_below(&field->dealing, limit);
}

uint64_t field_from(struct field_machine *field, uint64_t low, uint64_t high)
{
    return low + field_below(field, high - low + 1);
}

bool field_chance(struct field_machine *field, unsigned percent)
{
    return field_below(field, 100) < percent;
}

/* ---- drives */

static const struct {
    const char *model;
    uint64_t pace_low, pace_high; /* thousandths of a chunk per second */
    int rest, rise;               /* degrees above the room, and more under load */
} kinds[FIELD_DRIVE_KINDS] = {
    [DRIVE_DISK] = {"SIMULATED DISK", 1800, 2800, 8, 8},
    [DRIVE_SSD] = {"SIMULATED SSD", 3000, 4400, 8, 12},
    [DRIVE_NVME] = {"SIMULATED NVME", 3600, 6000, 14, 24},
    [DRIVE_USB] = {"SIMULATED USB DISK", 1000, 2000, 8, 8},
};

static enum field_drive_kind draw_kind(struct field_machine *field, unsigned index)
{
    static const uint8_t likely[FIELD_KINDS][10] = {
        [FIELD_NOTEBOOK] = {DRIVE_NVME, DRIVE_NVME, DRIVE_NVME, DRIVE_NVME, DRIVE_NVME, DRIVE_SSD,
                            DRIVE_SSD, DRIVE_SSD, DRIVE_DISK, DRIVE_DISK},
        [FIELD_DESKTOP] = {DRIVE_NVME, DRIVE_NVME, DRIVE_NVME, DRIVE_SSD, DRIVE_SSD, DRIVE_SSD,
                           DRIVE_DISK, DRIVE_DISK, DRIVE_DISK, DRIVE_DISK},
        [FIELD_SERVER] = {DRIVE_NVME, DRIVE_NVME, DRIVE_SSD, DRIVE_SSD, DRIVE_SSD, DRIVE_DISK,
                          DRIVE_DISK, DRIVE_DISK, DRIVE_DISK, DRIVE_DISK},
    };

    if (index > 0 && field_chance(field, 12))
        return DRIVE_USB;
    return (enum field_drive_kind)likely[field->kind][field_below(field, 10)];
}

/* Counters that stand from years ago and do not rise. */
static void deal_past(struct field_machine *field, struct field_drive *drive)
{
    struct sim_logs *logs = &drive->sim.logs;

    drive->sim.counters[3] = field_from(field, 20, 40000);
    if (field_chance(field, 25))
        drive->sim.counters[0] = field_from(field, 1, 120);
    if (field_chance(field, 25))
        drive->sim.counters[2] = field_from(field, 1, 500);
    if (field_chance(field, 20))
        drive->sim.counters[4] = field_from(field, 1, 30);
    logs->transport_crc = (uint32_t)drive->sim.counters[2];
    logs->hardware_resets = (uint32_t)field_below(field, 500);
    logs->command_resets = (uint32_t)field_below(field, 20);
    logs->asr_events = (uint32_t)field_below(field, 5);
    logs->blocks_read = field_below(field, 1000000000);
    logs->blocks_written = field_below(field, 1000000000);
    logs->percentage_used = (uint8_t)field_below(field, 60);
    logs->highest = (int8_t)field_from(field, 40, 65);
    if (field_chance(field, 20))
        logs->over_minutes = (uint32_t)field_below(field, 300);
    if (field_chance(field, 20))
        logs->warning_minutes = (uint32_t)field_below(field, 300);
    if (field_chance(field, 30)) {
        logs->errors = (uint16_t)field_from(field, 1, 60);
        logs->error_status = drive->kind == DRIVE_NVME ? 0x4004 : 0x0441; /* a bad field; ABRT */
        logs->error_lba = field_below(field, 1000);
    }
    logs->has_self_test = field_chance(field, 30);
    for (unsigned i = 1; i < 0x14 && field_chance(field, 30); i++)
        logs->phy_events[i] = (uint16_t)field_below(field, 50);
}

static void deal_oddities(struct field_machine *field, struct field_drive *drive)
{
    const struct block_device *device = &drive->sim.device;

    if (drive->kind == DRIVE_DISK || drive->kind == DRIVE_USB) {
        drive->inner_pace = drive->sim.pace * field_from(field, 45, 70) / 100;
        drive->sleeps_us = field_chance(field, 30) ? field_from(field, 20, 60) * 1000000 : 0;
        drive->spin_up_us = (uint32_t)field_from(field, 2000, 9000) * 1000;
        if (field_chance(field, 25)) {
            drive->pauses_permille = (uint32_t)field_from(field, 5, 40);
            drive->pause_us = (uint32_t)field_from(field, 500, 5000) * 1000;
        }
    } else if (field_chance(field, 30)) {
        drive->empty_lba = device->block_count * field_from(field, 30, 95) / 100;
    }
    if (drive->kind == DRIVE_NVME && field_chance(field, 40))
        drive->throttle_celsius = (int)field_from(field, 50, 62);
    if (field_chance(field, 15))
        drive->comresets_s = (uint32_t)field_from(field, 20, 200);
}

static void deal_link(struct field_machine *field, struct field_drive *drive)
{
    struct drive_link *link = &drive->sim.logs.link;

    if (drive->kind == DRIVE_NVME) {
        link->generation = link->generation_drive = link->generation_port = 3;
        link->width = link->width_drive = link->width_port = 4;
        if (field_chance(field, 20))
            link->width = link->width_port = 2; /* a slot with fewer lanes */
    } else {
        link->generation_drive = (uint8_t)field_from(field, 2, 3);
        link->generation_port = (uint8_t)field_from(field, 2, 3);
        link->generation = link->generation_drive < link->generation_port ? link->generation_drive
                                                                          : link->generation_port;
    }
    /* Behind the firmware there is only what the drive says itself. */
    if (drive->kind != DRIVE_USB && field_chance(field, 75))
        drive->sim.device.link = sim_drive_link;
    else
        drive->sim.device.bounced = drive->kind == DRIVE_USB || field_chance(field, 30);
}

static void deal_health(struct field_machine *field, struct field_drive *drive)
{
    drive->sim.logs.without_logs = field_chance(field, 15);
    drive->sim.logs.limit = (int8_t)field_from(field, 60, 70);
    if (drive->kind == DRIVE_NVME)
        drive->limit = 70000;
    else
        drive->limit = drive->sim.logs.limit * 1000;
    if (field_chance(field, 4))
        drive->sim.logs.absent_pages = (uint64_t)1 << field_from(field, PAGE_LOG_DIRECTORY, 14);
    if (field_chance(field, 2))
        drive->sim.logs.garbage_pages = (uint64_t)1 << field_from(field, PAGE_LOG_DIRECTORY, 14);
}

static void deal_drive(struct field_machine *field, unsigned index)
{
    struct field_drive *drive = &field->drives[index];
    enum field_drive_kind kind = draw_kind(field, index);
    uint64_t pace =
        field_from(field, kinds[kind].pace_low, kinds[kind].pace_high) * CHUNK_SIZE / 1024;
    uint64_t size = field_from(field, 5, 10) * CHUNK_SIZE;

    pace = pace * (field->drive_count + 1) / 4; /* all of them together take turns */
    field_drive_init(drive, &field->time, kind, size, pace, field_below(field, UINT64_MAX));
    drive->sim.device.controller = kind == DRIVE_NVME ? index : 100 + kind;
    drive->sim.logs.model = kinds[kind].model;
    drive->rest = field->ambient + kinds[kind].rest * 1000;
    drive->rise = (int64_t)field_from(field, 2, 10) * 100 * kinds[kind].rise;
    drive->heat = drive->rest;
    drive->sim.celsius = (int)(drive->heat / 1000);
    deal_past(field, drive);
    deal_oddities(field, drive);
    deal_link(field, drive);
    deal_health(field, drive);
    format_text(field->serials[index], sizeof(field->serials[index]), "SIM-%c-%llx",
                'A' + (int)index, (unsigned long long)field->seed);
    copy_text(drive->sim.serial, sizeof(drive->sim.serial), field->serials[index]);
}

/* ---- the machine */

static void deal_kind(struct field_machine *field)
{
    unsigned dice = (unsigned)field_below(field, 10);

    field->kind = dice < 4 ? FIELD_NOTEBOOK : dice < 7 ? FIELD_DESKTOP : FIELD_SERVER;
    field->amd = field_chance(field, 30);
    field->has_bmc = field->kind == FIELD_SERVER && field_chance(field, 90);
    field->has_ecc = field->kind == FIELD_SERVER || field_chance(field, 15);
    field->has_modules = field_chance(field, 60);
    field->interleaved = field_chance(field, 40);
    field->ambient = (int64_t)field_from(field, 15, 32) * 1000;
    field->rise = (int64_t)field_from(field, 18, 38) * 1000;
    field->rise_without_air = (int64_t)field_from(field, 10, 40) * 1000;
    field->heat = field->ambient + 12000;
}

/* `dealing`: where its random numbers go on. */
static void deal_machine(struct field_machine *field, uint64_t seed, uint64_t dealing)
{
    uint8_t *memory = field->memory;

    memset(field, 0, offsetof(struct field_machine, journal));
    field->memory = memory ? memory : aligned_alloc(4096, (size_t)FIELD_CHUNKS * CHUNK_SIZE);
    memset(field->memory, 0, (size_t)FIELD_CHUNKS * CHUNK_SIZE);
    field->seed = seed;
    field->dealing = dealing;
    field->noise = mix64(~seed);
    field->time.now_us = 1000000;
    sim_memory_init(&field->cells, (uint64_t *)field->memory,
                    (size_t)FIELD_CHUNKS * CHUNK_SIZE / sizeof(uint64_t));
    deal_kind(field);
    field->drive_count =
        1 + (unsigned)field_below(field, field->kind == FIELD_NOTEBOOK ? 2 : FIELD_DRIVES);
    for (unsigned i = 0; i < field->drive_count; i++)
        deal_drive(field, i);
    field_deal_links(field);
    field_deal_slot(field);
    field_deal_firmware(field);
    if (field->has_bmc) {
        field_deal_sensors(field);
        field_deal_log(field);
    }
}

void field_deal(struct field_machine *field, uint64_t seed, unsigned faults)
{
    uint64_t dealing = mix64(seed + 1);
    enum field_fault first = (enum field_fault)prng_below(&dealing, FIELD_FAULTS);

    do {
        deal_machine(field, seed, dealing);
        dealing = field->dealing;
    } while (faults && !field_can_show(field, first));
    field_deal_faults(field, first, faults);
}
