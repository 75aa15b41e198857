/* Logs, links and self-tests: of simulated drives, and of pages with something wrong in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/health/health_parts.h"
#include "tests/sim/drive_pages.h"

static struct sim_clock sim_clock;
static struct sim_drive drive;
static struct health_identity identity;
static struct health health;
static uint8_t page[DRIVE_PAGE_SIZE_MAX];
static uint64_t asked; /* bit per enum drive_page */

static int watched_page(void *context, enum drive_page which, void *buffer, size_t size)
{
    asked |= (uint64_t)1 << which;
    return sim_drive_page(context, which, buffer, size);
}

static void make(enum drive_protocol protocol)
{
    sim_drive_init(&drive, &sim_clock, protocol, 512, 1 << 20, 1);
    drive.device.page = watched_page;
    drive.counters[3] = 1234;
    asked = 0;
}

static int read_all(void)
{
    memset(&health, 0, sizeof(health));
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    return health_read_all(&drive.device, &identity, page, &health);
}

static bool has(enum health_id id)
{
    uint64_t value;

    return health_find(&health, id, &value);
}

static uint64_t value_of(enum health_id id)
{
    uint64_t value = 0;

    if (!health_find(&health, id, &value))
        fail_msg("no %s", health_names[id].name);
    return value;
}

static bool was_asked(enum drive_page which)
{
    return asked >> which & 1;
}

static void ata_all(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    drive.logs = (struct sim_logs){
        .blocks_written = 0x123456789AB,
        .blocks_read = 77,
        .pending = 4,
        .uncorrectable = 5,
        .command_resets = 6,
        .over_minutes = 7,
        .highest = 58,
        .limit = 60,
        .hardware_resets = 8,
        .asr_events = 9,
        .transport_crc = 10,
        .percentage_used = 11,
        .phy_events = {[1] = 21, [2] = 22, [9] = 29, [0x0A] = 30, [0x0D] = 33, [0x13] = 39},
        .over_limit = 12,
        .errors = 3,
        .error_status = 0x5140,
        .error_lba = 0x123456789A,
        .has_self_test = true,
        .self_test_result = 7,
        .self_test_lba = 4711,
        .link = {.generation = 2},
    };
    assert_int_equal(read_all(), OK);
    assert_true(health.answered);
    assert_int_equal(value_of(HEALTH_STATISTICS_HOURS), 1234);
    assert_int_equal(value_of(HEALTH_STATISTICS_WRITTEN), 0x123456789AB);
    assert_int_equal(value_of(HEALTH_STATISTICS_READ), 77);
    assert_int_equal(value_of(HEALTH_STATISTICS_PENDING), 4);
    assert_int_equal(value_of(HEALTH_STATISTICS_UNCORRECTABLE), 5);
    assert_int_equal(value_of(HEALTH_STATISTICS_RESETS), 6);
    assert_int_equal(value_of(HEALTH_STATISTICS_OVER_MINUTES), 7);
    assert_int_equal(value_of(HEALTH_STATISTICS_HARDWARE_RESETS), 8);
    assert_int_equal(value_of(HEALTH_STATISTICS_ASR), 9);
    assert_int_equal(value_of(HEALTH_STATISTICS_CRC), 10);
    assert_int_equal(value_of(HEALTH_STATISTICS_USED), 11);
    assert_int_equal(value_of(HEALTH_HIGHEST_CELSIUS), 58);
    assert_int_equal(value_of(HEALTH_LIMIT_CELSIUS), 60);
    assert_true(health.has_limit);
    assert_int_equal(health.limit, 60000);
    assert_int_equal(value_of(HEALTH_SCT_OVER_LIMIT), 12);
    assert_int_equal(value_of(HEALTH_PHY_COMMAND_CRC), 21);
    assert_int_equal(value_of(HEALTH_PHY_DATA), 22);
    assert_int_equal(value_of(HEALTH_PHY_NOT_READY), 29);
    assert_int_equal(value_of(HEALTH_PHY_COMRESETS), 30);
    assert_int_equal(value_of(HEALTH_PHY_OUT_NOT_CRC), 33);
    assert_int_equal(value_of(HEALTH_PHY_OTHER_OUT_NOT_CRC), 39);
    assert_int_equal(value_of(HEALTH_ERROR_LOG), 3);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_LBA), 0x123456789A);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_STATUS), 0x5140);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_MEDIUM), 1);
    assert_int_equal(value_of(HEALTH_SELF_TEST_FAILED), 1);
    assert_int_equal(value_of(HEALTH_SELF_TEST_RESULT), 7);
    assert_int_equal(value_of(HEALTH_SELF_TEST_HOURS), 1234);
    assert_int_equal(value_of(HEALTH_SELF_TEST_LBA), 4711);
    assert_int_equal(value_of(HEALTH_LINK_GENERATION), 2);
    assert_int_equal(value_of(HEALTH_LINK_GENERATION_DRIVE), 3);
    assert_false(has(HEALTH_LINK_GENERATION_PORT) || has(HEALTH_LINK_RESETS));
    assert_false(was_asked(PAGE_NCQ_ERROR)); /* reading it clears it */
}

