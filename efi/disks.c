#include "efi/disks.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/health/health.h"
#include "efi/bus.h"
#include "efi/controllers.h"

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

static bool carries_disks(uint32_t class_code)
{
    return class_code >> 16 == CLASS_STORAGE ||
           class_code >> 8 == (CLASS_SERIAL << 8 | SUBCLASS_USB);
}

/* True when the volume that Assay was started from is behind this controller. */
static bool carries_boot(EFI_HANDLE controller)
{
    EFI_HANDLE boot = firmware.loaded ? firmware.loaded->DeviceHandle : NULL;

    return path_begins(protocol_on(boot, &device_path_guid),
                       protocol_on(controller, &device_path_guid));
}

/* Begins a step that may hang; false when the last boot hung in it. */
static bool begin_step(const struct disks_config *config, const char *what, const char *place)
{
    char step[NAME_SIZE];

    format_text(step, sizeof(step), "%s controller %s", what, place);
    if (text_equal(step, config->skip))
        return false;
    emit_step(config->sink, step, false);
    return true;
}

static void end_step(const struct disks_config *config, const char *what, const char *place)
{
    char step[NAME_SIZE];

    format_text(step, sizeof(step), "%s controller %s", what, place);
    emit_step(config->sink, step, true);
}

/* By a driver of Assay's own; false when the firmware's is to be used. */
static bool take(const struct disks_config *config, EFI_HANDLE handle, enum controller_kind kind,
                 const char *place)
{
    char reason[TEXT_SIZE] = "refused for a self-test";
    int error = ERR_REFUSED;

    if (kind == CONTROLLER_OTHER || carries_boot(handle))
        return false;
    if (!begin_step(config, "start", place)) {
        emit_note(config->sink, SEVERITY_WARNING,
                  "Controller %s is left to the firmware: the last boot hung when it was started.",
                  place);
        return false;
    }
    if (!config->refuse)
        error = controllers_take(handle, kind, place, config->clock, reason, sizeof(reason));
    end_step(config, "start", place);
    if (error)
        emit_note(config->sink, SEVERITY_WARNING, "Controller %s is left to the firmware: %s.",
                  place, reason);
    return !error;
}

static void connect(const struct disks_config *config, EFI_HANDLE handle, const char *place)
{
    if (!begin_step(config, "connect", place)) {
        emit_not_tested(config->sink, "controller", 0, false,
                        "%s was not connected: the last boot hung there", place);
        return;
    }
    firmware.boot->ConnectController(handle, NULL, NULL, TRUE);
    end_step(config, "connect", place);
}

void disks_open(const struct disks_config *config)
{
    size_t count = handles_with(&pci_io_guid, handles, HANDLES);

    for (size_t i = 0; i < count; i++) {
        uint32_t class_code = 0;
        char place[PLACE_SIZE];

        if (!pci_identity(handles[i], &class_code, place, sizeof(place)) ||
            !carries_disks(class_code))
            continue;
        if (!take(config, handles[i], controller_kind(class_code), place))
            connect(config, handles[i], place);
    }
}

void disks_close(void)
{
    controllers_give_back();
}

static int disk_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct disk *disk = context;
    EFI_BLOCK_IO *block = protocol_on(disk->handle, &block_io_guid);

    /* A pulled device frees its protocol; another medium may be in the reader. */
    if (!block || !block->Media->MediaPresent || block->Media->MediaId != disk->media_id)
        return ERR_GONE;
    return firmware_error(block->ReadBlocks(block, disk->media_id, lba,
                                            (UINTN)blocks * disk->device->block_size, buffer));
}

