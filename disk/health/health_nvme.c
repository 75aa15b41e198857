/*
 * NVMe: Identify Controller and log page 02h (NVMe Base 2.0, 5.17.2.1 and 5.16.1.3), Identify
 * Namespace (NVM Command Set 1.0, 4.1.5.1).
 */
#include "base/error.h"
#include "base/text.h"
#include "disk/health/health_parts.h"

/* Identify Controller. */
enum {
    VENDOR_OFFSET = 0,
    SERIAL_OFFSET = 4,
    SERIAL_BYTES = 20,
    MODEL_OFFSET = 24,
    MODEL_BYTES = 40,
    FIRMWARE_OFFSET = 64,
    FIRMWARE_BYTES = 8,
    OACS_OFFSET = 256, /* bit 4: device self-test */
    ELPE_OFFSET = 262, /* entries of the error log, less one */
    WCTEMP_OFFSET = 266,
    CCTEMP_OFFSET = 268,
    EDSTT_OFFSET = 316, /* minutes of an extended self-test */
    SANICAP_OFFSET = 328,
    ONCS_OFFSET = 520, /* bit 2: Dataset Management, which TRIM is part of */
};

/* Identify Namespace. */
enum {
    NSZE_OFFSET = 0,
    NLBAF_OFFSET = 25, /* LBA formats, less one */
    FLBAS_OFFSET = 26, /* the format in use: bits 3:0, and 6:5 above them */
    FPI_OFFSET = 32,   /* bit 7: what follows is valid; 6:0: percent still to be formatted */
    LBAF_OFFSET = 128,
    LBAF_SIZE = 4,
    LBADS_OFFSET = 2, /* of a format: its data size as a power of two */
    LBADS_MIN = 9,
    LBADS_MAX = 16,
};

/* Temperatures are whole kelvins; beyond these bounds nobody measured them. */
enum {
    KELVIN_ZERO_CELSIUS = 273,
    KELVIN_MIN = 200,
    KELVIN_MAX = 500,
};

/* Bits of the critical warning; bit 1 is temperature and predicts nothing. */
struct warning {
    uint8_t bit;
    const char *text;
};

static const struct warning warnings[] = {
    {0, "spare capacity is below its threshold"},
    {2, "reliability is degraded"},
    {3, "the medium has become read-only"},
    {4, "the backup of its volatile memory has failed"},
    {5, "its persistent memory region is unreliable"},
};

/* The log's fields that are taken as they stand. Of 16 bytes, too many for anyone to fill, the
 * lower eight count. */
struct log_field {
    uint8_t id; /* enum health_id */
    uint8_t offset;
    uint8_t width;
};

static const struct log_field log_fields[] = {
    {HEALTH_CRITICAL_WARNING, 0, 1},  {HEALTH_AVAILABLE_SPARE, 3, 1},
    {HEALTH_PERCENTAGE_USED, 5, 1},   {HEALTH_POWER_CYCLES, 112, 8},
    {HEALTH_POWER_ON_HOURS, 128, 8},  {HEALTH_UNSAFE_SHUTDOWNS, 144, 8},
    {HEALTH_MEDIA_ERRORS, 160, 8},    {HEALTH_ERROR_LOG, 176, 8},
    {HEALTH_WARNING_MINUTES, 192, 4}, {HEALTH_CRITICAL_MINUTES, 196, 4},
};

/* False for 0, which means not reported, and for what cannot be. */
static bool kelvin_at(struct bytes *page, size_t offset, int64_t *ret_temperature)
{
    uint16_t kelvin = bytes_le16(page, offset);

    if (kelvin < KELVIN_MIN || kelvin > KELVIN_MAX)
        return false;
    *ret_temperature = ((int64_t)kelvin - KELVIN_ZERO_CELSIUS) * 1000;
    return true;
}

static void copy_string(struct bytes *page, size_t offset, size_t count, char *ret, size_t ret_size)
{
    if (bytes_have(page, offset, count))
        copy_name(ret, ret_size, page->data + offset, count);
}

