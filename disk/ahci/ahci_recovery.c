/*
 * After an error: AHCI 1.3.1, 6.2.2, and SATA 3.x, 13.6.3, for queued commands.
 *
 * The engine is stopped first; from then on the controller touches no buffer of a command. Who is
 * guilty ends with the status that the drive gave, the others wait to be issued again. Each
 * recovery ends a request, or sends one to be tried alone, or uses up one of the resets in a row:
 * so there are not many.
 */
#include "disk/ahci/ahci_parts.h"

#include "base/error.h"

/* NCQ error log, page 0. */
enum {
    LOG_NOT_QUEUED = 0x80, /* of byte 0, whose bits 4:0 are the tag */
    LOG_TAG = 0x1F,
    LOG_STATUS = 2,
    LOG_ERROR = 3,
};

static bool is_answer(uint32_t tfd)
{
    return tfd & (TFD_ERR | TFD_DF);
}

/* TFES stays, while the status may since be that of another command. */
void ahci_recovery_begin(struct ahci_port *port, uint32_t is, uint32_t tfd, uint64_t now_us)
{
    if (port->failing)
        return;
    port->failing = true;
    port->answered = is & IS_TFES || is_answer(tfd);
    port->failed = tfd;
    port->changed_us = now_us;
}

static void end_own(struct ahci_port *port, int error)
{
    if (port->own.state != AHCI_COMMAND_WAITING && port->own.state != AHCI_COMMAND_ISSUED)
        return;
    port->own.error = error;
    port->own.state = AHCI_COMMAND_DONE;
}

/* Ends all that a port has. The controller can reach its buffers no more. */
static void abandon(struct ahci_port *port, const char *reason)
{
    port->state = AHCI_PORT_GONE;
    port->reason = reason;
    port->failing = false;
    port->recovery.state = AHCI_COMMAND_NONE;
    end_own(port, ERR_GONE);
    while (port->used != 0)
        ahci_queue_end(port, (unsigned)__builtin_ctz(port->used), ERR_GONE, NULL);
}

void ahci_recovery_lose(struct ahci_controller *controller, const char *reason)
{
    const struct bus *bus = controller->config.bus;

    controller->lost = true;
    controller->reason = reason;
    controller->master = false;
    (void)bus->master(bus->context, false);
    for (unsigned i = 0; i < AHCI_PORTS; i++) {
        struct ahci_port *port = &controller->ports[i];

        if (port->state == AHCI_PORT_RUNNING || port->state == AHCI_PORT_RESETTING)
            abandon(port, reason);
    }
}

/* Stops the engine, by COMRESET where it must be. False when the controller had to be given up. */
static bool take_back(struct ahci_port *port)
{
    int error = ahci_port_stop_commands(port);

    if (error == ERR_TIMEOUT) {
        ahci_port_comreset(port);
        error = ahci_port_wait(port, PORT_CMD, CMD_CR, 0, ENGINE_US);
    }
    if (error != OK)
        ahci_recovery_lose(port->controller, error == ERR_GONE ? "the controller left the bus"
                                                               : "the controller does not stop");
    return error == OK;
}

void ahci_recovery_give_up(struct ahci_port *port, const char *reason)
{
    if (take_back(port))
        abandon(port, reason);
}

/* What was at the drive through no fault that is known: once more, and from then on alone. */
static void issue_again(struct ahci_port *port, uint32_t slots)
{
    port->alone |= slots & port->again;
    port->again |= slots;
    port->issued &= ~slots;
    port->aborted &= ~slots;
}

void ahci_recovery_reset(struct ahci_port *port)
{
    port->failing = false;
    if (!take_back(port))
        return;
    (void)ahci_port_take_errors(port, port->state == AHCI_PORT_RESETTING);
    issue_again(port, port->issued | port->aborted);
    port->issued = 0;
    port->aborted = 0;
    port->recovery.state = AHCI_COMMAND_NONE;
    if (port->own.state == AHCI_COMMAND_ISSUED)
        port->own.state = AHCI_COMMAND_DONE;
    if (port->resets >= AHCI_RESETS_MAX) {
        abandon(port, "the drive needs one reset after the other");
        return;
    }
    port->resets++;
    port->state = AHCI_PORT_RESETTING;
    ahci_port_comreset(port);
}

/* Whether the drive takes commands, and is the same. */
static void ask_identity(struct ahci_port *port)
{
    port->recovery_log = false;
    port->recovery = (struct ahci_command){.state = AHCI_COMMAND_WAITING, .brief = true};
    (void)ata_page_command(PAGE_IDENTIFY, &port->recovery.ata);
}

static void come_back(struct ahci_port *port)
{
    if (port_read(port, PORT_SIG) != SIGNATURE_ATA) {
        ahci_recovery_give_up(port, "something else came back in the drive's place");
        return;
    }
    (void)ahci_port_take_errors(port, true);
    ahci_port_clear(port);
    port->strange = 0;
    port->state = AHCI_PORT_RUNNING;
    ahci_port_start(port);
    while (port->late != 0)
        ahci_queue_end(port, (unsigned)__builtin_ctz(port->late), ERR_TIMEOUT, NULL);
    ask_identity(port);
}

void ahci_recovery_reset_step(struct ahci_port *port, uint64_t now_us)
{
    uint32_t ssts = port_read(port, PORT_SSTS);
    bool linked = SSTS_DET(ssts) == DET_LINK;

    if (ssts == ALL_ONES) {
        ahci_recovery_lose(port->controller, "the controller left the bus");
        return;
    }
    if (linked && !(port_read(port, PORT_TFD) & (TFD_BSY | TFD_DRQ)))
        come_back(port);
    else if (now_us - port->reset_us < AHCI_RETURN_US)
        return;
    else if (linked)
        ahci_recovery_reset(port);
    else
        ahci_recovery_give_up(port, "the drive has left");
}

