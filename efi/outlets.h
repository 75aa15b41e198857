/*
 * Where the events of a run go beside journal and screen, where this was asked for: to a syslog
 * receiver (report/syslog_sender.h), and as an outline into a variable of the firmware
 * (report/outline_keeper.h). And where the reports go beside the medium (efi/uploads.h).
 */
#ifndef ASSAY_EFI_OUTLETS_H
#define ASSAY_EFI_OUTLETS_H

#include "base/options.h"
#include "efi/recorder.h"
#include "report/files.h"

/* Before the first event of a run: from now on events are taken in. */
void outlets_begin(struct recorder *recorder, const struct options *options);

/* What the outline in the firmware says of an earlier run that has no end, told as events: for
 * where there is no journal of it. Returns the step in which that run hung, or "". */
const char *outlets_tell_earlier(void);

/* Opens the network, where it is needed; what cannot be opened is said. `skip` is a step in which
 * the last boot hung, or "". */
void outlets_open(const char *skip);

/* After the end of a run: sends what waits of its events, and deletes the outline. */
void outlets_end(void);

/* When the reports are on the medium: sends them, and leaves the network. */
void outlets_send(const struct report_source *source);

#endif
