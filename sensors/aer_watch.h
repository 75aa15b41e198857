/*
 * Errors that come up in the registers of a PCI Express function while a run goes.
 *
 * The status registers of Advanced Error Reporting hold one bit for each kind of error until that
 * bit is written as 1 (PCI Express Base 6.0, sections 7.8.4.2 and 7.8.4.5). Whoever wants to know
 * whether an error comes again has to clear it: what stands at the beginning is cleared then (and
 * was read before, prior.h), what comes later when it has been told. Bits that are not told of are
 * left as they are. Nothing else is written.
 *
 * Not for machines on which the firmware handles these errors first (HEST): they are its business.
 */
#ifndef ASSAY_SENSORS_AER_WATCH_H
#define ASSAY_SENSORS_AER_WATCH_H

#include "base/event.h"
#include "sensors/aer.h"

struct aer_watched {
    uint32_t identity;               /* vendor and device: nobody else may answer */
    uint16_t at;                     /* of the capability, in configuration space */
    uint32_t corrected, uncorrected; /* bits that stand though they were cleared */
};

/* `access` needs `write` as well. ERR_ABSENT where the function has no such registers. */
int aer_watch_begin(const struct pcie_access *access, const struct pcie_device *device,
                    struct aer_watched *ret_watched);

/*
 * Errors since the last look, but those that healthy machines show (requests that a device does not
 * support, access control, advisory errors, a full log). False for none, and where the function
 * does not answer or another one answers in its place. Of *ret_error the places are left alone.
 */
bool aer_watch_look(const struct pcie_access *access, struct aer_watched *watched,
                    struct event_pcie_error *ret_error);

#endif
