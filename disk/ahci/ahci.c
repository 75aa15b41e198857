/*
 * The controller: taken over from the firmware, and given back.
 */
#include "disk/ahci/ahci.h"

#include <string.h>

#include "base/error.h"
#include "disk/ahci/ahci_parts.h"

enum {
    STEP_US = 100,
    DRAIN_US = 5 * 1000 * 1000,
    BUSY_US = 25 * 1000, /* within which firmware that has work left says so */
    CAP_NP_MASK = 0x1F,
};

static uint32_t hba_read(const struct ahci_controller *controller, uint32_t offset)
{
    return bus_read32(controller->config.bus, offset);
}

static void hba_write(const struct ahci_controller *controller, uint32_t offset, uint32_t value)
{
    bus_write32(controller->config.bus, offset, value);
}

static int hba_wait(const struct ahci_controller *controller, uint32_t offset, uint32_t mask,
                    uint32_t limit_us)
{
    for (uint32_t waited_us = 0;; waited_us += STEP_US) {
        uint32_t value = hba_read(controller, offset);

        if (value == ALL_ONES)
            return ERR_GONE;
        if ((value & mask) == 0)
            return OK;
        if (waited_us >= limit_us)
            return ERR_TIMEOUT;
        clock_wait_us(controller->config.clock, STEP_US);
    }
}

/* Firmware that does not let go in time has lost it: 10.6.3. */
static void hand_off(struct ahci_controller *controller)
{
    if (!(hba_read(controller, HBA_CAP2) & CAP2_BOH))
        return;
    hba_write(controller, HBA_BOHC, hba_read(controller, HBA_BOHC) | BOHC_OOS);
    if (hba_wait(controller, HBA_BOHC, BOHC_BOS, BUSY_US) == ERR_TIMEOUT &&
        hba_read(controller, HBA_BOHC) & BOHC_BB)
        (void)hba_wait(controller, HBA_BOHC, BOHC_BB, HANDOFF_US);
}

static int hba_reset(struct ahci_controller *controller)
{
    int error;

    hba_write(controller, HBA_GHC, hba_read(controller, HBA_GHC) | GHC_HR);
    error = hba_wait(controller, HBA_GHC, GHC_HR, HBA_RESET_US);
    if (error == OK)
        hba_write(controller, HBA_GHC, GHC_AE);
    return error;
}

static int stop_ports(struct ahci_controller *controller)
{
    int result = OK;

    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        if (controller->implemented >> i & 1) {
            int error = ahci_port_stop(&controller->ports[i]);

            port_write(&controller->ports[i], PORT_IE, 0);
            result = result == OK ? error : result;
        }
    }
    return result;
}

static int take_over(struct ahci_controller *controller)
{
    uint32_t ghc = hba_read(controller, HBA_GHC);
    int error;

    controller->reason = "no AHCI controller answers";
    if (ghc == ALL_ONES)
        return ERR_GONE;
    controller->enabled = ghc & GHC_AE;
    hba_write(controller, HBA_GHC, GHC_AE);
    hand_off(controller);
    controller->capabilities = hba_read(controller, HBA_CAP);
    controller->implemented = hba_read(controller, HBA_PI);
    if (controller->implemented == 0)
        controller->implemented =
            (uint32_t)((UINT64_C(2) << (controller->capabilities & CAP_NP_MASK)) - 1);
    error = stop_ports(controller);
    if (error == ERR_TIMEOUT) {
        controller->reason = "the controller cannot be stopped nor reset";
        controller->was_reset = true;
        error = hba_reset(controller);
    }
    if (error == OK)
        hba_write(controller, HBA_IS, ALL_ONES);
    return error;
}

