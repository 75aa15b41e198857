/*
 * ATA: SMART READ DATA and SMART RETURN STATUS (ACS-3, 7.48). The attributes in the data are left
 * to the vendor by the standard and stand as SFF-8035i once laid them out.
 */
#include "base/error.h"
#include "base/text.h"
#include "disk/health/health_parts.h"

enum {
    ATTRIBUTES_OFFSET = 2,
    ATTRIBUTE_COUNT = 30,
    ATTRIBUTE_SIZE = 12,
    ATTRIBUTE_NORMALIZED = 3,
    ATTRIBUTE_RAW = 5, /* six bytes */
    ATTRIBUTE_TEMPERATURE = 194,
    ATTRIBUTE_AIRFLOW_TEMPERATURE = 190,
    CELSIUS_MIN = -40,
    CELSIUS_MAX = 120,
};

/* Who made it, as far as it decides what an attribute means. */
enum {
    SEAGATE = 1 << 0,
    WESTERN = 1 << 1,
    HITACHI = 1 << 2,
    TOSHIBA = 1 << 3,
    SAMSUNG_DISK = 1 << 4,
    SAMSUNG = 1 << 5, /* solid state, like those below */
    INTEL = 1 << 6,
    MICRON = 1 << 7,
    KINGSTON = 1 << 8,
    SANDISK = 1 << 9,
    DISKS = SEAGATE | WESTERN | HITACHI | TOSHIBA | SAMSUNG_DISK,
    ANY = 0xFFFF,
};

/* How model numbers begin; '#' is any digit. The first that fits. */
struct maker {
    const char *model;
    uint16_t maker;
};

static const struct maker makers[] = {
    {"ST#", SEAGATE},
    {"WDC WDS#", SANDISK},
    {"WDC  WDS#", SANDISK},
    {"WDC WD#", WESTERN},
    {"WD#", WESTERN},
    {"HGST ", HITACHI},
    {"Hitachi ", HITACHI},
    {"TOSHIBA DT", TOSHIBA},
    {"TOSHIBA M", TOSHIBA},
    {"TOSHIBA H", TOSHIBA},
    {"SAMSUNG HD", SAMSUNG_DISK},
    {"SAMSUNG HM", SAMSUNG_DISK},
    {"SAMSUNG SP", SAMSUNG_DISK},
    {"Samsung SSD", SAMSUNG},
    {"SAMSUNG SSD", SAMSUNG},
    {"SAMSUNG MZ", SAMSUNG},
    {"INTEL SSD", INTEL},
    {"Micron_", MICRON},
    {"MTFD", MICRON},
    {"Crucial_", MICRON},
    {"CT#", MICRON},
    {"C300-", MICRON},
    {"M4-CT", MICRON},
    {"KINGSTON S", KINGSTON},
    {"SanDisk ", SANDISK},
};

/* Which of an attribute's figures counts. */
enum figure {
    RAW,
    NORMALIZED, /* 100 when new, falling */
    USED,       /* what the normalized value has fallen below 100 */
};

struct attribute {
    uint8_t number;
    uint8_t id;     /* enum health_id */
    uint8_t width;  /* bytes of the raw value: vendors pack other figures into the upper ones */
    uint8_t figure; /* enum figure */
    uint16_t makers;
};

/*
 * Facts from the vendors' data sheets, and from the drive database of smartmontools where those are
 * silent. What is not here is not counted: the raw values of 1, 7 and 195 are rates on Seagate's
 * drives, of 188 the upper bytes count still longer timeouts, of 9 and 240 a fraction of an hour.
 * A row of ANY is of the old common stock of names (ACS-3 names none).
 */
