/*
 * What a kernel calls when it has seen a difference: the search for the words that are wrong. Slow,
 * and apart from the loops, so that good memory does not pay for it.
 */
#ifndef ASSAY_STRESS_KERNEL_SEARCH_H
#define ASSAY_STRESS_KERNEL_SEARCH_H

#include "stress/kernel.h"

/* The second look at a block of 4 KiB in which `difference` was seen. */
void search_block(const uint64_t *words, uint64_t address, enum pattern pattern, uint64_t seed,
                  uint64_t difference, struct memory_faults *faults);

/* A row in which a difference was seen; `actual` are the words as they were read, and the memory
 * still holds what it did. `collected` counts the wrong words of the block so far. */
void search_row(const uint64_t *words, uint64_t address, const uint64_t *expected,
                const uint64_t *actual, struct memory_faults *faults, unsigned *collected);

/* One word that was read as `actual`; added if that is wrong. */
void search_word(const uint64_t *word, uint64_t address, uint64_t expected, uint64_t actual,
                 struct memory_faults *faults, unsigned *collected);

/* A difference that a second look at its block did not find: one wrong word at the block's start.
 */
void search_vanished(const uint64_t *words, uint64_t address, uint64_t expected,
                     uint64_t difference, struct memory_faults *faults);

#endif
