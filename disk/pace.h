/*
 * The pace of one drive: how fast it usually is, and where it was far slower.
 *
 * Pace is bytes over busy time. Where several reads are at the drive at once, the time of one is
 * counted from the end of the one before it (pace_busy_us()), so that the sum is the time in which
 * the drive had anything to do; a drive that waits for processors or for memory loses nothing.
 *
 * Reads are gathered into windows of PACE_WINDOW_READS reads or PACE_WINDOW_US of busy time,
 * whichever comes first; a read as long as a window begins one, unless a stretch is going on. The
 * usual pace is the median of the first PACE_FIRST windows after PACE_SKIP reads (a disk may have
 * to spin up), and follows later windows slowly; slow ones teach it nothing. Where
 * PACE_FAST windows are faster by the factor that makes a slow one, the drive was slow when its
 * pace was learnt, and their median is its usual pace from then on.
 *
 * A window is slow below an eighth of the usual pace. From this comparison PACE_SEEK_US is taken
 * off each read, for a disk's arm has to move, and a usual pace above PACE_USUAL_MAX counts as
 * that, for such figures come from caches and from blocks that were never written. A slow stretch
 * is at least PACE_STRETCH_WINDOWS slow windows in a row with PACE_STRETCH_US of busy time, in
 * which other devices or the memory, as far as known, kept at least half of their own pace. Where
 * it is over sooner, the place is remembered, and its time counts when the same place is as slow
 * once more: a region that takes two seconds each time is slow. One long read is no stretch, and a
 * machine that stalls as a whole is no slow drive. The factor is far below what drives do by
 * design: the inner tracks of a disk have half the pace of the outer ones, and an NVMe drive
 * throttles to about half.
 *
 * Ends are seen by polling, and while nobody polls the drive may long be idle. The time since
 * nobody had looked is therefore taken off as well before a window is called slow, a window is long
 * enough for that time to be small in it, and a read with a very long one is left out
 * (PACE_UNDATED).
 *
 * A drive that is slow from the first read of a phase has no usual pace of that phase to compare
 * with. pace_carry() hands it the pace of its first PACE_EARLY_US of busy time in an earlier phase;
 * the median of PACE_CARRIED_MIN windows or more where no usual pace was learnt of them, or where
 * they were faster by the factor. That was measured while nothing else ran, so it is no measure of
 * what the drive has to reach now, only of what it can: it is used as long as the usual pace of the
 * phase itself is being learnt, and only for windows that are slow against it by the same factor.
 * Such windows are not learnt from, and a stretch of them is a slow stretch if the other drives
 * kept half of what was carried for *them*. If most of those did not, the machine as a whole is
 * slower than it was, and what was carried is forgotten as a reference for this drive. If no other
 * drive has anything carried, the stretch is emitted with others_known false.
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
    PACE_FAST = 5,
    PACE_CARRIED_MIN = 3,
    PACE_WINDOW_READS = 8,
    PACE_WINDOW_US = 250000,
    PACE_WINDOW_GAPS = 8, /* a window lasts this many times the longest gap in it */
    PACE_GAP_US = 250000, /* a read with a longer gap, and mostly gap, is undated */
    PACE_SLOW = 8,        /* the usual pace divided by this */
    PACE_LEARNING = 64,   /* a window moves the usual pace by this part of the difference */
    PACE_SEEK_US = 15000,
    PACE_USUAL_MAX = 800 * 1000 * 1000, /* bytes per second */
    PACE_STRETCH_WINDOWS = 4,
    PACE_STRETCH_US = 3000000,
    PACE_STRETCHES_MAX = 4,
    PACE_PLACES = 4,
    PACE_PLACE_WINDOWS = 3,
    PACE_EARLY_US = 120000000,
};

/* What pace_add() is told of a read; ORed. */
enum pace_flags {
    PACE_OTHERS_KNOWN = 1,   /* another device, or the memory, was measured over the same time */
    PACE_OTHERS_KEPT = 2,    /* and kept at least half of its own pace */
    PACE_UNCLEAN = 4,        /* the read had an error or a retry: it is not counted */
    PACE_UNDATED = 8,        /* when it ended is not known: it is not counted */
    PACE_CARRIED_KNOWN = 16, /* another drive was measured that has a carried pace */
    PACE_CARRIED_KEPT = 32,  /* and most of them kept at least half of that */
};

