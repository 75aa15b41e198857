/*
 * The reports of a run on their way to the servers of report-to= (report/upload.h).
 *
 * It happens when all files are on the medium and before the verdict is shown, which waits for it
 * for UPLOAD_S at most, of which each server has its share; Esc ends it. What became of it is told
 * on the console and as a note of the journal, behind the run's end. The files on the medium stay
 * as they are: they are those that the server got.
 */
#ifndef ASSAY_EFI_UPLOADS_H
#define ASSAY_EFI_UPLOADS_H

#include "base/options.h"
#include "efi/network.h"
#include "efi/recorder.h"
#include "report/files.h"

/* Before the run: memory is set aside where there is a server. True where one can be sent to, which
 * needs a network. */
bool uploads_begin(struct recorder *recorder, const struct options *options);

/* From where to send; NULL: there is no way, and `reason` says why. What stands in the way is said
 * at once, for a run takes long. */
void uploads_open(const struct network_station *station, const char *reason);

/* Sends to one server after the other. */
void uploads_send(const struct report_source *source);

/* Of the last uploads_send(): why server number `index`, from 0 on, has not got all, or "". NULL
 * past the last. */
const char *uploads_missed(unsigned index);

#endif
