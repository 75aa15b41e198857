/*
 * Simulated SMBus host controllers, Intel's and AMD's, register by register, with named faults.
 *
 * Sixteen devices can hang on the bus: sensors of modules at 18h to 1Fh, SPDs and hubs at 50h to
 * 57h. A register access takes a microsecond and a transfer 400. The model has its own idea of what
 * may be done: a write on the bus, an address that is nobody's business, a transfer begun without
 * the semaphore or over another one, and any write elsewhere are breaches.
 */
#ifndef ASSAY_TESTS_SIM_SMBUS_H
#define ASSAY_TESTS_SIM_SMBUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"

enum smb_fault {
    SMB_HEALTHY,
    SMB_OFF,           /* the firmware has switched it off */
    SMB_NO_PORTS,      /* its ports are not decoded */
    SMB_SMI,           /* Intel: its interrupts are the firmware's */
    SMB_I2C,           /* Intel: set up for another protocol */
    SMB_CHECKSUMS,     /* Intel: the same, with checksums */
    SMB_BASE_LEGACY,   /* its ports would be those of a serial port */
    SMB_OTHER_BUS,     /* AMD: connected to the second bus */
    SMB_OLD,           /* AMD: an older revision */
    SMB_UNKNOWN,       /* of a maker that is not known */
    SMB_FLOATING,      /* all its ports read FFh */
    SMB_OWNED,         /* somebody has the semaphore and keeps it */
    SMB_OWNED_BRIEFLY, /* somebody has it for 200 ms now and then */
    SMB_NO_MANNERS,    /* somebody uses it for 200 ms without the semaphore */
    SMB_STUCK,         /* a transfer never ends by itself */
    SMB_STUCK_HARD,    /* not by force either */
    SMB_COLLISION,     /* every transfer ends in one */
    SMB_COLLISIONS,    /* every third one does */
    SMB_FAILED_LEFT,   /* flags of a failed transfer were left standing */
    SMB_STOLEN,        /* every fifth transfer is another one's by the time it is over */
    SMB_WRONG,         /* every fourth word read is wrong by far */
    SMB_DIES,          /* from fault_us on its ports float */
    SMB_STUCK_LATER,   /* from fault_us on transfers do not end */
    SMB_FAULTS,
};

struct smb_device {
    bool present;
    uint8_t bytes[256];
    uint64_t gone_us; /* 0: never */
};

struct smb {
    bool is_amd;
    enum smb_fault fault;
    uint64_t fault_us;
    uint8_t revision;
    uint16_t base;
    struct smb_device devices[128];

    uint8_t status, control, command, address, data[2];
    uint8_t slave_control; /* AMD: the semaphore */
    bool taken;            /* Assay has the semaphore */
    bool moving;
    uint64_t done_us;
    unsigned transfers;
    uint8_t power_index;
    uint64_t now_us;
    unsigned accesses, writes, breaches;
};

/* Intel's at 00:1f.4, ports from EFA0h on; AMD's at 00:14.0, from 0B00h on, its power management
 * registers in memory. Nothing on the bus. */
void smb_init(struct smb *smb, bool is_amd, enum smb_fault fault);

/* Puts a module at a place from 0 to 7. Temperatures and limits in thousandths of a degree; a limit
 * of 0 is written as 0. */
void smb_put_ddr3(struct smb *smb, unsigned place, uint32_t serial);
void smb_put_ddr4(struct smb *smb, unsigned place);
void smb_put_jc42(struct smb *smb, unsigned place, int temperature, int limit);
void smb_put_hub(struct smb *smb, unsigned place, int temperature, int limit);
void smb_set_temperature(struct smb *smb, unsigned place, int temperature);

/* True when nothing is left behind: no semaphore, no transfer, no bit that ends one. */
bool smb_is_at_rest(const struct smb *smb);

struct access smb_access(struct smb *smb);
struct clock smb_clock(struct smb *smb);

#endif
