/*
 * What the parts of the AHCI driver share: registers (AHCI 1.3.1, chapter 3), the layout of a
 * port's memory (chapter 4), and each other's functions.
 */
#ifndef ASSAY_DISK_AHCI_PARTS_H
#define ASSAY_DISK_AHCI_PARTS_H

#include "disk/ahci/ahci.h"

/* Of the controller. */
enum {
    HBA_CAP = 0x00,
    HBA_GHC = 0x04,
    HBA_IS = 0x08,
    HBA_PI = 0x0C,
    HBA_CAP2 = 0x24,
    HBA_BOHC = 0x28,
    HBA_PORTS = 0x100,
    HBA_PORT_SIZE = 0x80,
};

#define CAP_NCS(cap) (((cap) >> 8 & 0x1F) + 1)
#define CAP_ISS(cap) ((cap) >> 20 & 0xF)
#define CAP_SSS (1u << 27)
#define CAP_SNCQ (1u << 30)
#define CAP_S64A (1u << 31)
#define GHC_HR (1u << 0)
#define GHC_IE (1u << 1)
#define GHC_AE (1u << 31)
#define CAP2_BOH (1u << 0)
#define BOHC_BOS (1u << 0)
#define BOHC_OOS (1u << 1)
#define BOHC_OOC (1u << 3)
#define BOHC_BB (1u << 4)

/* Of a port. */
enum {
    PORT_CLB = 0x00,
    PORT_CLBU = 0x04,
    PORT_FB = 0x08,
    PORT_FBU = 0x0C,
    PORT_IS = 0x10,
    PORT_IE = 0x14,
    PORT_CMD = 0x18,
    PORT_TFD = 0x20,
    PORT_SIG = 0x24,
    PORT_SSTS = 0x28,
    PORT_SCTL = 0x2C,
    PORT_SERR = 0x30,
    PORT_SACT = 0x34,
    PORT_CI = 0x38,
};

#define CMD_ST (1u << 0)
#define CMD_SUD (1u << 1)
#define CMD_POD (1u << 2)
#define CMD_FRE (1u << 4)
#define CMD_FR (1u << 14)
#define CMD_CR (1u << 15)
#define CMD_ATAPI (1u << 24)
#define CMD_ALPE (1u << 26)
#define CMD_ASP (1u << 27)
#define CMD_ICC (0xFu << 28)
#define CMD_ICC_ACTIVE (1u << 28)

#define TFD_ERR 0x01u
#define TFD_DRQ 0x08u
#define TFD_DF 0x20u
#define TFD_BSY 0x80u

#define IS_OFS (1u << 24)
#define IS_IFS (1u << 27)
#define IS_HBDS (1u << 28)
#define IS_HBFS (1u << 29)
#define IS_TFES (1u << 30)
#define IS_FATAL (IS_OFS | IS_IFS | IS_HBDS | IS_HBFS | IS_TFES)
/* Bits that only say that FISes came, which the command's own registers tell as well. */
#define IS_DATA 0x0000002Fu

#define SERR_PHY_CHANGE (1u << 16)
#define SERR_DECODE (1u << 19)
#define SERR_DISPARITY (1u << 20)
#define SERR_CRC (1u << 21)
#define SERR_HANDSHAKE (1u << 22)
#define SERR_EXCHANGED (1u << 26)

#define SCTL_DET 0xFu
#define SCTL_DET_RESET 1u
#define SCTL_IPM_NONE 0x300u /* neither partial nor slumber */

#define SSTS_DET(ssts) ((ssts)&0xF)
#define SSTS_SPD(ssts) ((ssts) >> 4 & 0xF)

enum { DET_NONE = 0, DET_NO_LINK = 1, DET_LINK = 3, DET_OFFLINE = 4 };

#define SIGNATURE_ATA 0x00000101u
#define SIGNATURE_ATAPI 0xEB140101u
#define SIGNATURE_MULTIPLIER 0x96690101u
#define SIGNATURE_NONE 0xFFFFFFFFu

#define ALL_ONES 0xFFFFFFFFu

/* A port's memory: command list, received FISes, a command table for each slot and one for the
 * driver's own commands, and their data. */
enum {
    MEMORY_FIS = 1024,
    MEMORY_TABLES = 2048,
    TABLE_SIZE = 256,
    TABLE_PRDT = 128,
    TABLE_OWN = AHCI_SLOTS,
    MEMORY_PAGE = MEMORY_TABLES + (AHCI_SLOTS + 1) * TABLE_SIZE + 256,
    PAGE_BYTES = 512,
    MEMORY_SIZE = MEMORY_PAGE + PAGE_BYTES,
    FIS_D2H = MEMORY_FIS + 0x40,
    FIS_SDB = MEMORY_FIS + 0x58,
    FIS_TYPE_D2H = 0x34,
    FIS_TYPE_SDB = 0xA1,
};

/* Limits of single waits, in microseconds. */
enum {
    ENGINE_US = 500 * 1000, /* for PxCMD.CR and FR */
    HBA_RESET_US = 1000 * 1000,
    HANDOFF_US = 2000 * 1000,
    LINK_US = 100 * 1000,        /* for a link to show up */
    COMRESET_US = 2000,          /* length of COMRESET; at least 1 ms */
    WATCH_US = 1000,             /* between looks at PxIS */
    SETTLE_US = 200 * 1000,      /* for other commands to complete after a queued error */
    BRIEF_US = 10 * 1000 * 1000, /* for log 10h and IDENTIFY DEVICE, which need no medium */
};

