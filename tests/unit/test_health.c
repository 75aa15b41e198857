/* Identity and health pages: of simulated drives, and of pages with something wrong in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/health.h"
#include "tests/sim/drive.h"
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

/* Makes the checksum of an ATA page right again. */
static void seal(void)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < 511; i++)
        sum = (uint8_t)(sum + page[i]);
    page[511] = (uint8_t)-sum;
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
    seal();
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
    page[266] = page[267] = 0;
    page[268] = page[269] = 0xFF;
    assert_int_equal(nvme_identify_parse(page, 4096, &identity), OK);
    assert_false(identity.has_warning || identity.has_critical);
    assert_int_equal(nvme_identify_parse(page, 4095, &identity), ERR_FORMAT);
    memset(page, 0, sizeof(page));
    assert_int_equal(nvme_identify_parse(page, 4096, &identity), ERR_FORMAT);
}

static void ata_health(void **state)
{
    struct health health;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, page, &health), OK);
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
    assert_int_equal(health_read(&drive.device, page, &health), OK);
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
        seal();
        assert_int_equal(ata_smart_parse(page, 512, &health), OK);
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
    assert_int_equal(health_read(&device, page, &health), OK);
    assert_true(health.predicts_failure);
    assert_int_equal(health.count, 1);
    assert_false(health_find(&health, HEALTH_PENDING, &value));
    memset(page, 0, sizeof(page));
    assert_int_equal(ata_smart_parse(page, 512, &health), ERR_FORMAT);
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
    seal();
    assert_int_equal(ata_smart_parse(page, 512, &health), OK);
    assert_int_equal(health.count, 1);
    assert_int_equal(value_of(&health, HEALTH_REALLOCATED), 1);
}

static void nvme_health(void **state)
{
    struct health health;

    (void)state;
    make(PROTOCOL_NVME, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, page, &health), OK);
    assert_int_equal(value_of(&health, HEALTH_MEDIA_ERRORS), 8);
    assert_int_equal(value_of(&health, HEALTH_AVAILABLE_SPARE), 100);
    assert_int_equal(value_of(&health, HEALTH_POWER_ON_HOURS), 1234);
    assert_int_equal(health.temperature, 35000);
    assert_false(health.predicts_failure);
    make(PROTOCOL_NVME, DRIVE_PREDICTS_FAILURE);
    assert_int_equal(health_read(&drive.device, page, &health), OK);
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
    assert_int_equal(health_read(&drive.device, page, &health), ERR_UNSUPPORTED);
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    drive.device.page = NULL;
    assert_int_equal(health_read(&drive.device, page, &health), ERR_UNSUPPORTED);
    make(PROTOCOL_NVME, DRIVE_VANISHES);
    assert_int_equal(health_identify(&drive.device, page, &identity), ERR_GONE);
    assert_int_equal(health_read(&drive.device, page, &health), ERR_GONE);
}

static void emitted(void **state)
{
    struct sink sink = recorder_start(&recorder);
    struct health health;

    (void)state;
    make(PROTOCOL_ATA, DRIVE_HEALTHY);
    assert_int_equal(health_read(&drive.device, page, &health), OK);
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
    };

    return cmocka_run_group_tests_name("health", tests, NULL, NULL);
}
