#include "sensors/cper.h"

#include <string.h>

#include "base/error.h"
#include "sensors/cper_fields.h"

/* Record header, N.2.1 table N.1. */
enum {
    AT_REVISION = 4,
    AT_SIGNATURE_END = 6,
    AT_SECTIONS = 10,
    AT_SEVERITY = 12,
    AT_VALID = 16,
    AT_SIZE = 20,
    AT_TIME = 24,
    AT_PLATFORM = 32,
    AT_PARTITION = 48,
    AT_CREATOR = 64,
    AT_NOTIFICATION = 80,
    AT_ID = 96,
    AT_FLAGS = 104,
    VALID_PLATFORM = 1,
    VALID_TIME = 2,
    VALID_PARTITION = 4,
    FLAG_RECOVERED = 1,
    FLAG_PREVIOUS = 2,
    FLAG_SIMULATED = 4,
};

/* Section descriptor, N.2.2 table N.4, and entry of a block, ACPI 6.5 table 18.12. */
enum {
    DESCRIPTOR_SIZE = 72,
    ENTRY_SIZE = 64,
    ENTRY_SIZE_3 = 72, /* from revision 3.0 on, with a time */
    REVISION_3 = 0x0300,
    FRU_TEXT_SIZE = 20,
    VALID_FRU_ID = 1,
    VALID_FRU_TEXT = 2,
    VALID_ENTRY_TIME = 4,
};

/* Block status, ACPI 6.5 table 18.11. */
enum {
    STATUS_UNCORRECTED = 1 << 0,
    STATUS_CORRECTED = 1 << 1,
    STATUS_MORE_UNCORRECTED = 1 << 2,
    STATUS_MORE_CORRECTED = 1 << 3,
    STATUS_ANY = 0xF,
};

static void read_record(struct bytes *bytes, struct cper_record *record)
{
    uint32_t valid = bytes_le32(bytes, AT_VALID), flags = bytes_le32(bytes, AT_FLAGS);

    *record = (struct cper_record){
        .revision = bytes_le16(bytes, AT_REVISION),
        .sections = bytes_le16(bytes, AT_SECTIONS),
        .severity = bytes_le32(bytes, AT_SEVERITY),
        .size = bytes_le32(bytes, AT_SIZE),
        .has_platform = valid & VALID_PLATFORM,
        .has_partition = valid & VALID_PARTITION,
        .creator = cper_guid_at(bytes, AT_CREATOR),
        .notification = cper_guid_at(bytes, AT_NOTIFICATION),
        .id = bytes_le64(bytes, AT_ID),
        .recovered = flags & FLAG_RECOVERED,
        .previous = flags & FLAG_PREVIOUS,
        .simulated = flags & FLAG_SIMULATED,
    };
    if (record->has_platform)
        record->platform = cper_guid_at(bytes, AT_PLATFORM);
    if (record->has_partition)
        record->partition = cper_guid_at(bytes, AT_PARTITION);
    if (valid & VALID_TIME)
        record->time = cper_time_at(bytes, AT_TIME);
}

int cper_record_begin(const void *record, size_t size, struct cper_record *ret_record,
                      struct cper_walk *ret_walk)
{
    struct bytes bytes = bytes_of(record, size);

    if (!bytes_have(&bytes, 0, CPER_HEADER_SIZE) || memcmp(record, "CPER", 4) != 0 ||
        bytes_le32(&bytes, AT_SIGNATURE_END) != UINT32_MAX)
        return ERR_FORMAT;
    read_record(&bytes, ret_record);
    if (ret_record->size >= CPER_HEADER_SIZE && ret_record->size < size)
        bytes.size = ret_record->size;
    *ret_walk = (struct cper_walk){
        .bytes = bytes,
        .limit = ret_record->sections,
        .offset = CPER_HEADER_SIZE,
        .end = bytes.size,
    };
    return OK;
}

/* Its raw data, which only the platform's maker can read, stand behind the entries. */
static size_t block_size(struct bytes *bytes)
{
    size_t raw = bytes_le32(bytes, 4), raw_size = bytes_le32(bytes, 8);
    size_t entries = CPER_BLOCK_HEADER_SIZE + (size_t)bytes_le32(bytes, 12);

    return raw_size && raw + raw_size > entries ? raw + raw_size : entries;
}

int cper_block_begin(const void *block, size_t size, struct cper_block *ret_block,
                     struct cper_walk *ret_walk)
{
    struct bytes bytes = bytes_of(block, size);
    uint32_t status = bytes_le32(&bytes, 0);
    size_t entries = bytes_le32(&bytes, 12);

    if (!bytes_have(&bytes, 0, CPER_BLOCK_HEADER_SIZE))
        return ERR_FORMAT;
    if (!(status & STATUS_ANY))
        return ERR_ABSENT;
    if (entries == 0 && bytes_le32(&bytes, 8) == 0)
        return ERR_FORMAT;
    *ret_block = (struct cper_block){
        .corrected = status & STATUS_CORRECTED,
        .uncorrected = status & STATUS_UNCORRECTED,
        .more_corrected = status & STATUS_MORE_CORRECTED,
        .more_uncorrected = status & STATUS_MORE_UNCORRECTED,
        .sections = status >> 4 & 0x3FF,
        .severity = bytes_le32(&bytes, 16),
        .size = block_size(&bytes),
    };
    *ret_walk = (struct cper_walk){
        .bytes = bytes,
        .is_block = true,
        .limit = CPER_SECTIONS_MAX + 1,
        .offset = CPER_BLOCK_HEADER_SIZE,
        .end = CPER_BLOCK_HEADER_SIZE + entries,
    };
    return OK;
}

