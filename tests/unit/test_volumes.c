/* Volumes: each system that is known, clean and not, on the bare disk and in a partition. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/error.h"
#include "disk/volumes/volumes.h"
#include "disk/writing/stamp.h"
#include "tests/sim/gpt_image.h"

enum { DISK_SIZE = 8 * 1024 * 1024, VOLUME_SIZE = 4 * 1024 * 1024, FIRST = 1024 * 1024 };

static struct sim_clock sim_clock;
static struct write_drive drive;
static struct volumes volumes;
static uint8_t buffer[VOLUMES_BUFFER_SIZE] __attribute__((aligned(4096)));

static void put(uint8_t *bytes, size_t offset, uint64_t value, unsigned width)
{
    gpt_image_put(bytes, offset, value, width);
}

static void text(uint8_t *bytes, size_t offset, const char *value)
{
    memcpy(bytes + offset, value, strlen(value));
}

/* Number and its copies at the ends of sectors, as NTFS protects its records. */
static void fix(uint8_t *record, size_t size, size_t array)
{
    put(record, 4, array, 2);
    put(record, 6, size / 512 + 1, 2);
    put(record, array, 0x0101, 2);
    for (size_t i = 1; i <= size / 512; i++) {
        memcpy(record + array + 2 * i, record + i * 512 - 2, 2);
        put(record, i * 512 - 2, 0x0101, 2);
    }
}

enum { NTFS_CLUSTER = 4096, NTFS_MFT = 16, NTFS_LOG = 64 };

static uint8_t *ntfs_record(uint8_t *volume, unsigned number)
{
    return volume + NTFS_MFT * NTFS_CLUSTER + (size_t)number * 1024;
}

static void ntfs_restart(uint8_t *page, uint64_t number, unsigned client, unsigned flags)
{
    memset(page, 0, 4096);
    text(page, 0, "RSTR");
    put(page, 16, 4096, 4);
    put(page, 20, 4096, 4);
    put(page, 24, 0x30, 2);
    put(page, 0x30, number, 8);
    put(page, 0x30 + 12, client, 2);
    put(page, 0x30 + 14, flags, 2);
    fix(page, 4096, 30);
}

static void ntfs(uint8_t *volume, unsigned flags)
{
    uint8_t *record = ntfs_record(volume, 3);

    text(volume, 3, "NTFS    ");
    put(volume, 11, 512, 2);
    put(volume, 13, NTFS_CLUSTER / 512, 1);
    put(volume, 48, NTFS_MFT, 8);
    put(volume, 64, 0xF6, 1);
    put(volume, 510, 0xAA55, 2);
    text(record, 0, "FILE");
    put(record, 20, 56, 2);
    put(record, 56, 0x10, 4); /* another attribute before */
    put(record, 60, 72, 4);
    put(record, 128, 0x70, 4);
    put(record, 132, 40, 4);
    put(record, 144, 12, 4);
    put(record, 148, 24, 2);
    put(record, 128 + 24 + 10, flags, 2);
    put(record, 168, 0xFFFFFFFF, 4);
    fix(record, 1024, 48);
    record = ntfs_record(volume, 2);
    text(record, 0, "FILE");
    put(record, 20, 56, 2);
    put(record, 56, 0x80, 4);
    put(record, 60, 72, 4);
    put(record, 64, 1, 1);
    put(record, 56 + 32, 64, 2);
    put(record, 120, 0x11, 1);
    put(record, 121, 4, 1);
    put(record, 122, NTFS_LOG, 1);
    fix(record, 1024, 48);
    ntfs_restart(volume + NTFS_LOG * NTFS_CLUSTER, 10, 0xFFFF, 2);
    ntfs_restart(volume + (NTFS_LOG + 1) * NTFS_CLUSTER, 9, 0, 0);
}

static void ntfs_clean(uint8_t *volume)
{
    ntfs(volume, 0);
}

static void ntfs_dirty(uint8_t *volume)
{
    ntfs(volume, 1);
}

static void ntfs_in_use(uint8_t *volume)
{
    ntfs(volume, 0);
    ntfs_restart(volume + (NTFS_LOG + 1) * NTFS_CLUSTER, 11, 0, 0);
}

