/*
 * Bytes from text, for samples that are kept as they were found.
 */
#ifndef ASSAY_TESTS_SIM_HEX_H
#define ASSAY_TESTS_SIM_HEX_H

#include <stddef.h>
#include <stdint.h>

/* Pairs of hexadecimal digits; anything else between them is skipped. Returns how many bytes were
 * written, at most `size`. */
size_t from_hex(const char *text, uint8_t *ret_bytes, size_t size);

#endif
