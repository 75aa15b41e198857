/*
 * bad-memory.txt: the pages that failed, in the words of the systems that can leave them out:
 * Linux memmap= (kernel-parameters.txt), GRUB badram (GRUB manual), Windows badmemorylist
 * (bcdedit).
 *
 * A page is in the list when a memory test found a wrong word in it, or when it failed again after
 * a block had differed. A region of wrong words is listed as a whole only where all of its pages
 * are known to be bad; else the file says which region it does not list all of. It is a stopgap
 * until the module is replaced, and the file says so.
 */
#ifndef ASSAY_REPORT_BAD_MEMORY_H
#define ASSAY_REPORT_BAD_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "report/output.h"

/* True when the journal tells of a bad page: only then is there a file. */
bool bad_memory_exists(const char *journal, size_t size);

/* Writes the file: at most BAD_MEMORY_RANGES ranges of pages; the other pages are counted, each
 * once, up to 4096. */
enum { BAD_MEMORY_RANGES = 128 };

int bad_memory_write(const char *journal, size_t size, const struct output *output);

#endif
