/*
 * SATA drives behind an AHCI controller (AHCI 1.3.1), driven by polling.
 *
 * The controller is taken over from the firmware as it stands and given back reset. Each ATA drive
 * becomes a block device that keeps up to 32 reads at the drive (native command queuing) or, where
 * drive or controller cannot queue, one. ATAPI devices and port multipliers are left alone. Queued
 * and other commands are never mixed: page, ask and flush wait until the queue has drained.
 *
 * No failure of drive, lead or controller keeps a request: after a queued error the drive's log 10h
 * names the guilty command (SATA 3.x, 13.6.3) and the others are issued again; where it does not,
 * each is tried alone. A command without an answer in time leads to COMRESET. A drive that stays
 * away for 10 s, or needs three resets in a row, has left: all its requests end in ERR_GONE. A
 * buffer is given back only when the controller can no longer write to it.
 *
 * All of it runs on one processor. Nothing here waits but start, stop and the synchronous calls of
 * the device, which call the pause hook meanwhile; only the steps of a recovery that take
 * milliseconds are waited for in poll.
 */
#ifndef ASSAY_DISK_AHCI_H
#define ASSAY_DISK_AHCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/bus.h"
#include "base/clock.h"
#include "base/text.h"
#include "disk/ahci/ata_page.h"

enum {
    AHCI_PORTS = 32,
    AHCI_SLOTS = 32,
    AHCI_REQUEST_MAX = 4 * 1024 * 1024, /* bytes of one request */
    AHCI_TIMEOUT_US = 30 * 1000 * 1000, /* for one command, when the caller names no time */
    AHCI_RETURN_US = 10 * 1000 * 1000,  /* for a drive to come back after COMRESET */
    AHCI_RESETS_MAX = 3,                /* in a row, without a command that succeeded */
};

struct ahci_config {
    const struct bus *bus;
    const struct clock *clock;
    uint32_t controller; /* becomes block_device.controller */
    uint64_t timeout_us; /* for one command; 0: AHCI_TIMEOUT_US */
    /* Called about each millisecond while a synchronous call waits. It must not use this
     * controller. NULL: nothing to do. */
    void (*pause)(void *context);
    void *pause_context;
};

/* What follows is the driver's own; a caller only provides room for it. */

enum ahci_port_state {
    AHCI_PORT_ABSENT,  /* not implemented, or nothing there */
    AHCI_PORT_REFUSED, /* something is there that is left alone: `reason` */
    AHCI_PORT_RUNNING,
    AHCI_PORT_RESETTING, /* COMRESET was given, the drive has yet to come back */
    AHCI_PORT_GONE,      /* given up for good */
};

enum ahci_command_state {
    AHCI_COMMAND_NONE,
    AHCI_COMMAND_WAITING,
    AHCI_COMMAND_ISSUED,
    AHCI_COMMAND_DONE,
};

/* A command of the driver's own, never queued, whose data goes through the port's memory. */
struct ahci_command {
    struct ata_command ata;
    uint8_t state;   /* enum ahci_command_state */
    bool has_status; /* the drive answered */
    bool brief;      /* it needs no medium: a short time limit */
    struct drive_status status;
    int error;
    uint64_t issued_us;
};

/* A request at the drive, or waiting to be issued. */
struct ahci_slot {
    struct block_request *request;
    struct dma_mapping mapping; /* of the whole buffer; none for a flush */
    uint64_t issued_us;
    uint32_t moved;  /* blocks that have come or gone */
    uint32_t blocks; /* of the command at the drive */
};

struct ahci_port {
    struct ahci_controller *controller;
    struct block_device device;
    struct dma_memory memory;
    const char *reason; /* why it is left alone or was given up */
    uint8_t state;      /* enum ahci_port_state */
    uint8_t number;

    /* The drive. */
    char model[NAME_SIZE];
    uint32_t identity; /* checksum of model, serial number and firmware */
    uint8_t generation_drive;
    bool queued;    /* by native command queuing */
    bool large_lba; /* 48-bit addresses */
    bool may_write, wrote;

    /* Slots, a bit each. A slot in use that is not issued waits. */
    uint32_t used, issued;
    uint32_t alone;     /* by a command that is not queued, with nothing else at the drive */
    uint32_t again;     /* issued a second time, for it was caught in a failure */
    uint32_t late;      /* had no answer in time: ends when the drive is back */
    uint32_t aborted;   /* ended by a queued error, whose fault it is log 10h will tell */
    uint32_t ever;      /* ever issued */
    uint32_t strange;   /* set in PxSACT or PxCI and not ours */
    bool queuing;       /* what is issued was queued */
    bool answered;      /* the error is the drive's word */
    bool failing;       /* an error was seen, others may still complete */
    bool recovery_log;  /* `recovery` reads log 10h, else the drive's identity */
    uint8_t resets;     /* in a row */
    uint32_t failed;    /* PxTFD when the error was seen */
    uint32_t answer;    /* that of the queued error */
    uint32_t serr_seen; /* all bits of PxSERR so far */

    uint64_t looked_us;   /* by poll */
    uint64_t changed_us;  /* a command completed, or the error was seen */
    uint64_t watched_us;  /* PxIS was read */
    uint64_t issued_us;   /* the last command */
    uint64_t deadline_us; /* not before this is a slot late */
    uint64_t reset_us;    /* COMRESET */
    struct ahci_command recovery, own;
    struct drive_link link;
    struct ahci_slot slots[AHCI_SLOTS];
};

struct ahci_controller {
    struct ahci_config config;
    const char *reason; /* of a failed start */
    uint32_t capabilities, implemented;
    bool enabled; /* GHC.AE was set when it was found */
    bool lost;    /* it left the bus, or cannot be stopped */
    bool master;
    bool was_reset;             /* when it was taken over, for it did not stop */
    uint8_t drives[AHCI_PORTS]; /* ports */
    unsigned drive_count;
    struct ahci_port ports[AHCI_PORTS];
};

_Static_assert(sizeof(struct ahci_controller) < 64 * 1024, "one allocation of the firmware's");

/*
 * Takes the controller over and looks for its drives: the hand-off of 10.6.3 within 2 s, commands
 * of the firmware stopped, a reset only where they do not stop. Takes up to 10 s for drives that
 * are still spinning up. OK also without any drive. Otherwise it is given back and
 * `controller->reason` says why: ERR_GONE when there is no controller, ERR_TIMEOUT when it does
 * not stop, ERR_FULL without memory, ERR_UNSUPPORTED when it cannot reach the memory it was given.
 */
int ahci_start(struct ahci_controller *controller, const struct ahci_config *config);

/* Ends what is at the drives, flushes what was written, and gives the controller back: reset, with
 * bus mastering off. The devices are no more. Takes a few seconds at most, unless a drive hangs. */
void ahci_stop(struct ahci_controller *controller);

unsigned ahci_device_count(const struct ahci_controller *controller);
/* Drive `index`, whose `part` the caller fills in, or NULL. */
struct block_device *ahci_device(struct ahci_controller *controller, unsigned index);
/* The number of its port, as on the controller. */
unsigned ahci_port_number(const struct ahci_controller *controller, unsigned index);
/* Why a port that has something attached is not among the drives, or NULL; for 0 to 31. */
const char *ahci_refused(const struct ahci_controller *controller, unsigned port);

/* Without this, writing is refused. */
void ahci_allow_writes(struct ahci_controller *controller, unsigned index);

/* Adds what PxSERR told of the way to the drive since the start: "CRC error, handshake error", or
 * "no errors". */
void ahci_errors_text(const struct ahci_controller *controller, unsigned index, struct text *text);

#endif