/* A drive without a past: the same values are there, and nothing is wrong. */
static void ata_young(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    assert_int_equal(read_all(), OK);
    assert_int_equal(value_of(HEALTH_ERROR_LOG), 0);
    assert_int_equal(value_of(HEALTH_STATISTICS_CRC), 0);
    assert_false(has(HEALTH_LAST_ERROR_LBA) || has(HEALTH_SELF_TEST_FAILED));
    assert_false(health.has_limit || health.predicts_failure);
    drive.logs.has_self_test = true;
    assert_int_equal(read_all(), OK);
    assert_int_equal(value_of(HEALTH_SELF_TEST_FAILED), 0);
    assert_false(has(HEALTH_SELF_TEST_LBA));
}

static void nvme_all(void **state)
{
    (void)state;
    make(PROTOCOL_NVME);
    drive.logs = (struct sim_logs){
        .errors = 9,
        .error_status = 0x0281,
        .error_lba = 0x1234567890,
        .has_self_test = true,
        .self_test_result = 7,
        .self_test_lba = 99,
        .warning_minutes = 3,
        .link = {.resets = 1,
                 .timeouts = 2,
                 .bad_answers = 5,
                 .generation = 3,
                 .generation_drive = 4,
                 .generation_port = 5,
                 .width = 2,
                 .width_drive = 4,
                 .width_port = 16},
    };
    drive.device.link = sim_drive_link;
    assert_int_equal(read_all(), OK);
    assert_int_equal(value_of(HEALTH_ERROR_LOG), 9);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_LBA), 0x1234567890);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_STATUS), 0x0281);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_MEDIUM), 1);
    assert_int_equal(value_of(HEALTH_SELF_TEST_FAILED), 1);
    assert_int_equal(value_of(HEALTH_SELF_TEST_LBA), 99);
    assert_int_equal(value_of(HEALTH_WARNING_MINUTES), 3);
    assert_int_equal(value_of(HEALTH_WARNING_CELSIUS), 70);
    assert_int_equal(value_of(HEALTH_LIMIT_CELSIUS), 100);
    assert_int_equal(health.limit, 100000);
    assert_int_equal(value_of(HEALTH_LINK_RESETS), 1);
    assert_int_equal(value_of(HEALTH_LINK_TIMEOUTS), 2);
    assert_int_equal(value_of(HEALTH_LINK_CRC), 0);
    assert_int_equal(value_of(HEALTH_LINK_BAD_ANSWERS), 5);
    assert_int_equal(value_of(HEALTH_LINK_GENERATION), 3);
    assert_int_equal(value_of(HEALTH_LINK_GENERATION_DRIVE), 4);
    assert_int_equal(value_of(HEALTH_LINK_GENERATION_PORT), 5);
    assert_int_equal(value_of(HEALTH_LINK_WIDTH), 2);
    assert_int_equal(value_of(HEALTH_LINK_WIDTH_DRIVE), 4);
    assert_int_equal(value_of(HEALTH_LINK_WIDTH_PORT), 16);
}

