/*
 * Assay's own handler of machine checks (#MC, vector 18), on each processor that works for the run.
 *
 * The firmware's would print and hang. This one records and returns where the processor allows it
 * (sensors/machine_check_handler.h); otherwise it prints what stands in the banks on the first
 * serial port and resets the machine in a way that keeps the banks, so that the next start reads
 * them. It calls no firmware and takes no lock.
 *
 * The gate is put into the interrupt table that the processor has, CR4.MCE is set where it is
 * clear, and both are put back at the end. IA32_MCG_CTL and IA32_MCi_CTL stay as the firmware set
 * them.
 */
#ifndef ASSAY_EFI_MACHINE_CHECK_H
#define ASSAY_EFI_MACHINE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/event.h"

/* By the boot processor, once and before any other call. */
void handler_begin(const struct access *access);

/* By each processor, as often as it likes: what is in place is left alone, but for the number that
 * stands in its records. False where it cannot be
 * had: no machine-check architecture, no memory, or no interrupt table that has a vector 18. */
bool handler_install(uint16_t processor);

/* By each processor, each second: clears banks whose records are on the medium; a mask of those
 * that still wait for it. */
uint32_t handler_held(void);

/* By each processor but the boot processor, before it returns to the firmware for good. */
void handler_leave(void);

/* By the boot processor: records of all processors since the last call. */
unsigned handler_take(struct event_machine_check *ret, unsigned limit);

/* By the boot processor: all that was taken so far is on the medium. */
void handler_flushed(void);

/* On how many processors it was installed. */
unsigned handler_installed(void);

/* By the boot processor, when no other works any more: puts everything back. */
void handler_remove(void);

#endif
