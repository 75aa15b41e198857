/*
 * Sections of error records about memory (UEFI 2.10, appendix N.2.5 and N.2.6), and which module
 * they mean.
 *
 * Old firmware writes the first form with 64 or 73 bytes instead of 80: what a section is too short
 * for is absent, whatever its validation bits say.
 */
#ifndef ASSAY_SENSORS_CPER_MEMORY_H
#define ASSAY_SENSORS_CPER_MEMORY_H

#include "sensors/cper.h"
#include "sensors/memory_map.h"

/* Memory error types, table N.13; the second form adds 15. */
enum cper_memory_type {
    CPER_MEMORY_UNKNOWN,
    CPER_MEMORY_NO_ERROR,
    CPER_MEMORY_SINGLE_BIT,
    CPER_MEMORY_MULTI_BIT,
    CPER_MEMORY_SINGLE_SYMBOL,
    CPER_MEMORY_MULTI_SYMBOL,
    CPER_MEMORY_MASTER_ABORT,
    CPER_MEMORY_TARGET_ABORT,
    CPER_MEMORY_PARITY,
    CPER_MEMORY_WATCHDOG,
    CPER_MEMORY_INVALID_ADDRESS,
    CPER_MEMORY_MIRROR_BROKEN,
    CPER_MEMORY_SPARING,
    CPER_MEMORY_SCRUB_CORRECTED,
    CPER_MEMORY_SCRUB_UNCORRECTED,
    CPER_MEMORY_MAP_OUT,
    CPER_MEMORY_TYPES,
};

struct cper_memory {
    struct cper_value status;                /* error status, N.2.12: cper_status_text() */
    struct cper_value address, address_mask; /* physical; bits set in the mask count */
    struct cper_value node, card, module;    /* mostly socket, channel and slot */
    struct cper_value bank;                  /* or, where the next two are present, both in one */
    struct cper_value bank_group, bank_address;
    struct cper_value device, row, column, bit, rank, chip;
    struct cper_value requestor, responder, target;
    struct cper_value type;          /* enum cper_memory_type */
    struct cper_value corrected;     /* second form only: 1 or 0 */
    struct cper_value card_handle;   /* SMBIOS type 16 */
    struct cper_value module_handle; /* SMBIOS type 17 */
};

/* Either form. ERR_FORMAT for a section of another kind, or one without validation bits. */
int cper_memory_of(const struct cper_section *section, struct cper_memory *ret_memory);

/* The modules that an error may lie in: one of them it is. */
struct cper_modules {
    unsigned indices[MEMORY_MODULES_MAX]; /* into the modules of the map */
    unsigned count;
    bool by_handle;    /* the record names it; else by its physical address */
    bool contradicted; /* the record names it, and its address lies in others by the map */
};

/*
 * ERR_ABSENT where neither a handle nor an address leads to a module of the map. A handle that is
 * none of the map's modules counts as absent: firmware writes 0, FFFEh or FFFFh for none.
 */
int cper_memory_modules(const struct cper_memory *memory, const struct memory_map *map,
                        struct cper_modules *ret_modules);

/* "single-bit error", "multi-bit error"; "error" where the type is absent or unknown. */
const char *cper_memory_type_text(const struct cper_memory *memory);

/* The error type of an error status, N.2.12 table N.24: "in memory", "timed out"; NULL for 0 and
 * reserved ones. */
const char *cper_status_text(uint64_t status);

/* "node 1, card 4, module 0, rank 0, bank 1, device 14, row 58165, column 816"; what is absent is
 * left out. */
void cper_memory_place(const struct cper_memory *memory, struct text *text);

#endif
