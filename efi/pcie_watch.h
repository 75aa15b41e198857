/*
 * The error registers of all PCI Express functions, looked at while a run goes (sensors/aer_watch.h
 * says what is written to them), and their links (sensors/link_watch.h). For the boot processor.
 */
#ifndef ASSAY_EFI_PCIE_WATCH_H
#define ASSAY_EFI_PCIE_WATCH_H

#include "base/event.h"

/* At the beginning of a run, when the controllers are as they stay: what stood there before is told
 * by then (prior.h) and is cleared. A step in the journal, left out where `skip` names it. Where
 * the firmware handles these errors first, only the links are watched. */
void pcie_watch_begin(const char *skip, const struct sink *sink);

/* Errors since the last call, at most `limit`; the others come next time. Without a firmware that
 * answers there are none. */
unsigned pcie_watch_take(struct event_pcie_error *ret, unsigned limit);

/* Links as they were at the beginning, and what changed; some of them in each call, in turn, and
 * at most `limit`. `loaded`: the machine is under load now. */
unsigned pcie_watch_links(bool loaded, struct event_pcie_link *ret, unsigned limit);

#endif
