/* ATA: IDENTIFY DEVICE (ACS-4, 9.11.8 and Serial ATA 3.x, 13.2.1; words that ACS-4 dropped: ACS-3).
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/health/health_parts.h"

/* Words of IDENTIFY DEVICE. */
enum {
    WORD_CONFIGURATION = 0,
    WORD_SPECIFIC = 2,
    WORD_SERIAL = 10,
    SERIAL_BYTES = 20,
    WORD_FIRMWARE = 23,
    FIRMWARE_BYTES = 8,
    WORD_MODEL = 27,
    MODEL_BYTES = 40,
    WORD_SANITIZE = 59, /* bit 12 */
    WORD_SECTORS_28 = 60,
    WORD_ZONES = 69,
    WORD_SATA = 76,
    WORD_SATA_NOW = 77, /* bits 3:1: generation of the link as it is */
    WORD_SUPPORTED_1 = 82,
    WORD_SUPPORTED_2 = 83, /* bit 10: 48-bit addresses */
    WORD_SUPPORTED_3 = 84,
    WORD_ENABLED_1 = 85,
    WORD_ENABLED_3 = 87,
    WORD_SECTORS_48 = 100,
    WORD_SECTOR_SIZE = 106,
    WORD_LOGICAL_SIZE = 117,
    WORD_SECURITY = 128,
    WORD_FORM_FACTOR = 168,
    WORD_DATA_SETS = 169, /* bit 0: TRIM */
    WORD_SCT = 206,
    WORD_ROTATION = 217,
    WORD_INTEGRITY = 255,
};

enum { GENERATIONS = 3 };

static uint16_t word_at(struct bytes *page, size_t word)
{
    return bytes_le16(page, word * 2);
}

static bool bit_of(struct bytes *page, size_t word, unsigned bit)
{
    return word_at(page, word) >> bit & 1;
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
    uint16_t commands = word_at(page, WORD_SUPPORTED_2);
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

/* 0 and FFFFh: this is no SATA drive. */
static void parse_link(struct bytes *page, struct health_identity *identity)
{
    uint16_t sata = word_at(page, WORD_SATA);
    uint8_t now = word_at(page, WORD_SATA_NOW) >> 1 & 7;

    if (sata == 0 || sata == UINT16_MAX)
        return;
    for (unsigned generation = 1; generation <= GENERATIONS; generation++) {
        if (sata >> generation & 1)
            identity->generation_drive = (uint8_t)generation;
    }
    if (!bit_of(page, WORD_SATA_NOW, 0) && now <= GENERATIONS)
        identity->generation = now;
    identity->has_queueing = sata >> 8 & 1;
}

/* Words 82 to 84 are valid when 84 says so, 85 to 87 when 87 does. */
static void parse_features(struct bytes *page, struct health_identity *identity)
{
    bool supported = is_valid(word_at(page, WORD_SUPPORTED_3));
    bool enabled = is_valid(word_at(page, WORD_ENABLED_3));

    identity->has_smart = enabled && bit_of(page, WORD_ENABLED_1, 0);
    identity->has_self_test = supported && bit_of(page, WORD_SUPPORTED_3, 1);
    identity->has_logs = supported && bit_of(page, WORD_SUPPORTED_3, 5);
    identity->has_hpa = supported && enabled && bit_of(page, WORD_SUPPORTED_1, 10) &&
                        bit_of(page, WORD_ENABLED_1, 10);
    identity->has_sct = bit_of(page, WORD_SCT, 0);
    identity->has_trim = bit_of(page, WORD_DATA_SETS, 0);
    identity->has_sanitize = bit_of(page, WORD_SANITIZE, 12);
    identity->form_factor = word_at(page, WORD_FORM_FACTOR) & 0xF;
    if ((word_at(page, WORD_ZONES) & 3) != 3)
        identity->zones = word_at(page, WORD_ZONES) & 3;
}

/* A drive that waits in standby since power-up for SET FEATURES refuses every read. */
static void parse_readiness(struct bytes *page, struct health_identity *identity)
{
    uint16_t specific = word_at(page, WORD_SPECIFIC);

    identity->locked = bit_of(page, WORD_SECURITY, 2);
    identity->frozen = bit_of(page, WORD_SECURITY, 3);
    if (specific == 0x37C8 || specific == 0x738C)
        identity->busy_reason = "it waits in standby since power-up and was not told to spin up";
}

/* The integrity word is optional: its low byte says whether the sum of all bytes is to be 0. */
static bool is_identify(struct bytes *page)
{
    uint16_t configuration = word_at(page, WORD_CONFIGURATION);
    uint16_t integrity = word_at(page, WORD_INTEGRITY);

    if (page->failed || configuration >> 15 & 1)
        return false;
    return (integrity & 0xFF) != 0xA5 || health_sum(page->data, ATA_PAGE_SIZE) == 0;
}

int ata_identify_parse(const void *data, size_t size, struct health_identity *ret)
{
    struct bytes page = bytes_of(data, size);
    struct health_identity identity = {.locked = false};

    if (!is_identify(&page))
        return ERR_FORMAT;
    copy_string(&page, WORD_MODEL, MODEL_BYTES, identity.model, sizeof(identity.model));
    copy_string(&page, WORD_SERIAL, SERIAL_BYTES, identity.serial, sizeof(identity.serial));
    copy_string(&page, WORD_FIRMWARE, FIRMWARE_BYTES, identity.firmware, sizeof(identity.firmware));
    parse_sizes(&page, &identity);
    parse_rotation(&page, &identity);
    parse_link(&page, &identity);
    parse_features(&page, &identity);
    parse_readiness(&page, &identity);
    if (page.failed || identity.model[0] == '\0')
        return ERR_FORMAT;
    *ret = identity;
    return OK;
}
