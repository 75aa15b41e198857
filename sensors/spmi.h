/*
 * The SPMI table of ACPI (IPMI 2.0, appendix C3): where the registers of a BMC are. Most machines
 * say it in SMBIOS type 38 (sensors/smbios.h); some older ones say it here alone.
 */
#ifndef ASSAY_SENSORS_SPMI_H
#define ASSAY_SENSORS_SPMI_H

#include <stddef.h>
#include <stdint.h>

/* A KCS interface in I/O space. */
struct spmi_kcs {
    uint16_t port;
    uint8_t spacing; /* of its two registers, in bytes: 1, 4 or 16 */
};

/*
 * Reads the bytes of a table, its header included. ERR_FORMAT for one that is none, is cut short or
 * makes no sense; ERR_UNSUPPORTED for an interface other than KCS, or one in memory.
 */
int spmi_kcs(const void *table, size_t size, struct spmi_kcs *ret_kcs);

#endif
