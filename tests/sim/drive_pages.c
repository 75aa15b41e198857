#include "tests/sim/drive_pages.h"

#include <string.h>

#include "base/error.h"

enum { ATA_SIZE = 512, NVME_SIZE = 4096, SELF_TESTS_SIZE = 564 };

static void put_le(uint8_t *page, size_t offset, size_t width, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        page[offset + i] = (uint8_t)(value >> 8 * i);
}

/* Text padded with blanks; ATA wants the bytes of each word swapped. */
static void put_text(uint8_t *page, size_t offset, size_t size, const char *text, bool swapped)
{
    size_t length = strlen(text);

    for (size_t i = 0; i < size; i++)
        page[offset + (swapped ? i ^ 1 : i)] = i < length ? (uint8_t)text[i] : ' ';
}

void sim_page_seal(uint8_t *page)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < ATA_SIZE - 1; i++)
        sum = (uint8_t)(sum + page[i]);
    page[ATA_SIZE - 1] = (uint8_t)-sum;
}

static const char *model_of(const struct sim_drive *drive, const char *otherwise)
{
    return drive->logs.model != NULL ? drive->logs.model : otherwise;
}

static void ata_identify(const struct sim_drive *drive, uint8_t *page)
{
    put_text(page, 20, 20, drive->serial, true);
    put_text(page, 46, 8, "1.0", true);
    put_text(page, 54, 40, model_of(drive, "SIMULATED ATA DISK"), true);
    put_le(page, 76 * 2, 2, 0x010E); /* generations 1 to 3, NCQ */
    put_le(page, 77 * 2, 2, drive->logs.link.generation << 1);
    put_le(page, 82 * 2, 2, 1);
    put_le(page, 83 * 2, 2, 1 << 14 | 1 << 10);
    put_le(page, 84 * 2, 2, 1 << 14 | 1 << 1 | (drive->logs.without_logs ? 0 : 1 << 5));
    put_le(page, 85 * 2, 2, 1);
    put_le(page, 87 * 2, 2, 1 << 14);
    put_le(page, 100 * 2, 8, drive->device.block_count);
    put_le(page, 106 * 2, 2, drive->device.block_size == 512 ? 0x6003 : 0x5000);
    put_le(page, 117 * 2, 4, drive->device.block_size / 2);
    put_le(page, 128 * 2, 2, drive->fault == DRIVE_LOCKED ? 0x0007 : 0x0001);
    put_le(page, 206 * 2, 2, 1);
    put_le(page, 217 * 2, 2, 7200);
    page[510] = 0xA5;
    sim_page_seal(page);
}

static void ata_smart(const struct sim_drive *drive, uint8_t *page)
{
    const uint64_t values[][2] = {
        {5, drive->counters[0]},
        {197, drive->counters[1]},
        {199, drive->counters[2]},
        {9, drive->counters[3]},
        {188, drive->counters[4]},
        {194, 0x002D00120000u | (uint8_t)drive->celsius},
        {drive->logs.attribute, drive->logs.figure},
    };

    put_le(page, 0, 2, 0x0010);
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]) && values[i][0] != 0; i++) {
        page[2 + 12 * i] = (uint8_t)values[i][0];
        page[2 + 12 * i + 3] = values[i][0] == drive->logs.attribute ? drive->logs.figure : 100;
        page[2 + 12 * i + 4] = 100;
        put_le(page, 2 + 12 * i + 5, 6, values[i][1]);
    }
    page[363] = drive->logs.self_test_runs ? 0xF5 : 0;
    page[372] = 2;
    page[373] = 0xFF;
    put_le(page, 375, 2, 300);
    sim_page_seal(page);
}

static void ata_directory(const struct sim_drive *drive, uint8_t *page)
{
    static const uint8_t logs[] = {0x03, 0x04, 0x07, 0x10, 0x11, 0xE0};

    (void)drive;
    put_le(page, 0, 2, 1);
    for (size_t i = 0; i < sizeof(logs); i++)
        put_le(page, logs[i] * 2u, 2, 1);
}

static void ata_errors(const struct sim_drive *drive, uint8_t *page)
{
    uint16_t index = drive->logs.errors > 4 ? 4 : drive->logs.errors;
    uint8_t *error = page + 4 + (index > 0 ? index - 1 : 0) * 124 + 90;
    static const uint8_t shifts[6] = {0, 24, 8, 32, 16, 40};

    page[0] = 1;
    put_le(page, 2, 2, index);
    put_le(page, 500, 2, drive->logs.errors);
    if (index > 0) {
        error[1] = (uint8_t)drive->logs.error_status;
        error[11] = (uint8_t)(drive->logs.error_status >> 8);
        for (size_t i = 0; i < 6; i++)
            error[4 + i] = (uint8_t)(drive->logs.error_lba >> shifts[i]);
    }
    sim_page_seal(page);
}

