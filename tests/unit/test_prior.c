/* Records from before the run, as rows: each kind with its healthy twin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "base/error.h"
#include "sensors/prior.h"
#include "tests/sim/hex.h"
#include "tests/unit/cper_samples.h"

enum { ROWS = 8, BYTES = 8192 };

static uint8_t bytes[BYTES];
static struct event_prior_error rows[ROWS];
static struct memory_map map;

static struct prior_list empty_list(unsigned limit)
{
    memset(rows, 0, sizeof(rows));
    return (struct prior_list){.rows = rows, .limit = limit, .map = &map};
}

/* Two modules; the second is the one of the lab. */
static void make_map(void)
{
    memset(&map, 0, sizeof(map));
    map.module_count = 2;
    map.modules[0].device.handle = 0x1000;
    map.modules[1].device.handle = 0x1100;
}

static size_t read_lab_region(void)
{
    FILE *file = fopen("tests/fuzz/corpus/cper/lab-region", "rb");
    size_t size;

    if (!file)
        skip();
    size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    return size;
}

static void a_region_gives_rows(void **state)
{
    struct prior_list list = empty_list(ROWS);
    size_t size = read_lab_region();

    (void)state;
    make_map();
    assert_int_equal(prior_add_region(&list, bytes, size), OK);
    assert_int_equal(list.count, 4);
    assert_int_equal(list.lost, 0);
    assert_int_equal(rows[0].origin, PRIOR_BERT);
    assert_int_equal(rows[0].kind, PRIOR_MEMORY);
    assert_int_equal(rows[0].severity, PRIOR_FATAL);
    assert_int_equal(rows[0].part, 2);
    assert_int_equal(rows[0].other, 0);
    assert_true(rows[0].has_address);
    assert_int_equal(rows[0].address, 0x7F345000);
    assert_string_equal(rows[0].text,
                        "DIMM 0: memory, fatal: multi-bit error at 0x7f345000, node 0, card 1, "
                        "module 0, bank 2, row 4660, column 56");
    assert_int_equal(rows[1].kind, PRIOR_PCIE);
    assert_int_equal(rows[1].severity, PRIOR_RECOVERABLE);
    assert_string_equal(rows[1].place, "0000:00:01.0");
    assert_int_equal(rows[2].kind, PRIOR_PROCESSOR);
    assert_int_equal(rows[2].bank, 4);
    assert_int_equal(rows[2].status, 0xB200000000070F0F);
    assert_int_equal(rows[3].severity, PRIOR_CORRECTED);
    assert_int_equal(rows[3].part, 2);
}

static void a_module_of_another_handle_is_not_named(void **state)
{
    struct prior_list list = empty_list(ROWS);
    size_t size = read_lab_region();

    (void)state;
    make_map();
    map.modules[1].device.handle = 0x1200;
    assert_int_equal(prior_add_region(&list, bytes, size), OK);
    assert_int_equal(rows[0].part, 0);
    map.ranges[0] = (struct memory_range){.module = 0, .start = 0, .end = 0x7FFFFFFF};
    map.ranges[1] = (struct memory_range){.module = 1, .start = 0, .end = 0x7FFFFFFF};
    map.range_count = 2;
    list = empty_list(ROWS);
    prior_add_region(&list, bytes, size);
    assert_int_equal(rows[0].part, 1);
    assert_int_equal(rows[0].other, 2);
    list = empty_list(ROWS);
    list.map = NULL;
    prior_add_region(&list, bytes, size);
    assert_int_equal(rows[0].part, 0);
}

static void an_empty_region_gives_none(void **state)
{
    struct prior_list list = empty_list(ROWS);

    (void)state;
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(prior_add_region(&list, bytes, 4096), OK);
    assert_int_equal(list.count, 0);
}

static void rubbish_is_said(void **state)
{
    struct prior_list list = empty_list(ROWS);

    (void)state;
    for (unsigned i = 0; i < 4096; i++)
        bytes[i] = (uint8_t)(i * 167 + 13);
    assert_int_not_equal(prior_add_region(&list, bytes, 4096), OK);
    for (unsigned i = 0; i < list.count; i++)
        assert_int_equal(rows[i].kind, PRIOR_OTHER);
    list = empty_list(ROWS);
    assert_int_not_equal(prior_add_record(&list, bytes, 4096), OK);
    assert_int_equal(list.count, 0);
}

