/*
 * One port's engines and link: AHCI 1.3.1, 3.3 and 10.1 to 10.4.
 */
#include "disk/ahci/ahci_parts.h"

#include "base/error.h"

enum { WAIT_STEP_US = 20 };

int ahci_port_wait(const struct ahci_port *port, uint32_t offset, uint32_t mask, uint32_t value,
                   uint32_t limit_us)
{
    for (uint32_t waited_us = 0;; waited_us += WAIT_STEP_US) {
        uint32_t now = port_read(port, offset);

        if (now == ALL_ONES)
            return ERR_GONE;
        if ((now & mask) == value)
            return OK;
        if (waited_us >= limit_us)
            return ERR_TIMEOUT;
        clock_wait_us(port->controller->config.clock, WAIT_STEP_US);
    }
}

int ahci_port_stop_commands(struct ahci_port *port)
{
    uint32_t cmd = port_read(port, PORT_CMD);

    if (cmd == ALL_ONES)
        return ERR_GONE;
    if (cmd & CMD_ST)
        port_write(port, PORT_CMD, cmd & ~CMD_ST);
    return ahci_port_wait(port, PORT_CMD, CMD_CR, 0, ENGINE_US);
}

/* FRE falls only after ST: 10.3.2. */
int ahci_port_stop(struct ahci_port *port)
{
    int error = ahci_port_stop_commands(port);
    uint32_t cmd;

    if (error != OK)
        return error;
    cmd = port_read(port, PORT_CMD);
    if (cmd & CMD_FRE)
        port_write(port, PORT_CMD, cmd & ~CMD_FRE);
    return ahci_port_wait(port, PORT_CMD, CMD_FR, 0, ENGINE_US);
}

void ahci_port_start(struct ahci_port *port)
{
    port_write(port, PORT_CMD, port_read(port, PORT_CMD) | CMD_ST);
}

void ahci_port_prepare(struct ahci_port *port)
{
    uint64_t address = port->memory.address;
    uint32_t cmd = port_read(port, PORT_CMD) & ~(CMD_ATAPI | CMD_ALPE | CMD_ASP | CMD_ICC);

    port_write(port, PORT_IE, 0);
    port_write(port, PORT_CLB, (uint32_t)address);
    port_write(port, PORT_CLBU, (uint32_t)(address >> 32));
    port_write(port, PORT_FB, (uint32_t)(address + MEMORY_FIS));
    port_write(port, PORT_FBU, (uint32_t)((address + MEMORY_FIS) >> 32));
    ahci_port_clear(port);
    port_write(port, PORT_SCTL,
               (port_read(port, PORT_SCTL) & ~SCTL_DET & ~SCTL_IPM_NONE) | SCTL_IPM_NONE);
    port_write(port, PORT_CMD, cmd | CMD_FRE | CMD_SUD | CMD_POD | CMD_ICC_ACTIVE);
}

/* Only with ST clear: 10.4.2. */
void ahci_port_comreset(struct ahci_port *port)
{
    uint32_t sctl = port_read(port, PORT_SCTL) & ~SCTL_DET;

    port_write(port, PORT_SCTL, sctl | SCTL_DET_RESET);
    clock_wait_us(port->controller->config.clock, COMRESET_US);
    port_write(port, PORT_SCTL, sctl);
    port->reset_us = port_now_us(port);
    port->link.resets++;
}

uint32_t ahci_port_take_errors(struct ahci_port *port, bool expected)
{
    uint32_t serr = port_read(port, PORT_SERR);

    if (serr == 0 || serr == ALL_ONES)
        return serr;
    port_write(port, PORT_SERR, serr);
    if (expected)
        return serr;
    port->serr_seen |= serr;
    if (serr & (SERR_CRC | SERR_HANDSHAKE | SERR_DISPARITY))
        port->link.crc_errors++;
    if (serr & (SERR_PHY_CHANGE | SERR_EXCHANGED))
        port->link.phy_changes++;
    return serr;
}

void ahci_port_clear(struct ahci_port *port)
{
    port_write(port, PORT_SERR, ALL_ONES);
    port_write(port, PORT_IS, ALL_ONES);
}
