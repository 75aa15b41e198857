/*
 * Making a fault: what memory, banks, drives and sensors then do, with a severity of its own.
 */
#include "tests/sim/field.h"

enum { SECOND_US = 1000000, WORD_BITS = 64, CHUNK_WORDS = CHUNK_SIZE / 8 };

static struct field_drive *drive_of(struct field_machine *field, const struct field_dealt *dealt)
{
    return &field->drives[dealt->drive];
}

/* ---- memory */

static void add_stuck_bits(struct field_machine *field)
{
    uint64_t bits = field_chance(field, 75) ? 1 : field_from(field, 2, 12);
    unsigned bit = (unsigned)field_below(field, WORD_BITS);
    bool high = field_chance(field, 50);
    size_t first = field_below(field, field->cells.count / CHUNK_WORDS) * CHUNK_WORDS;

    /* Cells of one chip lie close together. */
    for (uint64_t i = 0; i < bits; i++)
        sim_memory_add(&field->cells,
                       &(struct sim_memory_fault){.kind = high ? SIM_STUCK_AT_1 : SIM_STUCK_AT_0,
                                                  .word = first + field_below(field, CHUNK_WORDS),
                                                  .bit = bit});
}

static void add_weak_bit(struct field_machine *field)
{
    field->weak_word = field->cells.words + field_below(field, field->cells.count);
    field->weak_bit = (uint64_t)1 << field_below(field, WORD_BITS);
    field->weak_permille = field_from(field, 10, 300);
}

/* Words at one distance from each other are one cell each. */
static void add_aliases(struct field_machine *field)
{
    size_t distance = (size_t)1 << field_from(field, 9, 16);
    uint64_t count = field_from(field, 16, 200);
    size_t first;

    do
        first = field_below(field, field->cells.count - distance - count);
    while (first & distance);
    for (uint64_t i = 0; i < count && !((first + i) & distance); i++)
        sim_memory_add(&field->cells, &(struct sim_memory_fault){.kind = SIM_ALIAS,
                                                                 .word = first + i,
                                                                 .other = (first + i) ^ distance});
}

/* ---- machine checks. Codes: Intel SDM volume 3, "Interpreting Machine-Check Error Codes", and
 * AMD's processor programming references, for DRAM errors. */

static void add_check(struct field_machine *field, uint64_t at_us, unsigned bank,
                      uint16_t processor, uint64_t status, bool shared)
{
    field->checks[field->check_count++] = (struct field_check){
        .at_us = at_us,
        .bank = bank,
        .processor = processor,
        .content = {.status = status,
                    .address = FIELD_ADDRESS +
                               field_below(field, (uint64_t)FIELD_CHUNKS * CHUNK_SIZE) / 64 * 64,
                    .misc = 0x86},
        .shared = shared,
    };
}

static uint64_t memory_status(const struct field_machine *field, unsigned channel, bool uncorrected)
{
    uint64_t status = (uint64_t)0x8C << 56 | (uint64_t)uncorrected << 61;

    if (field->amd)
        return status | 0x011B;
    return status | (uncorrected ? 0 : (uint64_t)1 << 38) | 0x0090 | channel;
}

static void add_memory_checks(struct field_machine *field, const struct field_dealt *dealt)
{
    bool uncorrected = dealt->fault == FIELD_ECC_UNCORRECTED;
    uint64_t count = dealt->fault == FIELD_ECC_REPEATED ? field_from(field, 2, 5) : 1;
    unsigned bank = 7 + (unsigned)field_below(field, 2);
    uint64_t status = memory_status(field, (unsigned)field_below(field, 2), uncorrected);
    uint64_t at_us = field_chance(field, 25) ? 0 : dealt->at_us;

    for (uint64_t i = 0; i < count; i++) {
        add_check(field, at_us, bank, 0, status, at_us && field_chance(field, 50));
        at_us = (at_us ? at_us : 10 * SECOND_US) + field_from(field, 2, 9) * SECOND_US;
    }
}

