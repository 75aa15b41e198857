/*
 * What the files of the imaging workload have among themselves; imaging.h is for everybody else.
 */
#ifndef ASSAY_DISK_IMAGING_PARTS_H
#define ASSAY_DISK_IMAGING_PARTS_H

#include "disk/imaging/imaging.h"

/* imaging_jobs.c: slots, what comes of their jobs, and the arena. */

/* A free slot with a fresh job, or NULL. It stays free until it is started. */
struct imaging_slot *imaging_slot_find(struct imaging *imaging, enum block_task task);
bool imaging_has_slot(const struct imaging *imaging);
void imaging_slot_start(struct imaging *imaging, struct imaging_slot *slot);
/* Submits what is ready, takes in what is done, gives up on what is late. True if any was. */
bool imaging_reap(struct imaging *imaging);
/* Blocks on their way from a drive. */
unsigned imaging_reading(const struct imaging *imaging);
/* Jobs that are waited for; of one task. */
unsigned imaging_jobs(const struct imaging *imaging);
unsigned imaging_jobs_of(const struct imaging *imaging, enum block_task task);
/* True while a job is not done yet. */
bool imaging_works(const struct imaging *imaging);
/* True when every slot is lost for good. */
bool imaging_all_lost(const struct imaging *imaging);
/* Gives back the chunks that a job has. */
void imaging_give_buffers(const struct block_job *work);
/* Begins to verify the packed block that was kept longest. False when it cannot now. */
bool imaging_verify_oldest(struct imaging *imaging);
/* Forgets what is in the arena. */
void imaging_drop_arena(struct imaging *imaging);

/* imaging_reads.c: which drive, and the read. */

/* The drive is to be read by its tour. */
bool imaging_wants(const struct imaging *imaging, unsigned drive);
bool imaging_can_read(const struct imaging *imaging, unsigned drive);
/* Begins reads, as far as drives, memory and slots go. */
bool imaging_begin_reads(struct imaging *imaging);
/* Takes in the reads that have ended; their blocks go to the workers. True if any had. */
bool imaging_end_reads(struct imaging *imaging);
/* A drive could take a read and there is no room for its block. */
bool imaging_lacks_room(struct imaging *imaging);

/* imaging_cases.c: the experiments. */

/* Begins one, or only counts the mismatch. Owns the chunks of the evidence from then on. */
void imaging_examine(struct imaging *imaging, unsigned drive,
                     const struct difference_evidence *evidence);
bool imaging_advance_experiments(struct imaging *imaging);
/* Running experiments; of one drive. */
unsigned imaging_experiments(const struct imaging *imaging);
bool imaging_examines(const struct imaging *imaging, unsigned drive);
/* The experiment that wants a read of this drive now, or NULL. */
struct experiment *imaging_waiting(struct imaging *imaging, unsigned drive);

#endif
