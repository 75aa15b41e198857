#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/ipmi.h"
#include "tests/sim/bmc.h"

enum { EVENTS_MAX = 512, SERIES_MAX = 256, SECOND_US = 1000000 };

/* Everything but samples is kept; of those the last value and the longest gap of a series. */
struct bench {
    struct bmc bmc;
    struct access access;
    struct clock clock;
    struct sink sink;
    struct numbers numbers;
    struct ipmi ipmi;
    struct event events[EVENTS_MAX];
    size_t event_count;
    int64_t value[SERIES_MAX];
    unsigned samples[SERIES_MAX];
    uint64_t sampled_us[SERIES_MAX], gap_us[SERIES_MAX];
};

static struct bench bench;

static void record_sample(const struct event_sample *sample)
{
    uint16_t series = sample->series;

    assert_true(series < SERIES_MAX);
    if (bench.samples[series]++ > 0 &&
        bench.bmc.now_us - bench.sampled_us[series] > bench.gap_us[series])
        bench.gap_us[series] = bench.bmc.now_us - bench.sampled_us[series];
    bench.sampled_us[series] = bench.bmc.now_us;
    bench.value[series] = sample->value;
}

static void record(void *context, struct event *event)
{
    (void)context;
    if (event->type == EVENT_SAMPLE) {
        record_sample(&event->sample);
        return;
    }
    assert_true(bench.event_count < EVENTS_MAX);
    bench.events[bench.event_count++] = *event;
}

static void set_up(enum bmc_fault fault, uint64_t fault_us)
{
    memset(&bench, 0, sizeof(bench));
    bmc_init(&bench.bmc, fault);
    bench.bmc.fault_us = fault_us;
    bench.access = bmc_access(&bench.bmc);
    bench.clock = bmc_clock(&bench.bmc);
    bench.sink = (struct sink){.emit = record};
    bench.numbers = (struct numbers){.next_part = 10, .next_series = 1};
    ipmi_init(&bench.ipmi, &bench.access, &bench.clock, &bench.sink, &bench.numbers, 0xCA2, 1);
}

/* Steps every 200 us until a moment. A step stays far below a millisecond, and nothing is ever
 * done that a healthy BMC would mind. */
static void run_until(uint64_t end_us)
{
    while (bench.bmc.now_us < end_us) {
        uint64_t before_us = bench.bmc.now_us;

        ipmi_step(&bench.ipmi);
        assert_true(bench.bmc.now_us - before_us <= IPMI_STEP_US + 5);
        bmc_sleep(&bench.bmc, 200);
    }
    assert_int_equal(bench.bmc.strays, 0);
    assert_int_equal(bench.bmc.breaches, 0);
    assert_int_equal(bench.bmc.changing, 0);
}

static size_t count_events(enum event_type type)
{
    size_t count = 0;

    for (size_t i = 0; i < bench.event_count; i++)
        count += bench.events[i].type == type;
    return count;
}

static size_t count_warnings(void)
{
    size_t count = 0;

    for (size_t i = 0; i < bench.event_count; i++)
        count +=
            bench.events[i].type == EVENT_NOTE && bench.events[i].note.severity != SEVERITY_INFO;
    return count;
}

static bool has_note(const char *part)
{
    for (size_t i = 0; i < bench.event_count; i++)
        if (bench.events[i].type == EVENT_NOTE && strstr(bench.events[i].note.text, part))
            return true;
    return false;
}

static const struct event_part *find_part(const char *name)
{
    for (size_t i = 0; i < bench.event_count; i++)
        if (bench.events[i].type == EVENT_PART && text_equal(bench.events[i].part.name, name))
            return &bench.events[i].part;
    fail_msg("no part %s", name);
    return NULL;
}

static const struct event_series *find_series(const char *name)
{
    for (size_t i = 0; i < bench.event_count; i++)
        if (bench.events[i].type == EVENT_SERIES && text_equal(bench.events[i].series.name, name))
            return &bench.events[i].series;
    fail_msg("no series %s", name);
    return NULL;
}

/* The nth state event of a series, or NULL. */
static const struct event_sensor_state *find_state(const char *name, size_t n)
{
    uint16_t series = find_series(name)->series;

    for (size_t i = 0; i < bench.event_count; i++)
        if (bench.events[i].type == EVENT_SENSOR_STATE &&
            bench.events[i].sensor_state.series == series && n-- == 0)
            return &bench.events[i].sensor_state;
    return NULL;
}