static void announced_only(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    drive.logs.without_logs = true;
    assert_int_equal(read_all(), OK);
    assert_false(was_asked(PAGE_LOG_DIRECTORY) || was_asked(PAGE_ERRORS));
    make(PROTOCOL_ATA);
    drive.logs.absent_pages = (uint64_t)1 << PAGE_LOG_DIRECTORY;
    assert_int_equal(read_all(), OK);
    assert_true(was_asked(PAGE_LOG_DIRECTORY));
    assert_false(was_asked(PAGE_ERRORS) || was_asked(PAGE_PHY_EVENTS));
    make(PROTOCOL_NVME);
    drive.logs.without_logs = true;
    assert_int_equal(read_all(), OK);
    assert_false(was_asked(PAGE_SELF_TESTS));
}

/* These freeze under load when asked for their SCT status; their sisters are asked. */
static void sct_hangs(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    drive.logs.model = "TOSHIBA DT01ACA200";
    assert_int_equal(read_all(), OK);
    assert_false(was_asked(PAGE_SCT_STATUS));
    assert_true(was_asked(PAGE_PHY_EVENTS));
    drive.logs.model = "TOSHIBA DT02ABA200";
    assert_int_equal(read_all(), OK);
    assert_true(was_asked(PAGE_SCT_STATUS));
}

static void drop_temperatures(uint8_t *bytes)
{
    for (size_t at = 2; at < 362; at += 12)
        if (bytes[at] == 190 || bytes[at] == 194)
            bytes[at] = 0;
    sim_page_seal(bytes);
}

/* A drive whose attributes have no temperature. */
static int page_without_attribute(void *context, enum drive_page which, void *buffer, size_t size)
{
    int error = watched_page(context, which, buffer, size);

    if (!error && which == PAGE_SMART)
        drop_temperatures(buffer);
    return error;
}

/* What the start found in a log is asked for there in the run, and in no other log. */
static void check_temperature_log(uint64_t absent, enum drive_page log)
{
    make(PROTOCOL_ATA);
    drive.logs.absent_pages = absent;
    drive.device.page = page_without_attribute;
    assert_int_equal(read_all(), OK);
    assert_true(health.has_temperature);
    assert_int_equal(health.temperature_log, log);
    drive.celsius = 51;
    asked = 0;
    assert_int_equal(health_read(&drive.device, health.temperature_log, page, &health), OK);
    assert_true(health.has_temperature);
    assert_int_equal(health.temperature, 51000);
    assert_int_equal(asked, (uint64_t)1 << PAGE_SMART | (uint64_t)1 << PAGE_SMART_STATUS |
                                (uint64_t)1 << log);
}

static void temperatures_of_logs(void **state)
{
    (void)state;
    check_temperature_log(0, PAGE_STATISTICS_TEMPERATURE);
    check_temperature_log((uint64_t)1 << PAGE_STATISTICS_TEMPERATURE, PAGE_SCT_STATUS);
    make(PROTOCOL_ATA);
    assert_int_equal(read_all(), OK);
    assert_int_equal(health.temperature_log, 0); /* the attribute comes first */
    make(PROTOCOL_ATA);
    drive.device.page = page_without_attribute;
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_false(health.has_temperature);
    assert_false(was_asked(PAGE_SCT_STATUS) || was_asked(PAGE_STATISTICS_TEMPERATURE));
}

/* Each page refused, then each page garbage: the rest is read as ever, and nothing of it comes from
 * the page. */
