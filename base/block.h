/*
 * The block device seam: one drive, or one volume of a RAID, as a run sees it.
 *
 * Reading is synchronous and may take as long as the drive or the firmware likes; who calls it
 * measures. A successful return is a claim: buffers carry a canary (disk/canary.h), and where the
 * drive can be asked past the firmware's block layer, `ask` tells what it says itself.
 */
#ifndef ASSAY_BASE_BLOCK_H
#define ASSAY_BASE_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum drive_protocol {
    PROTOCOL_NONE, /* only blocks: USB, virtio, a RAID volume */
    PROTOCOL_ATA,
    PROTOCOL_NVME,
};

/* What the drive itself answered to one command. */
struct drive_status {
    enum drive_protocol protocol;
    uint8_t ata_status;   /* ACS-4: status register, bit 0 ERR, bit 5 DF */
    uint8_t ata_error;    /* ACS-4: error register, bit 7 ICRC, bit 6 UNC, bit 4 IDNF, bit 2 ABRT */
    uint16_t nvme_status; /* NVMe Base 2.0, figure 92: bits 7:0 SC, 10:8 SCT, 14 DNR */
};

/* Pages a drive can be asked for; size as given by the standard. */
enum drive_page {
    PAGE_IDENTIFY,     /* ATA IDENTIFY DEVICE, 512; NVMe Identify Controller, 4096 */
    PAGE_SMART,        /* ATA SMART READ DATA, 512; NVMe log 02h, 512 */
    PAGE_SMART_STATUS, /* ATA SMART RETURN STATUS: LBA mid and high registers, 2 bytes */
};

enum { DRIVE_PAGE_SIZE_MAX = 4096 };

struct block_device {
    void *context;
    part_id part;
    enum drive_protocol protocol;
    uint32_t block_size; /* bytes: 512 or 4096 in the field */
    uint64_t block_count;
    uint32_t controller; /* equal for drives on one controller */
    bool bounced;        /* firmware may copy through a buffer of its own on the way to memory */

    /* Fills buffer with blocks lba to lba + blocks - 1. ERR_IO, ERR_TIMEOUT, ERR_GONE. */
    int (*read)(void *context, uint64_t lba, uint32_t blocks, void *buffer);
    /* Reads the same blocks by the drive's own command and gives its answer; OK means that the
     * drive answered, not that it was content. NULL, or ERR_UNSUPPORTED, without a way to it. */
    int (*ask)(void *context, uint64_t lba, uint32_t blocks, void *buffer,
               struct drive_status *ret_status);
    /* Fetches a page into `buffer` of `size` bytes, which is filled or untouched. */
    int (*page)(void *context, enum drive_page page, void *buffer, size_t size);
};

#endif
