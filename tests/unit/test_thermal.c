/* What is learned from the samples of one series: rest, leap, rise, fall, answers, resistances. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "diagnosis/thermal.h"

enum { SECOND = 1000000, LOAD_S = 100, COOL_S = 500 };

static void rest(struct thermal *thermal, int64_t value)
{
    thermal_add(thermal, THERMAL_REST, 0, 90 * SECOND, value);
}

static void load(struct thermal *thermal, unsigned after_s, int64_t value)
{
    thermal_add(thermal, THERMAL_LOAD, LOAD_S * SECOND, (uint64_t)(LOAD_S + after_s) * SECOND,
                value);
}

static void cool(struct thermal *thermal, unsigned after_s, int64_t value)
{
    thermal_add(thermal, THERMAL_COOLING, COOL_S * SECOND, (uint64_t)(COOL_S + after_s) * SECOND,
                value);
}

static void test_levels(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};

    (void)state;
    rest(&thermal, 40000);
    rest(&thermal, 44000);
    assert_int_equal(thermal.rest, 41000);
    assert_int_equal(thermal_rise(&thermal), 0);
    load(&thermal, 1, 80000);
    load(&thermal, 2, 60000);
    assert_int_equal(thermal.level, 75000);
    assert_int_equal(thermal.top, 80000);
    assert_int_equal(thermal_rise(&thermal), 34000);
    cool(&thermal, 1, 20000);
    rest(&thermal, 0); /* stages do not come again */
    load(&thermal, 600, 0);
    assert_int_equal(thermal.level, 75000);
    assert_int_equal(thermal.rest, 41000);
    thermal_add(&thermal, THERMAL_OVER, 600 * (uint64_t)SECOND, 605 * (uint64_t)SECOND, 10000);
    cool(&thermal, 5, 20000);
    assert_false(thermal.has_fall);
}

/* From 3 s to 10 s; what is later or earlier is none. */
static void test_leap_and_fall(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};
    unsigned percent;

    (void)state;
    rest(&thermal, 40000);
    load(&thermal, 2, 90000);
    assert_false(thermal.has_leap || thermal_quick_percent(&thermal, &percent));
    load(&thermal, 3, 60000);
    load(&thermal, 10, 70000);
    load(&thermal, 11, 90000);
    assert_true(thermal.has_leap);
    assert_int_equal(thermal.leap, 30000);
    for (unsigned i = 0; i < 60; i++)
        load(&thermal, 100 + i, 90000);
    assert_true(thermal_quick_percent(&thermal, &percent));
    assert_in_range(percent, 59, 61);
    cool(&thermal, 2, 0);
    assert_false(thermal.has_fall);
    cool(&thermal, 8, 80000);
    cool(&thermal, 11, 0);
    assert_in_range(thermal.fall, 9900, 10000);
    assert_true(thermal_quick_percent(&thermal, &percent));
    assert_in_range(percent, 19, 20);
}

/* Of a rise of 50 degrees 10 are gone after a second, and 15 more after ten. */
static void test_contact(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};
    unsigned percent;

    (void)state;
    rest(&thermal, 40000);
    load(&thermal, 100, 90000);
    cool(&thermal, 1, 80000);
    assert_false(thermal_contact_percent(&thermal, &percent));
    cool(&thermal, 3, 70000);
    cool(&thermal, 10, 65000);
    assert_true(thermal_contact_percent(&thermal, &percent));
    assert_int_equal(percent, 30);
    cool(&thermal, 9, 95000);
    assert_true(thermal_contact_percent(&thermal, &percent));
    assert_int_equal(percent, 0);
}

static void test_percent_is_bounded(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};
    unsigned percent = 7;

    (void)state;
    rest(&thermal, 40000);
    load(&thermal, 100, 44000);
    cool(&thermal, 5, 40000);
    assert_false(thermal_quick_percent(&thermal, &percent)); /* too small a rise */
    memset(&thermal, 0, sizeof(thermal));
    rest(&thermal, 40000);
    load(&thermal, 100, 90000);
    cool(&thermal, 5, 20000);
    assert_true(thermal_quick_percent(&thermal, &percent));
    assert_int_equal(percent, 100);
    cool(&thermal, 6, 95000);
    assert_true(thermal_quick_percent(&thermal, &percent));
    assert_int_equal(percent, 0);
}

/* 1 - 1/e of the way after the time constant, whatever it is, within a third. */
static void test_time_constant(void **state)
{
    static const unsigned constants[] = {4, 20, 60, 150};

    (void)state;
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++) {
        struct thermal thermal = {.stage = THERMAL_REST};
        int64_t left = 50000000;
        uint32_t seconds;

        rest(&thermal, 40000);
        for (unsigned s = 1; s <= constants[i] * 10; s++) {
            left -= left / constants[i];
            load(&thermal, s, 40000 + (50000000 - left) / 1000);
        }
        assert_true(thermal_time_constant(&thermal, &seconds));
        assert_in_range(seconds, constants[i] * 3 / 4, constants[i] * 7 / 5 + 1);
        assert_true(thermal.point_count <= THERMAL_POINTS);
    }
}

