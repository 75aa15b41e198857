/*
 * Super I/O chips: which one there is, and where its hardware monitor answers.
 *
 * Such a chip is asked at an index and data pair, 2Eh or 4Eh, and most answer only after a key.
 * A chip that answers without one was left open by the firmware and is left so. Written are key
 * bytes, register numbers, the number of the logical device, which is put back, and the way out:
 * never what switches a device on or moves it. A chip that is not known is named and left alone.
 */
#ifndef ASSAY_SENSORS_SUPERIO_H
#define ASSAY_SENSORS_SUPERIO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "sensors/guard.h"

enum {
    SUPERIO_PORTS = 2,
    SUPERIO_TRIES = 3, /* of whatever is read twice, until both readings are equal */
};

/* Index ports at which a chip may stand; the data port is the next one. */
extern const uint16_t superio_ports[SUPERIO_PORTS];

/* What may be written at these ports. */
extern const struct guard_rule superio_rules[SUPERIO_PORTS];

enum superio_family {
    SUPERIO_NCT6775, /* sensors/nct6775.h */
    SUPERIO_NCT6683, /* sensors/nct6683.h */
    SUPERIO_ITE,     /* sensors/ite.h */
    SUPERIO_SKIPPED, /* known, and not to be read by ports: its monitor answers in memory */
    SUPERIO_FAMILIES,
};

/* One model. */
struct superio_model {
    uint16_t id, mask; /* registers 20h and 21h */
    const char *name;
    enum superio_family family;
    uint8_t device;   /* logical device of its monitor */
    uint8_t variant;  /* among those of its family */
    bool stays_open;  /* leaving configuration mode has hung machines */
    bool has_io_lock; /* register 28h bit 4 hides the monitor's ports */
};

/* What was found at a port. */
struct superio_chip {
    uint16_t port, id;
    const struct superio_model *model; /* NULL: unknown */
    bool was_open;                     /* it answered without a key */
    /* Of a known model; false and 0 where they could not be read. */
    bool is_active; /* its monitor is switched on */
    bool is_locked; /* the ports of its monitor are hidden */
    uint16_t base;  /* of its monitor's ports */
};

/* The model of an id, or NULL. */
const struct superio_model *superio_model(uint16_t id);

/*
 * Looks at one of superio_ports, within 100 register accesses. ERR_ABSENT when nobody answers
 * there, ERR_STALE when what is read keeps changing, ERR_IO when the access itself fails or is
 * refused. The chip is closed again, if it was closed.
 */
int superio_probe(const struct access *access, uint16_t port, struct superio_chip *ret_chip);

#endif
