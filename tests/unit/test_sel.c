#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/sel.h"
#include "tests/sim/hex.h"

static struct sel_record record_of(const char *hex)
{
    struct sel_record record;
    uint8_t bytes[SEL_RECORD_SIZE];

    assert_int_equal(from_hex(hex, bytes, sizeof(bytes)), SEL_RECORD_SIZE);
    assert_int_equal(sel_record_of(bytes_of(bytes, sizeof(bytes)), &record), OK);
    return record;
}

static void check_text(const struct sel_record *record, const char *expected)
{
    char buffer[160];
    struct text text = text_in(buffer, sizeof(buffer));

    sel_record_text(record, &text);
    assert_string_equal(buffer, expected);
    assert_false(text.cut);
}

static void check_time(const struct sel_record *record, const char *expected)
{
    char buffer[80];
    struct text text = text_in(buffer, sizeof(buffer));

    sel_time_text(record, &text);
    assert_string_equal(buffer, expected);
}

/* What public sources say of their own records. */
static void reads_public_records(void **state)
{
    /* kontron/python-ipmi, tests/test_sel.py: type 2, sensor type F2h. */
    struct sel_record picmg = record_of("ff0302f761ef527e0004f2097f00ffff");
    /* Intel, System Event Log Troubleshooting Guide for S2600: 29 76 68 4C is 15 August 2010,
     * 23:20:09. */
    struct sel_record fan = record_of("01000229 76684c20 0004 0430 01 5208 08");
    /* ipmitool, issue 385: sensor 88h, type 6Fh, data A0 02 31, a corrected ECC error. */
    struct sel_record memory = record_of("3a0002000000632100040c886fa00231");
    /* moxspec/moxspec-ocpsel, README: a machine check that was not corrected. */
    struct sel_record processor = record_of("a100025dfb4b5d01000407406fab0700");
    /* ackdo.com, IPMI firmware progress: A0 02 21, no usable system memory. */
    struct sel_record firmware = record_of("010002c04855609200040f116fa00221");

    (void)state;
    assert_int_equal(picmg.id, 0x03FF);
    assert_true(picmg.is_event);
    assert_int_equal(picmg.sensor_type, 0xF2);
    assert_int_equal(picmg.event_type, 0x7F);
    assert_true(picmg.asserted);
    check_text(&picmg, "sensor 09h: event 0 of type 7Fh");
    assert_int_equal(fan.clock, SEL_CLOCK_DATE);
    assert_int_equal(fan.time, 1281914409);
    check_time(&fan, "2010-08-15 23:20:09");
    assert_int_equal(fan.topic, SEL_FAN);
    assert_true(fan.is_bad);
    check_text(&fan, "fan 30h: below its lower critical limit, raw reading 8, raw limit 8");
    assert_int_equal(memory.topic, SEL_MEMORY_CORRECTED);
    assert_true(memory.is_bad);
    check_text(&memory, "memory 88h: corrected error, maker's bytes 02h 31h");
    assert_int_equal(processor.topic, SEL_PROCESSOR);
    assert_int_equal(processor.generator, 0x0001);
    assert_true(processor.is_bad);
    check_text(&processor, "processor 40h: machine check, not corrected, maker's bytes 07h 00h");
    check_time(&processor, "2019-08-08 10:37:17");
    assert_int_equal(firmware.topic, SEL_FIRMWARE);
    assert_true(firmware.is_bad);
    check_time(&firmware, "2021-03-20 00:58:40");
}

static struct sel_record event(uint8_t sensor_type, uint8_t event_type, uint8_t offset)
{
    uint8_t bytes[SEL_RECORD_SIZE] = {1, 0, 2,           0,    0,          0,      0x60, 0x20,
                                      0, 4, sensor_type, 0x10, event_type, offset, 0xFF, 0xFF};
    struct sel_record record;

    assert_int_equal(sel_record_of(bytes_of(bytes, sizeof(bytes)), &record), OK);
    return record;
}

