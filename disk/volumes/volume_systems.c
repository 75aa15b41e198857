/* File systems that say in their first blocks whether they are in order. */
#include <string.h>

#include "disk/volumes/volume_parts.h"

enum {
    EXFAT_FLAGS = 106, /* of the boot sector: exFAT specification, 3.1.13 */
    EXFAT_DIRTY = 1 << 1,
    EXFAT_MEDIA_FAILURE = 1 << 2,

    EXT_SUPERBLOCK = 1024, /* Linux: Documentation/filesystems/ext4, super block */
    EXT_MAGIC = 0x38,
    EXT_STATE = 0x3A,
    EXT_INCOMPAT = 0x60,
    EXT_RO_COMPAT = 0x64,
    EXT_CLEAN = 1,
    EXT_ERRORS = 2,
    EXT_RECOVER = 4,
    EXT_JOURNAL_DEVICE = 8,
    EXT_ORPHANS = 0x10000,

    HFS_HEADER = 1024, /* Apple TN1150, volume header; big-endian */
    HFS_UNMOUNTED = 1 << 8,
    HFS_INCONSISTENT = 1 << 11,
};

static const char not_unmounted[] = "was not cleanly unmounted";
static const char has_errors[] = "says that it has errors";

bool volume_is_exfat(const uint8_t *head, struct volume *volume)
{
    struct bytes bytes = bytes_of(head, VOLUME_HEAD_SIZE);
    unsigned flags = bytes_le16(&bytes, EXFAT_FLAGS);

    if (memcmp(head + 3, "EXFAT   ", 8) != 0 || bytes_le16(&bytes, 510) != 0xAA55)
        return false;
    volume->system = "exFAT";
    if (flags & EXFAT_DIRTY)
        volume_set(volume, VOLUME_DIRTY, not_unmounted);
    else if (flags & EXFAT_MEDIA_FAILURE)
        volume_set(volume, VOLUME_DIRTY, has_errors);
    return true;
}

bool volume_is_ext(const uint8_t *head, struct volume *volume)
{
    struct bytes bytes = bytes_of(head + EXT_SUPERBLOCK, 1024);
    unsigned state = bytes_le16(&bytes, EXT_STATE);
    uint32_t incompatible = bytes_le32(&bytes, EXT_INCOMPAT);

    if (bytes_le16(&bytes, EXT_MAGIC) != 0xEF53)
        return false;
    volume->system = "ext2, ext3 or ext4";
    if (incompatible & EXT_JOURNAL_DEVICE)
        volume_set(volume, VOLUME_UNKNOWN, "is the journal of another one");
    else if (state & EXT_ERRORS)
        volume_set(volume, VOLUME_DIRTY, has_errors);
    else if (!(state & EXT_CLEAN) || incompatible & EXT_RECOVER ||
             bytes_le32(&bytes, EXT_RO_COMPAT) & EXT_ORPHANS)
        volume_set(volume, VOLUME_DIRTY, not_unmounted);
    return true;
}

bool volume_is_hfs(const uint8_t *head, struct volume *volume)
{
    const uint8_t *header = head + HFS_HEADER;
    uint32_t attributes = (uint32_t)header[4] << 24 | (uint32_t)header[5] << 16 |
                          (uint32_t)header[6] << 8 | header[7];

    if (header[0] != 'H' ||
        !((header[1] == '+' && header[3] == 4) || (header[1] == 'X' && header[3] == 5)) ||
        header[2] != 0)
        return false;
    volume->system = "HFS+";
    if (!(attributes & HFS_UNMOUNTED) || attributes & HFS_INCONSISTENT)
        volume_set(volume, VOLUME_DIRTY, not_unmounted);
    return true;
}

bool volume_is_swap(struct volume_source *source, struct volume *volume)
{
    /* The last ten bytes of the first page: Linux, mm/swapfile.c and kernel/power/swap.c. */
    static const struct {
        const char *mark;
        size_t size;
        bool hibernated;
    } marks[] = {
        {"SWAPSPACE2", 10, false},
        {"SWAP-SPACE", 10, false},
        {"S1SUSPEND", 9, true},
        {"S2SUSPEND", 9, true},
        {"ULSUSPEND", 9, true},
        {"LINHIB0001", 10, true},
        {"\xED\xC3\x02\xE9\x98\x56\xE5\x0C", 8, true},
    };

    for (uint64_t page = 4096; page <= 65536; page *= 2) {
        const uint8_t *found = volume_bytes(source, page - 10, 10);

        for (unsigned i = 0; found && i < sizeof(marks) / sizeof(marks[0]); i++) {
            if (memcmp(found, marks[i].mark, marks[i].size) != 0)
                continue;
            volume->system = "Linux swap";
            if (marks[i].hibernated)
                volume_set(volume, VOLUME_HIBERNATED, "holds the image of a sleeping system");
            return true;
        }
    }
    return false;
}
