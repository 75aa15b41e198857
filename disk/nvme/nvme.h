/*
 * Assay's own NVMe driver: one controller over the bus seam, polled, its namespaces as block
 * devices. NVMe Base 1.4 and 2.0 with the NVM command set, over PCIe.
 *
 * One admin queue and one I/O queue, shared by the namespaces. A request of up to NVME_REQUEST_MAX
 * bytes becomes as many commands as the controller's limits ask for. The identifier of a command
 * is the lowest that no command in flight has, and carries a count beside, so that an answer to an
 * earlier one is known as such; answers that fit nothing are counted and change nothing.
 *
 * Time. A command without an answer for config.timeout_us is aborted, and if that does not end it
 * the controller is reset: late requests and writes then end with ERR_TIMEOUT, reads that were not
 * late are done again, once. After NVME_RESETS_MAX resets with no good command between them, or one
 * that fails, the controller is given up; then and when it has left the bus everything ends with
 * ERR_GONE. A buffer is given back only when the controller cannot write to it any more: after the
 * command's completion, after CSTS.RDY was seen to fall, or with bus mastering off.
 *
 * submit and poll do not wait but for such a recovery, which may take twice CAP.TO. All waits of
 * more than 100 ms call config.pause, which must not use this controller.
 */
#ifndef ASSAY_DISK_NVME_H
#define ASSAY_DISK_NVME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/bus.h"
#include "base/clock.h"
#include "base/event.h"

enum {
    NVME_DEPTH = 64,      /* commands in flight at most, and requests */
    NVME_NAMESPACES = 16, /* looked at; more are counted */
    NVME_REQUEST_MAX = 4 * 1024 * 1024,
    NVME_COMMAND_MAX = 1024 * 1024,
    NVME_TIMEOUT_US = 30000000, /* default */
    NVME_ADMIN_US = 15000000,   /* for an admin command */
    NVME_ABORT_US = 2000000,    /* for an abort, until the aborted command has ended */
    NVME_ABORTS_MAX = 4,        /* with more commands late at once, a reset at once */
    NVME_RESETS_MAX = 3,
    NVME_RETRIES_MAX = 3,   /* of a command, for a status that says to try again */
    NVME_CHECK_US = 100000, /* between looks at the state of the controller, while it is busy */
    NVME_STOP_US = 5000000, /* for what is in flight at nvme_stop(), and for the shutdown */
};

struct nvme_config {
    const struct bus *bus;
    const struct clock *clock;
    uint32_t number;              /* becomes block_device.controller */
    uint64_t timeout_us;          /* 0: NVME_TIMEOUT_US */
    void (*pause)(void *context); /* NULL: nothing to tend in long waits */
    void *pause_context;
};

/* The inside. */

struct nvme_controller;

struct nvme_namespace {
    struct nvme_controller *controller;
    uint32_t nsid;
    bool writable;
    struct block_device device;
};

/* A namespace that cannot be used, and why. */
struct nvme_refusal {
    uint32_t nsid;
    char reason[96];
};

/* A submission queue and its completion queue. */
struct nvme_ring {
    uint32_t *submissions;
    const volatile uint32_t *completions;
    uint64_t submission_address, completion_address;
    uint32_t submission_doorbell, completion_doorbell; /* register offsets */
    uint16_t id;
    uint16_t entries;
    uint16_t tail, head;
    uint16_t phase; /* of the answers that are new, bit 0 */
};

/* A request that was taken, in the table and, while commands of it are to be sent, in the list. */
struct nvme_transfer {
    struct nvme_transfer *next;
    struct block_request *request;
    struct nvme_namespace *namespace;
    struct dma_mapping mapping;
    bool mapped;
    bool again;      /* it was in flight at a reset */
    uint16_t flying; /* commands not ended */
    uint16_t status; /* of the first that failed */
    int error;
    uint32_t blocks; /* a flush counts as one */
    uint32_t begun;  /* blocks for which there are or were commands */
};

