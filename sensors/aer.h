/*
 * PCI Express: the state of a link and the errors a device has seen, as its configuration space
 * tells (PCI Express Base 6.0, sections 7.5.3 and 7.8.4).
 *
 * Errors stay in the registers until someone clears them: what stands there before anything was
 * done is left from before. Where firmware handles errors first it clears them, and their absence
 * says nothing.
 */
#ifndef ASSAY_SENSORS_AER_H
#define ASSAY_SENSORS_AER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

enum {
    PCI_CONFIG_SIZE = 256,
    PCIE_CONFIG_SIZE = 4096,
    PCIE_CAPABILITY_SIZE = 20, /* its registers that every device has */
    AER_SIZE = 44,             /* its registers that every device has */
    AER_ROOT_SIZE = 56,        /* those of a root port or an event collector */
};

/* Device/Port Type, table 7-17. */
enum pcie_port {
    PCIE_ENDPOINT = 0,
    PCIE_LEGACY_ENDPOINT = 1,
    PCIE_ROOT_PORT = 4,
    PCIE_UPSTREAM = 5,
    PCIE_DOWNSTREAM = 6,
    PCIE_TO_PCI = 7,
    PCI_TO_PCIE = 8,
    PCIE_ROOT_ENDPOINT = 9,
    PCIE_EVENT_COLLECTOR = 10,
};

/* Bits of the device status that stand for errors, section 7.5.3.5. */
enum {
    PCIE_CORRECTED = 1 << 0,
    PCIE_NOT_FATAL = 1 << 1,
    PCIE_FATAL = 1 << 2,
    PCIE_UNSUPPORTED = 1 << 3,
};

/* Bits of the uncorrectable and correctable error status, sections 7.8.4.2 and 7.8.4.5, that
 * healthy machines show after devices were searched for: requests that are not supported, access
 * control; advisory errors. */
enum {
    AER_NO_UNCORRECTED = 1 << 20 | 1 << 21,
    AER_NO_CORRECTED = 1 << 13,
};

/* The PCI Express capability, section 7.5.3. Speeds count from 1 for 2.5 GT/s, 0 is unknown. */
struct pcie_state {
    uint8_t port;         /* enum pcie_port */
    uint16_t status;      /* bits above; others belong to the device's business */
    bool has_link;        /* else it is inside the root complex */
    bool is_active;       /* a device answers at the other end; true where it cannot be told */
    uint8_t speed, width; /* of the link now */
    uint8_t speed_most, width_most; /* what this end of it can */
};

/* Advanced Error Reporting, section 7.8.4. */
struct aer_state {
    uint32_t uncorrected, uncorrected_mask, uncorrected_severity; /* a severity bit set: fatal */
    uint32_t corrected, corrected_mask;
    uint8_t first;      /* number of the uncorrected error that the header belongs to */
    uint32_t header[4]; /* of the packet; all 0 where none was kept */
    bool has_root;      /* it is a root port or an event collector: the next three are its */
    uint32_t root_status;
    uint16_t corrected_source, uncorrected_source; /* bus in the high byte, device, function */
};

/* Bits of the root error status, section 7.8.4.10. */
enum {
    AER_ROOT_CORRECTED = 1 << 0,
    AER_ROOT_MORE_CORRECTED = 1 << 1,
    AER_ROOT_UNCORRECTED = 1 << 2,
    AER_ROOT_MORE_UNCORRECTED = 1 << 3,
    AER_ROOT_FIRST_FATAL = 1 << 4,
    AER_ROOT_NOT_FATAL = 1 << 5,
    AER_ROOT_FATAL = 1 << 6,
};

struct pcie_device {
    uint16_t vendor, device;
    uint32_t class_code; /* 24 bits */
    bool has_pcie, has_aer;
    uint16_t pcie_at, aer_at; /* where their registers begin */
    struct pcie_state pcie;
    struct aer_state aer;
};

/*
 * Reads configuration space: 256 bytes without, up to 4096 with the extended capabilities. What the
 * bytes do not reach is absent. ERR_ABSENT where nobody answers (vendor FFFFh), ERR_FORMAT where
 * a list of capabilities runs in a circle or out of the bytes; what was found before stands then.
 */
int pcie_read(const void *config, size_t size, struct pcie_device *ret_device);

/* One register at a time, for callers without an image: `read` gives 32 bits at an offset that is
 * a multiple of 4, or an error. A failed read of extended space is the end of it. */
struct pcie_access {
    void *context;
    int (*read)(void *context, uint16_t offset, uint32_t *ret_value);
    int (*write)(void *context, uint16_t offset, uint32_t value); /* NULL: nobody writes */
};

int pcie_read_by(const struct pcie_access *access, struct pcie_device *ret_device);

/* Of the bytes of a capability, from its header on. ERR_FORMAT when they are too few. */
int pcie_state_of(struct bytes capability, struct pcie_state *ret_state);
int aer_state_of(struct bytes capability, bool is_root, struct aer_state *ret_state);

/* Whether a port of this kind reports the errors of others. */
bool pcie_reports_for_others(uint8_t port);

/* Names of the bits that are set, ", " between; nothing for none. Bits that the standard does not
 * name are given by number. */
void aer_corrected_text(struct text *text, uint32_t bits);
void aer_uncorrected_text(struct text *text, uint32_t bits);

/* "8 GT/s"; "an unknown speed" */
const char *pcie_speed_text(uint8_t speed);
const char *pcie_port_text(uint8_t port);
/* What kind of device has this class code; "device" where it has no name here. */
const char *pcie_class_text(uint32_t class_code);

#endif
