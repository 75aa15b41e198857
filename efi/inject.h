/*
 * The self-test: named faults put in at the seams, so that anyone can see on a healthy machine
 * what each verdict looks like. A run with injected faults says so in its first event and on every
 * report. Knows no firmware.
 */
#ifndef ASSAY_EFI_INJECT_H
#define ASSAY_EFI_INJECT_H

#include "base/block.h"
#include "base/event.h"
#include "base/options.h"
#include "base/pool.h"

enum {
    INJECT_MEDIA_LBA = 2048, /* the sector that cannot be read */
    INJECT_STALE_LBA = 4096, /* the sector whose read claims success */
};

struct injector {
    uint32_t faults; /* bit n: enum inject n */
    const struct sink *sink;
    struct sink filter; /* for the sensors: the first fan stops */
    struct block_device *device, healthy;
    struct pool *pool;
    uint16_t fan;         /* series plus one of the first fan; 0: not seen yet */
    unsigned fan_samples; /* since the machine is under load */
    bool loaded;          /* set by the run: a fan that stops in an idle machine is no fault */
    bool checked;         /* the machine check was given */
};

void inject_begin(struct injector *injector, uint32_t faults, const struct sink *sink);

/* Wraps a drive, the first one of a run; undone by inject_end. */
void inject_disk(struct injector *injector, struct block_device *device);
void inject_end(struct injector *injector);

/* The sink that sensors are to use. */
const struct sink *inject_sink(struct injector *injector);

/* Called again and again: holds the memory's bit, gives the machine check. */
void inject_tick(struct injector *injector);

#endif
