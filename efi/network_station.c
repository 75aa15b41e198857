/*
 * From where to send: the address a machine was started with, or one that DHCP gives.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/bus.h"
#include "efi/network.h"

enum {
    HANDLES = 512,
    CARDS_MAX = 8,
    CLASS_NETWORK = 0x02,
    TEND_US = 100000,
    RESTART_US = 1000000, /* a card may need seconds to find its link */
    IPV4_NODE_SIZE = 27,  /* UEFI 2.10, 10.3.4.12 */
    IPV4_NODE_LOCAL = 4,
    IPV4_NODE_ROUTER = 19,
    IPV4_NODE_MASK = 23,
};

/* Cards that DHCP is asked on. */
static struct card {
    EFI_HANDLE handle;
    EFI_HANDLE child;
    struct dhcp *dhcp;
    EFI_EVENT event;
    bool started;
} cards[CARDS_MAX];
static unsigned card_count;

static bool is_set(const EFI_IPv4_ADDRESS *address)
{
    return address->Addr[0] || address->Addr[1] || address->Addr[2] || address->Addr[3];
}

/* The card with UDP on the way to where Assay came from, or NULL. */
static EFI_HANDLE card_of_boot(void)
{
    EFI_DEVICE_PATH *path = protocol_on(firmware.loaded->DeviceHandle, &device_path_guid);
    EFI_HANDLE card = NULL;

    if (!path || EFI_ERROR(firmware.boot->LocateDevicePath(&udp_binding_guid, &path, &card)))
        return NULL;
    return card;
}

static void router_of_pxe(const EFI_PXE_BASE_CODE_MODE *mode, struct network_station *station)
{
    const EFI_PXE_BASE_CODE_DHCPV4_PACKET *packet = &mode->DhcpAck.Dhcpv4;
    size_t size = sizeof(mode->DhcpAck) - offsetof(EFI_PXE_BASE_CODE_DHCPV4_PACKET, DhcpOptions);

    station->has_router = mode->DhcpAckReceived && network_dhcp_router(packet->DhcpOptions, size,
                                                                       station->router.Addr) == OK;
}

/* Started by PXE: the address stands in its mode. */
static bool station_of_pxe(struct network_station *ret_station)
{
    EFI_PXE_BASE_CODE *pxe = protocol_on(firmware.loaded->DeviceHandle, &pxe_guid);

    if (!pxe || !pxe->Mode || !pxe->Mode->Started || pxe->Mode->UsingIpv6 ||
        !is_set(&pxe->Mode->StationIp.v4))
        return false;
    ret_station->card = card_of_boot();
    ret_station->address = pxe->Mode->StationIp.v4;
    ret_station->mask = pxe->Mode->SubnetMask.v4;
    router_of_pxe(pxe->Mode, ret_station);
    return true;
}

/* Started by HTTP: it stands in the device path. */
static bool station_of_http(struct network_station *ret_station)
{
    const EFI_DEVICE_PATH *path = protocol_on(firmware.loaded->DeviceHandle, &device_path_guid);
    const uint8_t *node = (const uint8_t *)path_find(path, PATH_MESSAGING, PATH_IPV4);

    if (!node || node[2] != IPV4_NODE_SIZE || node[3])
        return false;
    memcpy(&ret_station->address, node + IPV4_NODE_LOCAL, sizeof(ret_station->address));
    memcpy(&ret_station->router, node + IPV4_NODE_ROUTER, sizeof(ret_station->router));
    memcpy(&ret_station->mask, node + IPV4_NODE_MASK, sizeof(ret_station->mask));
    ret_station->has_router = is_set(&ret_station->router);
    ret_station->card = card_of_boot();
    return ret_station->card && is_set(&ret_station->address);
}

/* True where one of iPXE's own handles is at or behind the controller. */
static bool is_held_by_ipxe(EFI_HANDLE controller)
{
    const EFI_DEVICE_PATH *path = protocol_on(controller, &device_path_guid);
    EFI_HANDLE held[CARDS_MAX];
    size_t count = handles_with(&ipxe_download_guid, held, CARDS_MAX);

    for (size_t i = 0; i < count; i++) {
        if (path_begins(protocol_on(held[i], &device_path_guid), path))
            return true;
    }
    return false;
}

static void connect(const struct network_config *config, EFI_HANDLE controller, const char *place)
{
    char step[NAME_SIZE];

    format_text(step, sizeof(step), "connect network %s", place);
    if (text_equal(step, config->skip)) {
        emit_note(config->sink, SEVERITY_WARNING,
                  "Network controller %s is not used: the last boot hung when it was connected.",
                  place);
        return;
    }
    emit_step(config->sink, step, false);
    firmware.boot->ConnectController(controller, NULL, NULL, TRUE);
    emit_step(config->sink, step, true);
}

