/*
 * The network seam: single UDP datagrams to one destination, which is set when the network is
 * opened (RFC 768 over RFC 791). A datagram that was sent may still be lost: nobody answers.
 */
#ifndef ASSAY_BASE_NETWORK_H
#define ASSAY_BASE_NETWORK_H

#include <stddef.h>
#include <stdint.h>

enum {
    NETWORK_ADDRESS_SIZE = 4,
    NETWORK_SEND_US = 50000, /* a call of send() returns within this time */
    NETWORK_TEND_US = 3000,
};

struct network {
    void *context;

    /* ERR_TIMEOUT when it did not leave in time, as the first one may not, before the way to the
     * destination is known: sent again later it may. ERR_IO, ERR_GONE. */
    int (*send)(void *context, const void *data, size_t size);
    /* NULL, or to be called now and then: datagrams wait behind one another, and go on only while
     * somebody looks after them. Takes NETWORK_TEND_US. */
    void (*tend)(void *context);
};

/* Reads an IPv4 address as four decimal numbers with dots between; ERR_FORMAT for anything else in
 * the text, names of hosts among it. */
int network_parse_address(const char *text, uint8_t ret_address[NETWORK_ADDRESS_SIZE]);

/* The first router among the options of a DHCP packet (RFC 2132: 3.5, tag, length, value each).
 * ERR_ABSENT without one. */
int network_dhcp_router(const void *options, size_t size,
                        uint8_t ret_address[NETWORK_ADDRESS_SIZE]);

#endif
