/* A packed block that came to harm in memory: unpacking never leaves its buffers. */
#include <stdlib.h>

#include "disk/imaging/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first two bytes are the size to unpack to, the third says whether it is raw. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t block_size;
    uint8_t *block;

    if (size < 4)
        return 0;
    block_size = 1u + data[0] + 256u * data[1];
    block = malloc(block_size);
    (void)unpack_block(data + 3, (uint32_t)size - 3, data[2] & 1, block, block_size);
    free(block);
    return 0;
}
