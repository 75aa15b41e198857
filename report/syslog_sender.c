#include "report/syslog_sender.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

enum {
    SEND_US = 20000,
    RETRY_US = 1000000,
    SILENT_RETRY_US = 60 * RETRY_US,
    FINISH_TURNS = 300000 / NETWORK_TEND_US, /* a third of a second */
    WORDS_MAX = SYSLOG_SIZE, /* so that a text cut here is cut in its message too, which says so */
};

/* Where room is made in a full queue: the oldest of the least grave. */
static unsigned least_grave(const struct syslog_sender *sender)
{
    unsigned least = 0;

    for (unsigned i = 1; i < sender->count; i++) {
        if (sender->queue[i].severity > sender->queue[least].severity)
            least = i;
    }
    return least;
}

static void take_out(struct syslog_sender *sender, unsigned index)
{
    sender->count--;
    memmove(&sender->queue[index], &sender->queue[index + 1],
            (sender->count - index) * sizeof(sender->queue[0]));
}

static void queue(struct syslog_sender *sender, const struct event *event,
                  enum syslog_severity severity, const char *words)
{
    struct syslog_message *message;
    unsigned least;

    if (sender->count == SYSLOG_QUEUE) {
        least = least_grave(sender);
        sender->dropped++;
        if (sender->queue[least].severity < severity) {
            sender->syslog.sequence++;
            return;
        }
        take_out(sender, least);
    }
    message = &sender->queue[sender->count++];
    message->severity = (uint8_t)severity;
    message->length =
        (uint16_t)syslog_format(&sender->syslog, event, severity, words, message->bytes);
}

static bool is_single_error(const struct event *event)
{
    return event->type == EVENT_MEMORY_ERROR || event->type == EVENT_DISK_ERROR ||
           event->type == EVENT_MISMATCH || event->type == EVENT_WRITE_ERROR ||
           event->type == EVENT_MACHINE_CHECK || event->type == EVENT_PACE;
}

/* Says how many there were of something, as a warning of the sender's own. */
static void queue_count(struct syslog_sender *sender, uint64_t time_us, uint32_t count,
                        const char *what)
{
    struct event event = {.type = EVENT_NOTE, .time_us = time_us};

    format_text(event.note.text, sizeof(event.note.text), "%s: %u", what, (unsigned)count);
    queue(sender, &event, SYSLOG_WARNING, event.note.text);
}

static void say_untold(struct syslog_sender *sender, uint64_t time_us)
{
    if (sender->untold)
        queue_count(sender, time_us, sender->untold,
                    "errors of one second that are not told one by one");
    sender->untold = 0;
}

static void begin_second(struct syslog_sender *sender, uint64_t time_us)
{
    uint32_t second = (uint32_t)(time_us / 1000000);

    if (second == sender->window_s)
        return;
    say_untold(sender, time_us);
    sender->window_s = second;
    sender->errors = 0;
}

/* False for an error too many in its second. */
static bool may_be_told(struct syslog_sender *sender, const struct event *event)
{
    if (!is_single_error(event) || ++sender->errors <= SYSLOG_ERRORS_PER_SECOND)
        return true;
    sender->untold++;
    return false;
}

/* A sentence of the console. */
static void take_sentence(void *context, const struct event *event, const char *sentence)
{
    struct syslog_sender *sender = context;
    enum syslog_severity severity;
    char words[WORDS_MAX];

    if (!syslog_severity(event, &severity) || !may_be_told(sender, event))
        return;
    if (event->type == EVENT_FINDING) {
        format_text(words, sizeof(words), "%s. %s %s", sentence, event->finding.evidence,
                    event->finding.advice);
        sentence = words;
    }
    queue(sender, event, severity, sentence);
}

