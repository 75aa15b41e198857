#include "base/mca.h"

#include <stddef.h>

/* One form of an error code. Bit 12 of a compound code says how corrected errors are filtered and
 * is no part of its form. */
struct form {
    uint16_t mask, value;
    enum mca_source source;
    const char *what;
};

static const struct form forms[] = {
    {0xEFF0, 0x0080, MCA_MEMORY, "memory controller"},
    {0xEFF0, 0x0090, MCA_MEMORY, "memory read"},
    {0xEFF0, 0x00A0, MCA_MEMORY, "memory write"},
    {0xEFF0, 0x00B0, MCA_MEMORY, "memory address or command"},
    {0xEFF0, 0x00C0, MCA_MEMORY, "memory scrubbing"},
    {0xEF80, 0x0080, MCA_MEMORY, "memory controller"},
    {0xEF80, 0x0280, MCA_MEMORY, "memory used as a cache"},
    {0xEFFC, 0x000C, MCA_PROCESSOR, "cache"},
    {0xEFF0, 0x0010, MCA_PROCESSOR, "translation buffer (TLB)"},
    {0xEF03, 0x0100, MCA_PROCESSOR, "level 0 cache"},
    {0xEF03, 0x0101, MCA_PROCESSOR, "level 1 cache"},
    {0xEF03, 0x0102, MCA_PROCESSOR, "level 2 cache"},
    {0xEF03, 0x0103, MCA_PROCESSOR, "last level cache"},
    {0xE800, 0x0800, MCA_OUTSIDE, "bus or interconnect"},
    {0xFFFF, 0x0000, MCA_PROCESSOR, "no code"},
    {0xFFFF, 0x0001, MCA_PROCESSOR, "unclassified"},
    {0xFFFF, 0x0002, MCA_PROCESSOR, "microcode parity"},
    {0xFFFF, 0x0003, MCA_OUTSIDE, "another processor's error"},
    {0xFFFF, 0x0004, MCA_PROCESSOR, "redundancy check"},
    {0xFFFF, 0x0005, MCA_PROCESSOR, "internal parity"},
    {0xFFFF, 0x0400, MCA_OUTSIDE, "internal timer: nothing answered in time"},
};

/* AMD: a memory transaction at the generic level (0000 0001 RRRR TT11), and a bus transaction to
 * memory (0000 1PPT RRRR 00LL), are memory or the L3. */
static bool is_amd_memory(uint16_t code)
{
    return (code & 0xEF03) == 0x0103 || (code & 0xE80C) == 0x0800;
}

static const struct form *find_form(uint16_t code)
{
    static const struct form unknown = {0, 0, MCA_PROCESSOR, "internal"};
    static const struct form input_output = {0, 0, MCA_OUTSIDE, "input/output"};

    if (code == 0x0E0B)
        return &input_output;
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if ((code & forms[i].mask) == forms[i].value)
            return &forms[i];
    }
    return &unknown;
}

/* Bits 52:38 count corrected errors on Intel; on AMD they are something else. Bit 62 says that at
 * least one more came before the bank was read. */
static uint32_t corrected_count(uint64_t status, bool amd)
{
    uint32_t count = amd ? 0 : (uint32_t)(status >> 38 & 0x7FFF);
    uint32_t least = status >> 62 & 1 ? 2 : 1;

    return count > least ? count : least;
}

struct mca_error mca_decode(uint64_t status, bool amd)
{
    uint16_t code = (uint16_t)status;
    const struct form *form = find_form(code);
    struct mca_error error = {.source = form->source, .what = form->what};

    error.uncorrected = status >> 61 & 1;
    error.count = error.uncorrected ? 1 : corrected_count(status, amd);
    error.channel = CHANNEL_UNKNOWN;
    if (error.source == MCA_MEMORY)
        error.channel = code & 0xF;
    if (amd && is_amd_memory(code)) {
        error.source = MCA_MEMORY_OR_CACHE;
        error.what = "memory or last level cache";
    }
    if (!(status >> 63))
        error.source = MCA_NONE;
    return error;
}

bool mca_address_is_physical(bool has_misc, uint64_t misc, bool amd)
{
    return !amd && has_misc && (misc >> 6 & 7) == 2;
}
