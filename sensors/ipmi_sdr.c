#include "sensors/ipmi_sdr.h"

#include "base/bits.h"
#include "base/error.h"
#include "base/text.h"

/* Offsets common to full and compact records, sections 43.1 and 43.2, counted from 0. */
enum {
    AT_TYPE = 3,
    AT_LENGTH = 4,
    AT_OWNER = 5,
    AT_LUN = 6,
    AT_NUMBER = 7,
    AT_ENTITY = 8,
    AT_INSTANCE = 9,
    AT_CAPABILITIES = 11,
    AT_SENSOR_TYPE = 12,
    AT_READING_TYPE = 13,
    AT_LOWER_MASK = 14,
    AT_UPPER_MASK = 16,
    AT_READABLE_MASK = 18,
    AT_UNITS = 20,
    AT_BASE_UNIT = 21,
};

/* Offsets of full records. */
enum {
    AT_LINEARIZATION = 23,
    AT_M = 24,
    AT_UPPER_CRITICAL = 37,
    AT_LOWER_CRITICAL = 40,
    AT_FULL_NAME = 47,
};

/* Offsets of compact records. */
enum {
    AT_SHARE_COUNT = 23,
    AT_SHARE_OFFSET = 24,
    AT_COMPACT_NAME = 31,
};

enum {
    BMC_ADDRESS = 0x20,
    READING_TYPE_THRESHOLD = 0x01,
    UNIT_PERCENTAGE = 0x01,
    UNIT_MODIFIED = 0x06,
};

/* Table 43-15. */
enum {
    UNIT_CELSIUS = 1,
    UNIT_FAHRENHEIT = 2,
    UNIT_KELVIN = 3,
    UNIT_VOLTS = 4,
    UNIT_WATTS = 6,
    UNIT_RPM = 18,
};

/* Sensor types, section 42.2. Makers file watts under several. */
static enum quantity find_quantity(uint8_t sensor_type, uint8_t unit)
{
    switch (sensor_type) {
    case 0x01:
        return QUANTITY_TEMPERATURE;
    case 0x02:
        return QUANTITY_VOLTAGE;
    case 0x04:
        return QUANTITY_FAN_SPEED;
    case 0x03: /* current */
    case 0x08: /* power supply */
    case 0x09: /* power unit */
    case 0x0B: /* other units */
        return unit == UNIT_WATTS ? QUANTITY_POWER : QUANTITIES;
    default:
        return QUANTITIES;
    }
}

/* Whether the quantity is given in this unit, section 43.17, and on which scale. */
static bool find_scale(enum quantity quantity, uint8_t unit, uint8_t *ret_scale)
{
    *ret_scale = SCALE_AS_GIVEN;
    if (quantity == QUANTITY_TEMPERATURE && unit == UNIT_FAHRENHEIT)
        *ret_scale = SCALE_FAHRENHEIT;
    else if (quantity == QUANTITY_TEMPERATURE && unit == UNIT_KELVIN)
        *ret_scale = SCALE_KELVIN;
    else if (quantity == QUANTITY_TEMPERATURE)
        return unit == UNIT_CELSIUS;
    else if (quantity == QUANTITY_VOLTAGE)
        return unit == UNIT_VOLTS;
    else if (quantity == QUANTITY_FAN_SPEED)
        return unit == UNIT_RPM;
    return true;
}

/* Six bits a character, from 20h on, the first in the lowest bits: section 43.15. */
static void copy_packed(char *ret_name, const uint8_t *packed, size_t count)
{
    char name[NAME_SIZE];
    size_t length = count * 8 / 6;

    if (length > sizeof(name))
        length = sizeof(name);
    for (size_t i = 0; i < length; i++) {
        size_t bit = i * 6;
        unsigned pair = packed[bit / 8];

        if (bit / 8 + 1 < count)
            pair |= (unsigned)packed[bit / 8 + 1] << 8;
        name[i] = (char)(0x20 + (pair >> bit % 8 & 0x3F));
    }
    copy_name(ret_name, NAME_SIZE, name, length);
}

/* The name, section 43.15. One that is missing or cannot be read becomes the sensor's number. */
static void parse_name(const struct bytes *record, size_t offset, struct ipmi_sdr *sdr)
{
    struct bytes bytes = bytes_of(record->data, record->size);
    uint8_t type_length = bytes_u8(&bytes, offset);
    size_t length = type_length & 0x1F;

    sdr->name[0] = '\0';
    if (!bytes.failed && length > bytes.size - offset - 1)
        length = bytes.size - offset - 1;
    if (!bytes.failed && type_length >> 6 == 3)
        copy_name(sdr->name, sizeof(sdr->name), bytes.data + offset + 1, length);
    else if (!bytes.failed && type_length >> 6 == 2)
        copy_packed(sdr->name, bytes.data + offset + 1, length);
    if (sdr->name[0] == '\0')
        format_text(sdr->name, sizeof(sdr->name), "sensor %u", sdr->number);
}

/* Which thresholds count: those the record names anywhere. One that names none while the sensor
 * has thresholds was filled in carelessly, and the BMC's word is taken for all of them. */
static uint8_t parse_compared(struct bytes *record, uint8_t readable_mask)
{
    unsigned lower = bytes_le16(record, AT_LOWER_MASK) >> 12 & 7;
    unsigned upper = bytes_le16(record, AT_UPPER_MASK) >> 12 & 7;
    unsigned mask = (lower | upper << 3 | readable_mask) & THRESHOLDS_ALL;

    return mask ? (uint8_t)mask : THRESHOLDS_ALL;
}

