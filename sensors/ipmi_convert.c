/*
 * From a raw reading to its value (IPMI 2.0, section 36.3). There is no floating point here: the
 * curves of a sensor are all made of two functions in fixed point, the binary logarithm and its
 * inverse.
 */
#include "sensors/ipmi_sdr.h"

/* Logarithms have this many bits behind the point, and stay below 2^7 in size. */
enum { FRACTION = 56 };

#define ONE ((int64_t)1 << FRACTION)
#define VALUE_LIMIT ((int64_t)100000000000000000) /* of thousandths, on either side */

/* value = mantissa * 2^(exponent - 63), the mantissa's highest bit set. */
struct real {
    uint64_t mantissa;
    int exponent;
};

/* What goes into a curve: number * 10^exponent, exact. */
struct decimal {
    int64_t number;
    int exponent;
};

/* The upper half of the product. */
static uint64_t multiply_high(uint64_t a, uint64_t b)
{
    uint64_t a0 = (uint32_t)a, a1 = a >> 32, b0 = (uint32_t)b, b1 = b >> 32;
    uint64_t middle = (a0 * b0 >> 32) + (uint32_t)(a1 * b0) + (uint32_t)(a0 * b1);

    return a1 * b1 + (a1 * b0 >> 32) + (a0 * b1 >> 32) + (middle >> 32);
}

static struct real normal(uint64_t mantissa, int exponent)
{
    for (; !(mantissa >> 63); exponent--)
        mantissa <<= 1;
    return (struct real){mantissa, exponent};
}

/* number * 10^exponent of a number above 0. */
static struct real real_of(uint64_t number, int exponent)
{
    const uint64_t tenth_by_8 = 0xCCCCCCCCCCCCCCCD, ten_by_16 = 0xA000000000000000;
    struct real real = normal(number, 63);

    for (; exponent > 0; exponent--)
        real = normal(multiply_high(real.mantissa, ten_by_16), real.exponent + 4);
    for (; exponent < 0; exponent++)
        real = normal(multiply_high(real.mantissa, tenth_by_8), real.exponent - 3);
    return real;
}

/* Each squaring of the mantissa gives one bit more. */
static int64_t logarithm(struct real real)
{
    int64_t fraction = 0;
    uint64_t mantissa = real.mantissa;

    for (unsigned i = 0; i < FRACTION; i++) {
        mantissa = multiply_high(mantissa, mantissa);
        fraction = fraction << 1 | (int64_t)(mantissa >> 63);
        if (!(mantissa >> 63))
            mantissa <<= 1;
    }
    return real.exponent * ONE + fraction;
}

/* 1000 * 2^power, rounded: e^z = 1 + z (1 + z/2 (1 + z/3 (...))) of the part behind the point. */
static int64_t thousand_times_power(int64_t power)
{
    const uint64_t ln2 = 0xB17217F7D1CF79AC; /* in 2^-64 */
    const uint64_t thousand = (uint64_t)1000 << 54;
    enum { TERMS = 20, WHOLE_MIN = -10, WHOLE_MAX = 47, POINT = 53 };
    int64_t whole = power >> FRACTION;
    uint64_t z, sum = (uint64_t)1 << 63, scaled;

    if (whole < WHOLE_MIN)
        return 0;
    if (whole >= WHOLE_MAX)
        return VALUE_LIMIT;
    z = multiply_high((uint64_t)(power & (ONE - 1)) << (64 - FRACTION), ln2);
    for (unsigned i = TERMS; i > 0; i--)
        sum = ((uint64_t)1 << 63) + multiply_high(z, sum) / i;
    scaled = multiply_high(sum, thousand) >> (POINT - 1 - whole);
    scaled = (scaled + 1) >> 1;
    return scaled < (uint64_t)VALUE_LIMIT ? (int64_t)scaled : VALUE_LIMIT;
}

/* The value of a logarithm to another base, in thousandths, rounded. `base` is log(2) to that base
 * in 2^-64, and 0 for 1. */
static int64_t thousandths_of(int64_t log, uint64_t base)
{
    uint64_t size = (uint64_t)(log < 0 ? -log : log);
    int64_t milli;

    if (base)
        size = multiply_high(size, base);
    milli = (int64_t)(size >> FRACTION) * 1000 +
            (int64_t)(((size & (ONE - 1)) / 256 * 1000 + ((uint64_t)ONE >> 9)) >> (FRACTION - 8));
    return log < 0 ? -milli : milli;
}

/* 1000 * base^value; `log` is the base's binary logarithm in 2^-62. */
static int64_t exponential(struct decimal value, uint64_t log)
{
    const uint64_t much = (uint64_t)64 * ONE;
    struct real real;
    uint64_t power;
    int shift;

    if (value.number == 0)
        return 1000;
    real = real_of((uint64_t)(value.number < 0 ? -value.number : value.number), value.exponent);
    power = multiply_high(real.mantissa, log); /* in 2^(exponent - 61) */
    shift = 61 - FRACTION - real.exponent;
    if (shift < 0 || (shift == 0 && power > much))
        power = much;
    else
        power = shift < 64 ? power >> shift : 0;
    return thousand_times_power(value.number < 0 ? -(int64_t)power : (int64_t)power);
}