static void check_state(const char *name, size_t n, bool below, bool above, bool silent)
{
    const struct event_sensor_state *found = find_state(name, n);

    assert_non_null(found);
    assert_int_equal(found->below_critical, below);
    assert_int_equal(found->above_critical, above);
    assert_int_equal(found->silent, silent);
}

static void converts(void **state)
{
    /* By hand: y = (m x + b 10^bexp) 10^rexp, in thousandths. */
    static const struct {
        struct ipmi_factors factors;
        uint8_t raw;
        int64_t milli;
    } cases[] = {
        {{ANALOG_UNSIGNED, 0, 0, 1, 0, 0, 0}, 42, 42000},
        {{ANALOG_UNSIGNED, 0, 0, 100, 0, 0, 0}, 0x2D, 4500000},
        {{ANALOG_UNSIGNED, 0, 0, 1, 0, 0, 0}, 0xFF, 255000},
        {{ANALOG_TWOS_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0xFF, -1000},
        {{ANALOG_TWOS_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0x80, -128000},
        {{ANALOG_TWOS_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0x7F, 127000},
        {{ANALOG_ONES_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0xFE, -1000},
        {{ANALOG_ONES_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0xFF, 0},
        {{ANALOG_ONES_COMPLEMENT, 0, 0, 1, 0, 0, 0}, 0x80, -127000},
        {{ANALOG_ONES_COMPLEMENT, 0, 0, 2, 0, 0, 0}, 0x7F, 254000},
        {{ANALOG_UNSIGNED, 0, 0, 63, 12, 1, -3}, 188, 11964}, /* 11844 + 120 mV */
        {{ANALOG_UNSIGNED, 0, 0, 5, 0, 0, -1}, 77, 38500},    /* 38.5 */
        {{ANALOG_UNSIGNED, 0, 0, 2, -64, 0, 0}, 20, -24000},  /* 40 - 64 */
        {{ANALOG_UNSIGNED, 0, 0, -1, 100, 0, 0}, 30, 70000},  /* 100 - 30 */
        {{ANALOG_UNSIGNED, 0, 0, -2, -5, 1, 0}, 10, -70000},  /* -20 - 50 */
        {{ANALOG_UNSIGNED, 0, 0, 1, 5, -1, 0}, 3, 3500},      /* 3 + 0.5 */
        {{ANALOG_UNSIGNED, 0, 0, 4, -25, -2, 2}, 7, 2775000}, /* (28 - 0.25) 100 */
        {{ANALOG_UNSIGNED, 0, 0, 195, 0, 0, -4}, 0xA4, 3198}, /* 3.198 V */
        {{ANALOG_UNSIGNED, 0, 0, 511, 0, 0, -8}, 200, 1},     /* 1.022 thousandths, cut */
        {{ANALOG_UNSIGNED, 0, 0, -512, 0, 0, -6}, 3, -1},     /* -1.536 thousandths, cut */
        {{ANALOG_UNSIGNED, 0, 0, 1, 0, 0, 7}, 1, 10000000000},
        {{ANALOG_TWOS_COMPLEMENT, 0, 0, -512, 0, 0, 7}, 0x80, 655360000000000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t milli;

        assert_true(ipmi_convert(&cases[i].factors, cases[i].raw, &milli));
        assert_int_equal(milli, cases[i].milli);
    }
}

static void parses_records(void **state)
{
    uint8_t bytes[64];
    struct ipmi_sdr sdr;
    struct bmc_sensor sensor = {.name = "Neg",
                                .number = 9,
                                .type = 1,
                                .entity = 3,
                                .unit = 1,
                                .units1 = 0x40,
                                .m = -300,
                                .b = -511,
                                .b_exponent = -8,
                                .r_exponent = 7,
                                .record = 1,
                                .reading_type = 1,
                                .owner = 0x20};
    size_t size = bmc_record(&sensor, 1, bytes);

    (void)state;
    assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, size), &sdr), OK);
    assert_int_equal(sdr.factors.m, -300);
    assert_int_equal(sdr.factors.b, -511);
    assert_int_equal(sdr.factors.b_exponent, -8);
    assert_int_equal(sdr.factors.r_exponent, 7);
    assert_int_equal(sdr.factors.format, ANALOG_ONES_COMPLEMENT);
    assert_int_equal(sdr.compared, 0);
    assert_string_equal(sdr.name, "Neg");
}

static void short_records_are_refused(void **state)
{
    uint8_t bytes[64];
    struct ipmi_sdr sdr;
    size_t size = bmc_record(&bmc_server[0], 1, bytes);

    (void)state;
    for (size_t i = 0; i < 41; i++)
        assert_int_not_equal(ipmi_sdr_parse(bytes_of(bytes, i), &sdr), OK);
    for (size_t i = 41; i <= size; i++)
        assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, i), &sdr), OK);
    assert_string_equal(sdr.name, "FAN1");
    assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, size - 2), &sdr), OK);
    assert_string_equal(sdr.name, "FA");
    assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, 47), &sdr), OK);
    assert_string_equal(sdr.name, "sensor 48");
    bytes[4] = 20;
    assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, size), &sdr), ERR_FORMAT);
}

