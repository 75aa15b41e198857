/*
 * NVMe drives through the firmware's NVM Express pass-thru: their pages, and single reads whose
 * completion status the block layer would hide. NVMe Base 2.0 sections 5.16, 5.17.
 */
#include <string.h>

#include "base/error.h"
#include "disk/nvme/nvme_page.h"
#include "efi/disks.h"

enum {
    IO_READ = 0x02,
    TIMEOUT_100NS = 50000000, /* 5 s */
    READ_TIMEOUT_100NS = 300000000,
};

static int pass(struct disk *disk, uint32_t nsid, struct nvme_packet *packet,
                struct nvme_completion *ret_completion)
{
    struct nvme_pass_thru *nvme = protocol_on(disk->parent, &nvme_pass_thru_guid);

    if (!nvme)
        return ERR_GONE;
    packet->completion = ret_completion;
    return firmware_error(nvme->pass(nvme, nsid, packet, NULL));
}

static int admin(struct disk *disk, struct nvme_command *command, void *buffer, size_t size)
{
    struct nvme_completion completion = {0};
    struct nvme_packet packet = {
        .timeout = TIMEOUT_100NS,
        .buffer = disks_page(),
        .length = (UINT32)size,
        .command = command,
    };
    int error;

    memset(disks_page(), 0, DRIVE_PAGE_SIZE_MAX);
    error = pass(disk, command->nsid, &packet, &completion);
    if (error || completion.dw3 >> 17)
        return error ? error : ERR_IO;
    memcpy(buffer, disks_page(), size);
    return OK;
}

static int nvme_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct disk *disk = context;
    struct nvme_query query;
    struct nvme_command command = {.flags = NVME_CDW10_VALID | NVME_CDW11_VALID};
    int error = nvme_page_query(page, disk->nsid, &query);

    if (error)
        return error;
    if (size > DRIVE_PAGE_SIZE_MAX)
        return ERR_RANGE;
    nvme_query_shorten(&query, size);
    command.cdw0 = query.opcode;
    command.nsid = query.nsid;
    command.cdw10 = query.cdw10;
    command.cdw11 = query.cdw11;
    return admin(disk, &command, buffer, size);
}

/* The status of a read is in the completion even where the firmware calls it a device error. */
static int nvme_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                    struct drive_status *ret_status)
{
    struct disk *disk = context;
    struct nvme_completion completion = {.dw3 = 0};
    struct nvme_command command = {
        .cdw0 = IO_READ,
        .flags = NVME_CDW10_VALID | NVME_CDW11_VALID | NVME_CDW12_VALID,
        .nsid = disk->nsid,
        .cdw10 = (UINT32)lba,
        .cdw11 = (UINT32)(lba >> 32),
        .cdw12 = blocks - 1,
    };
    struct nvme_packet packet = {
        .timeout = READ_TIMEOUT_100NS,
        .buffer = buffer,
        .length = blocks * disk->device->block_size,
        .queue = 1,
        .command = &command,
    };
    int error;

    if (packet.length > 128 * 1024) /* within every drive's MDTS in practice */
        return ERR_RANGE;
    error = pass(disk, disk->nsid, &packet, &completion);
    if (error && !(completion.dw3 >> 17))
        return error;
    *ret_status = (struct drive_status){
        .protocol = PROTOCOL_NVME,
        .nvme_status = (uint16_t)(completion.dw3 >> 17),
    };
    return OK;
}

bool nvme_attach(struct disk *disk, const EFI_DEVICE_PATH *path)
{
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
    struct nvme_pass_thru *nvme;

    if (EFI_ERROR(firmware.boot->LocateDevicePath(&nvme_pass_thru_guid, &rest, &disk->parent)))
        return false;
    nvme = protocol_on(disk->parent, &nvme_pass_thru_guid);
    if (!nvme || EFI_ERROR(nvme->get_namespace(nvme, rest, &disk->nsid)))
        return false;
    disk->device->protocol = PROTOCOL_NVME;
    disk->device->ask = nvme_ask;
    disk->device->page = nvme_page;
    return true;
}
