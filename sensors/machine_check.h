/*
 * Machine-check banks: reading and clearing them (Intel SDM volume 3, "Machine-Check
 * Architecture"; AMD processors keep the same registers at the same numbers).
 *
 * The banks are those of the processor that calls. Nothing here is emitted or kept, so any
 * processor may call it and hand its records to the boot processor.
 */
#ifndef ASSAY_SENSORS_MACHINE_CHECK_H
#define ASSAY_SENSORS_MACHINE_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/event.h"

/* Banks whose registers stand in the classic range of MSRs, 400h to 47Fh. */
enum { MACHINE_CHECK_BANKS_MAX = 32 };

/* How many banks the calling processor has, at most MACHINE_CHECK_BANKS_MAX (IA32_MCG_CAP, MSR
 * 179h, bits 7:0); ERR_UNSUPPORTED where it has no machine-check architecture. */
int machine_check_banks(const struct access *access);

/*
 * Reads the first `banks` banks, records those that hold an error (VAL) and clears them by writing
 * 0 to IA32_MCi_STATUS. `prior` goes into the records. Returns how many were written to `ret`, at
 * most `limit`; when the limit is reached the banks not looked at keep their errors for the next
 * call. A bank that cannot be cleared is recorded with `prior` only: later it could not be told
 * from a new error.
 */
unsigned machine_check_read(const struct access *access, unsigned banks, uint16_t processor,
                            bool prior, struct event_machine_check *ret, unsigned limit);

#endif
