/*
 * What is wrong with the cooling of a machine, and whether its sensors can show it.
 */
#include <string.h>

#include "base/prng.h"
#include "tests/sim/heat_machine.h"

/* A fault of cooling counts as one when the processor is below its base clock for this long. */
enum { SUFFERS_S = 60 };

/* Load comes with the memory phase and goes with the imaging phase. */
static double time_under_load(struct heat_machine *machine)
{
    double memory = machine->phases_s[HEAT_BASELINE];
    double imaging = memory + machine->phases_s[HEAT_MEMORY] + machine->phases_s[HEAT_DISKS];

    if (heat_chance(machine, 40))
        return memory + heat_from(machine, 5, machine->phases_s[HEAT_MEMORY] - 35);
    return imaging + heat_from(machine, 5, machine->phases_s[HEAT_IMAGING] - 60);
}

static void fail_fan(struct heat_machine *machine, double left)
{
    struct heat_fan *fan = &machine->fans[0];

    fan->left = left;
    fan->fails_s = heat_chance(machine, 60) ? time_under_load(machine) : 0;
}

static void deal_fault(struct heat_machine *machine)
{
    switch (machine->fault) {
    case HEAT_LOOSE:
        machine->contact *= heat_from(machine, 12, 60);
        break;
    case HEAT_DRY: /* 20 to 50 degrees more at the base clock */
        machine->contact += heat_from(machine, 20, 50) / machine->power_base;
        break;
    case HEAT_FAN_DEAD:
        fail_fan(machine, 0);
        break;
    case HEAT_FAN_SLOW:
        fail_fan(machine, heat_from(machine, 0.12, 0.35));
        break;
    case HEAT_FAN_DEAF:
        for (unsigned i = 0; i < machine->fan_count; i++)
            machine->fans[i].stuck = i == 0 || heat_chance(machine, 60);
        break;
    case HEAT_BLOCKED:
        machine->air *= heat_from(machine, 4, 20);
        machine->air_capacity /= heat_from(machine, 1, 4);
        machine->sink *= heat_from(machine, 1.3, 3);
        break;
    case HEAT_WEAK_SUPPLY:
        machine->supply_s = heat_chance(machine, 40) ? 0 : heat_from(machine, 5, 120);
        machine->supply_share = heat_from(machine, 0.2, 0.5);
        break;
    default:
        break;
    }
}

/* ---- whether it shows */

bool heat_fan_answers(const struct heat_machine *machine)
{
    for (unsigned i = 0; i < machine->fan_count; i++) {
        const struct heat_fan *fan = &machine->fans[i];

        if (fan->readable && !fan->constant && !fan->pump && !fan->stuck && fan->fails_s < 0)
            return true;
    }
    return false;
}

static bool some_fan_is_readable(const struct heat_machine *machine)
{
    for (unsigned i = 0; i < machine->fan_count; i++) {
        if (machine->fans[i].readable && !machine->fans[i].pump)
            return true;
    }
    return false;
}

/* A fan that fails in the run is seen by its reading; else heat must show it. */
static bool fails_in_sight(const struct heat_machine *machine)
{
    const struct heat_fan *fan = &machine->fans[0];

    return fan->fails_s > 0 && fan->readable && !fan->passive;
}

static bool can_show(const struct heat_machine *machine, const struct heat_sensors *sensors)
{
    bool heat = sensors->processor && sensors->has_limit && sensors->clock;

    switch (machine->fault) {
    case HEAT_FAN_DEAD:
        return fails_in_sight(machine) || heat;
    case HEAT_FAN_SLOW: /* one that was slow before is as one that is deaf, but to a BMC */
        return fails_in_sight(machine) ||
               (heat && (!machine->fans[0].readable || machine->fans[0].named ||
                         !heat_fan_answers(machine) || (sensors->fans_by_bmc && sensors->fan_low)));
    case HEAT_BLOCKED: /* beside fans that never change it is the same as deaf fans */
        return heat && (!some_fan_is_readable(machine) || heat_fan_answers(machine));
    case HEAT_FAN_DEAF: /* beside fans that answer it is the same as one that is set so */
        return heat &&
               (!machine->fans[0].readable || machine->fans[0].named || !heat_fan_answers(machine));
    case HEAT_WEAK_SUPPLY:
        return heat && sensors->prochot;
    default:
        return heat;
    }
}

/* Runs it without a sensor, to see what becomes of it. */
static void rehearse(const struct heat_machine *machine, struct heat_machine *ret)
{
    *ret = *machine;
    heat_settle(ret);
    for (unsigned phase = 0; phase < HEAT_PHASES; phase++) {
        double end = ret->time_s + ret->phases_s[phase];

        while (ret->time_s < end)
            heat_step(ret, (enum heat_phase)phase, 0.25);
    }
}

static bool suffers(const struct heat_machine *machine, const struct heat_sensors *sensors)
{
    struct heat_machine after;

    if (machine->fault != HEAT_HEALTHY && !can_show(machine, sensors))
        return false;
    if ((machine->fault == HEAT_FAN_DEAD || machine->fault == HEAT_FAN_SLOW) &&
        fails_in_sight(machine))
        return true;
    rehearse(machine, &after);
    if (machine->fault == HEAT_HEALTHY)
        return machine->slow_firmware ? true : after.slow_longest_s < 1;
    if (machine->slow_firmware || after.slow_longest_s < SUFFERS_S)
        return false;
    if (machine->fault == HEAT_WEAK_SUPPLY)
        return after.slow_hottest < machine->limit - 20;
    return true;
}

void heat_deal(struct heat_machine *machine, struct heat_sensors *sensors, uint64_t seed)
{
    memset(machine, 0, sizeof(*machine));
    machine->dealing = mix64(seed + 77);
    do {
        uint64_t dealing = machine->dealing;

        memset(machine, 0, sizeof(*machine));
        machine->seed = seed;
        machine->dealing = dealing;
        machine->noise = mix64(~seed);
        machine->fault =
            seed / 2 % 3 == 0 ? HEAT_HEALTHY : (enum heat_fault)(seed / 6 % HEAT_FAULTS);
        heat_deal_machine(machine);
        heat_deal_sensors(machine, sensors);
        deal_fault(machine);
    } while (!suffers(machine, sensors));
    heat_settle(machine);
}