/* "IPMI" in six bits a character: 29h 30h 2Dh 29h, the first in the lowest bits. */
static void packed_names_are_read(void **state)
{
    uint8_t bytes[64];
    struct ipmi_sdr sdr;

    (void)state;
    bmc_record(&bmc_server[0], 1, bytes);
    bytes[47] = 0x80 | 3;
    bytes[48] = 0x29;
    bytes[49] = 0xDC;
    bytes[50] = 0xA6;
    assert_int_equal(ipmi_sdr_parse(bytes_of(bytes, 51), &sdr), OK);
    assert_string_equal(sdr.name, "IPMI");
}

static void healthy_server_is_described(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 0);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_PROBING);
    run_until(2 * SECOND_US);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    assert_int_equal(count_events(EVENT_PART), 1 + 9);
    assert_int_equal(count_events(EVENT_SERIES), 10);
    assert_int_equal(ipmi_fans(&bench.ipmi), 4);
    assert_int_equal(ipmi_temperatures(&bench.ipmi), 5);
    assert_true(ipmi_has_cpu_temperature(&bench.ipmi));
    assert_int_equal(find_part("FAN1")->kind, PART_FAN);
    assert_int_equal(find_part("CPU1 Temp")->kind, PART_SENSOR);
    assert_int_equal(find_part("CPU1 Temp")->parent, PART_ALL_PROCESSORS);
    assert_string_equal(find_part("CPU1 Temp")->place, "processor 1");
    assert_int_equal(find_part("DIMM A1")->parent, PART_ALL_MEMORY);
    assert_int_equal(find_part("Inlet")->parent, find_part("BMC")->part);
    assert_int_equal(find_series("12V")->part, find_part("BMC")->part);
    assert_string_equal(find_series("Sys Fan 2")->source, "BMC sensor 113");
    assert_string_equal(find_part("BMC")->detail,
                        "IPMI 2.0, firmware 1.42, manufacturer 343, product 4660");
    assert_int_equal(bench.numbers.next_part, 20);
    assert_int_equal(bench.numbers.next_series, 11);
}

static void healthy_server_stays_silent(void **state)
{
    (void)state;
    set_up(BMC_HEALTHY, 0);
    run_until(30 * SECOND_US);
    assert_int_equal(count_warnings(), 0);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 0);
    assert_int_equal(bench.bmc.watchdog_stops, 0);
    assert_int_equal(count_events(EVENT_STEP), 2);
    assert_true(has_note("sensor 80 (Therm Ctrl) have another unit"));
    assert_true(has_note("1 sensors behind other controllers"));
}

static void values_and_limits(void **state)
{
    static const struct {
        const char *name;
        enum quantity quantity;
        int64_t value;
        bool has_low, has_high;
        int64_t low, high;
    } cases[] = {
        {"FAN1", QUANTITY_FAN_SPEED, 4500000, true, false, 600000, 0},
        {"CPU1 Temp", QUANTITY_TEMPERATURE, 41000, false, true, 0, 95000},
        {"Inlet", QUANTITY_TEMPERATURE, -2000, true, true, -5000, 50000},
        {"DIMM A1", QUANTITY_TEMPERATURE, 38500, false, true, 0, 85000},
        {"12V", QUANTITY_VOLTAGE, 11964, true, true, 10767, 13287},
        {"Odd", QUANTITY_TEMPERATURE, 30000, false, false, 0, 0},
    };

    (void)state;
    set_up(BMC_HEALTHY, 0);
    run_until(20 * SECOND_US);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct event_series *series = find_series(cases[i].name);

        assert_int_equal(series->quantity, cases[i].quantity);
        assert_int_equal(series->has_low, cases[i].has_low);
        assert_int_equal(series->has_high, cases[i].has_high);
        assert_int_equal(series->low, cases[i].low);
        assert_int_equal(series->high, cases[i].high);
        assert_int_equal(bench.value[series->series], cases[i].value);
        assert_true(bench.samples[series->series] >= 18);
        assert_true(bench.gap_us[series->series] < 1200000);
    }
    assert_int_equal(bench.samples[find_series("Sys Fan 1")->series], 0);
    assert_int_equal(bench.samples[find_series("Therm Ctrl")->series], 0);
}

