/*
 * What kind of fault does a page have?
 *
 * A page in which a memory test found wrong words is tested again, alone, as page_test() does.
 * Then single words of it are examined: can the cell take both values, each after the other; does
 * it keep them while other cells are written; does it keep them for milliseconds; does its write
 * show at another address? What is found first of these is the shape of the fault. Everything here
 * is bounded: some tens of milliseconds for a page, less than half a second at worst.
 *
 * A cell that cannot rise and stands at 0 cannot be told from one that is stuck at 0; it is a
 * transition fault where it was seen to hold a 1, in the test or here. A fault whose other half
 * lies in memory that this job does not hold may hold in every try.
 */
#ifndef ASSAY_STRESS_PAGE_EXAMINE_H
#define ASSAY_STRESS_PAGE_EXAMINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "stress/kernel.h"
#include "stress/page_test.h"

enum {
    EXAMINED_WORDS = 4, /* of one page */
    EXAMINED_BITS = 4,  /* of one word, each alone */
    HELD_SPANS_MAX = 16,
};

struct page_task {
    uint64_t *page;   /* PAGE_TEST_SIZE bytes, aligned to that; what it holds is lost */
    uint64_t address; /* physical */
    unsigned rounds;  /* as of page_test() */
    const struct page_pause *pause;    /* NULL: page_test()'s own */
    const struct memory_fault *faults; /* what was wrong in this page; may be NULL */
    size_t fault_count;
    const struct span *held; /* other memory that nobody else uses now, HELD_SPANS_MAX spans at
                              * most; it may be written to, and holds afterwards what it held
                              * before. The page may lie in it. */
    size_t held_count;
};

struct page_result {
    enum memory_repeat repeat; /* REPEAT_FAILED: the page failed again, alone */
    enum memory_shape shape;
    uint64_t other; /* of SHAPE_DECODER: the other address of the word, or 0 */
};

struct page_result page_examine(const struct page_task *task);

#endif
