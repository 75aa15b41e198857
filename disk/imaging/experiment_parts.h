/*
 * What the two files of the experiment have between them: experiment.c is the order of its steps,
 * experiment_judge.c what is concluded at each.
 */
#ifndef ASSAY_DISK_EXPERIMENT_PARTS_H
#define ASSAY_DISK_EXPERIMENT_PARTS_H

#include "disk/imaging/experiment.h"

void experiment_enter(struct experiment *experiment, const struct experiment_tools *tools,
                      enum experiment_state state);

/* Chunks: one that is the experiment's own from now on; a new one, or NULL; one no longer its own.
 */
void experiment_hold(struct experiment *experiment, struct chunk *chunk);
struct chunk *experiment_take(struct experiment *experiment, const struct experiment_tools *tools);
void experiment_forget(struct experiment *experiment, const struct chunk *chunk);

/* Each judges by what there is now and enters the next state: by what the job kept; by a chunk
 * that was just read, in the state of the same name. */
void experiment_locate(struct experiment *experiment, struct experiment_tools *tools);
void experiment_judge(struct experiment *experiment, struct experiment_tools *tools,
                      struct chunk *chunk);

struct hash experiment_hash(const struct experiment *experiment,
                            const struct experiment_tools *tools, const struct chunk *chunk);

#endif
