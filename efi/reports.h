/*
 * The report files of a run, made from its journal. Knows no firmware.
 */
#ifndef ASSAY_EFI_REPORTS_H
#define ASSAY_EFI_REPORTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/store.h"
#include "report/files.h"

struct reports {
    struct report_source source;
    const struct store *store;
    uint32_t late;      /* bit n: report_files[n] did not fit into its file as it is */
    const char *failed; /* the first file that could not be written, or NULL */
};

/* Writes the files of report/files.h that are due; all are tried. `grows` false: over the files
 * that are there, and those that do not fit are noted as late. True: the late ones, into files that
 * may grow. OK, or the first error. */
int reports_write(struct reports *reports, bool grows);

#endif
