#include "efi/network.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum { DATAGRAM_SIZE = 1024, TIME_TO_LIVE = 64, PORT_OF_PXE = 49514 };

static struct {
    const struct clock *clock;
    struct network_station station;
    EFI_IPv4_ADDRESS destination;
    UINT16 port;
    EFI_HANDLE child; /* of UDP */
    EFI_UDP4 *udp;
    EFI_EVENT event;
    volatile bool sent;
    bool stuck; /* a datagram was neither sent nor given back: its token is the firmware's */
    EFI_UDP4_TRANSMIT_DATA data;
    EFI_UDP4_COMPLETION_TOKEN token;
    uint8_t datagram[DATAGRAM_SIZE];
} state;

void *network_child(EFI_HANDLE card, EFI_GUID *binding, EFI_GUID *guid, EFI_HANDLE *ret_child)
{
    EFI_SERVICE_BINDING *service = protocol_on(card, binding);
    EFI_HANDLE child = NULL;
    void *interface;

    if (!service || EFI_ERROR(service->CreateChild(service, &child)))
        return NULL;
    interface = protocol_on(child, guid);
    if (!interface) {
        service->DestroyChild(service, child);
        return NULL;
    }
    *ret_child = child;
    return interface;
}

void network_end_child(EFI_HANDLE card, EFI_GUID *binding, EFI_HANDLE child)
{
    EFI_SERVICE_BINDING *service = protocol_on(card, binding);

    if (service && child)
        service->DestroyChild(service, child);
}

static VOID EFIAPI note_sent(EFI_EVENT event, VOID *context)
{
    (void)event;
    (void)context;
    state.sent = true;
}

static bool wait_until_sent(uint64_t end_us)
{
    while (!state.sent && clock_now_us(state.clock) < end_us)
        state.udp->Poll(state.udp);
    return state.sent;
}

static int send_by_udp(void *context, const void *data, size_t size)
{
    const uint64_t half_us = NETWORK_SEND_US / 2;
    EFI_STATUS status;

    (void)context;
    if (state.stuck)
        return ERR_GONE;
    if (size > sizeof(state.datagram))
        return ERR_RANGE;
    memcpy(state.datagram, data, size);
    state.data.DataLength = (UINT32)size;
    state.data.FragmentCount = 1;
    state.data.FragmentTable[0].FragmentLength = (UINT32)size;
    state.data.FragmentTable[0].FragmentBuffer = state.datagram;
    state.token.Event = state.event;
    state.token.Status = EFI_NOT_READY;
    state.token.Packet.TxData = &state.data;
    state.sent = false;
    status = state.udp->Transmit(state.udp, &state.token);
    if (EFI_ERROR(status))
        return firmware_error(status);
    if (wait_until_sent(clock_now_us(state.clock) + half_us))
        return firmware_error(state.token.Status);
    state.udp->Cancel(state.udp, &state.token);
    state.stuck = !wait_until_sent(clock_now_us(state.clock) + half_us);
    return ERR_TIMEOUT;
}

/* iPXE does nothing by itself: it sends the next datagram when it has seen the last one leave, and
 * learns where the destination is, only when it is asked for datagrams. Without one it comes back
 * at once. */
static void tend_ipxe(void *context)
{
    const UINT16 any =
        EFI_PXE_BASE_CODE_UDP_OPFLAGS_ANY_SRC_IP | EFI_PXE_BASE_CODE_UDP_OPFLAGS_ANY_SRC_PORT |
        EFI_PXE_BASE_CODE_UDP_OPFLAGS_ANY_DEST_PORT | EFI_PXE_BASE_CODE_UDP_OPFLAGS_ANY_DEST_IP;
    EFI_PXE_BASE_CODE *pxe = protocol_on(firmware.loaded->DeviceHandle, &pxe_guid);
    uint64_t end_us = clock_now_us(state.clock) + NETWORK_TEND_US;
    uint8_t received[DATAGRAM_SIZE];

    (void)context;
    while (pxe && clock_now_us(state.clock) < end_us) {
        UINTN size = sizeof(received);

        pxe->UdpRead(pxe, any, NULL, NULL, NULL, NULL, NULL, NULL, &size, received);
    }
}

static int send_by_pxe(void *context, const void *data, size_t size)
{
    EFI_PXE_BASE_CODE *pxe = protocol_on(firmware.loaded->DeviceHandle, &pxe_guid);
    EFI_IP_ADDRESS destination = {.v4 = state.destination};
    UINT16 port = state.port, own_port = PORT_OF_PXE;
    UINTN length = size;

    (void)context;
    if (!pxe)
        return ERR_GONE;
    return firmware_error(pxe->UdpWrite(pxe, 0, &destination, &port, NULL, NULL, &own_port, NULL,
                                        NULL, &length, (VOID *)data));
}

bool network_is_near(const struct network_station *station, const EFI_IPv4_ADDRESS *address)
{
    for (unsigned i = 0; i < sizeof(address->Addr); i++) {
        if ((address->Addr[i] ^ station->address.Addr[i]) & station->mask.Addr[i])
            return false;
    }
    return true;
}

static EFI_STATUS configure_udp(void)
{
    EFI_UDP4_CONFIG_DATA config = {
        .AllowDuplicatePort = TRUE,
        .TimeToLive = TIME_TO_LIVE,
        .StationAddress = state.station.address,
        .SubnetMask = state.station.mask,
        .RemoteAddress = state.destination,
        .RemotePort = state.port,
    };
    EFI_IPv4_ADDRESS everything = {{0, 0, 0, 0}};
    EFI_STATUS status = state.udp->Configure(state.udp, &config);

    if (EFI_ERROR(status) || network_is_near(&state.station, &state.destination) ||
        !state.station.has_router)
        return status;
    return state.udp->Routes(state.udp, FALSE, &everything, &everything, &state.station.router);
}

static int open_udp(char *ret_reason, size_t size)
{
    EFI_STATUS status;

    state.udp = network_child(state.station.card, &udp_binding_guid, &udp_guid, &state.child);
    if (!state.udp) {
        copy_text(ret_reason, size, "the firmware has no UDP");
        return ERR_UNSUPPORTED;
    }
    status = configure_udp();
    if (!EFI_ERROR(status))
        status = firmware.boot->CreateEvent(EVT_NOTIFY_SIGNAL, EFI_TPL_CALLBACK, note_sent, NULL,
                                            &state.event);
    if (EFI_ERROR(status))
        format_text(ret_reason, size, "UDP of the firmware does not start: %s",
                    error_text(firmware_error(status)));
    return firmware_error(status);
}

int network_open(const struct network_station *station, const struct network_target *target,
                 const struct clock *clock, struct network *ret_network, char *ret_reason,
                 size_t size)
{
    int error;

    memset(&state, 0, sizeof(state));
    state.clock = clock;
    state.station = *station;
    state.port = target->port;
    memcpy(state.destination.Addr, target->address, sizeof(state.destination.Addr));
    error = state.station.card ? open_udp(ret_reason, size) : OK;
    if (error) {
        network_close();
        return error;
    }
    *ret_network = (struct network){.send = state.udp ? send_by_udp : send_by_pxe};
    if (!state.udp && protocol_on(firmware.loaded->DeviceHandle, &ipxe_download_guid))
        ret_network->tend = tend_ipxe;
    return OK;
}

void network_close(void)
{
    if (state.child)
        network_end_child(state.station.card, &udp_binding_guid, state.child);
    if (state.event)
        firmware.boot->CloseEvent(state.event);
    state.child = NULL;
    state.event = NULL;
}