static void page_by_page(void **state)
{
    (void)state;
    for (unsigned protocol = PROTOCOL_ATA; protocol <= PROTOCOL_NVME; protocol++) {
        size_t whole;

        make((enum drive_protocol)protocol);
        assert_int_equal(read_all(), OK);
        whole = health.count;
        for (unsigned which = PAGE_SMART; which < DRIVE_PAGES; which++) {
            make((enum drive_protocol)protocol);
            drive.logs.absent_pages = (uint64_t)1 << which;
            assert_int_equal(read_all(), OK);
            assert_true(health.count <= whole);
            assert_int_equal(health.predicts_failure, false);
            make((enum drive_protocol)protocol);
            drive.logs.garbage_pages = (uint64_t)1 << which;
            assert_int_equal(read_all(), OK);
            assert_true(health.count <= whole);
            for (size_t i = 0; i < health.count; i++)
                assert_true(health.values[i].value < 100000 || health.values[i].value == 1 << 20);
        }
    }
}

static void nothing_to_read(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    assert_int_equal(health_identify(&drive.device, page, &identity), OK);
    drive.logs.absent_pages = ~(uint64_t)0;
    identity.generation = identity.generation_drive = 0;
    assert_int_equal(health_read_all(&drive.device, &identity, page, &health), ERR_IO);
    drive.device.link = sim_drive_link;
    assert_int_equal(health_read_all(&drive.device, &identity, page, &health), OK);
    assert_false(health.answered);
    assert_int_equal(value_of(HEALTH_LINK_RESETS), 0);
    memset(&identity, 0, sizeof(identity));
    sim_drive_init(&drive, &sim_clock, PROTOCOL_NONE, 512, 1 << 20, 1);
    assert_int_equal(health_read_all(&drive.device, &identity, page, &health), ERR_UNSUPPORTED);
}

