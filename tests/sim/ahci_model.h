/*
 * An AHCI controller with drives, down to its registers, over the bus seam.
 *
 * Memory lies at addresses of its own, which are not the host's, and a lent buffer is a copy: an
 * address mixed up, memory touched that was not lent or no longer is, a buffer looked at before it
 * came back, are all noticed. What a driver must not do is counted in `violations`, the first
 * with its text. Each access to a register takes a microsecond of the simulated clock, and what
 * is due by then happens.
 */
#ifndef ASSAY_TESTS_SIM_AHCI_MODEL_H
#define ASSAY_TESTS_SIM_AHCI_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bus.h"
#include "tests/sim/clock.h"

enum {
    MODEL_PORTS = 6,
    MODEL_SLOTS = 32,
    MODEL_REGIONS = 256,
    MODEL_WRITTEN = 64, /* blocks kept after writing */
    MODEL_BLOCK_MAX = 4096,
    MODEL_PAGE = 512,
};

/* Faults of a drive and of the way to it. Where not said otherwise they act on reads that touch
 * block fault_lba, fault_times times, or always if that is 0. */
enum ahci_fault {
    AHCI_HEALTHY,
    AHCI_COMPLETION_LOST, /* the data comes, the completion does not */
    AHCI_WRONG_TAG,       /* another queued command's completion comes in its place */
    AHCI_UNUSED_TAG,      /* the completion of a tag that is not in use comes in its place */
    AHCI_BUSY_STUCK,      /* BSY until the next COMRESET */
    AHCI_UNC,
    AHCI_IDNF,
    AHCI_ABRT,
    AHCI_ICRC,
    AHCI_DF,
    AHCI_LOG_UNREADABLE, /* UNC, and log 10h is aborted */
    AHCI_LOG_CORRUPT,    /* UNC, and log 10h has a wrong checksum */
    AHCI_LOG_WRONG_TAG,  /* UNC, and log 10h names a tag that is not at the drive */
    AHCI_GOES_ON,        /* UNC, log 10h is aborted, and the drive goes on with the others */
    AHCI_QUIET_ERROR,    /* UNC, but TFES is not raised, only PxTFD tells */
    AHCI_HALF_DMA,       /* success, and half of the data does not come */
    AHCI_DATA_CHANGES,   /* success, and a bit is another */
    AHCI_STALE_DATA,     /* success, and the data is that of the read before */
    AHCI_CI_LATE,        /* any queued command: PxCI is cleared only after PxSACT */
    AHCI_CRC_STORM,      /* any command: PxSERR tells of CRC errors, and all data comes */
    AHCI_INTERFACE,      /* the controller stops with an interface error; no status */
    AHCI_LINK_DROPS,     /* the link is lost, and is back after away_us */
    AHCI_LINK_LOST,      /* the link is lost for good */
    AHCI_EXCHANGED,      /* the link is lost, and then another drive is there */
    AHCI_DRIVE_DEAD,     /* link up, and the drive answers nothing any more, COMRESET or not */
    AHCI_HBA_VANISHES,   /* all registers read as ones */
    AHCI_STOP_STUCK,     /* no completion, and PxCMD.CR never falls */
    AHCI_FAULTS,
};

extern const char *const ahci_fault_names[AHCI_FAULTS];

/* A command at the drive. */
struct model_command {
    bool active;
    bool queued;
    uint8_t fis[20];
    uint64_t lba, address;
    uint32_t blocks, size;
    bool write;
    uint64_t due_us;
};

struct model_port {
    /* Set by the caller before the driver starts. */
    uint32_t signature; /* 0: nothing attached */
    uint32_t block_size;
    uint64_t block_count;
    bool queued, large_lba;
    uint8_t depth;
    const char *name, *serial;
    uint64_t seed;
    uint32_t service_us; /* of a command, and as much again at random when queued */
    enum ahci_fault fault;
    uint64_t fault_lba;
    uint32_t fault_times;
    uint64_t away_us;

