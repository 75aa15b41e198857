/* The tap of the recorder: told of every event, and asked to bring out before a step begins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "efi/recorder.h"
#include "tests/sim/clock.h"

static struct sim_clock time_now;
static struct clock seam;
static struct recorder recorder;
static char journal[JOURNAL_SIZE];
static char told[256];

static void take(const struct event *event)
{
    assert_int_equal(event->time_us, 7);
    strncat(told, event_kinds[event->type].name, sizeof(told) - strlen(told) - 1);
    strncat(told, " ", sizeof(told) - strlen(told) - 1);
}

/* A tap may say something of its own when it is asked to bring out. */
static void bring_out(void)
{
    strncat(told, "| ", sizeof(told) - strlen(told) - 1);
    if (!strstr(told, "note"))
        emit_note(&recorder.sink, SEVERITY_INFO, "of its own");
}

static void print(const char *line)
{
    (void)line;
}

static const struct panel panel = {.print = print};

static int setup(void **state)
{
    (void)state;
    told[0] = '\0';
    seam = sim_clock_seam(&time_now);
    recorder_init(&recorder, &seam, &panel, journal, sizeof(journal));
    sim_clock_pass(&time_now, 7);
    return 0;
}

static void test_every_event_is_told(void **state)
{
    struct event start = {.type = EVENT_RUN_START}, sample = {.type = EVENT_SAMPLE};

    (void)state;
    recorder.tap = (struct recorder_tap){.event = take, .flush = bring_out};
    emit(&recorder.sink, &start);
    emit(&recorder.sink, &sample);
    emit(&recorder.sink, &sample); /* the journal has it once */
    emit_step(&recorder.sink, "connect", false);
    emit_step(&recorder.sink, "connect", true);
    recorder_flush(&recorder);
    assert_string_equal(told, "run-start sample sample step | note step | ");
}

static void test_nobody_is_told(void **state)
{
    (void)state;
    emit_step(&recorder.sink, "connect", false);
    recorder_flush(&recorder);
    assert_string_equal(told, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_event_is_told, setup),
        cmocka_unit_test_setup(test_nobody_is_told, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
