/*
 * The self-test: named faults put in at the seams, so that anyone can see on a healthy machine
 * what each verdict looks like. A run with injected faults says so in its first event and on every
 * report. Knows no firmware.
 *
 * inject.c has the faults of memory, sensors and processors, inject_disk.c those of the first
 * drive. A fault for which the machine has no place (a fan where no fan is seen) does nothing.
 */
#ifndef ASSAY_EFI_INJECT_H
#define ASSAY_EFI_INJECT_H

#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/options.h"
#include "base/pool.h"
#include "disk/imaging/block_job.h"
#include "stress/page_test.h"

enum {
    INJECT_MEDIA_LBA = 2048,   /* the sector that cannot be read */
    INJECT_STALE_LBA = 4096,   /* the sector whose read claims success */
    INJECT_CORRUPT_LBA = 6144, /* the sector that reads otherwise each second time */
};

/* A series whose samples are changed; `series` is its number plus one, 0: not seen yet. */
struct injected_series {
    uint16_t series;
    unsigned samples; /* since the machine is under load */
    int64_t limit;
};

struct injector {
    uint32_t faults; /* bit n: enum inject n */
    const struct clock *clock;
    const struct sink *behind; /* where events go in the end */
    struct sink sink;
    bool loaded;          /* set by the run: what comes with load is no fault in an idle machine */
    bool checked;         /* the machine checks were given */
    unsigned link_errors; /* given so far */
    uint64_t due_us;

    struct pool *pool;
    struct page_pause pause; /* holds the bit between writing and reading */
    struct injected_series fan, heat, drive_heat, rail; /* the first of each kind */

    struct block_device *device, healthy;
    unsigned corrupt_reads; /* of the sector that differs */
    uint64_t loaded_us;     /* the first read under load; 0: none yet */
};

/* `sink` is where events go behind the injector. */
void inject_begin(struct injector *injector, uint32_t faults, const struct clock *clock,
                  const struct sink *sink);

/* The sink that the run is to use: events of sensors are changed on their way. */
const struct sink *inject_sink(struct injector *injector);

/* At the inventory: an earlier run without an end, and a module that is not usable. */
void inject_inventory(struct injector *injector, struct numbers *numbers);

/* Wraps a drive, the first one of a run; undone by inject_end. */
void inject_disk(struct injector *injector, struct block_device *device);
void inject_end(struct injector *injector);

/* The hash that the processors of the imaging load are to use, one of them wrongly; NULL: their
 * own.
 */
block_hash *inject_hash(const struct injector *injector);

/* What the retest of a page is to do between writing and reading; NULL: nothing of its own. */
const struct page_pause *inject_pause(const struct injector *injector);

/* Called again and again: holds what is stuck in memory, gives the machine checks and heat. */
void inject_tick(struct injector *injector);

static inline bool inject_wants(const struct injector *injector, enum inject fault)
{
    return injector->faults >> fault & 1;
}

#endif
