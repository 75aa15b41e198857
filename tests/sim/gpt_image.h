/*
 * Writes a GPT onto a simulated drive, whole or with a named fault.
 */
#ifndef ASSAY_TESTS_SIM_GPT_IMAGE_H
#define ASSAY_TESTS_SIM_GPT_IMAGE_H

#include "disk/volumes/gpt.h"
#include "tests/sim/write_drive.h"

enum { GPT_IMAGE_ENTRIES = 128, GPT_IMAGE_FIRST = 40 };

struct gpt_image_partition {
    uint64_t first, last;
    const char *name;
    uint8_t type; /* first byte of its type; 0: basic data */
};

/* Protective MBR, primary and backup with 128 entries of 128 bytes. */
void gpt_image_write(struct write_drive *drive, const struct gpt_image_partition *partitions,
                     unsigned count);
/* Makes both checksums of the header at `lba` right after a change to it or to its entries. */
void gpt_image_seal(struct write_drive *drive, uint64_t lba);
void gpt_image_put(uint8_t *bytes, size_t offset, uint64_t value, unsigned width);

#endif