/* The checksum of a page, its version, its number: one that is wrong, and nothing is taken. */
static void damaged(void **state)
{
    static const struct {
        uint8_t which;
        uint16_t at;
        uint8_t value;
        bool seal;
    } rows[] = {
        {PAGE_ERRORS, 300, 1, false},
        {PAGE_ERRORS, 0, 2, true},
        {PAGE_SELF_TESTS, 300, 1, false},
        {PAGE_SELF_TESTS, 0, 0, true},
        {PAGE_PHY_EVENTS, 300, 1, false},
        {PAGE_PHY_EVENTS, 0, 0, false}, /* this one is good */
        {PAGE_SCT_STATUS, 0, 1, false},
        {PAGE_SCT_STATUS, 0, 4, false},
        {PAGE_LOG_DIRECTORY, 0, 0, false},
        {PAGE_STATISTICS_DIRECTORY, 0, 2, false},
        {PAGE_STATISTICS_DIRECTORY, 2, 1, false},
        {PAGE_STATISTICS_GENERAL, 2, 7, false},
        {PAGE_STATISTICS_GENERAL, 0, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct ata_statistics_pages pages;
        struct self_test_state tests;
        struct ata_logs logs;
        int found = OK;

        make(PROTOCOL_ATA);
        memset(&health, 0, sizeof(health));
        sim_drive_page(&drive, (enum drive_page)rows[i].which, page, 512);
        page[rows[i].at] = rows[i].value;
        if (rows[i].seal)
            sim_page_seal(page);
        switch (rows[i].which) {
        case PAGE_ERRORS:
            found = ata_errors_parse(page, 512, &health);
            break;
        case PAGE_SELF_TESTS:
            found = ata_self_tests_parse(page, 512, &tests);
            break;
        case PAGE_PHY_EVENTS:
            found = ata_phy_events_parse(page, 512, &health);
            break;
        case PAGE_SCT_STATUS:
            found = ata_sct_status_parse(page, 512, &health);
            break;
        case PAGE_LOG_DIRECTORY:
            found = ata_directory_parse(page, 512, &logs);
            break;
        case PAGE_STATISTICS_DIRECTORY:
            found = ata_statistics_directory_parse(page, 512, &pages);
            break;
        default:
            found = ata_statistics_parse(page, 512, 1, &health);
        }
        assert_int_equal(found, i == 5 ? OK : ERR_FORMAT);
        if (found != OK)
            assert_int_equal(health.count, 0);
    }
}

/* Supported and valid: only with both flags does a statistic count. */
static void statistics_flags(void **state)
{
    static const uint8_t flags[] = {0x00, 0x40, 0x80, 0xC0, 0xF8};

    (void)state;
    for (size_t i = 0; i < sizeof(flags); i++) {
        make(PROTOCOL_ATA);
        memset(&health, 0, sizeof(health));
        drive.logs.transport_crc = 5;
        sim_drive_page(&drive, PAGE_STATISTICS_TRANSPORT, page, 512);
        page[24 + 7] = flags[i];
        assert_int_equal(ata_statistics_parse(page, 512, 6, &health), OK);
        assert_int_equal(has(HEALTH_STATISTICS_CRC), (flags[i] & 0xC0) == 0xC0);
        assert_true(has(HEALTH_STATISTICS_ASR));
    }
    assert_int_equal(ata_statistics_parse(page, 511, 6, &health), ERR_FORMAT);
}

/* Temperatures are signed bytes, -128 is none, and a limit below 30 degrees is none either. */
static void temperatures(void **state)
{
    static const struct {
        int8_t celsius, limit;
        bool has, has_limit;
    } rows[] = {{-5, 60, true, true},   {-128, 60, false, true}, {127, 29, false, false},
                {35, 30, true, true},   {120, 120, true, true},  {35, 121, true, false},
                {35, -128, true, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make(PROTOCOL_ATA);
        memset(&health, 0, sizeof(health));
        drive.celsius = rows[i].celsius;
        drive.logs.limit = rows[i].limit;
        sim_drive_page(&drive, PAGE_SCT_STATUS, page, 512);
        assert_int_equal(ata_sct_status_parse(page, 512, &health), OK);
        assert_int_equal(health.has_temperature, rows[i].has);
        assert_int_equal(health.has_limit, rows[i].has_limit);
        if (rows[i].has)
            assert_int_equal(health.temperature, rows[i].celsius * 1000);
        page[0] = 2; /* this format has no limit */
        memset(&health, 0, sizeof(health));
        assert_int_equal(ata_sct_status_parse(page, 512, &health), OK);
        assert_false(health.has_limit);
    }
}

/* Counters of 16 to 64 bits, an unknown one between, one that does not fit, and the end. */
static void phy_widths(void **state)
{
    static const uint8_t list[] = {
        0x01, 0x40, 1,    0,    0, 0, 0, 0, 0, 1, /* 64 bits */
        0x0C, 0x10, 9,    9,                      /* not in the standard */
        0x0A, 0x20, 0xFF, 0xFF, 1, 0,             /* 32 bits */
        0x00, 0x00, 0x02, 0x10, 7, 7,             /* what follows the end is nothing */
    };

    (void)state;
    memset(page, 0, 512);
    memset(&health, 0, sizeof(health));
    memcpy(page + 4, list, sizeof(list));
    sim_page_seal(page);
    assert_int_equal(ata_phy_events_parse(page, 512, &health), OK);
    assert_int_equal(health.count, 2);
    assert_int_equal(value_of(HEALTH_PHY_COMMAND_CRC), 0x0100000000000001);
    assert_int_equal(value_of(HEALTH_PHY_COMRESETS), 0x1FFFF);
    memset(page, 0, 512);
    memset(&health, 0, sizeof(health));
    for (size_t at = 4; at + 4 <= 508; at += 4)
        page[at] = 0x0C, page[at + 1] = 0x10;
    page[508] = 0x01; /* its value would stand on the checksum */
    page[509] = 0x10;
    sim_page_seal(page);
    assert_int_equal(ata_phy_events_parse(page, 512, &health), OK);
    assert_int_equal(health.count, 0);
    memset(page, 0, 512);
    assert_int_equal(ata_phy_events_parse(page, 512, &health), ERR_FORMAT);
}

/* Of a newest error on another page only the count is known; an abort is not of the medium. */
static void ata_newest_error(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    memset(&health, 0, sizeof(health));
    drive.logs.errors = 700;
    sim_drive_page(&drive, PAGE_ERRORS, page, 512);
    page[2] = 5;
    sim_page_seal(page);
    assert_int_equal(ata_errors_parse(page, 512, &health), OK);
    assert_int_equal(value_of(HEALTH_ERROR_LOG), 700);
    assert_false(has(HEALTH_LAST_ERROR_LBA));
    memset(&health, 0, sizeof(health));
    drive.logs.error_status = 0x5104;
    sim_drive_page(&drive, PAGE_ERRORS, page, 512);
    assert_int_equal(ata_errors_parse(page, 512, &health), OK);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_MEDIUM), 0);
}

