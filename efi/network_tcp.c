/*
 * Connections by the firmware's TCP: each is a child of the card's service binding, and gone with
 * it. All waits poll. What the firmware holds of ours stands in static memory, for it may hold it
 * longer than we wait.
 */
#include <string.h>

#include "base/error.h"
#include "efi/network.h"

enum { TIME_TO_LIVE = 64, RECEIVE_SIZE = 4096, KEY_LOOK_US = 20000 };

/* One call of the firmware that is under way. */
struct job {
    EFI_EVENT event;
    volatile bool done;
};

static struct {
    const struct clock *clock;
    struct network_station station;
    EFI_HANDLE child;
    EFI_TCP4 *tcp;
    bool connected;
    bool stuck; /* a call never came back: the firmware still holds its token */
    struct job job;
    EFI_TCP4_CONNECTION_TOKEN connection;
    EFI_TCP4_IO_TOKEN io;
    EFI_TCP4_CLOSE_TOKEN closing;
    EFI_TCP4_TRANSMIT_DATA transmit;
    EFI_TCP4_RECEIVE_DATA receive;
    uint8_t received[RECEIVE_SIZE];
} state;

static int error_of(EFI_STATUS status)
{
    switch (status) {
    case EFI_CONNECTION_REFUSED:
        return ERR_REFUSED;
    case EFI_CONNECTION_RESET:
    case EFI_CONNECTION_FIN:
    case EFI_ABORTED:
    case EFI_NOT_STARTED:
    case EFI_ACCESS_DENIED: /* so say calls on a connection that has ended */
        return ERR_GONE;
    default:
        return firmware_error(status);
    }
}

static VOID EFIAPI note_done(EFI_EVENT event, VOID *context)
{
    (void)event;
    ((struct job *)context)->done = true;
}

static void prepare(EFI_TCP4_COMPLETION_TOKEN *token)
{
    state.job.done = false;
    token->Event = state.job.event;
    token->Status = EFI_NOT_READY;
}

static bool poll_until(uint64_t end_us, const struct connection_wait *wait)
{
    uint64_t now_us = clock_now_us(state.clock), look_us = now_us;

    for (; !state.job.done && now_us < end_us; now_us = clock_now_us(state.clock)) {
        if (wait && now_us >= look_us) {
            if (wait->stop_asked(wait->context))
                break;
            look_us = now_us + KEY_LOOK_US;
        }
        state.tcp->Poll(state.tcp);
    }
    return state.job.done;
}

/* Waits for what was begun with `status`. What does not end in time is ended with its connection,
 * by close_tcp(). */
static int finish(EFI_STATUS status, const EFI_TCP4_COMPLETION_TOKEN *token,
                  const struct connection_wait *wait)
{
    if (EFI_ERROR(status))
        return error_of(status);
    if (!poll_until(wait->end_us, wait)) {
        state.stuck = true;
        return ERR_TIMEOUT;
    }
    return error_of(token->Status);
}

static EFI_STATUS configure(const uint8_t address[NETWORK_ADDRESS_SIZE], uint16_t port)
{
    EFI_IPv4_ADDRESS everything = {{0, 0, 0, 0}}, remote = everything;
    EFI_TCP4_CONFIG_DATA config = {
        .TimeToLive = TIME_TO_LIVE,
        .AccessPoint = {.StationAddress = state.station.address,
                        .SubnetMask = state.station.mask,
                        .RemotePort = port,
                        .ActiveFlag = TRUE},
    };
    EFI_STATUS status;

    memcpy(remote.Addr, address, sizeof(remote.Addr));
    config.AccessPoint.RemoteAddress = remote;
    status = state.tcp->Configure(state.tcp, &config);
    if (EFI_ERROR(status) || network_is_near(&state.station, &remote) || !state.station.has_router)
        return status;
    return state.tcp->Routes(state.tcp, FALSE, &everything, &everything, &state.station.router);
}

