/* Enabling, disabling and shutting down: NVMe Base 2.0, 3.5.1, 3.6.1, 3.7.2. */
#include "base/error.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

static uint32_t get(const struct nvme_controller *controller, uint32_t offset)
{
    return bus_read32(controller->config.bus, offset);
}

static void put(const struct nvme_controller *controller, uint32_t offset, uint32_t value)
{
    bus_write32(controller->config.bus, offset, value);
}

static void put_address(const struct nvme_controller *controller, uint32_t offset, uint64_t address)
{
    put(controller, offset, (uint32_t)address);
    put(controller, offset + 4, (uint32_t)(address >> 32));
}

/* Waits for these bits of CSTS to have this value. A fatal status ends a wait for readiness: it
 * will not come. */
static int wait_status(const struct nvme_controller *controller, uint32_t bits, uint32_t value,
                       uint64_t limit_us)
{
    struct nvme_wait wait = nvme_wait_begin(controller, limit_us);

    do {
        uint32_t status = get(controller, REG_CSTS);

        if (status == REGISTER_GONE)
            return ERR_GONE;
        if ((status & bits) == value)
            return OK;
        if (value == CSTS_READY && status & CSTS_FATAL)
            return ERR_IO;
    } while (nvme_wait_turn(controller, &wait));
    return ERR_TIMEOUT;
}

int nvme_disable(struct nvme_controller *controller)
{
    uint32_t configuration = get(controller, REG_CC);

    if (configuration == REGISTER_GONE)
        return ERR_GONE;
    if (configuration & (CC_ENABLE | CC_SHUTDOWN))
        put(controller, REG_CC, configuration & ~(uint32_t)(CC_ENABLE | CC_SHUTDOWN));
    return wait_status(controller, CSTS_READY, 0, controller->ready_us);
}

int nvme_enable(struct nvme_controller *controller)
{
    uint32_t last = controller->admin.entries - 1u;

    nvme_ring_clear(&controller->admin);
    nvme_ring_clear(&controller->io);
    put(controller, REG_INTMS, UINT32_MAX);
    put(controller, REG_AQA, last << 16 | last);
    put_address(controller, REG_ASQ_LOW, controller->admin.submission_address);
    put_address(controller, REG_ACQ_LOW, controller->admin.completion_address);
    put(controller, REG_CC, CC_ENTRY_SIZES | CC_ENABLE);
    return wait_status(controller, CSTS_READY, CSTS_READY, controller->ready_us);
}

void nvme_shut_down(struct nvme_controller *controller)
{
    uint32_t configuration = get(controller, REG_CC);

    if (configuration == REGISTER_GONE)
        return;
    put(controller, REG_CC,
        (configuration & ~(uint32_t)CC_SHUTDOWN) | (uint32_t)CC_SHUTDOWN_NORMAL);
    (void)wait_status(controller, CSTS_SHUTDOWN, CSTS_SHUTDOWN_DONE, NVME_STOP_US);
}
