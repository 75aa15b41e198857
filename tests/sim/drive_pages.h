/*
 * The pages a simulated drive gives: identity and SMART, in their standard's layout.
 */
#ifndef ASSAY_TESTS_SIM_DRIVE_PAGES_H
#define ASSAY_TESTS_SIM_DRIVE_PAGES_H

#include <stddef.h>

#include "tests/sim/drive.h"

/* Fills `size` bytes as block_device.page() does. */
int sim_drive_page(const struct sim_drive *drive, enum drive_page which, void *buffer, size_t size);

#endif
