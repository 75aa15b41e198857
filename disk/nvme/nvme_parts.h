/*
 * The inside of the NVMe driver: what its files need of each other.
 */
#ifndef ASSAY_DISK_NVME_PARTS_H
#define ASSAY_DISK_NVME_PARTS_H

#include "disk/nvme/nvme.h"
#include "disk/nvme/nvme_page.h"

/* ---- nvme_queue.c: queues and waiting */

/* A completion queue entry, NVMe Base 2.0 figure 90. */
struct nvme_answer {
    uint32_t value; /* dword 0 */
    uint16_t head, queue, identifier, status;
};

/* Empties the ring: for a controller that is not enabled. */
void nvme_ring_clear(struct nvme_ring *ring);
/* The next free entry, zeroed; it is sent with nvme_ring_send(), alone or with others. */
uint32_t *nvme_ring_entry(struct nvme_ring *ring);
void nvme_ring_send(const struct nvme_controller *controller, const struct nvme_ring *ring);
/* Takes a new answer, if there is one; nvme_ring_taken() tells the controller of all taken. */
bool nvme_ring_take(struct nvme_ring *ring, struct nvme_answer *ret_answer);
void nvme_ring_taken(const struct nvme_controller *controller, const struct nvme_ring *ring);
/* Whether an answer can come from this ring at all. */
bool nvme_ring_owns(const struct nvme_ring *ring, const struct nvme_answer *answer);

/* A wait that is over after limit_us. */
struct nvme_wait {
    uint64_t start_us, limit_us, paused_us;
};

struct nvme_wait nvme_wait_begin(const struct nvme_controller *controller, uint64_t limit_us);
/* Waits a little, a sixty-fourth of the time so far; false when the limit is over. What is waited
 * for is looked at before this is asked, so that a long pause costs nothing. */
bool nvme_wait_turn(const struct nvme_controller *controller, struct nvme_wait *wait);

/* ---- nvme_ready.c: the state of the controller */

/* OK when it is seen not to be ready; ERR_TIMEOUT, ERR_GONE. */
int nvme_disable(struct nvme_controller *controller);
/* Gives it the admin queue and enables it. ERR_TIMEOUT, ERR_GONE, ERR_IO after a fatal status. */
int nvme_enable(struct nvme_controller *controller);
void nvme_shut_down(struct nvme_controller *controller);

/* ---- nvme_admin.c */

/*
 * Sends an admin command and waits for its answer; data is in controller->data. OK, ERR_STALE when
 * part of the data did not come, ERR_IO with admin_status set, ERR_TIMEOUT, ERR_GONE. After one of
 * the last two the controller may still write
 * to controller->data: it is to be reset, given up or stopped.
 */
int nvme_admin(struct nvme_controller *controller, const struct nvme_query *query,
               uint64_t limit_us);
int nvme_create_queues(struct nvme_controller *controller);
void nvme_delete_queues(struct nvme_controller *controller);
int nvme_abort(struct nvme_controller *controller, uint16_t identifier);

/* ---- nvme_namespace.c */

int nvme_identify(struct nvme_controller *controller);
int nvme_find_namespaces(struct nvme_controller *controller);

/* ---- nvme_request.c: from the caller and back */

void nvme_requests_init(struct nvme_controller *controller);
int nvme_submit(void *context, struct block_request *request);
void nvme_poll(void *context);
void nvme_poll_controller(struct nvme_controller *controller);
bool nvme_busy(const struct nvme_controller *controller);
/* Takes a transfer out of the list of those with commands to be sent. */
void nvme_delist(struct nvme_controller *controller, struct nvme_transfer *transfer);
/* The first failure is the request's; no more commands are sent for it. */
void nvme_fail(struct nvme_controller *controller, struct nvme_transfer *transfer, int error,
               uint16_t status);
/* Hands a request back when none of its commands is left. */
void nvme_finish_ended(struct nvme_controller *controller, struct nvme_transfer *transfer,
                       uint64_t now_us);
/* For a controller that can reach no memory: everything ends with this error. */
void nvme_end_all(struct nvme_controller *controller, int error);

/* ---- nvme_command.c: to the controller and back */

/* Sends what there is room for. */
void nvme_issue(struct nvme_controller *controller, uint64_t now_us);
/* Sends what has waited long enough. What belongs to a failed request is not sent again. */
void nvme_send_again(struct nvme_controller *controller, uint64_t now_us);
/* Takes in what is done, without sending anything. */
void nvme_take(struct nvme_controller *controller, uint64_t now_us);
void nvme_free_slot(struct nvme_controller *controller, struct nvme_slot *slot);
/* For a controller that can reach no memory: what was in flight ends or will be sent again. */
void nvme_requeue(struct nvme_controller *controller);

/* ---- nvme_recover.c */

/* Looks at the state of a busy controller and for commands that are late. */
void nvme_check(struct nvme_controller *controller, uint64_t now_us);
void nvme_reset(struct nvme_controller *controller);
void nvme_give_up(struct nvme_controller *controller, const char *reason);

/* ---- nvme_device.c, nvme_link.c */

void nvme_device_init(struct nvme_namespace *namespace, uint32_t block_size, uint64_t block_count);
/* Fills in what configuration space says. */
void nvme_read_link(const struct bus *bus, struct drive_link *link);

#endif
