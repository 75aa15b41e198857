#include "disk/volumes/table.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/prng.h"
#include "disk/canary.h"

enum {
    MBR_SIZE = 512,
    MBR_ENTRIES = 4,
    MBR_FIRST_ENTRY = 446,
    MBR_ENTRY_SIZE = 16,
    MBR_PROTECTIVE = 0xEE,
    MBR_ACTIVE = 0x80,
};

/* One entry of an MBR or of an extended table. */
struct entry {
    uint8_t flag, type;
    uint32_t start, blocks;
};

int table_fetch(const struct block_device *device, uint64_t lba, uint32_t blocks, void *buffer)
{
    size_t size = (size_t)blocks * device->block_size, first, last;
    uint64_t seed = ~mix64(lba); /* not that of a line, which would make it zero */
    int error;

    canary_stamp(buffer, size, seed);
    error = device->read(device->context, lba, blocks, buffer);
    if (error == OK && canary_left(buffer, size, seed, &first, &last) != 0)
        return ERR_STALE;
    return error;
}

int table_add(struct partition_table *table, const struct partition *partition)
{
    for (unsigned i = 0; i < table->count; i++) {
        const struct partition *other = &table->partitions[i];

        if (partition->first_lba < other->first_lba + other->blocks &&
            other->first_lba < partition->first_lba + partition->blocks)
            return ERR_FORMAT;
    }
    if (table->count == PARTITIONS_MAX)
        return ERR_FULL;
    table->partitions[table->count++] = *partition;
    return OK;
}

static bool is_extended(uint8_t type)
{
    return type == 0x05 || type == 0x0F || type == 0x85;
}

static bool is_used(const struct entry *entry)
{
    return entry->type != 0 && entry->blocks != 0;
}

/* False without the signature. */
static bool read_mbr(const uint8_t *block, struct entry entries[MBR_ENTRIES])
{
    struct bytes bytes = bytes_of(block, MBR_SIZE);

    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        size_t at = MBR_FIRST_ENTRY + i * MBR_ENTRY_SIZE;

        entries[i].flag = bytes_u8(&bytes, at);
        entries[i].type = bytes_u8(&bytes, at + 4);
        entries[i].start = bytes_le32(&bytes, at + 8);
        entries[i].blocks = bytes_le32(&bytes, at + 12);
    }
    return bytes_le16(&bytes, 510) == 0xAA55;
}

/* Adds a partition that lies on the disk, from `first` on and below `end`. */
static int add(struct partition_table *table, const struct entry *entry, uint64_t first,
               uint64_t end)
{
    struct partition partition = {
        .first_lba = first, .blocks = entry->blocks, .mbr_type = entry->type};

    if (first == 0 || first >= end || entry->blocks > end - first)
        return ERR_FORMAT;
    return table_add(table, &partition);
}

/* The chain of tables in an extended partition: each has a partition, and where the next is. */
static int read_chain(const struct block_device *device, uint8_t *buffer,
                      const struct entry *extended, struct partition_table *table)
{
    uint64_t base = extended->start, end = base + extended->blocks, lba = base;
    struct entry entries[MBR_ENTRIES];

    for (unsigned i = 0; i < MBR_CHAIN_MAX; i++) {
        int error = table_fetch(device, lba, 1, buffer);

        if (error != OK)
            return error;
        if (!read_mbr(buffer, entries))
            return ERR_FORMAT;
        if (is_used(&entries[0]))
            error = add(table, &entries[0], lba + entries[0].start, end);
        if (error != OK || !is_used(&entries[1]))
            return error;
        if (!is_extended(entries[1].type) || base + entries[1].start <= lba ||
            base + entries[1].start >= end)
            return ERR_FORMAT;
        lba = base + entries[1].start;
    }
    return ERR_FULL;
}

static int read_primary(const struct block_device *device, uint8_t *buffer,
                        const struct entry entries[MBR_ENTRIES], struct partition_table *table)
{
    uint64_t end = device->block_count;

    table->kind = TABLE_MBR;
    for (unsigned i = 0; i < MBR_ENTRIES; i++) {
        int error = OK;

        if (!is_used(&entries[i]))
            continue;
        if (entries[i].flag & ~MBR_ACTIVE || entries[i].start == 0 || entries[i].start >= end ||
            entries[i].blocks > end - entries[i].start)
            return ERR_FORMAT;
        if (is_extended(entries[i].type))
            error = read_chain(device, buffer, &entries[i], table);
        else
            error = add(table, &entries[i], entries[i].start, end);
        if (error != OK)
            return error;
    }
    return OK;
}

/* Whether entry i, of type EEh, guards the disk as UEFI 2.10, table 5.4, says. */
static bool guards(const struct entry *entry, uint64_t block_count)
{
    uint64_t rest = block_count - 1;

    return entry->start == 1 && (entry->blocks == UINT32_MAX || entry->blocks >= rest);
}

static int read_table(const struct block_device *device, uint8_t *buffer,
                      struct partition_table *table)
{
    struct entry entries[MBR_ENTRIES];
    bool signature = read_mbr(buffer, entries), protective = false;
    unsigned used = 0;
    int error;

    for (unsigned i = 0; signature && i < MBR_ENTRIES; i++) {
        used += is_used(&entries[i]);
        if (entries[i].type != MBR_PROTECTIVE)
            continue;
        protective = true;
        table->protective_mbr |= guards(&entries[i], device->block_count);
    }
    if (used != 0 && !protective)
        return read_primary(device, buffer, entries, table);
    error = table_read_gpt(device, buffer, table);
    if (error != ERR_ABSENT)
        return error;
    return protective ? ERR_FORMAT : OK;
}

int partitions_read(const struct block_device *device, void *buffer,
                    struct partition_table *ret_table)
{
    int error;

    if (device->block_size < MBR_SIZE || device->block_size > 4096 ||
        (device->block_size & (device->block_size - 1)) != 0 || device->block_count < 8)
        return ERR_RANGE;
    memset(ret_table, 0, sizeof(*ret_table));
    error = table_fetch(device, 0, 1, buffer);
    if (error == OK)
        error = read_table(device, buffer, ret_table);
    if (error != OK)
        memset(ret_table, 0, sizeof(*ret_table));
    return error;
}
