#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/ipmi.h"
#include "tests/sim/bmc.h"

enum { LOG_MAX = 300, NOTES_MAX = 64, SECOND_US = 1000000 };

struct bench {
    struct bmc bmc;
    struct access access;
    struct clock clock;
    struct sink sink;
    struct numbers numbers;
    struct ipmi ipmi;
    uint8_t log[LOG_MAX][16];
    struct sel_record taken[LOG_MAX];
    size_t taken_count;
    char notes[NOTES_MAX][TEXT_SIZE];
    uint8_t severities[NOTES_MAX];
    size_t note_count;
    uint64_t sampled_us, gap_us; /* of the first series */
};

static struct bench bench;

static void record(void *context, struct event *event)
{
    (void)context;
    if (event->type == EVENT_SAMPLE && event->sample.series == 1) {
        if (bench.sampled_us && bench.bmc.now_us - bench.sampled_us > bench.gap_us)
            bench.gap_us = bench.bmc.now_us - bench.sampled_us;
        bench.sampled_us = bench.bmc.now_us;
    }
    if (event->type == EVENT_NOTE && bench.note_count < NOTES_MAX) {
        bench.severities[bench.note_count] = event->note.severity;
        memcpy(bench.notes[bench.note_count++], event->note.text, TEXT_SIZE);
    }
}

static void take(void *context, const struct sel_record *sel)
{
    assert_ptr_equal(context, &bench);
    assert_true(bench.taken_count < LOG_MAX);
    bench.taken[bench.taken_count++] = *sel;
}

/* `count` records, numbered from `first` on; every tenth a fan, the others memory. */
static void set_up(enum bmc_fault fault, size_t count, uint16_t first)
{
    memset(&bench, 0, sizeof(bench));
    bmc_init(&bench.bmc, fault);
    for (size_t i = 0; i < count; i++) {
        uint16_t id = (uint16_t)(first + i);
        uint8_t line[16] = {(uint8_t)id,
                            (uint8_t)(id >> 8),
                            2,
                            (uint8_t)i,
                            (uint8_t)(i >> 8),
                            0,
                            0x60,
                            0x20,
                            0,
                            4,
                            0x0C,
                            0x88,
                            0x6F,
                            0,
                            0xFF,
                            0xFF};

        if (i % 10 == 0)
            line[10] = 4, line[11] = 0x30, line[12] = 1, line[13] = 2;
        memcpy(bench.log[i], line, 16);
    }
    bench.bmc.log = (const uint8_t(*)[16])bench.log;
    bench.bmc.log_count = count;
    bench.access = bmc_access(&bench.bmc);
    bench.clock = bmc_clock(&bench.bmc);
    bench.sink = (struct sink){.emit = record};
    bench.numbers = (struct numbers){.next_part = 10, .next_series = 1};
    ipmi_init(&bench.ipmi, &bench.access, &bench.clock, &bench.sink, &bench.numbers, 0xCA2, 1);
    ipmi_read_log(&bench.ipmi, take, &bench);
}

static void run_for(uint64_t duration_us)
{
    uint64_t end_us = bench.bmc.now_us + duration_us;

    while (bench.bmc.now_us < end_us) {
        uint64_t before_us = bench.bmc.now_us;
        size_t taken = bench.taken_count;

        ipmi_step(&bench.ipmi);
        assert_true(bench.bmc.now_us - before_us <= IPMI_STEP_US + 5);
        assert_true(bench.taken_count <= taken + 1);
        bmc_sleep(&bench.bmc, 200);
    }
    assert_int_equal(bench.bmc.strays, 0);
    assert_int_equal(bench.bmc.breaches, 0);
    assert_int_equal(bench.bmc.changing, 0);
}

static bool has_note(const char *part, enum severity severity)
{
    for (size_t i = 0; i < bench.note_count; i++)
        if (strstr(bench.notes[i], part) && bench.severities[i] == severity)
            return true;
    return false;
}

/* Records `from` to the end of a log whose numbers begin with `first`. */
static void check_taken(size_t from, size_t count, uint16_t first)
{
    assert_int_equal(bench.taken_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(bench.taken[i].id, (uint16_t)(first + from + i));
        assert_int_equal(bench.taken[i].topic, (from + i) % 10 ? SEL_MEMORY_CORRECTED : SEL_FAN);
    }
}

static void reads_a_small_log(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 12, 1);
    assert_false(ipmi_log_is_read(&bench.ipmi));
    run_for(5 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    check_taken(0, 12, 1);
    assert_true(has_note("event log has 12 records, the newest 12", SEVERITY_INFO));
    assert_int_equal(bench.bmc.entries, 12);
}

/* Of a long log the newest records, without walking over all of it; readings go on meanwhile. */
static void reads_the_end_of_a_long_log(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 300, 1);
    run_for(10 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    check_taken(300 - IPMI_LOG_KEPT, IPMI_LOG_KEPT, 1);
    assert_int_equal(bench.bmc.entries, IPMI_LOG_KEPT + 1);
    assert_true(bench.gap_us < 1200000);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    assert_int_equal(ipmi_fans(&bench.ipmi), 4);
}

