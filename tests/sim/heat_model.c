#include "tests/sim/heat_model.h"

#include "base/prng.h"

enum { SETTLE_S = 60 };

const char *const heat_kind_names[HEAT_KINDS] = {"notebook", "mini",   "desktop",
                                                 "seeker",   "liquid", "server"};
const char *const heat_fault_names[HEAT_FAULTS + 1] = {
    "loose heat sink", "dry paste",    "dead fan",    "slow fan",
    "deaf fan",        "blocked case", "weak supply", "(healthy)"};

/* ---- random numbers */

double heat_from(struct heat_machine *machine, double low, double high)
{
    return low + (high - low) * (double)prng_below(&machine->dealing, 1000001) / 1000000;
}

bool heat_chance(struct heat_machine *machine, unsigned percent)
{
    return prng_below(&machine->dealing, 100) < percent;
}

/* The sum of three is near enough to normal; `size` is its deviation. */
double heat_noise(struct heat_machine *machine, double size)
{
    double sum = 0;

    for (unsigned i = 0; i < 3; i++)
        sum += (double)prng_below(&machine->noise, 2001) / 1000 - 1;
    return sum * size;
}

static double bounded(double value, double low, double high)
{
    return value < low ? low : value > high ? high : value;
}

/* ---- fans */

static double wanted_speed(const struct heat_machine *machine, const struct heat_fan *fan)
{
    double heat = fan->follows ? machine->case_air : machine->smoothed;

    if (fan->constant || fan->pump)
        return 1;
    if (fan->stuck)
        return fan->slowest;
    if (fan->passive && heat < fan->cool - (fan->speed > 0 ? 6 : 0))
        return 0;

    return fan->slowest +
           (1 - fan->slowest) * bounded((heat - fan->cool) / (fan->hot - fan->cool), 0, 1);
}

static void turn_fans(struct heat_machine *machine, double seconds)
{
    for (unsigned i = 0; i < machine->fan_count; i++) {
        struct heat_fan *fan = &machine->fans[i];
        double wanted = wanted_speed(machine, fan);

        if (fan->fails_s >= 0 && machine->time_s >= fan->fails_s) {
            if (!fan->failed)
                fan->most = fan->left * (fan->fails_s > 0 ? fan->speed : fan->slowest);
            fan->failed = true;
            wanted = wanted < fan->most ? wanted : fan->most;
        }
        fan->speed += (wanted - fan->speed) * bounded(seconds / 1.5, 0, 1);
        if (wanted <= 0 && fan->speed < 0.04)
            fan->speed = 0;
    }
}

/* Of the heat sink the first fan is; what moves the air of the case are all of them. */
static double case_speed(const struct heat_machine *machine)
{
    double sum = 0;
    unsigned count = 0;

    for (unsigned i = 0; i < machine->fan_count; i++) {
        if (machine->fans[i].pump)
            continue;
        sum += machine->fans[i].speed;
        count++;
    }
    return count ? sum / count : 0;
}

static double conductance(double resistance, double still, double speed)
{
    return (still + (1 - still) * speed) / resistance;
}

/* ---- power */

/* What a processor at this load draws at a clock; 1 is the base. */
static double clock_of(double power, double load, double base)
{
    return 0.4 + 0.6 * power / (load * base);
}

static double wanted_power(struct heat_machine *machine, double load)
{
    double most = machine->load_s < machine->burst_s ? machine->power_burst : machine->power_long;

    machine->wave += heat_noise(machine, 0.01) - machine->wave * 0.05;
    most *= 1 + bounded(machine->wave, -0.1, 0.1);
    if (machine->slow_firmware)
        most = machine->power_base * 0.5;
    machine->prochot = machine->supply_s >= 0 && machine->load_s > machine->supply_s;
    if (machine->prochot)
        most = machine->power_base * machine->supply_share;
    return most * load;
}

