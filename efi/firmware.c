#include "efi/firmware.h"

#include <string.h>

#include "base/error.h"

struct firmware firmware;

enum { HANDLES_MAX = 1024, PATH_NODES_MAX = 64 };

void firmware_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    firmware.image = image;
    firmware.table = table;
    firmware.boot = table->BootServices;
    firmware.runtime = table->RuntimeServices;
    firmware.loaded = protocol_on(image, &loaded_image_guid);
}

int firmware_error(EFI_STATUS status)
{
    switch (status) {
    case EFI_SUCCESS:
        return OK;
    case EFI_TIMEOUT:
        return ERR_TIMEOUT;
    case EFI_NOT_FOUND:
    case EFI_NO_MEDIA:
        return ERR_ABSENT;
    case EFI_INVALID_PARAMETER:
    case EFI_BAD_BUFFER_SIZE:
        return ERR_RANGE;
    case EFI_VOLUME_FULL:
    case EFI_OUT_OF_RESOURCES:
        return ERR_FULL;
    case EFI_UNSUPPORTED:
        return ERR_UNSUPPORTED;
    case EFI_WRITE_PROTECTED:
    case EFI_ACCESS_DENIED:
    case EFI_SECURITY_VIOLATION:
        return ERR_REFUSED;
    case EFI_MEDIA_CHANGED:
        return ERR_GONE;
    default:
        return ERR_IO;
    }
}

void *protocol_on(EFI_HANDLE handle, EFI_GUID *guid)
{
    void *interface = NULL;

    if (!handle || EFI_ERROR(firmware.boot->HandleProtocol(handle, guid, &interface)))
        return NULL;
    return interface;
}

void *protocol_anywhere(EFI_GUID *guid)
{
    void *interface = NULL;

    if (EFI_ERROR(firmware.boot->LocateProtocol(guid, NULL, &interface)))
        return NULL;
    return interface;
}

size_t handles_with(EFI_GUID *guid, EFI_HANDLE *ret_handles, size_t limit)
{
    UINTN size = limit * sizeof(EFI_HANDLE);
    EFI_HANDLE *all = NULL;
    UINTN count = 0;

    if (EFI_ERROR(firmware.boot->LocateHandleBuffer(ByProtocol, guid, NULL, &count, &all)))
        return 0;
    if (count > limit)
        count = limit;
    if (count * sizeof(EFI_HANDLE) <= size)
        memcpy(ret_handles, all, count * sizeof(EFI_HANDLE));
    firmware.boot->FreePool(all);
    return count;
}

void *pages_for(size_t bytes)
{
    EFI_PHYSICAL_ADDRESS address = 0;
    UINTN pages = (bytes + 4095) / 4096;

    if (EFI_ERROR(firmware.boot->AllocatePages(AllocateAnyPages, EfiLoaderData, pages, &address)))
        return NULL;
    memset((void *)(uintptr_t)address, 0, pages * 4096);
    return (void *)(uintptr_t)address;
}

void give_pages_back(void *pages, size_t bytes)
{
    firmware.boot->FreePages((EFI_PHYSICAL_ADDRESS)(uintptr_t)pages, (bytes + 4095) / 4096);
}

void *configuration_table(const EFI_GUID *guid)
{
    for (UINTN i = 0; i < firmware.table->NumberOfTableEntries; i++) {
        EFI_CONFIGURATION_TABLE *entry = &firmware.table->ConfigurationTable[i];

        if (!memcmp(&entry->VendorGuid, guid, sizeof(*guid)))
            return entry->VendorTable;
    }
    return NULL;
}

void watchdog_set(unsigned seconds)
{
    firmware.boot->SetWatchdogTimer(seconds, 0x10000, 0, NULL);
}

static size_t node_size(const EFI_DEVICE_PATH *node)
{
    return node->Length[0] | (size_t)node->Length[1] << 8;
}

static bool node_ends(const EFI_DEVICE_PATH *node)
{
    return (node->Type & 0x7F) == 0x7F || node_size(node) < sizeof(*node);
}

const EFI_DEVICE_PATH *path_next(const EFI_DEVICE_PATH *node)
{
    if (!node || node_ends(node))
        return NULL;
    node = (const EFI_DEVICE_PATH *)((const uint8_t *)node + node_size(node));
    return node_ends(node) ? NULL : node;
}

const EFI_DEVICE_PATH *path_find(const EFI_DEVICE_PATH *path, unsigned type, unsigned subtype)
{
    for (unsigned i = 0; path && !node_ends(path) && i < PATH_NODES_MAX; i++) {
        if (path->Type == type && path->SubType == subtype)
            return path;
        path = path_next(path);
    }
    return NULL;
}

size_t path_size(const EFI_DEVICE_PATH *path)
{
    size_t size = 0;

    for (unsigned i = 0; path && !node_ends(path) && i < PATH_NODES_MAX; i++) {
        size += node_size(path);
        path = path_next(path);
    }
    return size;
}

bool path_begins(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *prefix)
{
    size_t size = path_size(prefix);

    return path && prefix && size && path_size(path) >= size && !memcmp(path, prefix, size);
}
