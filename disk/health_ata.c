/*
 * ATA: IDENTIFY DEVICE (ACS-4), SMART RETURN STATUS (ACS-3), and the attributes of SMART READ DATA,
 * which the ATA standards leave to the vendor and which stand as SFF-8035i once laid them out.
 */
#include "disk/health.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"

/* Words of IDENTIFY DEVICE. */
enum {
    WORD_CONFIGURATION = 0,
    WORD_SERIAL = 10,
    SERIAL_BYTES = 20,
    WORD_FIRMWARE = 23,
    FIRMWARE_BYTES = 8,
    WORD_MODEL = 27,
    MODEL_BYTES = 40,
    WORD_SECTORS_28 = 60,
    WORD_COMMANDS = 83, /* bit 10: 48-bit addresses */
    WORD_SECTORS_48 = 100,
    WORD_SECTOR_SIZE = 106,
    WORD_LOGICAL_SIZE = 117,
    WORD_SECURITY = 128, /* bit 2: locked */
    WORD_ROTATION = 217,
    WORD_INTEGRITY = 255,
};

/* SMART READ DATA. */
enum {
    ATTRIBUTES_OFFSET = 2,
    ATTRIBUTE_COUNT = 30,
    ATTRIBUTE_SIZE = 12,
    ATTRIBUTE_RAW = 5, /* six bytes */
    ATTRIBUTE_TEMPERATURE = 194,
    ATTRIBUTE_AIRFLOW_TEMPERATURE = 190,
    CELSIUS_MIN = -40,
    CELSIUS_MAX = 120,
};

/*
 * Attributes and how many bytes of their raw value count. Vendors pack other figures into the
 * upper bytes: of 188 the number of still longer timeouts, of 9 a fraction of an hour.
 */
struct attribute {
    uint8_t number;
    uint8_t id; /* enum health_id */
    uint8_t width;
};

static const struct attribute attributes[] = {
    {5, HEALTH_REALLOCATED, 4},        {9, HEALTH_POWER_ON_HOURS, 4},
    {10, HEALTH_SPIN_RETRIES, 4},      {12, HEALTH_POWER_CYCLES, 4},
    {184, HEALTH_END_TO_END, 4},       {187, HEALTH_REPORTED_UNCORRECTABLE, 4},
    {188, HEALTH_COMMAND_TIMEOUTS, 2}, {197, HEALTH_PENDING, 4},
    {198, HEALTH_UNCORRECTABLE, 4},    {199, HEALTH_INTERFACE_CRC, 4},
};

static uint8_t sum_of(const uint8_t *data, size_t size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + data[i]);
    return sum;
}

static uint16_t word_at(struct bytes *page, size_t word)
{
    return bytes_le16(page, word * 2);
}

/* Text stands with the bytes of each word swapped. */
static void copy_string(struct bytes *page, size_t word, size_t count, char *ret, size_t ret_size)
{
    uint8_t swapped[MODEL_BYTES];

    if (count > sizeof(swapped) || !bytes_have(page, word * 2, count))
        return;
    for (size_t i = 0; i < count; i++)
        swapped[i] = page->data[word * 2 + (i ^ 1)];
    copy_name(ret, ret_size, swapped, count);
}

/* True for a word whose bits 15:14 say that the rest of it is valid. */
static bool is_valid(uint16_t word)
{
    return word >> 14 == 1;
}

static void parse_sizes(struct bytes *page, struct health_identity *identity)
{
    uint16_t commands = word_at(page, WORD_COMMANDS);
    uint16_t sizes = word_at(page, WORD_SECTOR_SIZE);
    uint32_t logical_words = bytes_le32(page, WORD_LOGICAL_SIZE * 2);

    identity->block_count = bytes_le32(page, WORD_SECTORS_28 * 2);
    if (is_valid(commands) && commands >> 10 & 1)
        identity->block_count = bytes_le64(page, WORD_SECTORS_48 * 2);
    identity->block_size = 512;
    if (is_valid(sizes) && sizes >> 12 & 1 && logical_words <= UINT16_MAX)
        identity->block_size = logical_words * 2;
    identity->physical_size = identity->block_size;
    if (is_valid(sizes) && sizes >> 13 & 1)
        identity->physical_size = identity->block_size << (sizes & 0xF);
}

static void parse_rotation(struct bytes *page, struct health_identity *identity)
{
    uint16_t rotation = word_at(page, WORD_ROTATION);

    if (rotation == 1) {
        identity->has_rotation = true;
    } else if (rotation >= 0x0401 && rotation <= 0xFFFE) {
        identity->has_rotation = true;
        identity->rotation_rpm = rotation;
    }
}

/* The integrity word is optional: its low byte says whether the sum of all bytes is to be 0. */
static bool is_identify(struct bytes *page)
{
    uint16_t configuration = word_at(page, WORD_CONFIGURATION);
    uint16_t integrity = word_at(page, WORD_INTEGRITY);

    if (page->failed || configuration >> 15 & 1)
        return false;
    return (integrity & 0xFF) != 0xA5 || sum_of(page->data, ATA_PAGE_SIZE) == 0;
}

int ata_identify_parse(const void *data, size_t size, struct health_identity *ret)
{
    struct bytes page = bytes_of(data, size);
    struct health_identity identity = {0};

    if (!is_identify(&page))
        return ERR_FORMAT;
    copy_string(&page, WORD_MODEL, MODEL_BYTES, identity.model, sizeof(identity.model));
    copy_string(&page, WORD_SERIAL, SERIAL_BYTES, identity.serial, sizeof(identity.serial));
    copy_string(&page, WORD_FIRMWARE, FIRMWARE_BYTES, identity.firmware, sizeof(identity.firmware));
    identity.locked = word_at(&page, WORD_SECURITY) >> 2 & 1;
    parse_sizes(&page, &identity);
    parse_rotation(&page, &identity);
    if (page.failed || identity.model[0] == '\0')
        return ERR_FORMAT;
    *ret = identity;
    return OK;
}

static void parse_attribute(struct bytes *page, size_t offset, struct health *health)
{
    uint8_t number = bytes_u8(page, offset);

    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
        uint64_t ignored;

        if (attributes[i].number != number ||
            health_find(health, (enum health_id)attributes[i].id, &ignored))
            continue;
        health_add(health, (enum health_id)attributes[i].id,
                   bytes_le(page, offset + ATTRIBUTE_RAW, attributes[i].width));
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

int ata_smart_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);

    if (!bytes_have(&page, 0, ATA_PAGE_SIZE) || sum_of(data, ATA_PAGE_SIZE) != 0)
        return ERR_FORMAT;
    if (word_at(&page, 0) == 0 && bytes_u8(&page, ATTRIBUTES_OFFSET) == 0)
        return ERR_FORMAT;
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        parse_attribute(&page, ATTRIBUTES_OFFSET + i * ATTRIBUTE_SIZE, health);
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
    uint16_t signature = word_at(&page, 0);

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
