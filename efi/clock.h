/*
 * The clock of a run: the time-stamp counter, measured against the ACPI power management timer
 * (ACPI 6.5 section 4.8.3.3, 3.579545 MHz), or against the firmware's Stall where there is none.
 */
#ifndef ASSAY_EFI_CLOCK_H
#define ASSAY_EFI_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/* Takes some 50 ms; the clock counts from the call. True when the ACPI timer was used. */
bool clock_init(struct clock *ret_clock);

/* The time-stamp counter, and its ticks for a number of microseconds. Any processor may ask. */
uint64_t clock_ticks(void);
uint64_t clock_ticks_for(uint64_t us);

/* What a processor does that has nothing to do: some hundred PAUSEs' worth of time. Under
 * emulation, where each PAUSE costs microseconds and holds up the other processors, it spins
 * instead. */
void clock_relax(void);

#endif
