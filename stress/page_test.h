/*
 * One page of memory, tested alone: does a place that failed once fail again?
 *
 * The page is filled, written back past the caches, left alone for some milliseconds, so that a
 * weak cell has the time to lose what it holds, and verified; with alternating bits, with random
 * ones, and with the complements of both. What the page held is lost.
 */
#ifndef ASSAY_STRESS_PAGE_TEST_H
#define ASSAY_STRESS_PAGE_TEST_H

#include <stdint.h>

#include "base/event.h"
#include "stress/kernel.h"
#include "stress/pattern.h"

enum { PAGE_TEST_SIZE = BLOCK_SIZE, PAGE_TEST_ROUNDS_MAX = 64 };

/*
 * What passes between writing and reading: `wait` after a filling, for a few milliseconds at most;
 * `settle` after each write that is read back at once (page_examine.h), NULL for nothing. Both may
 * run on any processor, so they must not call firmware there; they may load the memory or the bus
 * meanwhile.
 */
struct page_pause {
    void *context;
    void (*wait)(void *context);
    void (*settle)(void *context);
};

extern const struct page_pause page_spinning; /* for 2 to 10 ms, on the processor that tests */

/*
 * Tests `page` (4096 bytes, aligned to 4096, at the physical `address`) `rounds` times, 1 to
 * PAGE_TEST_ROUNDS_MAX, each with four fillings. REPEAT_FAILED at the first difference, else
 * REPEAT_HELD; REPEAT_NOT_TRIED with no rounds. Without a pause of the caller's, it spins for 2 to
 * 10 ms per filling.
 */
enum memory_repeat page_test(void *page, uint64_t address, unsigned rounds);
enum memory_repeat page_test_with(void *page, uint64_t address, unsigned rounds,
                                  const struct page_pause *pause);
/* The same, and the wrong words of the first difference are added to `faults`. */
enum memory_repeat page_test_collect(void *page, uint64_t address, unsigned rounds,
                                     const struct page_pause *pause, struct memory_faults *faults);

#endif
