/*
 * The SMBus host controller that memory modules hang on: Intel's since the ICH4, and AMD's FCH.
 *
 * Bytes and words are read, from addresses 18h to 1Fh (temperature sensors of modules) and 50h to
 * 57h (their SPD), and nothing else is ever sent: at 30h to 37h a mere touch locks an SPD or turns
 * its page. The controller is used as the firmware left it. One that is switched off stays so, and
 * so does the port that AMD's is connected to.
 *
 * The bus belongs to the firmware's management mode as well. Each transfer takes the semaphore of
 * the controller and gives it back, and counts only when the registers that say what was asked for
 * still say so when the answer is read. Nothing waits: a transfer of half a millisecond is begun in
 * one call and ended in a later one.
 *
 * Sources: Intel's datasheets of the ICH and PCH, "SMBus Controller Registers"; AMD's register
 * references of SB800 to the FCHs of family 17h, "SMBus Registers"; SMBus 3.1, section 6.5.
 */
#ifndef ASSAY_SENSORS_SMBUS_H
#define ASSAY_SENSORS_SMBUS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"
#include "sensors/guard.h"

enum {
    SMBUS_SENSOR_FIRST = 0x18, /* 7-bit addresses; eight of each kind, one for each module */
    SMBUS_SPD_FIRST = 0x50,
    SMBUS_MODULES = 8,
    SMBUS_TRANSFER_US = 100000, /* a transfer that takes longer is ended by force */
    SMBUS_KILL_US = 2000,       /* what the controller is given for that */
    SMBUS_OWNED_US = 1000000,   /* how long somebody else may have the bus */
};

enum { SMBUS_BUSY = 1 };

enum smbus_kind { SMBUS_INTEL, SMBUS_AMD };

enum smbus_phase {
    SMBUS_IDLE,
    SMBUS_TAKE, /* the semaphore is asked for */
    SMBUS_MOVE,
    SMBUS_KILL, /* ended by force; whatever it was is over at the next look */
};

struct smbus {
    const struct access *access; /* the guard's */
    const struct clock *clock;
    enum smbus_kind kind;
    struct pci_function function;
    uint16_t base;
    enum smbus_phase phase;
    uint64_t since_us; /* of the phase */
    uint8_t address, command;
    bool word;
};

/*
 * Looks for a controller that may be used, and allows the guard what a transfer writes. Writes
 * nothing, but on AMD's older ones the index of the power management registers.
 * ERR_ABSENT where there is none; ERR_UNSUPPORTED where the seam lacks ports or configuration
 * space; ERR_REFUSED, and *ret_why, where it is to be left alone; ERR_IO.
 */
int smbus_find(struct smbus *bus, struct guard *guard, const struct clock *clock,
               const char **ret_why);

/* Boards on which the bus is not to be touched: IBM's, whose EEPROMs were damaged by it, and two
 * that were switched off or worse. Names as in SMBIOS types 1 and 2. */
bool smbus_is_unsafe(const char *system_maker, const char *board_maker, const char *board);

/* What a transfer reads next. `address` is one of the sixteen above. */
void smbus_ask(struct smbus *bus, uint8_t address, uint8_t command, bool word);

/*
 * Goes on with it, within 20 register accesses: SMBUS_BUSY until it is done, then OK and the byte,
 * or the word with the byte that came first in its low half. ERR_ABSENT when nobody has this
 * address; ERR_STALE when somebody else used the controller meanwhile; ERR_REFUSED when somebody
 * else has it for too long; ERR_TIMEOUT when the transfer did not end; ERR_IO for a collision, and
 * for a controller that answers no longer.
 */
int smbus_step(struct smbus *bus, uint16_t *ret_value);

/* Ends the work: no transfer is begun any more. Call it until it returns true, at most for
 * SMBUS_TRANSFER_US and SMBUS_KILL_US; then the controller is not left in the middle of one. */
bool smbus_stop(struct smbus *bus);

/* smbus_find.c, for smbus.c alone: the registers, counted from the base. */
enum {
    SMBUS_STATUS = 0,
    SMBUS_CONTROL = 2,
    SMBUS_COMMAND = 3,
    SMBUS_ADDRESS = 4,
    SMBUS_DATA = 5, /* and the next one */
    SMBUS_AMD_SEMAPHORE = 8,
    SMBUS_INTEL_AUXILIARY = 0x0D,
    SMBUS_READ_BYTE = 0x48, /* begin a transfer of this kind */
    SMBUS_READ_WORD = 0x4C,
    SMBUS_END = 0x02,         /* ends a transfer by force */
    SMBUS_AMD_TAKE = 0x10,    /* set by who takes the semaphore; reads 0 while another has it */
    SMBUS_AMD_RELEASE = 0x20, /* gives it back */
};

#endif