static void ntfs_flag_only(uint8_t *volume)
{
    ntfs(volume, 0);
    ntfs_restart(volume + NTFS_LOG * NTFS_CLUSTER, 12, 0, 2);
}

static void ntfs_log_empty(uint8_t *volume)
{
    ntfs(volume, 0);
    memset(volume + NTFS_LOG * NTFS_CLUSTER, 0xFF, 2 * NTFS_CLUSTER);
}

static void ntfs_log_odd(uint8_t *volume)
{
    ntfs(volume, 0);
    memset(volume + NTFS_LOG * NTFS_CLUSTER, 0x11, 2 * NTFS_CLUSTER);
}

static void ntfs_no_mft(uint8_t *volume)
{
    ntfs(volume, 0);
    memset(ntfs_record(volume, 3), 0, 1024);
}

static void ntfs_torn_mft(uint8_t *volume)
{
    ntfs(volume, 0);
    ntfs_record(volume, 3)[1022] ^= 1;
}

static void ntfs_mft_beyond(uint8_t *volume)
{
    ntfs(volume, 0);
    put(volume, 48, 1 << 20, 8);
}

static void fat(uint8_t *volume, bool wide, uint64_t entry)
{
    text(volume, 0, "\xEB\x58\x90");
    put(volume, 11, 512, 2);
    put(volume, 13, 1, 1);
    put(volume, 14, 32, 2);
    put(volume, 16, 2, 1);
    put(volume, 17, wide ? 0 : 512, 2);
    put(volume, 21, 0xF8, 1);
    put(volume, wide ? 36 : 22, wide ? 600 : 32, wide ? 4 : 2);
    put(volume, 32, wide ? 70000 : 8000, 4);
    put(volume, 510, 0xAA55, 2);
    put(volume, 32 * 512 + (wide ? 4 : 2), entry, wide ? 4 : 2);
}

static void fat16_clean(uint8_t *volume)
{
    fat(volume, false, 0xFFFF);
}

static void fat16_dirty(uint8_t *volume)
{
    fat(volume, false, 0x7FFF);
}

static void fat16_errors(uint8_t *volume)
{
    fat(volume, false, 0xBFFF);
}

static void fat16_flag(uint8_t *volume)
{
    fat(volume, false, 0xFFFF);
    volume[37] = 1;
}

static void fat32_clean(uint8_t *volume)
{
    fat(volume, true, 0x0FFFFFFF);
}

static void fat32_dirty(uint8_t *volume)
{
    fat(volume, true, 0x07FFFFFF);
}

static void fat32_errors(uint8_t *volume)
{
    fat(volume, true, 0x0BFFFFFF);
}

static void fat32_flag(uint8_t *volume)
{
    fat(volume, true, 0x0FFFFFFF);
    volume[65] = 1;
}

static void exfat(uint8_t *volume, unsigned flags)
{
    text(volume, 3, "EXFAT   ");
    put(volume, 106, flags, 2);
    put(volume, 510, 0xAA55, 2);
}

static void exfat_clean(uint8_t *volume)
{
    exfat(volume, 0);
}

static void exfat_dirty(uint8_t *volume)
{
    exfat(volume, 2);
}

static void exfat_failing(uint8_t *volume)
{
    exfat(volume, 4);
}

static void ext(uint8_t *volume, unsigned state, uint32_t incompatible)
{
    put(volume, 1024 + 0x38, 0xEF53, 2);
    put(volume, 1024 + 0x3A, state, 2);
    put(volume, 1024 + 0x60, incompatible, 4);
}

static void ext_clean(uint8_t *volume)
{
    ext(volume, 1, 0x2C2);
}

static void ext_dirty(uint8_t *volume)
{
    ext(volume, 0, 0x2C2);
}

static void ext_errors(uint8_t *volume)
{
    ext(volume, 3, 0x2C2);
}

static void ext_recover(uint8_t *volume)
{
    ext(volume, 1, 0x2C6);
}

static void ext_journal(uint8_t *volume)
{
    ext(volume, 1, 8);
}

