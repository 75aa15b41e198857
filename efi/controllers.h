/*
 * The storage controllers that Assay drives itself: NVMe and AHCI (disk/nvme/nvme.h,
 * disk/ahci/ahci.h).
 *
 * The firmware's own drivers are slow, and OVMF's for SATA hides errors. A controller is taken from
 * the firmware for the length of a run and given back; never the one that carries the volume Assay
 * was started from. Where the driver does not start, the firmware's goes on as before.
 */
#ifndef ASSAY_EFI_CONTROLLERS_H
#define ASSAY_EFI_CONTROLLERS_H

#include "base/block.h"
#include "base/clock.h"
#include "efi/firmware.h"

enum { CONTROLLERS_MAX = 16 };

enum controller_kind { CONTROLLER_OTHER, CONTROLLER_NVME, CONTROLLER_AHCI };

/* By its PCI class code (PCI Code and ID Assignment 1.11: 010802h, 010601h). */
enum controller_kind controller_kind(uint32_t class_code);

/*
 * Takes a controller and starts it. `place` is its PCI address. OK, or an error with the reason in
 * words; the controller is the firmware's again then, without its drivers connected.
 */
int controllers_take(EFI_HANDLE handle, enum controller_kind kind, const char *place,
                     const struct clock *clock, char *reason, size_t reason_size);

/* A drive, or a namespace, of a controller that was taken. */
struct controller_disk {
    struct block_device *device; /* NULL: it cannot be used, for this reason: */
    char reason[TEXT_SIZE];
    char place[PLACE_SIZE]; /* "NVMe 00:03.0", "SATA 00:1f.2 port 1" */
};

/* Number `index` over all controllers, from 0 on; false past the last. */
bool controllers_disk(unsigned index, struct controller_disk *ret_disk);

/* The device may be written to from now on. */
void controllers_allow_writes(const struct block_device *device);

/* Stops all of them and gives them back; devices are no more. */
void controllers_give_back(void);

/* Starts the firmware's drivers on all that were given back, for a boot loader that comes after. */
void controllers_connect(void);

#endif