static void a_full_list_counts_what_it_lost(void **state)
{
    struct prior_list list = empty_list(1);
    size_t size = read_lab_region();

    (void)state;
    make_map();
    prior_add_region(&list, bytes, size);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.lost, 3);
}

static void a_record_has_its_time(void **state)
{
    struct prior_list list = empty_list(ROWS);
    size_t size = from_hex(sample_windows, bytes, sizeof(bytes));

    (void)state;
    prior_add_record(&list, bytes, size);
    assert_true(list.count >= 1);
    assert_int_equal(rows[0].origin, PRIOR_VARIABLE);
    assert_string_equal(rows[0].when, "2024-10-24 14:20:20");
    assert_int_equal(rows[0].time_s, calendar_seconds(2024, 10, 24, 14, 20, 20));
}

static void a_simulated_error_is_none(void **state)
{
    struct prior_list list = empty_list(ROWS);
    size_t size = from_hex(sample_memory_1, bytes, sizeof(bytes));

    (void)state;
    assert_int_equal(prior_add_record(&list, bytes, size), OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(rows[0].severity, PRIOR_INFORMATION);
}

/* ---- devices */

static const struct {
    uint32_t uncorrected, fatal, corrected;
    uint8_t severity;
    bool told;
} devices[] = {
    {0, 0, 0, 0, false},
    {1 << 20, 0, 0, 0, false},                /* unsupported request */
    {1 << 21, 0, 0, 0, false},                /* access control */
    {0, 0, 1 << 13, 0, false},                /* advisory */
    {0, 0, 1 << 6, PRIOR_CORRECTED, true},    /* bad packet */
    {1 << 14, 0, 0, PRIOR_RECOVERABLE, true}, /* no answer in time */
    {1 << 4 | 1 << 20, 1 << 4, 1, PRIOR_FATAL, true},
};

static void devices_tell_of_errors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        struct prior_list list = empty_list(ROWS);
        struct pcie_device device = {
            .has_pcie = true,
            .has_aer = true,
            .pcie.status = PCIE_UNSUPPORTED,
            .aer = {.uncorrected = devices[i].uncorrected,
                    .uncorrected_severity = devices[i].fatal,
                    .corrected = devices[i].corrected},
        };

        assert_int_equal(prior_add_device(&list, &device, "0000:03:00.0"), devices[i].told);
        assert_int_equal(list.count, devices[i].told);
        assert_int_equal(rows[0].severity, devices[i].severity);
        if (devices[i].told)
            assert_string_equal(rows[0].place, "0000:03:00.0");
    }
}

static void devices_without_aer_have_a_status(void **state)
{
    struct prior_list list = empty_list(ROWS);
    struct pcie_device device = {.has_pcie = true, .pcie.status = PCIE_FATAL};

    (void)state;
    assert_true(prior_add_device(&list, &device, "0000:03:00.0"));
    assert_int_equal(rows[0].severity, PRIOR_FATAL);
    device.pcie.status = PCIE_NOT_FATAL | PCIE_UNSUPPORTED | PCIE_CORRECTED;
    assert_false(prior_add_device(&list, &device, "0000:03:00.0"));
    device.pcie.status = 0;
    assert_false(prior_add_device(&list, &device, "0000:03:00.0"));
    device.has_pcie = false;
    device.pcie.status = PCIE_FATAL;
    assert_false(prior_add_device(&list, &device, "0000:03:00.0"));
}

/* ---- the event log */

enum told { NOTHING, FAULT, END };

