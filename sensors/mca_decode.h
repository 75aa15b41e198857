/*
 * Machine-check errors in plain words: decoding of IA32_MCi_STATUS (Intel SDM volume 3,
 * "Interpreting Machine-Check Error Codes"). Pure functions over the event.
 */
#ifndef ASSAY_SENSORS_MCA_DECODE_H
#define ASSAY_SENSORS_MCA_DECODE_H

#include <stdint.h>

#include "base/event.h"
#include "base/text.h"

/* IA32_MCi_STATUS, "IA32_MCi_STATUS MSRs" in the same volume. */
#define MCI_STATUS_VAL (1ull << 63)  /* the bank holds an error */
#define MCI_STATUS_OVER (1ull << 62) /* more errors came than it can hold */
#define MCI_STATUS_UC (1ull << 61)   /* not corrected */
#define MCI_STATUS_EN (1ull << 60)
#define MCI_STATUS_MISCV (1ull << 59) /* IA32_MCi_MISC is valid */
#define MCI_STATUS_ADDRV (1ull << 58) /* IA32_MCi_ADDR is valid */
#define MCI_STATUS_PCC (1ull << 57)   /* the processor's state may be corrupt */

/*
 * What reported the error, by the MCA error code in bits 15:0. "Other" is what does not point at
 * one part: unclassified errors, the internal timer (a device may have kept the processor
 * waiting), SMM code, and cache errors of generic level and type, which is how AMD's memory
 * controllers (Zen) report ECC errors. Older AMD processors report those as bus errors.
 */
enum machine_check_kind {
    MACHINE_CHECK_MEMORY_CORRECTED,
    MACHINE_CHECK_MEMORY_UNCORRECTED,
    MACHINE_CHECK_CPU,
    MACHINE_CHECK_BUS,
    MACHINE_CHECK_OTHER,
};

enum machine_check_kind machine_check_kind(uint64_t status);

/* One sentence without a full stop: "corrected memory read error on channel 1, at address
 * 12345000h (bank 7 of processor 0)". */
void machine_check_describe(const struct event_machine_check *check, struct text *text);

#endif
