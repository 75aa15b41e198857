/* Requests: taking them, and handing them back. */
#include "base/error.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

void nvme_requests_init(struct nvme_controller *controller)
{
    controller->all_slots = UINT64_MAX >> (64 - controller->depth);
    controller->free_slots = controller->all_slots;
    controller->free_transfers = controller->all_slots;
}

static uint64_t bit(ptrdiff_t index)
{
    return (uint64_t)1 << index;
}

bool nvme_busy(const struct nvme_controller *controller)
{
    return controller->free_transfers != controller->all_slots;
}

/* ---- the list of transfers with commands to be sent */

static void enlist(struct nvme_controller *controller, struct nvme_transfer *transfer)
{
    transfer->next = NULL;
    if (controller->first == NULL)
        controller->first = transfer;
    else
        controller->last->next = transfer;
    controller->last = transfer;
}

void nvme_delist(struct nvme_controller *controller, struct nvme_transfer *transfer)
{
    struct nvme_transfer *before = NULL;
    struct nvme_transfer *at = controller->first;

    for (; at != NULL && at != transfer; at = at->next)
        before = at;
    if (at == NULL)
        return;
    if (before == NULL)
        controller->first = at->next;
    else
        before->next = at->next;
    if (controller->last == at)
        controller->last = before;
}

/* ---- the end of a request */

static void answer(const struct nvme_controller *controller, const struct nvme_transfer *transfer,
                   uint64_t now_us)
{
    struct block_request *request = transfer->request;
    uint64_t looked_us = controller->polled_us;

    request->error = transfer->error;
    request->has_status = transfer->error == OK || transfer->status != 0;
    request->status = (struct drive_status){
        .protocol = PROTOCOL_NVME,
        .nvme_status = transfer->status,
    };
    request->ended_us = now_us;
    request->gap_us = now_us - (looked_us > request->begun_us ? looked_us : request->begun_us);
    request->done = true;
}

static void finish(struct nvme_controller *controller, struct nvme_transfer *transfer,
                   uint64_t now_us)
{
    const struct bus *bus = controller->config.bus;

    if (transfer->mapped)
        bus->unmap(bus->context, &transfer->mapping);
    controller->free_transfers |= bit(transfer - controller->transfers);
    answer(controller, transfer, now_us);
}

void nvme_finish_ended(struct nvme_controller *controller, struct nvme_transfer *transfer,
                       uint64_t now_us)
{
    if (transfer->flying == 0 && transfer->begun == transfer->blocks)
        finish(controller, transfer, now_us);
}

void nvme_fail(struct nvme_controller *controller, struct nvme_transfer *transfer, int error,
               uint16_t status)
{
    if (transfer->error == OK) {
        transfer->error = error;
        transfer->status = status;
    }
    if (transfer->begun != transfer->blocks)
        nvme_delist(controller, transfer);
    transfer->begun = transfer->blocks;
}

void nvme_poll_controller(struct nvme_controller *controller)
{
    uint64_t now_us;

    if (controller->state != NVME_RUNNING)
        return;
    now_us = clock_now_us(controller->config.clock);
    nvme_take(controller, now_us);
    if (controller->waiting != 0)
        nvme_send_again(controller, now_us);
    nvme_issue(controller, now_us);
    if (now_us >= controller->check_us)
        nvme_check(controller, now_us);
    controller->polled_us = now_us;
}

void nvme_poll(void *context)
{
    nvme_poll_controller(((struct nvme_namespace *)context)->controller);
}

/* ---- taking a request */

static int check_request(const struct nvme_namespace *namespace,
                         const struct block_request *request)
{
    const struct block_device *device = &namespace->device;

    if (request->operation == REQUEST_FLUSH)
        return OK;
    if (request->operation != REQUEST_READ && request->operation != REQUEST_WRITE)
        return ERR_RANGE;
    if (request->operation == REQUEST_WRITE && !namespace->writable)
        return ERR_REFUSED;
    if (request->blocks == 0 || request->blocks > NVME_REQUEST_MAX / device->block_size ||
        request->lba >= device->block_count || request->blocks > device->block_count - request->lba)
        return ERR_RANGE;
    return request->buffer == NULL || (uintptr_t)request->buffer % 4 != 0 ? ERR_RANGE : OK;
}

/* A buffer that cannot be mapped while nothing else is will not be mapped later either. */
static int map_buffer(struct nvme_controller *controller, struct nvme_transfer *transfer)
{
    const struct bus *bus = controller->config.bus;
    const struct block_request *request = transfer->request;
    struct block_device *device = &transfer->namespace->device;
    int error =
        bus->map(bus->context, request->operation == REQUEST_READ ? DMA_FROM_DEVICE : DMA_TO_DEVICE,
                 request->buffer, (size_t)request->blocks * device->block_size, &transfer->mapping);

    if (error != OK)
        return nvme_busy(controller) ? ERR_FULL : ERR_RANGE;
    transfer->mapped = true;
    if (transfer->mapping.bounced)
        device->bounced = true;
    return OK;
}

static void end_at_once(struct block_request *request, int error, uint64_t now_us)
{
    request->error = error;
    request->has_status = false;
    request->ended_us = now_us;
    request->gap_us = 0;
    request->done = true;
}

int nvme_submit(void *context, struct block_request *request)
{
    struct nvme_namespace *namespace = context;
    struct nvme_controller *controller = namespace->controller;
    struct nvme_transfer *transfer;
    int error = check_request(namespace, request);

    if (error != OK)
        return error;
    if (controller->free_transfers == 0)
        return ERR_FULL;
    request->done = false;
    request->begun_us = clock_now_us(controller->config.clock);
    if (controller->state != NVME_RUNNING ||
        (request->operation == REQUEST_FLUSH && !controller->write_cache)) {
        end_at_once(request, controller->state == NVME_RUNNING ? OK : ERR_GONE, request->begun_us);
        return OK;
    }
    transfer = &controller->transfers[__builtin_ctzll(controller->free_transfers)];
    *transfer = (struct nvme_transfer){
        .request = request,
        .namespace = namespace,
        .blocks = request->operation == REQUEST_FLUSH ? 1 : request->blocks,
    };
    error = request->operation == REQUEST_FLUSH ? OK : map_buffer(controller, transfer);
    if (error != OK)
        return error;
    controller->free_transfers &= controller->free_transfers - 1;
    enlist(controller, transfer);
    nvme_issue(controller, request->begun_us);
    return OK;
}

void nvme_end_all(struct nvme_controller *controller, int error)
{
    uint64_t now_us = clock_now_us(controller->config.clock);
    uint64_t taken = controller->all_slots & ~controller->free_transfers;

    controller->first = NULL;
    controller->last = NULL;
    for (unsigned i = 0; i < controller->depth; i++) {
        if (controller->slots[i].transfer != NULL)
            nvme_free_slot(controller, &controller->slots[i]);
    }
    for (unsigned i = 0; i < controller->depth; i++) {
        struct nvme_transfer *transfer = &controller->transfers[i];

        if (!(taken & bit(i)))
            continue;
        transfer->error = error;
        transfer->status = 0;
        finish(controller, transfer, now_us);
    }
}
