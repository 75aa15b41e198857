/*
 * What reading sensors takes of a run: a machine whose BMC has 100 of them and needs 10 ms for each
 * reading, through the real run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/sim/run_machine.h"

enum { SENSORS = 100, SERIES_MAX = 256, SECOND_US = 1000000, ROUND_MAX_US = 10 * SECOND_US };

static const char said[] = "Reading the sensors took ";

static struct run_machine machine;
static struct bmc_sensor sensors[SENSORS];

/* Of the journal. */
struct told {
    unsigned share; /* in 1/10000, by the note */
    uint64_t sensing_ms, run_ms;
    unsigned series;         /* of the BMC that gave readings */
    uint64_t longest_gap_us; /* between two readings of one of them */
    uint64_t first_us;       /* when the last of them gave its first */
};

static uint64_t number(const char **at, char end)
{
    char *behind;
    uint64_t value = strtoull(*at, &behind, 10);

    assert_int_equal(*behind, end);
    *at = behind + 1;
    return value;
}

/* "Reading the sensors took 0.31 % of the run: 0.201 s of 64.310 s" */
static void take_note(struct told *told, const char *text)
{
    const char *at = text + strlen(said);

    told->share = (unsigned)number(&at, '.') * 100;
    told->share += (unsigned)number(&at, ' ');
    at = strstr(at, "run: ") + 5;
    told->sensing_ms = number(&at, '.') * 1000;
    told->sensing_ms += number(&at, ' ');
    at = strstr(at, "of ") + 3;
    told->run_ms = number(&at, '.') * 1000;
    told->run_ms += number(&at, ' ');
}

static void take_sample(struct told *told, uint64_t *last_us, uint64_t time_us)
{
    if (!*last_us) {
        told->series++;
        told->first_us = time_us;
    } else if (time_us - *last_us > told->longest_gap_us) {
        told->longest_gap_us = time_us - *last_us;
    }
    *last_us = time_us;
}

static struct told read_journal(void)
{
    struct journal_reader reader =
        journal_read_from(machine.recorder.journal.data, machine.recorder.journal.length);
    static uint64_t last_us[SERIES_MAX];
    static bool of_bmc[SERIES_MAX];
    struct told told = {.share = 0};
    struct event event;

    memset(last_us, 0, sizeof(last_us));
    memset(of_bmc, 0, sizeof(of_bmc));
    while (journal_read(&reader, &event)) {
        if (event.type == EVENT_SERIES)
            of_bmc[event.series.series] = strncmp(event.series.source, "BMC", 3) == 0;
        if (event.type == EVENT_SAMPLE && of_bmc[event.sample.series])
            take_sample(&told, &last_us[event.sample.series], event.time_us);
        if (event.type == EVENT_NOTE && strncmp(event.note.text, said, strlen(said)) == 0)
            take_note(&told, event.note.text);
    }
    return told;
}

static struct told run(enum bmc_fault fault)
{
    static const struct run_config config = {.plan = "imaging",
                                             .imaging_s = 40,
                                             .seed = 7,
                                             .memory_tests = 1,
                                             .memory_tests_named = true,
                                             .sensors = true,
                                             .skip = ""};

    run_machine_init(&machine);
    machine.bmc.fault = fault;
    for (unsigned i = 0; i < RUN_MACHINE_DRIVES; i++)
        machine.drives[i].pace *=
            4; /* 32 MB/s: a read of a megabyte holds everything up for 33 ms */
    for (unsigned i = 0; i < SENSORS; i++) {
        sensors[i] = bmc_server[2];
        sensors[i].number = (uint8_t)i;
    }
    machine.bmc.sensors = sensors;
    machine.bmc.sensor_count = SENSORS;
    assert_int_equal(run_machine_run(&machine, &config), OVERALL_PASS);
    return read_journal();
}

static bool holds(const char *name, const char *text)
{
    const struct sim_file *file = sim_store_file(&machine.store, name);

    for (size_t at = 0; file && at + strlen(text) <= file->size; at++) {
        if (memcmp(file->data + at, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

/* The number is that of the machine's own clock: the time at the ports, and what lies between. */
static void check_share(const struct told *told)
{
    uint64_t ports_ms = machine.ports_us / 1000;

    assert_in_range(told->share, 1, 99);
    assert_true(told->sensing_ms >= ports_ms - ports_ms / 50 - 1);
    assert_in_range(told->sensing_ms * 10000 / told->run_ms, told->share - 1, told->share + 1);
    assert_true(told->run_ms > 40000);
}

static void a_slow_bmc_takes_less_than_a_hundredth(void **state)
{
    struct told told = run(BMC_SLOW);

    (void)state;
    check_share(&told);
    assert_int_equal(told.series, SENSORS);
    assert_true(told.longest_gap_us <= ROUND_MAX_US);
    assert_true(told.first_us < 60 * (uint64_t)SECOND_US);
    assert_true(holds("summary.txt", said));
    assert_true(holds("report.html", said));
    assert_true(holds("report.jsonl", said));
}

static void so_does_a_quick_one(void **state)
{
    struct told told = run(BMC_HEALTHY);

    (void)state;
    check_share(&told);
    assert_int_equal(told.series, SENSORS);
    assert_true(told.longest_gap_us <= ROUND_MAX_US);
}

static int free_machine(void **state)
{
    (void)state;
    run_machine_free(&machine);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_slow_bmc_takes_less_than_a_hundredth, free_machine),
        cmocka_unit_test_teardown(so_does_a_quick_one, free_machine),
    };

    return cmocka_run_group_tests_name("sensing", tests, NULL, NULL);
}