struct cper_region cper_region_begin(const void *region, size_t size)
{
    return (struct cper_region){.bytes = bytes_of(region, size)};
}

/* Less than a header at the end is padding. */
bool cper_region_next(struct cper_region *region, struct cper_block *ret_block,
                      struct cper_walk *ret_walk)
{
    size_t left = region->bytes.size - region->offset;
    int error;

    if (region->error != OK || left < CPER_BLOCK_HEADER_SIZE)
        return false;
    error = cper_block_begin(region->bytes.data + region->offset, left, ret_block, ret_walk);
    if (error == OK && region->count == CPER_BLOCKS_MAX)
        error = ERR_FULL;
    if (error != OK) {
        region->error = error == ERR_ABSENT ? OK : error;
        region->offset = region->bytes.size;
        return false;
    }
    region->count++;
    region->offset += ret_block->size < left ? ret_block->size : left;
    return true;
}

/* What descriptors and entries have in common, at different places. */
static void read_part(struct bytes *bytes, uint8_t valid, size_t id_at, size_t text_at,
                      struct cper_section *section)
{
    section->has_part = valid & VALID_FRU_ID;
    if (section->has_part)
        section->part = cper_guid_at(bytes, id_at);
    if (valid & VALID_FRU_TEXT && bytes_have(bytes, text_at, FRU_TEXT_SIZE))
        copy_name(section->name, sizeof(section->name), bytes->data + text_at, FRU_TEXT_SIZE);
    section->kind = cper_kind_of(&section->type);
}

/* The bytes of a section. What of it is there is given, and the walk ends with an error, where it
 * is said to be longer than what there is. */
static bool take_body(struct cper_walk *walk, size_t at, size_t size, struct cper_section *section)
{
    size_t there = at < walk->bytes.size ? walk->bytes.size - at : 0;

    if (size > there)
        walk->error = ERR_FORMAT;
    section->body = bytes_of(walk->bytes.data + (there ? at : 0), size < there ? size : there);
    return there > 0;
}

static bool next_of_record(struct cper_walk *walk, struct cper_section *section)
{
    struct bytes bytes = walk->bytes;
    size_t at = walk->offset;
    size_t body = bytes_le32(&bytes, at), size = bytes_le32(&bytes, at + 4);
    size_t table_end = CPER_HEADER_SIZE + (size_t)walk->limit * DESCRIPTOR_SIZE;

    if (!bytes_have(&bytes, at, DESCRIPTOR_SIZE) || body < table_end || size == 0)
        return false;
    section->revision = bytes_le16(&bytes, at + 8);
    section->flags = bytes_le32(&bytes, at + 12);
    section->type = cper_guid_at(&bytes, at + 16);
    section->severity = bytes_le32(&bytes, at + 48);
    read_part(&bytes, bytes_u8(&bytes, at + 10), at + 32, at + 52, section);
    walk->offset += DESCRIPTOR_SIZE;
    return take_body(walk, body, size, section);
}

static bool next_of_block(struct cper_walk *walk, struct cper_section *section)
{
    struct bytes bytes = walk->bytes;
    size_t at = walk->offset;
    size_t size = bytes_le32(&bytes, at + 24);
    uint16_t revision = bytes_le16(&bytes, at + 20);
    size_t header = revision >= REVISION_3 ? ENTRY_SIZE_3 : ENTRY_SIZE;
    uint8_t valid = bytes_u8(&bytes, at + 22);

    if (!bytes_have(&bytes, at, header) || size == 0 || size > walk->end - at ||
        header > walk->end - at - size)
        return false;
    section->type = cper_guid_at(&bytes, at);
    section->severity = bytes_le32(&bytes, at + 16);
    section->revision = revision;
    section->flags = bytes_u8(&bytes, at + 23);
    if (header == ENTRY_SIZE_3 && valid & VALID_ENTRY_TIME)
        section->time = cper_time_at(&bytes, at + ENTRY_SIZE);
    read_part(&bytes, valid, at + 28, at + 44, section);
    walk->offset += header + size;
    return take_body(walk, at + header, size, section);
}

bool cper_next(struct cper_walk *walk, struct cper_section *ret_section)
{
    struct cper_section section = {0};

    if (walk->error != OK || walk->count == walk->limit ||
        (walk->is_block && walk->offset >= walk->end))
        return false;
    if (walk->count == CPER_SECTIONS_MAX) {
        walk->error = ERR_FULL;
        return false;
    }
    if (!(walk->is_block ? next_of_block : next_of_record)(walk, &section)) {
        walk->error = ERR_FORMAT;
        return false;
    }
    walk->count++;
    *ret_section = section;
    return true;
}
