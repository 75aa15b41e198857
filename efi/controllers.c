#include "efi/controllers.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/ahci/ahci.h"
#include "disk/nvme/nvme.h"
#include "efi/bus.h"

enum {
    CLASS_NVME = 0x010802,
    CLASS_AHCI = 0x010601,
    BAR_NVME = 0,
    BAR_AHCI = 5,
    AHCI_CAP = 0x00, /* bit 31: 64-bit addresses (AHCI 1.3.1, 3.1.1) */
};

struct controller {
    struct pci_function function;
    enum controller_kind kind;
    char place[PLACE_SIZE];
    union {
        struct nvme_controller nvme;
        struct ahci_controller ahci;
    };
};

static struct controller *controllers[CONTROLLERS_MAX];
static unsigned controller_count;

enum controller_kind controller_kind(uint32_t class_code)
{
    switch (class_code) {
    case CLASS_NVME:
        return CONTROLLER_NVME;
    case CLASS_AHCI:
        return CONTROLLER_AHCI;
    default:
        return CONTROLLER_OTHER;
    }
}

/* A drive keeps us waiting: the machine is not hung. */
static void tend(void *context)
{
    (void)context;
    watchdog_set(WATCHDOG_S);
}

static int start_nvme(struct controller *controller, const struct clock *clock, const char **reason)
{
    struct nvme_config config = {
        .bus = &controller->function.seam,
        .clock = clock,
        .number = (uint32_t)((uintptr_t)controller->function.handle >> 4),
        .pause = tend,
    };

    bus_allow_high_memory(&controller->function);
    *reason = controller->nvme.reason;
    return nvme_start(&controller->nvme, &config);
}

static int start_ahci(struct controller *controller, const struct clock *clock, const char **reason)
{
    struct ahci_config config = {
        .bus = &controller->function.seam,
        .clock = clock,
        .controller = (uint32_t)((uintptr_t)controller->function.handle >> 4),
        .pause = tend,
    };
    int error;

    if (bus_read32(config.bus, AHCI_CAP) >> 31)
        bus_allow_high_memory(&controller->function);
    error = ahci_start(&controller->ahci, &config);
    *reason = error ? controller->ahci.reason : "";
    return error;
}

/* The bridge above a function, or NULL. */
static EFI_HANDLE bridge_above(EFI_HANDLE handle)
{
    const EFI_DEVICE_PATH *path = protocol_on(handle, &device_path_guid);
    uint8_t buffer[256];
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)buffer;
    const EFI_DEVICE_PATH *last = path;
    EFI_HANDLE bridge = NULL;
    size_t size;

    if (!path)
        return NULL;
    for (const EFI_DEVICE_PATH *node = path; node && path_size(node); node = path_next(node))
        last = node;
    size = (size_t)((const uint8_t *)last - (const uint8_t *)path);
    if (!size || size + sizeof(EFI_DEVICE_PATH) > sizeof(buffer))
        return NULL;
    memcpy(buffer, path, size);
    memcpy(buffer + size, (const uint8_t[]){0x7F, 0xFF, 4, 0}, 4); /* end of the path */
    if (EFI_ERROR(firmware.boot->LocateDevicePath(&pci_io_guid, &rest, &bridge)) || path_size(rest))
        return NULL;
    return bridge;
}

int controllers_take(EFI_HANDLE handle, enum controller_kind kind, const char *place,
                     const struct clock *clock, char *reason, size_t reason_size)
{
    struct controller *controller;
    const char *why = "the firmware's driver does not let go of it";
    int error;

    if (controller_count == CONTROLLERS_MAX)
        return ERR_FULL;
    controller = pages_for(sizeof(*controller));
    if (!controller)
        return ERR_FULL;
    controller->kind = kind;
    copy_text(controller->place, sizeof(controller->place), place);
    error = bus_take(&controller->function, handle, bridge_above(handle),
                     kind == CONTROLLER_NVME ? BAR_NVME : BAR_AHCI);
    if (!error) {
        error = kind == CONTROLLER_NVME ? start_nvme(controller, clock, &why)
                                        : start_ahci(controller, clock, &why);
        if (!error) {
            controllers[controller_count++] = controller;
            return OK;
        }
        bus_give_back(&controller->function);
    }
    copy_text(reason, reason_size, why);
    give_pages_back(controller, sizeof(*controller));
    return error;
}

