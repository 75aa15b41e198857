/*
 * NTFS: the boot sector, the records of $Volume and $LogFile in the MFT, and the restart pages of
 * the log. Layouts as documented by the Linux-NTFS project (NTFS Documentation, 2009).
 */
#include <string.h>

#include "disk/volumes/volume_parts.h"

enum {
    NTFS_SECTOR = 512, /* stride of the fixups, whatever the drive's sectors are */
    RECORD_MIN = 512,
    RECORD_MAX = 4096,
    CLUSTER_MAX = 2 * 1024 * 1024,
    RECORD_LOGFILE = 2,
    RECORD_VOLUME = 3,
    ATTRIBUTES_MAX = 64, /* looked at in one record */
    ATTRIBUTE_VOLUME_INFORMATION = 0x70,
    ATTRIBUTE_DATA = 0x80,
    VOLUME_IS_DIRTY = 0x0001,
    VOLUME_CHKDSK_UNDERWAY = 0x4000,
    RESTART_PAGE_MAX = 32768,
    RESTART_NO_CLIENT = 0xFFFF,
    RESTART_IS_CLEAN = 0x0002,
};

struct ntfs {
    uint64_t cluster, mft; /* bytes: of a cluster, and where the MFT begins */
    uint32_t record;       /* bytes */
};

enum log_state { LOG_UNKNOWN, LOG_CLEAN, LOG_IN_USE };

/* Puts back what the fixups took from the end of each sector; false when they do not fit. */
static bool fix_up(uint8_t *page, size_t size, const char *magic)
{
    struct bytes bytes = bytes_of(page, size);
    size_t array = bytes_le16(&bytes, 4), count = bytes_le16(&bytes, 6);
    uint16_t number = bytes_le16(&bytes, array);

    if (memcmp(page, magic, 4) != 0 || count != size / NTFS_SECTOR + 1 || array < 8 ||
        !bytes_have(&bytes, array, 2 * count) || array + 2 * count > NTFS_SECTOR - 2)
        return false;
    for (size_t i = 1; i < count; i++) {
        uint8_t *end = page + i * NTFS_SECTOR - 2;

        if (bytes_le16(&bytes, i * NTFS_SECTOR - 2) != number)
            return false;
        memcpy(end, page + array + 2 * i, 2);
    }
    return true;
}

static bool parse_boot(const uint8_t *head, struct ntfs *ret_ntfs)
{
    struct bytes bytes = bytes_of(head, VOLUME_HEAD_SIZE);
    uint32_t sector = bytes_le16(&bytes, 11), sectors = bytes_u8(&bytes, 13);
    int8_t record = (int8_t)bytes_u8(&bytes, 64);
    uint64_t first = bytes_le64(&bytes, 48);
    struct ntfs ntfs;

    if (sectors > 128)
        sectors = sectors >= 244 ? (uint32_t)1 << (256 - sectors) : 0;
    ntfs.cluster = (uint64_t)sector * sectors;
    if (sector < NTFS_SECTOR || (sector & (sector - 1)) != 0 || ntfs.cluster == 0 ||
        (ntfs.cluster & (ntfs.cluster - 1)) != 0 || ntfs.cluster > CLUSTER_MAX ||
        first > (uint64_t)INT64_MAX / ntfs.cluster || record < -12)
        return false;
    ntfs.mft = first * ntfs.cluster;
    ntfs.record = record > 0 ? (uint32_t)(record * (int64_t)ntfs.cluster) : (uint32_t)1 << -record;
    if (ntfs.record < RECORD_MIN || ntfs.record > RECORD_MAX ||
        (ntfs.record & (ntfs.record - 1)) != 0)
        return false;
    *ret_ntfs = ntfs;
    return true;
}

/* The first attribute of a type in a record of the MFT; *ret_record is the record, fixed up. 0
 * when it cannot be found, else its offset in the record. */
static size_t find_attribute(struct volume_source *source, const struct ntfs *ntfs, unsigned number,
                             uint32_t type, struct bytes *ret_record)
{
    uint8_t *record =
        volume_bytes(source, ntfs->mft + (uint64_t)number * ntfs->record, ntfs->record);
    size_t at;

    if (!record || !fix_up(record, ntfs->record, "FILE"))
        return 0;
    *ret_record = bytes_of(record, ntfs->record);
    at = bytes_le16(ret_record, 20);
    for (unsigned i = 0; i < ATTRIBUTES_MAX && !ret_record->failed; i++) {
        uint32_t size = bytes_le32(ret_record, at + 4);

        if (bytes_le32(ret_record, at) == type && bytes_have(ret_record, at, size) && size >= 24)
            return at;
        if (bytes_le32(ret_record, at) == UINT32_MAX || size < 16 || size > ntfs->record)
            return 0;
        at += size;
    }
    return 0;
}

