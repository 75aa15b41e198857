/*
 * What the readers of partition tables have among themselves; gpt.h is for everybody else.
 */
#ifndef ASSAY_DISK_TABLE_H
#define ASSAY_DISK_TABLE_H

#include "disk/volumes/gpt.h"

/*
 * Reads blocks into a buffer that carries a canary (canary.h). ERR_STALE when success was claimed
 * and part of it is left: what stood there before must not be taken for what the disk holds.
 */
int table_fetch(const struct block_device *device, uint64_t lba, uint32_t blocks, void *buffer);

/* ERR_FORMAT for a partition over another one, ERR_FULL for one too many. */
int table_add(struct partition_table *table, const struct partition *partition);

/* The GPT, if there is one: ERR_ABSENT when neither header is there. */
int table_read_gpt(const struct block_device *device, uint8_t *buffer,
                   struct partition_table *table);

#endif
