#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"

enum { OPEN_STEPS_MAX = 4 };

const char *journal_stop_text(enum journal_stop stop)
{
    switch (stop) {
    case JOURNAL_READING:
        return "more may follow";
    case JOURNAL_ENDED:
        return "all was read";
    case JOURNAL_BLANK:
        return "the rest is blank";
    case JOURNAL_CUT:
        return "the last line is cut off";
    case JOURNAL_INVALID:
        return "a line is damaged";
    case JOURNAL_GAP:
        return "lines are missing or out of order";
    default:
        return "unknown";
    }
}

struct journal_reader journal_read_from(const char *bytes, size_t size)
{
    return (struct journal_reader){.bytes = bytes, .size = size};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\0' || c == '\r' || c == '\n';
}

/* Length of the line at the reader's offset, its line feed included; 0 without one. */
static size_t line_length(const struct journal_reader *reader)
{
    size_t left = reader->size - reader->offset;
    size_t limit = left < 2 * JOURNAL_LINE_MAX ? left : 2 * JOURNAL_LINE_MAX;

    for (size_t i = 0; i < limit; i++) {
        if (reader->bytes[reader->offset + i] == '\n')
            return i + 1;
    }
    return 0;
}

static bool stop(struct journal_reader *reader, enum journal_stop why)
{
    reader->stop = why;
    return false;
}

/* Reads one line; false when it ends the reading, else *ret_known tells whether it was an event. */
static bool read_line(struct journal_reader *reader, struct event *ret_event, bool *ret_known)
{
    uint64_t sequence = 0;
    size_t length;
    int error;

    if (reader->offset == reader->size)
        return stop(reader, JOURNAL_ENDED);
    if (is_blank(reader->bytes[reader->offset]))
        return stop(reader, JOURNAL_BLANK);
    length = line_length(reader);
    if (length == 0)
        return stop(reader, JOURNAL_CUT);
    error = journal_decode(reader->bytes + reader->offset, length, &sequence, ret_event);
    if (error != OK && error != ERR_UNSUPPORTED)
        return stop(reader, JOURNAL_INVALID);
    if (sequence != reader->sequence + 1)
        return stop(reader, JOURNAL_GAP);
    reader->sequence = sequence;
    reader->offset += length;
    *ret_known = error == OK;
    return true;
}

bool journal_read(struct journal_reader *reader, struct event *ret_event)
{
    bool known = false;

    if (reader->stop != JOURNAL_READING)
        return false;
    /* Each turn takes a line away, so this ends. */
    while (read_line(reader, ret_event, &known)) {
        if (known)
            return true;
        reader->skipped++;
    }
    return false;
}

/* Steps that have begun and not ended, the innermost last. */
struct open_steps {
    char names[OPEN_STEPS_MAX][NAME_SIZE];
    unsigned count;
};

static void follow_step(struct open_steps *open, const struct event_step *step)
{
    if (!step->ended) {
        if (open->count == OPEN_STEPS_MAX) {
            memmove(open->names[0], open->names[1], sizeof(open->names) - NAME_SIZE);
            open->count--;
        }
        copy_text(open->names[open->count++], NAME_SIZE, step->name);
        return;
    }
    for (unsigned i = open->count; i > 0; i--) {
        if (text_equal(open->names[i - 1], step->name)) {
            open->count = i - 1;
            return;
        }
    }
}

bool journal_is_unfinished(const char *bytes, size_t size, struct event_prior_run *ret_run)
{
    struct journal_reader reader = journal_read_from(bytes, size);
    struct event_prior_run run = {0};
    struct open_steps open = {.count = 0};
    bool started = false;
    struct event event;

    while (journal_read(&reader, &event)) {
        uint64_t seconds = event.time_us / 1000000;

        if (event.type == EVENT_RUN_END)
            return false;
        if (event.type == EVENT_RUN_START) {
            started = true;
            run.number = event.run_start.number;
        } else if (event.type == EVENT_PHASE_START) {
            copy_text(run.phase, sizeof(run.phase), event.phase_start.phase);
        } else if (event.type == EVENT_STEP) {
            follow_step(&open, &event.step);
        }
        run.after_s = seconds < UINT32_MAX ? (uint32_t)seconds : UINT32_MAX;
    }
    if (!started)
        return false;
    if (open.count > 0)
        copy_text(run.step, sizeof(run.step), open.names[open.count - 1]);
    *ret_run = run;
    return true;
}
