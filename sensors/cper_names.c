/*
 * Error records: kinds of sections, GUIDs, times, and fields with a validation bit.
 */
#include <string.h>

#include "base/error.h"
#include "sensors/cper_fields.h"

/* A GUID as it is printed, in the order of its bytes. */
#define GUID(a, b, c, d0, d1, d2, d3, d4, d5, d6, d7)                                              \
    {                                                                                              \
        {                                                                                          \
            (a) & 0xFF, (a) >> 8 & 0xFF, (a) >> 16 & 0xFF, (a) >> 24, (b)&0xFF, (b) >> 8,          \
                (c)&0xFF, (c) >> 8, d0, d1, d2, d3, d4, d5, d6, d7                                 \
        }                                                                                          \
    }

static const struct {
    struct cper_guid type;
    const char *text;
} kinds[CPER_KINDS] = {
    [CPER_UNKNOWN] = {{{0}}, "unknown"},
    [CPER_PROCESSOR] = {GUID(0x9876CCAD, 0x47B4, 0x4BDB, 0xB6, 0x5E, 0x16, 0xF1, 0x93, 0xC4, 0xF3,
                             0xDB),
                        "processor"},
    [CPER_PROCESSOR_X86] = {GUID(0xDC3EA0B0, 0xA144, 0x4797, 0xB9, 0x5B, 0x53, 0xFA, 0x24, 0x2B,
                                 0x6E, 0x1D),
                            "x86 processor"},
    [CPER_MEMORY] = {GUID(0xA5BC1114, 0x6F64, 0x4EDE, 0xB8, 0x63, 0x3E, 0x83, 0xED, 0x7C, 0x83,
                          0xB1),
                     "memory"},
    [CPER_MEMORY_2] = {GUID(0x61EC04FC, 0x48E6, 0xD813, 0x25, 0xC9, 0x8D, 0xAA, 0x44, 0x75, 0x0B,
                            0x12),
                       "memory"},
    [CPER_PCIE] = {GUID(0xD995E954, 0xBBC1, 0x430F, 0xAD, 0x91, 0xB4, 0x4D, 0xCB, 0x3C, 0x6F, 0x35),
                   "PCI Express"},
    [CPER_FIRMWARE] = {GUID(0x81212A96, 0x09ED, 0x4996, 0x94, 0x71, 0x8D, 0x72, 0x9C, 0x8E, 0x69,
                            0xED),
                       "crash log of the chip or its firmware"},
    [CPER_MACHINE_CHECK] = {GUID(0x8A1E1D01, 0x42F9, 0x4557, 0x9C, 0x33, 0x56, 0x5E, 0x5C, 0xC3,
                                 0xF7, 0xE8),
                            "machine check"},
    [CPER_PROCESSOR_ITANIUM] = {GUID(0xE429FAF1, 0x3CB7, 0x11D4, 0xBC, 0xA7, 0x00, 0x80, 0xC7, 0x3C,
                                     0x88, 0x81),
                                "Itanium processor"},
    [CPER_PROCESSOR_ARM] = {GUID(0xE19E3D16, 0xBC11, 0x11E4, 0x9C, 0xAA, 0xC2, 0x05, 0x1D, 0x5D,
                                 0x46, 0xB0),
                            "Arm processor"},
    [CPER_PCI_BUS] = {GUID(0xC5753963, 0x3B84, 0x4095, 0xBF, 0x78, 0xED, 0xDA, 0xD3, 0xF9, 0xC9,
                           0xDD),
                      "PCI bus"},
    [CPER_PCI_DEVICE] = {GUID(0xEB5E4685, 0xCA66, 0x4769, 0xB6, 0xA2, 0x26, 0x06, 0x8B, 0x00, 0x13,
                              0x26),
                         "PCI device"},
    [CPER_DMA_REMAPPING] = {GUID(0x5B51FEF7, 0xC79D, 0x4434, 0x8F, 0x1B, 0xAA, 0x62, 0xDE, 0x3E,
                                 0x2C, 0x64),
                            "DMA remapping"},
    [CPER_DMA_REMAPPING_INTEL] = {GUID(0x71761D37, 0x32B2, 0x45CD, 0xA7, 0xD0, 0xB0, 0xFE, 0xDD,
                                       0x93, 0xE8, 0xCF),
                                  "DMA remapping (VT-d)"},
    [CPER_DMA_REMAPPING_AMD] = {GUID(0x036F84E1, 0x7F37, 0x428C, 0xA7, 0x9E, 0x57, 0x5F, 0xDF, 0xAA,
                                     0x84, 0xEC),
                                "DMA remapping (IOMMU)"},
    [CPER_CCIX] = {GUID(0x91335EF6, 0xEBFB, 0x4478, 0xA6, 0xA6, 0x88, 0xB7, 0x28, 0xCF, 0x75, 0xD7),
                   "CCIX link"},
    [CPER_CXL_PROTOCOL] = {GUID(0x80B9EFB4, 0x52B5, 0x4DE3, 0xA7, 0x77, 0x68, 0x78, 0x4B, 0x77,
                                0x10, 0x48),
                           "CXL link"},
    [CPER_CXL_MEDIA] = {GUID(0xFBCD0A77, 0xC260, 0x417F, 0x85, 0xA9, 0x08, 0x8B, 0x16, 0x21, 0xEB,
                             0xA6),
                        "CXL media"},
    [CPER_CXL_MEMORY] = {GUID(0x601DCBB3, 0x9C06, 0x4EAB, 0xB8, 0xAF, 0x4E, 0x9B, 0xFB, 0x5C, 0x96,
                              0x24),
                         "CXL memory"},
    [CPER_CXL_MODULE] = {GUID(0xFE927475, 0xDD59, 0x4339, 0xA5, 0x86, 0x79, 0xBA, 0xB1, 0x13, 0xB7,
                              0x74),
                         "CXL memory module"},
    [CPER_RECOVERY] = {GUID(0xC34832A1, 0x02C3, 0x4C52, 0xA9, 0xF1, 0x9F, 0x1D, 0x5D, 0x77, 0x23,
                            0xFC),
                       "recovery by the operating system"},
};