/* ---- sensors of other kinds, one at a time */

static void set_up_one(enum bmc_fault fault, const struct bmc_sensor *sensor)
{
    set_up(fault, 0);
    bench.bmc.sensors = sensor;
    bench.bmc.sensor_count = 1;
}

/* A temperature on a staircase: from 40 on each reading stands for 7 degrees more. */
static const struct bmc_sensor stairs = {.name = "Stairs",
                                         .number = 7,
                                         .type = 1,
                                         .entity = 7,
                                         .unit = 1,
                                         .m = 1,
                                         .b = -5,
                                         .linearization = 0x70,
                                         .record = 1,
                                         .reading_type = 1,
                                         .owner = 0x20,
                                         .lun = 1,
                                         .lower_critical = 10,
                                         .upper_critical = 90,
                                         .raw = 30};

/* Its factors are asked for when the reading is another one, and for the limits. */
static void factors_are_asked_for(void **state)
{
    struct bmc_sensor sensor = stairs;
    const struct event_series *series;

    (void)state;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(5 * SECOND_US);
    series = find_series("Stairs");
    assert_true(series->has_low && series->has_high);
    assert_int_equal(series->low, 5000);
    assert_int_equal(series->high, 92000);
    assert_int_equal(bench.value[series->series], 25000);
    assert_int_equal(bench.bmc.factors, 3);
    sensor.raw = 50;
    run_until(10 * SECOND_US);
    assert_int_equal(bench.value[series->series], 52000);
    assert_int_equal(bench.bmc.factors, 4);
    assert_true(bench.samples[series->series] >= 8);
    assert_true(bench.gap_us[series->series] < 1200000);
    assert_int_equal(count_warnings() + count_events(EVENT_SENSOR_STATE), 0);
}

/* Then its threshold states are all that counts, and it is said so once. */
static void factors_may_be_refused(void **state)
{
    struct bmc_sensor sensor = stairs;

    (void)state;
    set_up_one(BMC_FACTORS_REFUSED, &sensor);
    run_until(5 * SECOND_US);
    assert_false(find_series("Stairs")->has_low || find_series("Stairs")->has_high);
    assert_int_equal(bench.samples[find_series("Stairs")->series], 0);
    assert_true(has_note("sensor 7 are not linear"));
    assert_int_equal(bench.bmc.factors, 3 * IPMI_TRIES_MAX);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 0);
    sensor.raw = 95;
    run_until(8 * SECOND_US);
    check_state("Stairs", 0, false, true, false);
    assert_int_equal(bench.bmc.factors, 3 * IPMI_TRIES_MAX);
}

static void factors_may_take_some_tries(void **state)
{
    struct bmc_sensor sensor = stairs;

    (void)state;
    set_up_one(BMC_FACTORS_BUSY, &sensor);
    run_until(5 * SECOND_US);
    assert_int_equal(find_series("Stairs")->high, 92000);
    assert_int_equal(bench.value[find_series("Stairs")->series], 25000);
    assert_int_equal(bench.bmc.factors, 9);
    bench.bmc.fault = BMC_FACTORS_REFUSED; /* after factors were known, it is only silent */
    sensor.raw = 60;
    run_until(12 * SECOND_US);
    check_state("Stairs", 0, false, false, true);
    bench.bmc.fault = BMC_HEALTHY;
    run_until(15 * SECOND_US);
    check_state("Stairs", 1, false, false, false);
    assert_int_equal(bench.value[find_series("Stairs")->series], 62000);
}

/* Its speed is 100,000 over its bytes: the faster, the lower. */
static const struct bmc_sensor inverse_fan = {
    .name = "Inverse",
    .number = 3,
    .type = 4,
    .unit = 18,
    .m = 1,
    .r_exponent = -5,
    .linearization = 7,
    .record = 1,
    .reading_type = 1,
    .owner = 0x20,
    .lower_critical = 5,
    .raw = 80,
};

