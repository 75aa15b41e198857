/*
 * What every file of efi/ needs of the firmware: its tables, small wrappers that translate its
 * status codes, and the helpers for device paths and configuration tables.
 *
 * All of this is for the boot processor alone.
 */
#ifndef ASSAY_EFI_FIRMWARE_H
#define ASSAY_EFI_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "efi/protocols.h"

struct firmware {
    EFI_HANDLE image;
    EFI_SYSTEM_TABLE *table;
    EFI_BOOT_SERVICES *boot;
    EFI_RUNTIME_SERVICES *runtime;
    EFI_LOADED_IMAGE *loaded;
};

extern struct firmware firmware;

void firmware_init(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

/* The code of base/error.h for a firmware status. */
int firmware_error(EFI_STATUS status);

/* The interface of a protocol on a handle, or NULL: looked up anew each time, for a device that
 * left takes its protocols along. */
void *protocol_on(EFI_HANDLE handle, EFI_GUID *guid);

/* The first interface of a protocol on any handle, or NULL. */
void *protocol_anywhere(EFI_GUID *guid);

/* Fills `ret_handles` with the handles that carry a protocol; returns how many, at most limit. */
size_t handles_with(EFI_GUID *guid, EFI_HANDLE *ret_handles, size_t limit);

/* Whole pages, zeroed; NULL when there are none. */
void *pages_for(size_t bytes);
void give_pages_back(void *pages, size_t bytes);

/* A table of the system table's configuration list, or NULL. */
void *configuration_table(const EFI_GUID *guid);

/* The firmware's watchdog; 0 switches it off. UEFI 2.10 section 7.5. While a run goes it is set
 * again and again to WATCHDOG_S. */
enum { WATCHDOG_S = 300 };

void watchdog_set(unsigned seconds);

/* Device paths: the next node, or NULL at the end (also of a malformed path). */
const EFI_DEVICE_PATH *path_next(const EFI_DEVICE_PATH *node);
/* The first node of this type and subtype, or NULL. */
const EFI_DEVICE_PATH *path_find(const EFI_DEVICE_PATH *path, unsigned type, unsigned subtype);
/* Bytes of a path without its end node. */
size_t path_size(const EFI_DEVICE_PATH *path);
/* True when `path` begins with all of `prefix`. */
bool path_begins(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *prefix);

enum {
    PATH_HARDWARE = 1,
    PATH_PCI = 1,
    PATH_MESSAGING = 3,
    PATH_USB = 5,
    PATH_IPV4 = 12,
    PATH_SATA = 18,
    PATH_NVME = 23,
    PATH_UART = 14,
    PATH_MEDIA = 4,
    PATH_PARTITION = 1,
    PATH_CDROM = 2,
};

#endif
