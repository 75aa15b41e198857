/*
 * Files on a volume of the firmware: the file protocol of UEFI 2.10, section 13.5, in few words.
 *
 * There are two volumes: the one that Assay was started from, and the partition labelled ASSAY of
 * the same medium, which has the reports a second time because Windows gives an ESP no letter.
 * Nothing is ever written to another. After the first write error nothing more is written to a
 * volume: a USB CD claims to be writable and stalls for 18 s at every write.
 */
#ifndef ASSAY_EFI_VOLUME_H
#define ASSAY_EFI_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "efi/firmware.h"

enum { PATH_MAX_CHARS = 128 };

struct volume {
    EFI_FILE_HANDLE root;   /* NULL: there is no such volume */
    EFI_FILE_HANDLE folder; /* of this run */
    EFI_FILE_HANDLE file;   /* being written */
    uint64_t room;          /* bytes that may still be written to it */
    bool broken;            /* a write failed: no more writes */
};

extern struct volume main_volume, mirror_volume;

/* Opens the root of a file system, or NULL. */
EFI_FILE_HANDLE volume_root(EFI_HANDLE handle);

/* What the volume says of itself. False when it does not answer. */
bool volume_info(EFI_FILE_HANDLE root, EFI_FILE_SYSTEM_INFO *ret_info, size_t size);

/* Opens a file that is there: `path` is seen from `from`, with backslashes. NULL without one. */
EFI_FILE_HANDLE file_open(EFI_FILE_HANDLE from, const char *path, bool writes);

/* Opens a file or a folder, and makes it where it is not there. NULL when it cannot be made. */
EFI_FILE_HANDLE file_make(EFI_FILE_HANDLE from, const char *path, bool is_folder);

/* All of these take NULL, and then return ERR_ABSENT, 0 or nothing. */
uint64_t file_size(EFI_FILE_HANDLE file);
int file_read(EFI_FILE_HANDLE file, uint64_t offset, void *buffer, size_t size);
int file_write(EFI_FILE_HANDLE file, const void *data, size_t size);
int file_write_at(EFI_FILE_HANDLE file, uint64_t offset, const void *data, size_t size);
int file_flush(EFI_FILE_HANDLE file);
int file_set_size(EFI_FILE_HANDLE file, uint64_t size);
/* Hidden files and folders are not shown by Windows. The medium may refuse it. */
int file_hide(EFI_FILE_HANDLE file, bool hidden);
/* Removes a file, or an empty folder, and closes it. */
int file_remove(EFI_FILE_HANDLE file);
void file_close(EFI_FILE_HANDLE file);

#endif
