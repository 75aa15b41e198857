/*
 * The PM1 status of ACPI's fixed hardware, as far as it tells why the machine was restarted: ACPI
 * 6.5 section 5.2.9 (FADT) and section 4.8.3.1.1 (the registers). Nothing is written, and no status
 * is cleared.
 */
#ifndef ASSAY_SENSORS_ACPI_PM1_H
#define ASSAY_SENSORS_ACPI_PM1_H

#include <stddef.h>
#include <stdint.h>

#include "base/access.h"
#include "base/event.h"

/* The I/O ports of the event blocks PM1a and PM1b; 0 for one that is not there. */
struct acpi_pm1 {
    uint16_t ports[2];
};

/* ERR_FORMAT: no FADT, or one that makes no sense. ERR_ABSENT: the machine has no such registers.
 * ERR_UNSUPPORTED: they are not in I/O space. */
int acpi_pm1_find(const void *fadt, size_t size, struct acpi_pm1 *ret_pm1);

/* The status of both blocks together. ERR_ABSENT when nothing answers there. */
int acpi_pm1_read(const struct acpi_pm1 *pm1, const struct access *access, uint16_t *ret_status);

/*
 * RESTART_POWER_OVERRIDE where bit 11 is set, which stands for the power button held for four
 * seconds, and on chipsets of Intel for a catastrophic temperature as well; it outlasts loss of
 * power and stays until somebody clears it. Otherwise RESTART_POWER_BUTTON where bits 15 and 8 say
 * that the button woke the machine, otherwise RESTART_UNKNOWN.
 */
enum restart_cause acpi_pm1_cause(uint16_t status);

#endif
