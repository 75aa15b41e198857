/*
 * What firmware and devices recorded of errors before Assay was started: fetches the bytes that
 * sensors/prior.h reads. Nothing is written, cleared or acknowledged anywhere.
 */
#ifndef ASSAY_EFI_PRIOR_H
#define ASSAY_EFI_PRIOR_H

#include "base/event.h"
#include "sensors/prior.h"

/*
 * The region of BERT, the variables HwErrRec####, and the error registers of all PCI Express
 * functions, in this order: firmware does not always mark the region as used, so this is called
 * before memory is taken. Each is a step in the journal, and is left out where `skip` names it.
 * What is there and cannot be read is said.
 */
void prior_read(struct prior_list *list, const char *skip, const struct sink *sink);

/* By HEST: errors that the firmware takes before anyone can see them, as not tested. */
void prior_say_hidden(const struct sink *sink);

#endif
