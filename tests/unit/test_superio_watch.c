/*
 * The watch over Super I/O chips: what it says of them, and that it holds nobody up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/superio_watch.h"
#include "tests/sim/recorder.h"
#include "tests/sim/superio.h"

enum { IO_BASE = 0x290, SECOND_US = 1000000, TURN_US = 20000, STEP_US_MAX = 400 };

static struct sio sio;
static struct access access;
static struct clock clock_seam;
static struct guard guard;
static struct recorder recorder;
static struct sink sink;
static struct numbers numbers;
static struct superio_watch watch;

static void set_up_with(const char *skip, bool all)
{
    access = sio_access(&sio);
    clock_seam = sio_clock(&sio);
    sink = recorder_start(&recorder);
    guard_init(&guard, &access);
    numbers = (struct numbers){.next_part = 10, .next_series = 1};
    superio_watch_init(&watch, &guard, &clock_seam, &sink, &numbers, skip, all);
    assert_int_equal(sio.accesses, 0);
}

static void set_up(void)
{
    set_up_with("", false);
}

static struct sio_chip *put_nct6796(enum sio_fault fault)
{
    sio_init(&sio);
    return sio_put(&sio, 0, 0xD42B, SIO_NCT6775, IO_BASE, sio_nct6796, sio_nct6796_count, fault);
}

/* Steps for so long; no step takes long, and nothing is ever written that must not be. */
static void run_for(uint64_t duration_us)
{
    uint64_t end_us = sio.now_us + duration_us;

    while (sio.now_us < end_us) {
        uint64_t before_us = sio.now_us;

        superio_step(&watch);
        assert_true(sio.now_us - before_us <= STEP_US_MAX);
        sio.now_us += TURN_US;
    }
    assert_int_equal(sio.breaches, 0);
    assert_int_equal(guard.refused, 0);
}

static void check_steps(unsigned begun, unsigned ended)
{
    assert_int_equal(recorder_steps(&recorder, false), begun);
    assert_int_equal(recorder_steps(&recorder, true), ended);
}

static const struct event_part *find_part(const char *name)
{
    const struct event *event;

    for (size_t i = 0; (event = recorder_find(&recorder, EVENT_PART, i)) != NULL; i++)
        if (text_equal(event->part.name, name))
            return &event->part;
    return NULL;
}

static void test_no_chip(void **state)
{
    (void)state;
    sio_init(&sio);
    set_up();
    run_for(SECOND_US);
    assert_true(superio_is_settled(&watch));
    assert_false(superio_has_monitor(&watch));
    check_steps(2, 2);
    assert_int_equal(recorder.count, 4); /* and no word more */
}

/* The step is in the journal before anything is touched. */
static void test_step_comes_before_the_touch(void **state)
{
    (void)state;
    put_nct6796(SIO_HEALTHY);
    set_up();
    superio_step(&watch);
    check_steps(1, 0);
    assert_int_equal(sio.accesses, 0);
    assert_string_equal(recorder.events[0].step.name, "Super I/O 2Eh");
    superio_step(&watch);
    assert_true(sio.accesses > 0);
}

static void test_skipped_step(void **state)
{
    (void)state;
    put_nct6796(SIO_HEALTHY);
    set_up_with("Super I/O 2Eh", false);
    run_for(SECOND_US);
    check_steps(1, 1);
    assert_int_equal(sio.chips[0].accesses, 0);
    assert_string_equal(recorder_find(&recorder, EVENT_NOT_TESTED, 0)->not_tested.subsystem,
                        "super-io");
    assert_true(superio_is_settled(&watch));
    assert_false(superio_has_monitor(&watch));
}

