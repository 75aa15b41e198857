/*
 * Firmware protocols that gnu-efi does not declare.
 *
 * UEFI 2.10 sections 29.2 (DHCP), 13.13 (ATA pass-thru) and 13.16 (NVM Express pass-thru), PI 1.8
 * volume 2 section 13.4 (multiprocessor services), UEFI 2.10 section 13.9 (disk info is PI 1.8
 * volume 5).
 */
#ifndef ASSAY_EFI_PROTOCOLS_H
#define ASSAY_EFI_PROTOCOLS_H

#include <efi.h>

/* Multiprocessor services. */
struct mp_services;

typedef VOID(EFIAPI *mp_procedure)(VOID *argument);

struct mp_processor_info {
    UINT64 id;    /* APIC id */
    UINT32 flags; /* bit 0 boot processor, bit 1 enabled, bit 2 healthy */
    UINT32 package, core, thread;
    UINT32 extended[6]; /* package, module, tile, die, core, thread: written only when asked for */
};

enum { MP_FLAG_BOOT = 1, MP_FLAG_ENABLED = 2, MP_FLAG_HEALTHY = 4 };

struct mp_services {
    EFI_STATUS(EFIAPI *get_count)(struct mp_services *this, UINTN *count, UINTN *enabled);
    EFI_STATUS(EFIAPI *get_info)
    (struct mp_services *this, UINTN number, struct mp_processor_info *info);
    EFI_STATUS(EFIAPI *start_all)
    (struct mp_services *this, mp_procedure procedure, BOOLEAN single_thread, EFI_EVENT event,
     UINTN timeout_us, VOID *argument, UINTN **failed);
    EFI_STATUS(EFIAPI *start_one)
    (struct mp_services *this, mp_procedure procedure, UINTN number, EFI_EVENT event,
     UINTN timeout_us, VOID *argument, BOOLEAN *finished);
    VOID *switch_boot_processor;
    VOID *enable_disable;
    EFI_STATUS(EFIAPI *who_am_i)(struct mp_services *this, UINTN *number);
};

