/*
 * ACPI tables by their signature (ACPI 6.5 section 5.2). Nothing is evaluated: there is no AML
 * here.
 */
#ifndef ASSAY_EFI_ACPI_H
#define ASSAY_EFI_ACPI_H

#include <stddef.h>

/* The table with this four-letter signature, its size in ret_size, or NULL. */
const void *acpi_table(const char *signature, size_t *ret_size);

#endif
