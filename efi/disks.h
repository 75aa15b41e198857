/*
 * The disks of the machine, each behind the block device seam.
 *
 * Controllers of mass storage (PCI class 01h) and USB host controllers (0Ch 03h) are opened one at
 * a time, each journaled before, for that may hang; nothing else is. NVMe and AHCI controllers are
 * driven by Assay itself (controllers.h), but for the one that carries the volume Assay was started
 * from; all others by the firmware. A disk of the firmware's is a Block I/O that is whole (no
 * partition), has a medium, and is no optical drive. Its blocks come by synchronous Block I/O; the
 * drive itself is asked by NVM Express or ATA pass-thru where the firmware has it.
 */
#ifndef ASSAY_EFI_DISKS_H
#define ASSAY_EFI_DISKS_H

#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "efi/firmware.h"

enum { DISKS_MAX = 32 };

struct disk {
    struct block_device *device;
    char model[NAME_SIZE];
    char serial[SERIAL_SIZE]; /* empty: the drive gave none */
    char place[PLACE_SIZE];   /* "NVMe 00:03.0", "SATA 00:1f.2 port 1" */
    bool is_boot;             /* carries the volume that Assay was started from */
    bool is_usb;
    bool may_write;
    /* private to disks.c and its kin */
    struct block_device own; /* of a disk behind the firmware's Block I/O */
    EFI_HANDLE handle;
    EFI_HANDLE parent; /* of the pass-thru protocol */
    UINT32 media_id;
    uint32_t nsid;
    uint16_t port, multiplier;
};

struct disks_config {
    const struct clock *clock;
    const struct sink *sink;
    const char *skip; /* a step in which the last boot hung, or "": it is left out */
    bool refuse;      /* a self-test: Assay's own drivers do not start */
};

/* Opens the controllers. */
void disks_open(const struct disks_config *config);

/* Gives back those that were taken from the firmware. What disks_list() gave is no more. */
void disks_close(void);

/* Lists the disks; returns how many. */
unsigned disks_list(struct disk *ret_disks, unsigned limit, const struct sink *sink);

/* The disk may be written to from now on. The boot disk never may. */
void disks_allow_writes(struct disk *disk);

/* The pass-thru ways to a drive (nvme.c, ata.c): filled into the device where they exist. */
bool nvme_attach(struct disk *disk, const EFI_DEVICE_PATH *path);
bool ata_attach(struct disk *disk, const EFI_DEVICE_PATH *path);

/* The serial number of a disk on USB or SCSI (serials.c); untouched where there is none. */
void disk_serial(const struct disk *disk, const EFI_DEVICE_PATH *path, char *ret, size_t size);

/* One page-aligned buffer of DRIVE_PAGE_SIZE_MAX bytes, shared by all pass-thru calls. */
void *disks_page(void);

#endif
