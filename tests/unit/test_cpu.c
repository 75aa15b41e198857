/*
 * The processors' series over register-level models of a Core and a Ryzen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/cpu.h"
#include "tests/sim/cpu.h"

enum { EVENTS = 8000, SECOND = 1000000 };

static struct {
    struct sim_cpu cpu;
    struct access access;
    struct cpu_sensors sensors;
    struct sink sink;
    struct numbers numbers;
    unsigned processors, packages, dead; /* `dead` and those behind give no sample */
    uint64_t now_us;
    struct event events[EVENTS];
    unsigned count;
} rig;

static void keep(void *context, struct event *event)
{
    (void)context;
    assert_true(rig.count < EVENTS);
    rig.events[rig.count++] = *event;
}

static void begin(unsigned processors, unsigned packages, const char *brand)
{
    struct cpu_sensors_config config = {
        .access = &rig.access,
        .registers = &rig.cpu.registers,
        .brand = brand,
        .sink = &rig.sink,
        .numbers = &rig.numbers,
        .processors = processors,
        .tsc_khz = 3400000,
    };

    memset(&rig.sensors, 0, sizeof(rig.sensors));
    rig.access = sim_cpu_access(&rig.cpu);
    rig.sink = (struct sink){.emit = keep};
    rig.numbers = (struct numbers){.next_part = 10, .next_series = 4};
    rig.processors = rig.dead = processors;
    rig.packages = packages;
    rig.now_us = SECOND;
    rig.count = 0;
    cpu_sensors_begin(&rig.sensors, &config);
}

/* A second of work: every processor's counters go on, and its sample is taken. */
static void work(unsigned watts, unsigned percent)
{
    rig.now_us += SECOND;
    for (unsigned i = 0; i < rig.dead; i++) {
        unsigned of_package = rig.processors / rig.packages;
        struct cpu_sample sample = {.time_us = rig.now_us - i,
                                    .package = (uint16_t)(i / of_package),
                                    .core = (uint16_t)(i % of_package / 2)};
        bool amd = rig.cpu.registers.amd_energy;

        rig.cpu.current = i;
        *sim_cpu_msr(&rig.cpu, i, 0xE7) += 3600000000;
        *sim_cpu_msr(&rig.cpu, i, 0xE8) += 36000000ull * percent;
        *sim_cpu_msr(&rig.cpu, i, amd ? 0xC001029B : 0x611) += watts * (amd ? 65536 : 16384);
        cpu_sample_read(&rig.access, &rig.cpu.registers, &sample);
        cpu_sensors_take(&rig.sensors, i, &sample);
        cpu_sensors_take(&rig.sensors, i, &sample);
    }
    cpu_sensors_tell(&rig.sensors, rig.now_us);
}

static const struct event_series *series_named(const char *name)
{
    for (unsigned i = 0; i < rig.count; i++) {
        if (rig.events[i].type == EVENT_SERIES && !strcmp(rig.events[i].series.name, name))
            return &rig.events[i].series;
    }
    return NULL;
}

static unsigned of_type(enum event_type type)
{
    unsigned count = 0;

    for (unsigned i = 0; i < rig.count; i++)
        count += rig.events[i].type == type;
    return count;
}

/* The last sample of a series; INT64_MIN without one. */
static int64_t last_of(const char *name)
{
    const struct event_series *series = series_named(name);

    assert_non_null(series);
    for (unsigned i = rig.count; i-- > 0;) {
        if (rig.events[i].type == EVENT_SAMPLE && rig.events[i].sample.series == series->series)
            return rig.events[i].sample.value;
    }
    return INT64_MIN;
}

static const struct event_sensor_state *last_state(void)
{
    for (unsigned i = rig.count; i-- > 0;) {
        if (rig.events[i].type == EVENT_SENSOR_STATE)
            return &rig.events[i].sensor_state;
    }
    return NULL;
}

static void untouched(void)
{
    assert_int_equal(rig.cpu.faults + rig.cpu.forbidden, 0);
}

