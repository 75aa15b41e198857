#include "sensors/srat.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"

enum {
    HEADER_SIZE = 48, /* with the twelve reserved bytes behind the header of every table */
    TYPE_PROCESSOR = 0,
    TYPE_MEMORY = 1,
    TYPE_X2APIC = 2,
    ENABLED = 1,
};

/* The least lengths of the structures, by type. */
static const uint8_t sizes[] = {[TYPE_PROCESSOR] = 16, [TYPE_MEMORY] = 40, [TYPE_X2APIC] = 24};

static int node_of(struct srat *srat, uint32_t domain, unsigned *ret_node)
{
    for (unsigned i = 0; i < srat->count; i++) {
        if (srat->domain[i] == domain) {
            *ret_node = i;
            return OK;
        }
    }
    if (srat->count == SRAT_NODES_MAX)
        return ERR_FULL;
    srat->domain[srat->count] = domain;
    *ret_node = srat->count++;
    return OK;
}

static int add_processor(struct srat *srat, uint32_t domain, uint32_t flags)
{
    unsigned node;

    if (!(flags & ENABLED))
        return OK;
    if (node_of(srat, domain, &node))
        return ERR_FULL;
    srat->processors[node]++;
    return OK;
}

static int add_memory(struct srat *srat, struct bytes *bytes, size_t at)
{
    uint64_t start = bytes_le64(bytes, at + 8), size = bytes_le64(bytes, at + 16);
    unsigned node;

    if (!(bytes_le32(bytes, at + 28) & ENABLED) || !size || size > UINT64_MAX - start)
        return OK;
    if (node_of(srat, bytes_le32(bytes, at + 2), &node))
        return ERR_FULL;
    return extents_paint(&srat->ranges, start, start + size, node + 1);
}

static int add_structure(struct srat *srat, struct bytes *bytes, size_t at, size_t length)
{
    unsigned type = bytes_u8(bytes, at);

    if (type >= sizeof(sizes) || length < sizes[type])
        return OK;
    if (type == TYPE_MEMORY)
        return add_memory(srat, bytes, at);
    if (type == TYPE_X2APIC)
        return add_processor(srat, bytes_le32(bytes, at + 4), bytes_le32(bytes, at + 12));
    return add_processor(srat, bytes_u8(bytes, at + 2) | (uint32_t)bytes_le(bytes, at + 9, 3) << 8,
                         bytes_le32(bytes, at + 4));
}

int srat_read(const void *table, size_t size, struct srat *ret_srat)
{
    struct bytes bytes = bytes_of(table, size);
    size_t length;

    memset(ret_srat, 0, sizeof(*ret_srat));
    extents_init(&ret_srat->ranges, ret_srat->list, SRAT_RANGES_MAX);
    if (size < HEADER_SIZE || memcmp(table, "SRAT", 4) != 0)
        return ERR_FORMAT;
    for (size_t at = HEADER_SIZE; size - at >= 2; at += length) {
        length = bytes_u8(&bytes, at + 1);
        if (length < 2 || length > size - at)
            return OK;
        if (add_structure(ret_srat, &bytes, at, length)) {
            ret_srat->count = 0;
            ret_srat->ranges.count = 0;
            return ERR_FULL;
        }
    }
    return OK;
}