    /* Registers. */
    uint32_t clb[2], fb[2], is, ie, cmd, tfd, sig, det, sctl, serr, sact, ci;

    /* State. */
    struct model_command commands[MODEL_SLOTS];
    uint32_t met; /* times that the fault acted */
    uint64_t stopped_us, ready_us, back_us;
    bool halted;      /* the controller takes no more commands until ST was cleared */
    bool queue_error; /* the drive aborts all but log 10h */
    bool stuck, dead, stop_stuck;
    uint64_t ci_until_us[MODEL_SLOTS]; /* 0: the bit follows the rules */
    uint8_t log_tag, log_status, log_error;
    uint64_t last_lba;
    uint64_t written_lba[MODEL_WRITTEN];
    uint8_t written[MODEL_WRITTEN][MODEL_BLOCK_MAX];
    unsigned written_count;

    /* Counted. */
    uint32_t count[256]; /* of each command */
    uint32_t deepest;    /* commands at the drive at once */
    uint32_t comresets;
};

struct model_region {
    bool live, mapped, writable;
    uint64_t address;
    size_t size;
    uint8_t *data;     /* that the device sees */
    uint8_t *original; /* of a mapping */
};

struct ahci_model {
    /* Set by the caller before the driver starts. */
    bool wide;             /* S64A, and memory is above 4 GiB */
    bool memory_high;      /* memory is above 4 GiB although S64A is not set */
    bool bounce;           /* mappings are said to be of another buffer, as they always are here */
    bool hands_off;        /* CAP2.BOH; `bohc` says who owns the controller */
    bool firmware_stuck;   /* BOHC.BOS never falls */
    bool stop_needs_reset; /* CR falls only with a reset of the controller */
    bool staggered;        /* SSS: links come up after SUD */
    uint8_t slots;

    struct sim_clock *clock;
    struct bus bus;
    struct model_port ports[MODEL_PORTS];
    struct model_region regions[MODEL_REGIONS];
    uint64_t next_address;
    uint64_t random;
    uint32_t ghc, bohc;
    bool master, vanished;
    unsigned fail_maps; /* so many maps give ERR_FULL */

    uint64_t register_reads, register_writes;
    unsigned violations;
    const char *violation; /* the first */
};

/* A controller with one healthy queued 512-byte drive at port 1, of 2^24 blocks. */
void ahci_model_init(struct ahci_model *model, struct sim_clock *clock);
/* Attaches a healthy drive: 48-bit, and queuing to 32 or not. */
struct model_port *ahci_model_attach(struct ahci_model *model, unsigned port, uint32_t block_size,
                                     uint64_t block_count, bool queued);
/* After the driver stopped: what it left behind counts as violations. Frees what is left. */
void ahci_model_end(struct ahci_model *model);
/* What a block of a drive holds. */
void ahci_model_content(const struct model_port *port, uint64_t lba, uint8_t *block);

/* Between the files of the model. */
void ahci_model_violation(struct ahci_model *model, const char *text);
/* Memory as the controller reaches it; NULL, and a violation, outside of what was lent. */
uint8_t *ahci_model_memory(struct ahci_model *model, uint64_t address, size_t size, bool write);
/* Fills in the memory half of the bus. */
void ahci_model_lend(struct ahci_model *model);
void ahci_model_write(struct ahci_model *model, struct model_port *port, uint64_t lba,
                      const uint8_t *block);
/* Fills a page of MODEL_PAGE bytes; false for one that the drive aborts. */
bool ahci_model_page(struct model_port *port, const struct model_command *command, uint8_t *page);
void ahci_model_issue(struct ahci_model *model, struct model_port *port, uint32_t slots);
void ahci_model_run(struct ahci_model *model);
void ahci_model_run_drive(struct ahci_model *model, struct model_port *port);
void ahci_model_first_fis(struct ahci_model *model, struct model_port *port);

#endif