/* Whatever was not stopped before cannot reach memory afterwards. */
static void give_back(struct ahci_controller *controller)
{
    const struct bus *bus = controller->config.bus;

    if (!controller->lost && hba_read(controller, HBA_GHC) != ALL_ONES) {
        (void)stop_ports(controller);
        (void)hba_reset(controller);
        hba_write(controller, HBA_GHC, controller->enabled ? GHC_AE : 0);
    }
    if (controller->master)
        (void)bus->master(bus->context, false);
    controller->master = false;
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        struct ahci_port *port = &controller->ports[i];

        if (port->memory.data != NULL)
            bus->release(bus->context, &port->memory);
        port->memory.data = NULL;
        port->state = AHCI_PORT_ABSENT;
    }
    controller->drive_count = 0;
}

int ahci_start(struct ahci_controller *controller, const struct ahci_config *config)
{
    const struct bus *bus = config->bus;
    int error;

    memset(controller, 0, sizeof(*controller));
    controller->config = *config;
    if (config->timeout_us == 0)
        controller->config.timeout_us = AHCI_TIMEOUT_US;
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        controller->ports[i].controller = controller;
        controller->ports[i].number = (uint8_t)i;
    }
    error = take_over(controller);
    if (error != OK)
        return error;
    error = bus->master(bus->context, true);
    controller->reason = "the controller may not read and write memory";
    controller->master = error == OK;
    if (error == OK)
        error = ahci_probe(controller);
    if (error == OK)
        controller->reason = NULL;
    else
        give_back(controller);
    return error;
}

/* Ends what is at a drive, in time or by force. */
static void drain(struct ahci_port *port)
{
    uint64_t begun_us = port_now_us(port);

    while (port->used != 0 && port_now_us(port) - begun_us < DRAIN_US) {
        ahci_watch_poll(port);
        clock_wait_us(port->controller->config.clock, STEP_US);
    }
    if (port->used == 0 && port->wrote)
        (void)port->device.flush(port);
    if (port->state == AHCI_PORT_RUNNING || port->state == AHCI_PORT_RESETTING)
        ahci_recovery_give_up(port, "the driver has stopped");
}

void ahci_stop(struct ahci_controller *controller)
{
    for (unsigned i = 0; i < controller->drive_count; i++)
        drain(&controller->ports[controller->drives[i]]);
    give_back(controller);
}

unsigned ahci_device_count(const struct ahci_controller *controller)
{
    return controller->drive_count;
}

struct block_device *ahci_device(struct ahci_controller *controller, unsigned index)
{
    if (index >= controller->drive_count)
        return NULL;
    return &controller->ports[controller->drives[index]].device;
}

unsigned ahci_port_number(const struct ahci_controller *controller, unsigned index)
{
    return controller->drives[index % AHCI_PORTS];
}

const char *ahci_refused(const struct ahci_controller *controller, unsigned port)
{
    if (port >= AHCI_PORTS || controller->ports[port].state != AHCI_PORT_REFUSED)
        return NULL;
    return controller->ports[port].reason;
}

void ahci_allow_writes(struct ahci_controller *controller, unsigned index)
{
    if (index < controller->drive_count)
        controller->ports[controller->drives[index]].may_write = true;
}

void ahci_errors_text(const struct ahci_controller *controller, unsigned index, struct text *text)
{
    static const struct {
        uint8_t bit;
        const char *name;
    } names[] = {
        {0, "recovered data"},       {1, "recovered communication"}, {8, "data lost"},
        {9, "communication lost"},   {10, "protocol error"},         {11, "internal error"},
        {16, "PhyRdy change"},       {17, "Phy internal error"},     {18, "COMWAKE"},
        {19, "10b/8b decode error"}, {20, "disparity error"},        {21, "CRC error"},
        {22, "handshake error"},     {23, "link sequence error"},    {24, "transport state error"},
        {25, "unknown FIS"},         {26, "device exchanged"},
    };
    uint32_t seen = controller->ports[controller->drives[index % AHCI_PORTS]].serr_seen;
    bool some = false;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (seen >> names[i].bit & 1) {
            text_format(text, "%s%s", some ? ", " : "", names[i].name);
            some = true;
        }
    }
    if (!some)
        text_add(text, "no errors");
}
