/*
 * Sections about x86 processors: their errors and contexts (UEFI 2.10, appendix N.2.4.2).
 */
#include "base/error.h"
#include "sensors/cper_fields.h"
#include "sensors/cper_processor.h"

enum {
    SECTION_SIZE = 64, /* table N.8, before the errors */
    ERROR_SIZE = 64,   /* table N.11 */
    CONTEXT_SIZE = 16, /* table N.17, before the registers */
    COUNT_MASK = 0x3F,
};

static const struct {
    struct cper_guid type;
    const char *text;
} checks[CPER_CHECKS] = {
    [CPER_CHECK_UNKNOWN] = {{{0}}, "part"},
    [CPER_CHECK_CACHE] = {{{0xF5, 0x01, 0x57, 0xA5, 0xEF, 0xE3, 0xDE, 0x43, 0xAC, 0x72, 0x24, 0x9B,
                            0x57, 0x3F, 0xAD, 0x2C}},
                          "cache"},
    [CPER_CHECK_TLB] = {{{0x35, 0xB5, 0x06, 0xFC, 0x1F, 0x5E, 0x62, 0x45, 0x9F, 0x25, 0x0A, 0x3B,
                          0x9A, 0xDB, 0x63, 0xC3}},
                        "translation buffer (TLB)"},
    [CPER_CHECK_BUS] = {{{0xB3, 0xF8, 0xF3, 0x1C, 0xB1, 0xC5, 0xA2, 0x49, 0xAA, 0x59, 0x5E, 0xEF,
                          0x92, 0xFF, 0xA6, 0x3C}},
                        "bus"},
    [CPER_CHECK_ARCHITECTURE] = {{{0x57, 0x7F, 0xAB, 0x48, 0x34, 0xDC, 0x6C, 0x4F, 0xA7, 0xD3, 0xB0,
                                   0xB5, 0xB0, 0xA7, 0x43, 0x14}},
                                 "inner part"},
};

/* A field of the check information: it is there where its validation bit, one of the lowest 16, is
 * set. Tables N.12 to N.15. */
struct check_field {
    uint8_t bit, at, width; /* in bits */
    size_t to;
};

#define TO(name) offsetof(struct cper_x86_error, name)

/* Of a cache, a TLB and a bus; the last three only of a bus. */
static const struct check_field transaction_fields[] = {
    {0, 16, 2, TO(transaction)}, {1, 18, 4, TO(operation)},   {2, 22, 3, TO(level)},
    {3, 25, 1, TO(corrupt)},     {4, 26, 1, TO(uncorrected)}, {5, 27, 1, TO(precise)},
    {6, 28, 1, TO(restartable)}, {7, 29, 1, TO(overflow)},    {8, 30, 2, TO(participation)},
    {9, 32, 1, TO(timeout)},     {10, 33, 2, TO(space)},
};

static const struct check_field architecture_fields[] = {
    {0, 16, 3, TO(kind)},    {1, 19, 1, TO(corrupt)},     {2, 20, 1, TO(uncorrected)},
    {3, 21, 1, TO(precise)}, {4, 22, 1, TO(restartable)}, {5, 23, 1, TO(overflow)},
};

enum { ONLY_OF_BUS = 3 };

static void take_check(struct cper_x86_error *error, uint64_t info)
{
    size_t all = sizeof(transaction_fields) / sizeof(transaction_fields[0]);
    const struct check_field *fields = transaction_fields;
    size_t count = error->check == CPER_CHECK_BUS ? all : all - ONLY_OF_BUS;

    if (error->check == CPER_CHECK_ARCHITECTURE) {
        fields = architecture_fields;
        count = sizeof(architecture_fields) / sizeof(architecture_fields[0]);
    }
    for (size_t i = 0; i < count; i++) {
        struct cper_value *value = (struct cper_value *)((uint8_t *)error + fields[i].to);

        if (info >> fields[i].bit & 1)
            *value =
                (struct cper_value){true, info >> fields[i].at & ((1u << fields[i].width) - 1)};
    }
}

static enum cper_check check_of(const struct cper_guid *type)
{
    for (int check = CPER_CHECK_UNKNOWN + 1; check < CPER_CHECKS; check++)
        if (cper_guid_equal(type, &checks[check].type))
            return (enum cper_check)check;
    return CPER_CHECK_UNKNOWN;
}

const char *cper_check_text(enum cper_check check)
{
    return check < CPER_CHECKS ? checks[check].text : checks[CPER_CHECK_UNKNOWN].text;
}

int cper_x86_begin(const struct cper_section *section, struct cper_x86 *ret_x86)
{
    struct bytes body = section->body;
    uint64_t valid = bytes_le64(&body, 0);

    if (section->kind != CPER_PROCESSOR_X86 || !bytes_have(&body, 0, SECTION_SIZE))
        return ERR_FORMAT;
    *ret_x86 = (struct cper_x86){
        .has_cpuid = valid >> 1 & 1,
        .body = body,
        .offset = SECTION_SIZE,
        .errors = valid >> 2 & COUNT_MASK,
        .contexts = valid >> 8 & COUNT_MASK,
    };
    if (valid & 1)
        ret_x86->apic_id = (struct cper_value){true, bytes_le64(&body, 8)};
    if (ret_x86->has_cpuid)
        ret_x86->signature = bytes_le32(&body, 16);
    return OK;
}

bool cper_x86_next_error(struct cper_x86 *x86, struct cper_x86_error *ret_error)
{
    static const struct cper_field fields[] = {
        {1, 32, 8, TO(target)},
        {2, 40, 8, TO(requestor)},
        {3, 48, 8, TO(responder)},
        {4, 56, 8, TO(instruction)},
    };
    struct bytes body = x86->body;
    struct cper_x86_error error = {0};
    uint64_t valid;

    if (x86->error != OK || x86->errors == 0)
        return false;
    if (!bytes_have(&body, x86->offset, ERROR_SIZE)) {
        x86->error = ERR_FORMAT;
        return false;
    }
    body = bytes_of(body.data + x86->offset, ERROR_SIZE);
    valid = bytes_le64(&body, 16);
    error.type = cper_guid_at(&body, 0);
    error.check = check_of(&error.type);
    if (valid & 1 && error.check != CPER_CHECK_UNKNOWN)
        take_check(&error, bytes_le64(&body, 24));
    cper_take_fields(&body, valid, fields, sizeof(fields) / sizeof(fields[0]), &error);
    x86->errors--;
    x86->offset += ERROR_SIZE;
    *ret_error = error;
    return true;
}

bool cper_x86_next_context(struct cper_x86 *x86, struct cper_x86_context *ret_context)
{
    struct bytes body = x86->body;
    size_t at, size;

    x86->offset += (size_t)x86->errors * ERROR_SIZE;
    x86->errors = 0;
    at = x86->offset;
    if (x86->error != OK || x86->contexts == 0)
        return false;
    size = bytes_le16(&body, at + 2);
    if (!bytes_have(&body, at, CONTEXT_SIZE + size)) {
        x86->error = ERR_FORMAT;
        return false;
    }
    *ret_context = (struct cper_x86_context){
        .type = bytes_le16(&body, at),
        .msr = bytes_le32(&body, at + 4),
        .registers = bytes_of(body.data + at + CONTEXT_SIZE, size),
    };
    x86->contexts--;
    x86->offset += CONTEXT_SIZE + size;
    return true;
}
