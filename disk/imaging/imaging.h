/*
 * The imaging workload: every drive is read as an imaging tool reads it, and every block is
 * followed by its hash through copying, compression, a stay in memory and a second read.
 *
 * The boot processor keeps each drive's queue filled with reads of up to 1 MiB, and hands a block
 * that has come to the workers. A job there hashes it on arrival, copies it to another chunk, packs
 * and unpacks it and compares the hashes; the packed form stays in an arena for a while and is then
 * verified by a second job. What each drive is read for next is tour.h's business: stretches spread
 * over the whole drive, each read twice, into other chunks and with 64 MiB between. Among drives
 * the one that was busy the least is next, unless another has waited for IMAGING_TURN_US: where the
 * processors and not the drives set the pace, a drive that grew slow would else hardly be read any
 * more. A hash that differs starts an experiment (experiment.h).
 *
 * Everything between the stages is bounded: reads ahead by the drive's depth and IMAGING_AHEAD,
 * blocks in work by the slots, packed blocks by the arena. Which of them was full, and which empty,
 * tells what set the pace: one EVENT_BOTTLENECK at the end.
 *
 * Memory is constant: nothing grows with a drive's size or with the length of the run. struct
 * imaging is large and belongs into the state of a run. All of these functions are called by the
 * boot processor only.
 *
 * Events: DISK_ERROR (reader.h), PACE (pace.h), MISMATCH (experiment.h), notes, and at the end
 * COVERAGE, LATENCY and OUTLIER (latency.h) for each drive, and BOTTLENECK. NOT_TESTED for a drive
 * without usable geometry; for a processor that holds a job for longer than IMAGING_PATIENCE_US,
 * whose buffers are then left to it; and for the whole workload when it must end because no
 * processor answers or no memory comes free.
 */
#ifndef ASSAY_DISK_IMAGING_H
#define ASSAY_DISK_IMAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/workers.h"
#include "disk/imaging/block_job.h"
#include "disk/imaging/experiment.h"
#include "disk/imaging/tour.h"
#include "disk/latency.h"
#include "disk/pace.h"
#include "disk/reader.h"

enum {
    IMAGING_DEVICES = 32,
    IMAGING_SLOTS = 128, /* blocks at once, at most; else two for each worker and two */
    IMAGING_AHEAD = 8,   /* reads at one drive at once, at most */
    IMAGING_KEPT = 64,   /* packed blocks kept, at most, */
    /* and those that come of the blocks in work meanwhile */
    IMAGING_ARENA = IMAGING_KEPT + IMAGING_AHEAD + IMAGING_SLOTS,
    IMAGING_BEGUN = 16, /* reads begun in one step, at most */

    IMAGING_EXPERIMENTS = 8,        /* at once, on all drives */
    IMAGING_EXPERIMENTS_DRIVE = 8,  /* of one drive in all; later mismatches are counted */
    IMAGING_CHUNKS_MIN = 12,        /* whole chunks the pool must have */
    IMAGING_DEAD = 8,               /* processors reported as silent */
    IMAGING_PATIENCE_US = 30000000, /* for a job, and for a free chunk */
    IMAGING_GAP_US = 1000000,       /* what a longer time between two steps counts as */
    IMAGING_TURN_US = 1000000,      /* a drive waits no longer for its turn */
    IMAGING_IDLE_US = 50,           /* waited by a step that found nothing to do */
};

struct imaging_config {
    const struct block_device *const *devices; /* the pointers are copied */
    unsigned device_count;                     /* at most IMAGING_DEVICES */
    struct pool *pool;
    const struct workers *workers;
    const struct clock *clock;
    const struct sink *sink;
    uint64_t seed;
    const char *phase;          /* name for the coverage events */
    const struct pace *earlier; /* for each device, its pace in an earlier phase (pace_carry());
                                   NULL: there was none. Copied. */
    bool once;                  /* stop after one whole pass over each drive, else until stopped */
    unsigned arena_chunks;      /* 0: an eighth of the pool; at most IMAGING_KEPT */

    /* Pace of the memory work going on beside it, as a control for the only drive of a machine:
     * bytes per second now and usually. False when unknown. May be NULL. */
    bool (*memory_pace)(void *context, uint64_t *ret_now, uint64_t *ret_usual);
    void *memory_pace_context;

    /* Called while a drive keeps the boot processor waiting (reader.h). NULL: nothing to do. */
    void (*pause)(void *context);
    void *pause_context;

    /* Tests one page of 4096 bytes at a physical address, destroying what it holds. Runs as a job
     * on any processor while the boot processor reads on. NULL: pages are not tried. */
    enum memory_repeat (*test_page)(void *page, uint64_t address);

