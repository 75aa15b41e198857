/*
 * The error registers of all PCI Express functions, looked at while a run goes (sensors/aer_watch.h
 * says what is written to them). For the boot processor.
 */
#ifndef ASSAY_EFI_PCIE_WATCH_H
#define ASSAY_EFI_PCIE_WATCH_H

#include "base/event.h"

/* At the beginning of a run, when the controllers are as they stay: what stood there before is told
 * by then (prior.h) and is cleared. A step in the journal, left out where `skip` names it, and
 * where the firmware handles these errors first. */
void pcie_watch_begin(const char *skip, const struct sink *sink);

/* Errors since the last call, at most `limit`; the others come next time. Without a firmware that
 * answers there are none. */
unsigned pcie_watch_take(struct event_pcie_error *ret, unsigned limit);

#endif
