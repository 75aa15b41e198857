/*
 * The curves of IPMI 2.0, section 36.3, against the same formulas in the host's floating point.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sensors/ipmi_sdr.h"

/* Beyond this the value is held, and the floating point goes on. */
#define HELD 1e17L

static long double bend(long double x, unsigned curve)
{
    switch (curve) {
    case CURVE_LN:
        return logl(x);
    case CURVE_LOG10:
        return log10l(x);
    case CURVE_LOG2:
        return log2l(x);
    case CURVE_EXP:
        return expl(x);
    case CURVE_EXP10:
        return powl(10, x);
    case CURVE_EXP2:
        return exp2l(x);
    case CURVE_INVERSE:
        return x == 0 ? NAN : 1 / x;
    case CURVE_SQUARE:
        return x * x;
    case CURVE_CUBE:
        return x * x * x;
    case CURVE_SQUARE_ROOT:
        return sqrtl(x);
    case CURVE_CUBE_ROOT:
        return cbrtl(x);
    default:
        return x;
    }
}

static int raw_value(const struct ipmi_factors *factors, unsigned raw)
{
    if (raw < 128 || factors->format == ANALOG_UNSIGNED)
        return (int)raw;
    return (int)raw - (factors->format == ANALOG_ONES_COMPLEMENT ? 255 : 256);
}

/* What goes into the curve is a whole number in units of the lower exponent, so it is exact. */
static long double in_long_double(const struct ipmi_factors *factors, unsigned raw)
{
    int lower = factors->b_exponent < 0 ? factors->b_exponent : 0;
    long double x = (long double)factors->m * raw_value(factors, raw) * powl(10, -lower) +
                    factors->b * powl(10, factors->b_exponent - lower);
    int exponent = lower + factors->r_exponent;

    x = exponent < 0 ? x / powl(10, -exponent) : x * powl(10, exponent);
    return bend(x, factors->curve) * 1000;
}

/* To a thousandth, or to one part in 10^12. */
static void check(const struct ipmi_factors *factors, unsigned raw)
{
    long double expected = in_long_double(factors, raw);
    int64_t milli = 0;
    bool valid = ipmi_convert(factors, (uint8_t)raw, &milli);

    assert_int_equal(valid, isfinite(expected) || expected > 0);
    if (!valid)
        return;
    if (fabsl(expected) >= HELD * (1 + 1e-12L)) {
        assert_true(llabs(milli) == (int64_t)HELD);
        assert_int_equal(milli < 0, expected < 0);
        return;
    }
    if (fabsl((long double)milli - expected) > 1 + fabsl(expected) * 1e-12L)
        fail_msg("curve %u, m %d, b %d, exponents %d and %d, raw %u: %lld for %Lf", factors->curve,
                 factors->m, factors->b, factors->b_exponent, factors->r_exponent, raw,
                 (long long)milli, expected);
}

/* All raw values of some 400 sensors, each with every curve. */
static void curves_are_right(void **state)
{
    static const int16_t ms[] = {1, 2, 25, 63, 511, -1, -7, -512};
    static const int16_t bs[] = {0, 1, 100, -100, 511, -512};
    static const uint8_t formats[] = {ANALOG_UNSIGNED, ANALOG_ONES_COMPLEMENT,
                                      ANALOG_TWOS_COMPLEMENT};

    (void)state;
    for (unsigned i = 0; i < 8 * 6 * 3 * 5 * 4; i += 7)
        for (uint8_t curve = CURVE_LN; curve < CURVES; curve++) {
            struct ipmi_factors factors = {.format = formats[i / 48 % 3],
                                           .curve = curve,
                                           .m = ms[i % 8],
                                           .b = bs[i / 8 % 6],
                                           .b_exponent = (int8_t)((int)(i / 720 % 4) - 2),
                                           .r_exponent = (int8_t)((int)(i / 144 % 5) * 3 - 7)};

            for (unsigned raw = 0; raw < 256; raw++)
                check(&factors, raw);
        }
}

