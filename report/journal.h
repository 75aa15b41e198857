/*
 * The journal: a run as lines of text, one event each.
 *
 *   <seq> <time_us> <kind> name=value name="text" … #<checksum>
 *
 * It is one format for everything: the log in memory, the same bytes on the stick, and the source
 * of all reports. Kinds and fields are those of event_kinds[] (base/event.h). Fields that are zero
 * or empty are left out. Text is ASCII: quotes, backslashes and bytes that are not printable stand
 * as \xNN. `seq` counts from 1 without a gap; the checksum, 8 hex digits, is checksum() of the line
 * up to its blank before the '#'. A reader stops at the first line that is not whole, so a run that
 * was cut off is read up to its last good event.
 */
#ifndef ASSAY_REPORT_JOURNAL_H
#define ASSAY_REPORT_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"

enum {
    JOURNAL_LINE_MAX = 4608, /* longest line of any event, its line feed included */
    JOURNAL_RESERVE_MAX = 256 * 1024,
};

/* Stands in quoted text as it is. */
static inline bool journal_is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* True for an event of a known type whose values are within their enums. */
bool journal_can_hold(const struct event *event);

/* Writes one line with its line feed and returns its length; there is no NUL behind it. Returns 0,
 * with `line` in disorder, when it does not fit or the journal cannot hold such an event. */
size_t journal_encode(char *line, size_t size, uint64_t sequence, const struct event *event);

/*
 * Reads one line; a CR and a line feed at its end may be there. Fields this version does not know
 * are ignored, fields that are not there are zero, text that is too long is cut.
 * ERR_FORMAT: not a line of a journal, a bad checksum, or a value its field cannot hold.
 * ERR_UNSUPPORTED: a good line of a kind, or with a named value, that this version does not know;
 * *ret_sequence is then set all the same, *ret_event untouched.
 */
int journal_decode(const char *line, size_t length, uint64_t *ret_sequence,
                   struct event *ret_event);

/*
 * A log over the caller's buffer. What is in it is data[0] to data[length - 1], and never changes.
 *
 * Its last eighth, at most JOURNAL_RESERVE_MAX, is not for samples and progress; the last quarter
 * of that is not for single errors, steps and notes either, so that no storm of them costs the
 * findings, counters and the verdict their place. The first time something is left out a note says
 * so in the log.
 */
struct journal {
    char *data;
    size_t size;
    size_t length;
    uint64_t sequence; /* of the last event in it */
    uint64_t dropped;  /* events left out for want of room */
};

void journal_init(struct journal *journal, char *buffer, size_t size);
/* ERR_FULL when the event was left out and counted; ERR_RANGE when the journal cannot
 * hold such an event. */
int journal_append(struct journal *journal, const struct event *event);

/* Why a reader stopped. */
enum journal_stop {
    JOURNAL_READING, /* it did not yet */
    JOURNAL_ENDED,   /* all bytes were read */
    JOURNAL_BLANK,   /* blanks follow: the rest of a file made in advance */
    JOURNAL_CUT,     /* the last line has no end */
    JOURNAL_INVALID, /* a line is not what it should be */
    JOURNAL_GAP,     /* a line is good, and its sequence number is not the next */
};

/* "all was read", "a line is damaged", ... */
const char *journal_stop_text(enum journal_stop stop);

struct journal_reader {
    const char *bytes;
    size_t size;
    size_t offset;     /* of the next line, or of the line it stopped at */
    uint64_t sequence; /* of the last good line */
    uint64_t skipped;  /* good lines of unknown kind */
    enum journal_stop stop;
};

struct journal_reader journal_read_from(const char *bytes, size_t size);
/* The next event; false, and reader->stop says why, when there is none. */
bool journal_read(struct journal_reader *reader, struct event *ret_event);

/* True for a journal with a run-start and no run-end: a run that nobody ended. Fills in the run's
 * number, the time of its last event, its last phase, and the step begun and not ended. */
bool journal_is_unfinished(const char *bytes, size_t size, struct event_prior_run *ret_run);

#endif
