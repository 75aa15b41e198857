#include "tests/sim/heat_machine.h"

#include "base/prng.h"

static const struct {
    double watts_low, watts_high;   /* at the base clock */
    double quick_low, quick_high;   /* share of the rise that is junction and contact */
    double sink_s_low, sink_s_high; /* time constant */
    double still_low, still_high;   /* of the conductance that is left without fans */
    unsigned fans_readable;         /* percent */
} kinds[HEAT_KINDS] = {
    [HEAT_NOTEBOOK] = {6, 55, 0.25, 0.5, 40, 120, 0.15, 0.35, 40},
    [HEAT_MINI] = {5, 35, 0.25, 0.5, 50, 200, 0.25, 0.6, 60},
    [HEAT_DESKTOP] = {35, 150, 0.25, 0.5, 60, 150, 0.15, 0.3, 80},
    [HEAT_SEEKER] = {65, 170, 0.5, 0.72, 60, 180, 0.15, 0.3, 80},
    [HEAT_LIQUID] = {65, 200, 0.5, 0.72, 120, 300, 0.12, 0.25, 80},
    [HEAT_SERVER] = {65, 400, 0.3, 0.6, 30, 90, 0.05, 0.15, 95},
};

/* ---- the machine */

static void deal_power(struct heat_machine *machine)
{
    double base =
        heat_from(machine, kinds[machine->kind].watts_low, kinds[machine->kind].watts_high);

    machine->power_base = base;
    machine->power_idle = base * heat_from(machine, 0.03, 0.12);
    machine->power_long = base * heat_from(machine, 1, machine->kind == HEAT_SERVER ? 1.3 : 2.2);
    machine->power_limit = machine->power_long;
    machine->power_burst = machine->power_long * heat_from(machine, 1, 1.4);
    machine->burst_s = heat_chance(machine, 50) ? heat_from(machine, 8, 56) : 0;
    machine->clock_base = heat_from(machine, 0.8, 4.2);
    machine->clock_top = heat_from(machine, 1.15, 2.2);
    machine->slow_firmware = heat_chance(machine, 6);
    machine->supply_s = -1;
    if (machine->kind == HEAT_SEEKER)
        machine->power_long = machine->power_burst = base * heat_from(machine, 1.5, 2.5);
}

/* The rise at the base clock, all of it at work and fans at full speed, is shared out among what
 * is in its way. A machine is built for its room, and for some degrees more. */
static void deal_resistances(struct heat_machine *machine)
{
    double base = machine->power_base;
    double room = machine->limit - machine->ambient - heat_from(machine, 3, 25);
    double rise = room > 75 ? 75 : room;
    double quick =
        heat_from(machine, kinds[machine->kind].quick_low, kinds[machine->kind].quick_high);
    double air = machine->kind == HEAT_NOTEBOOK ? heat_from(machine, 0.03, 0.1)
                                                : heat_from(machine, 0.05, 0.2);
    double contact = heat_from(machine, 0.15, 0.35);
    double sink_s =
        heat_from(machine, kinds[machine->kind].sink_s_low, kinds[machine->kind].sink_s_high);

    machine->junction = rise * quick * (1 - contact) / base;
    machine->contact = rise * quick * contact / base;
    machine->air = rise * air / base;
    machine->sink = rise * (1 - quick - air) / base;
    machine->still_sink =
        heat_from(machine, kinds[machine->kind].still_low, kinds[machine->kind].still_high);
    machine->still_air = heat_from(machine, 0.15, 0.4);
    machine->spreader_capacity = base * heat_from(machine, 0.06, 0.15);
    if (machine->spreader_capacity > 20)
        machine->spreader_capacity = 20;
    if (machine->spreader_capacity < 1)
        machine->spreader_capacity = 1;
    machine->sink_capacity = sink_s / machine->sink;
    machine->air_capacity = heat_from(machine, 100, 600) / machine->air;
}