static void knows_what_events_are_about(void **state)
{
    static const struct {
        uint8_t sensor_type, event_type, offset, topic;
        bool is_bad;
        const char *text;
    } cases[] = {
        {0x01, 0x01, 9, SEL_TEMPERATURE, true, "temperature 10h: above its upper critical limit"},
        {0x01, 0x01, 7, SEL_TEMPERATURE, false,
         "temperature 10h: above its upper non-critical limit"},
        {0x02, 0x01, 2, SEL_VOLTAGE, true, "voltage 10h: below its lower critical limit"},
        {0x02, 0x01, 4, SEL_VOLTAGE, true, "voltage 10h: below its lower non-recoverable limit"},
        {0x04, 0x0B, 1, SEL_FAN, true, "fan 10h: redundancy lost"},
        {0x04, 0x07, 2, SEL_FAN, true, "fan 10h: became critical"},
        {0x07, 0x6F, 0, SEL_PROCESSOR, true, "processor 10h: internal error (IERR)"},
        {0x07, 0x6F, 1, SEL_PROCESSOR_HOT, true,
         "processor 10h: switched off for heat (thermal trip)"},
        {0x07, 0x6F, 7, SEL_PROCESSOR, false, "processor 10h: there"},
        {0x08, 0x6F, 1, SEL_POWER, true, "power supply 10h: failed"},
        {0x08, 0x6F, 3, SEL_POWER, true, "power supply 10h: lost its input"},
        {0x08, 0x6F, 0, SEL_POWER, false, "power supply 10h: there"},
        {0x09, 0x6F, 4, SEL_POWER, true, "power unit 10h: mains lost"},
        {0x09, 0x6F, 0, SEL_POWER, false, "power unit 10h: machine switched off"},
        {0x09, 0x0B, 2, SEL_POWER, true, "power unit 10h: redundancy degraded"},
        {0x0C, 0x6F, 1, SEL_MEMORY_UNCORRECTED, true, "memory 10h: error that was not corrected"},
        {0x0C, 0x6F, 5, SEL_MEMORY_LIMIT, true,
         "memory 10h: so many corrected errors that logging stopped"},
        {0x0C, 0x6F, 6, SEL_MEMORY, false, "memory 10h: module there"},
        {0x0D, 0x6F, 1, SEL_DRIVE, true, "drive 10h: failed"},
        {0x0D, 0x6F, 2, SEL_DRIVE, true, "drive 10h: expects to fail"},
        {0x10, 0x6F, 0, SEL_MEMORY_LIMIT, true,
         "event log 10h: corrected memory errors are no longer logged"},
        {0x10, 0x6F, 2, SEL_LOG, false, "event log 10h: log cleared"},
        {0x13, 0x6F, 5, SEL_BUS, true, "critical interrupt 10h: PCI system error (SERR)"},
        {0x13, 0x6F, 7, SEL_BUS_CORRECTED, true, "critical interrupt 10h: bus error, corrected"},
        {0x13, 0x6F, 10, SEL_BUS, true, "critical interrupt 10h: bus error, fatal"},
        {0x13, 0x6F, 0, SEL_INTERRUPT, false, "critical interrupt 10h: NMI from the front panel"},
        {0x1F, 0x6F, 1, SEL_SYSTEM, false, "operating system 10h: started from a disk"},
        {0x20, 0x6F, 1, SEL_SYSTEM, true,
         "operating system 10h: stopped by an error while running"},
        {0x20, 0x6F, 3, SEL_SYSTEM, false, "operating system 10h: shut down"},
        {0x23, 0x6F, 1, SEL_WATCHDOG, true, "watchdog 10h: expired and reset the machine"},
        {0x29, 0x6F, 1, SEL_OTHER, true, "battery 10h: failed"},
        {0x05, 0x6F, 0, SEL_OTHER, false, "cover 10h: event 0 of type 6Fh"},
        {0xC0, 0x70, 3, SEL_OTHER, false, "sensor 10h: event 3 of type 70h"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct sel_record record =
            event(cases[i].sensor_type, cases[i].event_type, cases[i].offset);
        struct sel_record over =
            event(cases[i].sensor_type, cases[i].event_type | 0x80, cases[i].offset);
        char expected[120];

        assert_int_equal(record.topic, cases[i].topic);
        assert_int_equal(record.is_bad, cases[i].is_bad);
        check_text(&record, cases[i].text);
        assert_false(over.is_bad);
        assert_false(over.asserted);
        format_text(expected, sizeof(expected), "%s, ended", cases[i].text);
        check_text(&over, expected);
    }
}

static void tells_what_the_data_say(void **state)
{
    struct sel_record module = record_of("010002000000602000040c106f31ff07");
    struct sel_record code = record_of("010002000000602000040f106fc001ff");

    (void)state;
    check_text(&module, "memory 10h: error that was not corrected, module 7");
    check_text(&code, "firmware 10h: error while starting, code 01h");
}

static void reads_records_of_makers(void **state)
{
    /* openbmc/openbmc, issue 1156: a record of kind DFh. */
    struct sel_record timed = record_of("0000df0000000020000412356faa0000");
    struct sel_record bare = record_of("0200e1ffffffffffffffffffffffff01");
    struct sel_record unknown = record_of("030055000000600000000000000000ff");

    (void)state;
    assert_false(timed.is_event);
    assert_int_equal(timed.manufacturer, 0x040020);
    check_text(&timed, "record of kind DFh of manufacturer 262176");
    assert_int_equal(bare.clock, SEL_CLOCK_NONE);
    check_text(&bare, "record of the maker's kind E1h");
    check_text(&unknown, "record of unknown kind 55h");
    assert_int_equal(unknown.topic, SEL_OTHER);
    assert_false(unknown.is_bad);
}

static void tells_times(void **state)
{
    static const struct {
        uint32_t time;
        const char *text;
    } cases[] = {
        {0, "0 s after the BMC started"},    {725, "12 min 5 s after the BMC started"},
        {0xFFFFFFFF, "at an unknown time"},  {0x20000001, "1987-01-05 18:48:33"},
        {951782400, "2000-02-29 00:00:00"},  {1709251199, "2024-02-29 23:59:59"},
        {1709251200, "2024-03-01 00:00:00"}, {1735689599, "2024-12-31 23:59:59"},
        {4102444800, "2100-01-01 00:00:00"}, {4107542399, "2100-02-28 23:59:59"},
        {4107542400, "2100-03-01 00:00:00"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[SEL_RECORD_SIZE] = {1, 0, 2};
        struct sel_record record;

        for (unsigned j = 0; j < 4; j++)
            bytes[3 + j] = (uint8_t)(cases[i].time >> 8 * j);
        assert_int_equal(sel_record_of(bytes_of(bytes, sizeof(bytes)), &record), OK);
        check_time(&record, cases[i].text);
    }
}

static void refuses_what_is_none(void **state)
{
    uint8_t bytes[SEL_RECORD_SIZE];
    struct sel_record record;

    (void)state;
    memset(bytes, 0xFF, sizeof(bytes));
    assert_int_equal(sel_record_of(bytes_of(bytes, sizeof(bytes)), &record), ERR_FORMAT);
    memset(bytes, 0, sizeof(bytes));
    assert_int_equal(sel_record_of(bytes_of(bytes, sizeof(bytes)), &record), ERR_FORMAT);
    bytes[2] = 2;
    assert_int_equal(sel_record_of(bytes_of(bytes, 15), &record), ERR_FORMAT);
    assert_int_equal(sel_record_of(bytes_of(bytes, 16), &record), OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_public_records),
        cmocka_unit_test(knows_what_events_are_about),
        cmocka_unit_test(tells_what_the_data_say),
        cmocka_unit_test(reads_records_of_makers),
        cmocka_unit_test(tells_times),
        cmocka_unit_test(refuses_what_is_none),
    };

    return cmocka_run_group_tests_name("sel", tests, NULL, NULL);
}
