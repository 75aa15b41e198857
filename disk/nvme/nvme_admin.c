/* Admin commands, one at a time: NVMe Base 2.0, section 5. */
#include <string.h>

#include "base/error.h"
#include "disk/canary.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

/* An admin command as it is sent; `address` is its data pointer, 0 for none. */
struct order {
    struct nvme_query query;
    uint64_t address;
};

static void send(struct nvme_controller *controller, const struct order *order)
{
    uint32_t *entry = nvme_ring_entry(&controller->admin);

    controller->admin_identifier = (controller->admin_identifier + 1) & 0x7FFF;
    entry[0] = order->query.opcode | (uint32_t)controller->admin_identifier << 16;
    entry[1] = order->query.nsid;
    entry[6] = (uint32_t)order->address;
    entry[7] = (uint32_t)(order->address >> 32);
    entry[10] = order->query.cdw10;
    entry[11] = order->query.cdw11;
    nvme_ring_send(controller, &controller->admin);
}

/* Takes the answer to the command in flight, if it is there. */
static bool take(struct nvme_controller *controller)
{
    struct nvme_answer answer;

    if (!nvme_ring_take(&controller->admin, &answer))
        return false;
    nvme_ring_taken(controller, &controller->admin);
    if (!nvme_ring_owns(&controller->admin, &answer) ||
        answer.identifier != controller->admin_identifier) {
        controller->link.bad_answers++;
        return false;
    }
    controller->admin_status = answer.status;
    controller->admin_value = answer.value;
    return true;
}

/* Looked at seldom, for it costs the time of many looks at memory. */
static int look_at_status(const struct nvme_controller *controller)
{
    uint32_t status = bus_read32(controller->config.bus, REG_CSTS);

    if (status == REGISTER_GONE)
        return ERR_GONE;
    return status & CSTS_FATAL || !(status & CSTS_READY) ? ERR_TIMEOUT : OK;
}

static int execute(struct nvme_controller *controller, const struct order *order, uint64_t limit_us)
{
    struct nvme_wait wait = nvme_wait_begin(controller, limit_us);
    uint64_t look_us = wait.start_us + NVME_CHECK_US;

    send(controller, order);
    while (!take(controller)) {
        uint64_t now_us = clock_now_us(controller->config.clock);
        int error = now_us >= look_us ? look_at_status(controller) : OK;

        if (error != OK)
            return take(controller) ? OK : error;
        if (now_us >= look_us)
            look_us = now_us + NVME_CHECK_US;
        if (!nvme_wait_turn(controller, &wait))
            return look_at_status(controller) == ERR_GONE ? ERR_GONE : ERR_TIMEOUT;
    }
    return controller->admin_status & 0x7FF ? ERR_IO : OK;
}

int nvme_admin(struct nvme_controller *controller, const struct nvme_query *query,
               uint64_t limit_us)
{
    struct order order = {.query = *query, .address = query->size ? controller->data_address : 0};
    uint64_t seed = clock_now_us(controller->config.clock);
    size_t first, last;
    int error;

    memset(controller->data, 0, NVME_PAGE);
    if (query->whole)
        canary_stamp(controller->data, query->size, seed);
    error = execute(controller, &order, limit_us);
    if (error == OK && query->whole &&
        canary_left(controller->data, query->size, seed, &first, &last) != 0)
        error = ERR_STALE;
    return error;
}

/* Creates a queue: its size and number in CDW10. Both sections 5.4 and 5.5. */
static int create(struct nvme_controller *controller, uint8_t opcode, uint64_t address,
                  uint32_t cdw11)
{
    struct order order = {
        .query = {.opcode = opcode,
                  .cdw10 = (controller->io.entries - 1u) << 16 | controller->io.id,
                  .cdw11 = cdw11},
        .address = address,
    };

    return execute(controller, &order, NVME_ADMIN_US);
}

/* One queue of each kind is what any controller has, so a refusal of the feature is let pass. */
int nvme_create_queues(struct nvme_controller *controller)
{
    struct order feature = {.query = {.opcode = ADMIN_SET_FEATURES, .cdw10 = FEATURE_QUEUES}};
    struct nvme_ring *io = &controller->io;
    int error = execute(controller, &feature, NVME_ADMIN_US);

    if (error == OK || error == ERR_IO)
        error = create(controller, ADMIN_CREATE_CQ, io->completion_address, QUEUE_CONTIGUOUS);
    if (error == OK)
        error = create(controller, ADMIN_CREATE_SQ, io->submission_address,
                       (uint32_t)io->id << 16 | QUEUE_CONTIGUOUS);
    return error;
}

void nvme_delete_queues(struct nvme_controller *controller)
{
    struct order order = {.query = {.opcode = ADMIN_DELETE_SQ, .cdw10 = controller->io.id}};

    if (execute(controller, &order, NVME_ABORT_US) != OK)
        return;
    order.query.opcode = ADMIN_DELETE_CQ;
    (void)execute(controller, &order, NVME_ABORT_US);
}

int nvme_abort(struct nvme_controller *controller, uint16_t identifier)
{
    struct order order = {
        .query = {.opcode = ADMIN_ABORT, .cdw10 = (uint32_t)identifier << 16 | controller->io.id},
    };

    return execute(controller, &order, NVME_ABORT_US);
}
