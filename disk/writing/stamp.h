/*
 * What Assay writes to a drive: blocks of which every 64 bytes say whose they are.
 *
 * A line of 64 bytes holds eight little-endian 64-bit words: a magic number, the run that wrote it,
 * the LBA it was written to, the generation and the number of the line in its block, three words of
 * pseudo-random payload made from these, and a hash (XXH3) of the seven. So each line alone tells
 * that it is whole and where and when it belongs, and a block whose lines disagree tells which of
 * its parts came from which write. A block can thus be lost, misplaced, torn or corrupted without
 * anybody keeping a copy, and a later run can read what an interrupted one left.
 *
 * Generations count from 1 within a run. What stood below generation 1 is not known: it may be
 * anything. What stands below a later one is a stamp. Two runs must not have the same number.
 */
#ifndef ASSAY_DISK_STAMP_H
#define ASSAY_DISK_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STAMP_LINE = 64,
    STAMP_SECTOR = 512,     /* a part of a larger block that a cut may leave unwritten */
    STAMP_BLOCK_MIN = 512,  /* bytes of a block, */
    STAMP_BLOCK_MAX = 4096, /* a multiple of STAMP_LINE */
    STAMP_ALIKE = 64,       /* bits that a line may differ in and still be called damaged */
};

/* Which write a block is from. The generation is below 2^56. */
struct stamp {
    uint64_t run;
    uint64_t generation;
};

enum stamp_state {
    STAMP_GOOD,
    STAMP_EMPTY,     /* no line of it is Assay's */
    STAMP_LOST,      /* whole, of another generation or run, or what stood there before any */
    STAMP_MISPLACED, /* written to another LBA */
    STAMP_TORN,      /* parts are from one write, parts from another or from before any */
    STAMP_CORRUPTED, /* it holds what was never written there */
    STAMP_STATES,
};

/* What a block holds. */
struct stamp_result {
    uint8_t state; /* enum stamp_state */
    bool has_found;
    uint64_t found_lba; /* where the first line that is not as expected says it belongs */
    struct stamp found;
    uint16_t lines;       /* in the block, */
    uint16_t good;        /* as expected */
    uint16_t older;       /* of this LBA, and another generation or run */
    uint16_t elsewhere;   /* of another LBA or another place in the block */
    uint16_t damaged;     /* nearly as expected */
    uint16_t foreign;     /* anything else */
    uint16_t odd, odd_to; /* first line that is not as expected, and the last */
    uint32_t bits;        /* that differ in damaged lines */
};

/* Fills `blocks` blocks that belong at `lba` and up. */
void stamp_fill(void *buffer, uint32_t block_size, uint64_t lba, uint32_t blocks,
                struct stamp stamp);

/* How many blocks from the first one on are good, all of them or fewer: `blocks` when all are. */
uint32_t stamp_check(const void *buffer, uint32_t block_size, uint64_t lba, uint32_t blocks,
                     struct stamp stamp);

/*
 * What one block is that should be of this stamp. Rules, in their order:
 *   GOOD       every line is;
 *   CORRUPTED  a line is damaged; or some are foreign and the write was not the first: what stood
 *              below was a stamp;
 *   TORN       some lines are good and some are not; foreign ones fill whole sectors of 512 bytes;
 *   MISPLACED  a line belongs elsewhere;
 *   TORN       lines are of different writes;
 *   LOST       every line is of one other write, or, where this was the first, foreign;
 *   CORRUPTED  the rest.
 */
enum stamp_state stamp_examine(const void *block, uint32_t block_size, uint64_t lba,
                               struct stamp stamp, struct stamp_result *ret_result);

/*
 * What one block is that may be of any run and generation, or none: GOOD when it is whole and
 * belongs where it stands, EMPTY when no line is Assay's. MISPLACED when a line belongs elsewhere,
 * TORN when lines are of different writes or whole sectors are not Assay's, CORRUPTED for the rest.
 * `found` is what the first line of Assay's says.
 */
enum stamp_state stamp_inspect(const void *block, uint32_t block_size, uint64_t lba,
                               struct stamp_result *ret_result);

#endif
