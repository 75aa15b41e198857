/* Two runs compared: what changed between them, and what is said of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "report/compare.h"
#include "report/journal.h"
#include "tests/sim/events.h"

enum { BYTES = 128 * 1024, SAID = 8192, THEN, NOW };

static struct {
    char bytes[BYTES];
    struct journal journal;
} runs[2];
static struct comparison both;
static char said[SAID];
static unsigned changes;

#define SAY(which, ...) say(which, (struct event)__VA_ARGS__)

static void say(int which, struct event event)
{
    event.time_us = 1000000;
    assert_int_equal(journal_append(&runs[which - THEN].journal, &event), 0);
}

/* A machine with two drives, a module and the stick, which each run numbers in its own way. */
static void begin(int which, uint32_t number, part_id first)
{
    struct journal *journal = &runs[which - THEN].journal;

    journal_init(journal, runs[which - THEN].bytes, BYTES);
    SAY(which, E(EVENT_RUN_START, run_start, .plan = "imaging", .number = number, .imaging_s = 1800,
                 .year = 2026, .month = 11, .day = 20, .hour = 14, .minute = 3));
    SAY(which, PART(1, PART_PROCESSOR, "Processor X"));
    SAY(which, DISK(first, "SER1", "PCI 1"));
    SAY(which, DISK((part_id)(first + 1), "SER2", "PCI 2"));
    SAY(which, DISK((part_id)(first + 2), "STICK", "USB 1"));
    SAY(which, GAP("boot-disk", (part_id)(first + 2), false));
    SAY(which, PART((part_id)(first + 3), PART_SENSOR, "CPU"));
    SAY(which, HEAT((uint16_t)(first + 10), (part_id)(first + 3), 95000));
    SAY(which, E(EVENT_SERIES, series, .series = (uint16_t)(first + 11), .part = first,
                 .quantity = QUANTITY_THROUGHPUT, .name = "Model"));
}

static void load(int which, part_id first, int64_t heat, int64_t rate)
{
    SAY(which, READS((uint16_t)(first + 10), 30000));
    SAY(which, PHASE("imaging"));
    for (unsigned i = 0; i < 10; i++) {
        SAY(which, READS((uint16_t)(first + 10), heat - i * 100));
        SAY(which, READS((uint16_t)(first + 11), rate));
    }
    SAY(which, PHASE_ENDS("imaging", ENDED_DONE));
    SAY(which, READS((uint16_t)(first + 10), 20000));
}

static void found(int which, const char *id, const char *component)
{
    struct event event = {.type = EVENT_FINDING};

    copy_text(event.finding.id, NAME_SIZE, id);
    copy_text(event.finding.component, TEXT_SIZE, component);
    say(which, event);
}

static void conclude(int which)
{
    SAY(which, PHASE(PHASE_OF_VERDICT));
}

static void end(int which)
{
    SAY(which, E(EVENT_VERDICT, verdict, .overall = OVERALL_PASS));
}

static void keep(void *context, struct event *event)
{
    struct text text = {.data = said, .size = SAID, .length = strlen(said)};

    (void)context;
    assert_int_equal(event->type, EVENT_CHANGE);
    assert_true(journal_can_hold(event));
    text_format(&text, "%s %s: %s\n", event->change.run, change_names[event->change.change],
                event->change.text);
    changes++;
}

static bool compared(void)
{
    const struct sink sink = {.emit = keep};
    bool matches;

    said[0] = '\0';
    changes = 0;
    assert_true(compare_read(&both.then, runs[0].bytes, runs[0].journal.length));
    assert_true(compare_read(&both.now, runs[1].bytes, runs[1].journal.length));
    matches = compare_matches(&both.then, &both.now);
    if (matches)
        compare_tell(&both, &sink);
    return matches;
}

static int setup(void **state)
{
    (void)state;
    begin(THEN, 7, 3);
    begin(NOW, 8, 20);
    return 0;
}

static void nothing_changed(void **state)
{
    (void)state;
    load(THEN, 3, 70000, 500000000000);
    load(NOW, 20, 72900, 560000000000);
    conclude(THEN);
    conclude(NOW);
    end(THEN);
    assert_true(compared());
    assert_string_equal(said, "run 7 of 2026-11-20 14:03 nothing: nothing changed\n");
}

