/* Queues in memory and their doorbells (NVMe Base 2.0, 3.3), and bounded waiting. */
#include <stdatomic.h>
#include <string.h>

#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

enum {
    SPIN_US = 1000, /* of a wait, before it lets time pass */
    STEP_MAX_US = 1000,
};

void nvme_ring_clear(struct nvme_ring *ring)
{
    memset(ring->submissions, 0, (size_t)ring->entries * SUBMISSION_DWORDS * 4);
    memset((void *)(uintptr_t)ring->completions, 0, (size_t)ring->entries * COMPLETION_DWORDS * 4);
    ring->tail = 0;
    ring->head = 0;
    ring->phase = 1;
}

static uint16_t behind(const struct nvme_ring *ring, uint16_t index)
{
    return index + 1 == ring->entries ? 0 : index + 1;
}

uint32_t *nvme_ring_entry(struct nvme_ring *ring)
{
    uint32_t *entry = ring->submissions + (size_t)ring->tail * SUBMISSION_DWORDS;

    memset(entry, 0, SUBMISSION_DWORDS * 4);
    ring->tail = behind(ring, ring->tail);
    return entry;
}

void nvme_ring_send(const struct nvme_controller *controller, const struct nvme_ring *ring)
{
    atomic_thread_fence(memory_order_release);
    bus_write32(controller->config.bus, ring->submission_doorbell, ring->tail);
}

bool nvme_ring_take(struct nvme_ring *ring, struct nvme_answer *ret_answer)
{
    const volatile uint32_t *entry = ring->completions + (size_t)ring->head * COMPLETION_DWORDS;
    uint32_t last = entry[3];

    if ((last >> 16 & 1) != ring->phase)
        return false;
    atomic_thread_fence(memory_order_acquire);
    *ret_answer = (struct nvme_answer){
        .value = entry[0],
        .head = (uint16_t)entry[2],
        .queue = (uint16_t)(entry[2] >> 16),
        .identifier = (uint16_t)last,
        .status = (uint16_t)(last >> 17),
    };
    ring->head = behind(ring, ring->head);
    if (ring->head == 0)
        ring->phase ^= 1;
    return true;
}

void nvme_ring_taken(const struct nvme_controller *controller, const struct nvme_ring *ring)
{
    bus_write32(controller->config.bus, ring->completion_doorbell, ring->head);
}

bool nvme_ring_owns(const struct nvme_ring *ring, const struct nvme_answer *answer)
{
    return answer->queue == ring->id && answer->head < ring->entries;
}

struct nvme_wait nvme_wait_begin(const struct nvme_controller *controller, uint64_t limit_us)
{
    uint64_t now_us = clock_now_us(controller->config.clock);

    return (struct nvme_wait){.start_us = now_us, .limit_us = limit_us, .paused_us = now_us};
}

bool nvme_wait_turn(const struct nvme_controller *controller, struct nvme_wait *wait)
{
    const struct nvme_config *config = &controller->config;
    uint64_t now_us = clock_now_us(config->clock);
    uint64_t waited_us = now_us - wait->start_us;

    if (waited_us >= wait->limit_us)
        return false;
    if (config->pause != NULL && now_us - wait->paused_us >= NVME_CHECK_US) {
        config->pause(config->pause_context);
        wait->paused_us = clock_now_us(config->clock);
    } else if (waited_us >= SPIN_US) {
        uint64_t step_us = waited_us / 64;

        clock_wait_us(config->clock, step_us < STEP_MAX_US ? (uint32_t)step_us : STEP_MAX_US);
    }
    return true;
}
