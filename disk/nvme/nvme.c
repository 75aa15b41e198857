#include "disk/nvme/nvme.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

enum {
    ADMIN_ENTRIES = 8,
    READY_UNIT_US = 500000,
    READY_MIN_US = 1000000,
    READY_MAX_US = 120000000,
};

/* The one piece of memory, in pages. */
enum {
    PAGE_ADMIN_SUBMISSIONS,
    PAGE_ADMIN_COMPLETIONS,
    PAGE_DATA,
    PAGE_COMPLETIONS,
    PAGE_SUBMISSIONS, /* NVME_DEPTH + 1 entries of 64 bytes: a little more than a page */
    PAGE_LISTS = PAGE_SUBMISSIONS + 2,
    MEMORY_PAGES = PAGE_LISTS + NVME_DEPTH,
};

__attribute__((format(printf, 3, 4))) static int fail(struct nvme_controller *controller, int error,
                                                      const char *format, ...)
{
    struct text text = text_in(controller->reason, sizeof(controller->reason));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    return error;
}

/* "it did not become ready: timed out" */
static int fail_step(struct nvme_controller *controller, int error, const char *what)
{
    return error == OK ? OK : fail(controller, error, "%s: %s", what, error_text(error));
}

/* CAP and VS, NVMe Base 2.0, 3.1.3.1 and 3.1.3.2. */
static int read_capabilities(struct nvme_controller *controller)
{
    uint32_t low = bus_read32(controller->config.bus, REG_CAP_LOW);
    uint32_t high = bus_read32(controller->config.bus, REG_CAP_HIGH);
    uint32_t ready_us = (low >> 24) * READY_UNIT_US;
    uint32_t entries = (low & 0xFFFF) + 1;

    if (ready_us < READY_MIN_US)
        ready_us = READY_MIN_US;
    controller->ready_us = ready_us < READY_MAX_US ? ready_us : READY_MAX_US;
    controller->version = bus_read32(controller->config.bus, REG_VS);
    if (low == REGISTER_GONE && high == REGISTER_GONE)
        return fail(controller, ERR_GONE, "it does not answer");
    if (!(high & CAP_CSS_NVM))
        return fail(controller, ERR_UNSUPPORTED, "it has no NVM command set");
    if ((high >> 16 & 0xF) != 0)
        return fail(controller, ERR_UNSUPPORTED, "it has no pages of 4 KiB");
    if (entries < 2)
        return fail(controller, ERR_FORMAT, "its queues have room for nothing");
    controller->stride = 4u << (high & 0xF);
    controller->depth = (uint16_t)(entries <= NVME_DEPTH ? entries - 1 : NVME_DEPTH);
    return OK;
}

static uint8_t *page_data(const struct nvme_controller *controller, unsigned page)
{
    return (uint8_t *)controller->memory.data + (size_t)page * NVME_PAGE;
}

static uint64_t page_address(const struct nvme_controller *controller, unsigned page)
{
    return controller->memory.address + (uint64_t)page * NVME_PAGE;
}

static struct nvme_ring make_ring(const struct nvme_controller *controller, uint16_t id,
                                  unsigned submissions, unsigned completions, unsigned entries)
{
    return (struct nvme_ring){
        .submissions = (uint32_t *)page_data(controller, submissions),
        .completions = (const volatile uint32_t *)page_data(controller, completions),
        .submission_address = page_address(controller, submissions),
        .completion_address = page_address(controller, completions),
        .submission_doorbell = REG_DOORBELLS + 2u * id * controller->stride,
        .completion_doorbell = REG_DOORBELLS + (2u * id + 1) * controller->stride,
        .id = id,
        .entries = (uint16_t)entries,
        .phase = 1,
    };
}

static int make_queues(struct nvme_controller *controller)
{
    const struct bus *bus = controller->config.bus;
    int error = bus->allocate(bus->context, (size_t)MEMORY_PAGES * NVME_PAGE, &controller->memory);

    if (error != OK)
        return fail_step(controller, error, "no memory for its queues");
    controller->admin =
        make_ring(controller, 0, PAGE_ADMIN_SUBMISSIONS, PAGE_ADMIN_COMPLETIONS, ADMIN_ENTRIES);
    controller->io =
        make_ring(controller, 1, PAGE_SUBMISSIONS, PAGE_COMPLETIONS, controller->depth + 1u);
    controller->data = page_data(controller, PAGE_DATA);
    controller->data_address = page_address(controller, PAGE_DATA);
    controller->lists = (uint64_t *)page_data(controller, PAGE_LISTS);
    controller->lists_address = page_address(controller, PAGE_LISTS);
    return OK;
}

static int enable(struct nvme_controller *controller)
{
    const struct bus *bus = controller->config.bus;
    int error = nvme_disable(controller);

    if (error != OK)
        return fail_step(controller, error, "it could not be disabled");
    error = bus->master(bus->context, true);
    if (error != OK)
        return fail_step(controller, error, "it could not be given access to memory");
    return fail_step(controller, nvme_enable(controller), "it did not become ready");
}

static int begin(struct nvme_controller *controller)
{
    int error = read_capabilities(controller);

    if (error == OK)
        error = make_queues(controller);
    if (error == OK)
        error = enable(controller);
    if (error != OK)
        return error;
    nvme_requests_init(controller);
    error = fail_step(controller, nvme_identify(controller), "Identify Controller");
    if (error == OK)
        error = fail_step(controller, nvme_create_queues(controller), "its queues");
    if (error == OK)
        error = fail_step(controller, nvme_find_namespaces(controller), "Identify Namespace");
    return error;
}

/* Whatever it was about, it is kept from memory before anything is given back. */
static int release(struct nvme_controller *controller)
{
    const struct bus *bus = controller->config.bus;
    int error = nvme_disable(controller);

    (void)bus->master(bus->context, false);
    nvme_end_all(controller, error == OK ? ERR_TIMEOUT : ERR_GONE);
    if (controller->memory.data != NULL)
        bus->release(bus->context, &controller->memory);
    controller->memory = (struct dma_memory){.data = NULL};
    controller->namespace_count = 0;
    controller->refusal_count = 0;
    controller->state = NVME_STOPPED;
    return error;
}

int nvme_start(struct nvme_controller *controller, const struct nvme_config *config)
{
    int error;

    memset(controller, 0, sizeof(*controller));
    controller->config = *config;
    if (controller->config.timeout_us == 0)
        controller->config.timeout_us = NVME_TIMEOUT_US;
    error = begin(controller);
    if (error != OK)
        (void)release(controller);
    else
        controller->state = NVME_RUNNING;
    return error;
}

static void drain(struct nvme_controller *controller)
{
    struct nvme_wait wait = nvme_wait_begin(controller, NVME_STOP_US);

    while (nvme_busy(controller) && nvme_wait_turn(controller, &wait))
        nvme_poll_controller(controller);
}

int nvme_stop(struct nvme_controller *controller)
{
    if (controller->state == NVME_STOPPED)
        return OK;
    drain(controller);
    if (controller->state == NVME_RUNNING) {
        nvme_delete_queues(controller);
        nvme_shut_down(controller);
    }
    return release(controller);
}
