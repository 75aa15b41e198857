/*
 * The variable seam over the firmware's runtime services (UEFI 2.10, 8.2): the variable AssayRun
 * under a vendor GUID of Assay's own, non-volatile, visible before an operating system starts only.
 */
#ifndef ASSAY_EFI_VARIABLES_H
#define ASSAY_EFI_VARIABLES_H

#include "base/variable.h"

struct variable variables_seam(void);

#endif
