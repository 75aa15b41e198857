/*
 * ACPI tables about errors of the hardware (ACPI 6.5, chapter 18): BERT, what the firmware kept
 * from before the boot; HEST, who sees which errors; ERST, the firmware's own store of records.
 *
 * All functions read the bytes of a table, its header included; finding it, and fetching the memory
 * it points to, is the caller's work. EINJ, which causes errors, is not read.
 */
#ifndef ASSAY_SENSORS_ACPI_ERRORS_H
#define ASSAY_SENSORS_ACPI_ERRORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

enum {
    ACPI_HEADER_SIZE = 36,
    ACPI_REGION_MAX = 1024 * 1024, /* of BERT; known ones have 4 to 64 KiB */
    HEST_SOURCES_MAX = 1024,
    ERST_ACTIONS = 17,
};

/* True when the bytes add up to 0, as those of a table and of a root pointer do (5.2.3, 5.2.6). */
bool acpi_checksum_is_right(const void *bytes, size_t size);

/*
 * A table with this signature: ERR_FORMAT when it has another one, when its length says less than a
 * header or more than `size`, or when its checksum is wrong. ret_size is its own length.
 */
int acpi_check_table(const void *table, size_t size, const char *signature, size_t *ret_size);

/*
 * The root pointer (5.2.5.3) of revision 2 or later, from its 36 bytes: the address of the XSDT.
 * ERR_UNSUPPORTED for revision 0 or 1, which has none, ERR_FORMAT for anything else, a wrong
 * checksum included.
 */
int acpi_root_pointer(const void *pointer, size_t size, uint64_t *ret_xsdt);

/* BERT, 18.3.1: where the error blocks of the boot are, for cper_region_begin(). */
struct acpi_bert {
    uint64_t address; /* physical */
    uint32_t size;
};

/* ERR_FORMAT for a table that is none, ERR_ABSENT for one without a region, ERR_RANGE for a region
 * above ACPI_REGION_MAX or one that wraps around. */
int acpi_bert(const void *table, size_t size, struct acpi_bert *ret_bert);

/* Where registers and blocks stand, 5.2.3.2. */
struct acpi_address {
    uint8_t space; /* 0 memory, 1 ports, 2 PCI configuration */
    uint8_t width, offset, access;
    uint64_t address;
};

/* HEST, 18.3.2: kinds of error sources. */
enum hest_type {
    HEST_MACHINE_CHECK = 0,
    HEST_CORRECTED_MACHINE_CHECK = 1,
    HEST_NMI = 2,
    HEST_AER_ROOT = 6,
    HEST_AER_DEVICE = 7,
    HEST_AER_BRIDGE = 8,
    HEST_GENERIC = 9,
    HEST_GENERIC_2 = 10,
    HEST_DEFERRED_MACHINE_CHECK = 11,
};

struct hest_source {
    uint16_t type; /* enum hest_type */
    uint16_t id;
    bool enabled;
    bool firmware_first; /* firmware sees its errors before anyone else, and takes them away */
    bool global;         /* of AER: it stands for all devices of its kind */
    bool assisted;       /* firmware adds a generic block to what the hardware says */
    uint8_t banks;       /* of a machine check */
    uint8_t bus, device, function; /* of AER, where it is not global */
    uint16_t related;              /* of a generic source: the one it speaks for; FFFFh for none */
    uint8_t notification;          /* how it is told, table 18.16; 0 polled */
    struct acpi_address status;    /* of a generic source: where the address of its block stands */
    uint32_t block_size;
};

struct hest_walk {
    struct bytes table;
    size_t offset;
    unsigned left; /* sources to come, by its own word */
    int error;     /* OK; ERR_FORMAT for a source cut short, ERR_UNSUPPORTED for one of a kind whose
                      length is not known, ERR_FULL: sources behind it are not seen */
};

/* ERR_FORMAT for a table that is none. */
int hest_begin(const void *table, size_t size, struct hest_walk *ret_walk);
bool hest_next(struct hest_walk *walk, struct hest_source *ret_source);

/* What of the machine's errors can be seen by looking at its registers. */
struct hest_view {
    bool machine_checks_first; /* firmware takes machine checks first: empty banks say nothing */
    bool corrected_first;      /* the same of corrected ones */
    bool aer_first;            /* the same of AER, on all ports or on some */
    unsigned sources, blocks;  /* enabled; those of them that leave a generic block */
    bool complete;             /* the whole table was understood */
};

int hest_view(const void *table, size_t size, struct hest_view *ret_view);

/* Actions of the store of records, 18.5.1.1 table 18.24. */
enum erst_action {
    ERST_BEGIN_WRITE,
    ERST_BEGIN_READ,
    ERST_BEGIN_CLEAR,
    ERST_END,
    ERST_SET_OFFSET,
    ERST_EXECUTE,
    ERST_CHECK_BUSY,
    ERST_GET_STATUS,
    ERST_GET_ID,
    ERST_SET_ID,
    ERST_GET_COUNT,
    ERST_DUMMY_WRITE,
    ERST_GET_RANGE = 13,
    ERST_GET_RANGE_SIZE,
    ERST_GET_ATTRIBUTES,
    ERST_GET_TIMINGS,
};

/*
 * ERST, 18.5. Assay does not read this store. To read a record, instructions of the table have to
 * be carried out that write to registers of the platform, begin and end an operation, and hand over
 * to firmware in between (18.5.2.2): a table that is wrong, or that the firmware did not expect to
 * be used now, would write anywhere. What the table says is told instead.
 */
struct acpi_erst {
    unsigned entries;                 /* instructions */
    bool has_action[ERST_ACTIONS];    /* some instruction belongs to it */
    bool action_writes[ERST_ACTIONS]; /* one of them writes to a register or to memory */
    bool reading_writes;              /* reading a record does */
};

/* ERR_FORMAT for a table that is none, whose entries do not fit, or with an action, an instruction
 * or a kind of register that there is not. */
int acpi_erst(const void *table, size_t size, struct acpi_erst *ret_erst);

#endif
