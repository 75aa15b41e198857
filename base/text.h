/*
 * Building text in a buffer of fixed size.
 *
 * Formatting is stb_sprintf's, without floating point: the usual printf conversions for integers
 * and strings. Text that does not fit is cut and the cut is remembered; the buffer always ends in
 * a NUL.
 */
#ifndef ASSAY_BASE_TEXT_H
#define ASSAY_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *data;
    size_t size;   /* of the buffer, the NUL included; at least 1 */
    size_t length; /* of the text so far, without the NUL */
    bool cut;      /* something did not fit */
};

struct text text_in(char *buffer, size_t size);

void text_char(struct text *text, char c);
void text_add(struct text *text, const char *string);
__attribute__((format(printf, 2, 3))) void text_format(struct text *text, const char *format, ...);
void text_format_list(struct text *text, const char *format, va_list arguments);

/* Formats into a plain buffer; what does not fit is cut. */
__attribute__((format(printf, 3, 4))) void format_text(char *buffer, size_t size,
                                                       const char *format, ...);

/* Copies a string into a buffer; what does not fit is cut. */
void copy_text(char *buffer, size_t size, const char *string);

/*
 * Copies `count` bytes that a device gave as a name: leading and trailing blanks and everything
 * from the first NUL on are left out, bytes that are not printable ASCII become '?'.
 */
void copy_name(char *buffer, size_t size, const void *bytes, size_t count);

bool text_equal(const char *a, const char *b);
/* As text_equal, without regard to the case of ASCII letters. */
bool text_equal_nocase(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
size_t text_length(const char *text);

/* Reads a whole unsigned number, base 10 or 16 ("0x" is allowed before base 16). ERR_FORMAT for
 * anything else in the text, ERR_RANGE when it does not fit 64 bits. */
int parse_u64(const char *text, unsigned base, uint64_t *ret_value);

/* An amount of bytes for people: "512 bytes", "37 MiB", "1.4 TiB". */
void text_amount(struct text *text, uint64_t bytes);
/* A length of time for people: "8 s", "12 min 5 s", "3 h 20 min". */
void text_duration(struct text *text, uint64_t seconds);
/* A value in thousandths with `decimals` (0 to 3) places, cut, not rounded: 41250, 1 is "41.2". */
void text_milli(struct text *text, int64_t milli, unsigned decimals);

#endif
