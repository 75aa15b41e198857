/*
 * Files on the volume that Assay was started from, and on no other; the finished reports also go
 * to the partition labelled ASSAY of the same medium, because Windows gives an ESP no letter.
 *
 * After the first write error nothing more is written to a volume: a USB CD claims to be writable
 * and stalls for 18 s at every write. FAT is damaged by growth at the moment of a cut, so the
 * journal is made in its full size before the run and only overwritten after that.
 */
#ifndef ASSAY_EFI_FILES_H
#define ASSAY_EFI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/store.h"

/* Opens the volume. False when there is none or it cannot be written, with the reason. */
bool files_open(char *ret_reason, size_t size);

/* Reads a whole file, path with backslashes; ERR_ABSENT, ERR_FULL when it is larger. */
int files_read(const char *path, void *buffer, size_t size, size_t *ret_size);

/* True when there is such a file, path with backslashes. */
bool files_exists(const char *path);

/* The highest number of a run in \assay\runs; 0 when there is none. */
uint32_t files_last_run(void);

/* An earlier run that has a beginning and no end. */
struct files_prior {
    struct event_prior_run run;
    size_t end;        /* bytes of its journal that can be trusted */
    uint64_t sequence; /* of its last record */
};

/* True when run `number` is unfinished. The buffer takes its journal, and is free afterwards. */
bool files_look_back(uint32_t number, struct files_prior *ret_prior, void *buffer, size_t size);

/* Ends the journal of an unfinished run, now that its evidence stands in another report. */
void files_acknowledge(const struct files_prior *prior);

/* Makes the folder of this run, on both volumes, and gives the store into it. */
int files_start_run(uint32_t number, struct store *ret_store);

#endif
