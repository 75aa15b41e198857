/*
 * Discovery: what is in this machine, put behind the seams of efi/run.h.
 */
#ifndef ASSAY_EFI_DISCOVER_H
#define ASSAY_EFI_DISCOVER_H

#include "base/options.h"
#include "efi/run.h"

/* Finds disks, memory and processors. May be called again for another run of the same boot. Steps
 * named in `skip` (one name, or empty) are left out: the last boot hung there. */
void discover(struct machine *machine, const struct options *options, const char *skip,
              const struct sink *sink);

#endif
