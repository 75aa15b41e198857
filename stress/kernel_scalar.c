/*
 * Words one by one: for emulators, where a vector instruction costs more than the words it spares.
 * To be compiled with -fno-tree-vectorize: neither shall the compiler make vectors of the words
 * again, nor may it, for it gets them wrong (stress/pattern.h).
 */
#include "stress/kernel.h"

typedef uint64_t vector __attribute__((may_alias));

#define VARIANT kernels_scalar
#define VARIANT_NAME "scalar"
#define ACCUMULATORS 1
#define ALL_ZERO(value) ((value) == 0)
#define FILL_STORE(to, value) (*(to) = (value))
#define FILL_END() ((void)0)

#include "stress/kernel_loops.h"
