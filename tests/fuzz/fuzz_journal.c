/*
 * Any bytes as a journal, as they are and line by line with good checksums: reading stays within
 * them, and what could be read is written and read again as the same event.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "report/model.h"
#include "report/resume.h"
#include "tests/fuzz/sealed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct model model;

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
    check(resume.deaths <= RESUME_DEATHS_MAX || resume.left_out[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char journal[SEALED_SIZE];

    read_all((const char *)data, size);
    read_all(journal, seal_lines(journal, data, size));
    return 0;
}