static unsigned connect_all(const struct network_config *config)
{
    EFI_HANDLE handles[HANDLES];
    size_t count = handles_with(&pci_io_guid, handles, HANDLES);
    unsigned found = 0;

    for (size_t i = 0; i < count && found < CARDS_MAX; i++) {
        uint32_t class_code = 0;
        char place[PLACE_SIZE];

        if (!pci_identity(handles[i], &class_code, place, sizeof(place)) ||
            class_code >> 16 != CLASS_NETWORK || is_held_by_ipxe(handles[i]))
            continue;
        connect(config, handles[i], place);
        found++;
    }
    return found;
}

static void open_cards(void)
{
    EFI_HANDLE found[CARDS_MAX];
    size_t count = handles_with(&dhcp_binding_guid, found, CARDS_MAX);

    card_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct card *card = &cards[card_count];

        if (is_held_by_ipxe(found[i]) || !protocol_on(found[i], &udp_binding_guid))
            continue;
        *card = (struct card){.handle = found[i]};
        card->dhcp = network_child(card->handle, &dhcp_binding_guid, &dhcp_guid, &card->child);
        card_count += card->dhcp != NULL;
    }
}

static VOID EFIAPI ignore(EFI_EVENT event, VOID *context)
{
    (void)event;
    (void)context;
}

/* Fails where the card has no link yet, and where the firmware itself asks DHCP on it, which is as
 * good. Without an event the start would wait for its end. */
static void start_card(struct card *card)
{
    static UINT32 seconds[] = {1, 1, 2, 2, 4};
    const UINT32 tries = sizeof(seconds) / sizeof(seconds[0]);
    struct dhcp_config config = {.discover_tries = tries,
                                 .discover_timeouts = seconds,
                                 .request_tries = tries,
                                 .request_timeouts = seconds};

    if (!card->event && EFI_ERROR(firmware.boot->CreateEvent(EVT_NOTIFY_SIGNAL, EFI_TPL_CALLBACK,
                                                             ignore, NULL, &card->event)))
        return;
    card->started = !EFI_ERROR(card->dhcp->configure(card->dhcp, &config)) &&
                    !EFI_ERROR(card->dhcp->start(card->dhcp, card->event));
}

static bool is_bound(const struct card *card, struct network_station *ret_station)
{
    struct dhcp_mode mode;

    memset(&mode, 0, sizeof(mode));
    if (EFI_ERROR(card->dhcp->get_mode(card->dhcp, &mode)) || mode.state != DHCP_STATE_BOUND ||
        !is_set(&mode.address))
        return false;
    *ret_station = (struct network_station){
        .card = card->handle,
        .address = mode.address,
        .mask = mode.mask,
        .router = mode.router,
        .has_router = is_set(&mode.router),
    };
    return true;
}

/* All cards ask at once; the first that is given an address is taken. */
static bool wait_for_address(const struct network_config *config,
                             struct network_station *ret_station)
{
    uint64_t start_us = clock_now_us(config->clock), tend_us = 0, restart_us = 0, gone_us = 0;

    while (card_count && gone_us < (uint64_t)NETWORK_DHCP_S * 1000000) {
        for (unsigned i = 0; i < card_count; i++) {
            if (gone_us >= restart_us && !cards[i].started)
                start_card(&cards[i]);
            if (is_bound(&cards[i], ret_station))
                return true;
        }
        restart_us = gone_us >= restart_us ? gone_us + RESTART_US : restart_us;
        if (gone_us >= tend_us) {
            config->tend(config->context);
            tend_us = gone_us + TEND_US;
        }
        clock_wait_us(config->clock, 1000);
        gone_us = clock_now_us(config->clock) - start_us;
    }
    return false;
}

int network_find_station(const struct network_config *config, struct network_station *ret_station,
                         char *ret_reason, size_t size)
{
    unsigned found;

    card_count = 0;
    if (station_of_pxe(ret_station) || station_of_http(ret_station))
        return OK;
    found = connect_all(config);
    open_cards();
    if (wait_for_address(config, ret_station))
        return OK;
    if (card_count)
        format_text(ret_reason, size, "no DHCP server gave an address within %u s", NETWORK_DHCP_S);
    else
        copy_text(ret_reason, size,
                  found ? "the firmware has no drivers for a network, or they are switched off"
                        : "there is no network card");
    return ERR_ABSENT;
}

void network_leave_station(void)
{
    for (unsigned i = 0; i < card_count; i++) {
        struct card *card = &cards[i];

        if (card->started)
            card->dhcp->stop(card->dhcp);
        network_end_child(card->handle, &dhcp_binding_guid, card->child);
        if (card->event)
            firmware.boot->CloseEvent(card->event);
    }
    card_count = 0;
}
