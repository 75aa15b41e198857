/*
 * The fault matrix: each memory test, run alone through the real memory phase, over memory with one
 * fault of each class, at a place drawn from a seed.
 *
 * A fault is found when an EVENT_MEMORY_ERROR names its word, or one of the two for faults of the
 * decoder; an error elsewhere does not count.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_MATRIX_H
#define ASSAY_TESTS_SIM_MEMORY_MATRIX_H

#include "stress/memory_run.h"
#include "tests/sim/memory_machine.h"
#include "tests/sim/memory_pages.h"

enum {
    MATRIX_CHUNK = 16384,
    MATRIX_CHUNKS = 8,
    MATRIX_SIZE = MATRIX_CHUNKS * MATRIX_CHUNK,
    MATRIX_CACHE_ROWS = 128, /* of a cache before the memory: a sixteenth of it */
};

/* Where the other cell of a fault lies. */
enum matrix_other {
    OTHER_NONE,
    OTHER_LINE, /* another cache line: of the block, of the chunk, of all, by turns */
    OTHER_WORD, /* another word of the same line */
    OTHER_BIT,  /* another bit of the same word */
    OTHER_PAGE, /* another page, the whole of which is the same cells */
    OTHER_HALF, /* where one address line, from that of 64 bytes on, has the other value */
};

struct matrix_class {
    const char *id;
    const char *description;
    uint32_t claim; /* enum memory_claim; 0: no test claims it */
    enum sim_memory_fault_kind kind;
    enum matrix_other other;
};

extern const struct matrix_class matrix_classes[];
extern const size_t matrix_class_count;

/* A fault at a place. */
struct matrix_case {
    unsigned test;      /* in memory_tests[] */
    size_t class;       /* in matrix_classes[] */
    uint64_t seed;      /* of the place, and of the run */
    size_t cached_rows; /* 0: no cache before the memory */
};

/* A drive that always delivers the same, some polls after it was asked. */
struct matrix_drive {
    uint64_t sample[MATRIX_CHUNK / 8];
    unsigned polls_left;
};

/* What a case is run in; one for each thread. */
struct matrix_rig {
    struct memory_pages pages;
    struct memory_machine machine;
    struct memory_run *run;
    struct matrix_drive drive;
};

/* memory_rows_use() must have been called. */
void matrix_rig_open(struct matrix_rig *rig);
void matrix_rig_close(struct matrix_rig *rig);

/* The fault of a case. */
struct sim_memory_fault matrix_fault(const struct matrix_case *test);
/* True when it was found. */
bool matrix_found(struct matrix_rig *rig, const struct matrix_case *test);
/* Errors that the tests of a mask report of memory without a fault. With every second seed the
 * model watches a word all the same, with every fourth behind a cache. */
size_t matrix_errors_when_healthy(struct matrix_rig *rig, uint32_t tests, uint64_t seed);

#endif