static void nvme_error_log(void **state)
{
    static const struct {
        uint16_t status;
        bool medium;
    } rows[] = {{0x0281, true},  {0x0280, true}, {0x0284, true}, {0x0285, false},
                {0x0002, false}, {0x4281, true}, {0x0181, false}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make(PROTOCOL_NVME);
        memset(&health, 0, sizeof(health));
        drive.logs.errors = 2;
        drive.logs.error_status = rows[i].status;
        sim_drive_page(&drive, PAGE_ERRORS, page, 4096);
        page[12] |= 1; /* the phase, which some leave in */
        assert_int_equal(nvme_errors_parse(page, 256, &health), OK);
        assert_int_equal(value_of(HEALTH_LAST_ERROR_MEDIUM), rows[i].medium);
        assert_int_equal(value_of(HEALTH_LAST_ERROR_STATUS), rows[i].status);
    }
    memset(&health, 0, sizeof(health));
    memset(page, 0, sizeof(page));
    assert_int_equal(nvme_errors_parse(page, 4096, &health), OK); /* no error yet */
    assert_int_equal(health.count, 0);
    page[64 * 5] = 3; /* wherever it stands, it is the newest */
    page[64 * 5 + 16] = 42;
    page[64 * 2] = 2;
    assert_int_equal(nvme_errors_parse(page, 4096, &health), OK);
    assert_int_equal(value_of(HEALTH_LAST_ERROR_LBA), 42);
    assert_int_equal(nvme_errors_parse(page, 63, &health), ERR_FORMAT);
}

/* Tests that were stopped are passed over, back to the one before, which may be at the ring's end.
 */
static void ata_self_test_ring(void **state)
{
    struct self_test_state tests;

    (void)state;
    make(PROTOCOL_ATA);
    memset(page, 0, 512);
    page[0] = 1;
    page[2] = 2;                                    /* the newest is the second */
    page[4 + 26] = page[4] = page[4 + 18 * 26] = 1; /* short tests */
    page[4 + 26 + 1] = 0x10;                        /* stopped by the host */
    page[4 + 1] = 0x25;                             /* by a reset */
    page[4 + 18 * 26 + 1] = 0x70;                   /* failed in reading */
    page[4 + 18 * 26 + 5] = 9;
    sim_page_seal(page);
    assert_int_equal(ata_self_tests_parse(page, 512, &tests), OK);
    assert_true(tests.known && tests.failed && tests.has_lba && !tests.running);
    assert_int_equal(tests.lba, 9);
    page[4 + 1] = 0x00;
    sim_page_seal(page);
    assert_int_equal(ata_self_tests_parse(page, 512, &tests), OK);
    assert_true(tests.known && !tests.failed && !tests.has_lba);
    page[4 + 26 + 1] = 0xF9;
    sim_page_seal(page);
    assert_int_equal(ata_self_tests_parse(page, 512, &tests), OK);
    assert_true(tests.running && tests.percent == 10);
    page[2] = 20; /* on another page */
    sim_page_seal(page);
    assert_int_equal(ata_self_tests_parse(page, 512, &tests), OK);
    assert_false(tests.known);
}

