/* Identity and health pages: of simulated drives, and of pages with something wrong in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/health/health_parts.h"
#include "tests/sim/drive_pages.h"
#include "tests/sim/recorder.h"

static struct sim_clock sim_clock;
static struct sim_drive drive;
static struct recorder recorder;
static uint8_t page[DRIVE_PAGE_SIZE_MAX];

static void make(enum drive_protocol protocol, enum drive_fault fault)
{
    sim_drive_init(&drive, &sim_clock, protocol, 512, 1 << 20, 1);
    drive.fault = fault;
    drive.counters[0] = 8;
    drive.counters[1] = 3;
    drive.counters[2] = 0x0102030405;
    drive.counters[3] = 1234;
    drive.counters[4] = 0x00010002;
}

static uint64_t value_of(const struct health *health, enum health_id id)
{
    uint64_t value = UINT64_MAX;

    assert_true(health_find(health, id, &value));
    return value;
}

static void ata_identity(void **state)
{
    struct health_identity identity;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    assert_string_equal(identity.model, "SIMULATED ATA DISK");
    assert_string_equal(identity.serial, "SIM-0001");
    assert_string_equal(identity.firmware, "1.0");
    assert_false(identity.locked);
    assert_true(identity.has_rotation);
    assert_int_equal(identity.rotation_rpm, 7200);
    assert_int_equal(identity.block_count, 1 << 20);
    assert_int_equal(identity.block_size, 512);
    assert_int_equal(identity.physical_size, 4096);
    assert_false(identity.has_critical);
    make(PROTOCOL_ATA, DRIVE_LOCKED);
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    assert_true(identity.locked);
    sim_drive_init(&drive, &sim_clock, PROTOCOL_ATA, 4096, 1 << 20, 1);
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    assert_int_equal(identity.block_size, 4096);
    assert_int_equal(identity.physical_size, 4096);
}

static void ata_identity_damaged(void **state)
{
    struct health_identity identity, before;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    memset(&before, 0x5A, sizeof(before));
    identity = before;
    drive.device.page(&drive, PAGE_IDENTIFY, page, 512);
    page[100] ^= 1;
    assert_int_equal(ata_identify_parse(page, 512, &identity), ERR_FORMAT);
    page[100] ^= 1;
    page[1] |= 0x80; /* not an ATA device */
    sim_page_seal(page);
    assert_int_equal(ata_identify_parse(page, 512, &identity), ERR_FORMAT);
    memset(page, 0, sizeof(page));
    assert_int_equal(ata_identify_parse(page, 512, &identity), ERR_FORMAT);
    memset(page, 0xFF, sizeof(page));
    assert_int_equal(ata_identify_parse(page, 512, &identity), ERR_FORMAT);
    assert_memory_equal(&identity, &before, sizeof(before));
}

static void nvme_identity(void **state)
{
    struct health_identity identity;

    (void)state;
    make(PROTOCOL_NVME, DRIVE_HEALTHY);
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    assert_string_equal(identity.model, "SIMULATED NVME DISK");
    assert_string_equal(identity.serial, "SIM-0001");
    assert_true(identity.has_warning && identity.has_critical);
    assert_int_equal(identity.warning, 70000);
    assert_int_equal(identity.critical, 100000);
    assert_int_equal(identity.block_count, 1 << 20); /* of the namespace */
    assert_int_equal(identity.block_size, 512);
    assert_true(identity.has_self_test && identity.has_trim && identity.has_queueing);
    assert_int_equal(identity.error_entries, 4);
    assert_int_equal(identity.extended_test_minutes, 25);
    assert_null(identity.busy_reason);
    drive.device.page(&drive, PAGE_IDENTIFY, page, 4096);
    page[266] = page[267] = 0;
    page[268] = page[269] = 0xFF;
    assert_int_equal(nvme_identify_parse(page, 4096, &identity), OK);
    assert_false(identity.has_warning || identity.has_critical);
    assert_int_equal(nvme_identify_parse(page, 4095, &identity), ERR_FORMAT);
    memset(page, 0, sizeof(page));
    assert_int_equal(nvme_identify_parse(page, 4096, &identity), ERR_FORMAT);
}

