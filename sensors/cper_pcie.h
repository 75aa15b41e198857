/*
 * Sections of error records about PCI Express devices (UEFI 2.10, appendix N.2.7).
 */
#ifndef ASSAY_SENSORS_CPER_PCIE_H
#define ASSAY_SENSORS_CPER_PCIE_H

#include "sensors/aer.h"
#include "sensors/cper.h"

struct cper_pcie {
    struct cper_value port;    /* enum pcie_port */
    struct cper_value version; /* of PCI Express: major in bits 15:8, minor in 7:0, in BCD */
    struct cper_value command, status;
    bool has_device; /* the next eight */
    uint16_t vendor, device_id;
    uint32_t class_code; /* 24 bits */
    uint16_t segment;
    uint8_t bus, device, function;
    uint8_t secondary_bus; /* of a bridge */
    uint16_t slot;
    struct cper_value serial;
    struct cper_value bridge_status, bridge_control;
    bool has_pcie, has_aer;
    struct pcie_state pcie;
    struct aer_state aer;
};

/* ERR_FORMAT for a section of another kind, or one without validation bits. */
int cper_pcie_of(const struct cper_section *section, struct cper_pcie *ret_pcie);

/* "0000:03:00.0"; nothing without a device. */
void cper_pcie_place(const struct cper_pcie *pcie, struct text *text);

#endif
