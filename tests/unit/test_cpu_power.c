/*
 * Units and ratios as turbostat printed them beside the registers, in public forums and kernel
 * mail: 606h 000A0E03h, 0.000061 J; 000A1003h, 0.000015 J; CEh 81010E0011E00h, 3000 MHz; CPUID 16h
 * 3100 MHz beside CEh 804083CF1811F00h, 3100 MHz. Powers and clocks follow from the definition:
 * 2^14 units of 2^-14 J in a second are a watt.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sensors/cpu_power.h"
#include "tests/sim/cpu.h"

enum { SECOND = 1000000 };

static void reads_units_and_nominal_clock(void **state)
{
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct cpu_counters counters;

    (void)state;
    sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
    *sim_cpu_msr(&cpu, 0, 0x611) = 0xABCD00000007;
    *sim_cpu_msr(&cpu, 0, 0xCE) = 0x81010E0011E00;
    cpu_counters_read(&access, &cpu.registers, &counters);
    assert_true(counters.has_clock && counters.has_package && counters.has_dram);
    assert_int_equal(counters.package, 7); /* the upper half is reserved */
    assert_int_equal(counters.package_shift, 14);
    assert_int_equal(counters.dram_shift, 14);
    assert_int_equal(counters.nominal_khz, 3600000); /* CPUID says so */
    cpu.registers.nominal_mhz = 0;
    cpu.registers.dram_unit_fixed = true;
    cpu_counters_read(&access, &cpu.registers, &counters);
    assert_int_equal(counters.nominal_khz, 3000000);
    assert_int_equal(counters.dram_shift, 16);
    assert_int_equal(cpu.faults, 0);
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    cpu_counters_read(&access, &cpu.registers, &counters);
    assert_true(counters.has_clock && counters.has_package && !counters.has_dram);
    assert_int_equal(counters.package_shift, 16);
    assert_int_equal(counters.nominal_khz, 0);
    assert_int_equal(cpu.faults, 0);
    cpu.fault = SIM_CPU_REFUSES;
    cpu_counters_read(&access, &cpu.registers, &counters);
    assert_false(counters.has_clock || counters.has_package);
}

/* 610h in public reports beside what they say of it: A58000188320h, 100 W; 42020000DC8640h, 200 W
 * on a notebook whose processor is specified for 28; 4280B000DC80B0h, 22 W. The rest by definition.
 */
static void reads_the_power_limit(void **state)
{
    static const struct {
        uint64_t unit, limit, info;
        int64_t milliwatts;
    } cases[] = {
        {0x0A1003, 0xA58000188320, 0, 100000},       {0x0A0E03, 0x42020000DC8640, 0, 200000},
        {0x0A0E03, 0x42020000DC8640, 28 * 8, 28000}, {0x0A0E03, 0x4280B000DC80B0, 28 * 8, 22000},
        {0x0A0E03, 0x4280B000DC00B0, 28 * 8, 28000}, /* it is switched off */
        {0x0A0E03, 0x4280B000DC00B0, 0, 0},          {0x0A1000, 0x8041, 0, 65000},
    };
    struct sim_cpu cpu;
    struct access access = sim_cpu_access(&cpu);
    struct cpu_counters counters;

    (void)state;
    sim_cpu_core(&cpu, SIM_CPU_HEALTHY, 1, 40);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        *sim_cpu_msr(&cpu, 0, 0x606) = cases[i].unit;
        *sim_cpu_msr(&cpu, 0, 0x610) = cases[i].limit;
        *sim_cpu_msr(&cpu, 0, 0x614) = cases[i].info;
        cpu_counters_read(&access, &cpu.registers, &counters);
        assert_int_equal(counters.package_limit, cases[i].milliwatts);
    }
    sim_cpu_ryzen(&cpu, SIM_CPU_HEALTHY);
    cpu_counters_read(&access, &cpu.registers, &counters);
    assert_int_equal(counters.package_limit, 0);
    assert_int_equal(cpu.faults, 0);
}

static void watts_by_difference(void **state)
{
    struct energy_meter meter = {0};
    int64_t milliwatts = -1;

    (void)state;
    assert_false(energy_meter_take(&meter, 1000, 14, SECOND, &milliwatts));
    assert_true(energy_meter_take(&meter, 1000 + 65 * 16384, 14, 2 * SECOND, &milliwatts));
    assert_int_equal(milliwatts, 65000);
    assert_true(energy_meter_take(&meter, 1000 + 66 * 16384, 14, 4 * SECOND, &milliwatts));
    assert_int_equal(milliwatts, 500);
}

static void a_counter_goes_round(void **state)
{
    struct energy_meter meter = {0};
    int64_t milliwatts = -1;

    (void)state;
    energy_meter_take(&meter, 0xFFFFFF00, 14, SECOND, &milliwatts);
    assert_true(energy_meter_take(&meter, 16384 - 0x100, 14, 2 * SECOND, &milliwatts));
    assert_int_equal(milliwatts, 1000);
}

static void what_says_nothing_about_power(void **state)
{
    struct energy_meter meter = {0};
    int64_t milliwatts = -1;

    (void)state;
    energy_meter_take(&meter, 5, 14, SECOND, &milliwatts);
    assert_false(energy_meter_take(&meter, 5, 14, 2 * SECOND, &milliwatts)); /* it stands */
    assert_false(energy_meter_take(&meter, 16384, 14, 2 * SECOND + 10, &milliwatts)); /* at once */
    assert_true(energy_meter_take(&meter, 5 + 16384, 14, 3 * SECOND, &milliwatts));
    assert_int_equal(milliwatts, 1000);
    assert_false(energy_meter_take(&meter, 99999, 14, 64 * SECOND, &milliwatts)); /* too late */
    assert_true(energy_meter_take(&meter, 99999 + 16384, 14, 65 * SECOND, &milliwatts));
    assert_false(
        energy_meter_take(&meter, 999999, 14, 60 * SECOND, &milliwatts)); /* time went back */
}

static void the_real_clock(void **state)
{
    struct clock_meter meter = {0};
    int64_t khz = -1;

    (void)state;
    assert_false(clock_meter_take(&meter, 100, 100, 3000000, SECOND, &khz));
    assert_true(
        clock_meter_take(&meter, 100 + 1500000000, 100 + 3000000000, 3000000, 2 * SECOND, &khz));
    assert_int_equal(khz, 1500000);
    assert_true(clock_meter_take(&meter, 5000000000, 5000000000, 3000000, 3 * SECOND, &khz));
    assert_int_equal(khz, 5250000); /* 3.5 of 2 */
    assert_false(clock_meter_take(&meter, 5000000000, 5000000001, 3000000, 4 * SECOND, &khz));
    assert_false(clock_meter_take(&meter, 1, 1, 3000000, 5 * SECOND, &khz)); /* set anew */
    assert_false(clock_meter_take(&meter, 9, 9, 0, 6 * SECOND, &khz));       /* no nominal clock */
    assert_false(clock_meter_take(&meter, 99, 99, 3000000, 67 * SECOND, &khz));
    assert_false(clock_meter_take(&meter, 199, 50, 3000000, 68 * SECOND, &khz));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_units_and_nominal_clock),
        cmocka_unit_test(watts_by_difference),
        cmocka_unit_test(reads_the_power_limit),
        cmocka_unit_test(a_counter_goes_round),
        cmocka_unit_test(the_real_clock),
        cmocka_unit_test(what_says_nothing_about_power),
    };

    return cmocka_run_group_tests_name("cpu_power", tests, NULL, NULL);
}