/* What makes a drive one that is not tested, though nothing is wrong with it. */
static void readiness(void **state)
{
    static const struct {
        uint16_t specific;
        bool busy;
    } rows[] = {{0, false},      {0x37C8, true},  {0x738C, true},
                {0x8C73, false}, {0xC837, false}, {0xFFFF, false}};
    struct health_identity identity;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        drive.device.page(&drive, PAGE_IDENTIFY, page, 512);
        page[4] = (uint8_t)rows[i].specific;
        page[5] = (uint8_t)(rows[i].specific >> 8);
        sim_page_seal(page);
        page[510] = 0; /* no integrity word */
        assert_int_equal(ata_identify_parse(page, 512, &identity), OK);
        assert_int_equal(identity.busy_reason != NULL, rows[i].busy);
    }
    make(PROTOCOL_NVME, DRIVE_HEALTHY);
    drive.logs.format_percent = 40;
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    assert_string_equal(identity.busy_reason, "it is being formatted");
}

/* Word by word: what it holds, and what must be read from it. */
static void ata_features(void **state)
{
    static const struct {
        uint16_t word, value;
        size_t offset; /* in struct health_identity */
        uint8_t expected;
    } rows[] = {
#define ROW(word, value, member, expected)                                                         \
    {word, value, offsetof(struct health_identity, member), expected}
        ROW(76, 0x010E, generation_drive, 3),
        ROW(76, 0x0006, generation_drive, 2),
        ROW(76, 0, generation_drive, 0),
        ROW(76, 0xFFFF, generation_drive, 0),
        ROW(76, 0xFFFF, has_queueing, false),
        ROW(76, 0x0106, has_queueing, true),
        ROW(76, 0x0006, has_queueing, false),
        ROW(77, 0x0004, generation, 2),
        ROW(77, 0x0006, generation, 3),
        ROW(77, 0x0008, generation, 0), /* no such generation */
        ROW(77, 0x0005, generation, 0), /* bit 0 is to be clear */
        ROW(77, 0xFFFF, generation, 0),
        ROW(84, 0x4020, has_logs, true),
        ROW(84, 0x0020, has_logs, false), /* not valid */
        ROW(84, 0xFFFF, has_logs, false),
        ROW(84, 0x4002, has_self_test, true),
        ROW(84, 0x4020, has_self_test, false),
        ROW(85, 0, has_smart, false),
        ROW(85, 1, has_smart, true),
        ROW(128, 0x0009, frozen, true),
        ROW(128, 0x0009, locked, false),
        ROW(128, 0x0007, locked, true),
        ROW(59, 0x1000, has_sanitize, true),
        ROW(59, 0x0800, has_sanitize, false),
        ROW(69, 0x0001, zones, ZONES_HOST_AWARE),
        ROW(69, 0x0002, zones, ZONES_DRIVE_MANAGED),
        ROW(69, 0x0003, zones, ZONES_NONE),
        ROW(168, 0x0003, form_factor, 3),
        ROW(169, 1, has_trim, true),
        ROW(206, 0, has_sct, false),
        ROW(206, 1, has_sct, true),
#undef ROW
    };

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct health_identity identity;
        uint8_t found;

        drive.device.page(&drive, PAGE_IDENTIFY, page, 512);
        page[rows[i].word * 2] = (uint8_t)rows[i].value;
        page[rows[i].word * 2 + 1] = (uint8_t)(rows[i].value >> 8);
        sim_page_seal(page);
        assert_int_equal(ata_identify_parse(page, 512, &identity), OK);
        memcpy(&found, (uint8_t *)&identity + rows[i].offset, 1);
        if (found != rows[i].expected)
            fail_msg("row %zu: %u", i, found);
    }
}

