/*
 * The memory tests: one const record each, in the order in which they run.
 *
 * A test is a list of steps. Each step is done to all of the memory before the next one begins, so
 * that writing and reading a word lie far apart, and a wrong address line shows: it is seen only
 * when everything was filled before anything is verified.
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
    OPERATIONS,
};

struct memory_step {
    uint8_t operation; /* enum memory_operation */
    uint8_t pattern;   /* enum pattern: written by a fill, expected by the others */
};

/* The classes of faults that a test says it finds, each wherever the fault lies. The names are
 * those of van de Goor, "Testing Semiconductor Memories". */
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
};

enum { MEMORY_TESTS = 3, MEMORY_TESTS_ALL = (1 << MEMORY_TESTS) - 1 };

extern const struct memory_test memory_tests[MEMORY_TESTS];

/* True for operations that compare what memory holds. */
bool operation_verifies(enum memory_operation operation);
/* The pattern that memory holds after a step. */
enum pattern step_leaves(const struct memory_step *step);
/* How many times the bytes under it a step moves: 1, or 2 where it reads and writes. */
unsigned step_moves(const struct memory_step *step);

/*
 * Reads the option `tests=`: "all", or ids separated by commas. ret_mask gets bit i for
 * memory_tests[i]. ERR_ABSENT for a name that is not in the table, or an empty one: ret_mask is
 * untouched and the name, cut to `size`, is in `bad`.
 */
int memory_tests_select(const char *list, uint32_t *ret_mask, char *bad, size_t size);

/* How many times the memory under test its bytes are moved by the tests of a mask. */
unsigned memory_tests_moves(uint32_t mask);

#endif