/* What the console has no sentence for: its own last lines, and the steps, say it there. */
static void say_more(struct syslog_sender *sender, const struct event *event)
{
    char words[TEXT_SIZE + NAME_SIZE];

    if (event->type == EVENT_STEP)
        format_text(words, sizeof(words), "step begins: %s", event->step.name);
    else if (event->type == EVENT_VERDICT && event->verdict.overall < OVERALLS)
        format_text(words, sizeof(words), "verdict %s: %s", overall_names[event->verdict.overall],
                    event->verdict.reason);
    else if (event->type == EVENT_RUN_END && event->run_end.ending < ENDINGS)
        format_text(words, sizeof(words), "the run has ended: %s",
                    ending_names[event->run_end.ending]);
    else
        return;
    take_sentence(sender, event, words);
}

void syslog_sender_init(struct syslog_sender *sender, const struct clock *clock,
                        const struct sink *sink, const char *serial, const char *product)
{
    struct console_words words = {.context = sender, .put = take_sentence};

    memset(sender, 0, sizeof(*sender));
    sender->clock = clock;
    sender->sink = sink;
    syslog_init(&sender->syslog, serial, product);
    console_init_words(&sender->console, &words);
}

void syslog_sender_open(struct syslog_sender *sender, const struct network *network)
{
    sender->network = *network;
    sender->has_network = true;
}

/* When there is room again. */
static void say_dropped(struct syslog_sender *sender, uint64_t time_us)
{
    if (!sender->dropped || sender->count > SYSLOG_QUEUE / 2)
        return;
    queue_count(sender, time_us, sender->dropped,
                "messages that were dropped, for they could not be sent in time");
    sender->dropped = 0;
}

void syslog_sender_event(struct syslog_sender *sender, const struct event *event)
{
    syslog_follow(&sender->syslog, event);
    begin_second(sender, event->time_us);
    if (event->type == EVENT_RUN_END) {
        say_untold(sender, event->time_us);
        sender->sink = NULL; /* no note comes after the end */
    }
    console_event(&sender->console, event);
    say_more(sender, event);
    say_dropped(sender, event->time_us);
}

static void fail(struct syslog_sender *sender, int error)
{
    bool silent = ++sender->failures >= SYSLOG_FAILURES;

    sender->retry_us = clock_now_us(sender->clock) + (silent ? SILENT_RETRY_US : RETRY_US);
    if (sender->failures == SYSLOG_FAILURES && sender->sink)
        emit_note(sender->sink, SEVERITY_WARNING,
                  "Live events: nothing can be sent (%s); it is tried again each minute.",
                  error_text(error));
}

static void tend(struct syslog_sender *sender)
{
    if (sender->network.tend)
        sender->network.tend(sender->network.context);
}

static bool send_first(struct syslog_sender *sender)
{
    const struct syslog_message *message = &sender->queue[0];
    int error = sender->network.send(sender->network.context, message->bytes, message->length);

    tend(sender);
    if (error) {
        fail(sender, error);
        return false;
    }
    sender->failures = 0;
    take_out(sender, 0);
    return true;
}

void syslog_sender_send(struct syslog_sender *sender)
{
    uint64_t start_us = clock_now_us(sender->clock);

    if (!sender->has_network)
        return;
    tend(sender);
    if (start_us < sender->retry_us)
        return;
    while (sender->count && clock_now_us(sender->clock) - start_us < SEND_US) {
        if (!send_first(sender))
            return;
    }
}

void syslog_sender_finish(struct syslog_sender *sender)
{
    uint64_t start_us = clock_now_us(sender->clock);
    bool silent = sender->failures >= SYSLOG_FAILURES;

    for (unsigned tries = 0; sender->has_network && sender->count && tries < SYSLOG_FAILURES;) {
        if (clock_now_us(sender->clock) - start_us >= SYSLOG_FINISH_US)
            return;
        if (!send_first(sender) && (silent || ++tries >= SYSLOG_FAILURES))
            return;
    }
    for (unsigned i = 0; i < FINISH_TURNS && sender->network.tend; i++)
        tend(sender);
}
