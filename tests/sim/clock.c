#include "tests/sim/clock.h"

static uint64_t now_us(void *context)
{
    const struct sim_clock *sim = context;

    return sim->now_us;
}

static void wait_us(void *context, uint32_t duration_us)
{
    sim_clock_pass(context, duration_us);
}

struct clock sim_clock_seam(struct sim_clock *sim)
{
    return (struct clock){.context = sim, .now_us = now_us, .wait_us = wait_us};
}

void sim_clock_pass(struct sim_clock *sim, uint64_t duration_us)
{
    sim->now_us += duration_us;
}