static void test_healthy_chip(void **state)
{
    int64_t value = 0;

    (void)state;
    put_nct6796(SIO_HEALTHY);
    set_up();
    run_for(10 * SECOND_US);
    assert_true(superio_is_settled(&watch));
    assert_int_equal(superio_fans(&watch), 5);
    assert_true(superio_has_cpu_temperature(&watch));
    check_steps(2, 2);
    assert_true(
        recorder_has_note(&recorder, "Super I/O at 2Eh: NCT6796D-R (id D42Bh), monitor at 0290h"));
    assert_true(recorder_has_note(&recorder, "Super I/O fan headers that read 0: 1, 6."));
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), 0);

    assert_true(recorder_samples(&recorder, "Super I/O fan 2", &value) >= 3);
    assert_int_equal(value, 711000);
    assert_true(recorder_samples(&recorder, "SYSTIN", &value) >= 4);
    assert_int_equal(value, 27000);
    assert_int_equal(recorder_samples(&recorder, "3VCC", &value), 2); /* once in four rounds */
    assert_int_equal(value, 3360);
    assert_null(recorder_series(&recorder, "VBAT")); /* never measured: it reads 0 */
    assert_null(recorder_series(&recorder, "Super I/O fan 1"));
    assert_null(recorder_series(&recorder, "AUXTIN0"));
    assert_null(recorder_series(&recorder, "AMD TSI 0"));

    assert_int_equal(find_part("Super I/O fan 2")->kind, PART_FAN);
    assert_int_equal(find_part("CPUTIN")->parent, PART_ALL_PROCESSORS);
    assert_int_equal(find_part("SYSTIN")->parent, find_part("NCT6796D-R")->part);
    assert_int_equal(recorder_series(&recorder, "3VCC")->part, find_part("NCT6796D-R")->part);
    assert_true(recorder_series(&recorder, "Super I/O fan 2")->may_stop);
    assert_false(recorder_series(&recorder, "SYSTIN")->may_stop);
    assert_false(recorder_series(&recorder, "SYSTIN")->has_high);
    assert_string_equal(recorder_series(&recorder, "SYSTIN")->source, "NCT6796D-R at 2Eh");
}

static void test_state_is_as_before(void **state)
{
    struct sio_state before, after;

    (void)state;
    put_nct6796(SIO_BANK_LEFT);
    sio_put(&sio, 1, 0x8733, SIO_ITE, 0xA60, sio_it8792, sio_it8792_count, SIO_OPEN);
    before = sio_state(&sio);
    set_up();
    run_for(10 * SECOND_US);
    after = sio_state(&sio);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(watch.monitor_count, 2);
}

static void test_two_chips(void **state)
{
    int64_t value = 0;

    (void)state;
    sio_init(&sio);
    sio_put(&sio, 0, 0x8686, SIO_ITE_BANKED, 0xA40, sio_it8686, sio_it8686_count, SIO_HEALTHY);
    sio_put(&sio, 1, 0x8733, SIO_ITE, 0xA60, sio_it8792, sio_it8792_count, SIO_OPEN);
    set_up();
    run_for(10 * SECOND_US);
    assert_int_equal(superio_fans(&watch), 2);
    assert_false(superio_has_cpu_temperature(&watch));
    assert_true(recorder_samples(&recorder, "Super I/O fan 1", &value) >= 3);
    assert_int_equal(value, 1295000);
    assert_true(recorder_samples(&recorder, "Super I/O temperature 1", &value) >= 3);
    assert_int_equal(value, 33000);
    assert_true(recorder_samples(&recorder, "Super I/O 2 temperature 3", &value) >= 3);
    assert_int_equal(value, 31000);
    assert_non_null(recorder_series(&recorder, "Super I/O 2 3VSB"));
    assert_true(recorder_has_note(&recorder, "Super I/O 2 fan headers that read 0: 1, 2, 3."));
    assert_true(sio.chips[1].open);
}

/* A fan that begins to turn is shown then; one that stops stays shown, and reads 0. */
static void test_fans_that_begin_and_stop(void **state)
{
    int64_t value = -1;
    struct sio_chip *chip = put_nct6796(SIO_HEALTHY);

    (void)state;
    set_up();
    run_for(8 * SECOND_US);
    chip->registers[4][0xC0] = 0x03; /* fan 1 begins */
    chip->registers[4][0xC2] = chip->registers[4][0xC3] = 0;
    run_for(8 * SECOND_US);
    assert_true(recorder_samples(&recorder, "Super I/O fan 1", &value) >= 2);
    assert_int_equal(value, 768000);
    assert_true(recorder_samples(&recorder, "Super I/O fan 2", &value) >= 6);
    assert_int_equal(value, 0);
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), 0);
}

static void test_chip_that_dies_and_one_that_comes_back(void **state)
{
    struct sio_chip *chip = put_nct6796(SIO_HEALTHY);
    int64_t value = -1;
    size_t silent;

    (void)state;
    chip->fault = SIO_DIES;
    chip->fault_us = sio.now_us + 8 * SECOND_US;
    set_up();
    run_for(16 * SECOND_US);
    silent = recorder_count(&recorder, EVENT_SENSOR_STATE);
    assert_true(silent >= 8);
    assert_int_equal(superio_fans(&watch), 0);
    assert_false(recorder_has_note(&recorder, "answers no longer"));
    chip->fault = SIO_HEALTHY;
    run_for(4 * SECOND_US);
    assert_int_equal(superio_fans(&watch), 5);
    (void)recorder_samples(&recorder, "Super I/O fan 2", &value);
    assert_int_equal(value, 711000); /* never 0 */
    chip->fault = SIO_NO_MONITOR;
    run_for(20 * SECOND_US);
    assert_true(recorder_has_note(&recorder, "its monitor answers no longer"));
    value = sio.accesses;
    run_for(4 * SECOND_US);
    assert_int_equal(sio.accesses, value); /* let be */
}

