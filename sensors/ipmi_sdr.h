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

/* The curve L of section 36.3, as a record numbers them. */
enum linearization {
    CURVE_NONE,
    CURVE_LN,
    CURVE_LOG10,
    CURVE_LOG2,
    CURVE_EXP,
    CURVE_EXP10,
    CURVE_EXP2,
    CURVE_INVERSE,
    CURVE_SQUARE,
    CURVE_CUBE,
    CURVE_SQUARE_ROOT,
    CURVE_CUBE_ROOT,
    CURVES,
    CURVE_BY_READING = 0x70, /* and above: each reading has factors of its own */
};

/* What a temperature is given in. */
enum ipmi_scale {
    SCALE_AS_GIVEN,
    SCALE_FAHRENHEIT,
    SCALE_KELVIN,
};

/* y = L((m * x + b * 10^b_exponent) * 10^r_exponent) */
struct ipmi_factors {
    uint8_t format;                /* enum analog_format, of x */
    uint8_t curve;                 /* enum linearization, L; below CURVES */
    uint8_t scale;                 /* enum ipmi_scale, of y */
    int16_t m, b;                  /* 10 bits, signed */
    int8_t b_exponent, r_exponent; /* 4 bits, signed */
};

/* Whether readings of a sensor can be converted, and why not. */
enum ipmi_values {
    VALUES_BY_RECORD,
    VALUES_BY_READING, /* by factors that the BMC is to be asked for */
    VALUES_UNKNOWN,    /* a curve that the specification does not have */
    VALUES_OTHER_UNIT, /* no degrees, volts, rpm or watts: a percentage, a margin */
    VALUES_NONE,       /* only threshold states: a compact record, or no analog reading */
};

struct ipmi_sdr {
    uint8_t number, lun;
    bool foreign;   /* belongs to another controller than the BMC */
    uint8_t entity; /* section 43.14 */
    uint8_t instance;
    uint8_t share_count;  /* sensors this record stands for, numbered from `number` on; 1 or more */
    uint8_t share_offset; /* the first one's number in its name */
    enum quantity quantity; /* QUANTITIES for one that runs have no name for, as amperes */
    enum ipmi_values values;
    struct ipmi_factors factors;
    struct ipmi_factors low_factors, high_factors; /* of the two limits; mostly the same */
    uint8_t compared;  /* thresholds whose state Get Sensor Reading tells */
    uint8_t readable;  /* thresholds whose value can be known */
    uint8_t low, high; /* raw lower and upper critical threshold, where readable */
    char name[NAME_SIZE];
};

/*
 * Parses one record, header included; it may be longer or shorter than its length says. ERR_FORMAT
 * when fields are missing, ERR_UNSUPPORTED when it is no full or compact record of a sensor with
 * threshold states (event/reading type 01h).
 */
int ipmi_sdr_parse(struct bytes record, struct ipmi_sdr *ret_sdr);

/*
 * Takes the factors out of an answer to Get Sensor Reading Factors (section 35.5), its completion
 * code left out; format and scale stay as they are. ERR_FORMAT when it is too short.
 */
int ipmi_factors_parse(struct bytes answer, struct ipmi_factors *factors);

/*
 * The value of a raw reading in thousandths of the sensor's unit, of a temperature in thousandths
 * of a degree Celsius. On a straight line both terms are cut to whole thousandths; on a curve the
 * value is right to 1 thousandth or 1 part in 10^12, whichever is more. What is beyond 2 * 10^17 is
 * held there, which no sensor reaches. False where there is no value: the logarithm of nothing or
 * less, the root of a negative number, 1/0.
 */
bool ipmi_convert(const struct ipmi_factors *factors, uint8_t raw, int64_t *ret_milli);

/* True when a higher raw reading is a lower value. */
bool ipmi_falls(const struct ipmi_factors *factors);

#endif
