/*
 * How long the reads of one drive took in a phase, and where on it they were slow.
 *
 * Durations are counted in buckets a quarter of an octave wide, so the median and the percentiles
 * are right to an eighth; the longest is exact. The drive is cut into LATENCY_REGIONS equal
 * regions, and each has its own pace: bytes over the time the drive was busy with them. Its
 * slowest read is left out of that when it took more than LATENCY_OUTLIER_US, so that one long read
 * makes no slow region. Reads below LATENCY_READ_MIN bytes are left out of the regions, and a
 * region with fewer than LATENCY_REGION_READS reads counts as not read.
 *
 * An outlier is a read that took more than LATENCY_OUTLIER_MEDIANS times the median by then, and
 * more than LATENCY_OUTLIER_US. The factor leaves out what queueing and moving heads do, and the
 * floor is far above both. Even so an outlier is information and no fault: a disk that recalibrates
 * or leaves an idle state, an SSD that moves its cache, and a shingled disk that reorganises stay
 * away for about a second, and a disk that spins up for ten. The first LATENCY_SETTLED reads, a
 * spin-up among them, are never outliers, for there is no median yet to compare with.
 *
 * An end that nobody looked for is not known. A read is undated when nobody polled for more than
 * LATENCY_GAP_US before it was seen done and for more than a quarter of its duration: it is
 * counted as such and enters nothing else.
 *
 * Memory is constant, below 4 KiB for a drive; a run of 7 days on a drive of any size overflows
 * nothing.
 */
#ifndef ASSAY_DISK_LATENCY_H
#define ASSAY_DISK_LATENCY_H

#include <stdint.h>

#include "base/event.h"

enum {
    LATENCY_OCTAVES = 30, /* 1 us to 2^30 us, 18 minutes; what is longer is in the last */
    LATENCY_BUCKETS = 4 * LATENCY_OCTAVES,
    LATENCY_REGIONS = MAP_SIZE - 1,
    LATENCY_REGION_READS = 2,
    LATENCY_READ_MIN = 128 * 1024, /* bytes; smaller reads say more of seeks than of pace */
    LATENCY_OUTLIERS = 16,
    LATENCY_OUTLIER_MEDIANS = 8,
    LATENCY_OUTLIER_US = 100000,
    LATENCY_SETTLED = 32, /* reads */
    LATENCY_GAP_US = 1000,
};

struct latency_region {
    uint64_t bytes;
    uint64_t busy_us;
    uint64_t reads;
    uint32_t worst_us, worst_bytes; /* of the read that kept the drive busy longest */
};

struct latency_outlier {
    uint64_t lba;
    uint32_t blocks;
    uint32_t duration_us, median_us;
};

struct latency {
    uint64_t region_blocks;
    uint64_t buckets[LATENCY_BUCKETS];
    uint64_t reads, undated;
    uint64_t longest_lba;
    uint32_t longest_us;
    uint32_t outlier_count;
    struct latency_region regions[LATENCY_REGIONS];
    struct latency_outlier outliers[LATENCY_OUTLIERS];
};

/* Begins a phase on a drive of so many blocks. */
void latency_init(struct latency *latency, uint64_t block_count);

/*
 * One read that succeeded, `bytes` long. Durations are those of block_request: `duration_us` from
 * begun to ended; `busy_us` of it the drive had for this read alone (pace_busy_us(), the same as
 * the duration where reads do not overlap); `gap_us` since nobody had looked.
 */
void latency_add(struct latency *latency, uint64_t lba, uint32_t blocks, uint64_t bytes,
                 uint64_t duration_us, uint64_t busy_us, uint64_t gap_us);

/*
 * Emits EVENT_LATENCY, then an EVENT_OUTLIER for each of the LATENCY_OUTLIERS longest outliers, by
 * their LBA; nothing when nothing was read. A histogram too long for its text, which takes a run
 * of billions of reads, has its counts cut at 9999999.
 */
void latency_end(struct latency *latency, const char *phase, part_id part, const struct sink *sink);

#endif