static void draw_power(struct heat_machine *machine, double load)
{
    double room = (machine->limit - 0.5 - machine->spreader) / machine->junction;
    double least = machine->power_base * 0.08;
    double power = wanted_power(machine, load);

    if (load <= 0.05) {
        machine->power = machine->power_idle * (1 + machine->wave);
        machine->clock = machine->slow_firmware ? 0.7 : 1 + (machine->clock_top - 1) / 2;
        machine->slow_s = 0;
        return;
    }
    if (power > room)
        power = room > least ? room : least;
    machine->power = power > machine->power_idle ? power : machine->power_idle;
    machine->clock = bounded(clock_of(power, load, machine->power_base), 0.2, machine->clock_top);
}

static void count_slowness(struct heat_machine *machine, double seconds)
{
    if (machine->clock >= 0.98) {
        machine->slow_s = 0;
        machine->slow_hottest = 0;
        return;
    }
    machine->slow_s += seconds;
    if (machine->slow_s > machine->slow_longest_s)
        machine->slow_longest_s = machine->slow_s;
    if (machine->die > machine->slow_hottest)
        machine->slow_hottest = machine->die;
}

/* ---- heat */

static void flow(struct heat_machine *machine, double seconds)
{
    double speed =
        machine->fan_count && !machine->fans[0].pump ? machine->fans[0].speed : case_speed(machine);
    double share = seconds / machine->spreader_capacity; /* backward Euler: it is quick */
    double to_sink;
    double to_air = (machine->sinks - machine->case_air) *
                    conductance(machine->sink, machine->still_sink, speed);
    double out = (machine->case_air - machine->ambient) *
                 conductance(machine->air, machine->still_air, case_speed(machine));

    machine->spreader =
        (machine->spreader + share * (machine->power + machine->sinks / machine->contact)) /
        (1 + share / machine->contact);
    to_sink = (machine->spreader - machine->sinks) / machine->contact;
    machine->sinks += (to_sink - to_air) * seconds / machine->sink_capacity;
    machine->case_air += (to_air - out) * seconds / machine->air_capacity;
    machine->die = machine->spreader + machine->junction * machine->power;
    machine->smoothed += (machine->die - machine->smoothed) * bounded(seconds / 4, 0, 1);
}

static void warm_drive(struct heat_machine *machine, double load, double seconds)
{
    double wanted = machine->case_air + machine->drive_rest + machine->drive_rise * load;

    machine->drive += (wanted - machine->drive) * bounded(seconds / machine->drive_s, 0, 1);
}

void heat_step(struct heat_machine *machine, enum heat_phase phase, double seconds)
{
    static const double drive_loads[HEAT_PHASES] = {0, 0, 1, 1, 0};
    double load = machine->loads[phase];

    machine->time_s += seconds;
    if (load > 0.05)
        machine->load_s += seconds;
    turn_fans(machine, seconds);
    draw_power(machine, load);
    flow(machine, seconds);
    warm_drive(machine, drive_loads[phase], seconds);
    if (load > 0.05)
        count_slowness(machine, seconds);
}

void heat_settle(struct heat_machine *machine)
{
    machine->die = machine->spreader = machine->sinks = machine->case_air = machine->ambient;
    machine->drive = machine->ambient + machine->drive_rest;
    machine->smoothed = machine->ambient;
    for (unsigned i = 0; i < machine->fan_count; i++)
        machine->fans[i].speed = machine->fans[i].fails_s == 0 ? 0 : machine->fans[i].slowest;
    machine->power = machine->power_idle;
    for (unsigned round = 0; round < 40; round++) {
        double speed;

        turn_fans(machine, 10);
        speed = machine->fan_count && !machine->fans[0].pump ? machine->fans[0].speed
                                                             : case_speed(machine);
        machine->case_air =
            machine->ambient + machine->power_idle / conductance(machine->air, machine->still_air,
                                                                 case_speed(machine));
        machine->sinks =
            machine->case_air +
            machine->power_idle / conductance(machine->sink, machine->still_sink, speed);
        machine->spreader = machine->sinks + machine->contact * machine->power_idle;
        machine->die = machine->spreader + machine->junction * machine->power_idle;
        machine->smoothed = machine->die;
    }
    machine->drive = machine->case_air + machine->drive_rest;
    while (machine->time_s < SETTLE_S) /* so that fans fit the heat */
        heat_step(machine, HEAT_BASELINE, 0.25);
    machine->time_s = 0;
}
