/*
 * How often heat is judged right, over many machines of the thermal model (docs/accuracy.md).
 */
#ifndef ASSAY_TESTS_SIM_HEAT_SIM_H
#define ASSAY_TESTS_SIM_HEAT_SIM_H

/* The program `sim thermal [machines [seed [tuning|report|all]]]`; a machine alone is printed as it
 * runs. Returns the exit status. */
int heat_sim(int argc, char **argv);

#endif