static void add_cache_checks(struct field_machine *field, const struct field_dealt *dealt)
{
    static const uint16_t codes[] = {0x0135, 0x0136, 0x0114, 0x0005, 0x0019};
    uint16_t processor = (uint16_t)field_below(field, FIELD_WORKERS + 1);
    bool uncorrected = field_chance(field, 40);
    bool prior = uncorrected && field_chance(field, 50);
    uint64_t status = (uint64_t)0x84 << 56 | codes[field_below(field, 5)];
    uint64_t count = uncorrected ? 1 : field_from(field, 2, 4);
    unsigned bank = (unsigned)field_below(field, 4);
    uint64_t at_us = prior ? 0 : dealt->at_us;

    status |= (uint64_t)uncorrected << 61;
    for (uint64_t i = 0; i < count; i++) {
        add_check(field, at_us, bank, prior ? 0 : processor, status, false);
        at_us += field_from(field, 2, 9) * SECOND_US;
    }
}

/* ---- drives */

static uint64_t some_lba(struct field_machine *field, const struct field_drive *drive,
                         uint64_t room)
{
    return 1 + field_below(field, drive->sim.device.block_count - room - 1);
}

static void add_unreadable(struct field_machine *field, struct field_drive *drive)
{
    bool disk = drive->kind == DRIVE_DISK || drive->kind == DRIVE_USB;

    drive->bad_blocks = (uint32_t)field_from(field, 1, 40);
    drive->bad_lba = some_lba(field, drive, 64);
    drive->bad_us =
        (uint32_t)(disk ? field_from(field, 300, 4000) : field_from(field, 5, 400)) * 1000;
    drive->bad_counts = field_chance(field, 50);
}

static void add_pending(struct field_machine *field, struct field_drive *drive, uint64_t at_us)
{
    uint32_t count = (uint32_t)field_from(field, 1, 60);

    if (drive->kind == DRIVE_DISK && field_chance(field, 50)) {
        drive->sim.counters[1] = count;
        return;
    }
    drive->pending_at_end = count;
    drive->pending_us = at_us;
}

static void add_corruption(struct field_machine *field, struct field_drive *drive)
{
    /* A remainder on a drive that cannot be asked looks like an unreadable sector that is hidden.
     */
    do
        drive->corruption = (enum field_corruption)field_below(field, FIELD_CORRUPTIONS);
    while (drive->corruption == CORRUPT_PARTIAL && !drive->sim.can_ask);
    drive->corrupt_blocks = (uint32_t)field_from(field, 1, 8);
    drive->corrupt_lba = some_lba(field, drive, 64);
    drive->corrupt_permille = (uint32_t)field_from(field, 300, 800);
}

static void add_lead(struct field_machine *field, struct field_drive *drive, uint64_t at_us)
{
    drive->crc_permille = (uint32_t)field_from(field, 80, 500);
    drive->crc_fails_permille = field_chance(field, 40) ? (uint32_t)field_from(field, 50, 400) : 0;
    drive->crc_us = field_chance(field, 50) ? 0 : at_us;
    drive->crc_is_counted_by_drive = !drive->sim.device.link || field_chance(field, 70);
}

static void add_loss(struct field_machine *field, struct field_drive *drive, uint64_t at_us)
{
    if (!drive->sim.device.link || field_chance(field, 30)) {
        drive->gone_us = at_us;
        return;
    }
    drive->losses = (uint32_t)field_from(field, 2, 6);
    drive->loss_us = at_us;
    drive->loss_every_us = field_from(field, 1, 8) * SECOND_US;
}

static void add_slow(struct field_machine *field, struct field_drive *drive, bool region,
                     uint64_t at_us)
{
    uint64_t blocks = drive->sim.device.block_count;

    if (region) { /* a drive on which a region is more than a read or two */
        blocks = field_from(field, 24, 36) * CHUNK_SIZE / drive->sim.device.block_size;
        drive->sim.device.block_count = blocks;
    }
    drive->empty_lba = UINT64_MAX; /* what was never written is not read from the medium */
    drive->slow_factor = (uint32_t)field_from(field, 10, 20);
    drive->slow_end = blocks;
    if (region) {
        drive->slow_lba = field_below(field, blocks * 3 / 4);
        drive->slow_end = drive->slow_lba + blocks * field_from(field, 15, 25) / 100;
    } else {
        drive->slow_us = at_us;
        drive->ramp_s = (uint32_t)field_from(field, 1, 15);
    }
}

static void add_prediction(struct field_machine *field, struct field_drive *drive)
{
    static const uint8_t warnings[] = {0x01, 0x04, 0x08, 0x05};

    if (drive->kind != DRIVE_NVME || field_chance(field, 30))
        drive->sim.fault = DRIVE_PREDICTS_FAILURE;
    else
        drive->sim.logs.critical_warning = drive->warning = warnings[field_below(field, 4)];
}

