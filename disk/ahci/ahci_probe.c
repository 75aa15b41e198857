/*
 * What is attached to the ports: links are brought up (AHCI 1.3.1, 10.1.1 and 10.4), drives are
 * asked who they are.
 */
#include "disk/ahci/ahci_parts.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "disk/health/health_parts.h"

enum {
    LOOK_STEP_US = 1000,
    NUDGE_US = 1000 * 1000, /* after which a link that is not up gets a COMRESET */

    WORD_SERIAL = 10, /* to the last of the model: words 10 to 46 */
    IDENTITY_BYTES = 74,
    WORD_QUEUE_DEPTH = 75,
    WORD_SATA = 76, /* bits 1 to 3: generations; bit 8: native command queuing */
    WORD_COMMANDS = 83,
    BLOCK_SIZE_MAX = 4096,
    BLOCKS_28_MAX = 1 << 28,
};

struct signature {
    uint32_t value;
    const char *reason;
};

static const struct signature signatures[] = {
    {SIGNATURE_ATAPI, "ATAPI device, left alone"},
    {SIGNATURE_MULTIPLIER, "port multiplier, left alone"},
};

static bool is_implemented(const struct ahci_controller *controller, unsigned number)
{
    return controller->implemented >> number & 1;
}

static uint32_t detected(const struct ahci_port *port)
{
    uint32_t ssts = port_read(port, PORT_SSTS);

    return ssts == ALL_ONES ? DET_NONE : SSTS_DET(ssts);
}

/* Switches a port on: by spin-up, and by COMRESET where PxSCTL had switched it off. True when that
 * may have changed anything. */
static bool wake(struct ahci_port *port)
{
    uint32_t cmd = port_read(port, PORT_CMD);
    uint32_t on = CMD_SUD | CMD_POD;

    port_write(port, PORT_CMD, (cmd & ~CMD_ICC) | on | CMD_ICC_ACTIVE);
    if (detected(port) == DET_OFFLINE)
        ahci_port_comreset(port);
    return (cmd & on) != on || detected(port) != DET_NONE;
}

static void wake_links(struct ahci_controller *controller)
{
    const struct clock *clock = controller->config.clock;
    bool wait = controller->was_reset;

    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        struct ahci_port *port = &controller->ports[i];

        if (is_implemented(controller, i) && detected(port) != DET_LINK && wake(port))
            wait = true;
    }
    for (uint32_t waited_us = 0; wait && waited_us < LINK_US; waited_us += LOOK_STEP_US)
        clock_wait_us(clock, LOOK_STEP_US);
}

static int prepare(struct ahci_port *port)
{
    struct ahci_controller *controller = port->controller;
    const struct bus *bus = controller->config.bus;
    int error = bus->allocate(bus->context, MEMORY_SIZE, &port->memory);

    if (error != OK) {
        port->memory.data = NULL;
        controller->reason = "no memory for a port's command list";
        return error;
    }
    if (!(controller->capabilities & CAP_S64A) && (port->memory.address + MEMORY_SIZE) >> 32 != 0) {
        controller->reason = "the controller reaches only the first 4 GiB, where no memory is left";
        return ERR_UNSUPPORTED;
    }
    ahci_port_prepare(port);
    port->state = AHCI_PORT_RESETTING;
    port->reset_us = port_now_us(port);
    return OK;
}

/* The first FIS from a drive brings its signature and ends BSY. */
static bool is_ready(const struct ahci_port *port)
{
    return detected(port) == DET_LINK && !(port_read(port, PORT_TFD) & (TFD_BSY | TFD_DRQ)) &&
           port_read(port, PORT_SIG) != SIGNATURE_NONE;
}

/* True when nothing more is to be waited for at this port. */
static bool settle(struct ahci_port *port, uint64_t waited_us, bool *nudged)
{
    if (is_ready(port))
        return true;
    if (waited_us >= NUDGE_US && !*nudged) {
        *nudged = true;
        ahci_port_comreset(port);
    }
    return false;
}

/* Drives spin up side by side. */
static void wait_ready(struct ahci_controller *controller)
{
    const struct ahci_config *config = &controller->config;
    bool nudged[AHCI_PORTS] = {false};

    for (uint64_t waited_us = 0; waited_us < AHCI_RETURN_US; waited_us += LOOK_STEP_US) {
        bool all = true;

        for (unsigned i = 0; i < AHCI_PORTS; i++) {
            struct ahci_port *port = &controller->ports[i];

            if (port->state == AHCI_PORT_RESETTING && !settle(port, waited_us, &nudged[i]))
                all = false;
        }
        if (all)
            return;
        if (config->pause != NULL)
            config->pause(config->pause_context);
        clock_wait_us(config->clock, LOOK_STEP_US);
    }
}

