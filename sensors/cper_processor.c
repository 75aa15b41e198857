#include "sensors/cper_processor.h"

#include "base/error.h"
#include "sensors/cper_fields.h"
#include "sensors/machine_check.h"

#define TO(name) offsetof(struct cper_processor, name)

/* Generic processor error section, N.2.4.1 table N.7. */
static const struct cper_field fields[] = {
    {0, 8, 1, TO(type)},         {1, 9, 1, TO(isa)},          {2, 10, 1, TO(errors)},
    {3, 11, 1, TO(operation)},   {4, 12, 1, TO(flags)},       {5, 13, 1, TO(level)},
    {6, 16, 8, TO(version)},     {8, 152, 8, TO(id)},         {9, 160, 8, TO(address)},
    {10, 168, 8, TO(requestor)}, {11, 176, 8, TO(responder)}, {12, 184, 8, TO(instruction)},
};

enum { AT_BRAND = 24, BRAND_SIZE = 128, VALID_BRAND = 1 << 7 };

int cper_processor_of(const struct cper_section *section, struct cper_processor *ret_processor)
{
    struct bytes body = section->body;
    uint64_t valid = bytes_le64(&body, 0);
    struct cper_processor processor = {0};

    if (body.failed || section->kind != CPER_PROCESSOR)
        return ERR_FORMAT;
    cper_take_fields(&body, valid, fields, sizeof(fields) / sizeof(fields[0]), &processor);
    if (valid & VALID_BRAND && bytes_have(&body, AT_BRAND, BRAND_SIZE))
        copy_name(processor.brand, sizeof(processor.brand), body.data + AT_BRAND, BRAND_SIZE);
    *ret_processor = processor;
    return OK;
}

void cper_processor_errors(struct text *text, uint64_t errors)
{
    static const char *const names[] = {"cache", "translation buffer (TLB)", "bus", "inner part"};
    bool first = true;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!(errors >> i & 1))
            continue;
        text_format(text, "%s%s", first ? "" : ", ", names[i]);
        first = false;
    }
}

/* ---- Windows' machine check section: WHEA_XPF_MCA_SECTION of the Windows driver kit */

enum {
    AT_VERSION = 0,
    AT_PROCESSOR = 16,
    AT_GLOBAL_STATUS = 20,
    AT_BANK = 36,
    AT_STATUS = 40,
    AT_ADDRESS = 48,
    AT_MISC = 56,
    AT_APIC_ID = 68,
    WITH_APIC_ID = 2, /* version */
    HEAD_SIZE = 72,
};

int cper_machine_check_of(const struct cper_section *section,
                          struct cper_machine_check *ret_machine_check)
{
    struct bytes body = section->body;
    uint64_t status = bytes_le64(&body, AT_STATUS);

    if (section->kind != CPER_MACHINE_CHECK || !bytes_have(&body, 0, HEAD_SIZE))
        return ERR_FORMAT;
    if (!(status & MCI_STATUS_VAL))
        return ERR_ABSENT;
    *ret_machine_check = (struct cper_machine_check){
        .processor = bytes_le32(&body, AT_PROCESSOR),
        .global_status = bytes_le64(&body, AT_GLOBAL_STATUS),
        .bank.bank = (uint16_t)bytes_le32(&body, AT_BANK),
        .bank.status = status,
    };
    if (bytes_le32(&body, AT_VERSION) >= WITH_APIC_ID)
        ret_machine_check->apic_id = (struct cper_value){true, bytes_le32(&body, AT_APIC_ID)};
    if (status & MCI_STATUS_ADDRV)
        ret_machine_check->bank.address = (struct cper_value){true, bytes_le64(&body, AT_ADDRESS)};
    if (status & MCI_STATUS_MISCV)
        ret_machine_check->bank.misc = (struct cper_value){true, bytes_le64(&body, AT_MISC)};
    return OK;
}

/* ---- banks among model-specific registers */

/* Where the registers of a bank stand, Intel SDM volume 3, "Error-Reporting Register Banks", and
 * AMD's architecture manual, volume 2, "Scalable MCA". */
struct bank_layout {
    uint32_t base, spacing, banks;
    uint32_t status, address, misc, part; /* 0 for none */
};

static const struct bank_layout layouts[] = {
    {0x400, 4, 32, 1, 2, 3, 0},
    {0xC0002000, 16, 256, 1, 2, 3, 5},
};

/* The value of a register, absent where the context does not have it. */
static struct cper_value msr(const struct cper_x86_context *context, uint64_t number)
{
    struct bytes registers = context->registers;
    struct cper_value value = {0};

    if (number < context->msr)
        return value;
    value.value = bytes_le64(&registers, (size_t)(number - context->msr) * 8);
    value.present = !registers.failed;
    return value;
}

static void read_bank(const struct cper_x86_context *context, const struct bank_layout *layout,
                      uint32_t bank, uint64_t status, struct cper_bank *ret_bank)
{
    uint32_t base = layout->base + bank * layout->spacing;

    *ret_bank = (struct cper_bank){.bank = (uint16_t)bank, .status = status};
    if (status & MCI_STATUS_ADDRV)
        ret_bank->address = msr(context, base + layout->address);
    if (status & MCI_STATUS_MISCV)
        ret_bank->misc = msr(context, base + layout->misc);
    if (layout->part)
        ret_bank->part = msr(context, base + layout->part);
}

int cper_x86_bank(const struct cper_x86_context *context, unsigned index,
                  struct cper_bank *ret_bank)
{
    if (context->type != CPER_CONTEXT_MSR)
        return ERR_ABSENT;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        const struct bank_layout *layout = &layouts[i];

        for (uint32_t bank = 0; bank < layout->banks; bank++) {
            uint32_t number = layout->base + bank * layout->spacing + layout->status;
            struct cper_value status = msr(context, number);

            if (!(cper_or_zero(status) & MCI_STATUS_VAL) || index-- > 0)
                continue;
            read_bank(context, layout, bank, status.value, ret_bank);
            return OK;
        }
    }
    return ERR_ABSENT;
}
