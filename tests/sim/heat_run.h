/*
 * A run of a machine of the thermal model: what its sensors read, as events, and what the diagnosis
 * says of them.
 */
#ifndef ASSAY_TESTS_SIM_HEAT_RUN_H
#define ASSAY_TESTS_SIM_HEAT_RUN_H

#include "base/event.h"
#include "diagnosis/judge.h"
#include "diagnosis/verdicts.h"
#include "tests/sim/heat_machine.h"

struct heat_score {
    bool done, right;
    uint8_t kind, fault; /* enum heat_kind, enum heat_fault */
    uint8_t first;       /* enum verdict of the first finding; VERDICTS: there is none */
    uint8_t certainty;   /* of it */
    uint8_t findings;
    uint64_t seed;
    char said[TEXT_SIZE]; /* the first finding and its evidence */
};

/* Whether a verdict is the right one to be named first; VERDICTS: none is named. */
bool heat_is_right(const struct heat_machine *machine, enum verdict first);

/* Runs the machine of a seed. With `print` each second of it and all findings are printed. */
void heat_run(uint64_t seed, bool print, struct heat_score *ret);

#endif
