/*
 * The report files of a run, as one table: what the image writes on the stick and what
 * assay-report makes from a journal on any host are the same.
 */
#ifndef ASSAY_REPORT_FILES_H
#define ASSAY_REPORT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/model.h"
#include "report/output.h"

struct report_source {
    const char *journal;
    size_t size;
    const struct model *model; /* built from this journal */
};

struct report_file {
    const char *name;
    uint32_t room; /* bytes that are kept for it in a prepared folder */
    bool (*is_due)(const struct report_source *source); /* NULL: always */
    /* OK, or the first error of the output. */
    int (*write)(const struct report_source *source, const struct output *output);
};

enum { REPORT_FILES = 5 };

/* The one a technician needs most comes first: a stick may be full. */
extern const struct report_file report_files[REPORT_FILES];

#endif
