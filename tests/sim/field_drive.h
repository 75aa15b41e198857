/*
 * A drive of a field machine: like sim_drive, whose pages and logs it gives, but with the oddities
 * of healthy drives and with any number of faults at once.
 *
 * It is some hundred times slower than a real one, and smaller by more, so that a whole run of it
 * moves few bytes. What it holds is a function of its seed and the block's address.
 */
#ifndef ASSAY_TESTS_SIM_FIELD_DRIVE_H
#define ASSAY_TESTS_SIM_FIELD_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/sim/drive.h"

enum field_drive_kind { DRIVE_DISK, DRIVE_SSD, DRIVE_NVME, DRIVE_USB, FIELD_DRIVE_KINDS };

/* How data of a corrupting drive differs. */
enum field_corruption { CORRUPT_PARTIAL, CORRUPT_STALE, CORRUPT_SECTORS, FIELD_CORRUPTIONS };

struct field_drive {
    struct sim_drive sim; /* first: the context of the seam; its pages, link and clock */
    enum field_drive_kind kind;
    uint64_t random;

    /* Healthy oddities. */
    uint64_t inner_pace; /* bytes per second at the last block; sim.pace is at the first */
    uint64_t sleeps_us;  /* after so long without a read it has to spin up; 0: never */
    uint32_t spin_up_us; /* what that takes */
    uint32_t pauses_permille, pause_us; /* of reads, and how long one takes more */
    uint64_t empty_lba;                 /* blocks from here on were never written and come faster */
    int throttle_celsius;               /* from there on it has half its pace */
    uint32_t comresets_s;               /* a Phy reset counted every so many seconds; 0: none */

    /* Heat: it goes a part of the way to `rest` plus, when busy, `rise`, in millidegrees. */
    int64_t heat, rest, rise, extra; /* extra: of a hot neighbourhood */
    uint64_t heat_us, busy_us;       /* since the last look */
    uint32_t heat_tau_s;
    int64_t limit; /* above it, it counts minutes */
    uint64_t over_us;

    /* Faults; each is off while its first figure is 0. */
    uint32_t bad_blocks; /* unreadable from bad_lba on */
    uint64_t bad_lba;
    uint32_t bad_us;       /* what a failing read takes */
    bool bad_counts;       /* it counts them as pending */
    uint32_t stale_blocks; /* reads of these succeed and bring nothing */
    uint64_t stale_lba;
    bool stale_is_known;       /* the drive says so when asked, and the firmware hides it */
    uint32_t corrupt_permille; /* of reads that touch corrupt_lba on */
    enum field_corruption corruption;
    uint64_t corrupt_lba;
    uint32_t corrupt_blocks;
    uint32_t crc_permille;       /* of reads from crc_us on that meet a CRC error */
    uint32_t crc_fails_permille; /* of those that fail for it */
    uint64_t crc_us;
    bool crc_is_counted_by_drive, crc_fails_next;
    uint32_t losses; /* times that the link is still to be lost, from loss_us on */
    uint64_t loss_us, loss_every_us;
    uint64_t gone_us;     /* it leaves for good; 0: never */
    uint32_t slow_factor; /* from slow_us on, in slow_lba to slow_end */
    uint64_t slow_us, slow_lba, slow_end;
    uint32_t ramp_s;         /* it takes so long to get there */
    uint64_t read_us;        /* time spent with reads: one that was slow before is not growing so */
    uint8_t warning;         /* NVMe: bits of its critical warning, not that of temperature */
    uint32_t pending_at_end; /* the pending count rises to this in the run */
    uint64_t pending_us;

    uint64_t last_read_us, last_lba;
    bool has_read;
};

/* Healthy; `pace` in bytes per second at the first block. */
void field_drive_init(struct field_drive *drive, struct sim_clock *clock,
                      enum field_drive_kind kind, uint64_t bytes, uint64_t pace, uint64_t seed);

/* Lets heat, and what is counted by it, come up to the clock. */
void field_drive_pass(struct field_drive *drive);

#endif
