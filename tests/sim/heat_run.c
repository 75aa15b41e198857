#include "tests/sim/heat_run.h"

#include <stdio.h>

#include "base/text.h"
#include "diagnosis/verdicts.h"

enum { PROCESSOR = 10, CLOCK, POWER, BMC_HEAT, BOARD, MODULE, DRIVE, STUCK, FAN = 20, SERIES = 28 };

static const char *const phases[HEAT_PHASES] = {"baseline", "memory", "disks", "imaging",
                                                "cool-down"};

struct heat_rig {
    struct heat_machine machine;
    struct heat_sensors sensors;
    struct evidence evidence;
    double next_s[SERIES]; /* of the next sample; negative: there is no such series */
    double period_s[SERIES];
    bool low[SERIES];
    bool prochot_told;
};

static void say(struct heat_rig *rig, struct event *event)
{
    event->time_us = (uint64_t)(rig->machine.time_s * 1000000);
    evidence_add(&rig->evidence, event);
}

/* ---- what there is */

static void start(struct heat_rig *rig)
{
    struct event event = {.type = EVENT_RUN_START};

    if (rig->sensors.chassis)
        event.run_start.chassis =
            rig->machine.kind == HEAT_NOTEBOOK ? CHASSIS_PORTABLE : CHASSIS_FIXED;
    say(rig, &event);
}

static void declare_part(struct heat_rig *rig, part_id part, enum part_kind kind, const char *name)
{
    struct event event = {.type = EVENT_PART, .part = {.part = part, .kind = (uint8_t)kind}};

    copy_text(event.part.name, NAME_SIZE, name);
    say(rig, &event);
}

static void declare(struct heat_rig *rig, unsigned series, part_id part, enum quantity quantity,
                    const char *name, double low, double high)
{
    struct event event = {.type = EVENT_SERIES,
                          .series = {.series = (uint16_t)series,
                                     .part = part,
                                     .quantity = (uint8_t)quantity,
                                     .has_low = low > 0,
                                     .has_high = high > 0,
                                     .low = (int64_t)(low * 1000),
                                     .high = (int64_t)(high * 1000)}};

    copy_text(event.series.name, NAME_SIZE, name);
    say(rig, &event);
    rig->period_s[series] = part == PROCESSOR ? rig->sensors.processor_s : rig->sensors.slow_s;
    rig->next_s[series] = heat_from(&rig->machine, 0, rig->period_s[series]);
}

static void declare_place(struct heat_rig *rig, unsigned series, const char *name, double high)
{
    declare_part(rig, (part_id)series, series == DRIVE ? PART_DISK : PART_SENSOR, name);
    declare(rig, series, (part_id)series, QUANTITY_TEMPERATURE, name, 0, high);
}

static double lowest_rpm(const struct heat_fan *fan)
{
    return fan->passive ? 0 : fan->rpm_max * fan->slowest * 0.8;
}

static void declare_fan(struct heat_rig *rig, unsigned index)
{
    const struct heat_fan *fan = &rig->machine.fans[index];
    bool has_low = rig->sensors.fans_by_bmc && rig->sensors.fan_low;
    char name[16];

    if (!fan->readable)
        return;
    if (fan->pump && fan->named)
        copy_text(name, sizeof(name), "AIO_PUMP");
    else if (index == 0 && fan->named)
        copy_text(name, sizeof(name), rig->machine.seed & 8 ? "CPU_FAN" : "CPU Fan");
    else
        format_text(name, sizeof(name), "fan%u", index + 1);
    declare_part(rig, (part_id)(FAN + index), PART_FAN, name);
    declare(rig, FAN + index, (part_id)(FAN + index), QUANTITY_FAN_SPEED, name,
            has_low ? lowest_rpm(fan) : 0, 0);
}

