#include "efi/disks.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/health.h"

enum {
    HANDLES = 512,
    CLASS_STORAGE = 0x01,
    CLASS_SERIAL = 0x0C,
    SUBCLASS_USB = 0x03,
    OPTICAL_BLOCK = 2048,
    INQUIRY_SIZE = 96,
};

static EFI_HANDLE handles[HANDLES];

void *disks_page(void)
{
    static void *page;

    if (!page)
        page = pages_for(DRIVE_PAGE_SIZE_MAX);
    return page;
}

/* Class code and address of a PCI function; false when it is gone or does not answer. */
static bool pci_identity(EFI_HANDLE handle, uint32_t *ret_class, char *name, size_t size)
{
    EFI_PCI_IO *pci = protocol_on(handle, &pci_io_guid);
    UINT32 revision_class = 0;
    UINTN segment = 0, bus = 0, device = 0, function = 0;

    if (!pci || EFI_ERROR(pci->Pci.Read(pci, EfiPciIoWidthUint32, 8, 1, &revision_class)) ||
        EFI_ERROR(pci->GetLocation(pci, &segment, &bus, &device, &function)))
        return false;
    *ret_class = revision_class >> 8;
    format_text(name, size, "%02x:%02x.%x", (unsigned)bus, (unsigned)device, (unsigned)function);
    return true;
}

static bool carries_disks(uint32_t class_code)
{
    return class_code >> 16 == CLASS_STORAGE ||
           class_code >> 8 == (CLASS_SERIAL << 8 | SUBCLASS_USB);
}

void disks_connect(const struct sink *sink, const char *skip)
{
    size_t count = handles_with(&pci_io_guid, handles, HANDLES);

    for (size_t i = 0; i < count; i++) {
        uint32_t class_code = 0;
        char place[PLACE_SIZE], step[NAME_SIZE];

        if (!pci_identity(handles[i], &class_code, place, sizeof(place)) ||
            !carries_disks(class_code))
            continue;
        format_text(step, sizeof(step), "connect controller %s", place);
        if (text_equal(step, skip)) {
            emit_not_tested(sink, "controller", 0, false,
                            "%s was not connected: the last boot hung there", place);
            continue;
        }
        emit_step(sink, step, false);
        firmware.boot->ConnectController(handles[i], NULL, NULL, TRUE);
        emit_step(sink, step, true);
    }
}

static int disk_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct disk *disk = context;
    EFI_BLOCK_IO *block = protocol_on(disk->handle, &block_io_guid);

    /* A pulled device frees its protocol; another medium may be in the reader. */
    if (!block || !block->Media->MediaPresent || block->Media->MediaId != disk->media_id)
        return ERR_GONE;
    return firmware_error(block->ReadBlocks(block, disk->media_id, lba,
                                            (UINTN)blocks * disk->device.block_size, buffer));
}

static int no_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    (void)context;
    (void)page;
    (void)buffer;
    (void)size;
    return ERR_UNSUPPORTED;
}

/* Where the disk sits: the kind of its path and the PCI address of its controller. */
static void describe_place(struct disk *disk, const EFI_DEVICE_PATH *path)
{
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
    const EFI_DEVICE_PATH *sata = path_find(path, PATH_MESSAGING, PATH_SATA);
    const char *kind = "disk";
    EFI_HANDLE controller = NULL;
    uint32_t class_code = 0;
    char address[PLACE_SIZE] = "";
    struct text text = text_in(disk->place, sizeof(disk->place));

    disk->is_usb = path_find(path, PATH_MESSAGING, PATH_USB) != NULL;
    if (path_find(path, PATH_MESSAGING, PATH_NVME))
        kind = "NVMe";
    else if (sata)
        kind = "SATA";
    else if (disk->is_usb)
        kind = "USB";
    if (!EFI_ERROR(firmware.boot->LocateDevicePath(&pci_io_guid, &rest, &controller)))
        pci_identity(controller, &class_code, address, sizeof(address));
    disk->device.controller = (uint32_t)((uintptr_t)controller >> 4);
    text_format(&text, "%s %s", kind, address);
    if (sata)
        text_format(&text, " port %u", ((const uint8_t *)sata)[4]);
}

/* Model and serial as the drive gives them; for USB and SCSI the names of its INQUIRY data. */
static void identify(struct disk *disk)
{
    struct disk_info *info;
    struct health_identity identity;
    uint8_t inquiry[INQUIRY_SIZE] = {0};
    UINT32 size = sizeof(inquiry);

    if (!health_identify(&disk->device, disks_page(), &identity)) {
        copy_text(disk->model, sizeof(disk->model), identity.model);
        copy_text(disk->serial, sizeof(disk->serial), identity.serial);
        return;
    }
    info = protocol_on(disk->handle, &disk_info_guid);
    if (info && !EFI_ERROR(info->inquiry(info, inquiry, &size)) && size >= 36)
        copy_name(disk->model, sizeof(disk->model), inquiry + 8, 24);
    if (!disk->model[0])
        copy_text(disk->model, sizeof(disk->model), disk->is_usb ? "USB disk" : "disk");
}

/* Whole, with a medium, and not optical. */
static bool is_disk(EFI_HANDLE handle)
{
    EFI_BLOCK_IO *block = protocol_on(handle, &block_io_guid);
    const EFI_BLOCK_IO_MEDIA *media = block ? block->Media : NULL;

    return media && media->MediaPresent && !media->LogicalPartition && media->LastBlock > 0 &&
           media->BlockSize >= 512 && media->BlockSize <= 4096 &&
           !(media->BlockSize & (media->BlockSize - 1)) && media->BlockSize != OPTICAL_BLOCK;
}

static bool describe(struct disk *disk, EFI_HANDLE handle)
{
    EFI_BLOCK_IO *block = protocol_on(handle, &block_io_guid);
    const EFI_DEVICE_PATH *path = protocol_on(handle, &device_path_guid);
    EFI_HANDLE boot = firmware.loaded ? firmware.loaded->DeviceHandle : NULL;

    if (!path || !is_disk(handle))
        return false;
    memset(disk, 0, sizeof(*disk));
    disk->handle = handle;
    disk->media_id = block->Media->MediaId;
    disk->device = (struct block_device){
        .context = disk,
        .block_size = block->Media->BlockSize,
        .block_count = block->Media->LastBlock + 1,
        .read = disk_read,
        .page = no_page,
    };
    describe_place(disk, path);
    disk->is_boot = path_begins(protocol_on(boot, &device_path_guid), path);
    if (!nvme_attach(disk, path))
        ata_attach(disk, path);
    /* PCI devices that master the bus with 64-bit addresses write to the buffer itself. */
    disk->device.bounced = disk->device.protocol == PROTOCOL_NONE;
    identify(disk);
    return true;
}

unsigned disks_list(struct disk *ret_disks, unsigned limit, const struct sink *sink)
{
    size_t found = handles_with(&block_io_guid, handles, HANDLES);
    unsigned count = 0, left_out = 0;

    for (size_t i = 0; i < found; i++) {
        if (count < limit)
            count += describe(&ret_disks[count], handles[i]);
        else
            left_out += is_disk(handles[i]);
    }
    if (left_out)
        emit_not_tested(sink, "disks", 0, true, "%u disks beyond the first %u were left out",
                        left_out, limit);
    return count;
}
