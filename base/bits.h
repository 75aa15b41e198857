/*
 * Bits of a number.
 */
#ifndef ASSAY_BASE_BITS_H
#define ASSAY_BASE_BITS_H

#include <stdint.h>

/* The lowest `bits` bits of a number, 0 to 64, in the opposite order. */
static inline uint64_t reverse_bits(uint64_t value, unsigned bits)
{
    uint64_t reversed = 0;

    for (unsigned i = 0; i < bits; i++)
        reversed |= (value >> i & 1) << (bits - 1 - i);
    return reversed;
}

/* How many are set. */
static inline unsigned count_bits(uint64_t value)
{
    unsigned count = 0;

    for (; value; value &= value - 1)
        count++;
    return count;
}

/* The number in two's complement that the lowest `bits` bits of a value are, 1 to 31. */
static inline int32_t sign_extend(uint32_t value, unsigned bits)
{
    uint32_t sign = 1u << (bits - 1);

    value &= (sign << 1) - 1;
    return (int32_t)(value ^ sign) - (int32_t)sign;
}

#endif