/* Capabilities, bits 3:2: no thresholds, readable, also settable, fixed and not readable. */
static void parse_thresholds(struct bytes *record, struct ipmi_sdr *sdr)
{
    uint8_t mask = bytes_u8(record, AT_READABLE_MASK) & THRESHOLDS_ALL;
    unsigned support = bytes_u8(record, AT_CAPABILITIES) >> 2 & 3;

    sdr->compared = support == 0 ? 0 : parse_compared(record, mask);
    sdr->readable = support == 1 || support == 2 ? mask : 0;
}

/* m, b and the exponents stand in a record as in an answer to Get Sensor Reading Factors. */
static void parse_factors(struct bytes *bytes, size_t offset, struct ipmi_factors *factors)
{
    uint8_t exponents = bytes_u8(bytes, offset + 5);
    unsigned m = bytes_u8(bytes, offset) | (bytes_u8(bytes, offset + 1) & 0xC0u) << 2;
    unsigned b = bytes_u8(bytes, offset + 2) | (bytes_u8(bytes, offset + 3) & 0xC0u) << 2;

    factors->m = (int16_t)sign_extend(m, 10);
    factors->b = (int16_t)sign_extend(b, 10);
    factors->r_exponent = (int8_t)sign_extend(exponents >> 4, 4);
    factors->b_exponent = (int8_t)sign_extend(exponents, 4);
}

int ipmi_factors_parse(struct bytes answer, struct ipmi_factors *factors)
{
    struct ipmi_factors found = *factors;

    parse_factors(&answer, 1, &found); /* behind the next reading that has others */
    if (answer.failed)
        return ERR_FORMAT;
    *factors = found;
    return OK;
}

static enum ipmi_values find_values(struct bytes *record, struct ipmi_sdr *sdr)
{
    uint8_t units = bytes_u8(record, AT_UNITS);
    uint8_t curve = bytes_u8(record, AT_LINEARIZATION) & 0x7F;

    sdr->factors.format = units >> 6;
    sdr->factors.curve = curve < CURVES ? curve : CURVE_NONE;
    if (sdr->factors.format == ANALOG_NONE)
        return VALUES_NONE;
    if (units & (UNIT_PERCENTAGE | UNIT_MODIFIED) ||
        !find_scale(sdr->quantity, bytes_u8(record, AT_BASE_UNIT), &sdr->factors.scale))
        return VALUES_OTHER_UNIT;
    if (curve >= CURVE_BY_READING)
        return VALUES_BY_READING;
    return curve < CURVES ? VALUES_BY_RECORD : VALUES_UNKNOWN;
}

static void parse_full(struct bytes *record, struct ipmi_sdr *sdr)
{
    sdr->values = find_values(record, sdr);
    parse_factors(record, AT_M, &sdr->factors);
    sdr->low_factors = sdr->high_factors = sdr->factors;
    sdr->high = bytes_u8(record, AT_UPPER_CRITICAL);
    sdr->low = bytes_u8(record, AT_LOWER_CRITICAL);
}

/* One compact record may stand for up to 15 sensors. */
static void parse_sharing(struct bytes *record, struct ipmi_sdr *sdr)
{
    unsigned count = bytes_u8(record, AT_SHARE_COUNT) & 0x0F;

    sdr->share_count = count ? (uint8_t)count : 1;
    sdr->share_offset = bytes_u8(record, AT_SHARE_OFFSET) & 0x7F;
    sdr->values = VALUES_NONE;
    sdr->readable = 0;
}

int ipmi_sdr_parse(struct bytes record, struct ipmi_sdr *ret_sdr)
{
    uint8_t type = bytes_u8(&record, AT_TYPE);
    struct ipmi_sdr sdr = {.share_count = 1};

    if (record.size > SDR_HEADER_SIZE + (size_t)bytes_u8(&record, AT_LENGTH))
        record.size = SDR_HEADER_SIZE + (size_t)bytes_u8(&record, AT_LENGTH);
    if (!record.failed && type != SDR_FULL && type != SDR_COMPACT)
        return ERR_UNSUPPORTED;
    sdr.quantity =
        find_quantity(bytes_u8(&record, AT_SENSOR_TYPE), bytes_u8(&record, AT_BASE_UNIT));
    if (bytes_u8(&record, AT_READING_TYPE) != READING_TYPE_THRESHOLD)
        return record.failed ? ERR_FORMAT : ERR_UNSUPPORTED;
    sdr.foreign = bytes_u8(&record, AT_OWNER) != BMC_ADDRESS;
    sdr.lun = bytes_u8(&record, AT_LUN) & 0x03;
    sdr.number = bytes_u8(&record, AT_NUMBER);
    sdr.entity = bytes_u8(&record, AT_ENTITY);
    sdr.instance = bytes_u8(&record, AT_INSTANCE) & 0x7F;
    parse_thresholds(&record, &sdr);
    if (type == SDR_FULL)
        parse_full(&record, &sdr);
    else
        parse_sharing(&record, &sdr);
    if (record.failed)
        return ERR_FORMAT;
    parse_name(&record, type == SDR_FULL ? AT_FULL_NAME : AT_COMPACT_NAME, &sdr);
    *ret_sdr = sdr;
    return OK;
}
