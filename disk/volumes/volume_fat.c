/* FAT12, FAT16 and FAT32: Microsoft, FAT: General Overview of On-Disk Format 1.03. */
#include "disk/volumes/volume_parts.h"

enum {
    FAT12_CLUSTERS = 4085,  /* a volume with fewer is FAT12, */
    FAT16_CLUSTERS = 65525, /* with fewer FAT16 */
    STATE_16 = 37, /* in the boot sector, of FAT12 and FAT16: bit 0 as Windows and Linux set it */
    STATE_32 = 65,
    STATE_DIRTY = 1,
};

struct fat {
    uint32_t sector_size, reserved, fats, root_entries, sectors, fat_size, clusters;
    uint8_t cluster_sectors;
};

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

/* False for what is no boot sector of FAT. */
static bool parse(const uint8_t *head, struct fat *ret_fat)
{
    struct bytes bytes = bytes_of(head, VOLUME_HEAD_SIZE);
    struct fat fat = {
        .sector_size = bytes_le16(&bytes, 11),
        .cluster_sectors = bytes_u8(&bytes, 13),
        .reserved = bytes_le16(&bytes, 14),
        .fats = bytes_u8(&bytes, 16),
        .root_entries = bytes_le16(&bytes, 17),
        .sectors = bytes_le16(&bytes, 19),
        .fat_size = bytes_le16(&bytes, 22),
    };
    uint8_t media = bytes_u8(&bytes, 21);
    uint64_t before;

    if (fat.sectors == 0)
        fat.sectors = bytes_le32(&bytes, 32);
    if (fat.fat_size == 0)
        fat.fat_size = bytes_le32(&bytes, 36);
    if (bytes_le16(&bytes, 510) != 0xAA55 || (head[0] != 0xEB && head[0] != 0xE9) ||
        !is_power_of_two(fat.sector_size) || fat.sector_size < 512 || fat.sector_size > 4096 ||
        !is_power_of_two(fat.cluster_sectors) || fat.reserved == 0 || fat.fats == 0 ||
        fat.fats > 2 || fat.fat_size == 0 || (media != 0xF0 && media < 0xF8))
        return false;
    before = fat.reserved + (uint64_t)fat.fats * fat.fat_size +
             (fat.root_entries * 32 + fat.sector_size - 1) / fat.sector_size;
    if (before >= fat.sectors)
        return false;
    fat.clusters = (uint32_t)((fat.sectors - before) / fat.cluster_sectors);
    *ret_fat = fat;
    return true;
}

/* FAT[1]: its two highest used bits are set on a volume that is in order. */
static void judge_entry(struct volume *volume, uint64_t entry, unsigned clean_bit)
{
    if (!(entry >> clean_bit & 1))
        volume_set(volume, VOLUME_DIRTY, "was not cleanly unmounted");
    else if (!(entry >> (clean_bit - 1) & 1))
        volume_set(volume, VOLUME_DIRTY, "says that it has errors");
}

bool volume_is_fat(struct volume_source *source, const uint8_t *head, struct volume *volume)
{
    struct fat fat;
    struct bytes bytes;
    bool wide, dirty;
    uint8_t *table;

    if (!parse(head, &fat))
        return false;
    wide = fat.clusters >= FAT16_CLUSTERS;
    dirty = head[wide ? STATE_32 : STATE_16] & STATE_DIRTY;
    volume->system = wide ? "FAT32" : fat.clusters < FAT12_CLUSTERS ? "FAT12" : "FAT16";
    table = volume_bytes(source, (uint64_t)fat.reserved * fat.sector_size, 8);
    bytes = bytes_of(table, 8);
    if (!table)
        volume_set(volume, VOLUME_UNKNOWN, "cannot be read");
    else if (dirty)
        volume_set(volume, VOLUME_DIRTY, "was not cleanly unmounted");
    else if (wide)
        judge_entry(volume, bytes_le32(&bytes, 4), 27);
    else if (fat.clusters >= FAT12_CLUSTERS)
        judge_entry(volume, bytes_le16(&bytes, 2), 15);
    return true;
}
