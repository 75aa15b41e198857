/*
 * A simulated drive with named faults, on a simulated clock.
 *
 * Its content is a function of its seed and the LBA, so it has any size and needs no storage. A
 * read takes the time that the drive's pace gives it; the firmware in front of it may lie.
 */
#ifndef ASSAY_TESTS_SIM_DRIVE_H
#define ASSAY_TESTS_SIM_DRIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "tests/sim/clock.h"

/* Faults of the blocks fault_lba to fault_lba + fault_blocks - 1 act on every read that touches
 * one of them. A drive's own answer is what ask() gives; without can_ask nobody hears it. */
enum drive_fault {
    DRIVE_HEALTHY,
    DRIVE_UNREADABLE_SECTOR, /* read fails; the drive says UNC, or unrecovered read error */
    DRIVE_SILENT_FAILURE,    /* read succeeds, all of the buffer untouched; the drive says ABRT */
    DRIVE_PARTIAL_DMA,      /* read succeeds, the named blocks' place is untouched; drive content */
    DRIVE_STALE_READ,       /* read succeeds, and the named blocks hold what was read before */
    DRIVE_BIT_FLIP,         /* a bit of the first named block is flipped, always */
    DRIVE_BIT_FLIP_ONCE,    /* likewise, in its first read only, or the first fault_times */
    DRIVE_SECTORS_DIFFER,   /* the named blocks have another content, always */
    DRIVE_SLOW,             /* from fault_us on, for fault_for_us: slow_pace */
    DRIVE_VANISHES,         /* from fault_us on: ERR_GONE */
    DRIVE_ICRC,             /* read fails; when asked, interface CRC error with all data */
    DRIVE_ABORTS,           /* read fails; the drive says ABRT, or internal error */
    DRIVE_TIMES_OUT,        /* read takes timeout_us and gives ERR_TIMEOUT, as does asking */
    DRIVE_PREDICTS_FAILURE, /* in its SMART pages */
    DRIVE_LOCKED,           /* in its IDENTIFY page; NVMe has no such thing there */
    DRIVE_FAULTS,
};

/* What the logs of a simulated drive say; all zero is a drive without a past. Pages stand in their
 * standard's layout, whatever the values. */
struct sim_logs {
    uint64_t absent_pages;  /* bit per enum drive_page: the drive refuses it */
    uint64_t garbage_pages; /* likewise: all bytes FFh, for what is not in the standard */
    bool without_logs;      /* ATA: neither announced nor given; NVMe: the optional ones */
    const char *model;      /* NULL: a simulated one */
    uint64_t blocks_written, blocks_read;
    uint32_t pending, uncorrectable, command_resets;
    uint32_t over_minutes; /* NVMe: above CCTEMP */
    uint32_t warning_minutes;
    int8_t highest, limit; /* degrees Celsius */
    uint32_t hardware_resets, asr_events, transport_crc;
    uint8_t percentage_used;
    uint16_t phy_events[0x14]; /* by identifier */
    uint32_t over_limit;       /* SCT */
    uint16_t errors;           /* in the error log */
    uint16_t error_status;     /* of the newest: ATA status and error register; NVMe status field */
    uint64_t error_lba;
    bool has_self_test, self_test_runs; /* one has ended; one goes on, half done */
    uint8_t self_test_result;
    uint64_t self_test_lba;
    uint8_t critical_warning;  /* NVMe */
    uint8_t format_percent;    /* NVMe: still to be formatted */
    uint8_t attribute, figure; /* ATA: one more SMART attribute, its raw and normalized value */
    struct drive_link link;    /* what sim_drive_link() gives */
    enum self_test asked;      /* the last that sim_drive_self_test() was asked for */
    uint32_t self_tests_asked;
};

struct sim_drive {
    enum drive_fault fault;
    uint64_t fault_lba;
    uint32_t fault_blocks;
    uint32_t fault_times; /* 0: always; else the fault goes away after so many failing reads */
    uint64_t fault_us, fault_for_us;
    uint64_t seed;
    uint64_t pace, slow_pace; /* bytes per second */
    uint32_t access_us;       /* before each read */
    uint64_t failing_us;      /* how long a failing read takes */
    uint64_t timeout_us;
    bool can_ask;
    uint32_t ask_blocks_max; /* ask() refuses more with ERR_RANGE */
    uint64_t counters[5];    /* reallocated or media errors, pending, CRC, hours, timeouts */
    int celsius;
    struct sim_logs logs;

    /* Called when the data is in the buffer, for memory that does not hold what it is given. */
    void (*after_dma)(void *context, void *buffer, size_t size);
    void *after_dma_context;

    struct block_device device; /* the seam over it */
    struct sim_clock *clock;
    uint32_t failed; /* reads that met the fault */
    uint64_t reads, asks;
    uint64_t last_lba; /* of the read before */
    char serial[21];
};

/* A healthy drive of 300 MB/s that can be asked; what differs is then set by the caller. */
void sim_drive_init(struct sim_drive *drive, struct sim_clock *clock, enum drive_protocol protocol,
                    uint32_t block_size, uint64_t block_count, uint64_t seed);

/* What a block of it holds. `buffer` is one block. */
void sim_drive_content(const struct sim_drive *drive, uint64_t lba, void *buffer);

#endif
