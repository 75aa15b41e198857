/*
 * The experiment that follows a mismatch: which copy was wrong, at which bits, and does the place
 * fail again?
 *
 * It finds the copy that is wrong by comparing what the job kept, or by reading the block once
 * more (of a second reading that differs from the first, the first copy is gone by then). Where
 * the first reading was the wrong one, the block is read into that very chunk again: a stuck cell
 * does it twice. Where no bytes differ at all, several processors hash the same bytes. Then the
 * page with the first difference is tested, as a job, while the boot processor reads on; and
 * after 64 MiB elsewhere the block is read again into another chunk and compared. At its end one
 * EVENT_MISMATCH says it all.
 *
 * An experiment does no I/O and starts no job itself: experiment_advance() says what it wants, and
 * its owner reports how that went. It waits for nothing longer than EXPERIMENT_PATIENCE_US, and
 * then goes on without. It owns the chunks of its evidence until it ends; one whose page failed is
 * then retired.
 *
 * In the event, `address` and `bit_mask` are 0 where the wrong bits were not found, except that
 * `address` is then the buffer of the first reading where that one was wrong and its bits are
 * gone. A wrong packed form counts its bits and sectors in packed bytes. `leftover` means this
 * read's canary, or a sector of what the drive had been asked for just before.
 */
#ifndef ASSAY_DISK_EXPERIMENT_H
#define ASSAY_DISK_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/event.h"
#include "base/pool.h"
#include "disk/imaging/block_job.h"
#include "disk/imaging/difference.h"
#include "disk/imaging/jury.h"
#include "disk/imaging/tour.h"

enum {
    EXPERIMENT_CHUNKS = 6, /* held at most */
    EXPERIMENT_PATIENCE_US = 30000000,
};

enum experiment_state {
    EXPERIMENT_NONE,
    EXPERIMENT_LOCATE, /* compares what the job kept */
    EXPERIMENT_THIRD,  /* reads the block to compare with */
    EXPERIMENT_SAME,   /* reads it into the chunk of the first reading */
    EXPERIMENT_OLDER,  /* reads what was read before, to look for it in the wrong copy */
    EXPERIMENT_JURY,   /* has the same bytes hashed by several processors */
    EXPERIMENT_PAGE,   /* has the page tested */
    EXPERIMENT_AWAY,   /* waits until enough was read elsewhere */
    EXPERIMENT_AGAIN,  /* reads the block once more */
    EXPERIMENT_OVER,
};

enum experiment_want {
    WANT_NOTHING, /* for now */
    WANT_READ,    /* `blocks` from `lba` on read into `target` */
    WANT_HASH,    /* a BLOCK_HASH job on `right` */
    WANT_PAGE,    /* a BLOCK_PAGE job on `page` */
    WANT_END,     /* experiment_end() */
};

struct experiment_tools {
    struct pool *pool;
    const struct sink *sink;
    uint64_t now_us; /* kept by the owner */
    block_hash *hash;
    bool page_tested; /* there is a page test */
    struct pack_state pack;
};

/* What a job or a second reading has found. */
struct difference_evidence {
    const struct block_device *device;
    enum hop hop;
    uint64_t lba;
    uint32_t blocks, size; /* size in bytes */
    uint16_t processor;
    bool compute, packed_form; /* as in block_job.h */
    struct hash hash;          /* that the block should have; of a second reading, what it has */
    struct tour_piece first;   /* of a second reading */
    uint64_t canary_seed;      /* of the read into `read` */
    uint64_t older_lba;        /* what the drive had read before that */
    uint32_t older_blocks;
    bool arrived; /* `read` holds what was read, so these three mean something */

    /* Owned by the experiment from now on; any may be NULL. */
    struct chunk *read, *copy;
    struct packed_block packed;
};

struct experiment {
    uint8_t state;      /* enum experiment_state */
    unsigned drive;     /* the owner's number for it */
    uint64_t since_us;  /* in this state */
    uint64_t moved;     /* on the drive, when the block was last read */
    uint64_t elsewhere; /* to be read in between, bytes */
    struct difference_evidence evidence;
    struct chunk *held[EXPERIMENT_CHUNKS];
    struct chunk *wrong;   /* the buffer judged wrong, or NULL */
    struct chunk *right;   /* the block as it should be, or NULL */
    struct chunk *retired; /* among those held: not to be given back */
    struct chunk *target;
    uint64_t lba; /* of the read that is wanted */
    uint32_t blocks;
    void *page;
    uint64_t page_address;
    bool asked; /* a job is out */
    struct jury jury;
    struct event_mismatch result;
};

/* `moved` counts the bytes read on the drive so far, `elsewhere` is tour_elsewhere()'s. */
void experiment_begin(struct experiment *experiment, const struct experiment_tools *tools,
                      const struct difference_evidence *evidence, uint64_t moved,
                      uint64_t elsewhere);

/* Goes as far as it can and says what it wants. Without `may_read` (the drive is given up, or the
 * run is being stopped) it goes on without the reads. */
enum experiment_want experiment_advance(struct experiment *experiment,
                                        struct experiment_tools *tools, uint64_t moved,
                                        bool may_read);

/* The read was done: OK or an error. `moved` includes it. */
void experiment_read_done(struct experiment *experiment, struct experiment_tools *tools, int error,
                          uint64_t moved);

/* The job was submitted; it is done; it will never be done. Only the chunk it worked on is lost
 * with it: the experiment no longer owns that one. */
void experiment_job_begun(struct experiment *experiment);
void experiment_job_done(struct experiment *experiment, struct experiment_tools *tools,
                         const struct block_job *job);
void experiment_job_lost(struct experiment *experiment, struct experiment_tools *tools);

/* Emits the event, gives the chunks back and leaves the state EXPERIMENT_NONE. */
void experiment_end(struct experiment *experiment, const struct experiment_tools *tools);

#endif
