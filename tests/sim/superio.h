/*
 * Simulated Super I/O chips at 2Eh and 4Eh, register by register, with named faults.
 *
 * Each has its key, its configuration registers with logical devices, and a hardware monitor of one
 * of three families behind ports at its base. The model has its own idea of what may be written:
 * anything else is a breach. Each access takes a microsecond.
 */
#ifndef ASSAY_TESTS_SIM_SUPERIO_H
#define ASSAY_TESTS_SIM_SUPERIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"

enum sio_fault {
    SIO_HEALTHY,
    SIO_FLOATING,     /* all reads give FFh */
    SIO_ZERO,         /* all reads give 0 */
    SIO_OPEN,         /* the firmware left it open */
    SIO_SWITCHED_OFF, /* its monitor is not active */
    SIO_LOCKED,       /* the ports of its monitor are hidden */
    SIO_BASE_ZERO,
    SIO_BASE_ODD,      /* 0293h */
    SIO_BASE_LEGACY,   /* 03F8h, which is a serial port */
    SIO_BASE_CHANGES,  /* never the same twice */
    SIO_INDEX_STOLEN,  /* at each eleventh access somebody selects another register */
    SIO_DEVICE_STOLEN, /* the logical device cannot be selected */
    SIO_NO_MONITOR,    /* nobody drives its monitor's ports */
    SIO_OTHER_MONITOR, /* something else answers there */
    SIO_NOT_STARTED,   /* the monitor was not started */
    SIO_BANK_STOLEN,   /* now and then somebody selects bank or page 5 between index and data */
    SIO_BANK_TAKEN,    /* the same before every reading of data, for ever */
    SIO_BANK_LEFT,     /* the firmware left bank 3 selected, or page 3 */
    SIO_VALUE_STEPS,   /* each register reads one more once, at its second reading */
    SIO_VALUE_CHANGES, /* no two readings are equal */
    SIO_DIES,          /* from fault_us on: its monitor floats */
    SIO_FAULTS,
};

enum sio_key { SIO_KEY_NUVOTON, SIO_KEY_ITE };

enum sio_family { SIO_NCT6775, SIO_NCT6683, SIO_ITE, SIO_ITE_BANKED };

/* One byte of a monitor: bank or page in the upper byte. */
struct sio_byte {
    uint16_t address;
    uint8_t value;
};

/* A register that takes another value at a moment. */
struct sio_change {
    uint64_t at_us; /* 0: none */
    uint16_t address;
    uint8_t value;
};

struct sio_chip {
    bool present;
    enum sio_fault fault;
    uint64_t fault_us;
    uint16_t port, id, base;
    enum sio_key key;
    enum sio_family family;
    uint8_t device; /* the monitor's */

    bool open;
    unsigned key_at;
    uint8_t index, selected; /* configuration register, logical device */
    uint8_t monitor_index, bank;
    uint8_t registers[16][256];
    struct sio_change changes[4];
    uint8_t stepped[16][256]; /* readings so far, of SIO_VALUE_STEPS */
    unsigned accesses;        /* to the configuration ports */
    unsigned data_reads;      /* of the monitor */
};

struct sio {
    struct sio_chip chips[2];
    uint64_t now_us;
    unsigned accesses, writes;
    unsigned breaches; /* writes that no driver has any business with */
};

/* Nobody there at all. */
void sio_init(struct sio *sio);

/* Puts a chip at 2Eh (0) or 4Eh (1), its registers FFh but for the bytes given. */
struct sio_chip *sio_put(struct sio *sio, unsigned place, uint16_t id, enum sio_family family,
                         uint16_t base, const struct sio_byte *bytes, size_t count,
                         enum sio_fault fault);

/* Has a register change at a moment of sio->now_us; four of them at most. */
void sio_at(struct sio *sio, unsigned place, uint16_t address, uint8_t value, uint64_t at_us);

/* Whether a port is one of the chips', their configuration ports in any case. */
bool sio_has_port(const struct sio *sio, uint16_t port);
struct access sio_access(struct sio *sio);
struct clock sio_clock(struct sio *sio);

/* superio_monitor.c, for superio.c alone. */
uint8_t *sio_cell(struct sio_chip *chip, uint16_t address);
uint8_t sio_read_monitor(const struct sio *sio, struct sio_chip *chip, unsigned offset);
void sio_write_monitor(struct sio *sio, struct sio_chip *chip, unsigned offset, uint8_t value);

/* What a driver may have changed, for comparing before and after. */
struct sio_state {
    bool open[2];
    uint8_t selected[2], bank[2];
};
struct sio_state sio_state(const struct sio *sio);

/* Bytes of public register dumps, see superio_dumps.c. */
extern const struct sio_byte sio_nct6796[], sio_nct6799[], sio_it8728[], sio_it8620[], sio_it8686[],
    sio_it8771[], sio_it8792[], sio_nct6687[];
extern const size_t sio_nct6796_count, sio_nct6799_count, sio_it8728_count, sio_it8620_count,
    sio_it8686_count, sio_it8771_count, sio_it8792_count, sio_nct6687_count;

#endif