static void a_core(void **state)
{
    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 8, 47);
    begin(8, 1, "Intel");
    work(0, 100);
    assert_int_equal(of_type(EVENT_SERIES), 8); /* package, 4 cores, clock, 2 powers */
    assert_int_equal(of_type(EVENT_PART), 1);
    assert_int_equal(rig.events[0].part.kind, PART_SENSOR);
    assert_int_equal(rig.events[0].part.parent, PART_ALL_PROCESSORS);
    assert_string_equal(rig.events[0].part.name, "CPU package 0");
    assert_true(series_named("CPU package 0")->has_high);
    assert_int_equal(series_named("CPU package 0")->high, 100000);
    assert_true(series_named("CPU package 0 clock")->has_low);
    assert_int_equal(series_named("CPU package 0 clock")->low, 3600000);
    assert_true(series_named("CPU package 0 power")->has_high);
    assert_int_equal(series_named("CPU package 0 power")->high, 65000);
    assert_int_equal(series_named("CPU 0 core 3")->part, 10);
    assert_int_equal(last_of("CPU package 0"), 47000);
    assert_int_equal(last_of("CPU 0 core 3"), 47000);
    assert_int_equal(last_of("CPU package 0 clock"), INT64_MIN);
    *sim_cpu_msr(&rig.cpu, 6, 0x19C) = 0x881E0000;
    work(65, 50);
    assert_int_equal(last_of("CPU 0 core 3"), 70000);
    assert_int_equal(last_of("CPU 0 core 2"), 47000);
    assert_int_equal(last_of("CPU package 0 clock"), 1800000);
    assert_int_equal(last_of("CPU package 0 power"), 65000);
    assert_int_equal(last_of("CPU 0 memory power"), INT64_MIN); /* it stands still */
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 0);
    assert_int_equal(cpu_sensors_temperatures(&rig.sensors), 5);
    assert_int_equal(rig.numbers.next_series, 12);
    untouched();
}

static void many_cores_and_packages(void **state)
{
    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 48, 47);
    *sim_cpu_msr(&rig.cpu, 31, 0x19C) = 0x880A0000;
    begin(48, 2, "Intel");
    work(0, 100);
    work(65, 100);
    assert_int_equal(of_type(EVENT_PART), 2);
    assert_null(series_named("CPU 0 core 3"));
    assert_string_equal(series_named("CPU 0 hottest core")->source, "the hottest of 12 cores");
    assert_int_equal(last_of("CPU 0 hottest core"), 47000);
    assert_int_equal(last_of("CPU 1 hottest core"), 90000);
    assert_int_equal(last_of("CPU package 1 clock"), 3600000);
    assert_int_equal(series_named("CPU 1 hottest core")->part, 11);
    assert_int_equal(of_type(EVENT_SERIES), 10);
    untouched();
}

static void a_ryzen(void **state)
{
    (void)state;
    sim_cpu_ryzen(&rig.cpu, SIM_CPU_HEALTHY);
    begin(1, 1, "AMD Ryzen 7 5800X3D");
    work(0, 100);
    work(88, 125);
    assert_int_equal(last_of("CPU package 0 Tctl"), 56625);
    assert_int_equal(last_of("CPU 0 CCD 1"), 35000);
    assert_int_equal(last_of("CPU package 0 power"), 88000);
    assert_int_equal(last_of("CPU package 0 clock"), 4250000); /* 125 % of the TSC's 3400 MHz */
    assert_null(series_named("CPU package 0 Tdie"));
    assert_false(series_named("CPU package 0 Tctl")->has_high);
    assert_int_equal(rig.cpu.index_60, 0x5D5C0);
    untouched();
    sim_cpu_ryzen(&rig.cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&rig.cpu, "AuthenticAMD", 0x800F82, 4, 1, 0, 0x6799);
    begin(1, 1, "AMD Ryzen 7 2700X Eight-Core Processor");
    work(0, 100);
    assert_int_equal(last_of("CPU package 0 Tdie"), 46625);
    assert_int_equal(last_of("CPU package 0 Tctl"), 56625);
}

