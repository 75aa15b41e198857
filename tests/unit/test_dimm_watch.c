/*
 * Temperatures of memory modules over the SMBus: what is said of them, on models of both
 * controllers, and that nothing is done to the bus but reading.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/dimm_watch.h"
#include "tests/sim/recorder.h"
#include "tests/sim/smbus.h"

enum { SECOND_US = 1000000, TURN_US = 1000, STEP_US_MAX = 30 };

static struct smb smb;
static struct access access;
static struct clock clock_seam;
static struct guard guard;
static struct recorder recorder;
static struct sink sink;
static struct numbers numbers;
static struct dimm_watch watch;
static struct event_part parts[4];

static void set_up_with(const char *skip, const char *unsafe)
{
    access = smb_access(&smb);
    clock_seam = smb_clock(&smb);
    sink = recorder_start(&recorder);
    guard_init(&guard, &access);
    numbers = (struct numbers){.next_part = 10, .next_series = 1};
    dimm_watch_init(&watch, &guard, &clock_seam, &sink, &numbers, skip, unsafe);
    dimm_watch_modules(&watch, parts, sizeof(parts) / sizeof(parts[0]));
    assert_int_equal(smb.accesses, 0);
}

static void set_up(bool is_amd, enum smb_fault fault)
{
    memset(parts, 0, sizeof(parts));
    smb_init(&smb, is_amd, fault);
    set_up_with("", NULL);
}

static void set_slot(unsigned index, part_id part, const char *place, const char *serial)
{
    parts[index] =
        (struct event_part){.part = part, .parent = PART_ALL_MEMORY, .kind = PART_MEMORY};
    copy_text(parts[index].place, sizeof(parts[index].place), place);
    copy_text(parts[index].serial, sizeof(parts[index].serial), serial);
}

/* Steps for so long; no step takes long, and nothing is ever done that must not be. */
static void run_for(uint64_t duration_us)
{
    uint64_t end_us = smb.now_us + duration_us;

    while (smb.now_us < end_us) {
        uint64_t before_us = smb.now_us;

        dimm_step(&watch);
        assert_true(smb.now_us - before_us <= STEP_US_MAX);
        smb.now_us += TURN_US;
    }
    assert_int_equal(smb.breaches, 0);
    assert_int_equal(guard.refused, 0);
}

static void check_steps(unsigned begun, unsigned ended)
{
    assert_int_equal(recorder_steps(&recorder, false), begun);
    assert_int_equal(recorder_steps(&recorder, true), ended);
}

static void stop(void)
{
    uint64_t end_us = smb.now_us + SMBUS_TRANSFER_US + 2 * SMBUS_KILL_US;

    while (!dimm_stop(&watch)) {
        assert_true(smb.now_us < end_us);
        smb.now_us += 100;
    }
    assert_int_equal(smb.breaches, 0);
    assert_int_equal(guard.refused, 0);
}

static const struct event_part *find_part(part_id part)
{
    const struct event *event;

    for (size_t i = 0; (event = recorder_find(&recorder, EVENT_PART, i)) != NULL; i++)
        if (event->part.part == part)
            return &event->part;
    return NULL;
}

/* ---- what the chips' registers mean */

static void test_temperatures(void **state)
{
    (void)state;
    assert_int_equal(jc42_temperature(0x01C8), 28500);
    assert_int_equal(jc42_temperature(0xC1C8), 28500); /* flags of limits above the value */
    assert_int_equal(jc42_temperature(0x0001), 62);
    assert_int_equal(jc42_temperature(0x1FF0), -1000);
    assert_int_equal(jc42_temperature(0x1C00), -64000);
    assert_int_equal(hub_temperature(0x0190), 25000);
    assert_int_equal(hub_temperature(0x0194), 25250);
    assert_int_equal(hub_temperature(0x1FFC), -250);
    assert_int_equal(hub_temperature(0x0550), 85000);
    assert_false(dimm_limit_is_plausible(0));
    assert_true(dimm_limit_is_plausible(85000));
    assert_false(dimm_limit_is_plausible(255750));
}