static void findings_come_and_go(void **state)
{
    (void)state;
    found(THEN, "cooling-airflow", "CPU"); /* provisional, and not said again */
    conclude(THEN);
    conclude(NOW);
    found(THEN, "disk-link", "SER1 Model");
    found(THEN, "cooling-fan", "Fan 2");
    found(THEN, "reset-under-load", "machine");
    found(NOW, "cooling-fan", "Fan 2");
    found(NOW, "disk-media", "SER2 Model");
    end(THEN);
    assert_true(compared());
    assert_string_equal(said,
                        "run 7 of 2026-11-20 14:03 gone: disk-link at SER1 Model is gone\n"
                        "run 7 of 2026-11-20 14:03 same: cooling-fan at Fan 2 is there again\n"
                        "run 7 of 2026-11-20 14:03 new: disk-media at SER2 Model is new\n");
}

/* What was not looked for as before is not gone. */
static void a_shorter_run_finds_less(void **state)
{
    static const struct {
        const char *plan;
        uint32_t imaging_s;
        bool cut;
        const char *words;
    } rows[] = {
        {"imaging", 1800, false, "is gone\n"},
        {"imaging", 3600, false, "is gone\n"},
        {"imaging", 60, false, "this run did not test the same, or not as long\n"},
        {"memory", 1800, false, "this run did not test the same, or not as long\n"},
        {"imaging", 1800, true, "this run was cut short\n"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event again = {.type = EVENT_RUN_START,
                              .run_start = {.number = 8, .imaging_s = rows[i].imaging_s}};

        setup(state);
        conclude(THEN);
        found(THEN, "disk-link", "SER1 Model");
        end(THEN);
        copy_text(again.run_start.plan, NAME_SIZE, rows[i].plan);
        say(NOW, again);
        SAY(NOW, PHASE_ENDS("imaging", rows[i].cut ? ENDED_CUT : ENDED_DONE));
        assert_true(compared());
        assert_non_null(strstr(said, rows[i].words));
    }
}

/* By the serial number of the drive, whatever its number in the run. */
static void counters_that_rise(void **state)
{
    (void)state;
    SAY(THEN, E(EVENT_COUNTER, counter, .part = 3, .name = "link-crc", .value = 2));
    SAY(THEN, E(EVENT_COUNTER, counter, .part = 4, .name = "link-crc", .value = 9));
    SAY(THEN, E(EVENT_COUNTER, counter, .part = 3, .name = "power-on-hours", .value = 9));
    SAY(THEN,
        E(EVENT_COUNTER, counter, .part = 3, .moment = MOMENT_END, .name = "link-crc", .value = 5));
    SAY(NOW, E(EVENT_COUNTER, counter, .part = 20, .name = "link-crc", .value = 7));
    SAY(NOW, E(EVENT_COUNTER, counter, .part = 21, .name = "link-crc", .value = 9));
    SAY(NOW, E(EVENT_COUNTER, counter, .part = 20, .name = "power-on-hours", .value = 99));
    SAY(NOW, E(EVENT_COUNTER, counter, .part = 20, .name = "media-errors", .value = 1));
    end(THEN);
    assert_true(compared());
    assert_string_equal(said,
                        "run 7 of 2026-11-20 14:03 counter: link-crc of SER1 rose from 5 to 7\n");
}

static void measures_under_load(void **state)
{
    (void)state;
    load(THEN, 3, 84000, 500000000000);
    load(NOW, 20, 71500, 130000000000);
    end(THEN);
    assert_true(compared());
    assert_string_equal(
        said, "run 7 of 2026-11-20 14:03 temperature: Temp reached 71.5 C under load, "
              "84.0 C then\n"
              "run 7 of 2026-11-20 14:03 throughput: Model gave 130.0 MB/s while imaging, "
              "500.0 MB/s then\n");
}

static void a_self_test_is_named(void **state)
{
    (void)state;
    SAY(THEN, E(EVENT_RUN_START, run_start, .plan = "imaging", .number = 7, .inject = "fan-stop"));
    end(THEN);
    assert_true(compared());
    assert_string_equal(said, "run 7 (self-test) nothing: nothing changed\n");
}

static void only_the_same_machine(void **state)
{
    setup(state);
    assert_false(compared()); /* it has no end */
    end(THEN);
    assert_true(compared());

    begin(NOW, 8, 20); /* one drive was exchanged */
    SAY(NOW, DISK(20, "SER9", "PCI 1"));
    assert_true(compared());

    journal_init(&runs[1].journal, runs[1].bytes, BYTES); /* the same stick alone */
    SAY(NOW, E(EVENT_RUN_START, run_start, .plan = "imaging", .number = 8));
    SAY(NOW, PART(1, PART_PROCESSOR, "Processor X"));
    SAY(NOW, DISK(9, "STICK", "USB 1"));
    SAY(NOW, GAP("boot-disk", 9, false));
    SAY(NOW, DISK(10, "SER8", "PCI 1"));
    assert_false(compared());

    begin(NOW, 8, 20); /* the drives in another machine */
    SAY(NOW, PART(1, PART_PROCESSOR, "Processor X"));
    assert_true(compared());
    journal_init(&runs[1].journal, runs[1].bytes, BYTES);
    SAY(NOW, E(EVENT_RUN_START, run_start, .plan = "imaging", .number = 8));
    SAY(NOW, PART(1, PART_PROCESSOR, "Processor Y"));
    SAY(NOW, DISK(10, "SER1", "PCI 1"));
    SAY(NOW, DISK(11, "SER2", "PCI 1"));
    assert_false(compared());
}

/* Full tables, and numbers at both ends of their range. */
static void bounds_hold(void **state)
{
    char name[NAME_SIZE];

    (void)state;
    for (unsigned i = 0; i < 220; i++) {
        format_text(name, sizeof(name), "n%u", i);
        SAY(THEN, DISK((part_id)(100 + i), "", "PCI 9"));
        SAY(THEN,
            E(EVENT_COUNTER, counter, .part = (part_id)i, .name = "link-crc", .value = UINT64_MAX));
        SAY(THEN, E(EVENT_SERIES, series, .series = (uint16_t)(200 + i), .part = 3,
                    .quantity = i % QUANTITIES, .name = "x"));
        SAY(NOW, E(EVENT_SERIES, series, .series = (uint16_t)(200 + i), .part = 20,
                   .quantity = i % QUANTITIES, .name = "x"));
    }
    SAY(THEN, PHASE("imaging"));
    SAY(NOW, PHASE("imaging"));
    for (unsigned i = 0; i < 220; i++) {
        SAY(THEN, READS((uint16_t)(200 + i), INT64_MAX));
        SAY(NOW, READS((uint16_t)(200 + i), INT64_MIN));
        SAY(THEN, READS((uint16_t)(200 + i), 9000000));
        SAY(NOW, READS((uint16_t)(200 + i), 1000000));
    }
    conclude(THEN);
    for (unsigned i = 0; i < 40; i++) {
        format_text(name, sizeof(name), "f%u", i);
        found(THEN, name, "somewhere");
    }
    end(THEN);
    assert_true(compared());
    assert_int_equal(both.then.finding_count, COMPARE_FINDINGS);
    assert_int_equal(changes, COMPARE_CHANGES);
    for (size_t size = 0; size < runs[0].journal.length; size += 97)
        compare_read(&both.then, runs[0].bytes, size);
    assert_false(compare_read(&both.then, "", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_changed, setup),
        cmocka_unit_test_setup(findings_come_and_go, setup),
        cmocka_unit_test_setup(a_shorter_run_finds_less, setup),
        cmocka_unit_test_setup(counters_that_rise, setup),
        cmocka_unit_test_setup(measures_under_load, setup),
        cmocka_unit_test_setup(a_self_test_is_named, setup),
        cmocka_unit_test_setup(only_the_same_machine, setup),
        cmocka_unit_test_setup(bounds_hold, setup),
    };

    return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
