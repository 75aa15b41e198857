/*
 * Which verdict counts for which fault of the thermal model (docs/accuracy.md).
 */
#include "tests/sim/heat_run.h"

bool heat_is_right(const struct heat_machine *machine, enum verdict first)
{
    const struct heat_fan *fan = &machine->fans[0];
    bool readable = false;

    for (unsigned i = 0; i < machine->fan_count; i++)
        readable |= machine->fans[i].readable && !machine->fans[i].pump;
    switch (machine->fault) {
    case HEAT_LOOSE:
    case HEAT_DRY:
        return first == VERDICT_COOLING_HEATSINK;
    case HEAT_FAN_DEAD:
    case HEAT_FAN_SLOW:
    case HEAT_FAN_DEAF:
        if (!fan->readable)
            return first == (readable ? VERDICT_COOLING_AIRFLOW : VERDICT_COOLING_THROTTLE) ||
                   first == VERDICT_COOLING_FAN;
        /* A header that always read 0 may be an empty one. */
        if (machine->fault == HEAT_FAN_DEAD && fan->fails_s == 0 && !fan->named)
            return first == VERDICT_COOLING_FAN || first == VERDICT_COOLING_AIRFLOW;
        return first == VERDICT_COOLING_FAN;
    case HEAT_BLOCKED:
        return first == (readable ? VERDICT_COOLING_AIRFLOW : VERDICT_COOLING_THROTTLE);
    case HEAT_WEAK_SUPPLY:
        return first == VERDICT_POWER_VOLTAGE;
    default:
        return first == VERDICTS;
    }
}
