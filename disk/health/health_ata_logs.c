/*
 * ATA: the directory of logs (ACS-4, 9.2), device statistics (9.5), the status response of SCT
 * (ACS-3, 8.3), and Phy event counters (Serial ATA 3.x, 13.7.4).
 */
#include "base/error.h"
#include "disk/health/health_parts.h"

enum {
    DIRECTORY_VERSION = 1,
    STATISTICS_REVISION = 1,
    STATISTIC_SUPPORTED = 1 << 7, /* bits of the highest byte */
    STATISTIC_VALID = 1 << 6,
    STATISTIC_FLAGS = 7,
};

int ata_directory_parse(const void *data, size_t size, struct ata_logs *ret)
{
    struct bytes page = bytes_of(data, size);
    struct ata_logs logs = {.has[0] = true};

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || bytes_le16(&page, 0) != DIRECTORY_VERSION)
        return ERR_FORMAT;
    for (size_t i = 1; i < 256; i++)
        logs.has[i] = bytes_le16(&page, i * 2) != 0;
    *ret = logs;
    return OK;
}

static bool is_statistics(struct bytes *page, uint8_t number)
{
    return bytes_have(page, 0, ATA_PAGE_SIZE) && bytes_le16(page, 0) == STATISTICS_REVISION &&
           bytes_u8(page, 2) == number;
}

int ata_statistics_directory_parse(const void *data, size_t size, struct ata_statistics_pages *ret)
{
    struct bytes page = bytes_of(data, size);
    struct ata_statistics_pages pages = {.has[0] = true};

    if (!is_statistics(&page, 0))
        return ERR_FORMAT;
    for (size_t i = 0; i < bytes_u8(&page, 8); i++)
        pages.has[bytes_u8(&page, 9 + i)] = true;
    if (page.failed)
        return ERR_FORMAT;
    *ret = pages;
    return OK;
}

struct statistic {
    uint8_t page;
    uint8_t offset;
    uint8_t width; /* bytes of the value; a width of 1 in page 05h is a signed temperature */
    uint8_t id;    /* enum health_id */
};

static const struct statistic statistics[] = {
    {1, 8, 4, HEALTH_STATISTICS_CYCLES},
    {1, 16, 4, HEALTH_STATISTICS_HOURS},
    {1, 24, 6, HEALTH_STATISTICS_WRITTEN},
    {1, 40, 6, HEALTH_STATISTICS_READ},
    {1, 64, 4, HEALTH_STATISTICS_PENDING},
    {4, 8, 4, HEALTH_STATISTICS_UNCORRECTABLE},
    {4, 16, 4, HEALTH_STATISTICS_RESETS},
    {5, 80, 4, HEALTH_STATISTICS_OVER_MINUTES},
    {6, 8, 4, HEALTH_STATISTICS_HARDWARE_RESETS},
    {6, 16, 4, HEALTH_STATISTICS_ASR},
    {6, 24, 4, HEALTH_STATISTICS_CRC},
    {7, 8, 1, HEALTH_STATISTICS_USED},
};

enum { PAGE_TEMPERATURE = 5, CURRENT = 8, HIGHEST = 32, SPECIFIED_MAX = 88 };
enum { CELSIUS_MAX = 120, CELSIUS_LIMIT_MIN = 30, CELSIUS_INVALID = -128 };

/* A value counts only when the drive both supports it and calls it valid. */
static bool statistic_at(struct bytes *page, size_t offset, size_t width, uint64_t *ret_value)
{
    uint8_t flags = bytes_u8(page, offset + STATISTIC_FLAGS);

    if (!(flags & STATISTIC_SUPPORTED) || !(flags & STATISTIC_VALID))
        return false;
    *ret_value = bytes_le(page, offset, width);
    return true;
}

/* Where nobody gave a temperature yet; attributes have it finer in some drives, never worse. */
static void take_temperature(struct health *health, enum drive_page log, int8_t celsius)
{
    if (health->has_temperature || celsius == CELSIUS_INVALID || celsius > CELSIUS_MAX)
        return;
    health->has_temperature = true;
    health->temperature = (int64_t)celsius * 1000;
    health->temperature_log = (uint8_t)log;
}

/* A limit below 30 degrees is none that anyone means. */
static void take_limit(struct health *health, int8_t celsius)
{
    if (health->has_limit || celsius < CELSIUS_LIMIT_MIN || celsius > CELSIUS_MAX)
        return;
    health->has_limit = true;
    health->limit = (int64_t)celsius * 1000;
    health_add(health, HEALTH_LIMIT_CELSIUS, (uint64_t)celsius);
}

static void take_highest(struct health *health, int8_t celsius)
{
    if (celsius > 0 && celsius <= CELSIUS_MAX)
        health_add(health, HEALTH_HIGHEST_CELSIUS, (uint64_t)celsius);
}

