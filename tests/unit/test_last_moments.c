/* The last moments of a run that died, from its journal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/last_words.h"
#include "base/text.h"
#include "report/journal.h"
#include "report/last_moments.h"
#include "tests/sim/events.h"

enum { BYTES = 512 * 1024, SECOND_US = 1000000 };

static char bytes[BYTES];
static struct journal journal;
static struct last_moments work;
static struct event_prior_run run;

static void say(unsigned at_s, struct event event)
{
    event.time_us = (uint64_t)at_s * SECOND_US;
    assert_int_equal(journal_append(&journal, &event), 0);
}

#define SAY(at_s, ...) say(at_s, (struct event)__VA_ARGS__)

static void sample(unsigned at_s, uint16_t series, int64_t value)
{
    SAY(at_s, READS(series, value));
}

static void series(uint16_t number, part_id part, enum quantity quantity, const char *name,
                   int64_t high)
{
    struct event event = {.type = EVENT_SERIES,
                          .series = {.series = number,
                                     .part = part,
                                     .quantity = (uint8_t)quantity,
                                     .has_high = high != 0,
                                     .high = high}};

    copy_text(event.series.name, NAME_SIZE, name);
    say(0, event);
}

enum { CPU = 1, BOARD, FAN_1, FAN_2, RAIL, CORE, DRIVE_A, DRIVE_B };

static void start_in(const char *phase)
{
    struct event begin = {.type = EVENT_PHASE_START};

    memset(&run, 0, sizeof(run));
    journal_init(&journal, bytes, sizeof(bytes));
    SAY(0, E(EVENT_RUN_START, run_start, .plan = "imaging", .number = 12, .year = 2026, .month = 3,
             .day = 1));
    SAY(0, DISK(5, "S1", "PCI 1"));
    SAY(0, DISK(6, "S2", "PCI 2"));
    series(CPU, 10, QUANTITY_TEMPERATURE, "CPU", 100000);
    series(BOARD, 11, QUANTITY_TEMPERATURE, "Board", 0);
    series(FAN_1, 12, QUANTITY_FAN_SPEED, "Fan 1", 0);
    series(FAN_2, 13, QUANTITY_FAN_SPEED, "Fan 2", 0);
    series(RAIL, 14, QUANTITY_VOLTAGE, "12V", 0);
    series(CORE, 14, QUANTITY_VOLTAGE, "Vcore", 0);
    series(DRIVE_A, 5, QUANTITY_THROUGHPUT, "Drive A", 0);
    series(DRIVE_B, 6, QUANTITY_THROUGHPUT, "Drive B", 0);
    copy_text(begin.phase_start.phase, NAME_SIZE, phase);
    say(1, begin);
}

static int setup(void **state)
{
    (void)state;
    start_in("imaging");
    return 0;
}

/* A machine that keeps its state for five minutes; the core's voltage follows the load. */
static void steady(void)
{
    for (unsigned s = 2; s <= 300; s += 2) {
        sample(s, CPU, 70000 + (s % 4 ? 500 : 0));
        sample(s, BOARD, 40000);
        sample(s, FAN_1, 1200000 + (s % 4 ? 20000 : 0));
        sample(s, FAN_2, 900000);
        sample(s, RAIL, 12100 + (s % 4 ? 60 : 0));
        sample(s, CORE, s % 20 < 10 ? 1250 : 800);
        sample(s, DRIVE_A, 400000000000);
        sample(s, DRIVE_B, 200000000000);
    }
}

static void read_it(void)
{
    assert_true(last_moments_read(&work, bytes, journal.length, &run));
    assert_int_equal(run.number, 12);
    assert_int_equal(run.answer, ANSWER_NONE);
}

/* A healthy machine whose plug was pulled: values, and nothing that moved. */
static void a_steady_machine(void **state)
{
    (void)state;
    steady();
    read_it();
    assert_int_equal(run.after_s, 300);
    assert_int_equal(run.ended_s, 1772323200u + 300);
    assert_string_equal(run.load, "imaging from 2 drives");
    assert_string_equal(run.hottest, "CPU");
    assert_int_equal(run.temperature, 70000);
    assert_true(run.has_limit);
    assert_int_equal(run.limit, 100000);
    assert_string_equal(run.trend, "");
    assert_string_equal(run.dip, "");
    assert_string_equal(run.found, "");
    assert_int_equal(run.corrected, 0);
    assert_false(run.override_stood || run.watchdog_ran);
}

