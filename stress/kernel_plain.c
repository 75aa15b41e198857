/* Pairs of words and ordinary stores: for any processor. */
#include "stress/kernel.h"

typedef word_pair vector;

#define VARIANT kernels_plain
#define VARIANT_NAME "plain"
#define ACCUMULATORS 4
#define ALL_ZERO(value) (vector_union(value) == 0)
#define FILL_STORE(to, value) (*(to) = (value))
#define FILL_END() ((void)0)

#include "stress/kernel_loops.h"
