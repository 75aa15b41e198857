/*
 * Which memory is near which processors: the ACPI System Resource Affinity Table, ACPI 6.5 section
 * 5.2.16.
 */
#ifndef ASSAY_SENSORS_SRAT_H
#define ASSAY_SENSORS_SRAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/extents.h"

enum { SRAT_NODES_MAX = 32, SRAT_RANGES_MAX = 256 };

/* A node is a proximity domain, in the order in which the table names them. Some 6 KiB; stays where
 * it is, for `ranges` points into it. */
struct srat {
    struct extents ranges; /* of kind n + 1: memory of node n */
    struct extent list[SRAT_RANGES_MAX];
    uint32_t domain[SRAT_NODES_MAX];
    unsigned processors[SRAT_NODES_MAX];
    unsigned count;
};

/*
 * Reads the table. What is not enabled does not count, nor what is too short for its type; where
 * two ranges overlap, the later one has the addresses. ERR_FULL when nodes or ranges found no room:
 * then there are none, for some of them would be taken for all. ERR_FORMAT when it is no SRAT.
 */
int srat_read(const void *table, size_t size, struct srat *ret_srat);

#endif
