/*
 * What the readers of ACPI's error tables share; used by them alone.
 */
#ifndef ASSAY_SENSORS_ACPI_FIELDS_H
#define ASSAY_SENSORS_ACPI_FIELDS_H

#include "sensors/acpi_errors.h"

/* A generic address structure of 12 bytes, ACPI 6.5 section 5.2.3.2. */
struct acpi_address acpi_address_at(struct bytes *bytes, size_t offset);

#endif
