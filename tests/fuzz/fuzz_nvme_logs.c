/* NVMe logs from any bytes: an even first byte makes them an error log, an odd one self-tests. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/health/health_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct health health = {0};
    struct self_test_state tests = {0};

    if (size == 0)
        return 0;
    if (data[0] % 2 == 0)
        (void)nvme_errors_parse(data + 1, size - 1, &health);
    else if (nvme_self_tests_parse(data + 1, size - 1, &tests) == OK)
        health_add_self_test(&health, &tests);
    if (health.count > HEALTH_VALUES_MAX || tests.percent > 100 || (tests.has_lba && !tests.failed))
        abort();
    return 0;
}
