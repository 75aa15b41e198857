/*
 * What a drive's own status means.
 *
 * ATA: the status and error registers as ACS-4 describes them. NVMe: the status field of a
 * completion, NVMe Base 2.0, figure 92 and the tables of codes behind it.
 */
#ifndef ASSAY_DISK_STATUS_H
#define ASSAY_DISK_STATUS_H

#include <stdbool.h>

#include "base/block.h"
#include "base/event.h"
#include "base/text.h"

/* True when the drive says that the command succeeded. PROTOCOL_NONE says nothing: false. */
bool status_is_good(const struct drive_status *status);

/*
 * What a status that is not good says of the failure: DISK_FAULT_MEDIUM, DISK_FAULT_LINK or, for
 * a refusal, a device fault and all that names no cause, DISK_FAULT_ABORTED.
 */
enum disk_fault status_fault(const struct drive_status *status);

/* Adds the status in the standard's terms: "ATA status 41h error 40h (uncorrectable data)". */
void status_text(const struct drive_status *status, struct text *text);

#endif
