/*
 * The report files of a run, made from its journal. Knows no firmware.
 */
#ifndef ASSAY_EFI_REPORTS_H
#define ASSAY_EFI_REPORTS_H

#include <stddef.h>

#include "base/store.h"
#include "report/model.h"

/* Writes the files of report/files.h that are due; all are tried. OK, or the first error, with the
 * name of the file it befell. */
int reports_write(const char *journal, size_t size, const struct model *model,
                  const struct store *store, const char **ret_name);

#endif
