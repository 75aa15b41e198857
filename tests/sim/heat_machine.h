/*
 * Machines for the thermal model, from a seed: what they are, what is wrong with their cooling, and
 * which of it their sensors can show.
 */
#ifndef ASSAY_TESTS_SIM_HEAT_MACHINE_H
#define ASSAY_TESTS_SIM_HEAT_MACHINE_H

#include "tests/sim/heat_model.h"

/* What can be read of a machine, and how well. */
struct heat_sensors {
    bool chassis; /* what kind of machine it is */
    bool processor, has_limit, power, has_power_limit, clock, prochot;
    bool bmc, bmc_limit; /* a temperature of the processor by the BMC */
    bool fans_by_bmc, fan_low;
    bool board, module, drive, stuck;
    double processor_s, slow_s; /* between samples: of the processor, and of all others */
    double step, noise;         /* of the processor's temperature, degrees */
    double rpm_step;
};

/* Zeroes and makes the machine of a seed: a third of them healthy. */
void heat_deal(struct heat_machine *machine, struct heat_sensors *sensors, uint64_t seed);

/* heat_machine.c: what it is when it is well, and what can be read of it. */
void heat_deal_machine(struct heat_machine *machine);
void heat_deal_sensors(struct heat_machine *machine, struct heat_sensors *sensors);

/* Whether a fan moves with heat, can be read, and does not fail. */
bool heat_fan_answers(const struct heat_machine *machine);

#endif