uint32_t ahci_probe_identity(const uint8_t *page)
{
    return checksum(page + 2 * WORD_SERIAL, IDENTITY_BYTES);
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void take_queuing(struct ahci_port *port, struct bytes *page)
{
    uint32_t capabilities = port->controller->capabilities;
    uint16_t sata = bytes_le16(page, 2 * WORD_SATA);
    unsigned depth = (bytes_le16(page, 2 * WORD_QUEUE_DEPTH) & 0x1F) + 1u;

    if (sata == 0 || sata == UINT16_MAX)
        return;
    for (uint8_t generation = 1; generation <= 3; generation++) {
        if (sata >> generation & 1)
            port->generation_drive = generation;
    }
    port->queued = sata >> 8 & 1 && capabilities & CAP_SNCQ && port->large_lba;
    if (port->queued)
        port->device.depth = least(depth, CAP_NCS(capabilities));
}

/* Fills the device from IDENTIFY DEVICE. NULL, or why it cannot be used. */
static const char *take_identity(struct ahci_port *port)
{
    struct bytes page = bytes_of(port_memory(port, MEMORY_PAGE), PAGE_BYTES);
    uint16_t commands = bytes_le16(&page, 2 * WORD_COMMANDS);
    struct health_identity identity;

    if (ata_identify_parse(page.data, page.size, &identity) != OK)
        return "the drive's IDENTIFY DEVICE data is not valid";
    port->large_lba = commands >> 14 == 1 && commands >> 10 & 1;
    if (!is_power_of_two(identity.block_size) || identity.block_size < PAGE_BYTES ||
        identity.block_size > BLOCK_SIZE_MAX || identity.block_count == 0 ||
        identity.block_count >> 48 != 0 ||
        (!port->large_lba && identity.block_count > BLOCKS_28_MAX))
        return "the drive's size is not one that can be read";
    memcpy(port->model, identity.model, sizeof(port->model));
    port->identity = ahci_probe_identity(page.data);
    port->device.block_size = identity.block_size;
    port->device.block_count = identity.block_count;
    take_queuing(port, &page);
    return NULL;
}

static const char *identify(struct ahci_port *port)
{
    struct ata_command command;

    port->state = AHCI_PORT_RUNNING;
    port->device.depth = 1;
    ahci_port_clear(port);
    ahci_port_start(port);
    (void)ata_page_command(PAGE_IDENTIFY, &command);
    if (ahci_device_command(port, &command, true) != OK)
        return "the drive does not answer IDENTIFY DEVICE";
    return take_identity(port);
}

static void refuse(struct ahci_port *port, const char *reason)
{
    port->state = AHCI_PORT_REFUSED;
    port->reason = reason;
    (void)ahci_port_stop(port);
}

static const char *look_at(struct ahci_port *port)
{
    uint32_t signature;

    if (!is_ready(port))
        return detected(port) == DET_LINK ? "the drive stays busy" : "the link does not come up";
    signature = port_read(port, PORT_SIG);
    for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
        if (signatures[i].value == signature)
            return signatures[i].reason;
    }
    return signature == SIGNATURE_ATA ? identify(port) : "not a drive, by its signature";
}

static void probe_port(struct ahci_port *port)
{
    struct ahci_controller *controller = port->controller;
    const char *reason = look_at(port);

    if (reason != NULL) {
        refuse(port, reason);
        return;
    }
    port->link = (struct drive_link){0};
    port->resets = 0;
    ahci_device_init(port);
    controller->drives[controller->drive_count++] = port->number;
}

int ahci_probe(struct ahci_controller *controller)
{
    wake_links(controller);
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        struct ahci_port *port = &controller->ports[i];
        int error = OK;

        if (is_implemented(controller, i) && detected(port) != DET_NONE)
            error = prepare(port);
        if (error != OK)
            return error;
    }
    wait_ready(controller);
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        if (controller->ports[i].state == AHCI_PORT_RESETTING && !controller->lost)
            probe_port(&controller->ports[i]);
    }
    return controller->lost ? ERR_GONE : OK;
}