/* Namespaces: those in use, then those refused. */
static bool nvme_disk(struct controller *controller, unsigned index, struct controller_disk *disk)
{
    struct nvme_controller *nvme = &controller->nvme;
    const struct nvme_refusal *refusal;
    uint32_t nsid;

    disk->device = nvme_device(nvme, index);
    if (disk->device) {
        nsid = nvme->namespaces[index].nsid;
    } else {
        refusal = nvme_refused(nvme, index - nvme->namespace_count);
        if (!refusal)
            return false;
        nsid = refusal->nsid;
        copy_text(disk->reason, sizeof(disk->reason), refusal->reason);
    }
    format_text(disk->place, sizeof(disk->place), "NVMe %s", controller->place);
    if (nsid != 1)
        format_text(disk->place, sizeof(disk->place), "NVMe %s namespace %u", controller->place,
                    nsid);
    return true;
}

/* Drives, then ports that are left alone. */
static bool ahci_disk(struct controller *controller, unsigned index, struct controller_disk *disk)
{
    struct ahci_controller *ahci = &controller->ahci;
    unsigned count = ahci_device_count(ahci), port = 0;

    disk->device = ahci_device(ahci, index);
    if (disk->device) {
        port = ahci_port_number(ahci, index);
    } else {
        const char *reason = NULL;

        for (unsigned left = index - count; port < AHCI_PORTS; port++) {
            reason = ahci_refused(ahci, port);
            if (reason && left-- == 0)
                break;
        }
        if (port == AHCI_PORTS)
            return false;
        copy_text(disk->reason, sizeof(disk->reason), reason);
    }
    format_text(disk->place, sizeof(disk->place), "SATA %s port %u", controller->place, port);
    return true;
}

static bool disk_of(struct controller *controller, unsigned index, struct controller_disk *disk)
{
    memset(disk, 0, sizeof(*disk));
    return controller->kind == CONTROLLER_NVME ? nvme_disk(controller, index, disk)
                                               : ahci_disk(controller, index, disk);
}

bool controllers_disk(unsigned index, struct controller_disk *ret_disk)
{
    for (unsigned i = 0; i < controller_count; i++) {
        unsigned of_this = 0;

        while (disk_of(controllers[i], of_this, ret_disk)) {
            if (index-- == 0)
                return true;
            of_this++;
        }
    }
    return false;
}

void controllers_allow_writes(const struct block_device *device)
{
    for (unsigned i = 0; i < controller_count; i++) {
        struct controller *controller = controllers[i];

        if (controller->kind == CONTROLLER_NVME) {
            for (unsigned j = 0; nvme_device(&controller->nvme, j); j++) {
                if (nvme_device(&controller->nvme, j) == device)
                    nvme_allow_writes(device);
            }
            continue;
        }
        for (unsigned j = 0; j < ahci_device_count(&controller->ahci); j++) {
            if (ahci_device(&controller->ahci, j) == device)
                ahci_allow_writes(&controller->ahci, j);
        }
    }
}

/* The handles of what was given back, for controllers_connect(). */
static EFI_HANDLE former[CONTROLLERS_MAX];
static unsigned former_count;

static void remember(EFI_HANDLE handle)
{
    for (unsigned i = 0; i < former_count; i++) {
        if (former[i] == handle)
            return;
    }
    if (former_count < CONTROLLERS_MAX)
        former[former_count++] = handle;
}

void controllers_give_back(void)
{
    for (unsigned i = 0; i < controller_count; i++) {
        struct controller *controller = controllers[i];

        if (controller->kind == CONTROLLER_NVME)
            nvme_stop(&controller->nvme);
        else
            ahci_stop(&controller->ahci);
        bus_give_back(&controller->function);
        remember(controller->function.handle);
        give_pages_back(controller, sizeof(*controller));
    }
    controller_count = 0;
}

void controllers_connect(void)
{
    for (unsigned i = 0; i < former_count; i++)
        firmware.boot->ConnectController(former[i], NULL, NULL, TRUE);
    former_count = 0;
}