    /* NULL: hash_block(). A place for tests to compute wrongly on one processor. */
    block_hash *hash;
};

struct imaging_drive {
    const struct block_device *device;
    struct disk_reader reader;
    struct pace pace;
    struct tour tour;
    struct latency latency;
    unsigned depth;     /* reads at it at once */
    unsigned in_flight; /* reads that are at it now */
    uint64_t last_lba;  /* the read that was begun last */
    uint32_t last_blocks;
    uint64_t ended_us;    /* when a read of it was last seen to end */
    uint64_t service_us;  /* that it was busy with reads */
    uint64_t last_us;     /* imaging's time_us when it last got a read */
    uint64_t tested;      /* different bytes read */
    unsigned experiments; /* begun */
    uint64_t uncounted;   /* mismatches after the last experiment */
    bool unusable;        /* its geometry is none */
};

enum slot_state {
    SLOT_FREE,
    SLOT_READING, /* the block is on its way from the drive */
    SLOT_READY,   /* to be submitted as soon as the queue has room */
    SLOT_OUT,
    SLOT_LOST, /* nobody waits for it any more */
};

/* One job and what its owner must know of it. */
struct imaging_slot {
    struct block_job work;
    struct disk_read read;
    uint8_t state;     /* enum slot_state */
    uint8_t drive;     /* index */
    bool second;       /* a second read, to be compared with `first` */
    bool first_pass;   /* of the first visit to this place */
    uint64_t since_us; /* made ready at, in the time of steps */
    uint64_t lba;
    uint32_t blocks;
    uint64_t older_lba; /* what its drive had read before */
    uint32_t older_blocks;
    uint64_t canary_seed;
    struct tour_piece *piece; /* of a first read: where its hash goes */
    struct tour_piece first;  /* of a second read: what the first one gave */
    struct experiment *experiment;
};

/* A packed block that waits to be verified. */
struct arena_entry {
    struct packed_block packed;
    uint8_t drive; /* index */
    uint64_t lba;
    uint32_t blocks;
};

struct imaging {
    struct imaging_config config;
    struct imaging_drive drives[IMAGING_DEVICES];
    struct imaging_slot slots[IMAGING_SLOTS];
    unsigned slot_count;
    struct arena_entry arena[IMAGING_ARENA];
    unsigned arena_limit, arena_oldest, arena_count;
    unsigned ahead; /* reads at one drive at once, as far as memory goes */
    struct experiment experiments[IMAGING_EXPERIMENTS];
    unsigned experiment_limit;
    struct experiment_tools tools;
    uint64_t packed_bytes;
    uint64_t step_us;  /* when the last step was */
    uint64_t time_us;  /* passed so far, gaps between steps cut short: all patience goes by this */
    uint64_t moved_us; /* when a step last got something done, in that time */
    uint64_t load_us;  /* until it was to stop */
    uint64_t drives_wait_us;     /* while a drive could have been read and there was no room */
    uint64_t processors_wait_us; /* while no block was in work */
    uint16_t dead[IMAGING_DEAD];
    unsigned dead_count;
    bool stopping, done;
};

/*
 * ERR_RANGE for too many devices or a pool with fewer than IMAGING_CHUNKS_MIN whole chunks; nothing
 * was begun then. A drive with no usable geometry is NOT_TESTED and left out. The memory is zeroed
 * by the caller before its first use; after an earlier workload has ended it is given as it is,
 * for a processor that fell silent may still hold one of its jobs.
 */
int imaging_init(struct imaging *imaging, const struct imaging_config *config);

/*
 * Lets the workers proceed, takes in what drives and jobs have done, and begins reads. Where there
 * was nothing to do it runs a waiting job itself, or waits IMAGING_IDLE_US. False when all is done
 * and the coverage was emitted: after one pass with `once`, after imaging_stop() and its last job,
 * or when no drive can be read any more.
 */
bool imaging_step(struct imaging *imaging);

/* Begins no new read. Steps go on until the jobs are in and the arena is verified; experiments
 * that would need a read end with what they know. */
void imaging_stop(struct imaging *imaging);
bool imaging_is_done(const struct imaging *imaging);

/* The pace of a device, for a later phase. */
const struct pace *imaging_pace(const struct imaging *imaging, unsigned device);

/* Bytes read so far from a device (its index in the configuration), repeats counted. */
uint64_t imaging_moved(const struct imaging *imaging, unsigned device);
/* Different bytes read at least once. */
uint64_t imaging_tested(const struct imaging *imaging, unsigned device);
/* Bytes pushed through compression, of all drives. */
uint64_t imaging_packed(const struct imaging *imaging);

#endif