static void ata_self_tests(const struct sim_drive *drive, uint8_t *page)
{
    page[0] = 1;
    if (drive->logs.has_self_test) {
        page[2] = 1;
        page[4] = 2;
        page[5] = (uint8_t)(drive->logs.self_test_result << 4);
        put_le(page, 6, 2, drive->counters[3]);
        put_le(page, 9, 6,
               drive->logs.self_test_result != 0 ? drive->logs.self_test_lba : 0xFFFFFFFFFFFF);
    }
    sim_page_seal(page);
}

/* A device statistic that is supported and valid. */
static void put_statistic(uint8_t *page, size_t offset, size_t width, uint64_t value)
{
    put_le(page, offset, width, value);
    page[offset + 7] = 0xC0;
}

static void ata_statistics(const struct sim_drive *drive, uint8_t number, uint8_t *page)
{
    const struct sim_logs *logs = &drive->logs;
    const struct {
        uint8_t number, offset, width;
        uint64_t value;
    } rows[] = {
        {1, 16, 4, drive->counters[3]},     {1, 24, 6, logs->blocks_written},
        {1, 40, 6, logs->blocks_read},      {1, 64, 4, logs->pending},
        {4, 8, 4, logs->uncorrectable},     {4, 16, 4, logs->command_resets},
        {5, 8, 1, (uint8_t)drive->celsius}, {5, 32, 1, (uint8_t)logs->highest},
        {5, 80, 4, logs->over_minutes},     {5, 88, 1, (uint8_t)logs->limit},
        {6, 8, 4, logs->hardware_resets},   {6, 16, 4, logs->asr_events},
        {6, 24, 4, logs->transport_crc},    {7, 8, 1, logs->percentage_used},
    };

    put_le(page, 0, 2, 1);
    page[2] = number;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].number == number)
            put_statistic(page, rows[i].offset, rows[i].width, rows[i].value);
    }
}

static void ata_statistics_directory(const struct sim_drive *drive, uint8_t *page)
{
    static const uint8_t list[] = {6, 0, 1, 4, 5, 6, 7};

    (void)drive;
    put_le(page, 0, 2, 1);
    memcpy(page + 8, list, sizeof(list));
}

static void ata_phy_events(const struct sim_drive *drive, uint8_t *page)
{
    size_t at = 4;

    for (uint16_t id = 1; id < 0x14; id++) {
        put_le(page, at, 2, 1 << 12 | id);
        put_le(page, at + 2, 2, drive->logs.phy_events[id]);
        at += 4;
    }
    put_le(page, at, 2, 0xA000); /* a vendor's own, 32 bits wide */
    put_le(page, at + 2, 4, 0x12345678);
    sim_page_seal(page);
}

static void ata_sct_status(const struct sim_drive *drive, uint8_t *page)
{
    put_le(page, 0, 2, 3);
    page[200] = (uint8_t)drive->celsius;
    page[204] = (uint8_t)drive->logs.highest;
    page[205] = (uint8_t)drive->logs.limit;
    put_le(page, 206, 4, drive->logs.over_limit);
}

static void nvme_identify(const struct sim_drive *drive, uint8_t *page)
{
    put_le(page, 0, 2, 0x1B36);
    put_text(page, 4, 20, drive->serial, false);
    put_text(page, 24, 40, model_of(drive, "SIMULATED NVME DISK"), false);
    put_text(page, 64, 8, "1.0", false);
    put_le(page, 256, 2, drive->logs.without_logs ? 0 : 1 << 4);
    page[262] = 3; /* four errors are kept */
    put_le(page, 266, 2, 343);
    put_le(page, 268, 2, 373);
    put_le(page, 316, 2, 25);
    put_le(page, 520, 2, 1 << 2);
}

static void nvme_namespace(const struct sim_drive *drive, uint8_t *page)
{
    put_le(page, 0, 8, drive->device.block_count);
    page[25] = 1;
    page[26] = 1;
    page[32] = drive->logs.format_percent != 0 ? 0x80 | drive->logs.format_percent : 0x80;
    page[128 + 2] = drive->device.block_size == 512 ? 12 : 9;
    page[132 + 2] = drive->device.block_size == 512 ? 9 : 12;
}

static void nvme_smart(const struct sim_drive *drive, uint8_t *page)
{
    page[0] = drive->fault == DRIVE_PREDICTS_FAILURE ? 0x04 : 0;
    page[0] |= drive->logs.critical_warning;
    put_le(page, 1, 2, (uint64_t)(drive->celsius + 273));
    page[3] = 100;
    page[4] = 10;
    page[5] = drive->logs.percentage_used;
    put_le(page, 128, 8, drive->counters[3]);
    put_le(page, 160, 8, drive->counters[0]);
    put_le(page, 176, 8, drive->logs.errors);
    put_le(page, 192, 4, drive->logs.warning_minutes);
    put_le(page, 196, 4, drive->logs.over_minutes);
}

/* The newest first; beyond the four that the drive keeps stands what must not be looked at. */
static void nvme_errors(const struct sim_drive *drive, uint8_t *page)
{
    for (size_t i = 0; i < 4 && i < drive->logs.errors; i++) {
        put_le(page, 64 * i, 8, drive->logs.errors - i);
        put_le(page, 64 * i + 12, 2, (uint64_t)(i == 0 ? drive->logs.error_status : 1) << 1);
        put_le(page, 64 * i + 16, 8, i == 0 ? drive->logs.error_lba : 7);
    }
    memset(page + 256, 0xEE, NVME_SIZE - 256);
}

