/*
 * A model of an NVMe controller at the level of its registers and of DMA, over the bus seam, on a
 * simulated clock, with named faults.
 *
 * Commands are fetched when their doorbell rings, take a time of their own, and are done and
 * completed in the order in which those times come. Time passes a microsecond with each look at the
 * clock and each access to a register, and whatever is due happens then. The device's addresses
 * are not the host's; each buffer that is mapped gets one that no buffer had before.
 *
 * What a driver must never do is counted as a violation, the first with its text: DMA set up to
 * memory that is not lent, a mapping taken back while a command that is not ended uses it, an
 * identifier used twice, doorbells out of range, registers written in the wrong state, memory or
 * mappings left over.
 */
#ifndef ASSAY_TESTS_SIM_NVME_MODEL_H
#define ASSAY_TESTS_SIM_NVME_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bus.h"
#include "tests/sim/clock.h"

/* Faults of I/O commands act on commands that touch one of fault_lba to fault_lba + fault_blocks
 * - 1, fault_times of them, or all with 0. */
enum nvme_fault {
    NVME_HEALTHY,
    NVME_COMPLETION_LOST,        /* the data came, the completion never does */
    NVME_COMPLETION_STRAY,       /* before the right one, two for identifiers not in flight */
    NVME_COMPLETION_TWICE,       /* and again when the next command was fetched */
    NVME_COMPLETION_SWAPPED,     /* for another command in flight, which is not done */
    NVME_COMPLETION_WRONG_QUEUE, /* with the number of another queue */
    NVME_COMPLETION_WRONG_HEAD,  /* with a queue head beyond the queue */
    NVME_PHASE_STUCK,            /* completions carry the phase of the round before */
    NVME_STALLS,                 /* the command is not done; an abort ends it */
    NVME_STALLS_NO_ABORT,        /* likewise, and Abort is an invalid opcode */
    NVME_STALLS_ABORT_DEAF,      /* likewise, and Abort is not answered */
    NVME_LATE_DMA,               /* like STALLS_NO_ABORT; the data comes while it is disabled */
    NVME_RESET_FAILS,            /* like STALLS_NO_ABORT; it does not become ready again */
    NVME_RESET_STUCK,            /* like STALLS_NO_ABORT; it does not stop being ready */
    NVME_FATAL,                  /* CSTS.CFS; nothing is done until a reset */
    NVME_VANISHES,               /* all registers read as ones from the command on */
    NVME_STATUS,                 /* the command fails with fault_status, no data */
    NVME_DMA_HALF,               /* success, the second half of the data is not written */
    NVME_DMA_NONE,               /* success, no data is written */
    NVME_BIT_FLIP,               /* success, a bit differs in the first block of the fault */
    NVME_BLOCK_DIFFERS,          /* success, the blocks of the fault have another content */
    NVME_STALE_DATA,             /* success, the blocks of the fault hold what was read before */
    NVME_SLOW,                   /* the command takes fault_us */
    NVME_ADMIN_DEAF,             /* log pages are not answered, the first fault_times */
    /* From the start. */
    NVME_ABSENT,           /* all registers read as ones */
    NVME_READY_NEVER,      /* CSTS.RDY does not come */
    NVME_READY_FATAL,      /* CSTS.CFS instead of CSTS.RDY */
    NVME_READY_STUCK,      /* CSTS.RDY does not fall */
    NVME_IDENTIFY_GARBAGE, /* Identify pages of random bytes */
    NVME_IDENTIFY_EMPTY,   /* Identify succeeds without data */
    NVME_IDENTIFY_FAILS,   /* Identify fails with internal error */
    NVME_QUEUES_REFUSED,   /* Create I/O Completion Queue fails */
    NVME_FAULTS,
};

extern const char *const nvme_fault_names[NVME_FAULTS];

enum {
    MODEL_NAMESPACES = 20,
    MODEL_COMMANDS = 256,
    MODEL_REGIONS = 256,
    MODEL_OVERLAY = 64,
    MODEL_QUEUE_PAGES = 513, /* pages of the longest command */
};

