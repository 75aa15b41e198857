/*
 * A simulated drive that is written to, with named faults, on a simulated clock. It keeps what it
 * is given in memory, and counts every block written outside of what was permitted.
 */
#ifndef ASSAY_TESTS_SIM_WRITE_DRIVE_H
#define ASSAY_TESTS_SIM_WRITE_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "tests/sim/clock.h"

/* Faults act on the block fault_lba, from its write number fault_from (counted from 1) on, and on
 * fault_times of its writes or reads, or always with 0. */
enum write_drive_fault {
    WRITES_WELL,
    WRITES_DROPPED,   /* success, and the block keeps what it held */
    WRITES_MISPLACED, /* it goes to fault_to instead */
    WRITES_TORN,      /* only its first fault_bytes are written */
    WRITES_FLIPPED,   /* a bit of it is flipped */
    WRITES_FAIL,      /* ERR_IO, nothing of the request is written */
    WRITES_REFUSED,   /* every one: ERR_REFUSED */
    FLUSHES_FAIL,     /* ERR_IO */
    READS_FAIL,       /* ERR_IO for a request with the block in it */
    READS_UNFILLED,   /* success, and the buffer stays as it was */
    READS_FLIPPED,    /* a bit of it is flipped on its way */
    POWER_CUT,        /* after fault_from blocks: the next keeps fault_bytes, then ERR_GONE */
    BUFFER_CHANGES,   /* right on the drive; then a bit of the buffer changes */
    WRITE_DRIVE_FAULTS,
};

enum { WRITE_DRIVE_DEPTH = 8, WRITE_DRIVE_RANGES = 4 };

struct write_drive {
    enum write_drive_fault fault;
    uint64_t fault_lba, fault_to;
    uint32_t fault_from, fault_times, fault_bytes;

    struct block_device device; /* the seam over it */
    struct sim_clock *clock;
    uint8_t *store;
    uint64_t permitted[WRITE_DRIVE_RANGES][2]; /* first block, and how many */
    uint64_t outside;                          /* blocks written elsewhere */
    uint64_t written, reads, flushes;          /* blocks, blocks, flushes */
    uint64_t unflushed;                        /* blocks since the last flush */
    uint32_t writes_of_block, met;
    bool dead;
    uint64_t seed; /* of the order in which queued requests end */
    struct block_request *queue[WRITE_DRIVE_DEPTH];
    unsigned queued, deepest;
};

/* A healthy drive; with `depth` above 1 it takes so many requests at once and ends them in any
 * order. Its content is zeros. */
void write_drive_init(struct write_drive *drive, struct sim_clock *clock, uint32_t block_size,
                      uint64_t block_count, unsigned depth, uint64_t seed);
void write_drive_free(struct write_drive *drive);
/* After a cut: powered again, without a fault, with what it holds. */
void write_drive_restart(struct write_drive *drive);
void write_drive_permit(struct write_drive *drive, unsigned index, uint64_t first, uint64_t blocks);
uint8_t *write_drive_block(struct write_drive *drive, uint64_t lba);

#endif