int nvme_identify_parse(const void *data, size_t size, struct health_identity *ret)
{
    struct bytes page = bytes_of(data, size);
    struct health_identity identity = {.has_smart = true, .has_logs = true, .has_queueing = true};
    uint16_t vendor = bytes_le16(&page, VENDOR_OFFSET);

    if (!bytes_have(&page, 0, NVME_IDENTIFY_SIZE) || vendor == UINT16_MAX)
        return ERR_FORMAT;
    copy_string(&page, MODEL_OFFSET, MODEL_BYTES, identity.model, sizeof(identity.model));
    copy_string(&page, SERIAL_OFFSET, SERIAL_BYTES, identity.serial, sizeof(identity.serial));
    copy_string(&page, FIRMWARE_OFFSET, FIRMWARE_BYTES, identity.firmware,
                sizeof(identity.firmware));
    identity.has_warning = kelvin_at(&page, WCTEMP_OFFSET, &identity.warning);
    identity.has_critical = kelvin_at(&page, CCTEMP_OFFSET, &identity.critical);
    identity.has_self_test = bytes_le16(&page, OACS_OFFSET) >> 4 & 1;
    identity.has_sanitize = bytes_le32(&page, SANICAP_OFFSET) & 7;
    identity.has_trim = bytes_le16(&page, ONCS_OFFSET) >> 2 & 1;
    identity.error_entries = bytes_u8(&page, ELPE_OFFSET) + 1;
    if (identity.has_self_test)
        identity.extended_test_minutes = bytes_le16(&page, EDSTT_OFFSET);
    if (page.failed || identity.model[0] == '\0')
        return ERR_FORMAT;
    *ret = identity;
    return OK;
}

int nvme_namespace_parse(const void *data, size_t size, struct health_identity *identity)
{
    struct bytes page = bytes_of(data, size);
    uint8_t in_use = bytes_u8(&page, FLBAS_OFFSET);
    unsigned format = (in_use & 0xFu) | (in_use >> 1 & 0x30u);
    uint8_t power = bytes_u8(&page, LBAF_OFFSET + format * LBAF_SIZE + LBADS_OFFSET);
    uint8_t progress = bytes_u8(&page, FPI_OFFSET);

    if (!bytes_have(&page, 0, NVME_IDENTIFY_SIZE) || bytes_le64(&page, NSZE_OFFSET) == 0)
        return ERR_FORMAT; /* a namespace that is not there is all zero */
    if (format > bytes_u8(&page, NLBAF_OFFSET) || power < LBADS_MIN || power > LBADS_MAX)
        return ERR_FORMAT;
    identity->block_count = bytes_le64(&page, NSZE_OFFSET);
    identity->block_size = identity->physical_size = (uint32_t)1 << power;
    if (progress >> 7 && progress & 0x7F)
        identity->busy_reason = "it is being formatted";
    return OK;
}

static void predict(struct health *health, uint8_t warning)
{
    struct text reason = text_in(health->reason, sizeof(health->reason));

    for (size_t i = 0; i < sizeof(warnings) / sizeof(warnings[0]); i++) {
        if (!(warning >> warnings[i].bit & 1))
            continue;
        text_format(&reason, "%s%s",
                    health->predicts_failure ? ", " : "critical warning: ", warnings[i].text);
        health->predicts_failure = true;
    }
}

int nvme_smart_parse(const void *data, size_t size, struct health *health)
{
    struct bytes page = bytes_of(data, size);
    uint8_t warning = bytes_u8(&page, 0);

    if (!bytes_have(&page, 0, NVME_SMART_SIZE) || warning == UINT8_MAX)
        return ERR_FORMAT;
    for (size_t i = 0; i < sizeof(log_fields) / sizeof(log_fields[0]); i++)
        health_add(health, (enum health_id)log_fields[i].id,
                   bytes_le(&page, log_fields[i].offset, log_fields[i].width));
    health->has_temperature = kelvin_at(&page, 1, &health->temperature);
    predict(health, warning);
    return OK;
}