static void test_no_time_constant(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};
    uint32_t seconds;

    (void)state;
    load(&thermal, 1, 90000);
    assert_false(thermal_time_constant(&thermal, &seconds)); /* rest is not known */
    memset(&thermal, 0, sizeof(thermal));
    rest(&thermal, 40000);
    load(&thermal, 1, 44000);
    assert_false(thermal_time_constant(&thermal, &seconds));
}

static void test_fan_answers(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};

    (void)state;
    rest(&thermal, 1000000);
    load(&thermal, 1, 2000000); /* a reading gone wrong */
    load(&thermal, 2, 1050000);
    load(&thermal, 5, 1100000);
    load(&thermal, 6, 1100000);
    assert_false(thermal.answered);
    load(&thermal, 7, 1100000);
    assert_true(thermal.answered);
    assert_int_equal(thermal.answer_s, 7);
    load(&thermal, 50, 3000000);
    assert_int_equal(thermal.answer_s, 7);
}

static void test_fan_wobbles(void **state)
{
    struct thermal thermal = {.stage = THERMAL_REST};

    (void)state;
    rest(&thermal, 300000);
    for (unsigned i = 0; i < 20; i++)
        load(&thermal, i, 390000); /* more by a third, and by less than counts */
    assert_false(thermal.answered);
}

static void test_resistance(void **state)
{
    struct thermal heat = {.stage = THERMAL_REST}, power = {.stage = THERMAL_REST};
    int64_t milli;

    (void)state;
    rest(&heat, 40000);
    rest(&power, 10000);
    assert_false(thermal_resistance(&heat, &power, 5000, &milli));
    load(&power, 1, 30000);
    load(&heat, 5, 60000);
    assert_false(thermal_quick_resistance(&heat, &power, 5000, &milli)); /* power not so early */
    load(&power, 5, 50000);
    assert_true(thermal_quick_resistance(&heat, &power, 5000, &milli));
    assert_int_equal(milli, 500);
    for (unsigned i = 0; i < 60; i++) {
        load(&heat, 100 + i, 90000);
        load(&power, 100 + i, 110000);
    }
    assert_true(thermal_resistance(&heat, &power, 5000, &milli));
    assert_in_range(milli, 495, 500);
    cool(&heat, 5, 60000);
    assert_true(thermal_quick_resistance(&heat, &power, 5000, &milli));
    assert_in_range(milli, 298, 302); /* the smaller of two */
    assert_false(thermal_quick_resistance(&heat, &power, 200000, &milli));
    assert_false(thermal_resistance(&heat, &power, 200000, &milli));
}

/* The first reading of power under load may be the mean of a time that was still idle. */
static void test_one_reading_of_power(void **state)
{
    struct thermal heat = {.stage = THERMAL_REST}, power = {.stage = THERMAL_REST};
    int64_t milli;

    (void)state;
    rest(&heat, 40000);
    rest(&power, 10000);
    load(&heat, 9, 60000);
    load(&power, 9, 16000);
    assert_false(thermal_quick_resistance(&heat, &power, 5000, &milli));
}

/* Values and times at the ends of what the evidence lets through. */
static void test_extremes(void **state)
{
    static const int64_t values[] = {-999999999, 999999999999999, 0};
    struct thermal heat = {.stage = THERMAL_REST}, power = {.stage = THERMAL_REST};
    unsigned percent;
    uint32_t seconds;
    int64_t milli;

    (void)state;
    for (unsigned i = 0; i < 27; i++) {
        memset(&heat, 0, sizeof(heat));
        memset(&power, 0, sizeof(power));
        rest(&heat, values[i % 3]);
        rest(&power, values[i % 3]);
        load(&heat, 5, values[i / 3 % 3]);
        load(&power, 4, values[i / 9]);
        load(&power, 5, values[i / 9]);
        thermal_add(&heat, THERMAL_LOAD, 0, UINT64_MAX, values[i / 9]);
        thermal_add(&heat, THERMAL_LOAD, UINT64_MAX, 0, values[i / 9]);
        cool(&heat, 5, values[i / 9]);
        (void)thermal_quick_percent(&heat, &percent);
        (void)thermal_time_constant(&heat, &seconds);
        (void)thermal_resistance(&heat, &power, 0, &milli);
        (void)thermal_quick_resistance(&heat, &power, 0, &milli);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_leap_and_fall),
        cmocka_unit_test(test_percent_is_bounded),
        cmocka_unit_test(test_contact),
        cmocka_unit_test(test_time_constant),
        cmocka_unit_test(test_no_time_constant),
        cmocka_unit_test(test_fan_answers),
        cmocka_unit_test(test_fan_wobbles),
        cmocka_unit_test(test_resistance),
        cmocka_unit_test(test_one_reading_of_power),
        cmocka_unit_test(test_extremes),
    };

    return cmocka_run_group_tests_name("thermal", tests, NULL, NULL);
}
