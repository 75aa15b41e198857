/*
 * SATA drives through the firmware's ATA pass-thru: their pages, and reads whose status register
 * the block layer would hide: OVMF's SATA driver calls a failed read a success, and even its
 * pass-thru returns success, so that only the status block counts. ACS-4 section 7.
 */
#include <string.h>

#include "base/error.h"
#include "disk/ahci/ata_page.h"
#include "efi/disks.h"

enum {
    READ_DMA_EXT = 0x25,
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

static void set_registers(struct ata_command_block *block, const struct ata_command *command)
{
    block->command = command->command;
    block->device = command->device;
    block->features = (uint8_t)command->features;
    block->features_exp = (uint8_t)(command->features >> 8);
    block->lba_low = (uint8_t)command->lba;
    block->lba_mid = (uint8_t)(command->lba >> 8);
    block->lba_high = (uint8_t)(command->lba >> 16);
    block->lba_low_exp = (uint8_t)(command->lba >> 24);
    block->lba_mid_exp = (uint8_t)(command->lba >> 32);
    block->lba_high_exp = (uint8_t)(command->lba >> 40);
    block->count = (uint8_t)command->count;
    block->count_exp = (uint8_t)(command->count >> 8);
}

static int read_page(struct disk *disk, struct ata_exchange *x, void *buffer, size_t size)
{
    struct ata_packet packet = {
        .timeout = TIMEOUT_100NS,
        .in = disks_page(),
        .in_length = (UINT32)size,
        .protocol = ATA_PASS_PIO_IN,
        .length = ATA_PASS_LENGTH_BYTES | ATA_PASS_LENGTH_COUNT,
    };
    int error;

    memset(disks_page(), 0, size);
    error = pass(disk, x, &packet);
    if (error || (x->status.status & (STATUS_ERR | STATUS_DF)))
        return error ? error : ERR_IO;
    memcpy(buffer, disks_page(), size);
    return OK;
}

static int read_registers(struct disk *disk, struct ata_exchange *x, uint8_t *registers)
{
    struct ata_packet packet = {
        .timeout = TIMEOUT_100NS,
        .protocol = ATA_PASS_NON_DATA,
        .length = ATA_PASS_LENGTH_NONE,
    };
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
    struct ata_command command;
    int error = ata_page_command(page, &command);

    if (error)
        return error;
    if (!x)
        return ERR_FULL;
    if (size != command.size || size > DRIVE_PAGE_SIZE_MAX)
        return ERR_RANGE;
    if (!ata_page_is_safe(page, disk->model))
        return ERR_REFUSED;
    set_registers(&x->command, &command);
    return command.protocol == ATA_PIO_IN ? read_page(disk, x, buffer, size)
                                          : read_registers(disk, x, buffer);
}

static int ata_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                   struct drive_status *ret_status)
{
    struct disk *disk = context;
    struct ata_exchange *x = exchange();
    struct ata_packet packet = {
        .timeout = READ_TIMEOUT_100NS,
        .in = buffer,
        .in_length = blocks * disk->device->block_size,
        .protocol = ATA_PASS_UDMA_IN,
        .length = ATA_PASS_LENGTH_BYTES | ATA_PASS_LENGTH_COUNT,
    };
    int error;

    if (!x)
        return ERR_FULL;
    if (!blocks || blocks > 0xFFFF)
        return ERR_RANGE;
    set_registers(&x->command, &(struct ata_command){.command = READ_DMA_EXT,
                                                     .device = DEVICE_LBA,
                                                     .lba = lba,
                                                     .count = (uint16_t)blocks});
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
    disk->device->protocol = PROTOCOL_ATA;
    disk->device->ask = ata_ask;
    disk->device->page = ata_page;
    return true;
}
