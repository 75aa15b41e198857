/* Commands: what is sent for a request, and what becomes of it. NVM command set 3.2; completion
 * queue entries NVMe Base 2.0, 3.3.3.2. */
#include "base/error.h"
#include "disk/nvme/nvme_parts.h"
#include "disk/nvme/nvme_registers.h"

enum {
    IDENTIFIER_SLOT = NVME_DEPTH - 1, /* bits of an identifier */
    IDENTIFIER_GENERATION_SHIFT = 8,
    IDENTIFIER_GENERATION = 0xF,
    LIST_ENTRIES = NVME_PAGE / 8,
    RETRY_US = 100000, /* where the drive gives no delay */
    RETRY_MAX_US = 2000000,
};

_Static_assert(NVME_COMMAND_MAX / NVME_PAGE + 1 <= LIST_ENTRIES, "a command needs one list");

static uint64_t bit(ptrdiff_t index)
{
    return (uint64_t)1 << index;
}

static void put64(uint32_t *entry, unsigned dword, uint64_t value)
{
    entry[dword] = (uint32_t)value;
    entry[dword + 1] = (uint32_t)(value >> 32);
}

/* The data pointer: the first page from its offset on; then a second page, or a list of pages. */
static void put_pages(const struct nvme_controller *controller, ptrdiff_t slot, uint32_t *entry,
                      uint64_t address, uint32_t size)
{
    uint64_t *list = controller->lists + slot * LIST_ENTRIES;
    uint64_t page = (address & ~(uint64_t)(NVME_PAGE - 1)) + NVME_PAGE;
    uint64_t end = address + size;

    put64(entry, 6, address);
    if (end <= page)
        return;
    if (end <= page + NVME_PAGE) {
        put64(entry, 8, page);
        return;
    }
    put64(entry, 8, controller->lists_address + (uint64_t)slot * NVME_PAGE);
    for (; page < end; page += NVME_PAGE)
        *list++ = page;
}

static void send(struct nvme_controller *controller, struct nvme_slot *slot, uint64_t now_us)
{
    static const uint8_t opcodes[] = {
        [REQUEST_READ] = IO_READ, [REQUEST_WRITE] = IO_WRITE, [REQUEST_FLUSH] = IO_FLUSH};
    const struct nvme_transfer *transfer = slot->transfer;
    const struct block_request *request = transfer->request;
    uint32_t block_size = transfer->namespace->device.block_size;
    ptrdiff_t index = slot - controller->slots;
    uint32_t *entry = nvme_ring_entry(&controller->io);

    slot->generation = (slot->generation + 1) & IDENTIFIER_GENERATION;
    slot->identifier = (uint16_t)(slot->generation << IDENTIFIER_GENERATION_SHIFT | index);
    slot->sent_us = now_us;
    slot->waiting = false;
    entry[0] = opcodes[request->operation] | (uint32_t)slot->identifier << 16;
    entry[1] = transfer->namespace->nsid;
    if (request->operation == REQUEST_FLUSH)
        return;
    put_pages(controller, index, entry,
              transfer->mapping.address + (uint64_t)slot->first * block_size,
              slot->blocks * block_size);
    put64(entry, 10, request->lba + slot->first);
    entry[12] = slot->blocks - 1;
}

/* The next command of the first transfer in the list. */
static void begin_next(struct nvme_controller *controller, uint64_t now_us)
{
    struct nvme_transfer *transfer = controller->first;
    uint32_t most = controller->command_bytes / transfer->namespace->device.block_size;
    uint32_t left = transfer->blocks - transfer->begun;
    struct nvme_slot *slot = &controller->slots[__builtin_ctzll(controller->free_slots)];

    controller->free_slots &= controller->free_slots - 1;
    slot->transfer = transfer;
    slot->first = transfer->begun;
    slot->blocks = left < most ? left : most;
    slot->tries = 0;
    transfer->begun += slot->blocks;
    transfer->flying++;
    if (transfer->begun == transfer->blocks)
        nvme_delist(controller, transfer);
    send(controller, slot, now_us);
}

void nvme_issue(struct nvme_controller *controller, uint64_t now_us)
{
    if (controller->first == NULL || controller->free_slots == 0)
        return;
    while (controller->first != NULL && controller->free_slots != 0)
        begin_next(controller, now_us);
    nvme_ring_send(controller, &controller->io);
}

void nvme_free_slot(struct nvme_controller *controller, struct nvme_slot *slot)
{
    if (slot->waiting)
        controller->waiting--;
    slot->waiting = false;
    slot->transfer->flying--;
    slot->transfer = NULL;
    controller->free_slots |= bit(slot - controller->slots);
}

