#include "report/syslog.h"

#include <string.h>

#include "base/text.h"
#include "report/lines.h"
#include "report/stamp.h"

enum { FACILITY_USER = 1, VERSION = 1 };

static const char *const id = "assay@32473";
static const char *const cut_mark = "...";

/* Characters 33 to 126 (RFC 5424, 6: PRINTUSASCII) of a name, the others as dashes. */
static void copy_host(char host[SYSLOG_HOST_SIZE], const char *name)
{
    copy_text(host, SYSLOG_HOST_SIZE, name);
    for (char *c = host; *c; c++) {
        if (*c <= ' ' || *c > '~')
            *c = '-';
    }
}

/* Firmware without a serial number often says so in words, which name no machine. */
static bool is_words(const char *serial)
{
    for (; *serial; serial++) {
        if (*serial == ' ')
            return true;
    }
    return false;
}

void syslog_init(struct syslog *syslog, const char *serial, const char *product)
{
    memset(syslog, 0, sizeof(*syslog));
    copy_host(syslog->host, *serial && !is_words(serial) ? serial : product);
    if (!syslog->host[0])
        copy_text(syslog->host, sizeof(syslog->host), "-");
}

void syslog_follow(struct syslog *syslog, const struct event *event)
{
    const struct event_run_start *start = &event->run_start;

    if (event->type == EVENT_RUN_START) {
        syslog->run = start->number;
        syslog->dated = stamp_clock_is_known(start) && start->zone_known;
        syslog->start_ms = syslog->dated ? stamp_start_ms(start) : 0;
        syslog->phase[0] = '\0';
    }
    if (event->type == EVENT_PHASE_START)
        copy_text(syslog->phase, sizeof(syslog->phase), event->phase_start.phase);
}

static enum syslog_severity severity_of_note(const struct event_note *note)
{
    static const uint8_t severities[SEVERITIES] = {
        [SEVERITY_INFO] = SYSLOG_INFO,
        [SEVERITY_WARNING] = SYSLOG_WARNING,
        [SEVERITY_ERROR] = SYSLOG_ERROR,
    };

    return note->severity < SEVERITIES ? severities[note->severity] : SYSLOG_ERROR;
}

bool syslog_severity(const struct event *event, enum syslog_severity *ret_severity)
{
    switch (event->type) {
    case EVENT_STEP:
        *ret_severity = SYSLOG_DEBUG;
        return !event->step.ended;
    case EVENT_RUN_START:
    case EVENT_PHASE_START:
    case EVENT_PHASE_END:
    case EVENT_RUN_END:
        *ret_severity = SYSLOG_INFO;
        return true;
    case EVENT_VERDICT:
        *ret_severity = SYSLOG_NOTICE;
        return true;
    case EVENT_NOT_TESTED:
        *ret_severity = event->not_tested.subject ? SYSLOG_WARNING : SYSLOG_NOTICE;
        return true;
    case EVENT_NOTE:
        *ret_severity = severity_of_note(&event->note);
        return true;
    case EVENT_FINDING:
        *ret_severity = event->finding.certainty == POSSIBLE ? SYSLOG_WARNING : SYSLOG_ERROR;
        return true;
    case EVENT_SENSOR_STATE:
    case EVENT_MEMORY_ERROR:
    case EVENT_DISK_ERROR:
    case EVENT_MISMATCH:
    case EVENT_PACE:
    case EVENT_WRITE_ERROR:
    case EVENT_MACHINE_CHECK:
    case EVENT_PRIOR_RUN:
        *ret_severity = SYSLOG_WARNING;
        return true;
    default:
        return false;
    }
}

/* A parameter of the structured data (RFC 5424, 6.3.3); nothing where it is empty. */
static void add_parameter(struct text *text, const char *name, const char *value)
{
    if (!*value)
        return;
    text_format(text, " %s=\"", name);
    for (; *value; value++) {
        bool plain = *value >= ' ' && *value <= '~';

        if (*value == '"' || *value == '\\' || *value == ']')
            text_char(text, '\\');
        text_char(text, plain ? *value : '?');
    }
    text_char(text, '"');
}

static void add_data(struct text *text, const struct syslog *syslog, const struct event *event)
{
    text_format(text, "[%s run=\"%u\" sequence=\"%u\" time=\"", id, (unsigned)syslog->run,
                (unsigned)syslog->sequence);
    text_milli(text, (int64_t)(event->time_us / 1000), 3);
    text_char(text, '"');
    add_parameter(text, "phase", syslog->phase);
    if (event->type == EVENT_FINDING) {
        add_parameter(text, "id", event->finding.id);
        if (event->finding.certainty < CERTAINTIES)
            add_parameter(text, "certainty", certainty_names[event->finding.certainty]);
    }
    text_char(text, ']');
}

size_t syslog_format(struct syslog *syslog, const struct event *event,
                     enum syslog_severity severity, const char *words, char message[SYSLOG_SIZE])
{
    struct text text = text_in(message, SYSLOG_SIZE);
    char stamp[STAMP_SIZE] = "-";
    size_t start;

    syslog->sequence++;
    if (syslog->dated)
        stamp_text(stamp, syslog->start_ms, event->time_us);
    text_format(&text, "<%u>%u %s %s assay - %s ", FACILITY_USER * 8 + (unsigned)severity, VERSION,
                stamp, syslog->host, event_kinds[event->type].name);
    add_data(&text, syslog, event);
    text_char(&text, ' ');
    start = text.length;
    text_add(&text, words);
    make_ascii(message + start);
    if (text.cut)
        copy_text(message + SYSLOG_SIZE - 1 - text_length(cut_mark), text_length(cut_mark) + 1,
                  cut_mark);
    return text.length;
}
