/*
 * Reading that believes nobody.
 *
 * Each read goes into a buffer that carries a canary (canary.h) and is timed. When the device
 * reports a failure, or claims success and part of the canary is left, the truth is looked for:
 * the request is read again in ever smaller pieces, in ascending order, until the first bad block
 * is found; the drive is asked for that block with its own command, where there is a way to ask;
 * the blocks behind it are read until one is good; and the rest of the request is read as well. A
 * sixteenth at a time, and not by halves: of the reads that narrow it down only three fail, and it
 * is failing ones that take a drive thirty seconds.
 *
 * Each bad place is one EVENT_DISK_ERROR. Its fault is
 *   MEDIUM   when the drive says so (status.h), or when the block fails again without a reason
 *            given while another block of the drive reads well;
 *   LINK     when the drive says so;
 *   TIMEOUT, GONE  as the device reported it; GONE also for a drive that read well before and of
 *            which now no block tried can be read, for a bus may go on answering for a drive that
 *            was pulled;
 *   STALE    when the buffer was left untouched and the drive, asked itself, is content, or when
 *            that happened once and cannot be asked about;
 *   ABORTED  for the rest.
 *
 * After READER_FAILURES_MAX bad places, or when the device has left, the drive is given up:
 * EVENT_NOT_TESTED says so once, and it is read no more.
 */
#ifndef ASSAY_DISK_READER_H
#define ASSAY_DISK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "disk/request.h"

enum {
    READER_SIZE_MAX = 1024 * 1024, /* bytes of a request */
    READER_FAILURES_MAX = 16,
    READER_PIECES = 16,           /* into which a failing range is cut */
    READER_NARROW_US = 60000000,  /* for one bad place; a read already begun is waited for */
    READER_REQUEST_US = 60000000, /* after which no further place of a request is looked for */
    READER_PLACES_MAX = 4,        /* bad places looked for in one request */
    READER_EXTENT_MAX = 64,       /* blocks counted behind a bad one, itself included */
};

struct disk_reader {
    const struct block_device *device;
    const struct clock *clock;
    const struct sink *sink;
    uint64_t seed;     /* state of the canary's seeds */
    bool has_read;     /* some read of it was good */
    unsigned failures; /* bad places so far */
    bool given_up;

    /* Of the read that ended last. */
    uint64_t duration_us; /* of its first attempt */
    bool clean;           /* it had no error and no retry */
    uint64_t canary_seed; /* of what was last read into its buffer */

    /* Called between the reads that look for a bad place, which may take minutes: to tend the
     * watchdog, the sensors, the journal. NULL: nothing to do. It must not use this reader. */
    void (*pause)(void *context);
    void *pause_context;
};

void disk_reader_init(struct disk_reader *reader, const struct block_device *device,
                      const struct clock *clock, const struct sink *sink, uint64_t seed);

/*
 * Reads blocks lba to lba + blocks - 1 into buffer, at most READER_SIZE_MAX bytes. OK when all
 * data has come, be it at a second attempt, which `clean` then denies and an event tells.
 * ERR_IO, ERR_TIMEOUT, ERR_STALE or ERR_GONE when it has not: the events were emitted, and what
 * stands in the buffer is of no use. ERR_RANGE for a request that is empty, too long or beyond the
 * device; ERR_REFUSED after the drive was given up.
 */
int disk_read_checked(struct disk_reader *reader, uint64_t lba, uint32_t blocks, void *buffer);

/* A read that waits at the device while its owner does other things. */
struct disk_read {
    struct block_request request;
    uint64_t canary_seed;
};

/*
 * Begins a read; of a device that is synchronous it is done when this returns. ERR_RANGE and
 * ERR_REFUSED as above; ERR_FULL when the device takes no more now.
 */
int disk_read_begin(struct disk_reader *reader, struct disk_read *read, uint64_t lba,
                    uint32_t blocks, void *buffer);

/* To be called when read->request.done: checks what has come and, where that is not all, looks for
 * the truth, which takes its time. Returns what disk_read_checked() does. */
int disk_read_end(struct disk_reader *reader, struct disk_read *read);

#endif
