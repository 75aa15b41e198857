/*
 * Faults of one page at the grain of single writes: what page_pause.settle and page_pause.wait do
 * to it. Those of tests/sim/memory.h, and cells that are slow or that fade.
 */
#ifndef ASSAY_TESTS_SIM_PAGE_FAULTS_H
#define ASSAY_TESTS_SIM_PAGE_FAULTS_H

#include "stress/page_test.h"
#include "tests/sim/memory.h"

enum slow_fault_kind {
    SLOW_NONE,
    SLOW_RISE, /* the first write of a 1 to a cell that holds a 0 is lost, the second takes */
    SLOW_FALL,
    FADE_TO_0, /* what the cell holds is lost in a pause */
    FADE_TO_1,
};

struct page_faults {
    struct sim_memory memory;
    enum slow_fault_kind kind;
    size_t word; /* index into memory.words */
    unsigned bit;
    bool held;  /* what the slow cell holds */
    bool asked; /* a first write was lost */
    struct page_pause pause;
};

void page_faults_init(struct page_faults *faults, uint64_t *words, size_t count);
void page_faults_slow(struct page_faults *faults, enum slow_fault_kind kind, size_t word,
                      unsigned bit);

#endif