/* One over the reading: the thresholds of one maker count by raw reading, of another by value. */
static void falling_values_have_their_limits(void **state)
{
    struct bmc_sensor sensor = inverse_fan;

    (void)state;
    sensor.lower_critical = 20, sensor.upper_critical = 200;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(3 * SECOND_US);
    assert_int_equal(bench.value[find_series("Inverse")->series], 1250000);
    assert_int_equal(find_series("Inverse")->low, 500000);
    assert_int_equal(find_series("Inverse")->high, 5000000);
    sensor.raw = 210; /* above the upper one by its bytes: too slow */
    run_until(5 * SECOND_US);
    check_state("Inverse", 0, true, false, false);
    sensor.lower_critical = 200, sensor.upper_critical = 20, sensor.raw = 80;
    set_up_one(BMC_SCANNING_OFF, &sensor); /* the model's comparison would be the other maker's */
    run_until(3 * SECOND_US);
    assert_int_equal(find_series("Inverse")->low, 500000);
    assert_int_equal(find_series("Inverse")->high, 5000000);
    assert_false(bench.ipmi.sensors[0].upside_down);
    sensor.lower_critical = 0, sensor.upper_critical = 200;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(3 * SECOND_US);
    assert_false(find_series("Inverse")->has_low || find_series("Inverse")->has_high);
    assert_int_equal(bench.value[find_series("Inverse")->series], 1250000);
}

/* Reads 1/0 when it stands: there is no value, and the threshold counts. */
static void a_reading_without_a_value_is_missing(void **state)
{
    struct bmc_sensor sensor = inverse_fan;

    (void)state;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(5 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 0);
    sensor.raw = 0;
    run_until(10 * SECOND_US);
    check_state("Inverse", 0, true, false, false);
    check_state("Inverse", 1, true, false, true);
    sensor.raw = 80;
    run_until(12 * SECOND_US);
    check_state("Inverse", 2, false, false, true);
    check_state("Inverse", 3, false, false, false);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 4);
}

