/*
 * Memory errors that come with heat.
 */
#include "diagnosis/conditions.h"

enum {
    TIMES_MIN = 4,   /* with errors, at different samples */
    STEPS_BELOW = 2, /* of HEAT_STEP, at least: cool */
};

struct heat_sum {
    unsigned wrong;     /* samples with errors */
    unsigned coolest;   /* step of the coolest of them */
    unsigned hot, cool; /* samples under load at that heat and above; well below it */
};

static struct heat_sum sum_of(const struct evidence_heat *heat)
{
    struct heat_sum sum = {.coolest = HEAT_STEPS};

    for (unsigned step = 0; step < HEAT_STEPS; step++) {
        sum.wrong += heat->wrong[step];
        if (heat->wrong[step] && sum.coolest == HEAT_STEPS)
            sum.coolest = step;
        if (step >= sum.coolest)
            sum.hot += heat->tested[step];
    }
    for (unsigned step = 0; step + STEPS_BELOW <= sum.coolest && step < HEAT_STEPS; step++)
        sum.cool += heat->tested[step];
    return sum;
}

/* Were the errors spread evenly, each would fall into the cooler half as easily: four of them would
 * miss it in one run of sixteen. */
static bool comes_with_heat(const struct heat_sum *sum)
{
    return sum->wrong >= TIMES_MIN && sum->coolest < HEAT_STEPS && sum->cool >= sum->hot;
}

void tell_memory_heat(const struct evidence *evidence, struct text *text)
{
    for (unsigned i = 0; i < evidence->series_count; i++) {
        const struct evidence_series *series = &evidence->series[i];
        struct heat_sum sum = sum_of(&series->heat);

        if (!evidence_is_temperature(evidence, series) || !comes_with_heat(&sum))
            continue;
        text_format(text,
                    "; it came with heat: %u times with %s at %u C or above, never in %u cooler "
                    "readings: cooling may be a cause as well",
                    sum.wrong, series->series.name, sum.coolest * (HEAT_STEP / 1000), sum.cool);
        return;
    }
}