static void test_what_is_not_read_is_told(void **state)
{
    static const struct {
        uint16_t id;
        enum sio_family family;
        enum sio_fault fault;
        const char *note;
    } cases[] = {
        {0x1234, SIO_NCT6775, SIO_HEALTHY, "a chip (id 1234h)"},
        {0x1234, SIO_NCT6775, SIO_HEALTHY, "it is not known, and left alone"},
        {0x8696, SIO_ITE, SIO_HEALTHY, "IT8696E (id 8696h)"},
        {0x8696, SIO_ITE, SIO_HEALTHY, "its monitor answers in memory"},
        {0xD42B, SIO_NCT6775, SIO_SWITCHED_OFF, "its monitor is switched off"},
        {0xD42B, SIO_NCT6775, SIO_LOCKED, "hides the ports"},
        {0xD42B, SIO_NCT6775, SIO_BASE_ZERO, "address of its monitor cannot be one"},
        {0xD42B, SIO_NCT6775, SIO_BASE_ODD, "address of its monitor cannot be one"},
        {0xD42B, SIO_NCT6775, SIO_BASE_LEGACY, "address of its monitor cannot be one"},
        {0xD42B, SIO_NCT6775, SIO_BASE_CHANGES, "keeps changing"},
        {0xD42B, SIO_NCT6775, SIO_NO_MONITOR, "does not answer as it should"},
        {0xD42B, SIO_NCT6775, SIO_OTHER_MONITOR, "does not answer as it should"},
        {0xD42B, SIO_NCT6775, SIO_BANK_TAKEN, "somebody else keeps using"},
        {0x8728, SIO_ITE, SIO_NOT_STARTED, "not started by the firmware"},
        {0xD592, SIO_NCT6683, SIO_OTHER_MONITOR, "sensors=all reads it"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sio_init(&sio);
        sio_put(&sio, 0, cases[i].id, cases[i].family, IO_BASE, NULL, 0, cases[i].fault);
        set_up();
        run_for(4 * SECOND_US);
        assert_true(recorder_has_note(&recorder, cases[i].note));
        assert_false(superio_has_monitor(&watch));
        assert_true(superio_is_settled(&watch));
        check_steps(2, 2);
        assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 0);
        assert_false(sio.chips[0].open);
    }
}

/* Two chips that claim one address: the second is not read. */
static void test_bases_that_overlap(void **state)
{
    (void)state;
    sio_init(&sio);
    sio_put(&sio, 0, 0x8686, SIO_ITE_BANKED, 0xA40, sio_it8686, sio_it8686_count, SIO_HEALTHY);
    sio_put(&sio, 1, 0x8733, SIO_ITE, 0xA40, sio_it8792, sio_it8792_count, SIO_OPEN);
    set_up();
    run_for(4 * SECOND_US);
    assert_int_equal(watch.monitor_count, 1);
    assert_true(
        recorder_has_note(&recorder, "Super I/O at 4Eh: the address of its monitor cannot be one"));
}

static void test_bank_thief(void **state)
{
    int64_t value = -1;

    (void)state;
    put_nct6796(SIO_BANK_STOLEN);
    set_up();
    run_for(20 * SECOND_US);
    assert_int_equal(superio_fans(&watch), 5);
    assert_true(recorder_samples(&recorder, "Super I/O fan 2", &value) >= 4);
    assert_int_equal(value, 711000);
}

static void test_all(void **state)
{
    int64_t value = -1;

    (void)state;
    put_nct6796(SIO_HEALTHY);
    set_up_with("", true);
    run_for(6 * SECOND_US);
    assert_true(recorder_samples(&recorder, "AUXTIN0", &value) >= 2);
    assert_int_equal(value, 39000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_chip),
        cmocka_unit_test(test_step_comes_before_the_touch),
        cmocka_unit_test(test_skipped_step),
        cmocka_unit_test(test_healthy_chip),
        cmocka_unit_test(test_state_is_as_before),
        cmocka_unit_test(test_two_chips),
        cmocka_unit_test(test_fans_that_begin_and_stop),
        cmocka_unit_test(test_chip_that_dies_and_one_that_comes_back),
        cmocka_unit_test(test_what_is_not_read_is_told),
        cmocka_unit_test(test_bases_that_overlap),
        cmocka_unit_test(test_bank_thief),
        cmocka_unit_test(test_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