static inline uint64_t port_now_us(const struct ahci_port *port)
{
    return clock_now_us(port->controller->config.clock);
}

static inline uint32_t port_read(const struct ahci_port *port, uint32_t offset)
{
    return bus_read32(port->controller->config.bus,
                      HBA_PORTS + port->number * HBA_PORT_SIZE + offset);
}

static inline void port_write(const struct ahci_port *port, uint32_t offset, uint32_t value)
{
    bus_write32(port->controller->config.bus, HBA_PORTS + port->number * HBA_PORT_SIZE + offset,
                value);
}

static inline uint8_t *port_memory(const struct ahci_port *port, size_t offset)
{
    return (uint8_t *)port->memory.data + offset;
}

static inline struct drive_status status_of(uint32_t tfd)
{
    return (struct drive_status){
        .protocol = PROTOCOL_ATA,
        .ata_status = (uint8_t)tfd,
        .ata_error = (uint8_t)(tfd >> 8),
    };
}

/* ahci_port.c: the engines and the link of a port. All waits are bounded; ERR_GONE when the
 * registers read as all ones, ERR_TIMEOUT when they do not change. */
int ahci_port_wait(const struct ahci_port *port, uint32_t offset, uint32_t mask, uint32_t value,
                   uint32_t limit_us);
int ahci_port_stop_commands(struct ahci_port *port);
int ahci_port_stop(struct ahci_port *port);
void ahci_port_start(struct ahci_port *port);
/* Command list and FIS addresses, no interrupts, no link power management; FIS reception on. */
void ahci_port_prepare(struct ahci_port *port);
void ahci_port_comreset(struct ahci_port *port);
/* Reads, clears and counts what PxSERR says. With `expected` a change of the link is our own. */
uint32_t ahci_port_take_errors(struct ahci_port *port, bool expected);
void ahci_port_clear(struct ahci_port *port);

/* ahci_command.c: builds commands in memory and issues them. */
void ahci_command_issue_own(struct ahci_port *port, struct ahci_command *command);
void ahci_command_issue_slots(struct ahci_port *port, uint32_t slots, bool queued);

/* The driver's own command that is at the drive, or NULL. */
static inline struct ahci_command *ahci_command_issued(struct ahci_port *port)
{
    if (port->recovery.state == AHCI_COMMAND_ISSUED)
        return &port->recovery;
    return port->own.state == AHCI_COMMAND_ISSUED ? &port->own : NULL;
}

/* ahci_queue.c */
int ahci_queue_take(struct ahci_port *port, struct block_request *request, bool alone);
int ahci_queue_submit(void *context, struct block_request *request);
void ahci_queue_issue(struct ahci_port *port);
/* Ends the request of a slot that is not, or no longer, at the drive. */
void ahci_queue_end(struct ahci_port *port, unsigned slot, int error,
                    const struct drive_status *status);
/* Takes in the slots that the drive completed; true when there are some. */
bool ahci_queue_complete(struct ahci_port *port, uint64_t now_us);

/* ahci_watch.c */
void ahci_watch_poll(void *context);
/* Before the first command after a rest: false when the drive left or was changed meanwhile, which
 * has then been seen to. */
bool ahci_watch_idle(struct ahci_port *port);

/* ahci_recovery.c: what happens after an error. */
/* The controller reports an error: queued commands get time to settle, then it is dealt with. */
void ahci_recovery_begin(struct ahci_port *port, uint32_t is, uint32_t tfd, uint64_t now_us);
/* Deals with the error seen before, once nothing more completes. */
void ahci_recovery_settle(struct ahci_port *port, uint64_t now_us);
/* The recovery's own command has ended. */
void ahci_recovery_continue(struct ahci_port *port);
/* After an error or a time limit: what is at the drive is taken back, and the link reset. */
void ahci_recovery_reset(struct ahci_port *port);
/* Looks whether the drive is back. */
void ahci_recovery_reset_step(struct ahci_port *port, uint64_t now_us);
/* The drive is given up, and all its requests end in ERR_GONE. */
void ahci_recovery_give_up(struct ahci_port *port, const char *reason);
/* As that, for all drives: the controller has left, or will not stop and loses its mastery. */
void ahci_recovery_lose(struct ahci_controller *controller, const char *reason);

/* ahci_device.c: the seam over a port, and single commands waited for. */
void ahci_device_init(struct ahci_port *port);
/* ERR_UNSUPPORTED when the drive aborts it. Data is then in the port's memory. */
int ahci_device_command(struct ahci_port *port, const struct ata_command *command, bool brief);

/* ahci_probe.c */
/* Checksum of what tells one drive from another, over a page of IDENTIFY DEVICE. */
uint32_t ahci_probe_identity(const uint8_t *page);
/* Brings the ports' links up, waits for drives that spin up, and makes block devices of those that
 * answer. ERR_FULL or ERR_UNSUPPORTED for want of memory, or of memory within reach. */
int ahci_probe(struct ahci_controller *controller);

#endif
