/*
 * A drive that reads into memory under test, behind the seam of stress/memory_dma.h.
 *
 * One of the chosen disks reads half a MiB from its middle, again and again. It has given no error
 * in this run, and its driver lets it write straight into the memory it is given: firmware may copy
 * through memory of its own, and would then be what is tested. Nothing is ever written to a disk.
 */
#include "base/error.h"
#include "disk/canary.h"
#include "disk/request.h"
#include "efi/run.h"

enum { STRETCH = CHUNK_SIZE / 2 };

static bool gave_errors(const struct run *run, part_id part)
{
    const struct evidence_drive *drive = evidence_drive(&run->recorder->evidence, part);
    uint32_t errors = 0;

    for (unsigned i = 0; drive && i < DISK_FAULTS; i++)
        errors += drive->faults[i].count;
    return errors > 0;
}

/* Finds blocks for the stretch that Assay itself does not write to meanwhile. */
static bool find_stretch(struct run_dma *dma, const struct block_device *device)
{
    enum { PLACES = 4 };
    uint32_t blocks = STRETCH / device->block_size;

    for (unsigned i = 0; i < PLACES; i++) {
        /* The middle, then the other quarters. */
        uint64_t lba = device->block_count / PLACES * ((i + 2) % PLACES);
        bool fits = device->block_count >= blocks && lba <= device->block_count - blocks;
        bool own = device->own_blocks && lba < device->own_first + device->own_blocks &&
                   device->own_first < lba + blocks;

        if (fits && !own) {
            dma->device = device;
            dma->lba = lba;
            return true;
        }
    }
    return false;
}

/* NULL, or why there is no drive. */
static const char *choose(struct run *run)
{
    const char *reason = "no drive to read from";

    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        const struct run_disk *disk = &run->machine->disks[i];

        if (!disk->chosen)
            continue;
        reason = "no drive without errors reads straight into memory";
        if (!disk->device->bounced && !gave_errors(run, disk->part.part) &&
            find_stretch(&run->dma, disk->device))
            return NULL;
    }
    return reason;
}

static int begin(void *context, void *buffer, uint64_t address, size_t size,
                 const char **ret_reason)
{
    struct run *run = context;
    struct run_dma *dma = &run->dma;
    const char *reason = dma->device ? NULL : choose(run);

    (void)address; /* the same as the pointer, under firmware */
    if (reason) {
        *ret_reason = reason;
        return ERR_ABSENT;
    }
    dma->size = size;
    dma->request = (struct block_request){
        .operation = REQUEST_READ,
        .lba = dma->lba,
        .blocks = (uint32_t)(size / dma->device->block_size),
        .buffer = buffer,
    };
    canary_stamp(buffer, size, ++dma->canary_seed);
    return request_submit(dma->device, run->machine->clock, &dma->request);
}

static int poll(void *context, bool *ret_ended)
{
    struct run *run = context;
    struct run_dma *dma = &run->dma;
    size_t first, last;

    request_poll(dma->device);
    if (!dma->request.done) {
        *ret_ended = false;
        return OK;
    }
    if (dma->request.error)
        return dma->request.error;
    if (canary_left(dma->request.buffer, dma->size, dma->canary_seed, &first, &last))
        return ERR_STALE;
    *ret_ended = true;
    return OK;
}

const struct memory_dma *run_dma(struct run *run)
{
    run->dma = (struct run_dma){
        .seam = {.context = run, .begin = begin, .poll = poll},
        .canary_seed = mix64(run->config.seed),
    };
    return &run->dma.seam;
}
