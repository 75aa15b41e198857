/*
 * The jobs that a block of a drive goes through on the workers.
 *
 * BLOCK_IMAGE follows a block that was just read: hash on arrival, copy and hash, pack, unpack
 * over the buffer it arrived in and hash. BLOCK_VERIFY takes up a packed form that was kept for a
 * while: hash, unpack into another chunk, hash. At the first hash that differs a job stops; its
 * buffers then stand as they were when it was seen. BLOCK_HASH and BLOCK_PAGE serve experiments.
 *
 * Who takes a job signs for it, so that its owner can withdraw one that nobody took and can name
 * the processor that took one and never came back.
 */
#ifndef ASSAY_DISK_BLOCK_JOB_H
#define ASSAY_DISK_BLOCK_JOB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"
#include "base/hash.h"
#include "base/pool.h"
#include "base/workers.h"
#include "disk/imaging/pack.h"

/* Hash of `size` bytes, computed on a processor. */
typedef struct hash block_hash(const void *data, size_t size, unsigned processor);

/* hash_block() in this form. */
struct hash block_hash_plain(const void *data, size_t size, unsigned processor);

enum block_task {
    BLOCK_IMAGE,
    BLOCK_VERIFY,
    BLOCK_HASH, /* of `read`; gives `hash` */
    BLOCK_PAGE, /* test_page() on `page`; gives `repeat` */
};

/* A block as it is kept in memory. */
struct packed_block {
    struct chunk *chunk;
    uint32_t size; /* packed, bytes */
    bool raw;      /* not compressible, kept as it is */
    uint32_t block_size;
    struct hash hash;       /* of the packed bytes */
    struct hash block_hash; /* of the block */
};

struct block_job {
    struct job job; /* first: the workers know no more of it */
    _Atomic uint32_t holder;

    /* The task. */
    uint8_t task; /* enum block_task */
    block_hash *hash_with;
    uint32_t size;              /* bytes of the block */
    struct chunk *read;         /* IMAGE, HASH: the block; VERIFY: where it is unpacked to */
    struct chunk *copy;         /* IMAGE */
    struct packed_block packed; /* IMAGE: its chunk alone; VERIFY: all of it */
    void *page;
    uint64_t page_address;
    enum memory_repeat (*test_page)(void *page, uint64_t address);

    /* The answer. */
    struct hash hash; /* on arrival */
    bool mismatch;
    uint8_t hop;      /* enum hop: where */
    bool compute;     /* equal bytes gave two hashes, and again when hashed twice more */
    bool packed_form; /* VERIFY: the packed bytes differ, not only what comes of them */
    uint8_t repeat;   /* enum memory_repeat */

    struct pack_state pack;
};

/* Makes the job fresh, with nothing in it. */
void block_job_init(struct block_job *job, enum block_task task, block_hash *hash_with);

/* The processor that took the job; false when none did. */
bool block_job_taken(struct block_job *job, unsigned *ret_processor);
/* Nobody will do the job from now on, though it may still stand in a queue; false when somebody
 * has it already. */
bool block_job_withdraw(struct block_job *job);
/* True for a job that is done because it was withdrawn. */
bool block_job_withdrawn(struct block_job *job);

#endif
