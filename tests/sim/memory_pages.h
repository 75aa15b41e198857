/*
 * Pages of which several can be one: a range of memory in which a page is mapped twice, so that two
 * addresses reach one cell as behind a wrong address decoder, for any work at all.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_PAGES_H
#define ASSAY_TESTS_SIM_MEMORY_PAGES_H

#include <stddef.h>
#include <stdint.h>

struct memory_pages {
    uint64_t *words;
    size_t size;
    int file;
};

/* `size` bytes, a multiple of the size of a page. */
void memory_pages_open(struct memory_pages *pages, size_t size);
void memory_pages_close(struct memory_pages *pages);

/* From now on `page` reaches what `other` reaches; both are indices of pages. */
void memory_pages_alias(struct memory_pages *pages, size_t page, size_t other);
/* Each page reaches its own cells again. */
void memory_pages_mend(struct memory_pages *pages);

#endif
