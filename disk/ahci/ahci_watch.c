/*
 * The look at a port: what completed, what the controller says of errors, what is late.
 */
#include "disk/ahci/ahci_parts.h"

#include "base/error.h"
#include "disk/canary.h"

static void end_own(struct ahci_port *port, struct ahci_command *command, uint32_t tfd)
{
    size_t first, last;

    command->state = AHCI_COMMAND_DONE;
    command->has_status = true;
    command->status = status_of(tfd);
    command->error = OK;
    if (command->ata.protocol == ATA_PIO_IN &&
        canary_left(port_memory(port, MEMORY_PAGE), PAGE_BYTES, command->issued_us, &first,
                    &last) != 0)
        command->error = ERR_STALE;
    if (command == &port->recovery)
        ahci_recovery_continue(port);
}

/* Whether the driver's own command has ended well; an error shows in PxIS, or here. */
static bool look_at_own(struct ahci_port *port, struct ahci_command *command, uint64_t now_us)
{
    uint32_t tfd;

    if (port_read(port, PORT_CI) & 1)
        return false;
    tfd = port_read(port, PORT_TFD);
    if (tfd & (TFD_BSY | TFD_DRQ))
        return false;
    if (tfd & (TFD_ERR | TFD_DF))
        ahci_recovery_begin(port, 0, tfd, now_us);
    else
        end_own(port, command, tfd);
    return true;
}

/* Whether the link is as it was, as far as PxIS and PxSERR tell. */
static bool watch(struct ahci_port *port, uint32_t is, uint64_t now_us)
{
    uint32_t serr = 0;

    port->watched_us = now_us;
    if (is == 0)
        return true;
    if (is & ~IS_DATA)
        serr = ahci_port_take_errors(port, false);
    port_write(port, PORT_IS, is);
    if (serr & (SERR_PHY_CHANGE | SERR_EXCHANGED) || is & IS_FATAL) {
        ahci_recovery_reset(port);
        return false;
    }
    return true;
}

/* Looks for errors; false when there is one, and it has been seen to. A controller that forgets to
 * raise TFES is found out by the status alone, which counts only some time after a command was
 * issued, for until then it may be the one before's. */
static bool check_errors(struct ahci_port *port, bool idle, uint64_t now_us)
{
    bool due = now_us - port->watched_us >= WATCH_US;
    uint32_t is, tfd;

    if (!idle && !due)
        return true;
    is = port_read(port, PORT_IS);
    if (is == ALL_ONES) {
        ahci_recovery_lose(port->controller, "the controller left the bus");
        return false;
    }
    if (is & IS_FATAL) {
        ahci_recovery_begin(port, is, port_read(port, PORT_TFD), now_us);
        return false;
    }
    if (!due)
        return true;
    if (!watch(port, is, now_us))
        return false;
    tfd = port_read(port, PORT_TFD);
    if (now_us - port->issued_us < WATCH_US || tfd & TFD_BSY || !(tfd & (TFD_ERR | TFD_DF)))
        return true;
    ahci_recovery_begin(port, 0, tfd, now_us);
    return false;
}

/* A completion for a tag that was never used shows only in the FIS that brought it. */
static void check_answer(struct ahci_port *port)
{
    const uint8_t *fis = port_memory(port, FIS_SDB);
    uint32_t bits =
        fis[4] | (uint32_t)fis[5] << 8 | (uint32_t)fis[6] << 16 | (uint32_t)fis[7] << 24;

    if (fis[0] == FIS_TYPE_SDB && bits & ~port->ever)
        port->link.bad_answers++;
}

/* The slots that are late, and when the next will be. */
static uint32_t find_late(struct ahci_port *port, uint64_t now_us)
{
    uint64_t timeout_us = port->controller->config.timeout_us;
    uint32_t late = 0;

    port->deadline_us = UINT64_MAX;
    for (uint32_t left = port->issued; left != 0; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);
        uint64_t limit_us = port->slots[number].issued_us + timeout_us;

        if (now_us >= limit_us)
            late |= 1u << number;
        else if (limit_us < port->deadline_us)
            port->deadline_us = limit_us;
    }
    return late;
}

/* A drive that went on with the others has lost the late ones. Where it stands still altogether,
 * which of several it hangs at shows when each is tried alone. */
static void check_slots(struct ahci_port *port, uint64_t now_us)
{
    bool several = (port->issued & (port->issued - 1)) != 0;
    bool still = now_us - port->changed_us >= port->controller->config.timeout_us / 2;
    uint32_t late;

    if (port->issued == 0 || now_us < port->deadline_us)
        return;
    late = find_late(port, now_us);
    if (late == 0)
        return;
    check_answer(port);
    port->link.timeouts++;
    if (several && still)
        port->alone |= port->issued;
    else
        port->late |= late;
    ahci_recovery_reset(port);
}

static void check_own(struct ahci_port *port, struct ahci_command *command, uint64_t now_us)
{
    uint64_t limit_us = port->controller->config.timeout_us;

    if (command->brief && limit_us > BRIEF_US)
        limit_us = BRIEF_US;
    if (command->state != AHCI_COMMAND_ISSUED || now_us - command->issued_us < limit_us)
        return;
    command->error = ERR_TIMEOUT;
    port->link.timeouts++;
    ahci_recovery_reset(port);
}

static void look(struct ahci_port *port, uint64_t now_us)
{
    struct ahci_command *command = ahci_command_issued(port);
    bool some;

    if (command == NULL && port->issued == 0 && !port->failing)
        return;
    if (command != NULL)
        some = look_at_own(port, command, now_us);
    else
        some = ahci_queue_complete(port, now_us);
    if (some)
        port->changed_us = now_us;
    if (port->failing) {
        ahci_recovery_settle(port, now_us);
        return;
    }
    if (port->state != AHCI_PORT_RUNNING || !check_errors(port, !some, now_us))
        return;
    if (command != NULL)
        check_own(port, command, now_us);
    else
        check_slots(port, now_us);
}

bool ahci_watch_idle(struct ahci_port *port)
{
    uint64_t now_us = port_now_us(port);
    uint32_t is;

    if (now_us - port->watched_us < WATCH_US)
        return true;
    is = port_read(port, PORT_IS);
    if (is == ALL_ONES) {
        ahci_recovery_lose(port->controller, "the controller left the bus");
        return false;
    }
    return watch(port, is, now_us);
}

void ahci_watch_poll(void *context)
{
    struct ahci_port *port = context;
    uint64_t now_us = port_now_us(port);

    if (port->state == AHCI_PORT_RUNNING)
        look(port, now_us);
    else if (port->state == AHCI_PORT_RESETTING)
        ahci_recovery_reset_step(port, now_us);
    ahci_queue_issue(port);
    port->looked_us = now_us;
}