/* The only one at the drive has failed: by the drive's word, or on the way, which is tried once
 * more. */
static void judge_alone(struct ahci_port *port, unsigned number, uint32_t tfd)
{
    struct drive_status status = status_of(tfd);

    if (is_answer(tfd))
        ahci_queue_end(port, number, ERR_IO, &status);
    else if (port->again & 1u << number)
        ahci_queue_end(port, number, ERR_IO, NULL);
    else
        issue_again(port, 1u << number);
}

static void judge_own(struct ahci_command *command, uint32_t tfd)
{
    command->state = AHCI_COMMAND_DONE;
    command->error = ERR_IO;
    command->has_status = is_answer(tfd);
    command->status = status_of(tfd);
}

/* The drive tells in its log which of the queued commands failed; reading it also makes the drive
 * take commands again. */
static void ask_log(struct ahci_port *port, uint32_t tfd)
{
    port->answer = tfd;
    port->aborted = port->issued;
    port->issued = 0;
    port->recovery_log = true;
    port->recovery = (struct ahci_command){.state = AHCI_COMMAND_WAITING, .brief = true};
    (void)ata_page_command(PAGE_NCQ_ERROR, &port->recovery.ata);
}

/* A drive may keep the status of a command that was not queued and failed, and be taken for failing
 * at the next queued one, as QEMU's does: a command that ends well comes between. */
static void accuse(struct ahci_port *port, uint32_t tfd)
{
    struct ahci_command *command = ahci_command_issued(port);
    bool plain = command == &port->own || (command == NULL && port->issued != 0 && !port->queuing);

    if (plain)
        ask_identity(port);
    if (command != NULL)
        judge_own(command, tfd);
    else if (port->issued == 0)
        return;
    else if (!port->queuing)
        judge_alone(port, (unsigned)__builtin_ctz(port->issued), tfd);
    else if (port->answered)
        ask_log(port, tfd);
    else
        issue_again(port, port->issued);
    if (command == &port->recovery)
        ahci_recovery_continue(port);
}

/* Whether the drive is fit to go on without a reset. After an error on the way that it gave no
 * status for, nobody knows what it still has at hand. */
static bool is_fit(const struct ahci_port *port)
{
    return SSTS_DET(port_read(port, PORT_SSTS)) == DET_LINK &&
           !(port_read(port, PORT_TFD) & (TFD_BSY | TFD_DRQ)) && port_read(port, PORT_CI) == 0 &&
           port_read(port, PORT_SACT) == 0;
}

static void run(struct ahci_port *port, uint64_t now_us)
{
    uint32_t tfd = port->failed;

    if (port->issued != 0 && port->queuing)
        (void)ahci_queue_complete(port, now_us);
    port->failing = false;
    if (!take_back(port))
        return;
    (void)ahci_port_take_errors(port, false);
    accuse(port, tfd);
    if (port->state != AHCI_PORT_RUNNING)
        return;
    if (!port->answered || !is_fit(port)) {
        ahci_recovery_reset(port);
        return;
    }
    ahci_port_clear(port);
    ahci_port_start(port);
}

/* A drive stops at a queued error; virtual ones have been seen to go on with the others. */
void ahci_recovery_settle(struct ahci_port *port, uint64_t now_us)
{
    bool many = port->queuing && (port->issued & (port->issued - 1)) != 0;

    if (!many || !port->answered || now_us - port->changed_us >= SETTLE_US)
        run(port, now_us);
}

static uint8_t sum_of(const uint8_t *page)
{
    uint8_t sum = 0;

    for (unsigned i = 0; i < PAGE_BYTES; i++)
        sum = (uint8_t)(sum + page[i]);
    return sum;
}

/* The slot that the log names, or 0. */
static uint32_t guilty_slot(const struct ahci_port *port, const uint8_t *page)
{
    uint32_t slot = 1u << (page[0] & LOG_TAG);

    if (port->recovery.error != OK || sum_of(page) != 0 || page[0] & LOG_NOT_QUEUED)
        return 0;
    return is_answer(page[LOG_STATUS]) ? slot & port->aborted : 0;
}

/* Without the log, a drive that is to have one may still abort all commands. */
static void judge_queued(struct ahci_port *port)
{
    const uint8_t *page = port_memory(port, MEMORY_PAGE);
    struct drive_status status = status_of(page[LOG_STATUS] | (uint32_t)page[LOG_ERROR] << 8);
    uint32_t guilty = guilty_slot(port, page);

    if (guilty == 0) {
        ask_identity(port);
        if ((port->aborted & (port->aborted - 1)) == 0 && is_answer(port->answer)) {
            guilty = port->aborted; /* there was only this one */
            status = status_of(port->answer);
        }
    }
    if (guilty == 0)
        port->alone |= port->aborted;
    else
        ahci_queue_end(port, (unsigned)__builtin_ctz(guilty), ERR_IO, &status);
    port->aborted = 0;
}

void ahci_recovery_continue(struct ahci_port *port)
{
    port->recovery.state = AHCI_COMMAND_NONE;
    if (port->recovery_log) {
        if (port->aborted != 0)
            judge_queued(port);
    } else if (port->recovery.error != OK) {
        ahci_recovery_reset(port);
    } else if (ahci_probe_identity(port_memory(port, MEMORY_PAGE)) != port->identity) {
        ahci_recovery_give_up(port, "another drive came back in the drive's place");
    }
}