static void a_run_that_ended(void **state)
{
    (void)state;
    steady();
    SAY(301, RUN_ENDS(ENDED_DONE));
    run.number = 99;
    assert_false(last_moments_read(&work, bytes, journal.length, &run));
    assert_int_equal(run.number, 99);
    assert_false(last_moments_read(&work, bytes, 0, &run));
}

static void heat_that_rises(void **state)
{
    (void)state;
    steady();
    for (unsigned s = 302; s <= 330; s += 2) {
        sample(s, CPU, 70000 + (s - 300) * 900);
        sample(s, FAN_1, 1400000);
    }
    read_it();
    assert_string_equal(run.trend, "CPU");
    assert_int_equal(run.trend_quantity, QUANTITY_TEMPERATURE);
    assert_true(run.trend_from <= 70500);
    assert_int_equal(run.trend_to, 97000);
    assert_int_equal(run.temperature, 97000);
}

/* What moved long before is no news. */
static void heat_that_rose_before(void **state)
{
    (void)state;
    for (unsigned s = 2; s < 100; s += 2)
        sample(s, CPU, 40000 + s * 400);
    for (unsigned s = 100; s < 300; s += 2)
        sample(s, CPU, 80000);
    read_it();
    assert_string_equal(run.trend, "");
}

static void fan_that_slows_down(void **state)
{
    (void)state;
    steady();
    for (unsigned s = 302; s <= 330; s += 2) {
        sample(s, FAN_2, 900000 - (s - 300) * 20000);
        sample(s, CPU, 72000);
    }
    read_it();
    assert_string_equal(run.trend, "Fan 2");
    assert_int_equal(run.trend_to, 300000);
    assert_string_equal(run.fan, "Fan 2");
    assert_int_equal(run.fan_speed, 300000);
    assert_int_equal(run.fan_fastest, 900000);
}

/* Near its limit before hotter; without limits the hottest. */
static void the_worst_temperature(void **state)
{
    (void)state;
    sample(2, CPU, 80000);
    sample(2, BOARD, 95000);
    read_it();
    assert_string_equal(run.hottest, "Board");
    assert_false(run.has_limit);
    sample(3, CPU, 86000);
    read_it();
    assert_string_equal(run.hottest, "CPU");
    SAY(4, E(EVENT_SENSOR_STATE, sensor_state, .series = CPU, .silent = true));
    read_it();
    assert_string_equal(run.hottest, "Board");
}

static void a_voltage_that_drops(void **state)
{
    (void)state;
    steady();
    sample(301, RAIL, 12100);
    sample(302, RAIL, 11300);
    read_it();
    assert_string_equal(run.dip, "12V");
    assert_in_range(run.dip_from, 12100, 12160);
    assert_int_equal(run.dip_to, 11300);
}

/* A twentieth lower is a dip, a thirtieth is load; what was as low before is none; nor is what
 * came back. */
static void voltages_that_do_not_drop(void **state)
{
    (void)state;
    steady();
    sample(301, RAIL, 11750);
    read_it();
    assert_string_equal(run.dip, "");
    setup(state);
    sample(1, RAIL, 11290);
    steady();
    sample(301, RAIL, 11300);
    read_it();
    assert_string_equal(run.dip, "");
    setup(state);
    steady();
    sample(301, RAIL, 11300);
    for (unsigned s = 302; s < 310; s++)
        sample(s, RAIL, 12100);
    read_it();
    assert_string_equal(run.dip, "");
    setup(state);
    for (unsigned s = 0; s < MOMENTS_DIP_BEFORE; s++)
        sample(s, RAIL, 12100);
    sample(9, RAIL, 11300);
    read_it();
    assert_string_equal(run.dip, ""); /* too little is known of it */
}

#define CORRECTED_CHECK(before) CHECK(0, 7, 0x8C00004000000090u, 0x1000, before)

static void corrected_errors(void **state)
{
    (void)state;
    SAY(2, CORRECTED_CHECK(true));
    SAY(100, CORRECTED_CHECK(false));
    SAY(200, CORRECTED_CHECK(false));
    for (unsigned s = 260; s < 300; s += 10)
        SAY(s, CORRECTED_CHECK(false));
    SAY(299, CHECK(0, 7, 0xBC00000000000090u, 0x1000, false)); /* not corrected */
    sample(300, CPU, 70000);
    read_it();
    assert_int_equal(run.corrected, 4);
    assert_int_equal(run.corrected_before, 1);
}

