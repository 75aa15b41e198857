/*
 * Common platform error records: how firmware writes down an error of the hardware (UEFI 2.10,
 * appendix N).
 *
 * The same sections come in two envelopes. A record, as it is kept in the firmware's variables
 * HwErrRec#### and in the error log of ERST, has a header and a table of its sections (N.2). A
 * block, as in the region of BERT and of a generic error source, has its sections one after the
 * other (ACPI 6.5, section 18.3.2.7.1). A walk goes over the sections of either; what is in them is
 * read by cper_memory.h, cper_processor.h and cper_pcie.h.
 *
 * Nothing in the bytes is trusted. A walk that comes to bytes that make no sense ends there, says
 * so in `error`, and what it gave before stands.
 */
#ifndef ASSAY_SENSORS_CPER_H
#define ASSAY_SENSORS_CPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

enum {
    CPER_SECTIONS_MAX = 64, /* of one record or block that are looked at */
    CPER_BLOCKS_MAX = 64,   /* of one region */
    CPER_FRU_SIZE = 21,     /* the name of a part that can be replaced, with its NUL */
    CPER_HEADER_SIZE = 128, /* of a record */
    CPER_BLOCK_HEADER_SIZE = 20,
};

/* N.2.1, table N.2; a block uses 3 for "none". */
enum cper_severity {
    CPER_RECOVERABLE, /* not corrected, and not fatal */
    CPER_FATAL,
    CPER_CORRECTED,
    CPER_INFORMATIONAL,
    CPER_SEVERITIES,
};

/* As it stands in the bytes: the first three of its numbers with the lowest byte first. */
struct cper_guid {
    uint8_t bytes[16];
};

/* A field that may not be there: absent, its value is 0 and means nothing. */
struct cper_value {
    bool present;
    uint64_t value;
};

/* Kinds of sections, N.2.2 table N.5, and those of vendors that are common. */
enum cper_kind {
    CPER_UNKNOWN, /* named by its GUID alone */
    CPER_PROCESSOR,
    CPER_PROCESSOR_X86,
    CPER_MEMORY,
    CPER_MEMORY_2,
    CPER_PCIE,
    CPER_FIRMWARE,
    CPER_MACHINE_CHECK, /* Microsoft's, in records that Windows left */
    CPER_PROCESSOR_ITANIUM,
    CPER_PROCESSOR_ARM,
    CPER_PCI_BUS,
    CPER_PCI_DEVICE,
    CPER_DMA_REMAPPING,
    CPER_DMA_REMAPPING_INTEL,
    CPER_DMA_REMAPPING_AMD,
    CPER_CCIX,
    CPER_CXL_PROTOCOL,
    CPER_CXL_MEDIA,
    CPER_CXL_MEMORY,
    CPER_CXL_MODULE,
    CPER_RECOVERY, /* Microsoft's: what Windows did about it */
    CPER_KINDS,
};

/* Flags of a section, N.2.2 table N.4. */
enum cper_flag {
    CPER_PRIMARY = 1 << 0,
    CPER_CONTAINMENT_WARNING = 1 << 1,
    CPER_RESET = 1 << 2,              /* the part was reset */
    CPER_THRESHOLD_EXCEEDED = 1 << 3, /* the firmware stops tracking this part's errors */
    CPER_NOT_ACCESSIBLE = 1 << 4,
    CPER_LATENT = 1 << 5, /* not corrected, and contained before anyone used the data */
    CPER_PROPAGATED = 1 << 6,
    CPER_OVERFLOW = 1 << 7,
};

/* A moment by the calendar of the one who wrote it; its zone is not told. */
struct cper_time {
    bool present;
    bool precise; /* the moment of the error, not that of the record */
    uint16_t year;
    uint8_t month, day, hour, minute, second;
};

