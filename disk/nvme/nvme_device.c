/* A namespace as a block device. */
#include <string.h>

#include "base/error.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

enum { ADMIN_TIMEOUTS_MAX = 3, ERROR_ENTRY_SIZE = 64 };

/* Does one request. It has no limit of its own: the driver ends every request in a bounded time,
 * and until then the request and its buffer must stand. */
static int perform(struct nvme_namespace *namespace, struct block_request *request)
{
    struct nvme_controller *controller = namespace->controller;
    struct nvme_wait wait = nvme_wait_begin(controller, UINT64_MAX);
    int error = nvme_submit(namespace, request);

    while (error == ERR_FULL) {
        nvme_poll(namespace);
        (void)nvme_wait_turn(controller, &wait);
        error = nvme_submit(namespace, request);
    }
    if (error != OK)
        return error;
    while (!request->done) {
        nvme_poll(namespace);
        if (!request->done)
            (void)nvme_wait_turn(controller, &wait);
    }
    return request->error;
}

static int device_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    struct block_request request = {
        .operation = REQUEST_READ, .lba = lba, .blocks = blocks, .buffer = buffer};

    return perform(context, &request);
}

static int device_write(void *context, uint64_t lba, uint32_t blocks, const void *buffer)
{
    struct block_request request = {.operation = REQUEST_WRITE,
                                    .lba = lba,
                                    .blocks = blocks,
                                    .buffer = (void *)(uintptr_t)buffer};

    return perform(context, &request);
}

static int device_flush(void *context)
{
    struct block_request request = {.operation = REQUEST_FLUSH};

    return perform(context, &request);
}

static int device_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                      struct drive_status *ret_status)
{
    struct block_request request = {
        .operation = REQUEST_READ, .lba = lba, .blocks = blocks, .buffer = buffer};
    int error = perform(context, &request);

    if (error != OK && (error != ERR_IO || !request.has_status))
        return error;
    *ret_status = request.status;
    return OK;
}

/* An admin command beside the requests. One that is not answered may still write to the page it
 * was given, so the controller is reset; after some of them no more are sent. */
static int ask_controller(struct nvme_controller *controller, const struct nvme_query *query)
{
    int error;

    if (controller->state != NVME_RUNNING)
        return ERR_GONE;
    if (controller->admin_timeouts >= ADMIN_TIMEOUTS_MAX)
        return ERR_TIMEOUT;
    error = nvme_admin(controller, query, NVME_ADMIN_US);
    if (error == ERR_GONE)
        nvme_give_up(controller, "it has left the bus");
    if (error == ERR_TIMEOUT) {
        controller->admin_timeouts++;
        controller->link.timeouts++;
        nvme_reset(controller);
    }
    return error == ERR_IO ? nvme_query_error(controller->admin_status) : error;
}

static int device_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct nvme_namespace *namespace = context;
    struct nvme_controller *controller = namespace->controller;
    struct nvme_query query;
    int error = nvme_page_query(page, namespace->nsid, &query);

    if (error != OK)
        return error;
    if (size != query.size)
        return ERR_RANGE;
    if (page == PAGE_ERRORS)
        nvme_query_shorten(&query, (size_t)controller->error_entries * ERROR_ENTRY_SIZE);
    error = ask_controller(controller, &query);
    if (error == OK)
        memcpy(buffer, controller->data, size);
    return error;
}

static int device_self_test(void *context, enum self_test test)
{
    struct nvme_namespace *namespace = context;
    struct nvme_query query;
    int error = nvme_self_test_query(test, namespace->nsid, &query);

    if (error != OK)
        return error;
    if (!namespace->controller->self_tests)
        return ERR_UNSUPPORTED;
    return ask_controller(namespace->controller, &query);
}

static int device_link(void *context, struct drive_link *ret_link)
{
    const struct nvme_controller *controller = ((struct nvme_namespace *)context)->controller;
    struct drive_link link = controller->link;

    nvme_read_link(controller->config.bus, &link);
    *ret_link = link;
    return OK;
}

void nvme_device_init(struct nvme_namespace *namespace, uint32_t block_size, uint64_t block_count)
{
    const struct nvme_controller *controller = namespace->controller;

    namespace->device = (struct block_device){
        .context = namespace,
        .protocol = PROTOCOL_NVME,
        .block_size = block_size,
        .block_count = block_count,
        .controller = controller->config.number,
        .depth = controller->depth,
        .read = device_read,
        .ask = device_ask,
        .page = device_page,
        .write = device_write,
        .flush = device_flush,
        .submit = nvme_submit,
        .poll = nvme_poll,
        .link = device_link,
        .self_test = device_self_test,
    };
}

struct block_device *nvme_device(struct nvme_controller *controller, unsigned index)
{
    return index < controller->namespace_count ? &controller->namespaces[index].device : NULL;
}

const struct nvme_refusal *nvme_refused(const struct nvme_controller *controller, unsigned index)
{
    return index < controller->refusal_count ? &controller->refusals[index] : NULL;
}

void nvme_allow_writes(const struct block_device *device)
{
    ((struct nvme_namespace *)device->context)->writable = true;
}
