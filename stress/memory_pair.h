/*
 * The part of a memory job that two processors do together: how they meet, and what each does.
 * For stress/memory_job.c alone.
 */
#ifndef ASSAY_STRESS_MEMORY_PAIR_H
#define ASSAY_STRESS_MEMORY_PAIR_H

#include "stress/memory_job.h"

void memory_pair_init(struct memory_job *job);
/* Forgets what two processors did at the job before, and sees whether it is for two now. */
void memory_pair_reset(struct memory_job *job);
/* Puts a job for two into the queue a second time; without room there is no partner. */
void memory_pair_submit(struct memory_job *job, const struct workers *workers);
/* The first processor's part; the partner's is in the queue. */
void memory_pair_run(struct memory_job *job);

#endif
