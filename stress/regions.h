/*
 * Regions: many wrong words folded into few entries, and none lost count of.
 *
 * A region is a stretch of memory with wrong words in it. Words of one page, or of pages that
 * touch, are one region; when the table is full, the two regions nearest to each other become one.
 * So a region may hold good pages as well: `pages` says how many are known to be bad. The table is
 * in the order of the addresses, and its regions never share a page.
 */
#ifndef ASSAY_STRESS_REGIONS_H
#define ASSAY_STRESS_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    REGIONS_MAX = 64,
    JOB_REGIONS = 8, /* of what one job finds */
    REGION_PAGE = 4096,
};

struct memory_region {
    uint64_t first, last; /* addresses of the first and of the last wrong word */
    uint64_t words;       /* wrong words */
    uint64_t pages;       /* with wrong words, of one pass over the memory: at least so many */
    uint64_t pass_pages;  /* of the pass that runs */
    uint64_t ones, zeros; /* bits that read 1 and should be 0, and the other way */
    uint16_t tests;       /* the owner's bits */
    uint8_t shape;        /* enum memory_shape; see region_take_shape() */
    uint8_t repeat;       /* enum memory_repeat, the worst */
    bool mixed;           /* shapes that do not go together were seen */
};

/* Room for what one job finds, with one entry more for the moment before two become one. */
struct memory_regions {
    struct memory_region list[JOB_REGIONS + 1];
    size_t count;
};

/* A wrong word; `new_page` says that it is the first of its page in this pass. `limit` is at most
 * JOB_REGIONS. */
void regions_add_word(struct memory_regions *regions, size_t limit, uint64_t address, uint64_t ones,
                      uint64_t zeros, bool new_page);

/* Folds a region into `list`, which has room for limit + 1 entries, and *count of them used. Its
 * pages count as pages of the pass that runs. */
void regions_fold(struct memory_region *list, size_t *count, size_t limit,
                  const struct memory_region *region);

/* Begins another pass: a page fails once in a pass. */
void regions_pass(struct memory_region *list, size_t count);

/* The region that holds an address, or NULL. */
struct memory_region *regions_find(struct memory_region *list, size_t count, uint64_t address);

/* Takes over what a page of the region was found to be. What is only not known, or did not come
 * again, gives way to what is known; two that are known and differ make the region one of an
 * unknown shape. */
void region_take_shape(struct memory_region *region, enum memory_shape shape,
                       enum memory_repeat repeat);

#endif