static void declare_all(struct heat_rig *rig)
{
    const struct heat_sensors *sensors = &rig->sensors;
    struct heat_machine *machine = &rig->machine;
    double limit = machine->limit;

    start(rig);
    declare_part(rig, PART_ALL_PROCESSORS, PART_PROCESSOR, "Simulated");
    declare_part(rig, PROCESSOR, PART_SENSOR, "CPU package 0");
    if (sensors->processor)
        declare(rig, PROCESSOR, PROCESSOR, QUANTITY_TEMPERATURE, "CPU package 0", 0,
                sensors->has_limit ? limit : 0);
    if (sensors->clock)
        declare(rig, CLOCK, PROCESSOR, QUANTITY_CLOCK, "CPU package 0 clock",
                machine->clock_base * 1000, 0);
    if (sensors->power)
        declare(rig, POWER, PROCESSOR, QUANTITY_POWER, "CPU package 0 power", 0,
                sensors->has_power_limit ? machine->power_limit : 0);
    if (sensors->bmc)
        declare_place(rig, BMC_HEAT, "CPU1 Temp", sensors->bmc_limit ? limit + 4 : 0);
    if (sensors->board)
        declare_place(rig, BOARD, "System", 0);
    if (sensors->module)
        declare_place(rig, MODULE, "DIMM A1", 95);
    if (sensors->drive)
        declare_place(rig, DRIVE, "Drive", 90);
    if (sensors->stuck)
        declare_place(rig, STUCK, "AUXTIN", 80);
    for (unsigned i = 0; i < machine->fan_count; i++)
        declare_fan(rig, i);
}

/* ---- readings */

static double quantised(double value, double step)
{
    return (double)(int64_t)(value / step + (value < 0 ? -0.5 : 0.5)) * step;
}

static double read_fan(struct heat_rig *rig, const struct heat_fan *fan)
{
    double rpm = fan->rpm_max * fan->speed * (1 + heat_noise(&rig->machine, 0.004));

    if (heat_noise(&rig->machine, 1) > 2.9) /* a reading gone wrong, now and then */
        return 0;
    return rpm < 60 ? 0 : quantised(rpm, rig->sensors.rpm_step);
}

/* A processor's own sensor counts down from its limit and ends there. */
static double read_processor(struct heat_rig *rig)
{
    double value = rig->machine.die + heat_noise(&rig->machine, rig->sensors.noise);

    value = quantised(value, rig->sensors.step);
    return value > rig->machine.limit ? rig->machine.limit : value;
}

static double read_series(struct heat_rig *rig, unsigned series)
{
    struct heat_machine *machine = &rig->machine;
    double noise = heat_noise(machine, 0.3);

    switch (series) {
    case PROCESSOR:
        return read_processor(rig);
    case CLOCK:
        return machine->clock * machine->clock_base * 1000 * (1 + noise * 0.01);
    case POWER:
        return machine->power * (1 + noise * 0.02);
    case BMC_HEAT:
        return quantised(machine->die + noise, 1);
    case BOARD:
        return quantised(machine->case_air +
                             machine->board_share * (machine->die - machine->case_air) + noise,
                         1);
    case MODULE:
        return quantised(machine->case_air +
                             machine->module_share * (machine->die - machine->case_air) + noise,
                         0.25);
    case DRIVE:
        return quantised(machine->drive + noise, 1);
    case STUCK:
        return 127;
    default:
        return read_fan(rig, &machine->fans[series - FAN]);
    }
}

static void tell_low(struct heat_rig *rig, unsigned series, double value)
{
    const struct heat_fan *fan = &rig->machine.fans[series - FAN];
    bool low = rig->sensors.fans_by_bmc && rig->sensors.fan_low && value < lowest_rpm(fan);
    struct event event = {.type = EVENT_SENSOR_STATE,
                          .sensor_state = {.series = (uint16_t)series, .below_critical = low}};

    if (low == rig->low[series])
        return;
    rig->low[series] = low;
    say(rig, &event);
}

static void tell_prochot(struct heat_rig *rig)
{
    struct event event = {.type = EVENT_SENSOR_STATE,
                          .sensor_state = {.series = PROCESSOR, .prochot = true}};

    if (!rig->machine.prochot || !rig->sensors.prochot || rig->prochot_told)
        return;
    rig->prochot_told = true;
    say(rig, &event);
}

static void sample(struct heat_rig *rig)
{
    for (unsigned series = PROCESSOR; series < SERIES; series++) {
        struct event event = {.type = EVENT_SAMPLE, .sample = {.series = (uint16_t)series}};
        double value;

        if (rig->period_s[series] <= 0 || rig->machine.time_s < rig->next_s[series])
            continue;
        rig->next_s[series] += rig->period_s[series];
        value = read_series(rig, series);
        event.sample.value = (int64_t)(value * 1000);
        if (series >= FAN)
            tell_low(rig, series, value);
        say(rig, &event);
    }
    tell_prochot(rig);
}

