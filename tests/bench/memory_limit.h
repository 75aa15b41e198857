/*
 * What the memory of this host can do at most: loops that do nothing but read, write or copy, in
 * the way that is the fastest known for each. Against these the kernels are measured.
 *
 * All need AVX2. Ranges are multiples of 4096 bytes and aligned to it.
 */
#ifndef ASSAY_BENCH_MEMORY_LIMIT_H
#define ASSAY_BENCH_MEMORY_LIMIT_H

#include <stddef.h>
#include <stdint.h>

/* Reads all; the result depends on every word, so that no read is left out. */
uint64_t limit_read(const uint64_t *words, size_t count);

/* Writes `value` everywhere, past the caches. */
void limit_write(uint64_t *words, size_t count, uint64_t value);

/* Copies, writing past the caches. */
void limit_copy(uint64_t *to, const uint64_t *from, size_t count);

#endif
