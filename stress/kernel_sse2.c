/* Pairs of words, written past the caches where nothing was read before (MOVNTDQ). */
#if defined(__x86_64__)

#include "stress/kernel.h"

typedef word_pair vector;

#define VARIANT kernels_sse2
#define VARIANT_NAME "SSE2"
#define ACCUMULATORS 4
#define ALL_ZERO(value) (vector_union(value) == 0)
#define FILL_STORE(to, value) __asm__ volatile("movntdq %1, %0" : "=m"(*(to)) : "x"(value))
#define FILL_END() __builtin_ia32_sfence()

#include "stress/kernel_loops.h"

#endif
