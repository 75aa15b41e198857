/*
 * The value of an event's field, by its row in event_kinds[], and how signed ones are written.
 */
#ifndef ASSAY_REPORT_FIELDS_H
#define ASSAY_REPORT_FIELDS_H

#include <stdint.h>
#include <string.h>

#include "base/event.h"

/* Integer fields are copied by their size into the low bytes of a wider one. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are copied as little-endian");

/* Of every form but FIELD_SIGNED and FIELD_TEXT. */
static inline uint64_t field_unsigned(const struct event *event, const struct field *field)
{
    uint64_t value = 0;

    memcpy(&value, (const char *)event + field->offset, field->size);
    return value;
}

static inline int64_t field_signed(const struct event *event, const struct field *field)
{
    unsigned unused_bits = 64 - 8u * field->size;

    return (int64_t)(field_unsigned(event, field) << unused_bits) >> unused_bits;
}

/* The size of a number without its sign, of the lowest one too. */
static inline uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

/* The buffer of a text, `field->size` bytes; its NUL may be missing. */
static inline const char *field_text(const struct event *event, const struct field *field)
{
    return (const char *)event + field->offset;
}

#endif
