/*
 * What the readers of sections share; used by them alone.
 */
#ifndef ASSAY_SENSORS_CPER_FIELDS_H
#define ASSAY_SENSORS_CPER_FIELDS_H

#include "sensors/cper.h"

/* A field of a section: it is there where its validation bit is set and the section reaches it. */
struct cper_field {
    uint8_t bit; /* of the validation bits */
    uint8_t at, width;
    size_t to; /* offset of its struct cper_value in the result */
};

void cper_take_fields(const struct bytes *body, uint64_t valid, const struct cper_field *fields,
                      size_t count, void *ret);

struct cper_guid cper_guid_at(struct bytes *bytes, size_t offset);

enum cper_kind cper_kind_of(const struct cper_guid *type);

/* Of its 8 bytes, N.2.1 "Timestamp": second, minute, hour, flags, day, month, year, century, in
 * binary-coded decimal. Windows writes plain numbers, and is known by the century: 13h to 15h would
 * be long ago in decimals. Absent where it is no moment. */
struct cper_time cper_time_at(struct bytes *bytes, size_t offset);

/* A value for tests of its bits: 0 where it is absent. */
static inline uint64_t cper_or_zero(struct cper_value value)
{
    return value.present ? value.value : 0;
}

#endif