/* Sensor type, event type and offset of an event (IPMI 2.0, tables 42-1 to 42-3). */
static const struct {
    uint8_t sensor_type, event_type, offset;
    enum told told, deasserted;
    uint8_t kind, severity;
} logged[] = {
    {0x04, 0x01, 2, FAULT, END, PRIOR_FAN, PRIOR_RECOVERABLE},   /* below lower critical */
    {0x04, 0x01, 3, END, NOTHING, PRIOR_FAN, PRIOR_RECOVERABLE}, /* back above it */
    {0x04, 0x01, 0, NOTHING, NOTHING, 0, 0},                     /* not critical */
    {0x04, 0x01, 1, NOTHING, NOTHING, 0, 0},
    {0x01, 0x01, 9, FAULT, END, PRIOR_TEMPERATURE, PRIOR_RECOVERABLE},
    {0x01, 0x01, 8, END, NOTHING, PRIOR_TEMPERATURE, PRIOR_RECOVERABLE},
    {0x01, 0x05, 1, FAULT, END, PRIOR_TEMPERATURE, PRIOR_RECOVERABLE},
    {0x01, 0x05, 0, END, NOTHING, PRIOR_TEMPERATURE, PRIOR_RECOVERABLE},
    {0x02, 0x01, 2, FAULT, END, PRIOR_POWER, PRIOR_RECOVERABLE},
    {0x07, 0x6F, 0, FAULT, END, PRIOR_PROCESSOR, PRIOR_FATAL},
    {0x07, 0x6F, 1, FAULT, END, PRIOR_TEMPERATURE, PRIOR_FATAL}, /* thermal trip */
    {0x07, 0x6F, 5, FAULT, END, PRIOR_PROCESSOR, PRIOR_INFORMATION},
    {0x07, 0x6F, 7, NOTHING, NOTHING, 0, 0}, /* there */
    {0x08, 0x6F, 1, FAULT, END, PRIOR_POWER, PRIOR_RECOVERABLE},
    {0x08, 0x6F, 3, FAULT, END, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {0x09, 0x6F, 4, FAULT, END, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {0x09, 0x6F, 0, NOTHING, NOTHING, 0, 0}, /* switched off */
    {0x0C, 0x6F, 0, FAULT, END, PRIOR_MEMORY, PRIOR_CORRECTED},
    {0x0C, 0x6F, 1, FAULT, END, PRIOR_MEMORY, PRIOR_FATAL},
    {0x0C, 0x6F, 5, FAULT, END, PRIOR_MEMORY, PRIOR_CORRECTED},
    {0x0C, 0x6F, 7, FAULT, END, PRIOR_MEMORY, PRIOR_INFORMATION}, /* set up wrongly */
    {0x0D, 0x6F, 1, FAULT, END, PRIOR_DRIVE, PRIOR_RECOVERABLE},
    {0x10, 0x6F, 2, NOTHING, NOTHING, 0, 0}, /* log cleared */
    {0x12, 0x6F, 5, NOTHING, NOTHING, 0, 0}, /* clock set */
    {0x13, 0x6F, 8, FAULT, END, PRIOR_PCIE, PRIOR_RECOVERABLE},
    {0x13, 0x6F, 7, FAULT, END, PRIOR_PCIE, PRIOR_CORRECTED},
    {0x23, 0x6F, 1, FAULT, END, PRIOR_WATCHDOG, PRIOR_RECOVERABLE},
    {0x20, 0x6F, 3, NOTHING, NOTHING, 0, 0}, /* shut down */
};

static struct sel_record record_of(uint8_t sensor_type, uint8_t event_type, uint8_t offset,
                                   bool asserted)
{
    const uint8_t record[SEL_RECORD_SIZE] = {0x01,
                                             0x00,
                                             0x02,
                                             0x29,
                                             0x76,
                                             0x68,
                                             0x4C,
                                             0x20,
                                             0x00,
                                             0x04,
                                             sensor_type,
                                             48,
                                             (uint8_t)(event_type | (asserted ? 0 : 0x80)),
                                             offset,
                                             0xFF,
                                             0xFF};
    struct sel_record ret = {0};

    assert_int_equal(sel_record_of(bytes_of(record, sizeof(record)), &ret), OK);
    return ret;
}

static void check_logged(size_t i, bool asserted)
{
    struct sel_record record =
        record_of(logged[i].sensor_type, logged[i].event_type, logged[i].offset, asserted);
    enum told expected = asserted ? logged[i].told : logged[i].deasserted;
    struct event_prior_error row = {.text = ""};
    bool told = prior_of_sel(&record, &row);

    if (told != (expected != NOTHING))
        fail_msg("row %zu, %d: %s", i, asserted, row.text);
    if (!told)
        return;
    assert_int_equal(row.ended, expected == END);
    assert_int_equal(row.origin, PRIOR_SEL);
    assert_int_equal(row.kind, logged[i].kind);
    assert_int_equal(row.severity, logged[i].severity);
    assert_string_equal(row.place, "BMC sensor 48");
    assert_string_equal(row.when, "2010-08-15 23:20:09");
    assert_int_equal(row.time_s, calendar_seconds(2010, 8, 15, 23, 20, 9));
}

static void the_log_tells_of_faults_and_their_ends(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(logged) / sizeof(logged[0]); i++) {
        check_logged(i, true);
        check_logged(i, false);
    }
}

static uint16_t code_of(uint8_t event_type, uint8_t offset, bool asserted)
{
    struct sel_record record = record_of(0x04, event_type, offset, asserted);
    struct event_prior_error row;

    assert_true(prior_of_sel(&record, &row));
    return row.code;
}

static void an_end_has_the_code_of_its_fault(void **state)
{
    (void)state;
    assert_int_equal(code_of(0x01, 2, true), code_of(0x01, 2, false));
    assert_int_equal(code_of(0x01, 2, true), code_of(0x01, 3, true));
    assert_int_not_equal(code_of(0x01, 2, true), code_of(0x01, 4, true));
    assert_int_equal(code_of(0x05, 1, true), code_of(0x05, 0, true));
    assert_int_equal(code_of(0x07, 2, true), code_of(0x07, 0, true));
    assert_int_not_equal(code_of(0x05, 1, true), code_of(0x07, 2, true));
}

static void a_time_that_is_no_date_is_unknown(void **state)
{
    struct sel_record record = record_of(0x04, 0x01, 2, true);
    struct event_prior_error row;

    (void)state;
    record.clock = SEL_CLOCK_UPTIME;
    assert_true(prior_of_sel(&record, &row));
    assert_int_equal(row.time_s, 0);
}

/* ---- the calendar */

static void dates_are_seconds(void **state)
{
    (void)state;
    assert_int_equal(calendar_seconds(1970, 1, 1, 0, 0, 0), 0);
    assert_int_equal(calendar_seconds(1970, 1, 2, 0, 0, 1), 86401);
    assert_int_equal(calendar_seconds(2000, 2, 29, 0, 0, 0), 951782400);
    assert_int_equal(calendar_seconds(2000, 3, 1, 0, 0, 0), 951868800);
    assert_int_equal(calendar_seconds(2010, 8, 15, 23, 20, 9), 0x4C687629);
    assert_int_equal(calendar_seconds(2026, 3, 1, 0, 0, 0), 1772323200);
    assert_int_equal(calendar_seconds(2100, 3, 1, 0, 0, 0), 4107542400);
    assert_int_equal(calendar_seconds(2026, 13, 1, 0, 0, 0), 0);
    assert_int_equal(calendar_seconds(2026, 0, 1, 0, 0, 0), 0);
    assert_int_equal(calendar_seconds(0, 0, 0, 0, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_gives_rows),
        cmocka_unit_test(a_module_of_another_handle_is_not_named),
        cmocka_unit_test(an_empty_region_gives_none),
        cmocka_unit_test(rubbish_is_said),
        cmocka_unit_test(a_full_list_counts_what_it_lost),
        cmocka_unit_test(a_record_has_its_time),
        cmocka_unit_test(a_simulated_error_is_none),
        cmocka_unit_test(devices_tell_of_errors),
        cmocka_unit_test(devices_without_aer_have_a_status),
        cmocka_unit_test(the_log_tells_of_faults_and_their_ends),
        cmocka_unit_test(an_end_has_the_code_of_its_fault),
        cmocka_unit_test(a_time_that_is_no_date_is_unknown),
        cmocka_unit_test(dates_are_seconds),
    };

    return cmocka_run_group_tests_name("prior", tests, NULL, NULL);
}