static void wait_to_send(struct nvme_controller *controller, struct nvme_slot *slot,
                         uint64_t again_us)
{
    if (!slot->waiting)
        controller->waiting++;
    slot->waiting = true;
    slot->again_us = again_us;
}

void nvme_send_again(struct nvme_controller *controller, uint64_t now_us)
{
    bool sent = false;

    for (unsigned i = 0; i < controller->depth && controller->waiting != 0; i++) {
        struct nvme_slot *slot = &controller->slots[i];
        struct nvme_transfer *transfer = slot->transfer;

        if (transfer == NULL || !slot->waiting)
            continue;
        if (transfer->error != OK) {
            nvme_free_slot(controller, slot);
            nvme_finish_ended(controller, transfer, now_us);
        } else if (now_us >= slot->again_us) {
            controller->waiting--;
            send(controller, slot, now_us);
            sent = true;
        }
    }
    if (sent)
        nvme_ring_send(controller, &controller->io);
}

/* ---- answers */

/* Whether the status is one that passes: generic, command interrupted or namespace not ready. */
static bool is_transient(uint16_t status)
{
    return !(status & STATUS_NOT_AGAIN) && ((status & 0x7FF) == 0x021 || (status & 0x7FF) == 0x082);
}

/* CRD, bits 12:11 of the status field, names one of three delays of 100 ms each; 0 is none. */
static uint64_t retry_delay_us(const struct nvme_controller *controller, uint16_t status)
{
    unsigned which = status >> 11 & 3;
    uint64_t delay_us = which != 0 ? controller->retry_delays[which - 1] * 100000ull : RETRY_US;

    return delay_us < RETRY_MAX_US ? delay_us : RETRY_MAX_US;
}

static void end_command(struct nvme_controller *controller, struct nvme_slot *slot, uint16_t status,
                        uint64_t now_us)
{
    struct nvme_transfer *transfer = slot->transfer;

    if (is_transient(status) && slot->tries < NVME_RETRIES_MAX && transfer->error == OK) {
        slot->tries++;
        wait_to_send(controller, slot, now_us + retry_delay_us(controller, status));
        return;
    }
    nvme_free_slot(controller, slot);
    if ((status & 0x7FF) != 0)
        nvme_fail(controller, transfer, ERR_IO, status);
    else
        controller->resets_in_row = 0;
    nvme_finish_ended(controller, transfer, now_us);
}

static struct nvme_slot *find_slot(struct nvme_controller *controller,
                                   const struct nvme_answer *found)
{
    struct nvme_slot *slot = &controller->slots[found->identifier & IDENTIFIER_SLOT];

    if (!nvme_ring_owns(&controller->io, found) || slot->transfer == NULL || slot->waiting ||
        slot->identifier != found->identifier)
        return NULL;
    return slot;
}

void nvme_take(struct nvme_controller *controller, uint64_t now_us)
{
    struct nvme_answer found;
    unsigned count = 0;

    while (count < controller->io.entries && nvme_ring_take(&controller->io, &found)) {
        struct nvme_slot *slot = find_slot(controller, &found);

        if (slot != NULL)
            end_command(controller, slot, found.status, now_us);
        else
            controller->link.bad_answers++;
        count++;
    }
    if (count != 0)
        nvme_ring_taken(controller, &controller->io);
}

/* A read that was in flight and has not failed is done again, once. */
static bool may_go_again(const struct nvme_transfer *transfer)
{
    return transfer->error == OK && !transfer->again &&
           transfer->request->operation == REQUEST_READ;
}

void nvme_requeue(struct nvme_controller *controller)
{
    uint64_t now_us = clock_now_us(controller->config.clock);
    uint64_t again = 0;

    for (unsigned i = 0; i < controller->depth; i++) {
        struct nvme_slot *slot = &controller->slots[i];
        struct nvme_transfer *transfer = slot->transfer;
        uint64_t mine = transfer ? bit(transfer - controller->transfers) : 0;

        if (transfer == NULL || slot->waiting)
            continue;
        if (again & mine || may_go_again(transfer)) {
            again |= mine;
            transfer->again = true;
            wait_to_send(controller, slot, now_us);
            continue;
        }
        nvme_fail(controller, transfer, ERR_TIMEOUT, 0);
        nvme_free_slot(controller, slot);
        nvme_finish_ended(controller, transfer, now_us);
    }
}