static void hfs_clean(uint8_t *volume)
{
    memcpy(volume + 1024, "H+\0\4\x80\0\1\0", 8);
}

static void hfs_dirty(uint8_t *volume)
{
    memcpy(volume + 1024, "H+\0\4\x80\0\0\0", 8);
}

static void swap_clean(uint8_t *volume)
{
    text(volume, 4086, "SWAPSPACE2");
}

static void swap_asleep(uint8_t *volume)
{
    text(volume, 4086, "S1SUSPEND");
}

static void swap_asleep_wide(uint8_t *volume)
{
    text(volume, 65526, "LINHIB0001");
}

static void bitlocker(uint8_t *volume)
{
    text(volume, 3, "-FVE-FS-");
}

static void bitlocker_to_go(uint8_t *volume)
{
    fat32_clean(volume);
    memcpy(volume + 424, "\x3B\xD6\x67\x49\x29\x2E\xD8\x4A\x83\x99\xF6\xA3\x39\xE3\xD0\x01", 16);
}

static void luks(uint8_t *volume)
{
    text(volume, 0, "LUKS\xBA\xBE");
}

static void lvm(uint8_t *volume)
{
    text(volume, 512, "LABELONE");
}

static void raid(uint8_t *volume)
{
    put(volume, 4096, 0xA92B4EFC, 4);
}

/* The mirror of a clean file system: only its end tells. */
static void raid_at_end(uint8_t *volume)
{
    ext_clean(volume);
    put(volume, VOLUME_SIZE - 8192, 0xA92B4EFC, 4);
}

static void raid_old(uint8_t *volume)
{
    ext_clean(volume);
    put(volume, VOLUME_SIZE - 65536, 0xA92B4EFC, 4);
}

static void intel_raid(uint8_t *volume)
{
    text(volume, VOLUME_SIZE - 1024, "Intel Raid ISM Cfg Sig. 1.0.00");
}

static void xfs(uint8_t *volume)
{
    text(volume, 0, "XFSB");
}

static void btrfs(uint8_t *volume)
{
    text(volume, 65536 + 64, "_BHRfS_M");
}

static void zfs(uint8_t *volume)
{
    text(volume, 16384 + 24, "version");
}

static void refs(uint8_t *volume)
{
    text(volume, 3, "ReFS");
}

static void nothing(uint8_t *volume)
{
    (void)volume;
}

static void text_file(uint8_t *volume)
{
    memset(volume, 'x', VOLUME_SIZE);
}

