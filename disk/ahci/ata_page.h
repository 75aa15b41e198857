/*
 * How an ATA drive is asked for its pages.
 *
 * A page is fetched by one command of ACS-4: IDENTIFY DEVICE (7.13), SMART READ DATA and SMART
 * RETURN STATUS (ACS-3, 7.48), or READ LOG EXT (7.24). Which command with which registers stands
 * here once, for the driver that builds FISes and for firmware's pass-through alike.
 */
#ifndef ASSAY_DISK_ATA_PAGE_H
#define ASSAY_DISK_ATA_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/block.h"

enum ata_protocol {
    ATA_NON_DATA,
    ATA_PIO_IN,
    ATA_DMA_IN,
    ATA_DMA_OUT,
};

/* The registers of one command. */
struct ata_command {
    uint8_t command;
    uint8_t protocol; /* enum ata_protocol */
    uint8_t device;   /* bit 6: LBA */
    uint16_t features;
    uint16_t count; /* sectors, or pages of 512 bytes */
    uint16_t size;  /* bytes of a page that come back; of SMART RETURN STATUS two registers */
    uint64_t lba;   /* 48 bits; the low 24 stand in LBA low, mid and high */
};

/* The command for a page. ERR_UNSUPPORTED for a page that only NVMe drives have. */
int ata_page_command(enum drive_page page, struct ata_command *ret_command);

/* SMART EXECUTE OFF-LINE IMMEDIATE (ACS-3, 7.48.5): the drive tests itself in the background. */
struct ata_command ata_self_test_command(enum self_test test);

/*
 * False for a page that a drive of this model is known to hang at: the SCT status of TOSHIBA
 * DT01ACA drives.
 */
bool ata_page_is_safe(enum drive_page page, const char *model);

#endif