static void nvme_namespaces(void **state)
{
    struct health_identity identity = {.block_count = 5};

    (void)state;
    make(PROTOCOL_NVME, DRIVE_HEALTHY);
    drive.device.page(&drive, PAGE_NAMESPACE, page, 4096);
    page[26] = 0;
    assert_int_equal(nvme_namespace_parse(page, 4096, &identity), OK);
    assert_int_equal(identity.block_size, 4096);
    page[26] = 2; /* beyond those it has */
    assert_int_equal(nvme_namespace_parse(page, 4096, &identity), ERR_FORMAT);
    page[25] = 17;
    page[26] = 1 << 5 | 1; /* format 17 */
    page[128 + 17 * 4 + 2] = 9;
    assert_int_equal(nvme_namespace_parse(page, 4096, &identity), OK);
    assert_int_equal(identity.block_size, 512);
    page[128 + 17 * 4 + 2] = 8;
    assert_int_equal(nvme_namespace_parse(page, 4096, &identity), ERR_FORMAT);
    assert_int_equal(nvme_namespace_parse(page, 4095, &identity), ERR_FORMAT);
    memset(page, 0, sizeof(page));
    assert_int_equal(nvme_namespace_parse(page, 4096, &identity), ERR_FORMAT);
    assert_int_equal(identity.block_count, 1 << 20);
}

/* What an attribute means depends on who made the drive. */
static void ata_attributes(void **state)
{
    enum { NONE = HEALTH_IDS };
    static const struct {
        const char *model;
        uint8_t number;
        int id;
        uint64_t value;
    } rows[] = {
        {"ST4000DM004-2CV104", 1, NONE, 0},
        {"ST4000DM004-2CV104", 7, NONE, 0},
        {"ST4000DM004-2CV104", 195, NONE, 0},
        {"Samsung SSD 860 EVO 500GB", 195, HEALTH_ECC_RECOVERED, 0x11223344},
        {"Samsung SSD 860 EVO 500GB", 183, HEALTH_BAD_BLOCKS, 0x11223344},
        {"INTEL SSDSC2BB480G4", 183, HEALTH_DOWNSHIFTS, 0x11223344},
        {"ST4000DM004-2CV104", 183, NONE, 0},
        {"CT500MX500SSD1", 173, HEALTH_ERASE_CYCLES, 0x3344},
        {"CT500MX500SSD1", 202, HEALTH_PERCENTAGE_USED, 7},
        {"CTX", 202, NONE, 0},
        {"INTEL SSDSC2BB480G4", 233, HEALTH_PERCENTAGE_USED, 7},
        {"INTEL SSDSC2BB480G4", 232, HEALTH_AVAILABLE_SPARE, 93},
        {"INTEL SSDSC2BB480G4", 192, HEALTH_UNSAFE_SHUTDOWNS, 0x11223344},
        {"WDC WD40EFRX-68N32N0", 192, HEALTH_RETRACTS, 0x11223344},
        {"WDC WD40EFRX-68N32N0", 200, HEALTH_WRITE_ERRORS, 0x11223344},
        {"WDC WDS500G2B0A-00SM50", 200, NONE, 0},
        {"WDC WDS500G2B0A-00SM50", 169, HEALTH_BAD_BLOCKS, 0x11223344},
        {"HGST HUS726040ALE610", 22, HEALTH_HELIUM, 93},
        {"ST4000DM004-2CV104", 241, HEALTH_LBA_WRITTEN, 0x665511223344},
        {"KINGSTON SA400S37240G", 231, HEALTH_PERCENTAGE_USED, 7},
        {"NOBODY'S DRIVE", 231, NONE, 0},
        {"NOBODY'S DRIVE", 187, HEALTH_REPORTED_UNCORRECTABLE, 0x11223344},
        {"", 188, HEALTH_COMMAND_TIMEOUTS, 0x3344},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const uint8_t raw[6] = {0x44, 0x33, 0x22, 0x11, 0x55, 0x66};
        struct health health = {.count = 0};

        memset(page, 0, 512);
        page[0] = 1;
        page[2] = rows[i].number;
        page[5] = 93;
        memcpy(page + 7, raw, sizeof(raw));
        sim_page_seal(page);
        assert_int_equal(ata_smart_parse(page, 512, rows[i].model, &health), OK);
        if (health.count != (rows[i].id != NONE) ||
            (health.count == 1 &&
             (health.values[0].id != rows[i].id || health.values[0].value != rows[i].value)))
            fail_msg("row %zu, attribute %u of %s", i, rows[i].number, rows[i].model);
    }
}

