/*
 * What the readers of volumes have among themselves; volumes.h is for everybody else.
 */
#ifndef ASSAY_DISK_VOLUME_PARTS_H
#define ASSAY_DISK_VOLUME_PARTS_H

#include <stddef.h>

#include "base/bytes.h"
#include "disk/volumes/volumes.h"

/* One volume, read piece by piece. */
struct volume_source {
    const struct block_device *device;
    uint8_t *buffer; /* VOLUMES_BUFFER_SIZE */
    uint64_t first_lba, blocks;
    const struct partition *partition; /* NULL: the bare disk */
    bool failed;                       /* a read did */
};

/*
 * Bytes of the volume, in the buffer until the next call: `size` of them from `offset` on, which
 * with the blocks they begin and end in fit the buffer. NULL when they lie beyond the volume, or
 * when they cannot be read, which sets `failed`.
 */
uint8_t *volume_bytes(struct volume_source *source, uint64_t offset, size_t size);

/* Whether `size` bytes at an offset are these. */
bool volume_has(struct volume_source *source, uint64_t offset, const void *bytes, size_t size);

void volume_set(struct volume *volume, enum volume_state state, const char *reason);

/* Each sets state and reason and returns true if the volume is its kind. `head` is the first 4096
 * bytes, and of no use after a call of volume_bytes(). */
bool volume_is_container(struct volume_source *source, struct volume *volume);
bool volume_is_ntfs(struct volume_source *source, const uint8_t *head, struct volume *volume);
bool volume_is_fat(struct volume_source *source, const uint8_t *head, struct volume *volume);
bool volume_is_exfat(const uint8_t *head, struct volume *volume);
bool volume_is_ext(const uint8_t *head, struct volume *volume);
bool volume_is_hfs(const uint8_t *head, struct volume *volume);
bool volume_is_swap(struct volume_source *source, struct volume *volume);

enum { VOLUME_HEAD_SIZE = 4096 };

#endif