/* 1000 * |value|^(times / parts); not of 0. */
static int64_t power_of(struct decimal value, int times, int parts)
{
    const int64_t much = 40 * ONE; /* squared, it is beyond the limit */
    uint64_t size = (uint64_t)(value.number < 0 ? -value.number : value.number);
    int64_t log = logarithm(real_of(size, value.exponent));

    if (times > 1 && log > much)
        log = much;
    if (times > 1 && log < -much)
        log = -much;
    return thousand_times_power(log * times / parts);
}

static bool raise(struct decimal value, enum linearization curve, int64_t *ret_milli)
{
    static const struct {
        int8_t times, parts;
        bool odd; /* of a negative value the power is negative */
    } powers[] = {
        [0] = {-1, 1, true},
        [CURVE_SQUARE - CURVE_INVERSE] = {2, 1, false},
        [CURVE_CUBE - CURVE_INVERSE] = {3, 1, true},
        [CURVE_SQUARE_ROOT - CURVE_INVERSE] = {1, 2, false},
        [CURVE_CUBE_ROOT - CURVE_INVERSE] = {1, 3, true},
    };
    unsigned index = curve - CURVE_INVERSE;

    if ((value.number == 0 && curve == CURVE_INVERSE) ||
        (value.number < 0 && curve == CURVE_SQUARE_ROOT))
        return false;
    *ret_milli = 0;
    if (value.number != 0)
        *ret_milli = power_of(value, powers[index].times, powers[index].parts);
    if (value.number < 0 && powers[index].odd)
        *ret_milli = -*ret_milli;
    return true;
}

static bool take_logarithm(struct decimal value, enum linearization curve, int64_t *ret_milli)
{
    static const uint64_t bases[] = {
        [0] = 0xB17217F7D1CF79AC,                      /* ln 2 */
        [CURVE_LOG10 - CURVE_LN] = 0x4D104D427DE7FBCC, /* log10 2 */
        [CURVE_LOG2 - CURVE_LN] = 0,
    };

    if (value.number <= 0)
        return false;
    *ret_milli = thousandths_of(logarithm(real_of((uint64_t)value.number, value.exponent)),
                                bases[curve - CURVE_LN]);
    return true;
}

static bool bend(struct decimal value, enum linearization curve, int64_t *ret_milli)
{
    static const uint64_t logs[] = {
        [0] = 0x5C551D94AE0BF85E,                       /* log2 e */
        [CURVE_EXP10 - CURVE_EXP] = 0xD49A784BCD1B8AFE, /* log2 10 */
        [CURVE_EXP2 - CURVE_EXP] = 0x4000000000000000,
    };

    if (curve >= CURVE_INVERSE)
        return raise(value, curve, ret_milli);
    if (curve < CURVE_EXP)
        return take_logarithm(value, curve, ret_milli);
    *ret_milli = exponential(value, logs[curve - CURVE_EXP]);
    return true;
}

/* value * 10^exponent, cut to an integer; held within the limit on either side. */
static int64_t scale(int64_t value, int exponent)
{
    for (; exponent > 0 && value < VALUE_LIMIT / 10 && value > -VALUE_LIMIT / 10; exponent--)
        value *= 10;
    if (exponent > 0 && value != 0)
        value = value > 0 ? VALUE_LIMIT : -VALUE_LIMIT;
    for (; exponent < 0; exponent++)
        value /= 10;
    return value;
}

static int64_t raw_value(const struct ipmi_factors *factors, uint8_t raw)
{
    if (factors->format == ANALOG_ONES_COMPLEMENT && raw & 0x80)
        return (int64_t)raw - 0xFF;
    if (factors->format == ANALOG_TWOS_COMPLEMENT && raw & 0x80)
        return (int64_t)raw - 0x100;
    return raw;
}

static int64_t straight(const struct ipmi_factors *factors, uint8_t raw)
{
    return scale(factors->m * raw_value(factors, raw), factors->r_exponent + 3) +
           scale(factors->b, factors->b_exponent + factors->r_exponent + 3);
}

/* The same before the curve, exact: at most 512 * 255 * 10^8 + 512, or 512 * 255 + 512 * 10^7. */
static struct decimal argument(const struct ipmi_factors *factors, uint8_t raw)
{
    struct decimal value = {factors->m * raw_value(factors, raw), factors->r_exponent};

    if (factors->b_exponent >= 0) {
        value.number += scale(factors->b, factors->b_exponent);
    } else {
        value.number = scale(value.number, -factors->b_exponent) + factors->b;
        value.exponent += factors->b_exponent;
    }
    return value;
}

static int64_t in_celsius(int64_t milli, enum ipmi_scale of)
{
    switch (of) {
    case SCALE_FAHRENHEIT:
        return (milli - 32000) * 5 / 9;
    case SCALE_KELVIN:
        return milli - 273150;
    default:
        return milli;
    }
}

bool ipmi_convert(const struct ipmi_factors *factors, uint8_t raw, int64_t *ret_milli)
{
    int64_t milli = 0;

    if (factors->curve == CURVE_NONE)
        milli = straight(factors, raw);
    else if (!bend(argument(factors, raw), factors->curve, &milli))
        return false;
    *ret_milli = in_celsius(milli, factors->scale);
    return true;
}

bool ipmi_falls(const struct ipmi_factors *factors)
{
    return (factors->m < 0) != (factors->curve == CURVE_INVERSE);
}
