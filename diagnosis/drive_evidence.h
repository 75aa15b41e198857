/*
 * What the rules about drives share: a drive's counters and faults, and how they are put in words.
 */
#ifndef ASSAY_DIAGNOSIS_DRIVE_EVIDENCE_H
#define ASSAY_DIAGNOSIS_DRIVE_EVIDENCE_H

#include "diagnosis/conditions.h"

const struct evidence_drive *drive_at(const struct evidence *evidence, unsigned index);
/* A counter or state as it was read last, 0 when it never was; by how much it rose in the run. */
uint64_t drive_state(const struct evidence *evidence, unsigned index, const char *name);
uint64_t drive_rise(const struct evidence *evidence, unsigned index, const char *name);

/* Whether some of it was read or written in the run. */
bool drive_is_loaded(const struct evidence *evidence, unsigned index);
/* When its first fault and its last one came; false where it has none. */
bool drive_fault_times(const struct evidence_drive *drive, uint64_t *ret_first_us,
                       uint64_t *ret_last_us);

/* Each adds a clause when there is something to tell, after a comma where text stands already. */
void tell_faults(const struct evidence_faults *faults, const char *what, struct text *text);
void tell_state(const struct evidence *evidence, unsigned index, const char *name,
                struct text *text);
void tell_rise(const struct evidence *evidence, unsigned index, const char *name,
               struct text *text);

/* Reads that timed out, were given up without a reason, or found the drive gone. */
bool drive_was_silent(const struct evidence *evidence, unsigned index);

#endif
