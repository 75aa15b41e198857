/*
 * The canary: how a read that never happened is told from one that did.
 *
 * Firmware can return success and leave the buffer as it was. So before each read one 64-bit word
 * in each 64-byte line of the buffer is stamped, and afterwards none may be left. The stamp is a
 * mix of a seed, fresh for each read, and of the line's number: a drive's own data equals it by
 * chance once in 2^64 lines, and an earlier read's stamp is not taken for this one's.
 *
 * A line is 64 bytes, as in the caches; DMA and block sizes are multiples of it. A rest of the
 * buffer shorter than a line is not watched.
 */
#ifndef ASSAY_DISK_CANARY_H
#define ASSAY_DISK_CANARY_H

#include <stddef.h>
#include <stdint.h>

enum { CANARY_LINE = 64 };

void canary_stamp(void *buffer, size_t size, uint64_t seed);

/*
 * Counts the lines that still carry their stamp. With at least one, *ret_first and *ret_last are
 * the byte offsets at which the first and the last of them begin; otherwise they are untouched.
 */
size_t canary_left(const void *buffer, size_t size, uint64_t seed, size_t *ret_first,
                   size_t *ret_last);

#endif