bool cper_guid_equal(const struct cper_guid *a, const struct cper_guid *b)
{
    return memcmp(a, b, sizeof(*a)) == 0;
}

enum cper_kind cper_kind_of(const struct cper_guid *type)
{
    for (int kind = CPER_UNKNOWN + 1; kind < CPER_KINDS; kind++)
        if (cper_guid_equal(type, &kinds[kind].type))
            return (enum cper_kind)kind;
    return CPER_UNKNOWN;
}

const char *cper_kind_text(enum cper_kind kind)
{
    return kind < CPER_KINDS ? kinds[kind].text : kinds[CPER_UNKNOWN].text;
}

const char *cper_severity_text(uint32_t severity)
{
    static const char *const texts[CPER_SEVERITIES] = {
        [CPER_RECOVERABLE] = "not corrected",
        [CPER_FATAL] = "fatal",
        [CPER_CORRECTED] = "corrected",
        [CPER_INFORMATIONAL] = "informational",
    };

    return severity < CPER_SEVERITIES ? texts[severity] : "of unknown severity";
}

struct cper_guid cper_guid_at(struct bytes *bytes, size_t offset)
{
    struct cper_guid guid = {{0}};

    if (bytes_have(bytes, offset, sizeof(guid.bytes)))
        memcpy(guid.bytes, bytes->data + offset, sizeof(guid.bytes));
    return guid;
}

void cper_guid_text(struct text *text, const struct cper_guid *guid)
{
    static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};

    for (unsigned i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text_char(text, '-');
        text_format(text, "%02x", guid->bytes[order[i]]);
    }
}

/* A byte of a time, or 255, which is none. */
static uint8_t time_number(uint8_t byte, bool plain)
{
    if (plain)
        return byte;
    return byte >> 4 <= 9 && (byte & 0xF) <= 9 ? (uint8_t)((byte >> 4) * 10 + (byte & 0xF)) : 255;
}

struct cper_time cper_time_at(struct bytes *bytes, size_t offset)
{
    uint8_t century = bytes_u8(bytes, offset + 7);
    bool plain = century >= 19 && century <= 21;
    struct cper_time time;
    uint8_t number[8];

    for (unsigned i = 0; i < 8; i++)
        number[i] = time_number(bytes_u8(bytes, offset + i), plain || i == 3);
    time = (struct cper_time){
        .present = true,
        .precise = number[3] & 1,
        .year = (uint16_t)(number[7] * 100 + number[6]),
        .month = number[5],
        .day = number[4],
        .hour = number[2],
        .minute = number[1],
        .second = number[0],
    };
    if (bytes->failed || number[7] > 99 || number[6] > 99 || time.month < 1 || time.month > 12 ||
        time.day < 1 || time.day > 31 || time.hour > 23 || time.minute > 59 || time.second > 60)
        time = (struct cper_time){0};
    return time;
}

void cper_take_fields(const struct bytes *body, uint64_t valid, const struct cper_field *fields,
                      size_t count, void *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes bytes = bytes_of(body->data, body->size);
        struct cper_value *value = (struct cper_value *)((uint8_t *)ret + fields[i].to);

        value->value = bytes_le(&bytes, fields[i].at, fields[i].width);
        value->present = valid >> fields[i].bit & 1 && !bytes.failed;
        if (!value->present)
            value->value = 0;
    }
}

/* What a section of each revision has: 0 an id, 1 neither, 2 and later an id and a GUID. */
int cper_firmware_of(const struct cper_section *section, struct cper_firmware *ret_firmware)
{
    struct bytes body = section->body;
    uint8_t revision = bytes_u8(&body, 1);
    size_t size = revision == 0 ? 16 : revision == 1 ? 8 : 32;

    if (section->kind != CPER_FIRMWARE || !bytes_have(&body, 0, size))
        return ERR_FORMAT;
    *ret_firmware = (struct cper_firmware){
        .type = bytes_u8(&body, 0),
        .revision = revision,
        .has_guid = revision >= 2,
        .log_size = body.size - size,
    };
    if (revision != 1)
        ret_firmware->id = bytes_le64(&body, 8);
    if (revision >= 2)
        ret_firmware->guid = cper_guid_at(&body, 16);
    return OK;
}
