#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

struct hash hash_block(const void *data, size_t size)
{
    XXH128_hash_t hash = XXH3_128bits(data, size);

    return (struct hash){.low = hash.low64, .high = hash.high64};
}

uint32_t checksum(const void *data, size_t size)
{
    return XXH32(data, size, 0);
}