static const struct attribute attributes[] = {
    {4, HEALTH_START_STOPS, 4, RAW, DISKS},
    {5, HEALTH_REALLOCATED, 4, RAW, ANY},
    {9, HEALTH_POWER_ON_HOURS, 4, RAW, ANY},
    {10, HEALTH_SPIN_RETRIES, 4, RAW, ANY},
    {11, HEALTH_CALIBRATION_RETRIES, 4, RAW, WESTERN | SAMSUNG_DISK},
    {12, HEALTH_POWER_CYCLES, 4, RAW, ANY},
    {22, HEALTH_HELIUM, 1, NORMALIZED, WESTERN | HITACHI},
    {169, HEALTH_BAD_BLOCKS, 4, RAW, SANDISK},
    {170, HEALTH_BAD_BLOCKS, 4, RAW, MICRON},
    {171, HEALTH_PROGRAM_FAILS, 4, RAW, INTEL | MICRON | KINGSTON | SANDISK},
    {172, HEALTH_ERASE_FAILS, 4, RAW, INTEL | MICRON | KINGSTON | SANDISK},
    {173, HEALTH_ERASE_CYCLES, 2, RAW, MICRON | SANDISK},
    {174, HEALTH_UNSAFE_SHUTDOWNS, 4, RAW, INTEL | MICRON | KINGSTON | SANDISK},
    {177, HEALTH_ERASE_CYCLES, 4, RAW, SAMSUNG},
    {179, HEALTH_RESERVE_USED, 4, RAW, SAMSUNG},
    {180, HEALTH_RESERVE_LEFT, 4, RAW, SAMSUNG | MICRON},
    {181, HEALTH_PROGRAM_FAILS, 4, RAW, SAMSUNG},
    {182, HEALTH_ERASE_FAILS, 4, RAW, SAMSUNG},
    {183, HEALTH_BAD_BLOCKS, 4, RAW, SAMSUNG},
    {183, HEALTH_DOWNSHIFTS, 4, RAW, INTEL | MICRON},
    {184, HEALTH_END_TO_END, 4, RAW, ANY},
    {187, HEALTH_REPORTED_UNCORRECTABLE, 4, RAW, ANY},
    {188, HEALTH_COMMAND_TIMEOUTS, 2, RAW, ANY},
    {189, HEALTH_HIGH_FLY_WRITES, 4, RAW, SEAGATE | WESTERN},
    {191, HEALTH_SHOCKS, 4, RAW, DISKS},
    {192, HEALTH_RETRACTS, 4, RAW, DISKS},
    {192, HEALTH_UNSAFE_SHUTDOWNS, 4, RAW, INTEL},
    {193, HEALTH_LOAD_CYCLES, 4, RAW, DISKS},
    {195, HEALTH_ECC_RECOVERED, 4, RAW, SAMSUNG},
    {196, HEALTH_REALLOCATION_EVENTS, 4, RAW, DISKS | MICRON},
    {197, HEALTH_PENDING, 4, RAW, ANY},
    {198, HEALTH_UNCORRECTABLE, 4, RAW, ANY},
    {199, HEALTH_INTERFACE_CRC, 4, RAW, ANY},
    {200, HEALTH_WRITE_ERRORS, 4, RAW, WESTERN},
    {201, HEALTH_SOFT_READ_ERRORS, 4, RAW, SAMSUNG_DISK},
    {202, HEALTH_PERCENTAGE_USED, 1, USED, MICRON},
    {210, HEALTH_RAIN_RECOVERIES, 4, RAW, MICRON},
    {223, HEALTH_LOAD_RETRIES, 4, RAW, DISKS},
    {231, HEALTH_PERCENTAGE_USED, 1, USED, KINGSTON},
    {232, HEALTH_AVAILABLE_SPARE, 1, NORMALIZED, INTEL | SANDISK},
    {233, HEALTH_PERCENTAGE_USED, 1, USED, INTEL},
    {235, HEALTH_UNSAFE_SHUTDOWNS, 4, RAW, SAMSUNG},
    {240, HEALTH_HEAD_HOURS, 4, RAW, DISKS},
    {241, HEALTH_LBA_WRITTEN, 6, RAW, SEAGATE | WESTERN | SAMSUNG},
    {242, HEALTH_LBA_READ, 6, RAW, SEAGATE | WESTERN},
    {246, HEALTH_LBA_WRITTEN, 6, RAW, MICRON},
    {252, HEALTH_BAD_BLOCKS, 4, RAW, SAMSUNG},
    {254, HEALTH_FREE_FALLS, 4, RAW, DISKS},
};

