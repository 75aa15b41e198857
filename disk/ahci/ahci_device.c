/*
 * A port as a block device, and commands that are waited for.
 */
#include "disk/ahci/ahci_parts.h"

#include <string.h>

#include "base/error.h"

enum {
    PAUSE_US = 1000,
    SPIN_US = 2000, /* waiting without a rest, for answers mostly come soon */
    REST_US = 20,
    ERROR_ABRT = 0x04,
    D2H_LBA_MID = 5,
    D2H_LBA_HIGH = 6,
};

/* Waits for something that began at begun_us. */
struct wait {
    uint64_t begun_us, paused_us;
};

static struct wait wait_begin(const struct ahci_port *port)
{
    uint64_t now_us = port_now_us(port);

    return (struct wait){.begun_us = now_us, .paused_us = now_us};
}

static void wait_more(struct ahci_port *port, struct wait *wait)
{
    const struct ahci_config *config = &port->controller->config;
    uint64_t now_us = port_now_us(port);

    if (config->pause != NULL && now_us - wait->paused_us >= PAUSE_US) {
        config->pause(config->pause_context);
        wait->paused_us = now_us;
    }
    if (now_us - wait->begun_us >= SPIN_US)
        clock_wait_us(config->clock, REST_US);
    ahci_watch_poll(port);
}

static int run(struct ahci_port *port, struct block_request *request, bool alone)
{
    struct wait wait = wait_begin(port);
    int error = ahci_queue_take(port, request, alone);

    while (error == ERR_FULL && port->used != 0) {
        wait_more(port, &wait);
        error = ahci_queue_take(port, request, alone);
    }
    if (error != OK)
        return error;
    while (!request->done)
        wait_more(port, &wait);
    return request->error;
}

static int transfer(struct ahci_port *port, enum block_operation operation, uint64_t lba,
                    uint32_t blocks, void *buffer)
{
    uint32_t most = AHCI_REQUEST_MAX / port->device.block_size;
    int error = blocks == 0 ? ERR_RANGE : OK;

    for (uint32_t at = 0; error == OK && at < blocks;) {
        struct block_request request = {
            .operation = (uint8_t)operation,
            .lba = lba + at,
            .blocks = most < blocks - at ? most : blocks - at,
            .buffer = (uint8_t *)buffer + (size_t)at * port->device.block_size,
        };

        error = run(port, &request, false);
        at += request.blocks;
    }
    return error;
}

static int device_read(void *context, uint64_t lba, uint32_t blocks, void *buffer)
{
    return transfer(context, REQUEST_READ, lba, blocks, buffer);
}

static int device_write(void *context, uint64_t lba, uint32_t blocks, const void *buffer)
{
    return transfer(context, REQUEST_WRITE, lba, blocks, (void *)(uintptr_t)buffer);
}

static int device_flush(void *context)
{
    struct block_request request = {.operation = REQUEST_FLUSH};

    return run(context, &request, true);
}

static int device_ask(void *context, uint64_t lba, uint32_t blocks, void *buffer,
                      struct drive_status *ret_status)
{
    struct block_request request = {
        .operation = REQUEST_READ,
        .lba = lba,
        .blocks = blocks,
        .buffer = buffer,
    };
    int error = run(context, &request, true);

    if (!request.has_status)
        return error;
    *ret_status = request.status;
    return OK;
}

int ahci_device_command(struct ahci_port *port, const struct ata_command *command, bool brief)
{
    struct ahci_command *own = &port->own;
    struct wait wait = wait_begin(port);
    bool aborted;

    if (port->state == AHCI_PORT_GONE)
        return ERR_GONE;
    if (own->state != AHCI_COMMAND_NONE)
        return ERR_FULL;
    *own = (struct ahci_command){
        .ata = *command,
        .state = AHCI_COMMAND_WAITING,
        .brief = brief,
    };
    ahci_queue_issue(port);
    while (own->state != AHCI_COMMAND_DONE)
        wait_more(port, &wait);
    own->state = AHCI_COMMAND_NONE;
    aborted = own->error == ERR_IO && own->has_status && own->status.ata_status & TFD_ERR &&
              own->status.ata_error & ERROR_ABRT;
    return aborted ? ERR_UNSUPPORTED : own->error;
}

static int take_registers(const struct ahci_port *port, uint8_t *registers)
{
    const uint8_t *fis = port_memory(port, FIS_D2H);

    if (fis[0] != FIS_TYPE_D2H)
        return ERR_STALE;
    registers[0] = fis[D2H_LBA_MID];
    registers[1] = fis[D2H_LBA_HIGH];
    return OK;
}

static int device_page(void *context, enum drive_page page, void *buffer, size_t size)
{
    struct ahci_port *port = context;
    struct ata_command command;
    int error = ata_page_command(page, &command);

    if (error == OK && size != command.size)
        error = ERR_RANGE;
    if (error == OK && !ata_page_is_safe(page, port->model))
        error = ERR_REFUSED;
    if (error == OK)
        error = ahci_device_command(port, &command, false);
    if (error != OK)
        return error;
    if (command.protocol == ATA_NON_DATA)
        return take_registers(port, buffer);
    memcpy(buffer, port_memory(port, MEMORY_PAGE), PAGE_BYTES);
    return OK;
}

static int device_self_test(void *context, enum self_test test)
{
    struct ata_command command = ata_self_test_command(test);

    return ahci_device_command(context, &command, false);
}

/* What has come since the last look; a change of the link is left for poll to see to. */
static void count_errors(struct ahci_port *port)
{
    if (port->state == AHCI_PORT_RUNNING &&
        !(port_read(port, PORT_SERR) & (SERR_PHY_CHANGE | SERR_EXCHANGED)))
        (void)ahci_port_take_errors(port, false);
}

static int device_link(void *context, struct drive_link *ret_link)
{
    struct ahci_port *port = context;
    uint32_t ssts = port->controller->lost ? 0 : port_read(port, PORT_SSTS);

    count_errors(port);
    *ret_link = port->link;
    if (ssts != ALL_ONES && SSTS_DET(ssts) == DET_LINK)
        ret_link->generation = (uint8_t)SSTS_SPD(ssts);
    ret_link->generation_drive = port->generation_drive;
    ret_link->generation_port = (uint8_t)CAP_ISS(port->controller->capabilities);
    return OK;
}

void ahci_device_init(struct ahci_port *port)
{
    struct block_device *device = &port->device;

    device->context = port;
    device->protocol = PROTOCOL_ATA;
    device->controller = port->controller->config.controller;
    device->read = device_read;
    device->ask = device_ask;
    device->page = device_page;
    device->write = device_write;
    device->flush = device_flush;
    device->submit = ahci_queue_submit;
    device->poll = ahci_watch_poll;
    device->link = device_link;
    device->self_test = device_self_test;
}
