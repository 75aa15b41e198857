/*
 * The order in which one drive is read.
 *
 * The drive is divided into stretches of 64 MiB (a small drive into quarters of at least 1 MiB)
 * and these are visited in the order of bit-reversed numbers, so that after any time what was read
 * is spread over the whole drive; each is visited once before any is visited again. A visit reads
 * the stretch piece by piece, 1 MiB or the rest, twice: the second time when at least 64 MiB were
 * read elsewhere on the drive, or all the rest of it. Several reads may be under way at once. Only
 * for stretches between their two readings are the hashes kept, at most TOUR_PENDING of them:
 * memory does not grow with the drive.
 */
#ifndef ASSAY_DISK_TOUR_H
#define ASSAY_DISK_TOUR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash.h"
#include "base/pool.h"

enum {
    TOUR_STRETCH_SIZE = 64 * 1024 * 1024,
    TOUR_PIECE_SIZE = CHUNK_SIZE,
    TOUR_PIECES = TOUR_STRETCH_SIZE / TOUR_PIECE_SIZE,
    TOUR_ELSEWHERE_SIZE = 64 * 1024 * 1024,
    TOUR_PENDING = 4,
};

enum tour_piece_state {
    PIECE_UNKNOWN, /* not read, unreadable, or its job was lost: it gets no second reading */
    PIECE_WAITING, /* read, its hash is to come */
    PIECE_KNOWN,
};

/* What the first reading of a piece gave. */
struct tour_piece {
    struct hash hash;
    uint64_t address; /* physical, of the buffer it was read into */
    uint16_t processor;
    uint8_t state; /* enum tour_piece_state */
};

struct tour_stretch {
    uint64_t index;
    uint64_t pass;       /* number of the visit to the whole drive, from 0 */
    uint64_t read_until; /* tour's `begun` when the last read of its first reading was begun */
    uint32_t piece_count;
    struct tour_piece pieces[TOUR_PIECES];
};

enum tour_mode { TOUR_CHOOSE, TOUR_FIRST, TOUR_SECOND };

struct tour {
    uint32_t block_size, piece_blocks;
    uint64_t block_count, stretch_blocks, stretch_count;
    uint64_t offset; /* turns the order, so that runs differ */
    unsigned bits;   /* of a stretch's number */
    uint64_t turn;   /* counts through all numbers of that many bits */
    uint64_t pass;
    uint64_t finished; /* stretches of the first pass that were read twice */
    uint64_t begun;    /* bytes of all reads that were begun, failed ones left out again */
    uint64_t moved;    /* bytes read, repeats counted */
    struct tour_stretch pending[TOUR_PENDING];
    unsigned oldest, pending_count;
    uint8_t mode; /* enum tour_mode */
    uint32_t next_piece;
};

/* One read to be done. `piece` is valid until the second reading of its stretch ends, which waits
 * for it. */
struct tour_read {
    uint64_t lba;
    uint32_t blocks;
    bool second;     /* otherwise the first of its visit */
    bool first_pass; /* of the first visit to this stretch */
    struct tour_piece *piece;
};

/* ERR_RANGE when the block size is 0, not a divisor of 1 MiB, or there are no blocks. */
int tour_init(struct tour *tour, uint32_t block_size, uint64_t block_count, uint64_t seed);

/* What to read next; the same until tour_advance(). False while the second reading of a piece
 * waits for the hash of its first. There is always a next read, pass after pass. */
bool tour_next(struct tour *tour, struct tour_read *ret_read);

/* The read of so many bytes was begun; it ends with one of the two below. */
void tour_advance(struct tour *tour, uint32_t bytes);
void tour_arrived(struct tour *tour, uint32_t bytes);
void tour_failed(struct tour *tour, uint32_t bytes);

/* Other bytes were read on this drive, outside the tour. */
void tour_add_elsewhere(struct tour *tour, uint32_t bytes);

/* How much must be read elsewhere before a read again of `blocks` blocks means something: 64 MiB
 * or, on a small drive, the rest of it. */
uint64_t tour_elsewhere(const struct tour *tour, uint64_t blocks);

/* True when every stretch was visited at least once. */
bool tour_is_over(const struct tour *tour);

#endif