static void ata_health(void **state)
{
    struct health health;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_int_equal(value_of(&health, HEALTH_REALLOCATED), 8);
    assert_int_equal(value_of(&health, HEALTH_PENDING), 3);
    assert_int_equal(value_of(&health, HEALTH_INTERFACE_CRC), 0x02030405);
    assert_int_equal(value_of(&health, HEALTH_POWER_ON_HOURS), 1234);
    assert_int_equal(value_of(&health, HEALTH_COMMAND_TIMEOUTS), 2);
    assert_int_equal(value_of(&health, HEALTH_SMART_FAILING), 0);
    assert_true(health.has_temperature);
    assert_int_equal(health.temperature, 35000);
    assert_false(health.predicts_failure);
    make(PROTOCOL_ATA, DRIVE_PREDICTS_FAILURE);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_true(health.predicts_failure);
    assert_int_not_equal(health.reason[0], '\0');
    assert_int_equal(value_of(&health, HEALTH_SMART_FAILING), 1);
}

/* The temperature stands in 194, else in 190, and may be below zero. */
static void ata_temperatures(void **state)
{
    static const struct {
        uint8_t first, first_raw, second, second_raw;
        bool has;
        int64_t temperature;
    } rows[] = {
        {190, 31, 0, 0, true, 31000},    {190, 31, 194, 40, true, 40000},
        {194, 40, 190, 31, true, 40000}, {194, 0, 190, 31, true, 31000},
        {194, 0xFB, 0, 0, true, -5000},  {194, 125, 0, 0, false, 0},
        {194, 0x80, 190, 0, false, 0},   {9, 31, 12, 31, false, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct health health = {0};

        memset(page, 0, 512);
        page[0] = 1;
        page[2] = rows[i].first;
        page[2 + 5] = rows[i].first_raw;
        page[2 + 6] = 99; /* a lowest or highest temperature */
        page[14] = rows[i].second;
        page[14 + 5] = rows[i].second_raw;
        sim_page_seal(page);
        assert_int_equal(ata_smart_parse(page, 512, "", &health), OK);
        assert_int_equal(health.has_temperature, rows[i].has);
        if (rows[i].has)
            assert_int_equal(health.temperature, rows[i].temperature);
    }
}

/* SMART data with a wrong checksum counts as not given; the other answer still does. */
static int damaged_page(void *context, enum drive_page which, void *buffer, size_t size)
{
    int error = drive.device.page(context, which, buffer, size);

    if (which == PAGE_SMART)
        ((uint8_t *)buffer)[3] ^= 1;
    return error;
}

static void ata_health_damaged(void **state)
{
    struct block_device device;
    struct health health;
    uint64_t value;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_PREDICTS_FAILURE);
    device = drive.device;
    device.page = damaged_page;
    assert_int_equal(health_read(&device, 0, page, &health), OK);
    assert_true(health.predicts_failure);
    assert_int_equal(health.count, 1);
    assert_false(health_find(&health, HEALTH_PENDING, &value));
    memset(page, 0, sizeof(page));
    assert_int_equal(ata_smart_parse(page, 512, "", &health), ERR_FORMAT);
    assert_int_equal(ata_smart_status_parse(page, 2, &health), ERR_FORMAT);
    assert_int_equal(ata_smart_status_parse("\x4F", 1, &health), ERR_FORMAT);
}

/* Attributes given twice, as many as there is room for, are counted once. */
static void ata_repeated(void **state)
{
    struct health health = {0};

    (void)state;
    memset(page, 0, 512);
    page[0] = 1;
    for (size_t i = 0; i < 30; i++) {
        page[2 + 12 * i] = 5;
        page[2 + 12 * i + 5] = (uint8_t)(i + 1);
    }
    sim_page_seal(page);
    assert_int_equal(ata_smart_parse(page, 512, "", &health), OK);
    assert_int_equal(health.count, 1);
    assert_int_equal(value_of(&health, HEALTH_REALLOCATED), 1);
}

