#include "sensors/cper_pcie.h"

#include "base/error.h"
#include "sensors/cper_fields.h"

#define TO(name) offsetof(struct cper_pcie, name)

/* PCI Express error section, N.2.7 table N.17. */
static const struct cper_field fields[] = {
    {0, 8, 4, TO(port)},
    {1, 12, 2, TO(version)},
    {2, 16, 2, TO(command)},
    {2, 18, 2, TO(status)},
    {4, 40, 8, TO(serial)},
    {5, 48, 2, TO(bridge_status)},
    {5, 50, 2, TO(bridge_control)},
};

enum {
    VALID_DEVICE = 1 << 3,
    VALID_CAPABILITY = 1 << 6,
    VALID_AER = 1 << 7,
    AT_DEVICE = 24,
    DEVICE_SIZE = 16,
    AT_CAPABILITY = 52,
    CAPABILITY_SIZE = 60,
    AT_AER = 112,
    AER_INFO_SIZE = 96,
};

static void take_device(struct bytes body, struct cper_pcie *pcie)
{
    if (!bytes_have(&body, AT_DEVICE, DEVICE_SIZE))
        return;
    pcie->has_device = true;
    pcie->vendor = bytes_le16(&body, 24);
    pcie->device_id = bytes_le16(&body, 26);
    pcie->class_code = (uint32_t)bytes_le(&body, 28, 3);
    pcie->function = bytes_u8(&body, 31);
    pcie->device = bytes_u8(&body, 32);
    pcie->segment = bytes_le16(&body, 33);
    pcie->bus = bytes_u8(&body, 35);
    pcie->secondary_bus = bytes_u8(&body, 36);
    pcie->slot = bytes_le16(&body, 37) >> 3;
}

/* The bytes of a part of the section, as many as there are. */
static struct bytes part_of(const struct bytes *body, size_t at, size_t size)
{
    size_t there = body->size > at ? body->size - at : 0;

    return bytes_of(there ? body->data + at : body->data, there < size ? there : size);
}

int cper_pcie_of(const struct cper_section *section, struct cper_pcie *ret_pcie)
{
    struct bytes body = section->body;
    uint64_t valid = bytes_le64(&body, 0);
    struct cper_pcie pcie = {0};

    if (body.failed || section->kind != CPER_PCIE)
        return ERR_FORMAT;
    cper_take_fields(&body, valid, fields, sizeof(fields) / sizeof(fields[0]), &pcie);
    if (valid & VALID_DEVICE)
        take_device(body, &pcie);
    if (valid & VALID_CAPABILITY)
        pcie.has_pcie =
            pcie_state_of(part_of(&body, AT_CAPABILITY, CAPABILITY_SIZE), &pcie.pcie) == OK;
    if (valid & VALID_AER)
        pcie.has_aer =
            aer_state_of(part_of(&body, AT_AER, AER_INFO_SIZE),
                         pcie.port.present && pcie_reports_for_others((uint8_t)pcie.port.value),
                         &pcie.aer) == OK;
    *ret_pcie = pcie;
    return OK;
}

void cper_pcie_place(const struct cper_pcie *pcie, struct text *text)
{
    if (pcie->has_device)
        text_format(text, "%04x:%02x:%02x.%x", pcie->segment, pcie->bus, pcie->device,
                    pcie->function);
}
