/*
 * Any bytes as a journal, as they are and line by line with good checksums: reading stays within
 * them, and what could be read is written and read again as the same event.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/compare.h"
#include "report/last_moments.h"
#include "report/model.h"
#include "report/resume.h"
#include "tests/fuzz/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model model;
static struct last_moments moments;
static struct comparison both;
static unsigned changes;

static void check(bool good)
{
    if (!good)
        abort();
}

static void check_round_trip(const struct event *event)
{
    char line[JOURNAL_LINE_MAX];
    struct event again;
    uint64_t sequence = 0;
    size_t length = journal_encode(line, sizeof(line), 7, event);

    check(length > 0);
    check(journal_decode(line, length, &sequence, &again) == OK && sequence == 7);
    check(memcmp(event, &again, sizeof(again)) == 0);
}

/* The same for an event whose texts may have more behind their ends. */
static void check_line(const struct event *event)
{
    char line[JOURNAL_LINE_MAX];
    struct event plain;
    uint64_t sequence = 0;
    size_t length = journal_encode(line, sizeof(line), 7, event);

    check(length > 0 && journal_decode(line, length, &sequence, &plain) == OK);
    check_round_trip(&plain);
}

/* What is made of the last moments is an event that a journal can hold. */
static void check_last_moments(const char *bytes, size_t size)
{
    struct event event = {.type = EVENT_PRIOR_RUN};
    struct event_prior_run died;

    check(last_moments_read(&moments, bytes, size, &event.prior_run) ==
          journal_is_unfinished(bytes, size, &died));
    check(moments.series_count <= MOMENTS_SERIES && moments.finding_count <= MOMENTS_FINDINGS);
    check(journal_can_hold(&event) && event.prior_run.answer == ANSWER_NONE);
    check_line(&event);
}

static void take_change(void *context, struct event *event)
{
    (void)context;
    check(event->type == EVENT_CHANGE && ++changes <= COMPARE_CHANGES);
    check_round_trip(event);
}

/* With the journal before it, and with itself. */
static void check_comparison(const char *bytes, size_t size)
{
    const struct sink sink = {.emit = take_change};

    both.then = both.now;
    if (!compare_read(&both.now, bytes, size))
        return;
    for (unsigned i = 0; i < 2; i++) {
        changes = 0;
        compare_tell(&both, &sink);
        check(changes > 0);
        both.then = both.now;
    }
    (void)compare_matches(&both.then, &both.now);
}

static void read_all(const char *bytes, size_t size)
{
    struct journal_reader reader = journal_read_from(bytes, size);
    struct event_prior_run run;
    struct resume resume = {.number = 0};
    struct event event;
    uint64_t count = 0;

    for (; journal_read(&reader, &event); count++)
        check_round_trip(&event);
    check(reader.stop != JOURNAL_READING && reader.offset <= size);
    check((reader.stop == JOURNAL_ENDED) == (reader.offset == size));
    check((model_build(&model, bytes, size) == OK) == (count > 0));
    check(model.event_count == count);
    check(!journal_is_unfinished(bytes, size, &run) ==
          (resume_read(bytes, size, &resume) == ERR_FORMAT));
    check_last_moments(bytes, size);
    check_comparison(bytes, size);
    check(resume.deaths <= RESUME_DEATHS_MAX || resume.left_out[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char journal[SEALED_SIZE];

    read_all((const char *)data, size);
    read_all(journal, seal_lines(journal, data, size));
    return 0;
}
