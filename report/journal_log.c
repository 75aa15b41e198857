#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"

/* What may be left out first when room runs short. */
enum worth {
    WORTH_STREAM,     /* samples, progress */
    WORTH_EVIDENCE,   /* single errors, which may come by the thousand */
    WORTH_CONCLUSION, /* findings, totals, beginnings and ends */
};

static enum worth worth_of(const struct event *event)
{
    switch (event->type) {
    case EVENT_SAMPLE:
    case EVENT_PROGRESS:
        return WORTH_STREAM;
    case EVENT_STEP:
    case EVENT_SENSOR_STATE:
    case EVENT_MEMORY_ERROR:
    case EVENT_DISK_ERROR:
    case EVENT_MISMATCH:
    case EVENT_PACE:
    case EVENT_OUTLIER:
    case EVENT_WRITE_ERROR:
    case EVENT_MACHINE_CHECK:
    case EVENT_PCIE_ERROR:
    case EVENT_PCIE_LINK:
    case EVENT_NOTE:
        return WORTH_EVIDENCE;
    default:
        return WORTH_CONCLUSION;
    }
}

/* Bytes at the end of the buffer that an event of this worth may not use. */
static size_t reserve_for(const struct journal *journal, enum worth worth)
{
    size_t reserve = journal->size / 8;

    if (reserve > JOURNAL_RESERVE_MAX)
        reserve = JOURNAL_RESERVE_MAX;
    switch (worth) {
    case WORTH_STREAM:
        return reserve;
    case WORTH_EVIDENCE:
        return reserve / 4;
    default:
        return 0;
    }
}

void journal_init(struct journal *journal, char *buffer, size_t size)
{
    *journal = (struct journal){.data = buffer, .size = size};
}

static bool append(struct journal *journal, const struct event *event, enum worth worth)
{
    size_t reserve = reserve_for(journal, worth);
    size_t room, length;

    if (journal->length + reserve >= journal->size)
        return false;
    room = journal->size - reserve - journal->length;
    length = journal_encode(journal->data + journal->length, room, journal->sequence + 1, event);
    if (length == 0)
        return false;
    journal->length += length;
    journal->sequence++;
    return true;
}

static void append_drop_note(struct journal *journal, uint64_t time_us)
{
    struct event note = {.type = EVENT_NOTE, .time_us = time_us};

    note.note.severity = SEVERITY_WARNING;
    copy_text(note.note.text, sizeof(note.note.text),
              "The journal is nearly full: from here on some samples or errors are not in it.");
    append(journal, &note, WORTH_CONCLUSION);
}

int journal_append(struct journal *journal, const struct event *event)
{
    if (!journal_can_hold(event))
        return ERR_RANGE;
    if (append(journal, event, worth_of(event)))
        return OK;
    if (journal->dropped++ == 0)
        append_drop_note(journal, event->time_us);
    return ERR_FULL;
}
