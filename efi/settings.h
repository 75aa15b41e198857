/*
 * The options of this boot, from all the places they can stand: \EFI\assay\assay.cfg on the boot
 * volume, the board's own file beside it, SMBIOS type 11 strings, load options; and the SMBIOS
 * table itself, which others need as well.
 */
#ifndef ASSAY_EFI_SETTINGS_H
#define ASSAY_EFI_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/options.h"

struct settings {
    struct options options;
    struct option_error error;
    bool load_options_ignored;
    bool secure_boot; /* the firmware starts only what is signed */
};

/* Reads them all; settings->error.count tells whether a test may start. files_open comes first. */
void settings_read(struct settings *settings);

/* The firmware's SMBIOS structure table; NULL without one. */
const void *smbios_table(size_t *ret_size);

#endif
