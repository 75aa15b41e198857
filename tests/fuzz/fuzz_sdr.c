/*
 * Sensor data records of any bytes: parsed, and every raw value converted. Seeds: records of the
 * simulated server.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/ipmi_sdr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ipmi_sdr sdr;
    int64_t milli;

    if (ipmi_sdr_parse(bytes_of(data, size), &sdr) != OK)
        return 0;
    if (sdr.share_count == 0 || sdr.name[0] == '\0')
        __builtin_trap();
    for (unsigned raw = 0; raw < 256; raw++) {
        if (!ipmi_convert(&sdr.factors, (uint8_t)raw, &milli))
            continue;
        if (milli > 200000000000000000 || milli < -200000000000000000)
            __builtin_trap();
    }
    (void)ipmi_factors_parse(bytes_of(data, size), &sdr.factors);
    return 0;
}