struct model_namespace {
    uint32_t nsid;
    uint32_t block_size;
    uint64_t blocks;
    uint16_t metadata;        /* bytes per block */
    uint8_t format;           /* index, up to 63 */
    uint8_t block_size_power; /* what it says of it; 0: the truth */
};

/* Memory lent to the device. */
struct model_region {
    uint8_t *host;   /* what the device's accesses go to */
    uint8_t *buffer; /* of the caller, where it is bounced */
    uint64_t address;
    size_t size;
    bool used, mapping, to_device;
};

struct model_command {
    bool used;
    bool admin;
    bool stalled; /* does not end by itself */
    bool done;    /* its data was moved */
    uint64_t due_us;
    uint32_t sequence;
    uint32_t entry[16];
};

struct model_queue {
    uint64_t submissions, completions; /* device addresses, 0: there is none */
    uint32_t entries, completion_entries;
    uint32_t head, tail;                       /* of submissions */
    uint32_t completion_head, completion_tail; /* of completions */
    bool phase;
};

struct model_block {
    uint32_t nsid;
    uint64_t lba;
    uint8_t data[4096];
};

struct nvme_model {
    /* As the test wants it; nvme_model_init() makes a healthy one of two namespaces. */
    enum nvme_fault fault;
    uint64_t fault_lba;
    uint32_t fault_blocks, fault_times;
    uint16_t fault_status;
    uint64_t fault_us;
    uint64_t seed;
    uint16_t mqes; /* 0's based */
    uint8_t dstrd, mdts, ready_units, mpsmin;
    uint16_t retry_delay; /* CRDT1, 100 ms */
    bool no_list;         /* Identify CNS 02h is not supported */
    bool bounce;          /* mappings are bounced */
    bool self_tests, self_test_running, write_cache;
    uint8_t error_entries; /* 0's based */
    uint32_t namespace_number;
    uint64_t ready_us, access_us, spread_us; /* a command takes access_us, and up to spread_us */
    unsigned maps_max;                       /* mappings at once; 0: no limit */
    struct model_namespace namespaces[MODEL_NAMESPACES];
    unsigned namespace_count;
    uint32_t function_config[64], port_config[64];

    /* What was seen. */
    unsigned violations;
    char violation[160]; /* the first */
    unsigned reads, writes, flushes, aborts, resets, pauses, doorbells, register_reads;
    unsigned blocked; /* accesses that bus mastering off, or an unmapped address, stopped */
    unsigned failed;  /* commands that met the fault */
    unsigned out_of_order;
    unsigned in_flight_most;
    bool shut_down, ever_enabled;
    uint8_t self_test; /* the last, STC */

    /* The inside. */
    struct sim_clock *clock;
    struct bus bus;
    struct clock time;
    uint32_t cc, csts, aqa, intms;
    uint64_t asq, acq, turn_us; /* when CSTS.RDY follows CC.EN */
    bool master, turning, gone, deaf;
    uint64_t next_address;
    struct model_queue queues[2];
    uint32_t sequence;
    uint64_t next_due_us; /* no command is due before */
    struct model_region regions[MODEL_REGIONS];
    struct model_command commands[MODEL_COMMANDS];
    struct model_block overlay[MODEL_OVERLAY];
    unsigned overlay_count;
    uint64_t last_lba;
    uint64_t made_us; /* an hour later somebody waits for ever, and the program is ended */
    bool repeats;     /* the completion for this identifier */
    uint16_t repeated;
    bool advancing;
};

/* About half a megabyte: not for the stack. */
void nvme_model_init(struct nvme_model *model, struct sim_clock *clock, uint64_t seed);
/* What a block holds that was not written. `buffer` is one block. */
void nvme_model_content(const struct nvme_model *model, uint32_t nsid, uint64_t lba, void *buffer);
/* Time passes, and what is due happens. */
void nvme_model_pass(struct nvme_model *model, uint64_t duration_us);
/* Mappings and memory that are lent now. */
unsigned nvme_model_lent(const struct nvme_model *model);
unsigned nvme_model_in_flight(const struct nvme_model *model);

#endif
