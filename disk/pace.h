/*
 * The pace of one drive: how fast it usually is, and where it was far slower.
 *
 * Reads are gathered into windows of PACE_WINDOW_READS reads or PACE_WINDOW_US of service time,
 * whichever comes first; a read as long as a window begins one, unless a stretch is going on. The
 * usual pace is the median of the first PACE_FIRST windows after PACE_SKIP reads (a disk may have
 * to spin up), and follows later windows slowly; slow ones teach it nothing.
 *
 * A window is slow below an eighth of the usual pace. From this comparison PACE_SEEK_US is taken
 * off each read, for a disk's arm has to move, and a usual pace above PACE_USUAL_MAX counts as
 * that, for such figures come from caches and from blocks that were never written. A slow stretch
 * is at least PACE_STRETCH_WINDOWS slow windows in a row with PACE_STRETCH_US of service time, in
 * which other devices or the memory, as far as known, kept at least half of their own pace. One
 * long read is no stretch, and a machine that stalls as a whole is no slow drive.
 *
 * EVENT_PACE is emitted when a stretch is established and once more, with the same part and lba
 * and its full length, when it ends; for at most PACE_STRETCHES_MAX stretches of a drive.
 */
#ifndef ASSAY_DISK_PACE_H
#define ASSAY_DISK_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/event.h"

enum {
    PACE_READ_MIN = 128 * 1024, /* bytes; smaller reads say more of seeks than of pace */
    PACE_SKIP = 4,
    PACE_FIRST = 9,
    PACE_WINDOW_READS = 8,
    PACE_WINDOW_US = 250000,
    PACE_SLOW = 8,      /* the usual pace divided by this */
    PACE_LEARNING = 64, /* a window moves the usual pace by this part of the difference */
    PACE_SEEK_US = 15000,
    PACE_USUAL_MAX = 800 * 1000 * 1000, /* bytes per second */
    PACE_STRETCH_WINDOWS = 3,
    PACE_STRETCH_US = 3000000,
    PACE_STRETCHES_MAX = 4,
};

/* What pace_add() is told of a read; ORed. */
enum pace_flags {
    PACE_OTHERS_KNOWN = 1, /* another device, or the memory, was measured over the same time */
    PACE_OTHERS_KEPT = 2,  /* and kept at least half of its own pace */
    PACE_UNCLEAN = 4,      /* the read had an error or a retry: it is not counted */
};

/* Reads summed up; a window, or a stretch of slow windows. */
struct pace_sum {
    uint64_t lba; /* of the first */
    uint64_t bytes;
    uint64_t service_us;
    uint64_t known_us, kept_us; /* of which with the others known, and with them keeping theirs */
    uint32_t reads;
    uint32_t windows;
};

struct pace {
    const struct sink *sink;
    part_id part;
    uint32_t skipped;
    uint64_t first[PACE_FIRST]; /* sorted */
    uint32_t first_count;
    uint64_t usual, now; /* bytes per second, 0 unknown */
    struct pace_sum window, stretch;
    bool emitted; /* this stretch was */
    uint32_t stretches;
};

void pace_init(struct pace *pace, part_id part, const struct sink *sink);

/* One read of `bytes` from lba on that took `service_us`. `flags`: enum pace_flags. */
void pace_add(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us, unsigned flags);

/* Bytes per second of the last window, and the usual; 0 while unknown. */
uint64_t pace_now(const struct pace *pace);
uint64_t pace_usual(const struct pace *pace);

/* True when the last window kept at least half of the usual pace: what the other drives want to
 * know. *ret_known is false, and the answer without meaning, while the usual pace is unknown. */
bool pace_kept(const struct pace *pace, bool *ret_known);

/* The reads end here: a stretch still going on is emitted with its length. The usual pace stays
 * known, so a later phase may go on with pace_add(). */
void pace_end(struct pace *pace);

#endif
