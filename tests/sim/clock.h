/*
 * A simulated clock: time passes only when somebody says so.
 */
#ifndef ASSAY_TESTS_SIM_CLOCK_H
#define ASSAY_TESTS_SIM_CLOCK_H

#include <stdint.h>

#include "base/clock.h"

struct sim_clock {
    uint64_t now_us;
};

/* The seam over it; the simulated clock must outlive what is returned. */
struct clock sim_clock_seam(struct sim_clock *sim);
void sim_clock_pass(struct sim_clock *sim, uint64_t duration_us);

#endif
