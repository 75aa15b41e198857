#include "disk/status.h"

/* ATA status and error registers. */
enum {
    STATUS_ERR = 0x01,
    STATUS_DF = 0x20,
    STATUS_BSY = 0x80,
    ERROR_ABRT = 0x04,
    ERROR_IDNF = 0x10,
    ERROR_UNC = 0x40,
    ERROR_ICRC = 0x80,
};

/* NVMe status code types. */
enum {
    SCT_GENERIC = 0,
    SCT_MEDIA = 2,
    SCT_PATH = 3,
};

/* A code of NVMe Base 2.0 that a read can meet and that says more than its
 * type does. */
struct nvme_code {
    uint8_t sct;
    uint8_t sc;
    uint8_t fault; /* enum disk_fault */
    const char *text;
};

static const struct nvme_code nvme_codes[] = {
    {SCT_GENERIC, 0x04, DISK_FAULT_LINK, "data transfer error"},
    {SCT_GENERIC, 0x05, DISK_FAULT_ABORTED, "aborted, power loss"},
    {SCT_GENERIC, 0x06, DISK_FAULT_ABORTED, "internal error"},
    {SCT_GENERIC, 0x07, DISK_FAULT_ABORTED, "abort requested"},
    {SCT_GENERIC, 0x0B, DISK_FAULT_ABORTED, "invalid namespace"},
    {SCT_GENERIC, 0x80, DISK_FAULT_ABORTED, "LBA out of range"},
    {SCT_GENERIC, 0x82, DISK_FAULT_ABORTED, "namespace not ready"},
    {SCT_GENERIC, 0x84, DISK_FAULT_ABORTED, "format in progress"},
    {SCT_MEDIA, 0x80, DISK_FAULT_MEDIUM, "write fault"},
    {SCT_MEDIA, 0x81, DISK_FAULT_MEDIUM, "unrecovered read error"},
    {SCT_MEDIA, 0x82, DISK_FAULT_MEDIUM, "end-to-end guard check error"},
    {SCT_MEDIA, 0x83, DISK_FAULT_MEDIUM, "end-to-end application tag error"},
    {SCT_MEDIA, 0x84, DISK_FAULT_MEDIUM, "end-to-end reference tag error"},
    {SCT_MEDIA, 0x86, DISK_FAULT_ABORTED, "access denied"},
    {SCT_MEDIA, 0x87, DISK_FAULT_ABORTED, "deallocated or unwritten block"},
};

static uint8_t nvme_sc(const struct drive_status *status)
{
    return status->nvme_status & 0xFF;
}

static uint8_t nvme_sct(const struct drive_status *status)
{
    return status->nvme_status >> 8 & 7;
}

static const struct nvme_code *find_code(const struct drive_status *status)
{
    for (size_t i = 0; i < sizeof(nvme_codes) / sizeof(nvme_codes[0]); i++) {
        if (nvme_codes[i].sct == nvme_sct(status) && nvme_codes[i].sc == nvme_sc(status))
            return &nvme_codes[i];
    }
    return NULL;
}

bool status_is_good(const struct drive_status *status)
{
    switch (status->protocol) {
    case PROTOCOL_ATA:
        return (status->ata_status & (STATUS_BSY | STATUS_DF | STATUS_ERR)) == 0;
    case PROTOCOL_NVME:
        return nvme_sct(status) == SCT_GENERIC && nvme_sc(status) == 0;
    case PROTOCOL_NONE:
        break;
    }
    return false;
}

/* The error register counts only with ERR set. A CRC error aborts the command: ICRC before ABRT. */
static enum disk_fault ata_fault(const struct drive_status *status)
{
    if (!(status->ata_status & STATUS_ERR))
        return DISK_FAULT_ABORTED;
    if (status->ata_error & ERROR_ICRC)
        return DISK_FAULT_LINK;
    if (status->ata_error & (ERROR_UNC | ERROR_IDNF))
        return DISK_FAULT_MEDIUM;
    return DISK_FAULT_ABORTED;
}

static enum disk_fault nvme_fault(const struct drive_status *status)
{
    const struct nvme_code *code = find_code(status);

    if (code != NULL)
        return (enum disk_fault)code->fault;
    switch (nvme_sct(status)) {
    case SCT_MEDIA:
        return DISK_FAULT_MEDIUM;
    case SCT_PATH:
        return DISK_FAULT_LINK;
    default:
        return DISK_FAULT_ABORTED;
    }
}

enum disk_fault status_fault(const struct drive_status *status)
{
    switch (status->protocol) {
    case PROTOCOL_ATA:
        return ata_fault(status);
    case PROTOCOL_NVME:
        return nvme_fault(status);
    case PROTOCOL_NONE:
        break;
    }
    return DISK_FAULT_ABORTED;
}

static const char *ata_words(const struct drive_status *status)
{
    if (status_is_good(status))
        return "good";
    if (status->ata_status & STATUS_BSY)
        return "busy";
    if (!(status->ata_status & STATUS_ERR))
        return "device fault";
    if (status->ata_error & ERROR_ICRC)
        return "interface CRC error";
    if (status->ata_error & ERROR_UNC)
        return "uncorrectable data";
    if (status->ata_error & ERROR_IDNF)
        return "sector not found";
    if (status->ata_error & ERROR_ABRT)
        return "command aborted";
    return status->ata_status & STATUS_DF ? "device fault" : "no reason given";
}

static const char *nvme_words(const struct drive_status *status)
{
    static const char *const types[8] = {
        "generic error",
        "command specific error",
        "media or data integrity error",
        "path error",
        "reserved",
        "reserved",
        "reserved",
        "vendor's own",
    };
    const struct nvme_code *code = find_code(status);

    if (status_is_good(status))
        return "good";
    return code != NULL ? code->text : types[nvme_sct(status)];
}

void status_text(const struct drive_status *status, struct text *text)
{
    switch (status->protocol) {
    case PROTOCOL_ATA:
        text_format(text, "ATA status %02Xh error %02Xh (%s)", status->ata_status,
                    status->ata_error, ata_words(status));
        break;
    case PROTOCOL_NVME:
        text_format(text, "NVMe status type %u code %02Xh (%s)", nvme_sct(status), nvme_sc(status),
                    nvme_words(status));
        break;
    case PROTOCOL_NONE:
        text_add(text, "no status from the drive");
        break;
    }
}
