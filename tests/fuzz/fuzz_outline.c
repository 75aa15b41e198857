/*
 * Any bytes as the outline of a run, as they are and with a good size and checksum: what is decoded
 * has texts that end and stays the same when it is encoded and decoded again. The same bytes as the
 * options of a DHCP packet. Seeds: outlines of a short run and of one with many findings.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/network.h"
#include "report/outline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void try(const uint8_t *bytes, size_t size)
{
    uint8_t again[OUTLINE_SIZE];
    struct outline first, second;

    memset(&first, 0, sizeof(first));
    if (outline_decode(bytes, size, &first))
        return;
    check(first.count <= OUTLINE_FINDINGS && strlen(first.phase) < OUTLINE_PHASE_SIZE &&
          strlen(first.step) < OUTLINE_STEP_SIZE);
    for (unsigned i = 0; i < first.count; i++)
        check(strlen(first.findings[i].id) < OUTLINE_ID_SIZE &&
              strlen(first.findings[i].component) < OUTLINE_COMPONENT_SIZE &&
              first.findings[i].certainty < CERTAINTIES);
    memset(&second, 0, sizeof(second));
    check(outline_decode(again, outline_encode(&first, again), &second) == OK);
    check(!memcmp(&first, &second, sizeof(first)));
}

static void try_sealed(const uint8_t *data, size_t size)
{
    uint8_t bytes[OUTLINE_SIZE];
    uint32_t sum;

    if (size < 12 || size > sizeof(bytes))
        return;
    memcpy(bytes, data, size);
    memcpy(bytes, "ARUN\1", 6);
    bytes[6] = (uint8_t)size;
    bytes[7] = (uint8_t)(size >> 8);
    sum = checksum(bytes, size - 4);
    for (unsigned i = 0; i < 4; i++)
        bytes[size - 4 + i] = (uint8_t)(sum >> 8 * i);
    try(bytes, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t router[NETWORK_ADDRESS_SIZE];

    try(data, size);
    try_sealed(data, size);
    network_dhcp_router(data, size, router);
    return 0;
}