static bool begins(const char *model, const char *pattern)
{
    for (; *pattern; pattern++, model++) {
        bool digit = *model >= '0' && *model <= '9';

        if (*pattern == '#' ? !digit : *model != *pattern)
            return false;
    }
    return true;
}

/* Of a maker that is not known only the rows of ANY count. */
static bool is_meant(const struct attribute *attribute, const char *model)
{
    if (attribute->makers == ANY)
        return true;
    for (size_t i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
        if (begins(model, makers[i].model))
            return attribute->makers & makers[i].maker;
    }
    return false;
}

static uint64_t figure_of(struct bytes *page, size_t offset, const struct attribute *attribute)
{
    uint8_t normalized = bytes_u8(page, offset + ATTRIBUTE_NORMALIZED);

    if (attribute->figure == NORMALIZED)
        return normalized;
    if (attribute->figure == USED)
        return normalized < 100 ? 100u - normalized : 0;
    return bytes_le(page, offset + ATTRIBUTE_RAW, attribute->width);
}

static void parse_attribute(struct bytes *page, size_t offset, const char *model,
                            struct health *health)
{
    uint8_t number = bytes_u8(page, offset);

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        if (attributes[i].number == number && is_meant(&attributes[i], model))
            health_add(health, (enum health_id)attributes[i].id,
                       figure_of(page, offset, &attributes[i]));
    }
}

/* The lowest raw byte of an attribute, a signed number of degrees; false without a likely one. */
static bool find_temperature(struct bytes *page, uint8_t number, int64_t *ret_temperature)
{
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        size_t offset = ATTRIBUTES_OFFSET + i * ATTRIBUTE_SIZE;
        int8_t celsius = (int8_t)bytes_u8(page, offset + ATTRIBUTE_RAW);

        if (bytes_u8(page, offset) != number || celsius == 0)
            continue;
        if (celsius < CELSIUS_MIN || celsius > CELSIUS_MAX)
            continue;
        *ret_temperature = (int64_t)celsius * 1000;
        return true;
    }
    return false;
}

int ata_smart_parse(const void *data, size_t size, const char *model, struct health *health)
{
    struct bytes page = bytes_of(data, size);

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || health_sum(data, ATA_PAGE_SIZE) != 0)
        return ERR_FORMAT;
    if (bytes_le16(&page, 0) == 0 && bytes_u8(&page, ATTRIBUTES_OFFSET) == 0)
        return ERR_FORMAT;
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        parse_attribute(&page, ATTRIBUTES_OFFSET + i * ATTRIBUTE_SIZE, model, health);
    health->has_temperature =
        find_temperature(&page, ATTRIBUTE_TEMPERATURE, &health->temperature) ||
        find_temperature(&page, ATTRIBUTE_AIRFLOW_TEMPERATURE, &health->temperature);
    return OK;
}

/* LBA mid and high: 4Fh C2h is the signature of a drive that is well, F4h 2Ch of one that is not.
 */
int ata_smart_status_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    uint16_t signature = bytes_le16(&page, 0);

    if (page.failed || (signature != 0xC24F && signature != 0x2CF4))
        return ERR_FORMAT;
    health_add(health, HEALTH_SMART_FAILING, signature == 0x2CF4);
    if (signature == 0x2CF4) {
        health->predicts_failure = true;
        copy_text(health->reason, sizeof(health->reason),
                  "SMART RETURN STATUS: a threshold is exceeded");
    }
    return OK;
}
