/*
 * Sensor data records: what a BMC says about its sensors (IPMI 2.0, section 43), and the
 * conversion of a raw reading to its value (section 36.3).
 */
#ifndef ASSAY_SENSORS_IPMI_SDR_H
#define ASSAY_SENSORS_IPMI_SDR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/event.h"

enum {
    SDR_HEADER_SIZE = 5,
    SDR_FULL = 0x01,
    SDR_COMPACT = 0x02,
    SDR_SIZE_MAX = 64, /* a full record with a name of 16 characters */
};

/* Entity numbers, section 43.14. */
enum {
    ENTITY_PROCESSOR = 0x03,
    ENTITY_MEMORY_MODULE = 0x08,
    ENTITY_POWER_SUPPLY = 0x0A,
    ENTITY_MEMORY_DEVICE = 0x20,
    ENTITY_PROCESSOR_DCMI = 0x41,
};

/* Bits of thresholds, as in Get Sensor Reading and in the readable threshold mask. */
enum {
    LOWER_CRITICAL = 0x02,
    LOWER_NON_RECOVERABLE = 0x04,
    UPPER_CRITICAL = 0x10,
    UPPER_NON_RECOVERABLE = 0x20,
    THRESHOLDS_ALL = 0x3F,
};

enum analog_format {
    ANALOG_UNSIGNED,
    ANALOG_ONES_COMPLEMENT,
    ANALOG_TWOS_COMPLEMENT,
    ANALOG_NONE,
};

/* y = (m * x + b * 10^b_exponent) * 10^r_exponent */
struct ipmi_factors {
    uint8_t format;                /* enum analog_format, of x */
    int16_t m, b;                  /* 10 bits, signed */
    int8_t b_exponent, r_exponent; /* 4 bits, signed */
};

/* Whether readings of a sensor can be converted, and why not. */
enum ipmi_values {
    VALUES_LINEAR,
    VALUES_NOT_LINEAR, /* a formula or table beside the factors */
    VALUES_OTHER_UNIT, /* not degrees Celsius, volts or rpm: a percentage, a margin */
    VALUES_NONE,       /* only threshold states: a compact record, or no analog reading */
};

struct ipmi_sdr {
    uint8_t number, lun;
    bool foreign;   /* belongs to another controller than the BMC */
    uint8_t entity; /* section 43.14 */
    uint8_t instance;
    uint8_t share_count;  /* sensors this record stands for, numbered from `number` on; 1 or more */
    uint8_t share_offset; /* the first one's number in its name */
    enum quantity quantity;
    enum ipmi_values values;
    struct ipmi_factors factors;
    uint8_t compared;  /* thresholds whose state Get Sensor Reading tells */
    uint8_t readable;  /* thresholds whose value can be known */
    uint8_t low, high; /* raw lower and upper critical threshold, where readable */
    char name[NAME_SIZE];
};

/*
 * Parses one record, header included; it may be longer or shorter than its length says. ERR_FORMAT
 * when fields are missing, ERR_UNSUPPORTED when it is no full or compact record of a temperature,
 * fan or voltage sensor with threshold states (event/reading type 01h).
 */
int ipmi_sdr_parse(struct bytes record, struct ipmi_sdr *ret_sdr);

/*
 * The value of a raw reading in thousandths of the sensor's unit. Both terms are cut to whole
 * thousandths, and a sum beyond 2 * 10^17 is held there, which no sensor reaches.
 */
int64_t ipmi_convert(const struct ipmi_factors *factors, uint8_t raw);

#endif
