/*
 * What a machine-check bank says: IA32_MCi_STATUS taken apart.
 *
 * After the Intel SDM, volume 3, "Machine-Check Architecture" (layout of the register) and
 * "Interpreting Machine-Check Error Codes" (simple and compound codes in bits 15:0). AMD shares
 * the layout and the codes of caches and buses, but reports its memory by the code of a cache of
 * generic level, which its L3 uses as well: these are MCA_MEMORY_OR_CACHE.
 */
#ifndef ASSAY_BASE_MCA_H
#define ASSAY_BASE_MCA_H

#include <stdbool.h>
#include <stdint.h>

enum mca_source {
    MCA_NONE,            /* the register is not valid */
    MCA_MEMORY,          /* a memory controller */
    MCA_MEMORY_OR_CACHE, /* AMD: memory, or the L3 cache */
    MCA_PROCESSOR,       /* a cache, TLB, microcode or other inner part */
    MCA_OUTSIDE,         /* the processor waited for, or heard from, something outside */
};

enum { CHANNEL_UNKNOWN = 15 };

struct mca_error {
    enum mca_source source;
    bool uncorrected; /* bit 61, UC */
    uint32_t count;   /* corrected errors it stands for, at least 1 */
    uint8_t channel;  /* of a memory error; CHANNEL_UNKNOWN */
    const char *what; /* "memory read", "level 2 cache": never NULL */
};

struct mca_error mca_decode(uint64_t status, bool amd);

/*
 * Whether the address of a bank is one of physical memory, by its own word: Intel SDM volume 3,
 * "IA32_MCi_MISC MSRs", bits 8:6 are the mode of the address, 2 for physical. AMD's memory
 * controllers give addresses of one channel.
 */
bool mca_address_is_physical(bool has_misc, uint64_t misc, bool amd);

#endif