/* EDK II gives a refused connection the status of one that was reset. */
static int open_tcp(void *context, const uint8_t address[NETWORK_ADDRESS_SIZE], uint16_t port,
                    const struct connection_wait *wait)
{
    EFI_STATUS status;
    int error;

    (void)context;
    if (state.stuck)
        return ERR_GONE;
    state.tcp = network_child(state.station.card, &tcp_binding_guid, &tcp_guid, &state.child);
    if (!state.tcp)
        return ERR_UNSUPPORTED;
    status = firmware.boot->CreateEvent(EVT_NOTIFY_SIGNAL, EFI_TPL_CALLBACK, note_done, &state.job,
                                        &state.job.event);
    if (!EFI_ERROR(status))
        status = configure(address, port);
    if (EFI_ERROR(status))
        return firmware_error(status);
    prepare(&state.connection.CompletionToken);
    error = finish(state.tcp->Connect(state.tcp, &state.connection),
                   &state.connection.CompletionToken, wait);
    state.connected = !error;
    return error == ERR_GONE ? ERR_REFUSED : error;
}

static int send_by_tcp(void *context, const void *data, size_t size,
                       const struct connection_wait *wait)
{
    (void)context;
    state.transmit = (EFI_TCP4_TRANSMIT_DATA){
        .Push = TRUE,
        .DataLength = (UINT32)size,
        .FragmentCount = 1,
        .FragmentTable = {{.FragmentLength = (UINT32)size, .FragmentBuffer = (VOID *)data}},
    };
    state.io.Packet.TxData = &state.transmit;
    prepare(&state.io.CompletionToken);
    return finish(state.tcp->Transmit(state.tcp, &state.io), &state.io.CompletionToken, wait);
}

static int receive_by_tcp(void *context, void *buffer, size_t size, size_t *ret_size,
                          const struct connection_wait *wait)
{
    UINT32 length = (UINT32)(size < RECEIVE_SIZE ? size : RECEIVE_SIZE);
    EFI_STATUS status;
    int error;

    (void)context;
    state.receive = (EFI_TCP4_RECEIVE_DATA){
        .DataLength = length,
        .FragmentCount = 1,
        .FragmentTable = {{.FragmentLength = length, .FragmentBuffer = state.received}},
    };
    state.io.Packet.RxData = &state.receive;
    prepare(&state.io.CompletionToken);
    status = state.tcp->Receive(state.tcp, &state.io);
    error = finish(status, &state.io.CompletionToken, wait);
    if (status == EFI_CONNECTION_FIN ||
        (error == ERR_GONE && state.io.CompletionToken.Status == EFI_CONNECTION_FIN)) {
        *ret_size = 0;
        return OK;
    }
    if (error)
        return error;
    if (state.receive.DataLength > length)
        return ERR_IO;
    memcpy(buffer, state.received, state.receive.DataLength);
    *ret_size = state.receive.DataLength;
    return OK;
}

/* In good order, where nothing hangs. */
static void say_goodbye(void)
{
    prepare(&state.closing.CompletionToken);
    state.closing.AbortOnClose = FALSE;
    if (!EFI_ERROR(state.tcp->Close(state.tcp, &state.closing)))
        state.stuck = !poll_until(clock_now_us(state.clock) + CONNECTION_CLOSE_US / 2, NULL);
}

/* To configure nothing ends the connection and gives every token back (UEFI 2.10, 28.1.4). */
static void close_tcp(void *context)
{
    (void)context;
    if (!state.tcp)
        return;
    if (state.connected && !state.stuck)
        say_goodbye();
    state.tcp->Configure(state.tcp, NULL);
    if (state.stuck)
        state.stuck = !poll_until(clock_now_us(state.clock) + CONNECTION_CLOSE_US / 2, NULL);
    network_end_child(state.station.card, &tcp_binding_guid, state.child);
    if (state.job.event && !state.stuck)
        firmware.boot->CloseEvent(state.job.event);
    state.job.event = NULL;
    state.tcp = NULL;
    state.child = NULL;
    state.connected = false;
}

int network_open_tcp(const struct network_station *station, const struct clock *clock,
                     struct connection *ret_connection, const char **ret_reason)
{
    *ret_reason = station->card ? "the firmware has no TCP"
                                : "iPXE holds the network card, and the firmware's TCP is off";
    if (!station->card || !protocol_on(station->card, &tcp_binding_guid))
        return ERR_UNSUPPORTED;
    state.station = *station;
    state.clock = clock;
    *ret_connection = (struct connection){
        .connect = open_tcp, .send = send_by_tcp, .receive = receive_by_tcp, .close = close_tcp};
    return OK;
}
