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

/* IA32_MCi_STATUS, Intel SDM volume 3, "IA32_MCi_STATUS MSRs". What its error code means is for the
 * diagnosis to say (base/mca.h). */
#define MCI_STATUS_VAL (1ull << 63)  /* the bank holds an error */
#define MCI_STATUS_OVER (1ull << 62) /* more errors came than it can hold */
#define MCI_STATUS_UC (1ull << 61)   /* not corrected */
#define MCI_STATUS_EN (1ull << 60)
#define MCI_STATUS_MISCV (1ull << 59) /* IA32_MCi_MISC is valid */
#define MCI_STATUS_ADDRV (1ull << 58) /* IA32_MCi_ADDR is valid */
#define MCI_STATUS_PCC (1ull << 57)   /* the processor's state may be corrupt */

/* Banks whose registers stand in the classic range of MSRs, 400h to 47Fh. */
enum { MACHINE_CHECK_BANKS_MAX = 32 };

/* How many banks the calling processor has, at most MACHINE_CHECK_BANKS_MAX (IA32_MCG_CAP, MSR
 * 179h, bits 7:0); ERR_UNSUPPORTED where it has no machine-check architecture. */
int machine_check_banks(const struct access *access);

/* Reads what a bank holds; false, and nothing is written but perhaps the status, when it holds no
 * error (VAL) or cannot be read. Of the record, processor and prior are left as they are. */
bool machine_check_read_bank(const struct access *access, unsigned bank,
                             struct event_machine_check *ret_check);

/* Writes 0 to IA32_MCi_STATUS, the only value that may be written there; false when it failed. */
bool machine_check_clear_bank(const struct access *access, unsigned bank);

/*
 * Reads the first `banks` banks but those in the mask `held`, records those that hold an error and
 * clears them. `prior` goes into the records. Returns how many were written to `ret`, at most
 * `limit`; when the limit is reached the banks not looked at keep their errors for the next call. A
 * bank that cannot be cleared is recorded with `prior` only: later it could not be told from a new
 * error.
 */
unsigned machine_check_read(const struct access *access, unsigned banks, uint32_t held,
                            uint16_t processor, bool prior, struct event_machine_check *ret,
                            unsigned limit);

#endif