static void nvme_self_tests(const struct sim_drive *drive, uint8_t *page)
{
    page[0] = drive->logs.self_test_runs ? 2 : 0;
    page[1] = drive->logs.self_test_runs ? 50 : 0;
    for (size_t i = 0; i < 20; i++)
        page[4 + 28 * i] = 0x0F;
    if (!drive->logs.has_self_test)
        return;
    page[4] = 0x21; /* stopped by the host */
    page[32] = 0x20 | drive->logs.self_test_result;
    page[34] = drive->logs.self_test_result != 0 ? 2 : 0;
    put_le(page, 36, 8, drive->counters[3]);
    put_le(page, 48, 8, drive->logs.self_test_lba);
}

struct page_maker {
    uint16_t size;
    bool log; /* one of those that a drive may be without */
    void (*make)(const struct sim_drive *drive, uint8_t *page);
};

static void ata_smart_status(const struct sim_drive *drive, uint8_t *page)
{
    put_le(page, 0, 2, drive->fault == DRIVE_PREDICTS_FAILURE ? 0x2CF4 : 0xC24F);
}

#define STATISTICS(name, number)                                                                   \
    static void name(const struct sim_drive *drive, uint8_t *page)                                 \
    {                                                                                              \
        ata_statistics(drive, number, page);                                                       \
    }
STATISTICS(ata_general, 1)
STATISTICS(ata_general_errors, 4)
STATISTICS(ata_temperature, 5)
STATISTICS(ata_transport, 6)
STATISTICS(ata_solid_state, 7)

static const struct page_maker ata_pages[DRIVE_PAGES] = {
    [PAGE_IDENTIFY] = {ATA_SIZE, false, ata_identify},
    [PAGE_SMART] = {ATA_SIZE, false, ata_smart},
    [PAGE_SMART_STATUS] = {2, false, ata_smart_status},
    [PAGE_LOG_DIRECTORY] = {ATA_SIZE, true, ata_directory},
    [PAGE_ERRORS] = {ATA_SIZE, true, ata_errors},
    [PAGE_SELF_TESTS] = {ATA_SIZE, true, ata_self_tests},
    [PAGE_STATISTICS_DIRECTORY] = {ATA_SIZE, true, ata_statistics_directory},
    [PAGE_STATISTICS_GENERAL] = {ATA_SIZE, true, ata_general},
    [PAGE_STATISTICS_ERRORS] = {ATA_SIZE, true, ata_general_errors},
    [PAGE_STATISTICS_TEMPERATURE] = {ATA_SIZE, true, ata_temperature},
    [PAGE_STATISTICS_TRANSPORT] = {ATA_SIZE, true, ata_transport},
    [PAGE_STATISTICS_SSD] = {ATA_SIZE, true, ata_solid_state},
    [PAGE_PHY_EVENTS] = {ATA_SIZE, true, ata_phy_events},
    [PAGE_SCT_STATUS] = {ATA_SIZE, true, ata_sct_status},
};

static const struct page_maker nvme_pages[DRIVE_PAGES] = {
    [PAGE_IDENTIFY] = {NVME_SIZE, false, nvme_identify},
    [PAGE_SMART] = {ATA_SIZE, false, nvme_smart},
    [PAGE_ERRORS] = {NVME_SIZE, false, nvme_errors},
    [PAGE_SELF_TESTS] = {SELF_TESTS_SIZE, true, nvme_self_tests},
    [PAGE_NAMESPACE] = {NVME_SIZE, false, nvme_namespace},
};

int sim_drive_page(const struct sim_drive *drive, enum drive_page which, void *buffer, size_t size)
{
    const struct page_maker *maker;

    if (drive->device.protocol == PROTOCOL_NONE || which >= DRIVE_PAGES)
        return ERR_UNSUPPORTED;
    maker = drive->device.protocol == PROTOCOL_ATA ? &ata_pages[which] : &nvme_pages[which];
    if (maker->make == NULL || (maker->log && drive->logs.without_logs))
        return ERR_UNSUPPORTED;
    if (size < maker->size)
        return ERR_RANGE;
    if (drive->logs.absent_pages >> which & 1)
        return ERR_IO;
    memset(buffer, drive->logs.garbage_pages >> which & 1 ? 0xFF : 0, size);
    if (!(drive->logs.garbage_pages >> which & 1))
        maker->make(drive, buffer);
    return OK;
}

int sim_drive_link(void *context, struct drive_link *ret_link)
{
    const struct sim_drive *drive = context;

    *ret_link = drive->logs.link;
    return OK;
}

int sim_drive_self_test(void *context, enum self_test test)
{
    struct sim_drive *drive = context;

    drive->logs.asked = test;
    drive->logs.self_tests_asked++;
    drive->logs.self_test_runs = test != SELF_TEST_ABORT;
    return OK;
}
