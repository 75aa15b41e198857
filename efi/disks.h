/*
 * The disks of the machine, each behind the block device seam.
 *
 * Controllers of mass storage (PCI class 01h) and USB host controllers (0Ch 03h) are connected one
 * at a time, each journaled before, for connecting may hang; nothing else is connected. A disk is
 * a firmware Block I/O that is whole (no partition), has a medium, and is no optical drive.
 * Blocks come by synchronous Block I/O; the drive itself is asked by NVM Express or ATA pass-thru
 * where the firmware has it.
 */
#ifndef ASSAY_EFI_DISKS_H
#define ASSAY_EFI_DISKS_H

#include "base/block.h"
#include "base/event.h"
#include "efi/firmware.h"

enum { DISKS_MAX = 32 };

struct disk {
    struct block_device device;
    char model[NAME_SIZE];
    char serial[SERIAL_SIZE]; /* empty: the drive gave none */
    char place[PLACE_SIZE];   /* "NVMe 00:03.0", "SATA 00:1f.2 port 1" */
    bool is_boot;             /* carries the volume that Assay was started from */
    bool is_usb;
    /* private to disks.c and its kin */
    EFI_HANDLE handle;
    EFI_HANDLE parent; /* of the pass-thru protocol */
    UINT32 media_id;
    uint32_t nsid;
    uint16_t port, multiplier;
};

/* Connects the controllers. Steps named in `skip` (one name, or empty) are left out: the last boot
 * hung there. */
void disks_connect(const struct sink *sink, const char *skip);

/* Lists the disks; returns how many. */
unsigned disks_list(struct disk *ret_disks, unsigned limit, const struct sink *sink);

/* The pass-thru ways to a drive (nvme.c, ata.c): filled into the device where they exist. */
bool nvme_attach(struct disk *disk, const EFI_DEVICE_PATH *path);
bool ata_attach(struct disk *disk, const EFI_DEVICE_PATH *path);

/* One page-aligned buffer of DRIVE_PAGE_SIZE_MAX bytes, shared by all pass-thru calls. */
void *disks_page(void);

#endif