static void an_old_scale_is_called_one(void **state)
{
    (void)state;
    sim_cpu_ryzen(&rig.cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&rig.cpu, "AuthenticAMD", 0x600F20, 0, 0, 0, 0);
    rig.cpu.node_identity = 0x16031022;
    rig.cpu.node_reported = 0x1E800000;
    begin(1, 1, "AMD FX-8350");
    work(0, 100);
    assert_string_equal(series_named("CPU package 0 Tctl")->source, "AMD Tctl, a scale of its own");
    assert_int_equal(last_of("CPU package 0 Tctl"), 30500);
    assert_int_equal(rig.cpu.writes, 0);
    sim_cpu_init(&rig.cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&rig.cpu, "AuthenticAMD", 0x100F43, 0, 0, 0, 0x1F9);
    rig.cpu.node_identity = 0x12031022; /* in socket F */
    begin(1, 1, "AMD Opteron 8389");
    work(0, 100);
    assert_int_equal(rig.count, 1);
    assert_int_equal(rig.events[0].type, EVENT_NOTE);
}

/* As QEMU without hardware acceleration: CPUID.6 is 0. */
static void a_guest_says_nothing(void **state)
{
    (void)state;
    sim_cpu_init(&rig.cpu, SIM_CPU_HEALTHY);
    sim_cpu_is(&rig.cpu, "AuthenticAMD", 0x60FB1, 0, 0, 0, 0);
    rig.cpu.leaves.version.ecx = 0x80000000;
    rig.cpu.registers = cpu_registers_of(&rig.cpu.leaves);
    assert_false(cpu_sensors_exist(&rig.cpu.registers));
    begin(2, 1, "QEMU Virtual CPU");
    for (unsigned i = 0; i < 10; i++)
        work(0, 100);
    assert_int_equal(rig.count, 0);
    assert_int_equal(rig.cpu.reads + rig.cpu.writes, 0);
    untouched();
}

static void what_is_no_reading_is_not_told(void **state)
{
    static const enum sim_cpu_fault faults[] = {SIM_CPU_NO_TJ_MAX, SIM_CPU_ODD_TJ_MAX,
                                                SIM_CPU_REFUSES};

    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_NOT_VALID, 8, 47);
    begin(8, 1, "Intel");
    work(0, 100);
    work(9, 100);
    assert_int_equal(last_of("CPU 0 core 1"), INT64_MIN);
    assert_int_equal(last_of("CPU package 0"), 47000);
    sim_cpu_core(&rig.cpu, SIM_CPU_COUNTERS_HELD, 8, 47);
    begin(8, 1, "Intel");
    work(0, 100);
    work(9, 100);
    assert_int_equal(last_of("CPU package 0 power"), INT64_MIN);
    assert_int_equal(last_of("CPU package 0 clock"), INT64_MIN);
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        sim_cpu_core(&rig.cpu, faults[i], 8, 47);
        begin(8, 1, "Intel");
        work(0, 100);
        work(9, 100);
        assert_null(series_named("CPU package 0"));
        assert_null(series_named("CPU 0 core 1"));
        assert_int_equal(cpu_sensors_temperatures(&rig.sensors), 0);
        untouched();
    }
}

static void a_pair_that_is_taken_gives_no_sample(void **state)
{
    (void)state;
    sim_cpu_ryzen(&rig.cpu, SIM_CPU_HEALTHY);
    begin(1, 1, "AMD Ryzen 7 5800X3D");
    rig.cpu.fault = SIM_CPU_PAIR_TAKEN;
    work(0, 100);
    assert_int_equal(last_of("CPU package 0 Tctl"), INT64_MIN);
    rig.cpu.fault = SIM_CPU_HEALTHY;
    work(0, 100);
    assert_int_equal(last_of("CPU package 0 Tctl"), 56625);
}

static void a_processor_that_died_is_not_told_again(void **state)
{
    unsigned samples;

    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 8, 47);
    begin(8, 1, "Intel");
    rig.dead = 4; /* half of them were never seen */
    for (unsigned i = 0; i + 1 < CPU_ROUNDS_WAIT; i++)
        work(10, 100);
    assert_int_equal(rig.count, 0);
    work(10, 100);
    assert_non_null(series_named("CPU 0 core 1"));
    assert_null(series_named("CPU 0 core 2"));
    rig.dead = 2;
    *sim_cpu_msr(&rig.cpu, 0, 0x19C) = 0x880A0000;
    for (unsigned i = 0; i < 6; i++)
        work(10, 100);
    samples = of_type(EVENT_SAMPLE);
    work(10, 100);
    /* Package, core 0, clock, power; core 1 is not told any more. */
    assert_int_equal(of_type(EVENT_SAMPLE), samples + 4);
}

