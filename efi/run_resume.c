/*
 * A run that goes on where another one died: what that one had found counts in this one.
 *
 * Parts are numbered anew at each boot. A part of the other run is one of this machine when kind,
 * name, and serial number or, without one, place are the same, and no other part's are.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/run.h"
#include "report/journal.h"

enum { REPLAY_PARTS = 128 };

struct replay {
    struct run *run;
    const struct resume *resume;
    part_id now[REPLAY_PARTS]; /* of the other run's part n; 0: none of this machine */
    unsigned taken, left;
};

static bool same_part(const struct event_part *a, const struct event_part *b)
{
    return a->kind == b->kind && text_equal(a->name, b->name) && text_equal(a->serial, b->serial) &&
           (a->serial[0] || text_equal(a->place, b->place));
}

static void match(const struct event_part *part, const struct event_part *then, part_id *now,
                  unsigned *matches)
{
    if (!same_part(part, then))
        return;
    *now = part->part;
    (*matches)++;
}

static void take_part(struct replay *replay, const struct event_part *then)
{
    const struct machine *machine = replay->run->machine;
    unsigned matches = 0;
    part_id now = 0;

    if (then->part >= REPLAY_PARTS)
        return;
    for (unsigned i = 0; i < machine->part_count; i++)
        match(&machine->parts[i], then, &now, &matches);
    for (unsigned i = 0; i < machine->disk_count; i++)
        match(&machine->disks[i].part, then, &now, &matches);
    if (then->part > PART_ALL_MEMORY)
        replay->now[then->part] = matches == 1 ? now : 0;
}

/* The part an event is about, or NULL when it is about none. */
static part_id *part_of(struct event *event)
{
    switch (event->type) {
    case EVENT_COVERAGE:
        return &event->coverage.part;
    case EVENT_DISK_ERROR:
        return &event->disk_error.part;
    case EVENT_MISMATCH:
        return &event->mismatch.part;
    case EVENT_WRITE_ERROR:
        return &event->write_error.part;
    case EVENT_PACE:
        return &event->pace.part;
    default:
        return NULL;
    }
}

static bool is_evidence(const struct replay *replay, const struct event *event)
{
    switch (event->type) {
    case EVENT_COVERAGE: /* of a phase that is done again, this run tells itself */
        return resume_has_done(replay->resume, event->coverage.phase);
    case EVENT_NOT_TESTED: /* phases that were left out */
        return resume_has_done(replay->resume, event->not_tested.subsystem);
    case EVENT_MEMORY_ERROR:
    case EVENT_MACHINE_CHECK:
    case EVENT_DISK_ERROR:
    case EVENT_MISMATCH:
    case EVENT_WRITE_ERROR:
    case EVENT_PACE:
        return true;
    default:
        return false;
    }
}

static void take_evidence(struct replay *replay, struct event *event)
{
    part_id *part = part_of(event);

    if (!is_evidence(replay, event))
        return;
    if (part && (*part >= REPLAY_PARTS || !replay->now[*part])) {
        replay->left++;
        return;
    }
    if (part)
        *part = replay->now[*part];
    emit(replay->run->sink, event);
    replay->taken++;
}

static void say_what_continues(const struct replay *replay)
{
    const struct resume *resume = replay->resume;

    emit_note(replay->run->sink, SEVERITY_WARNING,
              "This run goes on with run %u, which died in %s. Not done again: %s. %u records of "
              "errors and coverage were taken over from it%s.",
              (unsigned)resume->number,
              resume->stopped_at[0] ? resume->stopped_at : "its beginning",
              resume->done[0] ? resume->done : "nothing", replay->taken,
              replay->left ? ", others are of parts that are not here now" : "");
    if (resume->left_out[0])
        emit_not_tested(replay->run->sink, resume->left_out, 0, true,
                        "left out: %u runs in a row died in it, the last was run %u",
                        (unsigned)resume->deaths, (unsigned)resume->number);
}

void run_resume(struct run *run)
{
    struct replay replay = {.run = run, .resume = run->config.resume};
    struct journal_reader reader = journal_read_from(run->config.earlier, run->config.earlier_size);
    struct event event;

    if (!replay.resume || !replay.resume->number)
        return;
    replay.now[PART_ALL_PROCESSORS] = PART_ALL_PROCESSORS;
    replay.now[PART_ALL_MEMORY] = PART_ALL_MEMORY;
    while (journal_read(&reader, &event)) {
        if (event.type == EVENT_PART)
            take_part(&replay, &event.part);
        else
            take_evidence(&replay, &event);
    }
    say_what_continues(&replay);
}