static void parse_temperatures(struct bytes *page, struct health *health)
{
    uint64_t value;

    if (statistic_at(page, CURRENT, 1, &value))
        take_temperature(health, PAGE_STATISTICS_TEMPERATURE, (int8_t)value);
    if (statistic_at(page, SPECIFIED_MAX, 1, &value))
        take_limit(health, (int8_t)value);
    if (statistic_at(page, HIGHEST, 1, &value))
        take_highest(health, (int8_t)value);
}

int ata_statistics_parse(const void *data, size_t size, uint8_t number, struct health *health)
{
    struct bytes page = bytes_of(data, size);

    if (!is_statistics(&page, number))
        return ERR_FORMAT;
    for (size_t i = 0; i < sizeof(statistics) / sizeof(statistics[0]); i++) {
        const struct statistic *statistic = &statistics[i];
        uint64_t value;

        if (statistic->page == number &&
            statistic_at(&page, statistic->offset, statistic->width, &value))
            health_add(health, (enum health_id)statistic->id, value);
    }
    if (number == PAGE_TEMPERATURE)
        parse_temperatures(&page, health);
    return OK;
}

enum {
    SCT_FORMAT_MIN = 2,
    SCT_FORMAT_MAX = 3,
    SCT_TEMPERATURE = 200,
    SCT_LIFE_MAX = 204,
    SCT_LIMIT = 205, /* format 3 */
    SCT_OVER_LIMIT = 206,
};

/* It has no checksum: only its format speaks for it. */
int ata_sct_status_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    uint16_t format = bytes_le16(&page, 0);

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || format < SCT_FORMAT_MIN || format > SCT_FORMAT_MAX)
        return ERR_FORMAT;
    take_temperature(health, PAGE_SCT_STATUS, (int8_t)bytes_u8(&page, SCT_TEMPERATURE));
    take_highest(health, (int8_t)bytes_u8(&page, SCT_LIFE_MAX));
    if (format == SCT_FORMAT_MAX)
        take_limit(health, (int8_t)bytes_u8(&page, SCT_LIMIT));
    health_add(health, HEALTH_SCT_OVER_LIMIT, bytes_le32(&page, SCT_OVER_LIMIT));
    return OK;
}

/* By identifier; 0 where the standard has none. */
static const uint8_t phy_events[] = {
    [0x01] = HEALTH_PHY_COMMAND_CRC,   [0x02] = HEALTH_PHY_DATA,
    [0x03] = HEALTH_PHY_DATA_IN,       [0x04] = HEALTH_PHY_DATA_OUT,
    [0x05] = HEALTH_PHY_OTHER,         [0x06] = HEALTH_PHY_OTHER_IN,
    [0x07] = HEALTH_PHY_OTHER_OUT,     [0x08] = HEALTH_PHY_RETRIES,
    [0x09] = HEALTH_PHY_NOT_READY,     [0x0A] = HEALTH_PHY_COMRESETS,
    [0x0B] = HEALTH_PHY_OUT_CRC,       [0x0D] = HEALTH_PHY_OUT_NOT_CRC,
    [0x0F] = HEALTH_PHY_DATA_OUT_CRC,  [0x10] = HEALTH_PHY_DATA_OUT_NOT_CRC,
    [0x12] = HEALTH_PHY_OTHER_OUT_CRC, [0x13] = HEALTH_PHY_OTHER_OUT_NOT_CRC,
};

enum { PHY_FIRST = 4, PHY_END = 511, PHY_IDENTIFIER_SIZE = 2, PHY_WIDTH_MAX = 8 };

/* Identifier: bit 15 vendor, 14:12 words of the value that follows, 11:0 which counter; the list
 * ends with 0. Returns where the next one stands, PHY_END when there is none. */
static size_t parse_phy_event(struct bytes *page, size_t offset, struct health *health)
{
    uint16_t identifier = bytes_le16(page, offset);
    size_t width = (identifier >> 12 & 7) * 2u;
    uint16_t number = identifier & 0x8FFF; /* a vendor's own is beyond the table */

    offset += PHY_IDENTIFIER_SIZE;
    if (identifier == 0 || width == 0 || width > PHY_WIDTH_MAX || offset + width > PHY_END)
        return PHY_END;
    if (number < sizeof(phy_events) && phy_events[number] != 0)
        health_add(health, (enum health_id)phy_events[number], bytes_le(page, offset, width));
    return offset + width;
}

int ata_phy_events_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    size_t offset = PHY_FIRST;

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || health_sum(data, ATA_PAGE_SIZE) != 0)
        return ERR_FORMAT;
    if (bytes_le16(&page, PHY_FIRST) == 0)
        return ERR_FORMAT;
    while (offset + PHY_IDENTIFIER_SIZE <= PHY_END)
        offset = parse_phy_event(&page, offset, health);
    return OK;
}