static void logs_of_the_run_are_told(void **state)
{
    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 4, 60);
    for (unsigned i = 0; i < 4; i++)
        *sim_cpu_msr(&rig.cpu, i, 0x1B1) = 0x8828082A; /* all logs stand since boot */
    begin(4, 1, "Intel");
    for (unsigned i = 0; i < 40; i++)
        work(30, 100);
    assert_null(last_state());
    *sim_cpu_msr(&rig.cpu, 0, 0x1B1) = 0x8800082B; /* it throttles now */
    work(30, 100);
    assert_true(last_state()->throttled && !last_state()->prochot && !last_state()->above_critical);
    assert_int_equal(last_state()->series, series_named("CPU package 0")->series);
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 1);
    *sim_cpu_msr(&rig.cpu, 0, 0x1B1) = 0x8828082A;
    for (unsigned i = 0; i < 9; i++)
        work(30, 100);
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 1); /* told once */
    *sim_cpu_msr(&rig.cpu, 3, 0x19C) = 0x88280008;    /* a core's own log, new in the run */
    work(30, 100);
    work(30, 100);
    assert_true(last_state()->prochot && last_state()->throttled);
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 2);
    *sim_cpu_msr(&rig.cpu, 1, 0x19C) = 0x88280010;
    work(30, 100);
    assert_true(last_state()->above_critical);
}

static void slow_while_hot(void **state)
{
    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 4, 97);
    begin(4, 1, "Intel");
    for (unsigned i = 0; i < 60; i++)
        work(30, 99); /* hot at its nominal clock, as well as it is measured */
    assert_null(last_state());
    for (unsigned i = 0; i < 30; i++)
        work(30, 90);
    assert_null(last_state());
    work(30, 90);
    assert_non_null(last_state());
    assert_true(last_state()->slow_when_hot && !last_state()->throttled);
    work(30, 101);
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 1);
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 4, 96);
    begin(4, 1, "Intel");
    for (unsigned i = 0; i < 60; i++)
        work(30, 40); /* slow, and cool enough */
    assert_null(last_state());
}

/* It is said once, and accuses nothing. */
static void a_sensor_that_sleeps_is_noted(void **state)
{
    (void)state;
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 4, 40);
    begin(4, 1, "Intel");
    for (unsigned i = 0; i < 300; i++) {
        *sim_cpu_msr(&rig.cpu, 0, 0x1B1) = 0x883C0000 - (i % 7 << 16);
        *sim_cpu_msr(&rig.cpu, 0, 0x19C) = 0x883C0000 - (i % 5 << 16);
        work(i % 100 < 50 ? 10 : 60, 100); /* processors 2 and 3, core 1, stay at 40 */
    }
    assert_int_equal(of_type(EVENT_NOTE), 1);
    assert_int_equal(of_type(EVENT_SENSOR_STATE), 0);
    assert_int_equal(last_of("CPU 0 core 1"), 40000);
    sim_cpu_core(&rig.cpu, SIM_CPU_HEALTHY, 4, 40);
    begin(4, 1, "Intel");
    for (unsigned i = 0; i < 300; i++)
        work(10, 100); /* nothing happens at all */
    assert_int_equal(of_type(EVENT_NOTE), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core),
        cmocka_unit_test(many_cores_and_packages),
        cmocka_unit_test(a_ryzen),
        cmocka_unit_test(an_old_scale_is_called_one),
        cmocka_unit_test(a_guest_says_nothing),
        cmocka_unit_test(what_is_no_reading_is_not_told),
        cmocka_unit_test(a_pair_that_is_taken_gives_no_sample),
        cmocka_unit_test(a_processor_that_died_is_not_told_again),
        cmocka_unit_test(logs_of_the_run_are_told),
        cmocka_unit_test(slow_while_hot),
        cmocka_unit_test(a_sensor_that_sleeps_is_noted),
    };

    return cmocka_run_group_tests_name("cpu", tests, NULL, NULL);
}
