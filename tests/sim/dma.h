/*
 * A drive that reads into memory, behind the seam of stress/memory_dma.h, with named faults of the
 * drive and of memory that fails while a drive writes to it.
 */
#ifndef ASSAY_TESTS_SIM_DMA_H
#define ASSAY_TESTS_SIM_DMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stress/memory_dma.h"

enum sim_dma_fault {
    SIM_DMA_HEALTHY,
    SIM_DMA_WORD,     /* a bit of the word at `address` is wrong after each read into it */
    SIM_DMA_ABSENT,   /* there is no drive */
    SIM_DMA_FAILS,    /* from read `nth` on, when it is asked about */
    SIM_DMA_REFUSES,  /* from read `nth` on, when it is begun */
    SIM_DMA_HANGS,    /* read `nth` does not end */
    SIM_DMA_SECTOR,   /* read `nth` gives other data in one sector */
    SIM_DMA_UNSTEADY, /* from read `nth` on each gives another word */
};

struct sim_dma {
    struct memory_dma seam;
    enum sim_dma_fault fault;
    unsigned nth; /* from 1 */
    uint64_t address;
    uint64_t mask;  /* bits that are inverted there */
    unsigned polls; /* that a read takes */

    unsigned reads;
    unsigned left; /* polls until the one under way ends */
    bool under_way;
    uint8_t *buffer;
    uint64_t target;
    size_t size;
};

void sim_dma_init(struct sim_dma *dma, enum sim_dma_fault fault);

#endif
