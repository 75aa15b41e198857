/*
 * What the files of the writing workload have among themselves; writing.h is for everybody else.
 */
#ifndef ASSAY_DISK_WRITING_PARTS_H
#define ASSAY_DISK_WRITING_PARTS_H

#include "disk/writing/writing.h"

/* writing_layout.c: what stands where. */

/* One stretch. */
struct writing_stretch {
    uint64_t lba;
    uint32_t blocks;
    uint32_t pieces;
};

/* ERR_REFUSED for ranges that are empty, not on the device, or not in ascending order. */
int layout_init(struct writing_layout *layout, const struct block_device *device,
                const struct permission *permission);
/* The stretch of a turn; false for one of the turns that stand for none. */
bool layout_stretch(const struct writing_layout *layout, uint64_t turn,
                    struct writing_stretch *ret_stretch);
/* The turn after this one that stands for a stretch; 0 after the last. */
uint64_t layout_next(const struct writing_layout *layout, uint64_t turn);
/* A piece of a stretch. */
void layout_piece(const struct writing_layout *layout, const struct writing_stretch *stretch,
                  uint32_t piece, uint64_t *ret_lba, uint32_t *ret_blocks);
/* All of the blocks may be written. */
bool layout_contains(const struct writing_layout *layout, uint64_t lba, uint32_t blocks);

/* writing_phases.c: what is next. */

/* Fills a slot with the next task. False when the phase has no more to begin. */
bool phase_next(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot);
/* All tasks of the phase are in: goes on to the next. */
void phase_end(struct writing *writing, struct writing_drive *drive);
void phase_begin(struct writing_drive *drive);

/* writing_io.c: requests. */

/* True if anything was done. */
bool io_reap(struct writing *writing, struct writing_drive *drive);
bool io_submit(struct writing *writing, struct writing_drive *drive);
bool io_is_idle(const struct writing_drive *drive);

/* writing_faults.c: what is wrong, and told. */

/* Looks at the blocks of a slot that were read. */
void faults_check(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot);
void faults_inspect(struct writing *writing, struct writing_drive *drive,
                    struct writing_slot *slot);
/* The blocks of a slot could not be read back. */
void faults_unreadable(struct writing_drive *drive, const struct writing_slot *slot);
/* Emits a WRITE_ERROR, or only counts it. */
void faults_tell(struct writing_drive *drive, struct event *event);
void faults_give_up(struct writing_drive *drive, const char *reason);
bool faults_is_spoilt(const struct writing_drive *drive, uint64_t lba);

/* writing_retry.c: what went wrong before anything could be read back. */

/* A write or a flush failed: tries again, finds the place, and tells. */
void faults_write(struct writing *writing, struct writing_drive *drive, struct writing_slot *slot);
/* The chunk is no longer what was put there: true, and told, if so. */
bool faults_memory(struct writing_drive *drive, const struct writing_slot *slot);

#endif
