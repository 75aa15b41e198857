/*
 * What was written down of errors before the run, as rows of one kind: error records (cper.h), the
 * BMC's event log (sel.h) and the error registers of PCI Express devices (aer.h).
 *
 * Bytes come in, rows of struct event_prior_error go out. In a row, `part` and `other` are numbers
 * of modules in the memory map, counted from 1; who emits the row puts the parts' numbers there.
 */
#ifndef ASSAY_SENSORS_PRIOR_H
#define ASSAY_SENSORS_PRIOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "sensors/aer.h"
#include "sensors/memory_map.h"
#include "sensors/sel.h"

struct prior_list {
    struct event_prior_error *rows;
    unsigned count, limit;
    unsigned lost;                /* found no room */
    const struct memory_map *map; /* to name modules by; NULL: none is named */
};

/*
 * A region of blocks, as BERT names it. ERR_FORMAT or ERR_FULL when blocks or sections of it make
 * no sense or are too many: what came before them is in the list.
 */
int prior_add_region(struct prior_list *list, const void *region, size_t size);

/* One record, as a variable HwErrRec#### holds it. Errors as above. */
int prior_add_record(struct prior_list *list, const void *record, size_t size);

/*
 * The errors that stand in a device's registers; `place` is its address. False where there is
 * none. Not counted as errors are requests that a device does not support and violations of access
 * control, which the search for devices leaves behind on healthy machines.
 */
bool prior_add_device(struct prior_list *list, const struct pcie_device *device, const char *place);

/*
 * A record of the event log. False for one that tells of no fault and of no fault's end. A fault
 * is of one place and code until the row of the same two that says `ended`.
 */
bool prior_of_sel(const struct sel_record *record, struct event_prior_error *ret_error);

#endif
