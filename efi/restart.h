/*
 * Why the chipset says the machine was restarted; the BMC says it to sensors/ipmi.h.
 */
#ifndef ASSAY_EFI_RESTART_H
#define ASSAY_EFI_RESTART_H

#include "base/access.h"
#include "base/event.h"

/* EVENT_RESTART where the PM1 status of ACPI tells anything; nothing otherwise. Reads two ports. */
void restart_read(const struct access *access, const char *skip, const struct sink *sink);

#endif
