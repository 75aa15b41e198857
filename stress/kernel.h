/*
 * Kernels: the loops that touch the memory under test.
 *
 * They are plain loops over a plain range and know no hardware; a fault is one when the memory
 * itself has it, in tests one that was put there between two calls. kernel.c is to be
 * compiled with -O3, and tested as compiled for the image too.
 *
 * A physical address and the pointer to it are the same under firmware; in tests they differ.
 */
#ifndef ASSAY_STRESS_KERNEL_H
#define ASSAY_STRESS_KERNEL_H

#include <stddef.h>
#include <stdint.h>

#include "stress/pattern.h"

/* A range under test: its start is a multiple of 4096, its count of BLOCK_WORDS. */
struct span {
    uint64_t *words;
    uint64_t address; /* physical, of words[0] */
    size_t count;     /* of 64-bit words */
};

/* One word that did not hold what it should. */
struct memory_fault {
    uint64_t address;  /* physical */
    uint64_t expected; /* what was written */
    uint64_t actual;   /* what was read */
    uint64_t reread;   /* what was read again from memory, past the caches */
};

/* What a kernel that verifies has found. The caller sets limit and faults; kernels add to the rest
 * and collect no more than BLOCK_FAULTS words of one block. */
struct memory_faults {
    struct memory_fault *faults;
    size_t limit;   /* room in faults[] */
    size_t count;   /* collected */
    uint64_t words; /* that were wrong, collected or not */
    uint64_t pages; /* blocks of 4 KiB with a wrong word */
};

enum { BLOCK_FAULTS = 8 };

void span_fill(const struct span *span, enum pattern pattern, uint64_t seed);

/*
 * Compares with what span_fill() wrote. The words of a block are ORed together and asked once; a
 * difference is then looked for word by word. Where the second look finds nothing, the block is
 * counted as one wrong word at its start, the differing bits of the first look in its `actual`.
 */
void span_verify(const struct span *span, enum pattern pattern, uint64_t seed,
                 struct memory_faults *faults);

/*
 * Moving inversions (van de Goor, "Testing Semiconductor Memories", march elements r,w): compares
 * as span_verify() and writes the complement in place, one cache line after the other in ascending
 * or descending order; the memory itself sees no order within a line.
 */
void span_invert_up(const struct span *span, enum pattern pattern, uint64_t seed,
                    struct memory_faults *faults);
void span_invert_down(const struct span *span, enum pattern pattern, uint64_t seed,
                      struct memory_faults *faults);

/* Writes the range back from all caches and drops it from them (x86: CLFLUSH and MFENCE). The next
 * read comes from memory. Elsewhere only a barrier. */
void span_flush(const struct span *span);

#endif