static void test_what_a_sensor_is(void **state)
{
    struct hub_registers hub = {
        .type = 0x1851, .vendor = 0xB380, .revision = 0x10, .capabilities = 0x03};
    struct hub_registers wrong;

    (void)state;
    assert_true(jc42_is_sensor(0x00EF, 0x0000, 0x00B3, 0x2221));
    assert_true(jc42_is_sensor(0x0077, 0x0100, 0x104A, 0x2201)); /* shut down */
    assert_false(jc42_is_sensor(0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF));
    assert_false(jc42_is_sensor(0x0000, 0x0000, 0x0000, 0x0000));
    assert_false(jc42_is_sensor(0x00EF, 0x0800, 0x00B3, 0x2221));
    assert_false(jc42_is_sensor(0x00EF, 0x0000, 0x00B4, 0x2221));
    assert_true(hub_has_sensor(&hub));
    wrong = hub, wrong.vendor = 0xB381; /* parity */
    assert_false(hub_has_sensor(&wrong));
    wrong = hub, wrong.capabilities = 0x01;
    assert_false(hub_has_sensor(&wrong));
    wrong = hub, wrong.error_clear = 1;
    assert_false(hub_has_sensor(&wrong));
    wrong = hub, wrong.sensor = 1; /* off, and a sensor all the same */
    assert_true(hub_has_sensor(&wrong));
}

/* ---- healthy machines */

static void check_ddr4(bool is_amd, uint8_t revision)
{
    int64_t value = 0;

    set_up(is_amd, SMB_HEALTHY);
    smb.revision = revision;
    for (unsigned i = 0; i < 4; i++)
        smb_put_ddr4(&smb, i);
    smb_put_jc42(&smb, 1, 41500, 95000);
    smb_put_jc42(&smb, 3, 39250, 0);
    run_for(10 * SECOND_US);
    stop();
    assert_true(recorder_has_note(&recorder, "4 memory modules answer, 2 of them have a sensor"));
    assert_true(recorder_samples(&recorder, "Memory module at 51h", &value) >= 4);
    assert_int_equal(value, 41500);
    assert_true(recorder_samples(&recorder, "Memory module at 53h", &value) >= 4);
    assert_int_equal(value, 39250);
    assert_int_equal(recorder_series(&recorder, "Memory module at 51h")->high, 95000);
    assert_false(recorder_series(&recorder, "Memory module at 53h")->has_high);
    assert_string_equal(recorder_series(&recorder, "Memory module at 53h")->source,
                        "JC-42.4 at SMBus 1Bh");
    assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 2);
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), 0);
    assert_int_equal(dimm_temperatures(&watch), 2);
    check_steps(1, 1);
    assert_true(smb_is_at_rest(&smb));
}

static void test_ddr4(void **state)
{
    (void)state;
    check_ddr4(false, 0);
    check_ddr4(true, 0x61); /* power management registers in memory */
    check_ddr4(true, 0x4B); /* by ports */
}

static void test_ddr5(void **state)
{
    int64_t value = 0;
    size_t before;

    (void)state;
    set_up(false, SMB_HEALTHY);
    smb_put_hub(&smb, 1, 44750, 85000);
    smb_put_hub(&smb, 3, -2500, 255750);
    run_for(9 * SECOND_US);
    assert_true(recorder_has_note(&recorder, "2 memory modules answer, 2 of them have a sensor"));
    assert_int_equal(recorder_series(&recorder, "Memory module at 51h")->high, 85000);
    assert_false(recorder_series(&recorder, "Memory module at 53h")->has_high);
    before = recorder_samples(&recorder, "Memory module at 51h", &value);
    assert_int_equal(value, 44750);
    recorder_samples(&recorder, "Memory module at 53h", &value);
    assert_int_equal(value, -2500);
    smb_set_temperature(&smb, 1, 61000);
    run_for(9 * SECOND_US);
    assert_true(recorder_samples(&recorder, "Memory module at 51h", &value) >= before + 3);
    assert_int_equal(value, 61000);
    assert_string_equal(recorder_series(&recorder, "Memory module at 51h")->source,
                        "SPD5118 at SMBus 51h");
}

