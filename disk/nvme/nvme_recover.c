/* When a command is late or the controller fails: NVMe Base 2.0, 5.1 Abort, 3.7.2 controller reset,
 * 9.5 fatal status. */
#include "base/error.h"
#include "base/text.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

/* With bus mastering off nothing of the controller reaches memory, whatever it does. */
void nvme_give_up(struct nvme_controller *controller, const char *reason)
{
    const struct bus *bus = controller->config.bus;

    controller->state = NVME_GONE;
    copy_text(controller->reason, sizeof(controller->reason), reason);
    (void)bus->master(bus->context, false);
    nvme_end_all(controller, ERR_GONE);
}

void nvme_reset(struct nvme_controller *controller)
{
    int error;

    if (controller->resets_in_row >= NVME_RESETS_MAX) {
        nvme_give_up(controller, "several resets in a row did not help");
        return;
    }
    controller->resets_in_row++;
    controller->link.resets++;
    error = nvme_disable(controller);
    if (error != OK) {
        nvme_give_up(controller,
                     error == ERR_GONE ? "it has left the bus" : "it did not stop for a reset");
        return;
    }
    nvme_requeue(controller);
    error = nvme_enable(controller);
    if (error == OK)
        error = nvme_create_queues(controller);
    if (error != OK)
        nvme_give_up(controller, error == ERR_GONE ? "it has left the bus"
                                                   : "it did not come back from a reset");
}

static bool is_late(const struct nvme_controller *controller, const struct nvme_slot *slot,
                    uint64_t now_us)
{
    return slot->transfer != NULL && !slot->waiting &&
           now_us - slot->sent_us >= controller->config.timeout_us;
}

/* The requests of late commands end with ERR_TIMEOUT, whatever still comes. */
static unsigned fail_late(struct nvme_controller *controller, uint64_t now_us)
{
    unsigned count = 0;

    for (unsigned i = 0; i < controller->depth; i++) {
        struct nvme_slot *slot = &controller->slots[i];

        if (!is_late(controller, slot, now_us))
            continue;
        nvme_fail(controller, slot->transfer, ERR_TIMEOUT, 0);
        count++;
    }
    controller->link.timeouts += count;
    return count;
}

static bool is_flying(const struct nvme_slot *slot, uint16_t identifier)
{
    return slot->transfer != NULL && !slot->waiting && slot->identifier == identifier;
}

/* Whether the command has ended, be it by the abort or by itself. An abort that the controller
 * does not do is as good as none: the command may still be waited for a little. */
static bool abort_ends(struct nvme_controller *controller, const struct nvme_slot *slot)
{
    struct nvme_wait wait = nvme_wait_begin(controller, NVME_ABORT_US);
    uint16_t identifier = slot->identifier;
    int error = nvme_abort(controller, identifier);

    if (error != OK && error != ERR_IO)
        return false;
    do {
        nvme_take(controller, clock_now_us(controller->config.clock));
    } while (is_flying(slot, identifier) && nvme_wait_turn(controller, &wait));
    return !is_flying(slot, identifier);
}

static bool abort_late(struct nvme_controller *controller, uint64_t now_us)
{
    for (unsigned i = 0; i < controller->depth; i++) {
        const struct nvme_slot *slot = &controller->slots[i];

        if (is_late(controller, slot, now_us) && !abort_ends(controller, slot))
            return false;
    }
    return true;
}

static void recover(struct nvme_controller *controller, uint32_t status, uint64_t now_us)
{
    unsigned late = fail_late(controller, now_us);
    bool broken = status & CSTS_FATAL || !(status & CSTS_READY) || late > NVME_ABORTS_MAX;

    if (broken || (late != 0 && !abort_late(controller, now_us)))
        nvme_reset(controller);
}

void nvme_check(struct nvme_controller *controller, uint64_t now_us)
{
    uint32_t status;

    controller->check_us = now_us + NVME_CHECK_US;
    if (!nvme_busy(controller))
        return;
    status = bus_read32(controller->config.bus, REG_CSTS);
    if (status == REGISTER_GONE)
        nvme_give_up(controller, "it has left the bus");
    else
        recover(controller, status, now_us);
}
