/*
 * KCS: the keyboard controller style interface to a BMC (IPMI 2.0, section 9).
 *
 * One request and its response cross two 8-bit registers byte by byte; the BMC may take
 * milliseconds for each. So the transfer is a state machine: kcs_step() looks at the registers
 * once, does what can be done and returns. A transaction ends in its response or, after at most
 * KCS_TRANSACTION_US, in an error (a caller that was away for long gives the BMC no less time);
 * where the BMC lost its place the abort sequence of section 9.15 is tried. After KCS_FAILURES_MAX
 * failures in a row the interface is given up for good.
 */
#ifndef ASSAY_SENSORS_KCS_H
#define ASSAY_SENSORS_KCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"
#include "sensors/guard.h"

enum {
    KCS_PORT_DEFAULT = 0xCA2,     /* data register; status and command stand one spacing above */
    KCS_MESSAGE_SIZE = 64,        /* bytes of a request or a response, both bytes of header in */
    KCS_TRANSACTION_US = 5000000, /* the longest a transaction takes, its abort included */
    KCS_ABORT_US = 1000000,       /* of which the abort sequence may have */
    KCS_GAP_US = 100000,          /* between two steps; a longer one counts as this */
    KCS_FAILURES_MAX = 3,
};

enum { KCS_BUSY = 1 };

enum kcs_phase {
    KCS_REST,
    KCS_START,
    KCS_WRITE,
    KCS_WRITE_LAST,
    KCS_READ,
    KCS_ABORT,
    KCS_ABORT_ZERO,
    KCS_ABORT_READ,
    KCS_ABORT_END,
};

struct kcs {
    const struct access *access;
    const struct clock *clock;
    uint16_t data_port, command_port;
    enum kcs_phase phase;
    uint64_t seen_us;   /* when the registers were last looked at */
    uint32_t waited_us; /* since the transaction, or its abort, began */
    uint8_t request[KCS_MESSAGE_SIZE];
    size_t request_size, sent;
    uint8_t response[KCS_MESSAGE_SIZE];
    size_t response_size;
    bool waits;        /* the last step found the BMC busy, and did nothing */
    int result;        /* of the last transaction */
    unsigned failures; /* in a row */
};

/* What may be written at each of the two ports. */
extern const struct guard_rule kcs_rule;

/* `spacing` is the distance of the two registers in bytes: 1, 4 or 16. Touches nothing. */
void kcs_init(struct kcs *kcs, const struct access *access, const struct clock *clock,
              uint16_t port, unsigned spacing);

/*
 * Begins a transaction: byte 0 is the network function in bits 7:2 with the LUN below, byte 1 the
 * command (section 9.2). ERR_RANGE for a size below 2 or above KCS_MESSAGE_SIZE, ERR_REFUSED while
 * another one runs, ERR_GONE once the interface was given up.
 */
int kcs_start(struct kcs *kcs, const uint8_t *request, size_t size);

/*
 * Advances: at most two register reads and one write, no waiting. KCS_BUSY until the transaction
 * has ended, then its result: OK, with response[] and response_size set and matching the request
 * (section 9.3: network function with bit 2 set, command, completion code); ERR_ABSENT when the
 * status reads FFh, a bus with nobody on it; ERR_TIMEOUT; ERR_FORMAT when the response is not one
 * to this request; ERR_IO for anything else.
 */
int kcs_step(struct kcs *kcs);

/* True when the interface was given up: kcs_start() fails from now on. */
bool kcs_is_dead(const struct kcs *kcs);

#endif
