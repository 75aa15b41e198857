/*
 * Sections of error records about processors (UEFI 2.10, appendix N.2.4), down to the machine-check
 * banks that are in them.
 */
#ifndef ASSAY_SENSORS_CPER_PROCESSOR_H
#define ASSAY_SENSORS_CPER_PROCESSOR_H

#include "sensors/cper.h"

/* Kinds of errors of the generic section, as bits. */
enum cper_processor_error {
    CPER_ERROR_CACHE = 1 << 0,
    CPER_ERROR_TLB = 1 << 1,
    CPER_ERROR_BUS = 1 << 2,
    CPER_ERROR_ARCHITECTURE = 1 << 3,
};

/* Generic section, N.2.4.1 table N.7. */
struct cper_processor {
    struct cper_value type;      /* 0 x86, 1 Itanium, 2 Arm */
    struct cper_value isa;       /* 0 IA32, 1 Itanium, 2 x64, 3 A32, 4 A64 */
    struct cper_value errors;    /* enum cper_processor_error */
    struct cper_value operation; /* 0 any, 1 data read, 2 data write, 3 instruction */
    struct cper_value flags;     /* bits: restartable, precise, overflow, corrected */
    struct cper_value level;     /* of the cache or whatever else it was */
    struct cper_value version;   /* EAX of CPUID leaf 1 on x86 */
    struct cper_value id;        /* local APIC id on x86 */
    struct cper_value address;
    struct cper_value requestor, responder, instruction;
    char brand[129]; /* empty where it is absent */
};

/* ERR_FORMAT for a section of another kind, or one without validation bits. */
int cper_processor_of(const struct cper_section *section, struct cper_processor *ret_processor);

/* What an error of an x86 processor was about, N.2.4.2.1. */
enum cper_check {
    CPER_CHECK_UNKNOWN,
    CPER_CHECK_CACHE,
    CPER_CHECK_TLB,
    CPER_CHECK_BUS,
    CPER_CHECK_ARCHITECTURE,
    CPER_CHECKS,
};

/* One error, tables N.11 to N.16. */
struct cper_x86_error {
    struct cper_guid type;
    enum cper_check check;
    struct cper_value transaction; /* 0 instruction, 1 data, 2 generic */
    struct cper_value operation;   /* table N.12: 0 any, 1 read, 2 write, 3 data read ... */
    struct cper_value level;
    struct cper_value kind; /* of an architecture check: 1 unclassified, 2 microcode parity,
                               3 external, 4 redundancy check, 5 internal */
    struct cper_value corrupt, uncorrected, precise, restartable, overflow; /* 0 or 1 */
    struct cper_value participation, timeout, space;                        /* of a bus check */
    struct cper_value target, requestor, responder, instruction;
};

/* What a processor's registers held, N.2.4.2.2. */
enum cper_context_type {
    CPER_CONTEXT_OTHER,
    CPER_CONTEXT_MSR, /* model-specific registers, one after the other */
};

struct cper_x86_context {
    uint16_t type; /* enum cper_context_type; others are not for us */
    uint32_t msr;  /* number of the first register */
    struct bytes registers;
};

/* A walk over the errors and the contexts of an x86 section. */
struct cper_x86 {
    struct cper_value apic_id;
    bool has_cpuid;
    uint32_t signature; /* EAX of CPUID leaf 1; 0 where it is absent */
    struct bytes body;
    size_t offset;
    unsigned errors, contexts; /* left, by its own word: at most 63 each */
    int error;                 /* OK, or ERR_FORMAT where some of them did not fit */
};

/* ERR_FORMAT for a section of another kind, or one too short. */
int cper_x86_begin(const struct cper_section *section, struct cper_x86 *ret_x86);

/* All errors first, then the contexts: a context asked for skips the errors that are left. */
bool cper_x86_next_error(struct cper_x86 *x86, struct cper_x86_error *ret_error);
bool cper_x86_next_context(struct cper_x86 *x86, struct cper_x86_context *ret_context);

/* A machine-check bank that holds an error. */
struct cper_bank {
    uint16_t bank;
    uint64_t status;
    struct cper_value address, misc; /* where the status says they are valid */
    struct cper_value part;          /* AMD: MCA_IPID, which part of the processor it is */
};

/*
 * Bank `index` that holds an error (MCi_STATUS.VAL), counted from 0, of a context of MSRs: in the
 * classic registers from 400h on, and in AMD's from C0002000h on. ERR_ABSENT after the last one.
 */
int cper_x86_bank(const struct cper_x86_context *context, unsigned index,
                  struct cper_bank *ret_bank);

/* Windows' own section about one bank. */
struct cper_machine_check {
    uint32_t processor; /* as Windows counts them */
    uint64_t global_status;
    struct cper_value apic_id; /* of version 2 and later */
    struct cper_bank bank;
};

/* ERR_FORMAT for a section of another kind, or one too short; ERR_ABSENT for a bank without an
 * error. */
int cper_machine_check_of(const struct cper_section *section,
                          struct cper_machine_check *ret_machine_check);

/* "cache", "translation buffer (TLB)", "bus", "inner part"; "part" for an unknown one. */
const char *cper_check_text(enum cper_check check);

/* "cache, bus" for the bits of enum cper_processor_error. */
void cper_processor_errors(struct text *text, uint64_t errors);

#endif
