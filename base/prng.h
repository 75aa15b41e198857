/*
 * Pseudo-random numbers: splitmix64 (Steele, Lea, Flood, 2014). One 64-bit state, every seed good.
 * Everything random in a run comes from the one seed that is printed.
 */
#ifndef ASSAY_BASE_PRNG_H
#define ASSAY_BASE_PRNG_H

#include <stdint.h>

/* The output function alone: a good 64-bit mixer of its argument. */
static inline uint64_t mix64(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

static inline uint64_t prng_next(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    return mix64(*state);
}

/* A number below `limit`, which is not 0. The bias is below 2^-32 for limits below 2^32. */
static inline uint64_t prng_below(uint64_t *state, uint64_t limit)
{
    return prng_next(state) % limit;
}

#endif
