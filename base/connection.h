/*
 * The connection seam: a stream of bytes to one server and back, one at a time (RFC 9293).
 *
 * No call outlasts the wait it is given, whatever the other side does: it comes back with
 * ERR_TIMEOUT when the time is up, and when it was asked to stop.
 */
#ifndef ASSAY_BASE_CONNECTION_H
#define ASSAY_BASE_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/network.h"

/* How long a call may take. */
struct connection_wait {
    uint64_t end_us; /* by the clock */
    bool (*stop_asked)(void *context);
    void *context;
};

struct connection {
    void *context;

    /* ERR_REFUSED: nobody listens there. ERR_TIMEOUT, ERR_GONE, ERR_UNSUPPORTED, ERR_IO. */
    int (*connect)(void *context, const uint8_t address[NETWORK_ADDRESS_SIZE], uint16_t port,
                   const struct connection_wait *wait);
    /* Returns when all `size` bytes have left. ERR_GONE: the other side ended the connection; what
     * it said before may still be there to be received. */
    int (*send)(void *context, const void *data, size_t size, const struct connection_wait *wait);
    /* Waits for some bytes, at most `size`; *ret_size is 0 when the other side has closed. */
    int (*receive)(void *context, void *buffer, size_t size, size_t *ret_size,
                   const struct connection_wait *wait);
    /* After each connect(), whether it succeeded or not. Takes CONNECTION_CLOSE_US at most. */
    void (*close)(void *context);
};

enum { CONNECTION_CLOSE_US = 500000 };

#endif
