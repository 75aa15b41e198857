#include "efi/volume.h"

#include "base/error.h"

enum { INFO_SIZE = 1024 };

struct volume main_volume, mirror_volume;

static void widen(CHAR16 *to, size_t count, const char *from)
{
    size_t i = 0;

    for (; from[i] && i + 1 < count; i++)
        to[i] = (CHAR16)(unsigned char)from[i];
    to[i] = 0;
}

EFI_FILE_HANDLE volume_root(EFI_HANDLE handle)
{
    EFI_FILE_IO_INTERFACE *system = protocol_on(handle, &file_system_guid);
    EFI_FILE_HANDLE root = NULL;

    if (!system || EFI_ERROR(system->OpenVolume(system, &root)))
        return NULL;
    return root;
}

bool volume_info(EFI_FILE_HANDLE root, EFI_FILE_SYSTEM_INFO *ret_info, size_t size)
{
    UINTN length = size;

    return root && !EFI_ERROR(root->GetInfo(root, &file_system_info_guid, &length, ret_info));
}

static EFI_FILE_HANDLE open_as(EFI_FILE_HANDLE from, const char *path, UINT64 mode,
                               UINT64 attributes)
{
    CHAR16 wide[PATH_MAX_CHARS];
    EFI_FILE_HANDLE file = NULL;

    widen(wide, PATH_MAX_CHARS, path);
    if (!from || EFI_ERROR(from->Open(from, &file, wide, mode, attributes)))
        return NULL;
    return file;
}

EFI_FILE_HANDLE file_open(EFI_FILE_HANDLE from, const char *path, bool writes)
{
    return open_as(from, path, EFI_FILE_MODE_READ | (writes ? EFI_FILE_MODE_WRITE : 0), 0);
}

EFI_FILE_HANDLE file_make(EFI_FILE_HANDLE from, const char *path, bool is_folder)
{
    return open_as(from, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE,
                   is_folder ? EFI_FILE_DIRECTORY : 0);
}

static bool file_info(EFI_FILE_HANDLE file, EFI_FILE_INFO *ret_info, UINTN *length)
{
    return file && !EFI_ERROR(file->GetInfo(file, &file_info_guid, length, ret_info));
}

uint64_t file_size(EFI_FILE_HANDLE file)
{
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_INFO *info = (EFI_FILE_INFO *)buffer;
    UINTN length = sizeof(buffer);

    return file_info(file, info, &length) ? info->FileSize : 0;
}

int file_read(EFI_FILE_HANDLE file, uint64_t offset, void *buffer, size_t size)
{
    UINTN count = size;
    EFI_STATUS status;

    if (!file)
        return ERR_ABSENT;
    status = file->SetPosition(file, offset);
    if (!EFI_ERROR(status))
        status = file->Read(file, &count, buffer);
    return EFI_ERROR(status) ? firmware_error(status) : count == size ? OK : ERR_RANGE;
}

int file_write(EFI_FILE_HANDLE file, const void *data, size_t size)
{
    UINTN count = size;
    EFI_STATUS status;

    if (!file)
        return ERR_ABSENT;
    status = file->Write(file, &count, (void *)data);
    return EFI_ERROR(status) ? firmware_error(status) : count == size ? OK : ERR_FULL;
}

int file_write_at(EFI_FILE_HANDLE file, uint64_t offset, const void *data, size_t size)
{
    EFI_STATUS status;

    if (!file)
        return ERR_ABSENT;
    status = file->SetPosition(file, offset);
    return EFI_ERROR(status) ? firmware_error(status) : file_write(file, data, size);
}

int file_flush(EFI_FILE_HANDLE file)
{
    return file ? firmware_error(file->Flush(file)) : ERR_ABSENT;
}

int file_set_size(EFI_FILE_HANDLE file, uint64_t size)
{
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_INFO *info = (EFI_FILE_INFO *)buffer;
    UINTN length = sizeof(buffer);

    if (!file_info(file, info, &length))
        return ERR_IO;
    info->FileSize = size;
    return firmware_error(file->SetInfo(file, &file_info_guid, length, info));
}

int file_hide(EFI_FILE_HANDLE file, bool hidden)
{
    UINT8 buffer[INFO_SIZE] __attribute__((aligned(8)));
    EFI_FILE_INFO *info = (EFI_FILE_INFO *)buffer;
    UINTN length = sizeof(buffer);

    if (!file_info(file, info, &length))
        return ERR_IO;
    if (!(info->Attribute & EFI_FILE_HIDDEN) == !hidden)
        return OK;
    info->Attribute ^= EFI_FILE_HIDDEN;
    return firmware_error(file->SetInfo(file, &file_info_guid, length, info));
}

int file_remove(EFI_FILE_HANDLE file)
{
    return file ? firmware_error(file->Delete(file)) : ERR_ABSENT;
}

void file_close(EFI_FILE_HANDLE file)
{
    if (file)
        file->Close(file);
}
