/*
 * Bounded reading of bytes that a device, a disk or firmware handed us.
 *
 * A reader remembers one failure: a read outside the data gives 0 and sets `failed`, which stays
 * set. A parser reads all it wants and asks once at its end. No read ever leaves the data.
 */
#ifndef ASSAY_BASE_BYTES_H
#define ASSAY_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t size;
    bool failed;
};

static inline struct bytes bytes_of(const void *data, size_t size)
{
    return (struct bytes){.data = data, .size = size, .failed = false};
}

/* True when `count` bytes stand at `offset`; otherwise marks the reader failed. */
static inline bool bytes_have(struct bytes *bytes, size_t offset, size_t count)
{
    if (offset > bytes->size || count > bytes->size - offset)
        bytes->failed = true;
    return !bytes->failed;
}

/* Little-endian integer of 1 to 8 bytes at an offset. */
static inline uint64_t bytes_le(struct bytes *bytes, size_t offset, size_t width)
{
    uint64_t value = 0;

    if (width > 8 || !bytes_have(bytes, offset, width))
        return 0;
    for (size_t i = width; i > 0; i--)
        value = value << 8 | bytes->data[offset + i - 1];
    return value;
}

static inline uint8_t bytes_u8(struct bytes *bytes, size_t offset)
{
    return (uint8_t)bytes_le(bytes, offset, 1);
}

static inline uint16_t bytes_le16(struct bytes *bytes, size_t offset)
{
    return (uint16_t)bytes_le(bytes, offset, 2);
}

static inline uint32_t bytes_le32(struct bytes *bytes, size_t offset)
{
    return (uint32_t)bytes_le(bytes, offset, 4);
}

static inline uint64_t bytes_le64(struct bytes *bytes, size_t offset)
{
    return bytes_le(bytes, offset, 8);
}

#endif