/* By serial number the slot is known, whatever the order of addresses. */
static void test_ddr3_and_its_slot(void **state)
{
    int64_t value = 0;

    (void)state;
    set_up(false, SMB_HEALTHY);
    set_slot(1, 4, "DIMM_A1", "1A2B3C4D");
    set_slot(2, 5, "DIMM_B1", "0badcafe");
    smb_put_ddr3(&smb, 0, 0x0BADCAFE);
    smb_put_jc42(&smb, 0, 33000, 0);
    smb_put_ddr3(&smb, 2, 0x99999999);
    smb_put_jc42(&smb, 2, 35000, 0);
    run_for(5 * SECOND_US);
    assert_true(recorder_samples(&recorder, "DIMM_B1", &value) >= 2);
    assert_int_equal(value, 33000);
    assert_int_equal(find_part(recorder_series(&recorder, "DIMM_B1")->part)->parent, 5);
    assert_true(recorder_samples(&recorder, "Memory module at 52h", &value) >= 2);
    assert_int_equal(find_part(recorder_series(&recorder, "Memory module at 52h")->part)->parent,
                     PART_ALL_MEMORY);
}

static void test_the_only_module(void **state)
{
    (void)state;
    set_up(false, SMB_HEALTHY);
    set_slot(3, 7, "ChannelA-DIMM0", "");
    smb_put_hub(&smb, 0, 40000, 85000);
    run_for(5 * SECOND_US);
    assert_int_equal(find_part(recorder_series(&recorder, "ChannelA-DIMM0")->part)->parent, 7);
}

/* SPDs that hold nothing, as in emulators: no modules, and no word of them. */
static void test_empty_spds(void **state)
{
    (void)state;
    set_up(false, SMB_HEALTHY);
    for (unsigned i = 0; i < 8; i++)
        smb.devices[0x50 + i].present = true;
    run_for(5 * SECOND_US);
    assert_true(recorder_has_note(&recorder, "0 memory modules answer"));
    assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 0);
    assert_int_equal(dimm_temperatures(&watch), 0);
    check_steps(1, 1);
}

static void test_sensors_that_are_off(void **state)
{
    (void)state;
    set_up(false, SMB_HEALTHY);
    smb_put_hub(&smb, 0, 40000, 85000);
    smb.devices[0x50].bytes[26] = 1;
    smb_put_ddr4(&smb, 1);
    smb_put_jc42(&smb, 1, 41500, 95000);
    smb.devices[0x19].bytes[2] = 0x01; /* SHDN, bit 8 of the configuration */
    run_for(5 * SECOND_US);
    assert_true(recorder_has_note(&recorder, "some switched off by the firmware"));
    assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 0);
}

static void test_no_controller(void **state)
{
    (void)state;
    set_up(false, SMB_HEALTHY);
    guard.access.read_config = NULL;
    run_for(SECOND_US);
    check_steps(1, 1);
    assert_int_equal(recorder.count, 2); /* and no word more */
}

static void test_step_comes_before_the_touch(void **state)
{
    (void)state;
    set_up(false, SMB_HEALTHY);
    dimm_step(&watch);
    check_steps(1, 0);
    assert_int_equal(smb.accesses, 0);
    dimm_step(&watch);
    assert_true(smb.accesses > 0);
}

static void check_untouched(const char *skip, const char *unsafe)
{
    memset(parts, 0, sizeof(parts));
    smb_init(&smb, false, SMB_HEALTHY);
    smb_put_hub(&smb, 0, 40000, 85000);
    set_up_with(skip, unsafe);
    run_for(SECOND_US);
    check_steps(0, 0);
    assert_int_equal(smb.accesses, 0);
    assert_int_equal(recorder_count(&recorder, EVENT_NOT_TESTED), 1);
}

static void test_left_alone_when_asked(void **state)
{
    (void)state;
    check_untouched("SMBus", NULL);
    check_untouched("", "EEPROMs of this maker were damaged by it");
    assert_true(smbus_is_unsafe("IBM", "", ""));
    assert_true(smbus_is_unsafe("x", "DFI Inc.", "LP UT 790FX"));
    assert_false(smbus_is_unsafe("LENOVO", "LENOVO", "20HRCTO1WW"));
}

/* ---- controllers that are left alone */

static void check_refused(bool is_amd, enum smb_fault fault, const char *why)
{
    set_up(is_amd, fault);
    smb_put_hub(&smb, 0, 40000, 85000);
    run_for(3 * SECOND_US);
    stop();
    assert_true(recorder_has_note(&recorder, why));
    assert_int_equal(smb.transfers, 0);
    assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 0);
    check_steps(1, 1);
    assert_true(smb_is_at_rest(&smb));
}