static void findings_it_had(void **state)
{
    (void)state;
    SAY(10, E(EVENT_FINDING, finding, .id = "disk-media", .component = "S1 Model"));
    SAY(11, E(EVENT_FINDING, finding, .id = "disk-media", .component = "S1 Model",
              .certainty = LIKELY));
    SAY(12, E(EVENT_FINDING, finding, .id = "reset-under-load", .component = "machine"));
    SAY(13, E(EVENT_FINDING, finding, .id = "cooling-fan", .component = "Fan 2"));
    read_it();
    assert_string_equal(run.found, "disk-media at S1 Model, cooling-fan at Fan 2");
}

static void words_for_the_load(void **state)
{
    static const struct {
        const char *phase, *load;
    } rows[] = {
        {"memory", "memory tests on all processors"},
        {"disks", "reading from Drive B"},
        {"writing", "writing to Drive B"},
        {"imaging", "imaging from Drive B"},
        {"baseline", "the baseline, before any load"},
        {"cool-down", "the cool-down, after the load"},
        {"of a later version", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        start_in(rows[i].phase);
        sample(10, DRIVE_A, 1000000000);
        sample(200, DRIVE_B, 1000000000);
        sample(201, DRIVE_A, 0);
        read_it();
        assert_string_equal(run.load, rows[i].load);
    }
    start_in("imaging");
    read_it();
    assert_string_equal(run.load, "imaging from drives");
}

static void what_it_was_told(void **state)
{
    (void)state;
    SAY(2, E(EVENT_RESTART, restart, .witness = RESTART_TOLD_BY_CHIPSET,
             .cause = RESTART_POWER_OVERRIDE));
    SAY(2, E(EVENT_NOTE, note, .text = WATCHDOG_LEFT " (60 s) and could not be stopped"));
    read_it();
    assert_true(run.override_stood);
    assert_true(run.watchdog_ran);
}

/* The journal of a version before this one, and one cut at any byte. */
static void any_journal_is_read(void **state)
{
    (void)state;
    steady();
    for (size_t size = 0; size < 20000; size += 7) {
        if (last_moments_read(&work, bytes, size, &run))
            assert_int_equal(run.number, 12);
    }
}

/* Tables that are full, and numbers at both ends of their range. */
static void bounds_hold(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < MOMENTS_SERIES + 10; i++) {
        series((uint16_t)(100 + i), 10, (enum quantity)(i % QUANTITIES), "x", INT64_MAX);
        sample(5, (uint16_t)(100 + i), INT64_MIN);
        sample(6, (uint16_t)(100 + i), 1000000000);
        sample(7, (uint16_t)(100 + i), -1000000000);
        sample(8, (uint16_t)(100 + i), INT64_MAX);
    }
    for (unsigned i = 0; i < 40; i++) {
        char id[2] = {(char)('A' + i), 0};
        struct event event = {.type = EVENT_FINDING};

        copy_text(event.finding.id, NAME_SIZE, id);
        memset(event.finding.component, 'c', TEXT_SIZE - 1);
        say(9, event);
    }
    read_it();
    assert_int_equal(work.series_count, MOMENTS_SERIES);
    assert_int_equal(work.finding_count, MOMENTS_FINDINGS);
    assert_true(strlen(run.found) < TEXT_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_steady_machine, setup),
        cmocka_unit_test_setup(a_run_that_ended, setup),
        cmocka_unit_test_setup(heat_that_rises, setup),
        cmocka_unit_test_setup(heat_that_rose_before, setup),
        cmocka_unit_test_setup(fan_that_slows_down, setup),
        cmocka_unit_test_setup(the_worst_temperature, setup),
        cmocka_unit_test_setup(a_voltage_that_drops, setup),
        cmocka_unit_test_setup(voltages_that_do_not_drop, setup),
        cmocka_unit_test_setup(corrected_errors, setup),
        cmocka_unit_test_setup(findings_it_had, setup),
        cmocka_unit_test_setup(words_for_the_load, setup),
        cmocka_unit_test_setup(what_it_was_told, setup),
        cmocka_unit_test_setup(any_journal_is_read, setup),
        cmocka_unit_test_setup(bounds_hold, setup),
    };

    return cmocka_run_group_tests_name("last_moments", tests, NULL, NULL);
}
