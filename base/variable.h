/*
 * The variable seam: one small value of Assay's own that outlives a reset of the machine, in the
 * firmware's store of variables.
 *
 * Some machines never start again when that store has filled up: whoever writes asks for the space
 * first and leaves half of it free (report/outline_keeper.h).
 */
#ifndef ASSAY_BASE_VARIABLE_H
#define ASSAY_BASE_VARIABLE_H

#include <stddef.h>
#include <stdint.h>

struct variable_space {
    uint64_t total, free; /* bytes of the whole store */
    uint64_t largest;     /* that one variable may have, its name and header included */
};

struct variable {
    void *context;

    /* ERR_UNSUPPORTED where the firmware does not tell. */
    int (*space)(void *context, struct variable_space *ret_space);
    int (*write)(void *context, const void *data, size_t size);
    /* ERR_ABSENT, ERR_FULL when it is larger than the buffer. */
    int (*read)(void *context, void *buffer, size_t size, size_t *ret_size);
    int (*erase)(void *context);
};

#endif