static void test_controllers_left_alone(void **state)
{
    (void)state;
    check_refused(false, SMB_OFF, "switched it off");
    check_refused(false, SMB_NO_PORTS, "switched it off");
    check_refused(false, SMB_SMI, "keeps it for itself");
    check_refused(false, SMB_I2C, "another protocol");
    check_refused(false, SMB_CHECKSUMS, "checksums");
    check_refused(false, SMB_BASE_LEGACY, "cannot be one");
    check_refused(false, SMB_FLOATING, "nobody answers");
    check_refused(false, SMB_OWNED, "somebody else keeps using it");
    check_refused(true, SMB_OFF, "switched it off");
    check_refused(true, SMB_OTHER_BUS, "another bus");
    check_refused(true, SMB_OLD, "older than those");
    check_refused(true, SMB_UNKNOWN, "not known");
    check_refused(true, SMB_BASE_LEGACY, "cannot be one");
    check_refused(true, SMB_FLOATING, "nobody answers");
    check_refused(true, SMB_OWNED, "somebody else keeps using it");
}

/* ---- buses that misbehave */

/* Right readings in spite of it, and never a wrong one. */
static void check_withstood(bool is_amd, enum smb_fault fault)
{
    int64_t value = 0;

    set_up(is_amd, fault);
    for (unsigned i = 0; i < 2; i++)
        smb_put_hub(&smb, i, 43000, 85000);
    run_for(20 * SECOND_US);
    stop();
    assert_true(recorder_samples(&recorder, "Memory module at 50h", &value) >= 2);
    assert_int_equal(value, 43000);
    for (size_t i = 0; i < recorder.count; i++)
        if (recorder.events[i].type == EVENT_SAMPLE)
            assert_int_equal(recorder.events[i].sample.value, 43000);
    assert_true(smb_is_at_rest(&smb));
}

static void test_buses_shared_with_others(void **state)
{
    static const enum smb_fault faults[] = {SMB_OWNED_BRIEFLY, SMB_NO_MANNERS, SMB_COLLISIONS,
                                            SMB_FAILED_LEFT,   SMB_STOLEN,     SMB_WRONG};

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        check_withstood(false, faults[i]);
        check_withstood(true, faults[i]);
    }
}

static void check_stuck(bool is_amd, enum smb_fault fault)
{
    set_up(is_amd, fault);
    smb_put_hub(&smb, 0, 43000, 85000);
    run_for(2 * SECOND_US);
    stop();
    assert_true(recorder_has_note(&recorder, "a transfer did not end: left alone"));
    assert_int_equal(recorder_count(&recorder, EVENT_SERIES), 0);
    assert_false(smb.taken);
    assert_false(smb.control & 0x02);
    check_steps(1, 1);
}

static void test_transfers_that_do_not_end(void **state)
{
    (void)state;
    check_stuck(false, SMB_STUCK);
    assert_true(smb_is_at_rest(&smb));
    check_stuck(false, SMB_STUCK_HARD);
    check_stuck(true, SMB_STUCK);
    check_stuck(true, SMB_STUCK_HARD);
}

static void test_nothing_but_collisions(void **state)
{
    (void)state;
    set_up(false, SMB_COLLISION);
    smb_put_hub(&smb, 0, 43000, 85000);
    run_for(5 * SECOND_US);
    assert_true(recorder_has_note(&recorder, "0 memory modules answer"));
    assert_int_equal(smb.transfers, SMBUS_MODULES * DIMM_TRIES_MAX);
}

static void check_lost(enum smb_fault fault, const char *why)
{
    set_up(false, fault);
    smb.fault_us = 8 * SECOND_US;
    for (unsigned i = 0; i < SMBUS_MODULES; i++)
        smb_put_hub(&smb, i, 43000, 85000);
    run_for(60 * SECOND_US);
    assert_true(recorder_has_note(&recorder, why));
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), SMBUS_MODULES);
    assert_true(recorder_find(&recorder, EVENT_SENSOR_STATE, 0)->sensor_state.silent);
    assert_int_equal(dimm_temperatures(&watch), 0);
}

