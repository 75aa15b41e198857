#include "disk/volumes/gpt.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "disk/volumes/table.h"

uint32_t gpt_crc32(uint32_t crc, const void *data, size_t size)
{
    /* The polynomial, reflected, over the 16 values of four bits. */
    static const uint32_t steps[16] = {
        0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4,
        0x4DB26158, 0x5005713C, 0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C,
        0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
    };
    const uint8_t *bytes = data;

    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = steps[crc & 15] ^ crc >> 4;
        crc = steps[crc & 15] ^ crc >> 4;
    }
    return ~crc;
}

/* The header's own checksum counts itself as zero. */
static uint32_t header_crc(const uint8_t *block, size_t header_size)
{
    static const uint8_t zeros[4];
    uint32_t crc = gpt_crc32(0, block, 16);

    crc = gpt_crc32(crc, zeros, sizeof(zeros));
    return gpt_crc32(crc, block + 20, header_size - 20);
}

static uint64_t entry_blocks(const struct gpt_header *header, uint32_t block_size)
{
    return ((uint64_t)header->entry_count * header->entry_size + block_size - 1) / block_size;
}

/* The array lies on the disk, and neither the header nor a usable block is in it; there is room
 * for another pair at the other end. */
static bool is_placed(const struct gpt_header *header, uint32_t block_size, uint64_t block_count)
{
    uint64_t blocks = entry_blocks(header, block_size), first = header->entries_lba;

    if (header->first_usable > header->last_usable || block_count < blocks + 2 ||
        header->first_usable < blocks + 2 || header->last_usable >= block_count - blocks - 1 ||
        first < 2 || first >= block_count || blocks > block_count - first ||
        header->own_lba == header->other_lba)
        return false;
    if (header->own_lba >= header->first_usable && header->own_lba <= header->last_usable)
        return false;
    if (header->own_lba >= first && header->own_lba < first + blocks)
        return false;
    return first + blocks <= header->first_usable || first > header->last_usable;
}

static bool is_entry_size(uint32_t size)
{
    return size >= GPT_ENTRY_MIN && size <= GPT_ENTRY_MAX && (size & (size - 1)) == 0;
}

int gpt_header_parse(const void *block, size_t size, uint32_t block_size, uint64_t lba,
                     uint64_t block_count, struct gpt_header *ret_header)
{
    struct bytes bytes = bytes_of(block, size);
    struct gpt_header header;
    uint32_t header_size;

    if (size < GPT_HEADER_SIZE || memcmp(block, "EFI PART", 8) != 0)
        return ERR_ABSENT;
    header_size = bytes_le32(&bytes, 12);
    if (bytes_le32(&bytes, 8) >> 16 != 1 || header_size < GPT_HEADER_SIZE || header_size > size ||
        header_size > block_size || header_crc(block, header_size) != bytes_le32(&bytes, 16))
        return ERR_FORMAT;
    header = (struct gpt_header){
        .own_lba = bytes_le64(&bytes, 24),
        .other_lba = bytes_le64(&bytes, 32),
        .first_usable = bytes_le64(&bytes, 40),
        .last_usable = bytes_le64(&bytes, 48),
        .entries_lba = bytes_le64(&bytes, 72),
        .entry_count = bytes_le32(&bytes, 80),
        .entry_size = bytes_le32(&bytes, 84),
        .entries_crc = bytes_le32(&bytes, 88),
    };
    memcpy(header.disk, bytes.data + 56, GUID_SIZE);
    if (header.own_lba != lba || header.entry_count == 0 || header.entry_count > GPT_ENTRIES_MAX ||
        !is_entry_size(header.entry_size) || !is_placed(&header, block_size, block_count))
        return ERR_FORMAT;
    *ret_header = header;
    return OK;
}

