#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/live.h"
#include "tests/sim/sample_run.h"

static struct live live;
static struct screen screen;
static uint64_t stop_us; /* events after this are not fed */

static void feed(void *context, struct event *event)
{
    (void)context;
    if (event->time_us <= stop_us)
        live_event(&live, event);
}

static const struct sink sink = {.emit = feed};

static int start(void **state)
{
    (void)state;
    live_init(&live);
    memset(&screen, 0, sizeof(screen));
    stop_us = UINT64_MAX;
    return 0;
}

static const char *row_text(unsigned row)
{
    static char text[SCREEN_COLUMNS + 1];

    for (unsigned column = 0; column < SCREEN_COLUMNS; column++)
        text[column] = screen.cells[row][column].c;
    return text;
}

/* Draws, and holds what must be so of every screen. */
static void draw(uint64_t now_us)
{
    live_draw(&live, now_us, &screen);
    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        for (unsigned column = 0; column < SCREEN_COLUMNS; column++) {
            assert_in_range(screen.cells[row][column].c, ' ', '~');
            assert_in_range(screen.cells[row][column].colour, 0, COLOURS - 1);
        }
    }
    assert_int_equal(screen.cells[SCREEN_ROWS - 1][SCREEN_COLUMNS - 1].c, ' ');
    if (getenv("SHOW")) {
        for (unsigned row = 0; row < SCREEN_ROWS; row++)
            printf("|%s|\n", row_text(row));
    }
}

/* The row that holds a text, which must be there, and its colour. */
static unsigned row_of(const char *text)
{
    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        if (strstr(row_text(row), text))
            return row;
    }
    fail_msg("not on the screen: %s", text);
    return 0;
}

static bool is_shown(const char *text)
{
    for (unsigned row = 0; row < SCREEN_ROWS; row++) {
        if (strstr(row_text(row), text))
            return true;
    }
    return false;
}

static unsigned colour_of(const char *text)
{
    unsigned row = row_of(text);
    size_t column = (size_t)(strstr(row_text(row), text) - row_text(row));

    return screen.cells[row][column].colour;
}

static void a_run_in_the_middle(void **state)
{
    (void)state;
    stop_us = 1320000000;
    sample_run(&sink);
    draw(1320000000);
    assert_int_equal(row_of("Assay 1.0.0   plan imaging   run 12   seed 0x1234abcd5678ef01"), 0);
    row_of("0:22:00");
    row_of("imaging    [####################--------------------] 50.0%  15 min 0 s left");
    assert_int_equal(colour_of("baseline"), COLOUR_GOOD);
    assert_int_equal(colour_of("Example NVMe 500"), COLOUR_NORMAL);
    row_of("NV500-0001");
    row_of("465 GiB");
    row_of("CPU_FAN          1800 rpm  min 400");
    row_of("max 100");
    row_of("Esc ends the run and writes the report");
    /* the errors of second 1300 to 1320 */
    assert_int_equal(colour_of("Memory    "), COLOUR_BAD);
    assert_non_null(strstr(row_text(row_of("Memory    ")), "      21"));
}

static void the_end_of_a_run(void **state)
{
    unsigned certain, likely, possible;

    (void)state;
    sample_run(&sink);
    draw(2400000000u);
    certain = row_of("FOUND memory-bit-error (certain): DIMM_B1");
    likely = row_of("FOUND disk-media (likely): SA2000-0042");
    possible = row_of("FOUND cooling-fan (possible): CPU_FAN");
    assert_true(certain < likely && likely < possible);
    assert_int_equal(colour_of("FOUND disk-media"), COLOUR_BAD);
    assert_int_equal(colour_of("FOUND cooling-fan"), COLOUR_WARN);
    assert_int_equal(colour_of("CPU_FAN  "), COLOUR_BAD);
    assert_int_equal(colour_of("VERDICT: FAIL"), COLOUR_BAD);
    row_of("The machine's clock gives no time zone.");
    /* nothing was moved for a while: no rate is claimed */
    assert_non_null(strstr(row_text(row_of("Example NVMe 500")), " - "));
}