static const struct row {
    const char *name;
    void (*build)(uint8_t *volume);
    const char *system;
    enum volume_state state;
} rows[] = {
    {"blank", nothing, "", VOLUME_CLEAN},
    {"data", text_file, "", VOLUME_CLEAN},
    {"NTFS clean", ntfs_clean, "NTFS", VOLUME_CLEAN},
    {"NTFS dirty", ntfs_dirty, "NTFS", VOLUME_DIRTY},
    {"NTFS in use", ntfs_in_use, "NTFS", VOLUME_DIRTY},
    {"NTFS clean by flag", ntfs_flag_only, "NTFS", VOLUME_CLEAN},
    {"NTFS, log emptied", ntfs_log_empty, "NTFS", VOLUME_CLEAN},
    {"NTFS, log odd", ntfs_log_odd, "NTFS", VOLUME_UNKNOWN},
    {"NTFS without MFT", ntfs_no_mft, "NTFS", VOLUME_UNKNOWN},
    {"NTFS, torn record", ntfs_torn_mft, "NTFS", VOLUME_UNKNOWN},
    {"NTFS, MFT beyond", ntfs_mft_beyond, "NTFS", VOLUME_UNKNOWN},
    {"FAT16 clean", fat16_clean, "FAT16", VOLUME_CLEAN},
    {"FAT16 dirty", fat16_dirty, "FAT16", VOLUME_DIRTY},
    {"FAT16 errors", fat16_errors, "FAT16", VOLUME_DIRTY},
    {"FAT16 flag", fat16_flag, "FAT16", VOLUME_DIRTY},
    {"FAT32 clean", fat32_clean, "FAT32", VOLUME_CLEAN},
    {"FAT32 dirty", fat32_dirty, "FAT32", VOLUME_DIRTY},
    {"FAT32 errors", fat32_errors, "FAT32", VOLUME_DIRTY},
    {"FAT32 flag", fat32_flag, "FAT32", VOLUME_DIRTY},
    {"exFAT clean", exfat_clean, "exFAT", VOLUME_CLEAN},
    {"exFAT dirty", exfat_dirty, "exFAT", VOLUME_DIRTY},
    {"exFAT failing", exfat_failing, "exFAT", VOLUME_DIRTY},
    {"ext clean", ext_clean, "ext2, ext3 or ext4", VOLUME_CLEAN},
    {"ext dirty", ext_dirty, "ext2, ext3 or ext4", VOLUME_DIRTY},
    {"ext errors", ext_errors, "ext2, ext3 or ext4", VOLUME_DIRTY},
    {"ext recover", ext_recover, "ext2, ext3 or ext4", VOLUME_DIRTY},
    {"ext journal", ext_journal, "ext2, ext3 or ext4", VOLUME_UNKNOWN},
    {"HFS+ clean", hfs_clean, "HFS+", VOLUME_CLEAN},
    {"HFS+ dirty", hfs_dirty, "HFS+", VOLUME_DIRTY},
    {"swap", swap_clean, "Linux swap", VOLUME_CLEAN},
    {"swap asleep", swap_asleep, "Linux swap", VOLUME_HIBERNATED},
    {"swap asleep, wide pages", swap_asleep_wide, "Linux swap", VOLUME_HIBERNATED},
    {"BitLocker", bitlocker, "BitLocker", VOLUME_LOCKED},
    {"BitLocker To Go", bitlocker_to_go, "BitLocker", VOLUME_LOCKED},
    {"LUKS", luks, "LUKS", VOLUME_LOCKED},
    {"LVM", lvm, "LVM", VOLUME_UNKNOWN},
    {"RAID 1.2", raid, "Linux RAID", VOLUME_UNKNOWN},
    {"RAID 1.0", raid_at_end, "Linux RAID", VOLUME_UNKNOWN},
    {"RAID 0.90", raid_old, "Linux RAID", VOLUME_UNKNOWN},
    {"Intel RAID", intel_raid, "Intel RAID", VOLUME_UNKNOWN},
    {"XFS", xfs, "XFS", VOLUME_UNKNOWN},
    {"Btrfs", btrfs, "Btrfs", VOLUME_UNKNOWN},
    {"ZFS", zfs, "ZFS", VOLUME_UNKNOWN},
    {"ReFS", refs, "ReFS", VOLUME_UNKNOWN},
};

static void make(uint32_t block_size, uint64_t size)
{
    write_drive_free(&drive);
    write_drive_init(&drive, &sim_clock, block_size, size / block_size, 1, 1);
}

static void make_gpt(uint32_t block_size, uint8_t type)
{
    const struct gpt_image_partition partition = {
        FIRST / block_size, (FIRST + VOLUME_SIZE) / block_size - 1, "one", type};

    make(block_size, DISK_SIZE);
    gpt_image_write(&drive, &partition, 1);
}

static void check(const struct row *row, unsigned index)
{
    const struct volume *volume = &volumes.volumes[index];

    assert_int_equal(volumes.table_error, OK);
    if (strcmp(volume->system, row->system) != 0 || volume->state != row->state)
        fail_msg("%s, volume %u: %s %s %s", row->name, index, volume->system,
                 volume_state_names[volume->state], volume->reason);
    assert_int_equal(volume->reason[0] == '\0', volume->state == VOLUME_CLEAN);
}

static void in_a_partition(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (uint32_t size = 512; size <= 4096; size *= 8) {
            make_gpt(size, 0);
            rows[i].build(drive.store + FIRST);
            volumes_read(&drive.device, buffer, &volumes);
            assert_int_equal(volumes.count, 2);
            check(&rows[i], 1);
            assert_int_equal(volumes.volumes[1].first_lba, FIRST / size);
            assert_string_equal(volumes.volumes[0].system, "");
        }
    }
}

