#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensors/reading.h"

static void knows_what_cannot_be(void **state)
{
    (void)state;
    assert_true(reading_is_plausible(QUANTITY_TEMPERATURE, -40000));
    assert_false(reading_is_plausible(QUANTITY_TEMPERATURE, -40001));
    assert_true(reading_is_plausible(QUANTITY_TEMPERATURE, 150000));
    assert_false(reading_is_plausible(QUANTITY_TEMPERATURE, 150001));
    assert_true(reading_is_plausible(QUANTITY_FAN_SPEED, 0));
    assert_false(reading_is_plausible(QUANTITY_FAN_SPEED, -1));
    assert_false(reading_is_plausible(QUANTITY_FAN_SPEED, 30001000));
    assert_true(reading_is_plausible(QUANTITY_VOLTAGE, -12000));
    assert_false(reading_is_plausible(QUANTITY_POWER, 2000001));
    assert_false(reading_is_plausible(QUANTITY_CLOCK, 0));
    assert_true(reading_is_plausible(QUANTITY_CLOCK, 5700000));
    assert_false(reading_is_plausible(QUANTITIES, 0));
}

static void shows_fresh_and_stuck_ones_only(void **state)
{
    struct reading_watch watch = {0};

    (void)state;
    assert_int_equal(reading_judge(&watch, QUANTITY_TEMPERATURE, false, 20000), READING_ABSENT);
    assert_int_equal(reading_judge(&watch, QUANTITY_TEMPERATURE, true, 200000),
                     READING_IMPLAUSIBLE);
    assert_int_equal(reading_judge(&watch, QUANTITY_TEMPERATURE, true, 20000), READING_FRESH);
    assert_false(reading_is_shown(READING_ABSENT) || reading_is_shown(READING_IMPLAUSIBLE));
    assert_true(reading_is_shown(READING_FRESH) && reading_is_shown(READING_STUCK));
}

static enum reading_quality many(struct reading_watch *watch, int64_t value, unsigned count)
{
    enum reading_quality quality = READING_ABSENT;

    for (unsigned i = 0; i < count; i++)
        quality = reading_judge(watch, QUANTITY_TEMPERATURE, true, value);
    return quality;
}

static void a_sensor_that_sleeps_through_load_is_stuck(void **state)
{
    struct reading_watch watch = {0};

    (void)state;
    assert_int_equal(many(&watch, 40000, 200), READING_FRESH); /* nothing happened */
    reading_load_changed(&watch);
    assert_int_equal(many(&watch, 40000, 1), READING_STUCK);
    assert_int_equal(many(&watch, 41000, READING_STUCK_SAMPLES + 1), READING_FRESH);
    watch = (struct reading_watch){0};
    reading_judge(&watch, QUANTITY_TEMPERATURE, true, 40000);
    reading_load_changed(&watch);
    assert_int_equal(many(&watch, 40000, READING_STUCK_SAMPLES - 2), READING_FRESH);
    assert_int_equal(many(&watch, 40000, 1), READING_STUCK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_what_cannot_be),
        cmocka_unit_test(shows_fresh_and_stuck_ones_only),
        cmocka_unit_test(a_sensor_that_sleeps_through_load_is_stuck),
    };

    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
