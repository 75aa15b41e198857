/*
 * The serial numbers of disks that have neither ATA nor NVMe to ask: of USB by the device's string
 * descriptor (USB 2.0, 9.6.1), of SCSI by the unit serial number page (SPC-4, 7.8.13).
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/disks.h"

enum {
    DESCRIPTOR_SIZE = 18,
    DESCRIPTOR_SERIAL = 16, /* index of the string */
    INQUIRY = 0x12,
    INQUIRY_PAGES = 1, /* EVPD */
    PAGE_UNIT_SERIAL = 0x80,
    PAGE_HEADER = 4,
    SCSI_TIMEOUT_100NS = 50000000, /* 5 s */
};

/* A drive's text of 16-bit characters, as far as it is printable ASCII. */
static void copy_wide(char *ret, size_t size, const CHAR16 *text)
{
    uint8_t narrow[SERIAL_SIZE] = {0};
    size_t length = 0;

    for (; length < sizeof(narrow) - 1 && text[length]; length++)
        narrow[length] = text[length] > 0x20 && text[length] < 0x7F ? (uint8_t)text[length] : '?';
    copy_name(ret, size, narrow, length);
}

static void usb_serial(const EFI_DEVICE_PATH *path, char *ret, size_t size)
{
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
    EFI_HANDLE handle = NULL;
    struct usb_io *usb;
    UINT8 descriptor[DESCRIPTOR_SIZE] = {0};
    UINT16 *languages = NULL, bytes = 0;
    CHAR16 *text = NULL;

    if (EFI_ERROR(firmware.boot->LocateDevicePath(&usb_io_guid, &rest, &handle)))
        return;
    usb = protocol_on(handle, &usb_io_guid);
    if (!usb || EFI_ERROR(usb->device_descriptor(usb, descriptor)) ||
        !descriptor[DESCRIPTOR_SERIAL] || EFI_ERROR(usb->languages(usb, &languages, &bytes)) ||
        bytes < sizeof(*languages) ||
        EFI_ERROR(usb->string(usb, languages[0], descriptor[DESCRIPTOR_SERIAL], &text)))
        return;
    copy_wide(ret, size, text);
    firmware.boot->FreePool(text);
}

static void scsi_serial(const EFI_DEVICE_PATH *path, char *ret, size_t size)
{
    EFI_DEVICE_PATH *rest = (EFI_DEVICE_PATH *)path;
    EFI_HANDLE handle = NULL;
    struct scsi_pass_thru *scsi;
    UINT8 place[SCSI_TARGET_BYTES] = {0}, *target = place;
    UINT8 cdb[6] = {INQUIRY, INQUIRY_PAGES, PAGE_UNIT_SERIAL, 0, 252, 0};
    UINT8 *page = disks_page();
    UINT64 lun = 0;
    struct scsi_packet packet = {
        .timeout = SCSI_TIMEOUT_100NS,
        .in = page,
        .in_length = cdb[4],
        .cdb = cdb,
        .cdb_length = sizeof(cdb),
        .direction = SCSI_DATA_IN,
    };

    if (!page || EFI_ERROR(firmware.boot->LocateDevicePath(&scsi_pass_thru_guid, &rest, &handle)))
        return;
    memset(page, 0, cdb[4]);
    scsi = protocol_on(handle, &scsi_pass_thru_guid);
    if (!scsi || EFI_ERROR(scsi->get_target_lun(scsi, rest, &target, &lun)) ||
        EFI_ERROR(scsi->pass(scsi, target, lun, &packet, NULL)) || packet.target_status ||
        page[1] != PAGE_UNIT_SERIAL || page[3] > cdb[4] - PAGE_HEADER)
        return;
    copy_name(ret, size, page + PAGE_HEADER, page[3]);
}

void disk_serial(const struct disk *disk, const EFI_DEVICE_PATH *path, char *ret, size_t size)
{
    if (!path)
        return;
    if (disk->is_usb)
        usb_serial(path, ret, size);
    else
        scsi_serial(path, ret, size);
}
