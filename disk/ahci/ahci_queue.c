/*
 * Requests on their way: taken, issued, completed, ended. The way of one that meets no error is two
 * register writes, and a read or two for each look at all that is at the drive.
 */
#include "disk/ahci/ahci_parts.h"

#include "base/error.h"

static uint32_t depth_mask(const struct ahci_port *port)
{
    return port->device.depth >= AHCI_SLOTS ? ALL_ONES : (1u << port->device.depth) - 1;
}

static int check(const struct ahci_port *port, const struct block_request *request)
{
    const struct block_device *device = &port->device;

    if (request->operation == REQUEST_FLUSH)
        return OK;
    if (request->operation != REQUEST_READ && request->operation != REQUEST_WRITE)
        return ERR_UNSUPPORTED;
    if (request->operation == REQUEST_WRITE && !port->may_write)
        return ERR_REFUSED;
    if (request->buffer == NULL || request->blocks == 0 || request->lba >= device->block_count ||
        request->blocks > device->block_count - request->lba ||
        request->blocks > AHCI_REQUEST_MAX / device->block_size)
        return ERR_RANGE;
    return OK;
}

/* A region must begin at an even address, and lie where the controller can reach it. */
static bool reaches(const struct ahci_port *port, uint64_t address, uint64_t size)
{
    return (address & 1) == 0 &&
           (port->controller->capabilities & CAP_S64A || (address + size) >> 32 == 0);
}

static int map(struct ahci_port *port, const struct block_request *request,
               struct dma_mapping *ret_mapping)
{
    const struct bus *bus = port->controller->config.bus;
    size_t size = (size_t)request->blocks * port->device.block_size;
    bool write = request->operation == REQUEST_WRITE;
    int error;

    if (request->operation == REQUEST_FLUSH)
        return OK;
    error = bus->map(bus->context, write ? DMA_TO_DEVICE : DMA_FROM_DEVICE, request->buffer, size,
                     ret_mapping);
    if (error == OK && !reaches(port, ret_mapping->address, size)) {
        bus->unmap(bus->context, ret_mapping);
        error = ERR_RANGE;
    }
    if (error == OK && ret_mapping->bounced)
        port->device.bounced = true;
    return error;
}

static void end_request(struct ahci_port *port, struct block_request *request, int error)
{
    uint64_t looked_us = port->looked_us;

    if (looked_us < request->begun_us)
        looked_us = request->begun_us;
    request->error = error;
    request->ended_us = port_now_us(port);
    request->gap_us = request->ended_us - looked_us;
    request->done = true;
}

void ahci_queue_end(struct ahci_port *port, unsigned number, int error,
                    const struct drive_status *status)
{
    const struct bus *bus = port->controller->config.bus;
    struct ahci_slot *slot = &port->slots[number];
    struct block_request *request = slot->request;
    uint32_t others = ~(1u << number);

    if (request->operation != REQUEST_FLUSH)
        bus->unmap(bus->context, &slot->mapping);
    slot->request = NULL;
    port->used &= others;
    port->issued &= others;
    port->alone &= others;
    port->again &= others;
    port->late &= others;
    port->aborted &= others;
    request->has_status = status != NULL;
    if (status != NULL)
        request->status = *status;
    end_request(port, request, error);
}

/* A slot whose bit the controller still shows is not used. Where all are so, the port is reset. */
static int find_slot(struct ahci_port *port, unsigned *ret_number)
{
    uint32_t room = ~port->used & ~port->strange & depth_mask(port);

    if (room == 0) {
        if (port->used == 0 && port->state == AHCI_PORT_RUNNING)
            ahci_recovery_reset(port);
        return ERR_FULL;
    }
    *ret_number = (unsigned)__builtin_ctz(room);
    return OK;
}

int ahci_queue_take(struct ahci_port *port, struct block_request *request, bool alone)
{
    struct ahci_slot slot = {.request = request};
    unsigned number = 0;
    int error = check(port, request);

    if (error != OK)
        return error;
    request->done = false;
    request->has_status = false;
    request->begun_us = port_now_us(port);
    if (port->state == AHCI_PORT_GONE) {
        end_request(port, request, ERR_GONE);
        return OK;
    }
    error = find_slot(port, &number);
    if (error == OK)
        error = map(port, request, &slot.mapping);
    if (error != OK)
        return error;
    port->slots[number] = slot;
    port->used |= 1u << number;
    if (alone || !port->queued || request->operation == REQUEST_FLUSH)
        port->alone |= 1u << number;
    ahci_queue_issue(port);
    return OK;
}

int ahci_queue_submit(void *context, struct block_request *request)
{
    return ahci_queue_take(context, request, false);
}

static void succeed(struct ahci_port *port, unsigned number, const struct drive_status *status)
{
    struct ahci_slot *slot = &port->slots[number];
    struct block_request *request = slot->request;

    port->issued &= ~(1u << number);
    port->resets = 0;
    slot->moved += slot->blocks;
    if (request->operation == REQUEST_WRITE)
        port->wrote = true;
    if (request->operation == REQUEST_FLUSH || slot->moved >= request->blocks)
        ahci_queue_end(port, number, OK, status);
}

static bool complete_alone(struct ahci_port *port, uint32_t slots, uint64_t now_us)
{
    uint32_t tfd = port_read(port, PORT_TFD);
    struct drive_status status = status_of(tfd);

    if (tfd & (TFD_BSY | TFD_DRQ))
        return false;
    if (tfd & (TFD_ERR | TFD_DF))
        ahci_recovery_begin(port, 0, tfd, now_us);
    else
        succeed(port, (unsigned)__builtin_ctz(slots), &status);
    return true;
}

bool ahci_queue_complete(struct ahci_port *port, uint64_t now_us)
{
    uint32_t busy = port_read(port, port->queuing ? PORT_SACT : PORT_CI);
    uint32_t slots = port->issued & ~busy;
    uint32_t strange = busy == ALL_ONES ? 0 : busy & ~port->issued;

    if (strange & ~port->strange)
        port->link.bad_answers++;
    port->strange = strange;
    if (slots != 0 && port->queuing)
        slots &= ~port_read(port, PORT_CI);
    if (slots == 0)
        return false;
    if (!port->queuing)
        return complete_alone(port, slots, now_us);
    for (; slots != 0; slots &= slots - 1)
        succeed(port, (unsigned)__builtin_ctz(slots), NULL);
    return true;
}

static void issue_slots(struct ahci_port *port)
{
    uint32_t waiting = port->used & ~port->issued;
    uint32_t alone = waiting & port->alone;

    if (waiting == 0 || (port->issued == 0 && !ahci_watch_idle(port)))
        return;
    if (alone == 0 && (port->issued == 0 || port->queuing))
        ahci_command_issue_slots(port, waiting, true);
    else if (alone != 0 && port->issued == 0)
        ahci_command_issue_slots(port, alone & -alone, false);
}

/* The recovery's command goes first, then the driver's own, then what must go alone. */
void ahci_queue_issue(struct ahci_port *port)
{
    struct ahci_command *command = NULL;

    if (port->state != AHCI_PORT_RUNNING || port->failing || ahci_command_issued(port) != NULL)
        return;
    if (port->recovery.state == AHCI_COMMAND_WAITING)
        command = &port->recovery;
    else if (port->own.state == AHCI_COMMAND_WAITING)
        command = &port->own;
    if (command == NULL)
        issue_slots(port);
    else if (port->issued == 0)
        ahci_command_issue_own(port, command);
}