struct cper_section {
    struct cper_guid type;
    enum cper_kind kind;
    uint32_t severity; /* enum cper_severity; other numbers are possible */
    uint32_t flags;    /* enum cper_flag */
    uint16_t revision;
    bool has_part;
    struct cper_guid part;    /* the FRU id */
    char name[CPER_FRU_SIZE]; /* the FRU text, such as "DIMM_A1"; empty where there is none */
    struct cper_time time;    /* of a block's section of revision 3.0 and later */
    struct bytes body;
};

/* Header of a record, N.2.1. */
struct cper_record {
    uint16_t revision; /* major number in the high byte */
    uint16_t sections; /* by its own word */
    uint32_t severity; /* the worst of its sections, enum cper_severity */
    uint32_t size;     /* of all of it, by its own word */
    struct cper_time time;
    bool has_platform, has_partition;
    struct cper_guid platform, partition;
    struct cper_guid creator;
    struct cper_guid notification; /* how the error came to be known */
    uint64_t id;
    bool recovered; /* flags, table N.3 */
    bool previous;  /* of an earlier boot, which could not tell */
    bool simulated;
};

/* Generic error status block, ACPI 6.5 table 18.11. */
struct cper_block {
    bool corrected, uncorrected; /* errors of that kind are in it */
    bool more_corrected, more_uncorrected;
    unsigned sections; /* by its own word, which firmware gets wrong */
    uint32_t severity;
    size_t size; /* of all of it: the next block begins behind */
};

struct cper_walk {
    struct bytes bytes;
    bool is_block;
    unsigned count, limit; /* sections given, and to be given at most */
    size_t offset;         /* of the next descriptor or entry */
    size_t end;
    int error; /* OK; ERR_FORMAT or ERR_FULL when sections may be missing */
};

/*
 * Begins with a record. ERR_FORMAT where there is no header of one; a record cut short is read as
 * far as it goes.
 */
int cper_record_begin(const void *record, size_t size, struct cper_record *ret_record,
                      struct cper_walk *ret_walk);

/*
 * Begins with a block. ERR_ABSENT where its status says that no error is in it, ERR_FORMAT where
 * its sizes cannot be. A block that is longer than the bytes is read as far as they go.
 */
int cper_block_begin(const void *block, size_t size, struct cper_block *ret_block,
                     struct cper_walk *ret_walk);

/* The next section, or false at the end; then `error` of the walk says why it ended. */
bool cper_next(struct cper_walk *walk, struct cper_section *ret_section);

/* A walk over the blocks of a region, which firmware puts one behind the other. */
struct cper_region {
    struct bytes bytes;
    size_t offset;
    unsigned count;
    int error; /* OK; ERR_FORMAT or ERR_FULL when blocks may be missing */
};

struct cper_region cper_region_begin(const void *region, size_t size);

/* The next block, or false at the end: at the first block without an error, too. */
bool cper_region_next(struct cper_region *region, struct cper_block *ret_block,
                      struct cper_walk *ret_walk);

/* Firmware error record reference, N.2.10: the error itself is told elsewhere, mostly in bytes that
 * only the processor's maker can read and that follow it. */
struct cper_firmware {
    uint8_t type; /* 0 SAL, 1 and 2 the crash log of a system on a chip */
    uint8_t revision;
    uint64_t id;
    bool has_guid;
    struct cper_guid guid;
    size_t log_size; /* bytes of the log behind it */
};

/* ERR_FORMAT for a section of another kind, or one too short. */
int cper_firmware_of(const struct cper_section *section, struct cper_firmware *ret_firmware);

bool cper_guid_equal(const struct cper_guid *a, const struct cper_guid *b);

/* "memory", "PCI Express"; "unknown" for CPER_UNKNOWN. Never NULL. */
const char *cper_kind_text(enum cper_kind kind);

/* "corrected", "fatal", "not corrected", "informational", "of unknown severity". */
const char *cper_severity_text(uint32_t severity);

/* "a5bc1114-6f64-4ede-b863-3e83ed7c83b1" */
void cper_guid_text(struct text *text, const struct cper_guid *guid);

#endif