/* By hand. */
static void known_values(void **state)
{
    static const struct {
        struct ipmi_factors factors;
        uint8_t raw;
        bool valid;
        int64_t milli;
    } cases[] = {
        {{.curve = CURVE_SQUARE, .m = 3}, 7, true, 441000},
        {{.curve = CURVE_SQUARE_ROOT, .m = 1}, 144, true, 12000},
        {{.curve = CURVE_CUBE, .m = -1}, 5, true, -125000},
        {{.curve = CURVE_CUBE_ROOT, .m = -1}, 125, true, -5000},
        {{.curve = CURVE_INVERSE, .m = 1, .r_exponent = -5}, 80, true, 1250000},
        {{.curve = CURVE_INVERSE, .m = 1}, 0, false, 0},
        {{.curve = CURVE_SQUARE_ROOT, .m = -1}, 1, false, 0},
        {{.curve = CURVE_SQUARE_ROOT, .m = -1}, 0, true, 0},
        {{.curve = CURVE_LN, .m = 1}, 1, true, 0},
        {{.curve = CURVE_LN, .m = 1}, 0, false, 0},
        {{.curve = CURVE_LOG2, .m = 2}, 128, true, 8000},
        {{.curve = CURVE_LOG10, .m = 1, .r_exponent = -2}, 1, true, -2000},
        {{.curve = CURVE_EXP10, .m = 1}, 3, true, 1000000},
        {{.curve = CURVE_EXP2, .m = -1}, 1, true, 500},
        {{.curve = CURVE_EXP, .m = 1}, 0, true, 1000},
        {{.scale = SCALE_FAHRENHEIT, .m = 1}, 212, true, 100000},
        {{.scale = SCALE_FAHRENHEIT, .m = -1}, 40, true, -40000},
        {{.scale = SCALE_KELVIN, .m = 2}, 150, true, 26850},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t milli = 0;

        assert_int_equal(ipmi_convert(&cases[i].factors, cases[i].raw, &milli), cases[i].valid);
        assert_int_equal(milli, cases[i].milli);
    }
}

/* Every factor at its ends: nothing overflows, which the sanitizer watches, nor leaves the bound.
 */
static void extremes_are_held(void **state)
{
    static const int16_t ends[] = {-512, -1, 0, 1, 511};

    (void)state;
    for (unsigned i = 0; i < 25 * 256 * CURVES; i++)
        for (unsigned raw = 0; raw < 256; raw += 51) {
            struct ipmi_factors factors = {
                .format = ANALOG_TWOS_COMPLEMENT,
                .curve = (uint8_t)(i / (25 * 256)),
                .scale = SCALE_FAHRENHEIT,
                .m = ends[i % 5],
                .b = ends[i / 5 % 5],
                .b_exponent = (int8_t)((int)(i / 25 % 16) - 8),
                .r_exponent = (int8_t)((int)(i / 400 % 16) - 8),
            };
            int64_t milli = 0;

            (void)ipmi_convert(&factors, (uint8_t)raw, &milli);
            assert_true(llabs(milli) <= 200000000000000000);
        }
}

static void slopes(void **state)
{
    (void)state;
    assert_false(ipmi_falls(&(struct ipmi_factors){.m = 1}));
    assert_true(ipmi_falls(&(struct ipmi_factors){.m = -1}));
    assert_true(ipmi_falls(&(struct ipmi_factors){.m = 1, .curve = CURVE_INVERSE}));
    assert_false(ipmi_falls(&(struct ipmi_factors){.m = -1, .curve = CURVE_INVERSE}));
    assert_false(ipmi_falls(&(struct ipmi_factors){.m = 1, .curve = CURVE_SQUARE_ROOT}));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_are_right),
        cmocka_unit_test(known_values),
        cmocka_unit_test(extremes_are_held),
        cmocka_unit_test(slopes),
    };

    return cmocka_run_group_tests_name("ipmi_convert", tests, NULL, NULL);
}