/* Flags of $VOLUME_INFORMATION; false when they cannot be found. */
static bool read_flags(struct volume_source *source, const struct ntfs *ntfs, unsigned *ret_flags)
{
    struct bytes record = {0};
    size_t at = find_attribute(source, ntfs, RECORD_VOLUME, ATTRIBUTE_VOLUME_INFORMATION, &record);
    size_t content;

    if (at == 0 || bytes_u8(&record, at + 8) != 0 || bytes_le32(&record, at + 16) < 12)
        return false;
    content = at + bytes_le16(&record, at + 20);
    *ret_flags = bytes_le16(&record, content + 10);
    return !record.failed;
}

/* Where the log begins, by the first of its runs; false when it cannot be found. */
static bool find_log(struct volume_source *source, const struct ntfs *ntfs, uint64_t *ret_offset)
{
    struct bytes record = {0};
    size_t at = find_attribute(source, ntfs, RECORD_LOGFILE, ATTRIBUTE_DATA, &record), runs;
    unsigned widths;
    uint64_t cluster;

    if (at == 0 || bytes_u8(&record, at + 8) != 1 || bytes_le64(&record, at + 16) != 0)
        return false;
    runs = at + bytes_le16(&record, at + 32);
    widths = bytes_u8(&record, runs);
    cluster = bytes_le(&record, runs + 1 + (widths & 15), widths >> 4);
    if (record.failed || (widths & 15) == 0 || widths >> 4 == 0 || cluster == 0 ||
        cluster > (uint64_t)INT64_MAX / ntfs->cluster)
        return false;
    *ret_offset = cluster * ntfs->cluster;
    return true;
}

/* One restart page, and how new it is. */
static enum log_state read_restart(struct volume_source *source, uint64_t offset, uint32_t size,
                                   uint64_t *ret_number)
{
    uint8_t *page = volume_bytes(source, offset, size);
    struct bytes bytes = bytes_of(page, size);
    size_t area;
    unsigned client, flags;

    if (!page || !fix_up(page, size, "RSTR") || bytes_le32(&bytes, 16) != size)
        return LOG_UNKNOWN;
    area = bytes_le16(&bytes, 24);
    *ret_number = bytes_le64(&bytes, area);
    client = bytes_le16(&bytes, area + 12);
    flags = bytes_le16(&bytes, area + 14);
    if (bytes.failed)
        return LOG_UNKNOWN;
    return client == RESTART_NO_CLIENT || flags & RESTART_IS_CLEAN ? LOG_CLEAN : LOG_IN_USE;
}

/* The log says that the volume is in use until it is dismounted; one that was emptied, all ones,
 * is of a volume that was in order. Of its two restart pages the newer one counts. */
static enum log_state read_log(struct volume_source *source, uint64_t offset)
{
    const uint8_t *head = volume_bytes(source, offset, NTFS_SECTOR);
    struct bytes bytes = bytes_of(head, NTFS_SECTOR);
    uint64_t first_number = 0, second_number = 0;
    enum log_state first, second;
    unsigned ones = 0;
    uint32_t size;

    for (unsigned i = 0; head && i < NTFS_SECTOR; i++)
        ones += head[i] == 0xFF;
    if (ones == NTFS_SECTOR)
        return LOG_CLEAN;
    size = head ? bytes_le32(&bytes, 16) : 0;
    if (size < NTFS_SECTOR || size > RESTART_PAGE_MAX || (size & (size - 1)) != 0)
        return LOG_UNKNOWN;
    first = read_restart(source, offset, size, &first_number);
    second = read_restart(source, offset + size, size, &second_number);
    if (first == LOG_UNKNOWN || second == LOG_UNKNOWN)
        return first == LOG_IN_USE || second == LOG_IN_USE ? LOG_IN_USE : LOG_UNKNOWN;
    return second_number > first_number ? second : first;
}

bool volume_is_ntfs(struct volume_source *source, const uint8_t *head, struct volume *volume)
{
    enum log_state log = LOG_UNKNOWN;
    struct ntfs ntfs;
    uint64_t offset;
    unsigned flags = 0;

    if (memcmp(head + 3, "NTFS    ", 8) != 0)
        return false;
    volume->system = "NTFS";
    if (!parse_boot(head, &ntfs) || !read_flags(source, &ntfs, &flags) ||
        !find_log(source, &ntfs, &offset)) {
        volume_set(volume, VOLUME_UNKNOWN, "cannot be shown to be in order");
        return true;
    }
    log = read_log(source, offset);
    if (flags & (VOLUME_IS_DIRTY | VOLUME_CHKDSK_UNDERWAY))
        volume_set(volume, VOLUME_DIRTY, "is marked dirty");
    else if (log == LOG_IN_USE)
        volume_set(volume, VOLUME_DIRTY, "was not cleanly unmounted, or its Windows hibernates");
    else if (log == LOG_UNKNOWN)
        volume_set(volume, VOLUME_UNKNOWN, "cannot be shown to be in order");
    return true;
}
