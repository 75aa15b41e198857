/*
 * The writing workload: stamped blocks (stamp.h) are written to what may be overwritten
 * (permission.h), and read back when the drive's cache has had to forget them.
 *
 * What may be written of a drive is divided into stretches of 64 MiB (a small range into quarters
 * of at least 1 MiB), visited in the order of bit-reversed numbers, which is the same in every run
 * over the same ranges. The very first piece of 1 MiB is written and flushed before anything else:
 * who finds it stamped knows that what stood there is given up. A visit is
 *
 *   write all of the stretch, flush, read elsewhere, read it back;
 *   write every second piece of it once more, flush, read elsewhere, read all of it back.
 *
 * So blocks that were written again must be of the new generation, and their neighbours still of
 * the old one. In pass p, from 0 on, the generations are 2p+1 and 2p+2. Elsewhere is 64 MiB, or on
 * a small drive the rest of it: first the stretches that are done, whose stamps are checked once
 * more, for a write that went astray harms what was right before; then any other blocks.
 *
 * Before it writes, a run reads what an earlier one has left, in the same order, until a stretch
 * has no stamp. After a cut of power a block may be of any generation, or of none; but it must be
 * whole and in its place. One that is not is told with generation 0. Blocks of 4096 bytes can be
 * torn by the cut itself in a drive that keeps sectors of 512; in smaller ones it is the drive's
 * fault.
 *
 * A write error names the first of a run of blocks with the same fault, and its status says how
 * many there are. `again` tells whether a second read gave the same, or a second write failed. The
 * same block and generation is told of once. After WRITING_ERRORS of them, or when the drive left
 * or refuses writes, the drive is given up. What was never written because a write failed is left
 * alone from then on.
 *
 * Written and read buffers are chunks of the pool; a buffer is checked once more after it was
 * written, so that memory that changed is not taken for a drive that did (MEMORY_ERROR).
 *
 * Events: WRITE_ERROR; DISK_ERROR by reader.h; COVERAGE for each drive at its end, in which bytes
 * count as tested when they were written and read back; NOT_TESTED for a drive that is given up;
 * notes. All is done by the boot processor, memory is constant, struct writing about 40 KB.
 */
#ifndef ASSAY_DISK_WRITING_H
#define ASSAY_DISK_WRITING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/pool.h"
#include "disk/reader.h"
#include "disk/volumes/permission.h"
#include "disk/writing/stamp.h"

enum {
    WRITING_DRIVES = 16,
    WRITING_DEPTH = 8, /* requests at one drive */
    WRITING_PIECE_SIZE = CHUNK_SIZE,
    WRITING_STRETCH_PIECES = 64,
    WRITING_ELSEWHERE_SIZE = 64 * 1024 * 1024,
    WRITING_ERRORS = 16,
    WRITING_PARTS = 16,             /* into which a failing write is cut to find the place */
    WRITING_CHUNKS_MIN = 4,         /* whole chunks the pool must have */
    WRITING_PATIENCE_US = 30000000, /* for a free chunk */
    WRITING_REQUEST_US = 120000000, /* for one request that is waited for */
    WRITING_IDLE_US = 50,           /* waited by a step that found nothing to do */
};

struct writing_target {
    const struct block_device *device;   /* opened for writing */
    const struct permission *permission; /* that says yes */
};

struct writing_config {
    const struct writing_target *targets; /* copied */
    unsigned target_count;                /* at most WRITING_DRIVES */
    struct pool *pool;
    const struct clock *clock;
    const struct sink *sink;
    uint64_t run;       /* its number in the stamps: no other run's, whatever the seed */
    uint64_t seed;      /* of the canaries */
    const char *phase;  /* name for the coverage events */
    bool once;          /* stop after one pass over each drive, else until stopped */
    bool verify_only;   /* write nothing: read all of the ranges for what earlier runs left */
    uint64_t verify_us; /* at most about so long for what an earlier run left; 0: no limit */

    /* Called while a drive keeps the boot processor waiting (reader.h). NULL: nothing to do. */
    void (*pause)(void *context);
    void *pause_context;
};

