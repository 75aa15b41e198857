/*
 * SATA drives through the firmware's ATA pass-thru: IDENTIFY, SMART, and reads whose status
 * register the block layer would hide: OVMF's SATA driver calls a failed read a success, and even
 * its pass-thru returns success, so that only the status block counts. ACS-4 section 7.
 */
#include <string.h>

#include "base/error.h"
#include "efi/disks.h"

enum {
    READ_DMA_EXT = 0x25,
    IDENTIFY_DEVICE = 0xEC,
    SMART = 0xB0,
    SMART_READ_DATA = 0xD0,
    SMART_RETURN_STATUS = 0xDA,
    SMART_LBA_MID = 0x4F,
    SMART_LBA_HIGH = 0xC2,
    DEVICE_LBA = 0x40,
    STATUS_ERR = 0x01,
    STATUS_DF = 0x20,
    TIMEOUT_100NS = 50000000, /* 5 s */
    READ_TIMEOUT_100NS = 300000000,
};

/* Both blocks are handed over aligned, as the mode's IoAlign asks. */
struct ata_exchange {
    struct ata_command_block command;
    uint8_t gap[512 - sizeof(struct ata_command_block)];
    struct ata_status_block status;
};

static struct ata_exchange *exchange(void)
{
    static struct ata_exchange *page;

    if (!page)
        page = pages_for(sizeof(*page));
    if (page)
        memset(page, 0, sizeof(*page));
    return page;
}

static int pass(struct disk *disk, struct ata_exchange *x, struct ata_packet *packet)
{
    struct ata_pass_thru *ata = protocol_on(disk->parent, &ata_pass_thru_guid);

    if (!ata)
        return ERR_GONE;
    packet->status = &x->status;
    packet->command = &x->command;
    return firmware_error(ata->pass(ata, disk->port, disk->multiplier, packet, NULL));
}

static int read_page(struct disk *disk, struct ata_exchange *x, void *buffer)
{
    struct ata_packet packet = {
        .timeout = TIMEOUT_100NS,
        .in = disks_page(),
        .in_length = 512,
        .protocol = ATA_PIO_IN,
        .length = ATA_LENGTH_BYTES | ATA_LENGTH_COUNT,
    };
    int error;

    memset(disks_page(), 0, 512);
    x->command.count = 1;
    error = pass(disk, x, &packet);
    if (error || (x->status.status & (STATUS_ERR | STATUS_DF)))
        return error ? error : ERR_IO;
    memcpy(buffer, disks_page(), 512);
    return OK;
}

static int read_smart_status(struct disk *disk, struct ata_exchange *x, void *buffer)
{
    struct ata_packet packet = {
        .timeout = TIMEOUT_100NS,
        .protocol = ATA_NON_DATA,
        .length = ATA_LENGTH_NONE,
    };
    uint8_t *registers = buffer;
    int error = pass(disk, x, &packet);

    if (error || (x->status.status & (STATUS_ERR | STATUS_DF)))
        return error ? error : ERR_IO;
    registers[0] = x->status.lba_mid;
    registers[1] = x->status.lba_high;
    return OK;
}

static int ata_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct disk *disk = context;
    struct ata_exchange *x = exchange();

    if (!x)
        return ERR_FULL;
    if (page == PAGE_IDENTIFY && size == 512) {
        x->command.command = IDENTIFY_DEVICE;
        return read_page(disk, x, buffer);
    }
    x->command.command = SMART;
    x->command.lba_mid = SMART_LBA_MID;
    x->command.lba_high = SMART_LBA_HIGH;
    if (page == PAGE_SMART && size == 512) {
        x->command.features = SMART_READ_DATA;
        return read_page(disk, x, buffer);
    }
    if (page == PAGE_SMART_STATUS && size == 2) {
        x->command.features = SMART_RETURN_STATUS;
        return read_smart_status(disk, x, buffer);
    }
    return ERR_UNSUPPORTED;
}

static int ata_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                   struct drive_status *ret_status)
{
    struct disk *disk = context;
    struct ata_exchange *x = exchange();
    struct ata_packet packet = {
        .timeout = READ_TIMEOUT_100NS,
        .in = buffer,
        .in_length = blocks * disk->device.block_size,
        .protocol = ATA_UDMA_IN,
        .length = ATA_LENGTH_BYTES | ATA_LENGTH_COUNT,
    };
    int error;

    if (!x)
        return ERR_FULL;
    if (!blocks || blocks > 0xFFFF)
        return ERR_RANGE;
    x->command.command = READ_DMA_EXT;
    x->command.device = DEVICE_LBA;
    x->command.lba_low = (uint8_t)lba;
    x->command.lba_mid = (uint8_t)(lba >> 8);
    x->command.lba_high = (uint8_t)(lba >> 16);
    x->command.lba_low_exp = (uint8_t)(lba >> 24);
    x->command.lba_mid_exp = (uint8_t)(lba >> 32);
    x->command.lba_high_exp = (uint8_t)(lba >> 40);
    x->command.count = (uint8_t)blocks;
    x->command.count_exp = (uint8_t)(blocks >> 8);
    error = pass(disk, x, &packet);
    if (error && !x->status.status)
        return error;
    *ret_status = (struct drive_status){
        .protocol = PROTOCOL_ATA,
        .ata_status = x->status.status,
        .ata_error = x->status.error,
    };
    return OK;
}

bool ata_attach(struct disk *disk, const EFI_DEVICE_PATH *path)
{
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
    struct ata_pass_thru *ata;

    if (EFI_ERROR(firmware.boot->LocateDevicePath(&ata_pass_thru_guid, &rest, &disk->parent)))
        return false;
    ata = protocol_on(disk->parent, &ata_pass_thru_guid);
    if (!ata || EFI_ERROR(ata->get_device(ata, rest, &disk->port, &disk->multiplier)))
        return false;
    disk->device.protocol = PROTOCOL_ATA;
    disk->device.ask = ata_ask;
    disk->device.page = ata_page;
    return true;
}
