/*
 * The clock seam: microseconds since some fixed moment, never going back.
 */
#ifndef ASSAY_BASE_CLOCK_H
#define ASSAY_BASE_CLOCK_H

#include <stdint.h>

struct clock {
    void *context;
    uint64_t (*now_us)(void *context);
    /* Returns after at least this long. For waits of a register, so a few milliseconds at most. */
    void (*wait_us)(void *context, uint32_t duration_us);
};

static inline uint64_t clock_now_us(const struct clock *clock)
{
    return clock->now_us(clock->context);
}

static inline void clock_wait_us(const struct clock *clock, uint32_t duration_us)
{
    clock->wait_us(clock->context, duration_us);
}

#endif
