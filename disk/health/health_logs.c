/* Which logs are asked for, by what the drive announces. Whatever fails is left out. */
#include "base/error.h"
#include "base/text.h"
#include "disk/health/health_parts.h"

enum {
    LOG_ERRORS = 0x03,
    LOG_STATISTICS = 0x04,
    LOG_SELF_TESTS = 0x07,
    LOG_PHY_EVENTS = 0x11,
    LOG_SCT_STATUS = 0xE0,
    NVME_ERROR_SIZE = 64,
};

/* Drives that freeze under load when they are asked for their SCT status. */
static const char *const sct_hangs[] = {"TOSHIBA DT01ACA"};

static bool may_ask_sct(const struct health_identity *identity)
{
    for (size_t i = 0; i < sizeof(sct_hangs) / sizeof(sct_hangs[0]); i++) {
        if (text_starts(identity->model, sct_hangs[i]))
            return false;
    }
    return identity->has_sct;
}

static bool fetch_ata(const struct block_device *device, enum drive_page which, uint8_t *page)
{
    return health_fetch(device, which, page, ATA_PAGE_SIZE) == OK;
}

static void read_statistics(const struct block_device *device, uint8_t *page, struct health *health)
{
    static const struct {
        uint8_t number;
        uint8_t page; /* enum drive_page */
    } rows[] = {
        {1, PAGE_STATISTICS_GENERAL},     {4, PAGE_STATISTICS_ERRORS},
        {5, PAGE_STATISTICS_TEMPERATURE}, {6, PAGE_STATISTICS_TRANSPORT},
        {7, PAGE_STATISTICS_SSD},
    };
    struct ata_statistics_pages pages;

    if (!fetch_ata(device, PAGE_STATISTICS_DIRECTORY, page) ||
        ata_statistics_directory_parse(page, ATA_PAGE_SIZE, &pages) != OK)
        return;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (pages.has[rows[i].number] && fetch_ata(device, (enum drive_page)rows[i].page, page))
            (void)ata_statistics_parse(page, ATA_PAGE_SIZE, rows[i].number, health);
    }
}

void health_read_temperature(const struct block_device *device, uint8_t log, uint8_t *page,
                             struct health *health)
{
    if (!fetch_ata(device, (enum drive_page)log, page))
        return;
    if (log == PAGE_SCT_STATUS)
        (void)ata_sct_status_parse(page, ATA_PAGE_SIZE, health);
    else if (log == PAGE_STATISTICS_TEMPERATURE)
        (void)ata_statistics_parse(page, ATA_PAGE_SIZE, 5, health);
}

static void read_ata_logs(const struct block_device *device, const struct health_identity *identity,
                          uint8_t *page, struct health *health)
{
    struct self_test_state tests;
    struct ata_logs logs;

    if (!identity->has_logs || !fetch_ata(device, PAGE_LOG_DIRECTORY, page) ||
        ata_directory_parse(page, ATA_PAGE_SIZE, &logs) != OK)
        return;
    if (logs.has[LOG_STATISTICS])
        read_statistics(device, page, health);
    if (logs.has[LOG_ERRORS] && fetch_ata(device, PAGE_ERRORS, page))
        (void)ata_errors_parse(page, ATA_PAGE_SIZE, health);
    if (logs.has[LOG_SELF_TESTS] && fetch_ata(device, PAGE_SELF_TESTS, page) &&
        ata_self_tests_parse(page, ATA_PAGE_SIZE, &tests) == OK)
        health_add_self_test(health, &tests);
    if (logs.has[LOG_PHY_EVENTS] && fetch_ata(device, PAGE_PHY_EVENTS, page))
        (void)ata_phy_events_parse(page, ATA_PAGE_SIZE, health);
    if (logs.has[LOG_SCT_STATUS] && may_ask_sct(identity) &&
        fetch_ata(device, PAGE_SCT_STATUS, page))
        (void)ata_sct_status_parse(page, ATA_PAGE_SIZE, health);
}

static void read_nvme_logs(const struct block_device *device,
                           const struct health_identity *identity, uint8_t *page,
                           struct health *health)
{
    struct self_test_state tests;
    size_t size = (size_t)identity->error_entries * NVME_ERROR_SIZE;

    if (size == 0 || size > NVME_ERRORS_SIZE)
        size = NVME_ERRORS_SIZE;
    if (health_fetch(device, PAGE_ERRORS, page, NVME_ERRORS_SIZE) == OK)
        (void)nvme_errors_parse(page, size, health);
    if (identity->has_self_test &&
        health_fetch(device, PAGE_SELF_TESTS, page, NVME_SELF_TESTS_SIZE) == OK &&
        nvme_self_tests_parse(page, NVME_SELF_TESTS_SIZE, &tests) == OK)
        health_add_self_test(health, &tests);
}

/* An NVMe drive names its limits in its identity. */
static void add_limits(const struct health_identity *identity, struct health *health)
{
    if (identity->has_warning && identity->warning > 0)
        health_add(health, HEALTH_WARNING_CELSIUS, (uint64_t)identity->warning / 1000);
    if (!identity->has_critical || identity->critical <= 0)
        return;
    health_add(health, HEALTH_LIMIT_CELSIUS, (uint64_t)identity->critical / 1000);
    health->has_limit = true;
    health->limit = identity->critical;
}

void health_read_logs(const struct block_device *device, const struct health_identity *identity,
                      uint8_t *page, struct health *health)
{
    size_t before = health->count;

    if (device->protocol == PROTOCOL_NVME)
        read_nvme_logs(device, identity, page, health);
    else if (device->protocol == PROTOCOL_ATA)
        read_ata_logs(device, identity, page, health);
    if (health->count > before)
        health->answered = true;
    add_limits(identity, health);
}

/* 0 is not known, and is no value. */
static void add_known(struct health *health, enum health_id id, uint8_t value)
{
    if (value != 0)
        health_add(health, id, value);
}

static void add_driver(struct health *health, const struct drive_link *link)
{
    health_add(health, HEALTH_LINK_RESETS, link->resets);
    health_add(health, HEALTH_LINK_TIMEOUTS, link->timeouts);
    health_add(health, HEALTH_LINK_CRC, link->crc_errors);
    health_add(health, HEALTH_LINK_PHY_CHANGES, link->phy_changes);
    health_add(health, HEALTH_LINK_BAD_ANSWERS, link->bad_answers);
    add_known(health, HEALTH_LINK_GENERATION, link->generation);
    add_known(health, HEALTH_LINK_GENERATION_DRIVE, link->generation_drive);
    add_known(health, HEALTH_LINK_GENERATION_PORT, link->generation_port);
    add_known(health, HEALTH_LINK_WIDTH, link->width);
    add_known(health, HEALTH_LINK_WIDTH_DRIVE, link->width_drive);
    add_known(health, HEALTH_LINK_WIDTH_PORT, link->width_port);
}

void health_read_link(const struct block_device *device, const struct health_identity *identity,
                      struct health *health)
{
    struct drive_link link;

    if (device->link != NULL && device->link(device->context, &link) == OK)
        add_driver(health, &link);
    add_known(health, HEALTH_LINK_GENERATION, identity->generation);
    add_known(health, HEALTH_LINK_GENERATION_DRIVE, identity->generation_drive);
}