/* NVM Express pass-thru. */
struct nvme_command {
    UINT32 cdw0; /* bits 7:0 opcode */
    UINT8 flags; /* which of cdw2 to cdw15 are valid */
    UINT32 nsid;
    UINT32 cdw2, cdw3;
    UINT32 cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

enum { NVME_CDW10_VALID = 0x04, NVME_CDW11_VALID = 0x08, NVME_CDW12_VALID = 0x10 };

struct nvme_completion {
    UINT32 dw0, dw1, dw2, dw3; /* dw3 bits 31:17: status field */
};

struct nvme_packet {
    UINT64 timeout; /* 100 ns */
    VOID *buffer;
    UINT32 length;
    VOID *metadata;
    UINT32 metadata_length;
    UINT8 queue; /* 0 admin, 1 I/O */
    struct nvme_command *command;
    struct nvme_completion *completion;
};

struct nvme_pass_thru {
    VOID *mode;
    EFI_STATUS(EFIAPI *pass)
    (struct nvme_pass_thru *this, UINT32 nsid, struct nvme_packet *packet, EFI_EVENT event);
    VOID *next_namespace;
    VOID *build_path;
    EFI_STATUS(EFIAPI *get_namespace)
    (struct nvme_pass_thru *this, EFI_DEVICE_PATH *path, UINT32 *nsid);
};

/* ATA pass-thru. */
struct ata_command_block {
    UINT8 reserved1[2];
    UINT8 command, features;
    UINT8 lba_low, lba_mid, lba_high, device;
    UINT8 lba_low_exp, lba_mid_exp, lba_high_exp, features_exp;
    UINT8 count, count_exp;
    UINT8 reserved2[6];
};

struct ata_status_block {
    UINT8 reserved1[2];
    UINT8 status, error;
    UINT8 lba_low, lba_mid, lba_high, device;
    UINT8 lba_low_exp, lba_mid_exp, lba_high_exp, reserved2;
    UINT8 count, count_exp;
    UINT8 reserved3[6];
};

struct ata_packet {
    struct ata_status_block *status;
    struct ata_command_block *command;
    UINT64 timeout; /* 100 ns */
    VOID *in;
    VOID *out;
    UINT32 in_length, out_length;
    UINT8 protocol;
    UINT8 length;
};

enum {
    ATA_PASS_NON_DATA = 0x02,
    ATA_PASS_PIO_IN = 0x04,
    ATA_PASS_UDMA_IN = 0x0A,
    ATA_PASS_LENGTH_BYTES = 0x80,
    ATA_PASS_LENGTH_NONE = 0x00,
    ATA_PASS_LENGTH_COUNT = 0x20, /* the length stands in the sector count */
};

struct ata_pass_thru {
    VOID *mode;
    EFI_STATUS(EFIAPI *pass)
    (struct ata_pass_thru *this, UINT16 port, UINT16 multiplier, struct ata_packet *packet,
     EFI_EVENT event);
    VOID *next_port;
    VOID *next_device;
    VOID *build_path;
    EFI_STATUS(EFIAPI *get_device)
    (struct ata_pass_thru *this, EFI_DEVICE_PATH *path, UINT16 *port, UINT16 *multiplier);
};

/* Disk info: the INQUIRY data of a SCSI or USB disk. */
struct disk_info {
    EFI_GUID interface;
    EFI_STATUS(EFIAPI *inquiry)(struct disk_info *this, VOID *data, UINT32 *size);
    EFI_STATUS(EFIAPI *identify)(struct disk_info *this, VOID *data, UINT32 *size);
};

/* USB I/O (UEFI 2.10, 17.2.4): one interface of a USB device. */
struct usb_io {
    VOID *transfers[6];
    EFI_STATUS(EFIAPI *device_descriptor)(struct usb_io *this, UINT8 *ret_18_bytes);
    VOID *configuration_descriptor, *interface_descriptor, *endpoint_descriptor;
    EFI_STATUS(EFIAPI *string)
    (struct usb_io *this, UINT16 language, UINT8 index, CHAR16 **ret_string);
    EFI_STATUS(EFIAPI *languages)(struct usb_io *this, UINT16 **ret_table, UINT16 *ret_bytes);
};

/* Extended SCSI pass-thru (UEFI 2.10, 15.7). */
enum { SCSI_TARGET_BYTES = 16, SCSI_DATA_IN = 0 };

struct scsi_packet {
    UINT64 timeout; /* 100 ns */
    VOID *in;
    VOID *out;
    VOID *sense;
    VOID *cdb;
    UINT32 in_length, out_length;
    UINT8 cdb_length;
    UINT8 direction;
    UINT8 adapter_status, target_status;
    UINT8 sense_length;
};

struct scsi_pass_thru {
    VOID *mode;
    EFI_STATUS(EFIAPI *pass)
    (struct scsi_pass_thru *this, UINT8 *target, UINT64 lun, struct scsi_packet *packet,
     EFI_EVENT event);
    VOID *next_target_lun;
    VOID *build_path;
    EFI_STATUS(EFIAPI *get_target_lun)
    (struct scsi_pass_thru *this, EFI_DEVICE_PATH *path, UINT8 **target, UINT64 *ret_lun);
};

/* DHCP for IPv4 (UEFI 2.10, 29.2). */
enum { DHCP_STATE_BOUND = 4 };

struct dhcp_config {
    UINT32 discover_tries;
    UINT32 *discover_timeouts;
    UINT32 request_tries;
    UINT32 *request_timeouts;
    EFI_IPv4_ADDRESS address;
    VOID *callback, *callback_context;
    UINT32 option_count;
    VOID **options;
};

struct dhcp_mode {
    UINT32 state;
    struct dhcp_config config;
    EFI_IPv4_ADDRESS address;
    EFI_MAC_ADDRESS mac_address;
    EFI_IPv4_ADDRESS server, router, mask;
    UINT32 lease_s;
    VOID *reply;
};

struct dhcp {
    EFI_STATUS(EFIAPI *get_mode)(struct dhcp *this, struct dhcp_mode *ret_mode);
    EFI_STATUS(EFIAPI *configure)(struct dhcp *this, struct dhcp_config *config);
    EFI_STATUS(EFIAPI *start)(struct dhcp *this, EFI_EVENT event);
    VOID *renew, *release;
    EFI_STATUS(EFIAPI *stop)(struct dhcp *this);
    VOID *build, *transmit_receive, *parse;
};

extern EFI_GUID udp_binding_guid;
extern EFI_GUID udp_guid;
extern EFI_GUID tcp_binding_guid;
extern EFI_GUID tcp_guid;
extern EFI_GUID dhcp_binding_guid;
extern EFI_GUID dhcp_guid;
extern EFI_GUID pxe_guid;
extern EFI_GUID ipxe_download_guid; /* on the card that iPXE holds */
extern EFI_GUID usb_io_guid;
extern EFI_GUID scsi_pass_thru_guid;
extern EFI_GUID mp_services_guid;
extern EFI_GUID nvme_pass_thru_guid;
extern EFI_GUID ata_pass_thru_guid;
extern EFI_GUID disk_info_guid;
extern EFI_GUID block_io_guid;
extern EFI_GUID pci_io_guid;
extern EFI_GUID pci_root_guid;
extern EFI_GUID device_path_guid;
extern EFI_GUID loaded_image_guid;
extern EFI_GUID file_system_guid;
extern EFI_GUID file_info_guid;
extern EFI_GUID file_system_info_guid;
extern EFI_GUID smbios_guid;
extern EFI_GUID smbios3_guid;
extern EFI_GUID acpi2_guid;
extern EFI_GUID global_variable_guid;
extern EFI_GUID serial_io_guid;
extern EFI_GUID graphics_output_guid;

#endif
