#include "report/untested.h"

static const char *const words[HOLDERS] = {
    [HELD_BY_NOBODY] = "nobody",
    [HELD_BY_RUNTIME_SERVICES] = "the firmware's runtime services",
    [HELD_BY_BOOT_SERVICES] = "the firmware's boot services",
    [HELD_BY_ACPI] = "ACPI tables",
    [HELD_BY_FIRMWARE] = "reserved by the firmware (perhaps no memory at all)",
    [HELD_BY_EARLIER_PROGRAM] = "programs started before Assay",
    [HELD_BY_ASSAY] = "Assay itself",
    [HELD_PERSISTENT] = "persistent memory, never written to",
    [HELD_FOR_SPECIFIC_PURPOSE] = "memory for a specific purpose",
    [HELD_UNACCEPTED] = "memory not accepted by this guest",
    [HELD_UNUSABLE] = "unusable by the firmware's own word",
    [HELD_BELOW_1_MIB] = "below 1 MiB (where processors start)",
    [HELD_LEFT] = "left to the firmware",
    [HELD_REFUSED] = "refused by the firmware although its map calls it free",
    [HELD_UNCACHED] = "ten times slower than the rest (not cached)",
    [HELD_UNFINISHED] = "its test was not finished by any processor",
    [HELD_CUT] = "not reached before the run was cut short",
    [HELD_UNASKED] = "outside of what was asked for",
    [HELD_BY_MANY] = "ranges too many to be told one by one",
};

const char *words_holder(unsigned holder)
{
    return words[holder < HOLDERS ? holder : HELD_BY_NOBODY];
}

void untested_add(struct untested *untested, const struct event_untested_range *range)
{
    if (range->holder >= HOLDERS)
        return;
    untested->sums[range->counted][range->holder].size += range->size;
    untested->sums[range->counted][range->holder].ranges++;
}

uint64_t untested_size(const struct untested *untested, bool counted)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < HOLDERS; i++)
        size += untested->sums[counted][i].size;
    return size;
}

void text_untested(struct text *text, const struct untested *untested, bool counted)
{
    bool first = true;

    for (unsigned i = 0; i < HOLDERS; i++) {
        if (!untested->sums[counted][i].size)
            continue;
        text_format(text, "%s%s ", first ? "" : ", ", words_holder(i));
        text_amount(text, untested->sums[counted][i].size);
        first = false;
    }
}