/* Numbers that leave gaps: the jump fails, and the log is walked over from its beginning. */
static void reads_a_log_with_gaps(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 100, 1);
    for (size_t i = 0; i < 100; i++) {
        uint16_t id = (uint16_t)(i * 16 + 1000);

        bench.log[i][0] = (uint8_t)id, bench.log[i][1] = (uint8_t)(id >> 8);
    }
    run_for(10 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_int_equal(bench.taken_count, IPMI_LOG_KEPT);
    assert_int_equal(bench.taken[0].id, 36 * 16 + 1000);
    assert_int_equal(bench.taken[IPMI_LOG_KEPT - 1].id, 99 * 16 + 1000);
    assert_true(has_note("has 100 records, the newest 64", SEVERITY_INFO));
}

static void does_without_the_last_record(void **state)
{
    (void)state;
    set_up(BMC_LOG_NO_LAST, 80, 5);
    run_for(10 * SECOND_US);
    check_taken(80 - IPMI_LOG_KEPT, IPMI_LOG_KEPT, 5);
}

static void survives_lost_reservations(void **state)
{
    (void)state;
    set_up(BMC_LOG_RESERVATION, 20, 1);
    run_for(10 * SECOND_US);
    check_taken(0, 20, 1);
    set_up(BMC_LOG_RESERVATION, 60, 1); /* more than may be lost */
    run_for(10 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_true(has_note("cut short", SEVERITY_WARNING));
    assert_true(has_note("it keeps changing", SEVERITY_WARNING));
    check_taken(0, 34, 1);
    set_up(BMC_LOG_BARE, 20, 1);
    run_for(10 * SECOND_US);
    check_taken(0, 20, 1);
}

static void says_what_is_not_there(void **state)
{
    (void)state;
    set_up(BMC_LOG_NONE, 5, 1);
    run_for(5 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_true(has_note("event log cannot be read", SEVERITY_INFO));
    assert_int_equal(bench.taken_count, 0);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    set_up(BMC_HEALTHY, 0, 1);
    run_for(5 * SECOND_US);
    assert_true(has_note("event log is empty", SEVERITY_INFO));
    assert_int_equal(bench.taken_count, 0);
}

static void ends_bad_logs(void **state)
{
    static const struct {
        enum bmc_fault fault;
        const char *note;
        size_t taken;
    } cases[] = {
        {BMC_LOG_CIRCULAR, "longer than it says", 26},
        {BMC_LOG_LONG, "longer than it says", 26},
        {BMC_LOG_BROKEN, "a record could not be read", 3},
        {BMC_LOG_SHORT, "a record could not be read", 3},
        {BMC_LOG_ERASED, "1 records of the BMC's event log make no sense", 9},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_up(cases[i].fault, 10, 1);
        run_for(10 * SECOND_US);
        assert_true(ipmi_log_is_read(&bench.ipmi));
        assert_true(has_note(cases[i].note, SEVERITY_WARNING));
        assert_int_equal(bench.taken_count, cases[i].taken);
        assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
        assert_true(bench.sampled_us > 9 * SECOND_US);
    }
}

/* A BMC that dies in the middle: what came is handed on, and its sensors fall silent. */
static void hands_on_what_came_before_death(void **state)
{
    (void)state;
    set_up(BMC_DIES, 60, 1);
    bench.bmc.fault_us = UINT64_MAX;
    for (unsigned i = 0; i < 50000 && bench.bmc.entries < 10; i++)
        run_for(200);
    assert_int_equal(bench.bmc.entries, 10);
    bench.bmc.fault_us = bench.bmc.now_us;
    run_for(40 * SECOND_US);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_DIED);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_in_range(bench.taken_count, 9, 10);
    assert_true(has_note("the BMC answers no longer", SEVERITY_WARNING));
    assert_int_equal(ipmi_fans(&bench.ipmi), 0);
}

static void is_not_read_unasked(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 12, 1);
    ipmi_init(&bench.ipmi, &bench.access, &bench.clock, &bench.sink, &bench.numbers, 0xCA2, 1);
    run_for(5 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_int_equal(bench.bmc.entries, 0);
    set_up(BMC_FLOATING, 12, 1);
    run_for(5 * SECOND_US);
    assert_true(ipmi_log_is_read(&bench.ipmi));
    assert_int_equal(bench.taken_count, 0);
}

/* A BMC with no sensors at all still has its log read. */
static void needs_no_sensors(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 12, 1);
    bench.bmc.sensors += bench.bmc.sensor_count - 1; /* the watchdog alone, which is not read */
    bench.bmc.sensor_count = 1;
    run_for(5 * SECOND_US);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    check_taken(0, 12, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_small_log),
        cmocka_unit_test(reads_the_end_of_a_long_log),
        cmocka_unit_test(reads_a_log_with_gaps),
        cmocka_unit_test(does_without_the_last_record),
        cmocka_unit_test(survives_lost_reservations),
        cmocka_unit_test(says_what_is_not_there),
        cmocka_unit_test(ends_bad_logs),
        cmocka_unit_test(hands_on_what_came_before_death),
        cmocka_unit_test(is_not_read_unasked),
        cmocka_unit_test(needs_no_sensors),
    };

    return cmocka_run_group_tests_name("ipmi_log", tests, NULL, NULL);
}
