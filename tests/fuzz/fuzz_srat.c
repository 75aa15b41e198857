/*
 * System resource affinity tables of any bytes: nodes and ranges fit each other, or there are none.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/srat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct srat srat;
    int error = srat_read(data, size, &srat);

    if (srat.count > SRAT_NODES_MAX || srat.ranges.count > SRAT_RANGES_MAX ||
        (error && (srat.count || srat.ranges.count)))
        __builtin_trap();
    for (size_t i = 0; i < srat.ranges.count; i++) {
        const struct extent *range = &srat.list[i];

        if (range->start >= range->end || range->kind < 1 || range->kind > srat.count)
            __builtin_trap();
        if (i > 0 && srat.list[i - 1].end > range->start)
            __builtin_trap();
    }
    return 0;
}