/* What may be written, as stretches. */
struct writing_layout {
    uint32_t block_size, piece_blocks;
    unsigned range_count;
    struct lba_range ranges[PERMISSION_RANGES];
    uint32_t stretch_blocks[PERMISSION_RANGES];
    uint64_t stretch_count; /* of all ranges */
    uint64_t blocks;        /* of all ranges */
    unsigned bits;          /* of a stretch's number */
};

enum writing_phase {
    WRITING_PROBE,  /* does an earlier run's stamp stand at the beginning? */
    WRITING_VERIFY, /* what an earlier run left */
    WRITING_OPEN,   /* the first piece */
    WRITING_OPEN_FLUSH,
    WRITING_WRITE,
    WRITING_FLUSH,
    WRITING_WALK, /* elsewhere, checked */
    WRITING_FILL, /* elsewhere, unchecked */
    WRITING_CHECK,
    WRITING_DONE,
};

enum writing_task { TASK_WRITE, TASK_FLUSH, TASK_CHECK, TASK_INSPECT, TASK_FILL };

/* One request and what belongs to it. */
struct writing_slot {
    struct disk_read io; /* also of a write or a flush: its request */
    struct chunk *chunk; /* NULL: none */
    struct stamp stamp;  /* that its blocks get, or should have */
    uint64_t lba;
    uint32_t blocks;
    uint8_t task; /* enum writing_task */
    bool used;
    bool waiting; /* to be submitted (again) */
    bool counts;  /* as tested, when it is read */
    bool known;   /* these blocks were read back before, and written since by nobody */
};

struct writing_place {
    uint64_t lba;
    uint64_t generation;
};

struct writing_drive {
    const struct block_device *device;
    const struct sink *sink;
    struct sink ear; /* the reader's: it hears where a bad place was */
    struct event_disk_error heard;
    struct disk_reader reader;
    struct writing_layout layout;
    struct writing_slot slots[WRITING_DEPTH];
    uint64_t run;

    uint8_t phase;  /* enum writing_phase */
    uint8_t round;  /* of a visit, 0 or 1 */
    uint64_t pass;  /* over all stretches, from 0 */
    uint64_t turn;  /* of the stretch that is visited: its number, bits reversed */
    uint32_t piece; /* next of the phase */
    bool flushed;   /* the flush of this phase was begun */
    uint64_t done;  /* blocks of the stretches done in pass 0 */
    uint64_t walk_turn;
    uint32_t walk_piece;
    uint64_t walk_left, fill_left; /* bytes */
    uint64_t fill_lba;
    uint64_t stamped;               /* blocks of an earlier run, in this stretch */
    uint64_t stamped_all, verified; /* blocks, in all */
    bool same_run;                  /* an earlier run has this one's number */

    uint64_t tested, moved; /* bytes */
    unsigned errors;
    uint64_t uncounted;
    struct writing_place told[WRITING_ERRORS];
    unsigned spoilt_count;
    uint64_t spoilt[WRITING_ERRORS]; /* first blocks of pieces that could not be written */
    bool given_up, ended;
};

struct writing {
    struct writing_config config;
    struct writing_drive drives[WRITING_DRIVES];
    unsigned next; /* drive to begin with in the next step */
    uint64_t begun_us, moved_us;
    bool stopping, done;
};

/*
 * ERR_RANGE for too many targets or a pool with fewer than WRITING_CHUNKS_MIN whole chunks;
 * ERR_REFUSED for a target whose permission does not say yes, or one with a range that is not on
 * its device. Nothing was begun then.
 */
int writing_init(struct writing *writing, const struct writing_config *config);

/* Takes in at most one finished request of each drive and gives out at most one more, to a
 * synchronous device one in all. False when all is done and the coverage was emitted. */
bool writing_step(struct writing *writing);

/* Begins nothing new. Steps go on until the requests are in. */
void writing_stop(struct writing *writing);
bool writing_is_done(const struct writing *writing);

/* Bytes written and read so far on a drive, by its index in the configuration. */
uint64_t writing_moved(const struct writing *writing, unsigned drive);
/* Different bytes that were written and read back. */
uint64_t writing_tested(const struct writing *writing, unsigned drive);

#endif
