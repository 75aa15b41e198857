/*
 * What stands on a disk, as far as it decides whether the disk may be overwritten.
 *
 * The bare disk and each of its partitions are looked at: their own first blocks, and for some the
 * last, say which file system or container it is, and that says of itself whether it is in order.
 * Nothing is trusted to a partition's type but the two containers of Windows that have no better
 * mark. Only read, in a bounded number of reads each of at most 64 KiB.
 *
 *   CLEAN       it was cleanly unmounted; or no system that is known stands there; or its
 *               first 64 KiB are what Assay wrote, so that nothing else can be left there
 *   DIRTY       it says that it was not cleanly unmounted, or has errors. NTFS: the dirty flag of
 *               $Volume, or a $LogFile still in use, which is also what hibernation and fast
 *               startup of Windows leave. FAT: the bits of FAT[1] and of the boot sector. exFAT:
 *               VolumeDirty. ext2 to ext4: s_state and needs_recovery. HFS+: its attributes
 *   HIBERNATED  a swap area that holds the image of a sleeping Linux
 *   LOCKED      BitLocker or LUKS: what is inside cannot be seen
 *   UNKNOWN     it cannot be shown to be clean: its blocks cannot be read or make no sense, or it
 *               belongs to a system that Assay does not read (RAID and LVM members, dynamic disks,
 *               storage spaces, ZFS, Btrfs, XFS, F2FS, APFS, ReFS)
 */
#ifndef ASSAY_DISK_VOLUMES_H
#define ASSAY_DISK_VOLUMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/block.h"
#include "disk/volumes/gpt.h"

enum {
    VOLUMES_MAX = PARTITIONS_MAX + 1, /* the bare disk is the first */
    VOLUMES_BUFFER_SIZE = GPT_BUFFER_SIZE,
};

enum volume_state {
    VOLUME_CLEAN,
    VOLUME_DIRTY,
    VOLUME_HIBERNATED,
    VOLUME_LOCKED,
    VOLUME_UNKNOWN,
    VOLUME_STATES,
};

struct volume {
    uint64_t first_lba, blocks;
    const char *system; /* "NTFS", ...; "" where none is known */
    const char *reason; /* of a state other than clean: completes "it ..." */
    uint8_t state;      /* enum volume_state */
    bool stamped;       /* its first 64 KiB are Assay's: nothing else can be left there */
};

/* About 14 KiB: belongs into the state of a run. */
struct volumes {
    int table_error; /* of partitions_read(); its table is then empty */
    struct partition_table table;
    unsigned count; /* 1, and one for each partition in the order of the table */
    struct volume volumes[VOLUMES_MAX];
};

extern const char *const volume_state_names[VOLUME_STATES];

/* Looks at a disk. `buffer` is VOLUMES_BUFFER_SIZE bytes, aligned to 4 KiB. What goes wrong is in
 * the result: a disk that cannot be read has an UNKNOWN volume or a table_error. */
void volumes_read(const struct block_device *device, void *buffer, struct volumes *ret_volumes);

#endif
