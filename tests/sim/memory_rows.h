/*
 * The kernels over memory with faults, in the exact order of a processor that goes through it row
 * by row, one cache line of 64 bytes after the other.
 *
 * A block without a fault is given to the real kernels as it stands. In a block with one, the rows
 * are read and written one by one, in the order of the kernel, between them the memory does what
 * its faults make it do; then the real kernel is let loose on what was read, and so finds and
 * reports what it would have. It need not know of faults, for what a kernel writes does not depend
 * on what it reads. Within a row there is no order: all of its words are written at once, and then
 * the faults act.
 *
 * With `cached_rows`, the memory stands behind a write-back cache of so many rows: what verifying
 * kernels read stays there, and what they write in place reaches the memory when as many rows have
 * gone through the cache after it. Fills go past it, as do those of the SSE2 and AVX2 kernels.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_ROWS_H
#define ASSAY_TESTS_SIM_MEMORY_ROWS_H

#include "stress/kernel.h"
#include "tests/sim/memory.h"

/* Makes the kernels in use those over faulty memory, with the ones in use so far beneath them; for
 * all threads, once in a program. */
void memory_rows_use(void);

/* The memory of this thread from now on; spans outside it are done as they stand. NULL: none. */
void memory_rows_set(struct sim_memory *memory, size_t cached_rows);

#endif
