/*
 * The pages a simulated drive gives: identity, SMART and logs, in their standard's layout; and the
 * link that its driver would tell of.
 */
#ifndef ASSAY_TESTS_SIM_DRIVE_PAGES_H
#define ASSAY_TESTS_SIM_DRIVE_PAGES_H

#include <stddef.h>

#include "tests/sim/drive.h"

/* Fills `size` bytes as block_device.page() does. */
int sim_drive_page(const struct sim_drive *drive, enum drive_page which, void *buffer, size_t size);

/* For block_device.link and block_device.self_test; sim_drive_init() leaves both NULL. */
int sim_drive_link(void *context, struct drive_link *ret_link);
int sim_drive_self_test(void *context, enum self_test test);

/* Makes the sum of the 512 bytes of an ATA page 0 by its last byte. */
void sim_page_seal(uint8_t *page);

#endif
