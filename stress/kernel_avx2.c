/*
 * Four words at once, written past the caches where nothing was read before (VMOVNTDQ). To be
 * compiled with -mavx2, without which nothing is here, and called only where the processor's AVX
 * state was enabled.
 */
#if defined(__AVX2__)

#include "stress/kernel.h"

typedef uint64_t vector __attribute__((vector_size(32), may_alias));

/* One instruction where the compiler takes the words out one by one. */
ALWAYS_INLINE bool avx2_all_zero(vector value)
{
    bool zero;

    __asm__("vptest %1, %1" : "=@ccz"(zero) : "x"(value));
    return zero;
}

#define VARIANT kernels_avx2
#define VARIANT_NAME "AVX2"
#define ACCUMULATORS 2
#define ALL_ZERO(value) avx2_all_zero(value)
#define FILL_STORE(to, value) __asm__ volatile("vmovntdq %1, %0" : "=m"(*(to)) : "x"(value))
#define FILL_END() __builtin_ia32_sfence()

#include "stress/kernel_loops.h"

#endif