static void deal_fan(struct heat_machine *machine, unsigned index)
{
    struct heat_fan *fan = &machine->fans[index];

    *fan = (struct heat_fan){
        .rpm_max = heat_from(machine, 1200, machine->kind == HEAT_SERVER ? 14000 : 5000),
        .slowest = heat_from(machine, 0.2, 0.6),
        .cool = heat_from(machine, 38, 55),
        .hot = heat_from(machine, 68, machine->limit - 8),
        .constant = index > 0 && heat_chance(machine, 25),
        .passive = machine->kind != HEAT_SERVER && heat_chance(machine, 15),
        .follows = index > 0 && heat_chance(machine, 20),
        .fails_s = -1,
        .named = heat_chance(machine, 60),
        .readable = heat_chance(machine, kinds[machine->kind].fans_readable),
    };
    if (fan->follows) {
        fan->cool = machine->ambient + 2;
        fan->hot = machine->ambient + heat_from(machine, 8, 20);
    }
}

static void deal_fans(struct heat_machine *machine)
{
    machine->fan_count = 1 + (unsigned)prng_below(&machine->dealing, HEAT_FANS - 1);
    if (machine->kind == HEAT_NOTEBOOK || machine->kind == HEAT_MINI)
        machine->fan_count = 1 + heat_chance(machine, 30);
    for (unsigned i = 0; i < machine->fan_count; i++)
        deal_fan(machine, i);
    if (machine->kind != HEAT_LIQUID || machine->fan_count == HEAT_FANS)
        return;
    deal_fan(machine, machine->fan_count);
    machine->fans[machine->fan_count].pump = true;
    machine->fans[machine->fan_count].constant = true;
    machine->fans[machine->fan_count++].passive = false;
}

static void deal_times(struct heat_machine *machine)
{
    machine->phases_s[HEAT_BASELINE] = heat_from(machine, 6, 15);
    machine->phases_s[HEAT_MEMORY] = heat_from(machine, 40, 240);
    machine->phases_s[HEAT_DISKS] = heat_from(machine, 6, 60);
    machine->phases_s[HEAT_IMAGING] = heat_from(machine, 180, 420);
    machine->phases_s[HEAT_COOL_DOWN] = heat_from(machine, 12, 60);
    machine->loads[HEAT_MEMORY] = heat_from(machine, 0.75, 1);
    machine->loads[HEAT_DISKS] = heat_from(machine, 0.2, 0.6);
    machine->loads[HEAT_IMAGING] = heat_from(machine, 0.8, 1);
}

void heat_deal_machine(struct heat_machine *machine)
{
    machine->kind = (enum heat_kind)prng_below(&machine->dealing, HEAT_KINDS);
    machine->ambient = heat_from(machine, 10, 40);
    machine->limit = machine->kind == HEAT_SEEKER && heat_chance(machine, 60)
                         ? 95
                         : (double)(int)heat_from(machine, 85, 105);
    deal_power(machine);
    deal_resistances(machine);
    deal_fans(machine);
    deal_times(machine);
    machine->drive_rest = heat_from(machine, 4, 15);
    machine->drive_rise = heat_from(machine, 2, 25);
    machine->drive_s = heat_from(machine, 60, 400);
    machine->board_share = heat_from(machine, 0.02, 0.15);
    machine->module_share = heat_from(machine, 0.05, 0.25);
}

void heat_deal_sensors(struct heat_machine *machine, struct heat_sensors *sensors)
{
    bool server = machine->kind == HEAT_SERVER;

    *sensors = (struct heat_sensors){
        .chassis = heat_chance(machine, 90),
        .processor = heat_chance(machine, 93),
        .has_limit = heat_chance(machine, 90),
        .power = heat_chance(machine, 65),
        .has_power_limit = heat_chance(machine, 60),
        .clock = heat_chance(machine, 85),
        .prochot = heat_chance(machine, 90),
        .bmc = heat_chance(machine, server ? 85 : 25),
        .bmc_limit = heat_chance(machine, 70),
        .fans_by_bmc = server || heat_chance(machine, 20),
        .fan_low = heat_chance(machine, 35),
        .board = heat_chance(machine, 60),
        .module = heat_chance(machine, 30),
        .drive = heat_chance(machine, 80),
        .stuck = heat_chance(machine, 10),
        .processor_s = heat_chance(machine, 80) ? 1 : heat_from(machine, 1, 10),
        .slow_s = heat_from(machine, 1, 10),
        .step = heat_chance(machine, 60) ? 1 : 0.125,
        .noise = heat_from(machine, 0.05, 0.7),
        .rpm_step = heat_chance(machine, 50) ? 1 : heat_from(machine, 10, 75),
    };
}