/* Reads summed up; a window, or a stretch of slow windows. */
struct pace_sum {
    uint64_t lba;      /* of the first */
    uint64_t from, to; /* of windows: the LBA of the longest read of the first and the last */
    uint64_t bytes;
    uint64_t service_us;
    uint64_t gaps_us;           /* of which nobody had looked */
    uint64_t known_us, kept_us; /* of which with the others known, and with them keeping theirs */
    uint32_t reads;
    uint32_t windows;
};

/* The paces of some windows. */
struct pace_windows {
    uint64_t sorted[PACE_FIRST];
    uint32_t count;
};

struct pace {
    const struct sink *sink;
    part_id part;
    uint32_t skipped;
    struct pace_windows first; /* to learn the usual pace from */
    struct pace_windows fast;  /* that were far above it */
    uint64_t usual, now;       /* bytes per second, 0 unknown */
    uint64_t early;            /* the usual pace after PACE_EARLY_US; 0 before */
    uint64_t busy_us;          /* of all windows */
    uint64_t carried;          /* from an earlier phase; 0 nothing */
    bool forgotten;            /* carried is no reference for this drive any more */
    struct pace_sum window, stretch;
    struct pace_sum places[PACE_PLACES]; /* slow for too short a time */
    unsigned next_place;
    uint64_t window_longest_us, window_place; /* its longest read, and the LBA of that */
    uint64_t window_gap_us;                   /* the longest in the window */
    bool emitted;                             /* this stretch was */
    uint32_t stretches;
};

/* What the other drives say: pace_others_add() for each, then the flags. */
struct pace_others {
    unsigned known, kept;
    unsigned carried_known, carried_kept;
};

void pace_init(struct pace *pace, part_id part, const struct sink *sink);

/* Gives a fresh `to` the pace of the same drive in an earlier phase, over any number of phases. */
void pace_carry(struct pace *to, const struct pace *from);

/* The time a read kept its drive busy: from when it was given to the drive, or from the end of the
 * read that ended before it, whichever is later. `previous_us`: that end; 0 for the first. */
uint64_t pace_busy_us(uint64_t begun_us, uint64_t ended_us, uint64_t previous_us);

/* One read of `bytes` from lba on that kept the drive busy for `service_us`. `flags`: enum
 * pace_flags. */
void pace_add(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us, unsigned flags);

/* The same for a read whose end was polled for: it may have ended `gap_us` earlier. PACE_UNDATED
 * comes of itself. */
void pace_add_polled(struct pace *pace, uint64_t lba, uint64_t bytes, uint64_t service_us,
                     uint64_t gap_us, unsigned flags);

/* Bytes per second of the last window, and the usual; 0 while unknown. */
uint64_t pace_now(const struct pace *pace);
uint64_t pace_usual(const struct pace *pace);

/* True when the last window kept at least half of the usual pace: what the other drives want to
 * know. *ret_known is false, and the answer without meaning, while the usual pace is unknown. */
bool pace_kept(const struct pace *pace, bool *ret_known);

/* Takes another drive, one that is being read, into account. */
void pace_others_add(struct pace_others *others, const struct pace *other);
/* PACE_OTHERS_... and PACE_CARRIED_... for pace_add(). One of the others is enough for the former;
 * for the latter it takes half of them, for drives may share one slow way to them. */
unsigned pace_others_flags(const struct pace_others *others);

/* The reads end here: a stretch still going on is emitted with its length. The usual pace stays
 * known, so a later phase may go on with pace_add(). */
void pace_end(struct pace *pace);

/* A usual pace, or the most that anything is to be compared with: what is above comes from caches
 * and from blocks that were never written. */
uint64_t pace_believable(uint64_t usual);

/* Bytes per second, of any amount and any time. */
uint64_t pace_rate(uint64_t bytes, uint64_t duration_us);

#endif
