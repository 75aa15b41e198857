#include "efi/outlets.h"

#include "base/error.h"
#include "base/text.h"
#include "efi/firmware.h"
#include "efi/network.h"
#include "efi/settings.h"
#include "efi/uploads.h"
#include "efi/variables.h"
#include "report/outline_keeper.h"
#include "report/syslog_sender.h"
#include "sensors/smbios.h"

static struct {
    struct recorder *recorder;
    const struct options *options;
    struct syslog_sender *sender; /* NULL: no live events */
    bool uploads;                 /* reports go over the network */
    struct variable variable;
    struct outline_keeper keeper;
    bool has_earlier; /* a run left its outline */
    struct outline earlier;
} state;

static void take(const struct event *event)
{
    if (state.sender)
        syslog_sender_event(state.sender, event);
    outline_keeper_event(&state.keeper, event);
}

static void bring_out(void)
{
    if (state.sender)
        syslog_sender_send(state.sender);
    outline_keeper_flush(&state.keeper);
}

static void begin_syslog(void)
{
    struct smbios_product system = {.product = ""};
    size_t size = 0;
    const void *table = smbios_table(&size);

    state.sender = pages_for(sizeof(*state.sender));
    if (!state.sender)
        return;
    if (table)
        smbios_system(table, size, &system);
    syslog_sender_init(state.sender, state.recorder->clock, &state.recorder->sink, system.serial,
                       system.product);
}

void outlets_begin(struct recorder *recorder, const struct options *options)
{
    state.recorder = recorder;
    state.options = options;
    if (options->syslog_host[0])
        begin_syslog();
    state.uploads = uploads_begin(recorder, options);
    state.variable = variables_seam();
    state.has_earlier = outline_keeper_init(&state.keeper, &state.variable, &recorder->sink,
                                            options->report_variables, &state.earlier);
    recorder->tap = (struct recorder_tap){.event = take, .flush = bring_out};
}

const char *outlets_tell_earlier(void)
{
    if (!state.has_earlier)
        return "";
    outline_tell(&state.earlier, &state.recorder->sink);
    return state.earlier.step;
}

/* The machine is waited for, not hung. */
static void tend(void *context)
{
    struct recorder *recorder = context;

    recorder->panel->alive();
    recorder_paint(recorder);
}

/* `station` NULL: none, and `reason` says why. */
static void open_syslog(const struct network_station *station, const struct network_target *target,
                        const char *reason)
{
    const char *host = state.options->syslog_host;
    struct network network;
    char words[TEXT_SIZE];

    copy_text(words, sizeof(words), reason);
    if (!station ||
        network_open(station, target, state.recorder->clock, &network, words, sizeof(words))) {
        emit_note(&state.recorder->sink, SEVERITY_WARNING, "No live events to %s: %s.", host,
                  words);
        return;
    }
    syslog_sender_open(state.sender, &network);
    emit_note(&state.recorder->sink, SEVERITY_INFO, "Live events are sent to %s, UDP port %u.",
              host, target->port);
}

/* True where live events can go to what `ret_target` then is; else it is said why not. */
static bool find_syslog(struct network_target *ret_target)
{
    const struct options *options = state.options;

    ret_target->port = options->syslog_port;
    if (!options->syslog_host[0])
        return false;
    if (!state.sender)
        emit_note(&state.recorder->sink, SEVERITY_WARNING,
                  "Live events: there is no memory for them.");
    else if (network_parse_address(options->syslog_host, ret_target->address))
        emit_note(&state.recorder->sink, SEVERITY_WARNING,
                  "No live events to %s: names are not resolved: give an IPv4 address.",
                  options->syslog_host);
    else
        return true;
    return false;
}

void outlets_open(const char *skip)
{
    const struct network_config config = {
        .clock = state.recorder->clock,
        .sink = &state.recorder->sink,
        .skip = skip,
        .tend = tend,
        .context = state.recorder,
    };
    struct network_station station = {.card = NULL};
    struct network_target target;
    char reason[TEXT_SIZE] = "";
    bool syslog = find_syslog(&target), found = false;

    if (syslog || state.uploads) {
        found = !network_find_station(&config, &station, reason, sizeof(reason));
        if (!found)
            network_leave_station();
    }
    if (syslog)
        open_syslog(found ? &station : NULL, &target, reason);
    uploads_open(found ? &station : NULL, reason);
}

static void end_outline(void)
{
    int error = outline_keeper_end(&state.keeper);
    char line[LINE_SIZE];

    if (!error)
        return;
    format_text(line, sizeof(line), "The variable AssayRun cannot be deleted (%s).",
                error_text(error));
    state.recorder->panel->print(line);
    state.recorder->panel->print("The next start will take this run for one without an end.");
}

void outlets_end(void)
{
    state.recorder->tap = (struct recorder_tap){.event = NULL};
    end_outline();
    if (!state.sender)
        return;
    syslog_sender_finish(state.sender);
    network_close();
    give_pages_back(state.sender, sizeof(*state.sender));
    state.sender = NULL;
}

void outlets_send(const struct report_source *source)
{
    uploads_send(source);
    network_leave_station();
}
