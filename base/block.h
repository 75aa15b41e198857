/*
 * The block device seam: one drive, or one volume of a RAID, as a run sees it.
 *
 * There are two ways to its blocks. `read` and `write` are synchronous and may take as long as the
 * drive or the firmware likes; who calls them measures. `submit` and `poll` keep several requests
 * at the drive at once and never wait; only devices that Assay drives itself have them, and
 * block_submit() in disk/request.h makes do with the others. Success is a claim: buffers carry a
 * canary (disk/canary.h), and where the drive can be asked past the firmware's block layer, `ask`
 * tells what it says itself.
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

/* Pages a drive can be asked for; size as given by the standard, and as `size` must be given. */
enum drive_page {
    PAGE_IDENTIFY,      /* ATA IDENTIFY DEVICE, 512; NVMe Identify Controller, 4096 */
    PAGE_SMART,         /* ATA SMART READ DATA, 512; NVMe log 02h, 512 */
    PAGE_SMART_STATUS,  /* ATA SMART RETURN STATUS: LBA mid and high registers, 2 bytes */
    PAGE_LOG_DIRECTORY, /* ATA log 00h, 512: which logs there are, and their lengths */
    PAGE_ERRORS,        /* ATA extended comprehensive SMART error log 03h page 0, 512; NVMe log
                           01h, 4096: the last 64 entries */
    PAGE_SELF_TESTS,    /* ATA extended self-test log 07h page 0, 512; NVMe log 06h, 564 */
    PAGE_STATISTICS_DIRECTORY, /* ATA device statistics 04h page 00h, 512: which pages there are */
    PAGE_STATISTICS_GENERAL,   /* page 01h, 512 */
    PAGE_STATISTICS_ERRORS,    /* page 04h, 512 */
    PAGE_STATISTICS_TEMPERATURE, /* page 05h, 512 */
    PAGE_STATISTICS_TRANSPORT,   /* page 06h, 512 */
    PAGE_STATISTICS_SSD,         /* page 07h, 512 */
    PAGE_NCQ_ERROR,              /* ATA log 10h, 512: the queued command that failed */
    PAGE_PHY_EVENTS,             /* ATA log 11h, 512: SATA PHY event counters */
    PAGE_SCT_STATUS,             /* ATA log E0h, 512 */
    PAGE_NAMESPACE,              /* NVMe Identify Namespace of this namespace, 4096 */
    DRIVE_PAGES,
};

enum { DRIVE_PAGE_SIZE_MAX = 4096 };

enum self_test { SELF_TEST_SHORT, SELF_TEST_EXTENDED, SELF_TEST_ABORT };

/* What the driver itself saw of the way to the drive since it took it over, and the link as it is.
 * Generations: SATA 1 to 3 (1.5, 3, 6 Gbit/s), PCIe 1 to 6; 0: not known. Widths in lanes. */
struct drive_link {
    uint32_t resets;      /* COMRESETs or controller resets that it took to go on */
    uint32_t timeouts;    /* commands without an answer in time */
    uint32_t crc_errors;  /* times that PxSERR told of CRC or disparity errors */
    uint32_t phy_changes; /* times that the link was lost and came back */
    uint32_t bad_answers; /* completions that fit no command in flight */
    uint8_t generation, generation_drive, generation_port; /* now; what each end can do */
    uint8_t width, width_drive, width_port;                /* of PCIe */
};

enum block_operation { REQUEST_READ, REQUEST_WRITE, REQUEST_FLUSH };

/* One request. Its owner leaves it and its buffer alone until it is done. */
struct block_request {
    uint8_t operation; /* enum block_operation */
    uint64_t lba;
    uint32_t blocks;
    void *buffer; /* aligned to 512 bytes */

    /* The answer, valid when `done`. */
    bool done;
    bool has_status; /* the drive gave `status` */
    int error;       /* OK, ERR_IO, ERR_TIMEOUT, ERR_GONE */
    struct drive_status status;
    uint64_t begun_us; /* given to the device */
    uint64_t ended_us; /* seen done */
    uint64_t gap_us;   /* since nobody had looked: it may have ended so much earlier */
};

struct block_device {
    void *context;
    part_id part;
    enum drive_protocol protocol;
    uint32_t block_size; /* bytes: 512 or 4096 in the field */
    uint64_t block_count;
    uint32_t controller; /* equal for drives on one controller */
    bool bounced;        /* firmware may copy through a buffer of its own on the way to memory */
    /* Blocks that Assay itself writes while a run goes: its journal. They may differ between two
     * reads. None: own_blocks is 0. */
    uint64_t own_first, own_blocks;
    unsigned depth; /* requests that submit takes at once; without submit 1 */

    /* Fills buffer with blocks lba to lba + blocks - 1. ERR_IO, ERR_TIMEOUT, ERR_GONE. */
    int (*read)(void *context, uint64_t lba, uint32_t blocks, void *buffer);
    /* Reads the same blocks by the drive's own command and gives its answer; OK means that the
     * drive answered, not that it was content. NULL, or ERR_UNSUPPORTED, without a way to it. */
    int (*ask)(void *context, uint64_t lba, uint32_t blocks, void *buffer,
               struct drive_status *ret_status);
    /* Fetches a page into `buffer` of `size` bytes, which is filled or untouched. */
    int (*page)(void *context, enum drive_page page, void *buffer, size_t size);

    /* What follows may be NULL. */

    /* As read; ERR_REFUSED unless the device was opened for writing. */
    int (*write)(void *context, uint64_t lba, uint32_t blocks, const void *buffer);
    /* What was written is on the medium when it returns. */
    int (*flush)(void *context);
    /* ERR_FULL when `depth` requests are at the device: poll, and try again. ERR_RANGE for a
     * request it cannot take. After OK the request ends in a bounded time, whatever the drive does.
     */
    int (*submit)(void *context, struct block_request *request);
    /* Takes in what is done and sees to the time limits. */
    void (*poll)(void *context);
    int (*link)(void *context, struct drive_link *ret_link);
    int (*self_test)(void *context, enum self_test test);
};

#endif
