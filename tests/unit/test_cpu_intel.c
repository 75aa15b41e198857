/*
 * Registers and the temperatures that the Linux tool turbostat printed beside them, from outputs in
 * public forums and kernel mail: 1A2h 00640000h with 1B1h 882A0C00h, 58 °C; 00621200h with
 * 88310000h, 49 °C; 0D690000h ("105 default - 13 offset") with 88320002h, 55 °C. A core at 47 below
 * its TjMax of 100 °C is AppleIntelInfo's ("Digital Readout: 47, Reading Valid: 1").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/cpu_intel.h"
#include "tests/sim/cpu.h"

static void agrees_with_what_others_print(void **state)
{
    static const struct {
        uint32_t target, package;
        int64_t tj_max, temperature;
    } rows[] = {
        {0x00640000, 0x882A0C00, 100000, 58000},
        {0x00621200, 0x88310000, 98000, 49000},
        {0x0D690000, 0x88320002, 105000, 55000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_cpu cpu;
        struct access access = sim_cpu_access(&cpu);
        struct intel_thermal thermal;
        int64_t tj_max;

        sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
        *sim_cpu_msr(&cpu, 0, 0x1A2) = rows[i].target;
        *sim_cpu_msr(&cpu, 0, 0x1B1) = rows[i].package;
        *sim_cpu_msr(&cpu, 0, 0x19C) = 0x882F0000;
        assert_int_equal(intel_tj_max(&access, &cpu.registers, &tj_max), OK);
        assert_int_equal(tj_max, rows[i].tj_max);
        assert_int_equal(intel_package(&access, &cpu.registers, tj_max, &thermal), OK);
        assert_true(thermal.has_temperature);
        assert_int_equal(thermal.temperature, rows[i].temperature);
        assert_int_equal(intel_core(&access, &cpu.registers, 100000, &thermal), OK);
        assert_int_equal(thermal.temperature, 53000);
        assert_int_equal(cpu.faults + cpu.forbidden, 0);
    }
}

/* Package bit 31 is reserved, and of the cores' registers the valid bit. */
static void only_valid_readings_count(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct intel_thermal thermal;

    (void)state;
    sim_cpu_core(&cpu, SIM_CPU_NOT_VALID, 1, 40);
    assert_int_equal(intel_core(&access, &cpu.registers, 100000, &thermal), OK);
    assert_false(thermal.has_temperature);
    *sim_cpu_msr(&cpu, 0, 0x1B1) = 0x002A0000;
    assert_int_equal(intel_package(&access, &cpu.registers, 100000, &thermal), OK);
    assert_int_equal(thermal.temperature, 58000);
    assert_int_equal(intel_package(&access, &cpu.registers, 0, &thermal), OK);
    assert_false(thermal.has_temperature); /* without TjMax */
    cpu.fault = SIM_CPU_REFUSES;
    assert_int_equal(intel_core(&access, &cpu.registers, 100000, &thermal), ERR_UNSUPPORTED);
}

static void a_tj_max_that_cannot_be_is_absent(void **state)
{
    static const enum sim_cpu_fault faults[] = {SIM_CPU_NO_TJ_MAX, SIM_CPU_ODD_TJ_MAX,
                                                SIM_CPU_REFUSES};
    static const struct {
        uint32_t target;
        int error;
    } rows[] = {{0x310000, ERR_ABSENT}, {0x320000, OK}, {0x7D0000, OK}, {0x7E0000, ERR_ABSENT}};
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    int64_t tj_max = 1;

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        sim_cpu_core(&cpu, faults[i], 1, 40);
        assert_int_equal(intel_tj_max(&access, &cpu.registers, &tj_max), ERR_ABSENT);
        assert_int_equal(tj_max, 1);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
        *sim_cpu_msr(&cpu, 0, 0x1A2) = rows[i].target;
        assert_int_equal(intel_tj_max(&access, &cpu.registers, &tj_max), rows[i].error);
    }
}

/* An Atom's register is not touched: on some, reading it resets the machine. */
static void an_atom_is_known_by_its_model(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    int64_t tj_max = 0;

    (void)state;
    sim_cpu_init(&cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&cpu, "GenuineIntel", 0x106CA, 0x1, 0x1, 0, 0);
    assert_int_equal(intel_tj_max(&access, &cpu.registers, &tj_max), OK);
    assert_int_equal(tj_max, 100000);
    sim_cpu_is(&cpu, "GenuineIntel", 0x1067A, 0x1, 0x1, 0, 0); /* Core 2: nobody tells */
    assert_int_equal(intel_tj_max(&access, &cpu.registers, &tj_max), ERR_ABSENT);
    assert_int_equal(cpu.faults, 0);
}

static void flags_are_told_apart(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct intel_thermal thermal;

    (void)state;
    sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 100);
    *sim_cpu_msr(&cpu, 0, 0x19C) = 0x88000C3F | 0xF3C0; /* all, thresholds and others as well */
    intel_core(&access, &cpu.registers, 100000, &thermal);
    assert_int_equal(thermal.flags, 0xC3F);
    assert_int_equal(thermal.temperature, 100000);
    cpu.leaves.power.eax &= ~0x10u; /* without the power limit's bits */
    cpu.registers = cpu_registers_of(&cpu.leaves);
    intel_core(&access, &cpu.registers, 100000, &thermal);
    assert_int_equal(thermal.flags, 0x3F);
}

/* Logs are sticky from boot on: only what the run adds counts. */
static void logs_from_before_say_nothing(void **state)
{
    (void)state;
    assert_int_equal(intel_events(0x82A, 0x82A), 0);
    assert_int_equal(intel_events(0, THERM_THROTTLED_LOG), THERM_THROTTLED_LOG);
    assert_int_equal(intel_events(THERM_THROTTLED_LOG, THERM_THROTTLED_LOG | THERM_PROCHOT_LOG),
                     THERM_PROCHOT_LOG);
    /* What is the case now is no log. */
    assert_int_equal(intel_events(0x82A, 0x82A | THERM_THROTTLED | THERM_POWER_LIMIT),
                     THERM_THROTTLED | THERM_POWER_LIMIT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_what_others_print),
        cmocka_unit_test(only_valid_readings_count),
        cmocka_unit_test(a_tj_max_that_cannot_be_is_absent),
        cmocka_unit_test(an_atom_is_known_by_its_model),
        cmocka_unit_test(flags_are_told_apart),
        cmocka_unit_test(logs_from_before_say_nothing),
    };

    return cmocka_run_group_tests_name("cpu_intel", tests, NULL, NULL);
}
