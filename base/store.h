/*
 * The file store seam: the folder of one run, on the volume Assay was started from.
 *
 * Names are plain file names of 8.3 or long form, no folders in them. One file is written at a
 * time, except the journal, which stays open beside it.
 */
#ifndef ASSAY_BASE_STORE_H
#define ASSAY_BASE_STORE_H

#include <stddef.h>
#include <stdint.h>

struct store {
    void *context;

    /* Makes (or empties) a file and leaves it open for append. ERR_FULL, ERR_REFUSED, ERR_IO. */
    int (*create)(void *context, const char *name);
    int (*append)(void *context, const void *data, size_t size);
    int (*finish)(void *context);

    /* Makes the journal file, `size` bytes of blanks, and brings it to the medium. */
    int (*journal_create)(void *context, size_t size);
    /* Overwrites in place; offset + size never passes the end. */
    int (*journal_write)(void *context, size_t offset, const void *data, size_t size);
    /* Returns when what was written is on the medium. */
    int (*journal_flush)(void *context);
    /* Ends the journal: its file is cut to `size` bytes and closed. */
    int (*journal_close)(void *context, size_t size);
};

#endif
