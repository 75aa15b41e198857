/*
 * The search for the bad places of a request that failed (reader.h); the inside of the reader.
 */
#ifndef ASSAY_DISK_SEARCH_H
#define ASSAY_DISK_SEARCH_H

#include <stdint.h>

#include "disk/bad_place.h"
#include "disk/reader.h"

/* Stamps, reads once, and checks. `buffer` is where block lba goes. */
struct attempt reader_attempt(struct disk_reader *reader, uint64_t lba, uint32_t blocks,
                              void *buffer);

/*
 * Looks for what is wrong in a request whose only read so far has failed, and emits it. `buffer`
 * is the request's. OK when all data has come after all, else the error of the first bad place.
 */
int reader_search(struct disk_reader *reader, const struct attempt *failed, void *buffer);

#endif
