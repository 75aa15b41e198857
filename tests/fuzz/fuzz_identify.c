/* IDENTIFY pages from any bytes: the first byte says of which protocol; an even one is ATA. Bytes
 * of NVMe are tried as a controller and as a namespace. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "disk/health/health_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct health_identity identity;
    int error;

    if (size == 0)
        return 0;
    error = data[0] % 2 == 0 ? ata_identify_parse(data + 1, size - 1, &identity)
                             : nvme_identify_parse(data + 1, size - 1, &identity);
    if (error == OK && (memchr(identity.model, '\0', sizeof(identity.model)) == NULL ||
                        memchr(identity.serial, '\0', sizeof(identity.serial)) == NULL))
        abort();
    if (data[0] % 2 != 0 && nvme_namespace_parse(data + 1, size - 1, &identity) == OK &&
        (identity.block_count == 0 || identity.block_size < 512))
        abort();
    return 0;
}
