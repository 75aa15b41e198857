#include "tests/sim/dma.h"

#include <assert.h>
#include <string.h>

#include "base/error.h"

enum { SECTOR = 512 };

static bool now(const struct sim_dma *dma, enum sim_dma_fault fault)
{
    return dma->fault == fault && dma->reads >= dma->nth;
}

static int begin(void *context, void *buffer, uint64_t address, size_t size,
                 const char **ret_reason)
{
    struct sim_dma *dma = context;

    if (dma->fault == SIM_DMA_ABSENT) {
        *ret_reason = "no drive to read from";
        return ERR_ABSENT;
    }
    assert(!dma->under_way && size && size % BLOCK_SIZE == 0);
    dma->reads++;
    if (now(dma, SIM_DMA_REFUSES))
        return ERR_GONE;
    dma->under_way = true;
    dma->left = dma->polls;
    dma->buffer = buffer;
    dma->target = address;
    dma->size = size;
    return OK;
}

static void deliver(struct sim_dma *dma)
{
    uint64_t random = 99, word;

    for (size_t at = 0; at < dma->size; at += sizeof(word)) {
        word = prng_next(&random);
        if (dma->fault == SIM_DMA_WORD && dma->target + at == dma->address)
            word ^= dma->mask;
        if (dma->fault == SIM_DMA_SECTOR && dma->reads == dma->nth && at / SECTOR == 1)
            word = ~word;
        if (now(dma, SIM_DMA_UNSTEADY) && at == 0)
            word ^= dma->reads;
        memcpy(dma->buffer + at, &word, sizeof(word));
    }
}

static int poll(void *context, bool *ret_ended)
{
    struct sim_dma *dma = context;

    *ret_ended = false;
    assert(dma->under_way);
    if ((dma->fault == SIM_DMA_HANGS && dma->reads == dma->nth) || dma->left-- > 0)
        return OK;
    dma->under_way = false;
    if (now(dma, SIM_DMA_FAILS))
        return ERR_IO;
    deliver(dma);
    *ret_ended = true;
    return OK;
}

void sim_dma_init(struct sim_dma *dma, enum sim_dma_fault fault)
{
    *dma = (struct sim_dma){.fault = fault, .nth = 1, .polls = 2};
    dma->seam = (struct memory_dma){dma, begin, poll};
}