static void self_tests(void **state)
{
    struct self_test_state tests;

    (void)state;
    for (unsigned protocol = PROTOCOL_ATA; protocol <= PROTOCOL_NVME; protocol++) {
        make((enum drive_protocol)protocol);
        assert_int_equal(health_identify(&drive.device, page, &identity), OK);
        assert_int_equal(health_self_test_start(&drive.device, &identity, SELF_TEST_SHORT),
                         ERR_UNSUPPORTED);
        drive.device.self_test = sim_drive_self_test;
        assert_int_equal(health_self_test_start(&drive.device, &identity, SELF_TEST_EXTENDED), OK);
        assert_int_equal(drive.logs.asked, SELF_TEST_EXTENDED);
        assert_int_equal(health_self_test_read(&drive.device, &identity, page, &tests), OK);
        assert_true(tests.running && !tests.known);
        assert_int_equal(tests.percent, 50);
        assert_int_equal(tests.short_minutes, 2);
        assert_int_equal(tests.extended_minutes, protocol == PROTOCOL_ATA ? 300 : 25);
        drive.logs.self_test_runs = false;
        drive.logs.has_self_test = true;
        drive.logs.self_test_result = 7;
        drive.logs.self_test_lba = 1000;
        assert_int_equal(health_self_test_read(&drive.device, &identity, page, &tests), OK);
        assert_true(!tests.running && tests.known && tests.failed && tests.has_lba);
        assert_int_equal(tests.lba, 1000);
        assert_int_equal(tests.hours, 1234);
        drive.logs.self_test_result = 0;
        assert_int_equal(health_self_test_read(&drive.device, &identity, page, &tests), OK);
        assert_true(tests.known && !tests.failed && !tests.has_lba);
        identity.has_self_test = false;
        assert_int_equal(health_self_test_read(&drive.device, &identity, page, &tests),
                         ERR_UNSUPPORTED);
        assert_int_equal(health_self_test_start(&drive.device, &identity, SELF_TEST_ABORT),
                         ERR_UNSUPPORTED);
    }
}

static void self_test_texts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        assert_int_not_equal(health_self_test_text(PROTOCOL_ATA, (uint8_t)i)[0], '\0');
        assert_int_not_equal(health_self_test_text(PROTOCOL_NVME, (uint8_t)i)[0], '\0');
    }
    assert_string_equal(health_self_test_text(PROTOCOL_ATA, 7), "failed in reading");
}

/* The poll that goes on beside the load asks for nothing but SMART. */
static void poll_is_cheap(void **state)
{
    (void)state;
    make(PROTOCOL_ATA);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_int_equal(asked, (uint64_t)1 << PAGE_SMART | (uint64_t)1 << PAGE_SMART_STATUS);
    make(PROTOCOL_NVME);
    assert_int_equal(health_read(&drive.device, 0, page, &health), OK);
    assert_int_equal(asked, (uint64_t)1 << PAGE_SMART);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ata_all),
        cmocka_unit_test(ata_young),
        cmocka_unit_test(nvme_all),
        cmocka_unit_test(announced_only),
        cmocka_unit_test(sct_hangs),
        cmocka_unit_test(temperatures_of_logs),
        cmocka_unit_test(page_by_page),
        cmocka_unit_test(nothing_to_read),
        cmocka_unit_test(damaged),
        cmocka_unit_test(statistics_flags),
        cmocka_unit_test(temperatures),
        cmocka_unit_test(phy_widths),
        cmocka_unit_test(ata_newest_error),
        cmocka_unit_test(nvme_error_log),
        cmocka_unit_test(ata_self_test_ring),
        cmocka_unit_test(self_tests),
        cmocka_unit_test(self_test_texts),
        cmocka_unit_test(poll_is_cheap),
    };

    return cmocka_run_group_tests_name("health logs", tests, NULL, NULL);
}
