/* What holds other volumes, is locked, or belongs to a system that Assay does not read. */
#include <string.h>

#include "disk/volumes/volume_parts.h"

enum { FROM_END = 1 << 0 };

/* A mark that stands at a fixed place. */
struct mark {
    const char *bytes;
    uint8_t size;
    uint8_t place; /* FROM_END: `offset` is counted back from the volume's end */
    uint32_t offset;
    uint8_t state; /* enum volume_state */
    const char *system, *reason;
};

static const char locked[] = "is locked";
static const char not_read[] = "belongs to a system that is not looked into";
static const char member[] = "is a part of a larger volume";

static const struct mark marks[] = {
    {"-FVE-FS-", 8, 0, 3, VOLUME_LOCKED, "BitLocker", locked},
    /* BitLocker To Go, a boot sector that looks like FAT32, and its GUID */
    {"\x3B\xD6\x67\x49\x29\x2E\xD8\x4A\x83\x99\xF6\xA3\x39\xE3\xD0\x01", 16, 0, 424, VOLUME_LOCKED,
     "BitLocker", locked},
    {"LUKS\xBA\xBE", 6, 0, 0, VOLUME_LOCKED, "LUKS", locked},
    {"LABELONE", 8, 0, 0, VOLUME_UNKNOWN, "LVM", member},
    {"LABELONE", 8, 0, 512, VOLUME_UNKNOWN, "LVM", member},
    {"LABELONE", 8, 0, 1024, VOLUME_UNKNOWN, "LVM", member},
    {"LABELONE", 8, 0, 1536, VOLUME_UNKNOWN, "LVM", member},
    {"\xFC\x4E\x2B\xA9", 4, 0, 0, VOLUME_UNKNOWN, "Linux RAID", member},
    {"\xFC\x4E\x2B\xA9", 4, 0, 4096, VOLUME_UNKNOWN, "Linux RAID", member},
    {"Intel Raid ISM Cfg Sig. ", 24, FROM_END, 1024, VOLUME_UNKNOWN, "Intel RAID", member},
    {"\xDE\x11\xDE\x11", 4, FROM_END, 512, VOLUME_UNKNOWN, "DDF RAID", member},
    {"XFSB", 4, 0, 0, VOLUME_UNKNOWN, "XFS", not_read},
    {"_BHRfS_M", 8, 0, 65600, VOLUME_UNKNOWN, "Btrfs", not_read},
    {"\x10\x20\xF5\xF2", 4, 0, 1024, VOLUME_UNKNOWN, "F2FS", not_read},
    {"NXSB", 4, 0, 32, VOLUME_UNKNOWN, "APFS", not_read},
    {"ReFS\0", 5, 0, 3, VOLUME_UNKNOWN, "ReFS", not_read},
    /* the first pair of the label's list, in XDR */
    {"version", 7, 0, 16408, VOLUME_UNKNOWN, "ZFS", not_read},
};

/* Types of partitions, as they stand on the disk. */
static const struct {
    uint8_t type[GUID_SIZE];
    const char *system;
} gpt_types[] = {
    {{0xAA, 0xC8, 0x08, 0x58, 0x8F, 0x7E, 0xE0, 0x42, 0x85, 0xD2, 0xE1, 0xE9, 0x04, 0x34, 0xCF,
      0xB3},
     "Windows dynamic disk"},
    {{0xA0, 0x60, 0x9B, 0xAF, 0x31, 0x14, 0x62, 0x4F, 0xBC, 0x68, 0x33, 0x11, 0x71, 0x4A, 0x69,
      0xAD},
     "Windows dynamic disk"},
    {{0x8F, 0xAF, 0x5C, 0xE7, 0x80, 0xF6, 0xEE, 0x4C, 0xAF, 0xA3, 0xB0, 0x01, 0xE5, 0x6E, 0xFC,
      0x2D},
     "storage spaces"},
};

enum { MBR_TYPE_DYNAMIC = 0x42 };

static bool is_member_by_type(const struct partition *partition, struct volume *volume)
{
    if (partition->mbr_type == MBR_TYPE_DYNAMIC)
        volume->system = "Windows dynamic disk";
    for (unsigned i = 0; i < sizeof(gpt_types) / sizeof(gpt_types[0]); i++) {
        if (memcmp(partition->type, gpt_types[i].type, GUID_SIZE) == 0)
            volume->system = gpt_types[i].system;
    }
    if (volume->system[0])
        volume_set(volume, VOLUME_UNKNOWN, member);
    return volume->system[0] != '\0';
}

/* Superblocks of Linux RAID near the end: format 0.90 in the last 64 KiB that are aligned to
 * that, format 1.0 in the last 8 KiB and aligned to 4 (Linux, drivers/md/md.c). */
static bool is_raid_by_end(struct volume_source *source)
{
    uint64_t size = source->blocks * source->device->block_size;
    uint64_t old = size & ~(uint64_t)65535, new = size / 512;

    if (old >= 65536 && (volume_has(source, old - 65536, "\xFC\x4E\x2B\xA9", 4) ||
                         volume_has(source, old - 65536, "\xA9\x2B\x4E\xFC", 4)))
        return true;
    return new >= 24 &&
           volume_has(source, ((new - 16) & ~(uint64_t)7) * 512, "\xFC\x4E\x2B\xA9", 4);
}

static bool has_mark(struct volume_source *source, const struct mark *mark)
{
    uint64_t size = source->blocks * source->device->block_size, offset = mark->offset;

    if (mark->place == FROM_END) {
        if (offset > size)
            return false;
        offset = size - offset;
    }
    return volume_has(source, offset, mark->bytes, mark->size);
}

bool volume_is_container(struct volume_source *source, struct volume *volume)
{
    if (source->partition && is_member_by_type(source->partition, volume))
        return true;
    for (unsigned i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (!has_mark(source, &marks[i]))
            continue;
        volume->system = marks[i].system;
        volume_set(volume, (enum volume_state)marks[i].state, marks[i].reason);
        return true;
    }
    if (!is_raid_by_end(source))
        return false;
    volume->system = "Linux RAID";
    volume_set(volume, VOLUME_UNKNOWN, member);
    return true;
}
