/*
 * The files of runs, and of settings, on the volume that Assay was started from; the reports also
 * go to the partition labelled ASSAY of the same medium (efi/volume.h).
 *
 * From the boot to the verdict on the console nothing changes in the tables of the file system:
 * the files of a run lie prepared and are only overwritten (efi/folders.h).
 */
#ifndef ASSAY_EFI_FILES_H
#define ASSAY_EFI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/store.h"
#include "report/last_moments.h"

/* Opens the volume. False when there is none or it cannot be written, with the reason. */
bool files_open(char *ret_reason, size_t size);

/* Reads a whole file, path with backslashes; ERR_ABSENT, ERR_FULL when it is larger. */
int files_read(const char *path, void *buffer, size_t size, size_t *ret_size);

/* True when there is such a file, path with backslashes. */
bool files_exists(const char *path);

/* The highest number of a run that has written a journal; 0 when there is none. */
uint32_t files_last_run(void);

/* The number for a new run. */
uint32_t files_next_run(void);

/* An earlier run that has a beginning and no end. */
struct files_prior {
    struct event_prior_run run;
    size_t end;        /* bytes of its journal that can be trusted */
    uint64_t sequence; /* of its last record */
};

/* Reads the journal of a run, or as much of it as there is room for. ERR_ABSENT, ERR_IO. */
int files_read_journal(uint32_t number, void *buffer, size_t size, size_t *ret_size);

/* True when run `number` is unfinished. The buffer takes its journal; it and `work` are free
 * afterwards. */
bool files_look_back(uint32_t number, struct files_prior *ret_prior, struct last_moments *work,
                     void *buffer, size_t size);

/* Ends the journal of an unfinished run, now that its evidence stands in another report.
 * ERR_FULL: it does not fit into the file as it is, and the file may not grow yet. */
int files_acknowledge(const struct files_prior *prior, bool grows);

/* Takes the folder of this run, on both volumes, and gives the store into it. Where none is
 * prepared it is made now. ERR_FULL: there is no room for one. */
int files_start_run(uint32_t number, struct store *ret_store);

/* After the verdict of run `number`: ends the files of this and of earlier runs before their
 * blanks, and prepares folders for later runs. Returns how many are prepared. */
unsigned files_tidy(uint32_t number);

#endif
