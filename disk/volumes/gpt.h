/*
 * Partition tables: GPT (UEFI 2.10, section 5.3) and MBR (5.2.1) with its chain of extended ones.
 *
 * Only read, never written. Whoever would overwrite a disk must know what stands on it: so a table
 * that is there and makes no sense (a checksum that is wrong, entries beyond the disk or over one
 * another) is an error and not an empty disk. All that comes from the disk is bounded.
 *
 * The table follows what operating systems do: block 0 without the MBR's signature has no MBR; an
 * MBR with an entry of type EEh says that the disk has a GPT; with other entries it is an MBR
 * whatever else stands on the disk; without entries a GPT counts if there is one. Of a GPT the
 * primary is taken, or the backup in the last block where the primary is not valid.
 */
#ifndef ASSAY_DISK_GPT_H
#define ASSAY_DISK_GPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"

enum {
    GPT_BUFFER_SIZE = 64 * 1024,
    GPT_ENTRIES_MAX = 1024, /* in the array, used or not */
    GPT_ENTRY_MIN = 128,
    GPT_ENTRY_MAX = 4096,
    GPT_HEADER_SIZE = 92,
    GPT_NAME_SIZE = 37, /* 36 characters, and a NUL */
    PARTITIONS_MAX = 128,
    MBR_CHAIN_MAX = 64, /* extended partition tables */
    GUID_SIZE = 16,
};

enum table_kind { TABLE_NONE, TABLE_MBR, TABLE_GPT };

struct partition {
    uint64_t first_lba;
    uint64_t blocks;
    uint8_t mbr_type;         /* of an MBR, else 0 */
    uint8_t type[GUID_SIZE];  /* of a GPT, as on the disk */
    char name[GPT_NAME_SIZE]; /* of a GPT; what is no printable ASCII is '?' */
};

struct partition_table {
    uint8_t kind;        /* enum table_kind */
    bool protective_mbr; /* of a GPT: the MBR says so and covers the disk from block 1 on */
    bool primary_valid;  /* of a GPT: signature, both checksums and every bound */
    bool backup_agrees;  /* of a GPT: the one in the last block is valid and says the same */
    unsigned count;
    struct partition partitions[PARTITIONS_MAX];
};

/* A header and what it says, all of it checked against the disk. */
struct gpt_header {
    uint64_t own_lba, other_lba;
    uint64_t first_usable, last_usable;
    uint8_t disk[GUID_SIZE];
    uint64_t entries_lba;
    uint32_t entry_count, entry_size;
    uint32_t entries_crc;
};

/* CRC-32 of IEEE 802.3, of bytes that follow those whose CRC is `crc`; 0 to begin. */
uint32_t gpt_crc32(uint32_t crc, const void *data, size_t size);

/* One header, the block that stands at `lba` of a disk. ERR_ABSENT without the signature;
 * ERR_FORMAT for anything but a valid one. */
int gpt_header_parse(const void *block, size_t size, uint32_t block_size, uint64_t lba,
                     uint64_t block_count, struct gpt_header *ret_header);

/*
 * Reads the table of a disk. `buffer` is GPT_BUFFER_SIZE bytes, aligned to 4 KiB. OK, with
 * TABLE_NONE where there is none; ERR_FORMAT for one that cannot be right, ERR_FULL for one with
 * too many partitions; ERR_RANGE for a block size other than 512 to 4096; or the device's error,
 * ERR_STALE for a buffer it left untouched. On an error *ret_table is empty.
 */
int partitions_read(const struct block_device *device, void *buffer,
                    struct partition_table *ret_table);

#endif
