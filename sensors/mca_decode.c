#include "sensors/mca_decode.h"

#include <stdbool.h>
#include <stddef.h>

/* A compound error code: the letters of the manual's patterns stand for bits that `mask` leaves
 * out. Bit 12 (F, correction report filtering) is taken away before. */
struct code_pattern {
    uint16_t mask, value;
    enum machine_check_kind kind; /* a memory error is uncorrected where UC says so */
    const char *text;
};

/* The first that fits counts. */
static const struct code_pattern patterns[] = {
    {0xFFFF, 0x0000, MACHINE_CHECK_OTHER, "error without a code"},
    {0xFFFF, 0x0001, MACHINE_CHECK_OTHER, "unclassified error"},
    {0xFFFF, 0x0002, MACHINE_CHECK_CPU, "parity error in the microcode ROM"},
    {0xFFFF, 0x0003, MACHINE_CHECK_BUS, "error signalled by another processor or device"},
    {0xFFFF, 0x0004, MACHINE_CHECK_CPU, "functional redundancy check error"},
    {0xFFFF, 0x0005, MACHINE_CHECK_CPU, "internal parity error"},
    {0xFFFF, 0x0006, MACHINE_CHECK_OTHER, "access violation by SMM code of the firmware"},
    {0xFFFF, 0x0400, MACHINE_CHECK_OTHER, "internal timer error"},
    {0xFFFF, 0x0E0B, MACHINE_CHECK_BUS, "I/O error"},
    {0xFC00, 0x0400, MACHINE_CHECK_CPU, "internal unclassified error"},
    {0xFFFC, 0x000C, MACHINE_CHECK_CPU, "cache error"},
    {0xFFF0, 0x0010, MACHINE_CHECK_CPU, "TLB error"},
    {0xFF80, 0x0080, MACHINE_CHECK_MEMORY_CORRECTED, "memory"},
    {0xFF80, 0x0280, MACHINE_CHECK_MEMORY_CORRECTED, "memory (used as a cache)"},
    {0xFF0F, 0x010B, MACHINE_CHECK_OTHER, "error of the cache or the memory behind it"},
    {0xFF00, 0x0100, MACHINE_CHECK_CPU, "cache error"},
    {0xF800, 0x0800, MACHINE_CHECK_BUS, "bus or interconnect error"},
    {0x0000, 0x0000, MACHINE_CHECK_OTHER, "error of an unknown kind"},
};

enum { CODE_FILTERED = 0x1000, CHANNEL_UNKNOWN = 0x0F };

static const struct code_pattern *find_pattern(uint64_t status)
{
    uint16_t code = (uint16_t)status & (uint16_t)~CODE_FILTERED;
    size_t i = 0;

    while ((code & patterns[i].mask) != patterns[i].value)
        i++;
    return &patterns[i];
}

enum machine_check_kind machine_check_kind(uint64_t status)
{
    enum machine_check_kind kind = find_pattern(status)->kind;

    if (kind == MACHINE_CHECK_MEMORY_CORRECTED && status & MCI_STATUS_UC)
        return MACHINE_CHECK_MEMORY_UNCORRECTED;
    return kind;
}

/* Field MMM of a memory controller's code. */
static const char *memory_access_text(uint64_t status)
{
    static const char *const names[] = {"",           " read",  " write", " address or command",
                                        " scrubbing", " other", " other", " other"};

    return names[status >> 4 & 7];
}

static void describe_memory(const char *what, uint64_t status, struct text *text)
{
    unsigned channel = status & 0x0F;

    text_format(text, "%s%s error", what, memory_access_text(status));
    if (channel != CHANNEL_UNKNOWN)
        text_format(text, " on channel %u", channel);
}

void machine_check_describe(const struct event_machine_check *check, struct text *text)
{
    uint64_t status = check->status;
    const struct code_pattern *pattern = find_pattern(status);

    text_add(text, status & MCI_STATUS_UC ? "uncorrected " : "corrected ");
    if (pattern->kind == MACHINE_CHECK_MEMORY_CORRECTED)
        describe_memory(pattern->text, status, text);
    else
        text_add(text, pattern->text);
    if (check->has_address)
        text_format(text, ", at address %llXh", (unsigned long long)check->address);
    text_format(text, " (bank %u of processor %u)", check->bank, check->processor);
    if (status & MCI_STATUS_OVER)
        text_add(text, ", and others that were lost");
    if (check->prior)
        text_add(text, ", from before this run");
}
