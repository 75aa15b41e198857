/*
 * What may be written to: a decision over facts, and nothing else.
 *
 * A disk may be overwritten when the options name it (`write` with its serial number, or
 * `write=scratch`), when `write-confirm=ERASE` stands beside it, and when none of these holds:
 *
 *   it is the disk that Assay was started from
 *   it gave no serial number, or another disk of the machine gave the same one
 *   the option `disks` leaves it out
 *   it cannot be written to, or its blocks are not 512 to 4096 bytes long
 *   its volumes were not looked at, or its partition table cannot be read or makes no sense
 *   a volume on it is dirty, hibernated, locked, or cannot be shown to be clean (volumes.h)
 *
 * A disk named by its serial number may be overwritten from its first block to its last: partition
 * tables and clean volumes that are known go with it. With `write=scratch` it is only the blocks of
 * GPT partitions whose name is `assay-scratch`, letter for letter, on any disk; the same refusals
 * hold, and moreover the GPT must be whole: protective MBR, checksums of header and entries, and a
 * backup in the last block that says the same. What cannot be looked into is no hindrance in a
 * scratch partition itself, for it is the scratch partition; a volume there that says of itself
 * that it is dirty or hibernated is. Where Assay's own stamps stand at the beginning, nothing else
 * is left to be spared.
 */
#ifndef ASSAY_DISK_PERMISSION_H
#define ASSAY_DISK_PERMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/block.h"
#include "base/event.h"
#include "base/options.h"
#include "disk/volumes/volumes.h"

#define SCRATCH_NAME "assay-scratch"

enum { PERMISSION_RANGES = 16 };

struct lba_range {
    uint64_t first;
    uint64_t blocks;
};

/* What is known of one disk. */
struct permission_disk {
    const char *serial; /* as the drive gave it; "" or NULL: none */
    bool is_boot;       /* Assay was started from it, or keeps its reports there */
    bool chosen;        /* by the option `disks` */
    const struct block_device *device;
    const struct volumes *volumes; /* NULL: not looked at, or not kept */
    bool scratch; /* not kept, and permission_decide() with write=scratch set `asked` */
};

struct permission {
    bool asked;     /* the options are about this disk */
    bool may_write; /* and then `ranges` are what may be written, in ascending order */
    unsigned range_count;
    struct lba_range ranges[PERMISSION_RANGES];
    char reason[TEXT_SIZE]; /* asked and refused: why, for NOT_TESTED */
};

/*
 * Decides about disk number `index` of all the disks of the machine, those that are not tested
 * included: a serial number must be nobody else's. With write=scratch the disks asked about are
 * those whose table was read and has a scratch partition.
 */
void permission_decide(const struct options *options, const struct permission_disk *disks,
                       unsigned count, unsigned index, struct permission *ret_permission);

/* Whether the volumes of a disk are to be looked at for the decision: it is refused without. */
bool permission_needs_volumes(const struct options *options, const struct permission_disk *disks,
                              unsigned count, unsigned index);

/* What was asked for and is about no disk, to be called after all were decided: sentence number
 * `index`, from 0 on, for NOT_TESTED. False when there are no more. */
bool permission_missing(const struct options *options, const struct permission_disk *disks,
                        unsigned count, unsigned index, char *buffer, size_t size);

#endif