/* A command identifier and what it stands for. */
struct nvme_slot {
    struct nvme_transfer *transfer; /* NULL: free */
    uint32_t first, blocks;         /* of the transfer */
    uint64_t sent_us;
    uint64_t again_us; /* waiting: when to send it again */
    uint16_t identifier;
    uint8_t generation;
    uint8_t tries;
    bool waiting; /* not at the controller */
};

enum nvme_state { NVME_STOPPED, NVME_RUNNING, NVME_GONE };

struct nvme_controller {
    struct nvme_config config;
    uint8_t state;          /* enum nvme_state */
    char reason[TEXT_SIZE]; /* why it did not start, or was given up */

    uint32_t version;  /* VS: 31:16 major, 15:8 minor */
    uint32_t ready_us; /* CAP.TO */
    uint32_t stride;   /* bytes between doorbells */
    uint32_t command_bytes;
    uint16_t retry_delays[3]; /* CRDT1 to 3, 100 ms */
    uint16_t error_entries;   /* of the error log */
    uint16_t depth;
    bool self_tests;
    bool write_cache;
    uint32_t namespace_number; /* NN */

    struct dma_memory memory;
    struct nvme_ring admin, io;
    uint8_t *data; /* one page for what admin commands give */
    uint64_t data_address;
    uint64_t *lists; /* a page of PRP entries for each slot */
    uint64_t lists_address;
    uint16_t admin_identifier;
    uint16_t admin_status; /* of the last admin command that was answered */
    uint32_t admin_value;  /* and its dword 0 */
    uint16_t admin_timeouts;

    struct nvme_slot slots[NVME_DEPTH];
    struct nvme_transfer transfers[NVME_DEPTH];
    uint64_t free_slots, free_transfers; /* a bit each */
    uint64_t all_slots;
    struct nvme_transfer *first, *last; /* with commands to be sent */
    unsigned waiting;                   /* slots */
    uint64_t polled_us, check_us;
    unsigned resets_in_row;
    struct drive_link link; /* counters alone */

    struct nvme_namespace namespaces[NVME_NAMESPACES];
    struct nvme_refusal refusals[NVME_NAMESPACES];
    unsigned namespace_count, refusal_count;
    unsigned namespaces_beyond; /* active ones that were not looked at */
};

_Static_assert(sizeof(struct nvme_controller) < 65536, "documented size");

/*
 * Takes the controller over: resets it, makes its queues, finds its namespaces. Nobody else may
 * drive it meanwhile. ERR_GONE when it does not answer; ERR_UNSUPPORTED when it lacks what this
 * driver needs; ERR_FORMAT when what it says of itself makes no sense; ERR_TIMEOUT, ERR_IO when
 * it does not do as told; ERR_FULL without memory. After a failure controller->reason says why, the
 * controller is disabled or kept from memory, and nothing is held. The seams must outlive it.
 */
int nvme_start(struct nvme_controller *controller, const struct nvme_config *config);

/*
 * Gives the controller back, fit for the firmware's driver: waits for requests, ends those left,
 * deletes the I/O queues, shuts down (NVMe Base 2.0, 3.6.1), disables, bus mastering off. OK, or
 * ERR_TIMEOUT or ERR_GONE when it could not be disabled; all is released in any case.
 */
int nvme_stop(struct nvme_controller *controller);

/* Usable namespace number `index`, from 0 on, or NULL. The caller gives it its `part`. All of them
 * share `depth`. Its read, write and ask take buffers aligned to 4 bytes. */
struct block_device *nvme_device(struct nvme_controller *controller, unsigned index);

/* A namespace that is there and cannot be used, or NULL. */
const struct nvme_refusal *nvme_refused(const struct nvme_controller *controller, unsigned index);

/* Until this, writing to a device of this driver gives ERR_REFUSED. */
void nvme_allow_writes(const struct block_device *device);

#endif