static void nvme_health(void **state)
{
    struct health health;

    (void)state;
    make(PROTOCOL_NVME, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_int_equal(value_of(&health, HEALTH_MEDIA_ERRORS), 8);
    assert_int_equal(value_of(&health, HEALTH_AVAILABLE_SPARE), 100);
    assert_int_equal(value_of(&health, HEALTH_POWER_ON_HOURS), 1234);
    assert_int_equal(health.temperature, 35000);
    assert_false(health.predicts_failure);
    make(PROTOCOL_NVME, DRIVE_PREDICTS_FAILURE);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_string_equal(health.reason, "critical warning: reliability is degraded");
}

static void nvme_warnings(void **state)
{
    static const struct {
        uint8_t warning;
        bool predicts;
    } rows[] = {{0x01, true}, {0x02, false}, {0x04, true},  {0x08, true}, {0x10, true},
                {0x20, true}, {0x40, false}, {0x80, false}, {0x3F, true}, {0xC2, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct health health = {0};

        memset(page, 0, 512);
        page[0] = rows[i].warning;
        assert_int_equal(nvme_smart_parse(page, 512, &health), OK);
        assert_int_equal(health.predicts_failure, rows[i].predicts);
        assert_int_equal(health.reason[0] != '\0', rows[i].predicts);
        assert_int_equal(value_of(&health, HEALTH_CRITICAL_WARNING), rows[i].warning);
        assert_false(health.has_temperature);
    }
}

static void without_pages(void **state)
{
    struct health_identity identity;
    struct health health;

    (void)state;
    make(PROTOCOL_NONE, DRIVE_HEALTHY);
    assert_int_equal(health_identify(&drive.device, page, &identity), ERR_UNSUPPORTED);
    assert_int_equal(health_read(&drive.device, 0, page, &health), ERR_UNSUPPORTED);
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    drive.device.page = NULL;
    assert_int_equal(health_read(&drive.device, 0, page, &health), ERR_UNSUPPORTED);
    make(PROTOCOL_NVME, DRIVE_VANISHES);
    assert_int_equal(health_identify(&drive.device, page, &identity), ERR_GONE);
    assert_int_equal(health_read(&drive.device, 0, page, &health), ERR_GONE);
}

static void emitted(void **state)
{
    struct sink sink = recorder_start(&recorder);
    struct health health;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    health_emit(&health, 9, MOMENT_END, &sink);
    assert_int_equal(recorder.count, health.count);
    for (size_t i = 0; i < recorder.count; i++) {
        const struct event_counter *counter = &recorder.events[i].counter;

        assert_int_equal(recorder.events[i].type, EVENT_COUNTER);
        assert_int_equal(counter->part, 9);
        assert_int_equal(counter->moment, MOMENT_END);
        assert_string_equal(counter->name, health_names[health.values[i].id].name);
        assert_int_equal(counter->value, health.values[i].value);
    }
}

/* Every id has a name of its own that fits. */
static void names(void **state)
{
    (void)state;
    for (size_t i = 0; i < HEALTH_IDS; i++) {
        assert_non_null(health_names[i].name);
        assert_true(strlen(health_names[i].name) < NAME_SIZE);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(health_names[i].name, health_names[j].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ata_identity),     cmocka_unit_test(ata_identity_damaged),
        cmocka_unit_test(nvme_identity),    cmocka_unit_test(ata_health),
        cmocka_unit_test(ata_temperatures), cmocka_unit_test(ata_health_damaged),
        cmocka_unit_test(ata_repeated),     cmocka_unit_test(nvme_health),
        cmocka_unit_test(nvme_warnings),    cmocka_unit_test(without_pages),
        cmocka_unit_test(emitted),          cmocka_unit_test(names),
        cmocka_unit_test(readiness),        cmocka_unit_test(ata_features),
        cmocka_unit_test(nvme_namespaces),  cmocka_unit_test(ata_attributes),
    };

    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
