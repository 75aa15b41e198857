/*
 * The network as the firmware gives it, opened only where a run has something to send: datagrams
 * and connections.
 *
 * A machine that was started over the network sends from the address and the card it was started
 * with: by UDP of the firmware, or, where iPXE holds the card and the firmware's own stack is off,
 * by iPXE's PXE base code. Otherwise the network controllers are connected, one at a time and each
 * in a step of its own, and asked for an address by DHCP. The firmware's own settings of the
 * network are neither used nor changed. A card that iPXE holds is never connected.
 *
 * UEFI 2.10: 24.3 (PXE base code), 28.7 (UDP), 29.2 (DHCP).
 */
#ifndef ASSAY_EFI_NETWORK_H
#define ASSAY_EFI_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/connection.h"
#include "base/event.h"
#include "base/network.h"
#include "efi/firmware.h"

enum { NETWORK_DHCP_S = 10 };

struct network_config {
    const struct clock *clock;
    const struct sink *sink;
    const char *skip; /* a step in which the last boot hung, or "" */
    /* Called ten times a second while DHCP is waited for. */
    void (*tend)(void *context);
    void *context;
};

/* From where to send. */
struct network_station {
    EFI_HANDLE card; /* with the service binding of UDP; NULL: by the PXE base code */
    EFI_IPv4_ADDRESS address, mask, router;
    bool has_router;
};

/* network_station.c. OK, or an error with the reason in words. Takes NETWORK_DHCP_S at most, beside
 * what the firmware's drivers take to start. */
int network_find_station(const struct network_config *config, struct network_station *ret_station,
                         char *ret_reason, size_t size);

/* Gives the address back; before it, all that was opened there is closed. */
void network_leave_station(void);

/* Where datagrams go. */
struct network_target {
    uint8_t address[NETWORK_ADDRESS_SIZE];
    uint16_t port;
};

/* OK, or an error with the reason in words. The station's are the firmware's cards. */
int network_open(const struct network_station *station, const struct network_target *target,
                 const struct clock *clock, struct network *ret_network, char *ret_reason,
                 size_t size);
void network_close(void);

/* network_tcp.c: connections from there, by the firmware's TCP (UEFI 2.10, 28.1). What is given to
 * send() must stay in place, for a firmware that does not let go of it. OK, or ERR_UNSUPPORTED with
 * the reason in words, as where iPXE holds the card. */
int network_open_tcp(const struct network_station *station, const struct clock *clock,
                     struct connection *ret_connection, const char **ret_reason);

/* Whether an address is in the station's own network. */
bool network_is_near(const struct network_station *station, const EFI_IPv4_ADDRESS *address);

/* A protocol of a new child of a service binding (UEFI 2.10, 11.6), or NULL. */
void *network_child(EFI_HANDLE card, EFI_GUID *binding, EFI_GUID *guid, EFI_HANDLE *ret_child);
void network_end_child(EFI_HANDLE card, EFI_GUID *binding, EFI_HANDLE child);

#endif