/* UTF-16 to ASCII, up to its end. */
static void read_name(struct bytes *bytes, size_t offset, char *name)
{
    unsigned length = 0;

    for (; length < GPT_NAME_SIZE - 1; length++) {
        uint16_t unit = bytes_le16(bytes, offset + 2 * (size_t)length);

        if (unit == 0)
            break;
        name[length] = unit >= ' ' && unit <= '~' ? (char)unit : '?';
    }
    name[length] = '\0';
}

/* Adds the partition of an entry, if it is in use. */
static int add_entry(const struct gpt_header *header, const uint8_t *entry,
                     struct partition_table *table)
{
    static const uint8_t unused[GUID_SIZE];
    struct bytes bytes = bytes_of(entry, GPT_ENTRY_MIN);
    struct partition partition = {0};
    uint64_t last;

    if (memcmp(entry, unused, GUID_SIZE) == 0)
        return OK;
    memcpy(partition.type, entry, GUID_SIZE);
    partition.first_lba = bytes_le64(&bytes, 32);
    last = bytes_le64(&bytes, 40);
    read_name(&bytes, 56, partition.name);
    if (partition.first_lba < header->first_usable || last > header->last_usable ||
        partition.first_lba > last)
        return ERR_FORMAT;
    partition.blocks = last - partition.first_lba + 1;
    return table_add(table, &partition);
}

/* The array, a buffer at a time. Entry sizes are powers of two: none crosses its end. */
static int read_entries(const struct block_device *device, uint8_t *buffer,
                        const struct gpt_header *header, struct partition_table *table)
{
    uint64_t left = (uint64_t)header->entry_count * header->entry_size, lba = header->entries_lba;
    uint32_t crc = 0;

    while (left > 0) {
        size_t size = left < GPT_BUFFER_SIZE ? (size_t)left : GPT_BUFFER_SIZE;
        uint32_t blocks = (uint32_t)((size + device->block_size - 1) / device->block_size);
        int error = table_fetch(device, lba, blocks, buffer);

        if (error != OK)
            return error;
        crc = gpt_crc32(crc, buffer, size);
        for (size_t at = 0; at < size; at += header->entry_size) {
            error = add_entry(header, buffer + at, table);
            if (error != OK)
                return error;
        }
        lba += blocks;
        left -= size;
    }
    return crc == header->entries_crc ? OK : ERR_FORMAT;
}

static int read_one(const struct block_device *device, uint8_t *buffer, uint64_t lba,
                    struct gpt_header *ret_header, struct partition_table *table)
{
    int error = table_fetch(device, lba, 1, buffer);

    if (error == OK)
        error = gpt_header_parse(buffer, device->block_size, device->block_size, lba,
                                 device->block_count, ret_header);
    table->count = 0;
    return error == OK ? read_entries(device, buffer, ret_header, table) : error;
}

static bool agree(const struct gpt_header *a, const struct gpt_header *b)
{
    return a->own_lba == b->other_lba && a->other_lba == b->own_lba &&
           a->first_usable == b->first_usable && a->last_usable == b->last_usable &&
           memcmp(a->disk, b->disk, GUID_SIZE) == 0 && a->entry_count == b->entry_count &&
           a->entry_size == b->entry_size && a->entries_crc == b->entries_crc;
}

int table_read_gpt(const struct block_device *device, uint8_t *buffer,
                   struct partition_table *table)
{
    struct gpt_header primary = {0}, backup = {0};
    uint64_t last = device->block_count - 1;
    int backup_error = read_one(device, buffer, last, &backup, table);
    int error = read_one(device, buffer, 1, &primary, table);

    if (error == ERR_ABSENT && backup_error == ERR_ABSENT)
        return ERR_ABSENT;
    table->kind = TABLE_GPT;
    table->primary_valid = error == OK;
    table->backup_agrees = error == OK && backup_error == OK && agree(&primary, &backup);
    if (error == OK)
        return OK;
    if (backup_error != OK)
        return error == ERR_ABSENT ? backup_error : error;
    return read_one(device, buffer, last, &backup, table);
}
