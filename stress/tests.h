/*
 * The memory tests: one const record each, in the order in which they run.
 *
 * A test is a list of steps. Each step is done to all of the memory before the next one begins, so
 * that writing and reading a word lie far apart, and a wrong address line shows: it is seen only
 * when everything was filled before anything is verified. The list is gone through once or
 * several times, each turn with another seed.
 *
 * The words of a test follow from the seed of the run, the test, the turn and the physical address
 * alone, whichever other tests are chosen, so that a range can be tested again by itself with the
 * same words. What a block move copies and what a drive delivers are the exceptions.
 */
#ifndef ASSAY_STRESS_TESTS_H
#define ASSAY_STRESS_TESTS_H

#include <stddef.h>
#include <stdint.h>

#include "stress/pattern.h"

enum memory_operation {
    OPERATION_FILL,
    OPERATION_VERIFY,
    OPERATION_INVERT_UP, /* verify `pattern`, write its complement, addresses ascending */
    OPERATION_INVERT_DOWN,
    OPERATION_MOVE_UP, /* copy the lower half of a chunk to its upper half, verify both */
    OPERATION_MOVE_DOWN,
    OPERATION_SURROUND, /* all but each 20th word become the complement of `pattern` */
    OPERATION_VERIFY_SURROUNDED,
    OPERATION_PING_PONG, /* two processors invert alternate words of the same lines, and back */
    OPERATION_DMA_LOWER, /* a drive reads into the lower half, processors invert the upper one */
    OPERATION_DMA_UPPER,
    OPERATION_ACTIVATE, /* read two rows of the middle of a chunk in turn, very often */
    OPERATION_WAIT,     /* leave all memory alone for `seconds` */
    OPERATIONS,
};

struct memory_step {
    uint8_t operation; /* enum memory_operation */
    uint8_t pattern;   /* enum pattern: written by a fill, expected by the others */
    uint8_t seconds;   /* of a wait */
};

/*
 * The classes of faults that a test says it finds, each wherever the fault lies. The names are
 * those of van de Goor, "Testing Semiconductor Memories". Of two coupled cells each lies in a cache
 * line of its own: a line is written as one, and memory sees no order within it.
 */
enum memory_claim {
    CLAIM_STUCK = 1 << 0,
    CLAIM_TRANSITION = 1 << 1,          /* a cell that cannot rise, or cannot fall */
    CLAIM_COUPLING_INVERSION = 1 << 2,  /* a change of one cell inverts another */
    CLAIM_COUPLING_IDEMPOTENT = 1 << 3, /* a change of one cell sets or clears another */
    CLAIM_DECODER = 1 << 4,             /* two addresses reach one cell */
    CLAIM_READ_DISTURB = 1 << 5,        /* reading a word changes it */
    CLAIM_RETENTION = 1 << 6,           /* a cell loses what it holds in time */
    CLAIM_TRAFFIC = 1 << 7,             /* words go wrong only when much is moved at once */
};

struct memory_test {
    const char *id;
    const char *description;
    const char *finds;
    const char *misses;
    uint32_t claims; /* enum memory_claim */
    const struct memory_step *steps;
    size_t step_count;
    unsigned turns; /* how often the steps are gone through, 1 to MEMORY_TURNS_MAX */
};

/* In the order in which they run; these numbers go into the seeds of the words. */
enum memory_test_number {
    TEST_OWN_ADDRESS,
    TEST_MOVING_INVERSIONS,
    TEST_RANDOM,
    TEST_BLOCK_MOVE,
    TEST_PING_PONG,
    TEST_DMA,
    TEST_WALKING,
    TEST_MODULO,
    TEST_BIT_FADE,
    TEST_ROW_ACTIVATION,
    MEMORY_TESTS,
};

enum {
    MEMORY_TURNS_MAX = 256,

    /* Masks. "all" leaves out what is done only when it is named. */
    MEMORY_TESTS_FAST = (1 << TEST_WALKING) - 1,
    MEMORY_TESTS_ALL = (1 << TEST_ROW_ACTIVATION) - 1,
};

extern const struct memory_test memory_tests[MEMORY_TESTS];

/* The seed of the words of one turn; its lowest eight bits are the turn. */
uint64_t memory_test_seed(uint64_t run_seed, unsigned test, unsigned turn);

/* True for operations that compare what memory holds. */
bool operation_verifies(enum memory_operation operation);
/* True for operations that write a whole chunk anew, whatever it held. */
bool operation_fills(enum memory_operation operation);

/*
 * What a chunk holds (`filled` of base/pool.h): 0 when that is not known, a pattern plus one, or
 * that with FILLING_SURROUNDED: the pattern in each 20th word and its complement in the others.
 */
enum { FILLING_SURROUNDED = 0x80 };

/* What a chunk must hold for a step; 0: anything. */
uint8_t step_needs(const struct memory_step *step);
/* What it holds after the step. */
uint8_t step_filling(const struct memory_step *step);
/* How many times the bytes under it a step moves, rounded. */
unsigned step_moves(const struct memory_step *step);

/*
 * Reads the option `tests=`: "all", or ids separated by commas. ret_mask gets bit i for
 * memory_tests[i]. ERR_ABSENT for a name that is not in the table, or an empty one: ret_mask is
 * untouched and the name, cut to `size`, is in `bad`.
 */
int memory_tests_select(const char *list, uint32_t *ret_mask, char *bad, size_t size);
/* True when the list names tests, which then run whatever the plan; false for "all", of which a
 * plan may leave some out. */
bool memory_tests_named(const char *list);

/* How many times the memory under test its bytes are moved by the tests of a mask. */
unsigned memory_tests_moves(uint32_t mask);
/* How long they leave it alone, in seconds. */
unsigned memory_tests_wait_s(uint32_t mask);

/*
 * The work of a step, and of all tests of a mask, on so many chunks, in fillings of one chunk. A
 * second of waiting is worth as many as all processors do in it together; `rate` is what they fill
 * in bytes per second, 0: not measured.
 */
uint64_t second_work(uint64_t rate);
uint64_t step_work(const struct memory_step *step, uint64_t chunks, uint64_t rate);
uint64_t memory_tests_work(uint32_t mask, uint64_t chunks, uint64_t rate);

#endif