/* ---- the run */

static void begin_phase(struct heat_rig *rig, const char *name)
{
    struct event event = {.type = EVENT_PHASE_START};

    copy_text(event.phase_start.phase, NAME_SIZE, name);
    say(rig, &event);
}

static void print_state(const struct heat_machine *machine, const char *phase)
{
    printf("%7.1f %-9s die %5.1f spreader %5.1f sink %5.1f air %5.1f drive %4.1f | %6.1f W clock "
           "%4.2f | fans",
           machine->time_s, phase, machine->die, machine->spreader, machine->sinks,
           machine->case_air, machine->drive, machine->power, machine->clock);
    for (unsigned i = 0; i < machine->fan_count; i++)
        printf(" %4.2f", machine->fans[i].speed);
    printf("\n");
}

static void run_phase(struct heat_rig *rig, enum heat_phase phase, bool print)
{
    double end = rig->machine.time_s + rig->machine.phases_s[phase];
    unsigned steps = 0;

    begin_phase(rig, phases[phase]);
    while (rig->machine.time_s < end) {
        heat_step(&rig->machine, phase, 0.25);
        sample(rig);
        if (print && steps++ % 8 == 0)
            print_state(&rig->machine, phases[phase]);
    }
}

/* ---- what was said */

static void print_machine(const struct heat_rig *rig)
{
    const struct heat_machine *machine = &rig->machine;

    printf("%s, %s: %.0f W at base (idle %.1f, long %.0f), %.0f C in the room, limit %.0f; "
           "junction %.3f contact %.3f sink %.3f air %.3f K/W\n",
           heat_kind_names[machine->kind], heat_fault_names[machine->fault], machine->power_base,
           machine->power_idle, machine->power_long, machine->ambient, machine->limit,
           machine->junction, machine->contact, machine->sink, machine->air);
    for (unsigned i = 0; i < machine->fan_count; i++) {
        const struct heat_fan *fan = &machine->fans[i];

        printf("fan %u:%s%s%s%s%s%s fails %.0f\n", i + 1, fan->readable ? " readable" : "",
               fan->named ? " named" : "", fan->constant ? " constant" : "",
               fan->passive ? " passive" : "", fan->pump ? " pump" : "",
               fan->follows ? " follows the case" : "", fan->fails_s);
    }
}

static void judge_it(struct heat_rig *rig, bool print, struct heat_score *ret)
{
    static struct event_finding findings[FINDINGS_LIMIT];
    unsigned count = judge(&rig->evidence, findings, FINDINGS_LIMIT);

    ret->findings = (uint8_t)count;
    ret->first = (uint8_t)(count ? verdict_find(findings[0].id) : VERDICTS);
    ret->certainty = count ? findings[0].certainty : 0;
    ret->right = heat_is_right(&rig->machine, (enum verdict)ret->first);
    format_text(ret->said, sizeof(ret->said), "%s %s", count ? findings[0].id : "nothing",
                count ? findings[0].evidence : "");
    for (unsigned i = 0; print && i < count; i++)
        printf("%s %s %s: %s\n", findings[i].id, certainty_names[findings[i].certainty],
               findings[i].component, findings[i].evidence);
}

void heat_run(uint64_t seed, bool print, struct heat_score *ret)
{
    static struct heat_rig rig;

    for (unsigned i = 0; i < SERIES; i++) {
        rig.period_s[i] = 0;
        rig.low[i] = false;
    }
    rig.prochot_told = false;
    evidence_init(&rig.evidence);
    heat_deal(&rig.machine, &rig.sensors, seed);
    if (print)
        print_machine(&rig);
    declare_all(&rig);
    for (unsigned phase = 0; phase < HEAT_PHASES; phase++)
        run_phase(&rig, (enum heat_phase)phase, print);
    begin_phase(&rig, "verdict");
    judge_it(&rig, print, ret);
    ret->seed = seed;
    ret->kind = (uint8_t)rig.machine.kind;
    ret->fault = (uint8_t)rig.machine.fault;
    ret->done = true;
}
