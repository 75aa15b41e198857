#include "disk/canary.h"

#include <string.h>

#include "base/prng.h"

/* Lines of neighbouring numbers and reads of neighbouring seeds get unlike stamps. */
static uint64_t stamp_of(uint64_t seed, size_t line)
{
    return mix64(seed ^ mix64(line + 1));
}

void canary_stamp(void *buffer, size_t size, uint64_t seed)
{
    uint8_t *bytes = buffer;

    for (size_t line = 0; line < size / CANARY_LINE; line++) {
        uint64_t stamp = stamp_of(seed, line);

        memcpy(bytes + line * CANARY_LINE, &stamp, sizeof(stamp));
    }
}

size_t canary_left(const void *buffer, size_t size, uint64_t seed, size_t *ret_first,
                   size_t *ret_last)
{
    const uint8_t *bytes = buffer;
    size_t left = 0;

    for (size_t line = 0; line < size / CANARY_LINE; line++) {
        uint64_t word;

        memcpy(&word, bytes + line * CANARY_LINE, sizeof(word));
        if (word != stamp_of(seed, line))
            continue;
        if (left++ == 0)
            *ret_first = line * CANARY_LINE;
        *ret_last = line * CANARY_LINE;
    }
    return left;
}
