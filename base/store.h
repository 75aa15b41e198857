/*
 * The file store seam: the folder of one run, on the volume Assay was started from.
 *
 * Names are plain file names of 8.3 or long form, no folders in them. The files are there before
 * the run, full of blanks, and are overwritten in place; until it is said otherwise none grows.
 * One file is written at a time, except the journal, which stays open beside it.
 */
#ifndef ASSAY_BASE_STORE_H
#define ASSAY_BASE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store {
    void *context;

    /* Opens a file to be written from its start. `grows`: it may get longer, and is made where it
     * is not there; else ERR_ABSENT, or later ERR_FULL, say that it has to be written that way.
     * Other errors: ERR_REFUSED, ERR_IO, and ERR_FULL of a medium without room. */
    int (*create)(void *context, const char *name, bool grows);
    int (*append)(void *context, const void *data, size_t size);
    int (*finish)(void *context);

    /* Opens the journal's file, at least `size` bytes of blanks. */
    int (*journal_create)(void *context, size_t size);
    /* Overwrites in place; offset + size never passes the end. */
    int (*journal_write)(void *context, size_t offset, const void *data, size_t size);
    /* Returns when what was written is on the medium. */
    int (*journal_flush)(void *context);
    void (*journal_close)(void *context);
};

#endif
