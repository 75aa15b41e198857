/*
 * Two whole runs of one made-up machine, the second compared with the journal of the first: what
 * its reports say of it, and that they are made again from the journal alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "report/compare.h"
#include "report/html.h"
#include "report/summary.h"
#include "stress/tests.h"
#include "tests/sim/run_machine.h"

enum { SECOND_US = 1000000, REPORT_SIZE = 1 << 20 };

static struct run_machine machine;
static struct comparison both;
static char first[JOURNAL_SIZE];
static size_t first_size;
static char report[REPORT_SIZE];
static size_t report_size;

static void compare(const struct recorder *recorder)
{
    if (compare_read(&both.now, recorder->journal.data, recorder->journal.length) &&
        compare_read(&both.then, first, first_size) && compare_matches(&both.then, &both.now))
        compare_tell(&both, &recorder->sink);
}

/* From fault_us on the fault of the BMC stands. */
static void run(enum bmc_fault fault, uint64_t pace_divisor)
{
    const struct run_config config = {
        .plan = "imaging",
        .imaging_s = 30,
        .seed = 42,
        .memory_tests = 1 << TEST_OWN_ADDRESS | 1 << TEST_RANDOM,
        .memory_tests_named = true,
        .sensors = true,
        .skip = "",
        .compare = compare,
    };

    run_machine_init(&machine);
    machine.bmc.fault = fault;
    machine.bmc.fault_us = 20 * SECOND_US;
    machine.drives[0].pace /= pace_divisor;
    run_machine_run(&machine, &config);
}

static void keep(void)
{
    first_size = machine.recorder.journal.length;
    memcpy(first, machine.recorder.journal.data, first_size);
    run_machine_free(&machine);
}

static int write(void *context, const void *bytes, size_t size)
{
    (void)context;
    if (report_size + size >= REPORT_SIZE)
        return ERR_FULL;
    memcpy(report + report_size, bytes, size);
    report_size += size;
    report[report_size] = '\0';
    return OK;
}

static void said(const char *words)
{
    if (!strstr(report, words))
        fail_msg("not said: %s", words);
}

/* From the journal alone, as build/host/assay-report does it. */
static void write_report(int (*writer)(const struct model *, const struct output *))
{
    static struct model model;
    const struct output output = {.write = write};

    report_size = 0;
    assert_int_equal(
        model_build(&model, machine.recorder.journal.data, machine.recorder.journal.length), OK);
    assert_int_equal(writer(&model, &output), OK);
}

static void nothing_changed(void **state)
{
    (void)state;
    run(BMC_HEALTHY, 1);
    assert_int_equal(machine.model.change_rows.kept, 0); /* there was no run before */
    keep();
    run(BMC_HEALTHY, 1);
    assert_int_equal(machine.model.change_rows.kept, 1);
    assert_int_equal(machine.model.changes[0].change.change, CHANGE_NOTHING);
    write_report(summary_write);
    said("Compared with run 1 of 2026-01-01 00:00");
    said("* nothing changed");
    run_machine_free(&machine);
}

static void a_fan_turns_again(void **state)
{
    (void)state;
    run(BMC_FAN_STOPS, 1);
    keep();
    run(BMC_HEALTHY, 1);
    assert_int_equal(machine.model.change_rows.kept, 1);
    write_report(summary_write);
    said("* cooling-fan at FAN1 is gone");
    write_report(html_write);
    said("cooling-fan at FAN1 is gone");
    run_machine_free(&machine);
}

static void it_got_hotter(void **state)
{
    (void)state;
    run(BMC_HEALTHY, 1);
    keep();
    run(BMC_HOT, 1);
    write_report(summary_write);
    said(" is new");
    said(" C under load, ");
    run_machine_free(&machine);
}

static void a_drive_got_slower(void **state)
{
    (void)state;
    run(BMC_HEALTHY, 1);
    keep();
    run(BMC_HEALTHY, 4);
    write_report(summary_write);
    said(" MB/s while imaging, ");
    run_machine_free(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_changed),
        cmocka_unit_test(a_fan_turns_again),
        cmocka_unit_test(it_got_hotter),
        cmocka_unit_test(a_drive_got_slower),
    };

    return cmocka_run_group_tests_name("run_compare", tests, NULL, NULL);
}
