/*
 * A file store in memory with named faults, on a simulated clock.
 *
 * It keeps what the seam promises: one file at a time, the journal beside it, nothing written
 * outside of the journal's size or of what lies prepared. What a caller does against that is
 * counted and refused.
 */
#ifndef ASSAY_TESTS_SIM_STORE_H
#define ASSAY_TESTS_SIM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/store.h"
#include "tests/sim/clock.h"

enum store_fault {
    STORE_HEALTHY,
    STORE_REFUSES,       /* the journal cannot be made: a medium that is read-only */
    STORE_JOURNAL_FAILS, /* from fault_us on writing the journal fails */
    STORE_FLUSH_FAILS,   /* from fault_us on what was written does not reach the medium */
    STORE_REPORTS_FAIL,  /* from fault_us on no report can be written */
    STORE_SMALL,         /* report.html lies prepared with SMALL_ROOM bytes */
    STORE_FULL,          /* so it does, and it cannot grow */
    STORE_UNPREPARED,    /* no report lies prepared */
};

enum { SIM_STORE_FILES = 8, SIM_STORE_FILE_SIZE = 4 * 1024 * 1024, SMALL_ROOM = 500 };

struct sim_file {
    char name[NAME_SIZE];
    char data[SIM_STORE_FILE_SIZE];
    size_t size;
    bool finished;
};

/* Some megabytes: static, never on a stack. */
struct sim_store {
    struct store seam;
    enum store_fault fault;
    uint64_t fault_us;
    const struct sim_clock *clock;

    char *journal; /* NULL: none was made */
    size_t journal_size;
    bool journal_closed;
    unsigned flushes;
    uint64_t flush_us, longest_us; /* the last flush, and the longest time between two */

    struct sim_file files[SIM_STORE_FILES];
    unsigned file_count;
    struct sim_file *open;
    size_t room;   /* of the open one, in all */
    bool may_grow; /* set once the verdict was said; a file that grows before is a breach */
    unsigned breaches;
};

void sim_store_init(struct sim_store *store, const struct sim_clock *clock);
void sim_store_free(struct sim_store *store);

/* A file that was written to its end, or NULL. */
const struct sim_file *sim_store_file(const struct sim_store *store, const char *name);

#endif