static void injected_faults_are_loud(void **state)
{
    struct event event = {.type = EVENT_RUN_START, .run_start.inject = "memory-bit"};

    (void)state;
    live_event(&live, &event);
    draw(0);
    assert_int_equal(colour_of("*** INJECTED FAULTS: SELF-TEST *** memory-bit"), COLOUR_BAD);
}

static void nothing_known_yet(void **state)
{
    (void)state;
    draw(0);
    row_of("Esc ends");
    row_of("no readings");
    assert_false(is_shown("INJECTED"));
}

static void many_disks_hide_none_with_errors(void **state)
{
    struct event error = {.type = EVENT_DISK_ERROR, .disk_error.part = 22};

    (void)state;
    for (part_id part = 3; part < 23; part++) {
        struct event event = {.type = EVENT_PART, .part = {.part = part, .kind = PART_DISK}};

        format_text(event.part.name, NAME_SIZE, "Disk number %u", part);
        live_event(&live, &event);
    }
    live_event(&live, &error);
    draw(0);
    assert_true(row_of("Disk number 22") < row_of("Disk number 3"));
    row_of("and 13 more disks");
}

static void many_readings_show_the_worst(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 20; i++) {
        struct event series = {.type = EVENT_SERIES,
                               .series = {.series = i, .has_high = true, .high = 90000}};
        struct event sample = {.type = EVENT_SAMPLE,
                               .sample = {.series = i, .value = i == 19 ? 91000 : 40000}};

        format_text(series.series.name, NAME_SIZE, "Sensor %u", i);
        live_event(&live, &series);
        live_event(&live, &sample);
    }
    draw(1000000);
    assert_int_equal(colour_of("Sensor 19        91.0 C  max 90"), COLOUR_BAD);
    assert_true(row_of("Sensor 19") < row_of("Sensor 0"));
    row_of("and 12 more");
    draw(200000000);
    assert_int_equal(colour_of("Sensor 0"), COLOUR_DIM); /* too old to be believed */
}

static void many_findings_show_the_most_certain(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 20; i++) {
        struct event event = {
            .type = EVENT_FINDING,
            .finding = {.id = "disk-slow", .certainty = i == 19 ? CERTAIN : POSSIBLE}};

        format_text(event.finding.component, TEXT_SIZE, "part %u", i);
        live_event(&live, &event);
    }
    draw(0);
    assert_true(row_of("(certain): part 19") < row_of("(possible): part 0"));
    row_of("and 17 more findings");
}

static void a_finding_replaces_itself(void **state)
{
    struct event event = {.type = EVENT_FINDING, .finding = {.id = "disk-slow", .component = "X"}};

    (void)state;
    live_event(&live, &event);
    event.finding.certainty = LIKELY;
    live_event(&live, &event);
    draw(0);
    row_of("disk-slow (likely): X");
    assert_false(is_shown("possible"));
}

/* draw() holds the rest. */
static void hostile_text_stays_in_its_cells(void **state)
{
    (void)state;
    hostile_run(&sink);
    draw(UINT64_MAX);
    assert_int_equal(live.latest.part_count, LATEST_PARTS_MAX);
    assert_int_equal(live.latest.series_count, LATEST_SERIES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_run_in_the_middle, start),
        cmocka_unit_test_setup(the_end_of_a_run, start),
        cmocka_unit_test_setup(injected_faults_are_loud, start),
        cmocka_unit_test_setup(nothing_known_yet, start),
        cmocka_unit_test_setup(many_disks_hide_none_with_errors, start),
        cmocka_unit_test_setup(many_readings_show_the_worst, start),
        cmocka_unit_test_setup(many_findings_show_the_most_certain, start),
        cmocka_unit_test_setup(a_finding_replaces_itself, start),
        cmocka_unit_test_setup(hostile_text_stays_in_its_cells, start),
    };

    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