static void on_the_bare_disk(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        make(512, VOLUME_SIZE);
        rows[i].build(drive.store);
        volumes_read(&drive.device, buffer, &volumes);
        assert_int_equal(volumes.count, 1);
        check(&rows[i], 0);
    }
}

/* Boot code may look like partitions: a boot sector that is known is no MBR. */
static void boot_code(void **state)
{
    (void)state;
    make(512, VOLUME_SIZE);
    fat16_clean(drive.store);
    memset(drive.store + 446, 0x5A, 64);
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.table_error, OK);
    assert_int_equal(volumes.count, 1);
    memset(drive.store, 0x5A, 11);
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.table_error, ERR_FORMAT);
}

static void types(void **state)
{
    static const uint8_t dynamic[16] = {0xA0, 0x60, 0x9B, 0xAF, 0x31, 0x14, 0x62, 0x4F,
                                        0xBC, 0x68, 0x33, 0x11, 0x71, 0x4A, 0x69, 0xAD};
    const struct row row = {"dynamic", nothing, "Windows dynamic disk", VOLUME_UNKNOWN};

    (void)state;
    make_gpt(512, 0);
    memcpy(write_drive_block(&drive, 2), dynamic, 16);
    gpt_image_seal(&drive, 1);
    volumes_read(&drive.device, buffer, &volumes);
    check(&row, 1);
    make(512, DISK_SIZE);
    drive.store[446 + 4] = 0x42;
    put(drive.store, 446 + 8, 63, 4);
    put(drive.store, 446 + 12, 1000, 4);
    put(drive.store, 510, 0xAA55, 2);
    volumes_read(&drive.device, buffer, &volumes);
    check(&row, 1);
}

/* What Assay has begun to write over is given up, once all of the first 64 KiB is. */
static void stamped(void **state)
{
    const struct stamp stamp = {7, 1};

    (void)state;
    make_gpt(512, 0);
    ntfs_dirty(drive.store + FIRST);
    stamp_fill(drive.store + FIRST, 512, FIRST / 512, 127, stamp);
    volumes_read(&drive.device, buffer, &volumes);
    assert_false(volumes.volumes[1].stamped);
    stamp_fill(drive.store + FIRST, 512, FIRST / 512, 128, stamp);
    volumes_read(&drive.device, buffer, &volumes);
    assert_true(volumes.volumes[1].stamped);
    assert_int_equal(volumes.volumes[1].state, VOLUME_CLEAN);
    /* on the bare disk the table is gone with it */
    stamp_fill(drive.store, 512, 0, 128, stamp);
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.count, 1);
    assert_int_equal(volumes.table_error, OK);
    /* and blocks of elsewhere are no sign of that */
    make_gpt(512, 0);
    ntfs_dirty(drive.store + FIRST);
    stamp_fill(drive.store + FIRST, 512, 5, 128, stamp);
    volumes_read(&drive.device, buffer, &volumes);
    assert_false(volumes.volumes[1].stamped);
}

static void unreadable(void **state)
{
    (void)state;
    make_gpt(512, 0);
    ext_clean(drive.store + FIRST);
    drive.written = 1;
    drive.fault = READS_FAIL;
    drive.fault_lba = FIRST / 512;
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.volumes[1].state, VOLUME_UNKNOWN);
    assert_string_equal(volumes.volumes[1].reason, "cannot be read");
    drive.fault = READS_UNFILLED;
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.volumes[1].state, VOLUME_UNKNOWN);
    drive.fault_lba = 0;
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.table_error, ERR_STALE);
    drive.device.block_size = 520;
    volumes_read(&drive.device, buffer, &volumes);
    assert_int_equal(volumes.table_error, ERR_RANGE);
    assert_int_equal(volumes.count, 0);
}

static int clean_up(void **state)
{
    (void)state;
    write_drive_free(&drive);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_a_partition), cmocka_unit_test(on_the_bare_disk),
        cmocka_unit_test(boot_code),      cmocka_unit_test(types),
        cmocka_unit_test(stamped),        cmocka_unit_test(unreadable),
    };

    return cmocka_run_group_tests_name("volumes", tests, NULL, clean_up);
}
