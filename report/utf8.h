/*
 * Reading UTF-8 that may be anything (RFC 3629).
 */
#ifndef ASSAY_REPORT_UTF8_H
#define ASSAY_REPORT_UTF8_H

#include <stdint.h>

enum { UTF8_REPLACEMENT = 0xFFFD };

/* The code point at *text, which is moved behind it; 0 at the NUL, which is not passed. Every byte
 * that begins no valid sequence (overlong, a surrogate, past 10FFFF, cut short) is one
 * UTF8_REPLACEMENT. */
uint32_t utf8_next(const char **text);

#endif
