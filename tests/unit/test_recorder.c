/* Which samples the recorder keeps in the journal of a long run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "efi/recorder.h"
#include "tests/sim/clock.h"

enum { SECOND_US = 1000000, EIGHT_HOURS_S = 28800, SERIES = 3, WATCHED_S = 960 };

static struct sim_clock time_now;
static struct clock seam;
static struct recorder recorder;
static char journal[JOURNAL_SIZE];

static void print(const char *line)
{
    (void)line;
}

static const struct panel panel = {.print = print};

static void begin(enum quantity quantity, uint32_t planned_s)
{
    struct event series = {.type = EVENT_SERIES,
                           .series = {.series = SERIES, .quantity = (uint8_t)quantity}};

    seam = sim_clock_seam(&time_now);
    recorder_init(&recorder, &seam, &panel, journal, sizeof(journal));
    recorder_plan(&recorder, planned_s);
    emit(&recorder.sink, &series);
}

/* How many samples the journal keeps of one each second that leaps by `step` of a million every
 * twelve. */
static unsigned kept(enum quantity quantity, uint32_t planned_s, int64_t step)
{
    uint64_t before;

    begin(quantity, planned_s);
    before = recorder.journal.sequence;
    for (unsigned i = 0; i < WATCHED_S; i++) {
        struct event sample = {.type = EVENT_SAMPLE,
                               .sample = {.series = SERIES, .value = 1000000 + i / 12 % 2 * step}};

        sim_clock_pass(&time_now, SECOND_US);
        emit(&recorder.sink, &sample);
    }
    return (unsigned)(recorder.journal.sequence - before);
}

static void what_stands_still_is_thinned_out(void **state)
{
    (void)state;
    assert_int_equal(kept(QUANTITY_TEMPERATURE, EIGHT_HOURS_S, 0), WATCHED_S / 48);
    assert_int_equal(kept(QUANTITY_TEMPERATURE, 60, 0), WATCHED_S);
}

/* A sensor that moves comes four times as often at most; a throughput, which always moves, does
 * not; nor do short runs change, which keep every second anyway. */
static void what_moves_is_kept_more_often(void **state)
{
    (void)state;
    assert_int_equal(kept(QUANTITY_TEMPERATURE, EIGHT_HOURS_S, 900000), WATCHED_S / 12);
    assert_int_equal(kept(QUANTITY_VOLTAGE, EIGHT_HOURS_S, 900000), WATCHED_S / 12);
    assert_int_equal(kept(QUANTITY_THROUGHPUT, EIGHT_HOURS_S, 900000), WATCHED_S / 48);
    assert_int_equal(kept(QUANTITY_FAN_SPEED, 60, 900000), WATCHED_S);
    assert_int_equal(kept(QUANTITY_TEMPERATURE, EIGHT_HOURS_S, 100), WATCHED_S / 48);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_still_is_thinned_out),
        cmocka_unit_test(what_moves_is_kept_more_often),
    };

    return cmocka_run_group_tests_name("recorder", tests, NULL, NULL);
}