static void add_heat(struct field_machine *field, struct field_drive *drive)
{
    int64_t over = (int64_t)field_from(field, 6, 25) * 1000;

    drive->rise = drive->limit + over - drive->rest;
    drive->heat_tau_s = (uint32_t)field_from(field, 8, 20);
    if (field_chance(field, 40))
        drive->heat = drive->rest + drive->rise / 2;
}

/* ---- all */

static void add_airlessness(struct field_machine *field, const struct field_dealt *dealt)
{
    for (unsigned i = 0; i < field->sensor_count; i++) {
        if (field->sensors[i].kind == SENSOR_PROCESSOR)
            field->rise_without_air = field->records[i].upper_critical * 1000 - field->ambient -
                                      12000 - field->rise +
                                      (int64_t)field_from(field, 5, 15) * 1000;
    }
    field->airless_us = field_chance(field, 60) ? 1 : dealt->at_us;
}

void field_apply(struct field_machine *field, const struct field_dealt *dealt)
{
    struct field_drive *drive = drive_of(field, dealt);

    switch (dealt->fault) {
    case FIELD_STUCK_BIT:
        add_stuck_bits(field);
        break;
    case FIELD_WEAK_BIT:
        add_weak_bit(field);
        break;
    case FIELD_ADDRESS_LINE:
        add_aliases(field);
        break;
    case FIELD_ECC_REPEATED:
    case FIELD_ECC_SINGLE:
    case FIELD_ECC_UNCORRECTED:
        add_memory_checks(field, dealt);
        break;
    case FIELD_CACHE:
        add_cache_checks(field, dealt);
        break;
    case FIELD_COMPUTE:
        field->wrong_processor = 1 + (unsigned)field_below(field, FIELD_WORKERS);
        field->wrong_permille = (unsigned)field_from(field, 50, 600);
        break;
    case FIELD_UNREADABLE:
        add_unreadable(field, drive);
        break;
    case FIELD_PENDING:
        add_pending(field, drive, dealt->at_us);
        break;
    case FIELD_SILENT:
    case FIELD_STALE:
        drive->stale_is_known = dealt->fault == FIELD_SILENT;
        drive->stale_blocks = (uint32_t)field_from(field, 1, 8);
        drive->stale_lba = some_lba(field, drive, 64);
        drive->bad_us = (uint32_t)field_from(field, 20, 2000) * 1000;
        break;
    case FIELD_CORRUPTION:
        add_corruption(field, drive);
        break;
    case FIELD_LEAD:
        add_lead(field, drive, dealt->at_us);
        break;
    case FIELD_LINK_LOST:
        add_loss(field, drive, dealt->at_us);
        break;
    case FIELD_SLOW_REGION:
    case FIELD_SLOWING:
        add_slow(field, drive, dealt->fault == FIELD_SLOW_REGION, dealt->at_us);
        break;
    case FIELD_PREDICTED:
        add_prediction(field, drive);
        break;
    case FIELD_PCIE_ERRORS:
        field_add_link_errors(field, dealt->drive, dealt->at_us);
        break;
    case FIELD_HOT_DRIVE:
        add_heat(field, drive);
        break;
    case FIELD_FAN:
        field->fans[dealt->fan].stops_us = dealt->at_us;
        field->fans[dealt->fan].left = field_chance(field, 80) ? 0 : 3;
        break;
    case FIELD_AIRFLOW:
        add_airlessness(field, dealt);
        break;
    case FIELD_VOLTAGE:
        field->sag = (int)field_from(field, 22, 45);
        field->sag_us = field_chance(field, 60) ? 1 : dealt->at_us;
        break;
    case FIELD_LOGGED:
        field_add_logged(field);
        break;
    case FIELD_BOOT_RECORD:
        field_add_boot_record(field);
        break;
    case FIELD_DEAD_MODULE:
        field->dead_module = true;
        field->dead_module_sized = field_chance(field, 50);
        break;
    case FIELD_LOW_LINK:
        field_add_low_link(field, dealt->at_us);
        break;
    case FIELD_PRIOR_RUN:
        field->prior_run = true;
        break;
    default:
        break;
    }
}