static void other_units_are_read(void **state)
{
    static const struct {
        struct bmc_sensor sensor;
        enum quantity quantity;
        int64_t value;
        bool has_high;
        int64_t high;
    } cases[] = {
        {{.type = 0x0B, .unit = 6, .m = 4, .raw = 60, .upper_critical = 200},
         QUANTITY_POWER,
         240000,
         false,
         0},
        {{.type = 0x03, .unit = 6, .m = 2, .raw = 60}, QUANTITY_POWER, 120000, false, 0},
        {{.type = 1, .unit = 2, .m = 1, .raw = 104, .upper_critical = 194},
         QUANTITY_TEMPERATURE,
         40000,
         true,
         90000},
        {{.type = 1, .unit = 3, .m = 2, .raw = 150}, QUANTITY_TEMPERATURE, 26850, false, 0},
        {{.type = 2, .unit = 4, .m = 1, .r_exponent = -1, .linearization = 0x0A, .raw = 90},
         QUANTITY_VOLTAGE,
         3000,
         false,
         0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct bmc_sensor sensor = cases[i].sensor;
        const struct event_series *series;

        sensor.name = "Other";
        sensor.number = 9;
        sensor.record = sensor.reading_type = 1;
        sensor.owner = 0x20;
        set_up_one(BMC_HEALTHY, &sensor);
        run_until(3 * SECOND_US);
        series = find_series("Other");
        assert_int_equal(series->quantity, cases[i].quantity);
        assert_int_equal(bench.value[series->series], cases[i].value);
        assert_int_equal(series->has_high, cases[i].has_high);
        assert_int_equal(series->high, cases[i].high);
        assert_int_equal(count_warnings() + count_events(EVENT_SENSOR_STATE), 0);
    }
}

/* Amperes have no name in a run, a percentage is no speed, and 60h is no curve. */
static void others_are_left_out_and_told(void **state)
{
    struct bmc_sensor sensor = {.name = "Left",
                                .number = 9,
                                .type = 3,
                                .unit = 5,
                                .m = 1,
                                .raw = 30,
                                .record = 1,
                                .reading_type = 1,
                                .owner = 0x20};

    (void)state;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(3 * SECOND_US);
    assert_int_equal(count_events(EVENT_SERIES), 0);
    assert_true(has_note("1 sensors of the BMC measure other things"));
    sensor.type = 4, sensor.unit = 18, sensor.units1 = 1;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(3 * SECOND_US);
    assert_int_equal(bench.samples[find_series("Left")->series], 0);
    assert_true(has_note("sensor 9 (Left) have another unit"));
    sensor.units1 = 0, sensor.linearization = 0x60;
    set_up_one(BMC_HEALTHY, &sensor);
    run_until(3 * SECOND_US);
    assert_int_equal(bench.samples[find_series("Left")->series], 0);
    assert_true(has_note("sensor 9 (Left) have an unknown formula"));
}

/* A BMC that takes long is not waited for: while it works, next to nothing is done. */
static void a_busy_bmc_is_left_alone(void **state)
{
    uint64_t spent_us = 0;
    unsigned steps = 0;

    (void)state;
    set_up(BMC_SLOW, 0);
    run_until(3 * SECOND_US);
    while (bench.bmc.now_us < 6 * SECOND_US) {
        uint64_t before_us = bench.bmc.now_us;
        bool more = ipmi_step(&bench.ipmi);

        spent_us += bench.bmc.now_us - before_us;
        steps++;
        if (!more)
            bmc_sleep(&bench.bmc, 50);
    }
    assert_true(steps > 10000);
    assert_true(spent_us < 3 * SECOND_US / 100);
}

static void absent_ones_are_left(void **state)
{
    static const struct {
        enum bmc_fault fault;
        uint64_t within_us;
        const char *note;
    } cases[] = {
        {BMC_FLOATING, 1000, "port CA2h is not there"},
        {BMC_NEVER_ANSWERS, 16 * SECOND_US, "does not answer"},
        {BMC_STUCK_IBF, 18 * SECOND_US, "does not answer"},
        {BMC_ENDLESS, 16 * SECOND_US, "does not answer"},
        {BMC_GARBAGE, 16 * SECOND_US, "does not answer"},
        {BMC_ALL_ERRORS, SECOND_US, "does not answer as a BMC"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_up(cases[i].fault, 0);
        run_until(cases[i].within_us);
        assert_int_equal(ipmi_state(&bench.ipmi), IPMI_ABSENT);
        assert_true(has_note(cases[i].note));
        assert_int_equal(count_events(EVENT_PART), 0);
        assert_int_equal(count_events(EVENT_STEP), 2);
        run_until(bench.bmc.now_us + SECOND_US);
        assert_int_equal(count_events(EVENT_NOTE), 1);
    }
}

static void walk_survives(void **state)
{
    static const struct {
        enum bmc_fault fault;
        size_t series;
        const char *note;
    } cases[] = {
        {BMC_STUCK_OBF, 10, NULL},
        {BMC_RESERVATION_LOST, 10, NULL},
        {BMC_RESERVATION_NONE, 0, "keeps changing"},
        {BMC_SHORT_SDR, 9, "1 of the BMC's sensor records make no sense"},
        {BMC_LYING_SDR, 10, NULL},
        {BMC_CIRCULAR_SDR, 3, "longer than any known"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_up(cases[i].fault, 0);
        run_until(10 * SECOND_US);
        assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
        assert_int_equal(count_events(EVENT_SERIES), cases[i].series);
        assert_int_equal(count_warnings(), cases[i].note != NULL);
        if (cases[i].note)
            assert_true(has_note(cases[i].note));
    }
}

static void stopped_fan_is_told(void **state)
{
    (void)state;
    set_up(BMC_FAN_STOPS, 5 * SECOND_US);
    bench.bmc.fault_for_us = 5 * SECOND_US;
    run_until(8 * SECOND_US);
    assert_int_equal(bench.value[find_series("FAN1")->series], 0);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 1);
    check_state("FAN1", 0, true, false, false);
    run_until(15 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 2);
    check_state("FAN1", 1, false, false, false);
}

static void heat_is_told(void **state)
{
    (void)state;
    set_up(BMC_HOT, 2 * SECOND_US);
    run_until(30 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 1);
    check_state("CPU1 Temp", 0, false, true, false);
    assert_int_equal(bench.value[find_series("CPU1 Temp")->series], 111000);
}

static void silent_sensor_is_told_and_comes_back(void **state)
{
    (void)state;
    set_up(BMC_SCANNING_OFF, 5 * SECOND_US);
    bench.bmc.fault_for_us = 6 * SECOND_US;
    run_until(10 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 1);
    check_state("FAN1", 0, false, false, true);
    assert_int_equal(ipmi_fans(&bench.ipmi), 3);
    run_until(15 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 2);
    check_state("FAN1", 1, false, false, false);
    assert_int_equal(ipmi_fans(&bench.ipmi), 4);
    bench.bmc.fault_us = 16 * SECOND_US;
    bench.bmc.fault_for_us = 1900000;
    run_until(25 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 2);
}

static void errors_make_all_silent(void **state)
{
    (void)state;
    set_up(BMC_READING_ERRORS, 5 * SECOND_US);
    bench.bmc.fault_for_us = 1900000;
    run_until(10 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 0);
    set_up(BMC_READING_ERRORS, 5 * SECOND_US);
    run_until(10 * SECOND_US);
    assert_int_equal(count_events(EVENT_SENSOR_STATE), 10);
    assert_false(ipmi_has_cpu_temperature(&bench.ipmi));
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
}

static void death_is_told_once(void **state)
{
    static const enum bmc_fault deaths[] = {BMC_DIES, BMC_VANISHES};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        set_up(deaths[i], 5 * SECOND_US);
        run_until(40 * SECOND_US);
        assert_int_equal(ipmi_state(&bench.ipmi), IPMI_DIED);
        assert_int_equal(count_events(EVENT_SENSOR_STATE), 10);
        check_state("12V", 0, false, false, true);
        assert_int_equal(count_warnings(), 1);
        assert_true(has_note("answers no longer"));
        assert_int_equal(ipmi_fans(&bench.ipmi), 0);
    }
}

/* A BMC that is gone for a second, as when it restarts a part of itself, is waited for. */
static void short_absence_is_forgiven(void **state)
{
    (void)state;
    set_up(BMC_VANISHES, 5 * SECOND_US);
    bench.bmc.fault_for_us = 1200000;
    run_until(15 * SECOND_US);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    assert_int_equal(count_events(EVENT_SENSOR_STATE) + count_warnings(), 0);
}

/* At every moment of the first second, the walk included. */
static void death_may_come_at_any_time(void **state)
{
    (void)state;
    for (uint64_t at_us = 0; at_us < SECOND_US; at_us += 7919) {
        set_up(BMC_DIES, at_us);
        run_until(20 * SECOND_US);
        assert_true(ipmi_state(&bench.ipmi) == IPMI_DIED || ipmi_state(&bench.ipmi) == IPMI_ABSENT);
        assert_int_equal(count_events(EVENT_SENSOR_STATE), count_events(EVENT_SERIES));
    }
}

static void hiccup_is_forgiven(void **state)
{
    (void)state;
    set_up(BMC_HICCUP, 5 * SECOND_US);
    run_until(15 * SECOND_US);
    assert_int_equal(bench.bmc.fault, BMC_HEALTHY);
    assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
    assert_int_equal(count_events(EVENT_SENSOR_STATE) + count_warnings(), 0);
}

static void watchdog_is_stopped(void **state)
{
    (void)state;
    set_up(BMC_WATCHDOG, 0);
    run_until(3 * SECOND_US);
    assert_false(bench.bmc.watchdog_running);
    assert_int_equal(bench.bmc.watchdog_stops, 1);
    assert_int_equal(count_warnings(), 0);
    assert_true(has_note("running (30 s) and was stopped; it would have reset the machine"));
    set_up(BMC_WATCHDOG_STAYS, 0);
    run_until(3 * SECOND_US);
    assert_int_equal(bench.bmc.watchdog_stops, 1);
    assert_int_equal(count_warnings(), 1);
    assert_true(has_note("could not be stopped"));
}

static const struct event_restart *find_restart(void)
{
    for (size_t i = 0; i < bench.event_count; i++)
        if (bench.events[i].type == EVENT_RESTART)
            return &bench.events[i].restart;
    return NULL;
}

/* Table 28-11 of IPMI 2.0. */
static void restart_cause_is_told(void **state)
{
    static const uint8_t causes[16] = {
        RESTART_UNKNOWN,  RESTART_COMMAND, RESTART_RESET_BUTTON, RESTART_POWER_BUTTON,
        RESTART_WATCHDOG, RESTART_OTHER,   RESTART_POWER_BACK,   RESTART_POWER_BACK,
        RESTART_POLICY,   RESTART_POLICY,  RESTART_SOFT,         RESTART_ALARM,
        RESTART_UNKNOWN,  RESTART_UNKNOWN, RESTART_UNKNOWN,      RESTART_UNKNOWN,
    };

    (void)state;
    for (uint8_t code = 0; code < 16; code++) {
        set_up(BMC_HEALTHY, 0);
        bench.bmc.restart_cause = code;
        run_until(SECOND_US / 10);
        assert_non_null(find_restart());
        assert_int_equal(find_restart()->witness, RESTART_TOLD_BY_BMC);
        assert_int_equal(find_restart()->cause, causes[code]);
    }
}

/* The sensors are read all the same. */
static void restart_cause_may_be_refused(void **state)
{
    static const enum bmc_fault faults[] = {BMC_RESTART_REFUSED, BMC_RESTART_SHORT};

    (void)state;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        set_up(faults[i], 0);
        bench.bmc.restart_cause = 2;
        run_until(3 * SECOND_US);
        assert_null(find_restart());
        assert_int_equal(ipmi_state(&bench.ipmi), IPMI_READY);
        assert_int_equal(count_warnings(), 0);
    }
}