static int disk_write(void *context, uint64_t lba, uint32_t blocks, const void *buffer)
{
    struct disk *disk = context;
    EFI_BLOCK_IO *block = protocol_on(disk->handle, &block_io_guid);

    if (!disk->may_write || disk->is_boot)
        return ERR_REFUSED;
    if (!block || !block->Media->MediaPresent || block->Media->MediaId != disk->media_id)
        return ERR_GONE;
    return firmware_error(block->WriteBlocks(block, disk->media_id, lba,
                                             (UINTN)blocks * disk->own.block_size, (VOID *)buffer));
}

static int disk_flush(void *context)
{
    struct disk *disk = context;
    EFI_BLOCK_IO *block = protocol_on(disk->handle, &block_io_guid);

    return block ? firmware_error(block->FlushBlocks(block)) : ERR_GONE;
}

void disks_allow_writes(struct disk *disk)
{
    if (disk->is_boot)
        return;
    if (disk->device == &disk->own)
        disk->may_write = true;
    else
        controllers_allow_writes(disk->device);
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
    disk->device->controller = (uint32_t)((uintptr_t)controller >> 4);
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

    if (!health_identify(disk->device, disks_page(), &identity)) {
        copy_text(disk->model, sizeof(disk->model), identity.model);
        copy_text(disk->serial, sizeof(disk->serial), identity.serial);
        return;
    }
    info = protocol_on(disk->handle, &disk_info_guid);
    if (info && !EFI_ERROR(info->inquiry(info, inquiry, &size)) && size >= 36)
        copy_name(disk->model, sizeof(disk->model), inquiry + 8, 24);
    disk_serial(disk, protocol_on(disk->handle, &device_path_guid), disk->serial,
                sizeof(disk->serial));
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

/* The journal stands on the partition that Assay was started from (UEFI 2.10, 10.3.5.1: number,
 * start and size in blocks follow the node's header). */
static void mark_own(struct disk *disk, const EFI_DEVICE_PATH *boot)
{
    const uint8_t *node = (const uint8_t *)path_find(boot, PATH_MEDIA, PATH_PARTITION);

    disk->own.own_blocks = disk->own.block_count;
    if (!node)
        return;
    memcpy(&disk->own.own_first, node + 8, sizeof(disk->own.own_first));
    memcpy(&disk->own.own_blocks, node + 16, sizeof(disk->own.own_blocks));
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
    disk->own = (struct block_device){
        .context = disk,
        .block_size = block->Media->BlockSize,
        .block_count = block->Media->LastBlock + 1,
        .read = disk_read,
        .write = disk_write,
        .flush = disk_flush,
        .page = no_page,
    };
    disk->device = &disk->own;
    describe_place(disk, path);
    disk->is_boot = path_begins(protocol_on(boot, &device_path_guid), path);
    if (disk->is_boot)
        mark_own(disk, protocol_on(boot, &device_path_guid));
    if (!nvme_attach(disk, path))
        ata_attach(disk, path);
    /* PCI devices that master the bus with 64-bit addresses write to the buffer itself. */
    disk->device->bounced = disk->device->protocol == PROTOCOL_NONE;
    identify(disk);
    return true;
}

/* A disk of a controller that Assay drives itself. */
static void describe_own(struct disk *disk, const struct controller_disk *own)
{
    memset(disk, 0, sizeof(*disk));
    disk->device = own->device;
    copy_text(disk->place, sizeof(disk->place), own->place);
    identify(disk);
}

static unsigned list_own(struct disk *ret_disks, unsigned limit, const struct sink *sink)
{
    struct controller_disk own;
    unsigned count = 0;

    for (unsigned i = 0; controllers_disk(i, &own); i++) {
        if (!own.device)
            emit_not_tested(sink, "disk", 0, false, "%s: %s", own.place, own.reason);
        else if (count < limit)
            describe_own(&ret_disks[count++], &own);
    }
    return count;
}

unsigned disks_list(struct disk *ret_disks, unsigned limit, const struct sink *sink)
{
    size_t found = handles_with(&block_io_guid, handles, HANDLES);
    unsigned count = list_own(ret_disks, limit, sink), left_out = 0;

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
