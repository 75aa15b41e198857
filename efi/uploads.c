#include "efi/uploads.h"

#include "base/error.h"
#include "base/text.h"
#include "efi/firmware.h"
#include "efi/settings.h"
#include "report/upload.h"
#include "sensors/smbios.h"

static struct {
    struct recorder *recorder;
    const struct options *options;
    struct upload *upload; /* kept from run to run: the firmware may hold on to it */
    struct connection connection;
    bool is_open;
    char reason[TEXT_SIZE]; /* why it is not */
    char missed[OPTION_URL_LIMIT][TEXT_SIZE];
} state;

bool uploads_begin(struct recorder *recorder, const struct options *options)
{
    bool wanted = false;
    struct http_url url;
    const char *reason;

    state.recorder = recorder;
    state.options = options;
    state.is_open = false;
    for (unsigned i = 0; i < options->report_url_count; i++)
        wanted = wanted || !http_parse_url(options->report_urls[i], &url, &reason);
    if (wanted && !state.upload)
        state.upload = pages_for(sizeof(*state.upload));
    return wanted;
}

/* Why no report can go to a URL, or NULL. */
static const char *obstacle(const char *url)
{
    struct http_url parsed;
    const char *reason;

    if (http_parse_url(url, &parsed, &reason))
        return reason;
    return state.is_open ? NULL : state.reason;
}

void uploads_open(const struct network_station *station, const char *reason)
{
    const struct options *options = state.options;

    if (!state.upload)
        reason = "there is no memory for it";
    else if (station)
        state.is_open =
            !network_open_tcp(station, state.recorder->clock, &state.connection, &reason);
    if (!state.is_open)
        copy_text(state.reason, sizeof(state.reason), reason);
    for (unsigned i = 0; i < options->report_url_count; i++) {
        reason = obstacle(options->report_urls[i]);
        if (reason)
            emit_note(&state.recorder->sink, SEVERITY_WARNING, "No reports to %s: %s.",
                      options->report_urls[i], reason);
    }
}

static bool stop_asked(void *context)
{
    (void)context;
    return state.recorder->panel->stop_asked();
}

static void print_line(void *context, const char *line)
{
    (void)context;
    state.recorder->panel->print(line);
}

static const struct lines lines = {.put = print_line};

/* The screen is no longer painted, but the recorder prints only what never was. */
static void tell(bool good, const char *text)
{
    emit_note(&state.recorder->sink, good ? SEVERITY_INFO : SEVERITY_WARNING, "%s", text);
    if (state.recorder->panel->painted)
        lines_wrapped(&lines, "", text);
}

static void prepare(const struct report_source *source)
{
    struct upload *upload = state.upload;
    struct upload_machine machine = {.has_uuid = false};
    struct smbios_product system = {.serial = ""};
    size_t size = 0;
    const void *table = smbios_table(&size);

    if (table) {
        machine.has_uuid = !smbios_uuid(table, size, machine.uuid);
        smbios_system(table, size, &system);
    }
    copy_text(machine.serial, sizeof(machine.serial), system.serial);
    upload->clock = state.recorder->clock;
    upload->connection = &state.connection;
    upload->stop_asked = stop_asked;
    upload->source = source;
    upload->stopped = false;
    upload_folder(&machine, &source->model->run_start, upload->folder);
}

static void send_to(unsigned index, uint64_t end_us)
{
    const char *url = state.options->report_urls[index], *reason = obstacle(url);
    uint64_t now_us = clock_now_us(state.recorder->clock);
    unsigned left = state.options->report_url_count - index;
    struct upload_result result;
    bool good = false;

    state.recorder->panel->alive();
    if (reason) {
        format_text(result.text, sizeof(result.text), "Reports not sent to %s: %s.", url, reason);
    } else {
        lines_format(&lines, "Sending reports to %s (Esc: do not wait)", url);
        good = upload_send(state.upload, url,
                           now_us + (end_us > now_us ? end_us - now_us : 0) / left, &result);
    }
    copy_text(state.missed[index], TEXT_SIZE, good ? "" : result.text);
    tell(good, result.text);
}

void uploads_send(const struct report_source *source)
{
    uint64_t end_us = clock_now_us(state.recorder->clock) + (uint64_t)UPLOAD_S * 1000000;

    if (state.is_open)
        prepare(source);
    for (unsigned i = 0; i < state.options->report_url_count; i++)
        send_to(i, end_us);
}

const char *uploads_missed(unsigned index)
{
    return index < state.options->report_url_count ? state.missed[index] : NULL;
}