static void slow_bmc_keeps_its_pace(void **state)
{
    (void)state;
    set_up(BMC_SLOW, 0);
    run_until(20 * SECOND_US);
    assert_int_equal(count_warnings(), 0);
    assert_true(bench.gap_us[find_series("FAN1")->series] < 1500000);
}

/* A large server at 10 ms a reading: every sensor comes round within ten seconds. */
static void many_sensors_come_round(void **state)
{
    static struct bmc_sensor many[200];

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        many[i] = bmc_server[2];
        many[i].number = (uint8_t)i;
    }
    set_up(BMC_SLOW, 0);
    bench.bmc.sensors = many;
    bench.bmc.sensor_count = 200;
    run_until(30 * SECOND_US);
    assert_int_equal(ipmi_temperatures(&bench.ipmi), 200);
    assert_int_equal(count_warnings(), 0);
    for (uint16_t i = 1; i <= 200; i++)
        assert_in_range(bench.gap_us[i], SECOND_US, 5 * SECOND_US);
}

static void stop_leaves_the_bmc_at_rest(void **state)
{
    unsigned calls = 0;
    unsigned readings;

    (void)state;
    set_up(BMC_HEALTHY, 0);
    run_until(3 * SECOND_US);
    while (!bench.ipmi.asked)
        run_until(bench.bmc.now_us + 200);
    while (!ipmi_stop(&bench.ipmi) && ++calls < 1000)
        bmc_sleep(&bench.bmc, 200);
    assert_true(calls > 0 && calls < 1000);
    assert_int_equal(bench.bmc.state, 0);
    readings = bench.bmc.readings;
    run_until(bench.bmc.now_us + 3 * SECOND_US);
    assert_int_equal(bench.bmc.readings, readings);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts),
        cmocka_unit_test(parses_records),
        cmocka_unit_test(short_records_are_refused),
        cmocka_unit_test(packed_names_are_read),
        cmocka_unit_test(healthy_server_is_described),
        cmocka_unit_test(healthy_server_stays_silent),
        cmocka_unit_test(values_and_limits),
        cmocka_unit_test(factors_are_asked_for),
        cmocka_unit_test(factors_may_be_refused),
        cmocka_unit_test(factors_may_take_some_tries),
        cmocka_unit_test(falling_values_have_their_limits),
        cmocka_unit_test(a_reading_without_a_value_is_missing),
        cmocka_unit_test(other_units_are_read),
        cmocka_unit_test(others_are_left_out_and_told),
        cmocka_unit_test(a_busy_bmc_is_left_alone),
        cmocka_unit_test(absent_ones_are_left),
        cmocka_unit_test(walk_survives),
        cmocka_unit_test(stopped_fan_is_told),
        cmocka_unit_test(heat_is_told),
        cmocka_unit_test(silent_sensor_is_told_and_comes_back),
        cmocka_unit_test(errors_make_all_silent),
        cmocka_unit_test(death_is_told_once),
        cmocka_unit_test(death_may_come_at_any_time),
        cmocka_unit_test(short_absence_is_forgiven),
        cmocka_unit_test(hiccup_is_forgiven),
        cmocka_unit_test(watchdog_is_stopped),
        cmocka_unit_test(restart_cause_is_told),
        cmocka_unit_test(restart_cause_may_be_refused),
        cmocka_unit_test(slow_bmc_keeps_its_pace),
        cmocka_unit_test(many_sensors_come_round),
        cmocka_unit_test(stop_leaves_the_bmc_at_rest),
    };

    return cmocka_run_group_tests_name("ipmi", tests, NULL, NULL);
}