static void test_bus_lost_in_the_run(void **state)
{
    (void)state;
    check_lost(SMB_DIES, "none of them answers any longer");
    check_lost(SMB_STUCK_LATER, "a transfer did not end");
}

/* One sensor that leaves is silent; the other one goes on. */
static void test_one_sensor_leaves(void **state)
{
    int64_t value = 0;
    size_t before;

    (void)state;
    set_up(false, SMB_HEALTHY);
    smb_put_hub(&smb, 0, 43000, 85000);
    smb_put_hub(&smb, 1, 44000, 85000);
    run_for(7 * SECOND_US);
    before = recorder_samples(&recorder, "Memory module at 51h", &value);
    smb.devices[0x50].gone_us = smb.now_us;
    run_for(10 * SECOND_US);
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), 1);
    assert_int_equal(recorder_find(&recorder, EVENT_SENSOR_STATE, 0)->sensor_state.series,
                     recorder_series(&recorder, "Memory module at 50h")->series);
    assert_true(recorder_samples(&recorder, "Memory module at 51h", &value) >= before + 4);
    smb.devices[0x50].gone_us = 0;
    run_for(5 * SECOND_US);
    assert_int_equal(recorder_count(&recorder, EVENT_SENSOR_STATE), 2);
    assert_int_equal(dimm_temperatures(&watch), 2);
}

/* Stopped at any moment, nothing is left behind. */
static void test_stopped_at_any_moment(void **state)
{
    (void)state;
    for (unsigned steps = 0; steps < 200; steps++) {
        set_up(steps & 1, SMB_HEALTHY);
        smb_put_hub(&smb, 0, 43000, 85000);
        for (unsigned i = 0; i < steps; i++) {
            dimm_step(&watch);
            smb.now_us += 130;
        }
        stop();
        assert_true(smb_is_at_rest(&smb));
        dimm_step(&watch);
        assert_int_equal(watch.phase, DIMM_STOPPED);
    }
}

/* What the guard lets through to the controller, and nothing else. */
static void test_the_guard(void **state)
{
    static const struct {
        uint16_t offset;
        uint8_t value;
    } refused[] = {
        {2, 0x40}, /* a quick command */
        {2, 0x44}, /* a byte without a command */
        {2, 0x50}, /* a process call */
        {2, 0x54}, /* a block */
        {4, 0x30}, /* 18h, to be written */
        {4, 0xA0}, /* 50h, to be written */
        {4, 0x61}, /* 30h: locks an SPD */
        {4, 0x6D}, /* 36h: turns its page */
        {4, 0x91}, /* 48h: somebody else */
        {5, 0x00}, /* data */
        {7, 0x00}, {8, 0x20}, {0x0D, 0x01},
    };

    (void)state;
    set_up(false, SMB_HEALTHY);
    run_for(SECOND_US);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        assert_int_equal(guard.access.out8(guard.access.context,
                                           (uint16_t)(smb.base + refused[i].offset),
                                           refused[i].value),
                         ERR_REFUSED);
    assert_int_equal(guard.access.out8(guard.access.context, (uint16_t)(smb.base + 4), 0xA1), OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_temperatures),
        cmocka_unit_test(test_what_a_sensor_is),
        cmocka_unit_test(test_ddr4),
        cmocka_unit_test(test_ddr5),
        cmocka_unit_test(test_ddr3_and_its_slot),
        cmocka_unit_test(test_the_only_module),
        cmocka_unit_test(test_empty_spds),
        cmocka_unit_test(test_sensors_that_are_off),
        cmocka_unit_test(test_no_controller),
        cmocka_unit_test(test_step_comes_before_the_touch),
        cmocka_unit_test(test_left_alone_when_asked),
        cmocka_unit_test(test_controllers_left_alone),
        cmocka_unit_test(test_buses_shared_with_others),
        cmocka_unit_test(test_transfers_that_do_not_end),
        cmocka_unit_test(test_nothing_but_collisions),
        cmocka_unit_test(test_bus_lost_in_the_run),
        cmocka_unit_test(test_one_sensor_leaves),
        cmocka_unit_test(test_stopped_at_any_moment),
        cmocka_unit_test(test_the_guard),
    };

    return cmocka_run_group_tests_name("dimm_watch", tests, NULL, NULL);
}
