/*
 * A small streaming writer of JSON (RFC 8259).
 *
 * It places the commas, and whatever stands in a string, the output is valid and pure ASCII:
 * quotes, control bytes and all that is not ASCII are escaped, bytes that are not UTF-8 become
 * U+FFFD. Objects and arrays nest up to JSON_DEPTH_MAX; deeper, or a value without its key, is
 * ERR_RANGE in the writer.
 */
#ifndef ASSAY_REPORT_JSON_H
#define ASSAY_REPORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "report/output.h"

enum { JSON_DEPTH_MAX = 16 };

struct json {
    struct writer *writer;
    unsigned depth;
    bool in_object[JSON_DEPTH_MAX + 1];
    bool has_items[JSON_DEPTH_MAX + 1];
    bool has_key; /* a key was written, its value is due */
};

struct json json_on(struct writer *writer);

/* Within an object every value follows its key. */
void json_key(struct json *json, const char *key);

void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);

void json_string(struct json *json, const char *value);
void json_unsigned(struct json *json, uint64_t value);
void json_signed(struct json *json, int64_t value);
/* A number in thousandths: 41250 is 41.250. */
void json_milli(struct json *json, int64_t thousandths);
/* A string such as "0x1f": JSON's numbers lose bits beyond 2^53 in many readers. */
void json_hex(struct json *json, uint64_t value);
void json_bool(struct json *json, bool value);

/* Key and value in one. json_text leaves an empty string out. */
void json_text(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_flag(struct json *json, const char *key, bool value);
void json_open(struct json *json, const char *key); /* an object */
void json_list(struct json *json, const char *key); /* an array */

/* Ends a line of JSON: all must be closed, or the writer gets ERR_RANGE. */
void json_line_end(struct json *json);

#endif
