#include "report/live.h"

#include <string.h>

#include "base/text.h"

void live_init(struct live *live)
{
    memset(live, 0, sizeof(*live));
    latest_init(&live->latest);
}

static void keep_run_start(struct live *live, const struct event_run_start *run)
{
    copy_text(live->version, sizeof(live->version), run->version);
    copy_text(live->plan, sizeof(live->plan), run->plan);
    copy_text(live->inject, sizeof(live->inject), run->inject);
    live->seed = run->seed;
    live->number = run->number;
}

static void keep_phase_start(struct live *live, const struct event_phase_start *phase)
{
    struct live_phase *entry;

    if (live->phase_count == LIVE_PHASES) {
        memmove(&live->phases[0], &live->phases[1], sizeof(live->phases) - sizeof(live->phases[0]));
        live->phase_count--;
    }
    entry = &live->phases[live->phase_count++];
    *entry = (struct live_phase){.ended = false};
    copy_text(entry->name, sizeof(entry->name), phase->phase);
    live->permille = 0;
    live->left_s = phase->planned_s;
}

static void keep_phase_end(struct live *live, const struct event_phase_end *end)
{
    for (size_t i = live->phase_count; i-- > 0;) {
        struct live_phase *phase = &live->phases[i];

        if (!phase->ended && text_equal(phase->name, end->phase)) {
            phase->ended = true;
            phase->ending = end->ending;
            return;
        }
    }
}

static void keep_note(struct live *live, unsigned severity, const char *text)
{
    struct live_note *note = &live->notes[0];

    memmove(&live->notes[1], note, sizeof(live->notes) - sizeof(live->notes[0]));
    note->severity = (uint8_t)severity;
    copy_text(note->text, sizeof(note->text), text);
    if (live->note_count < LIVE_NOTES)
        live->note_count++;
}

static void drop_finding(struct live *live, size_t index)
{
    live->finding_count--;
    memmove(&live->findings[index], &live->findings[index + 1],
            (live->finding_count - index) * sizeof(live->findings[0]));
}

/* A finding that comes again replaces itself: its certainty may have changed. */
static void drop_same_finding(struct live *live, const struct live_finding *finding)
{
    for (size_t i = 0; i < live->finding_count; i++) {
        if (text_equal(live->findings[i].id, finding->id) &&
            text_equal(live->findings[i].component, finding->component)) {
            drop_finding(live, i);
            return;
        }
    }
}

static void keep_finding(struct live *live, const struct event_finding *event)
{
    struct live_finding finding = {.certainty = event->certainty};
    size_t at = 0;

    copy_text(finding.id, sizeof(finding.id), event->id);
    copy_text(finding.component, sizeof(finding.component), event->component);
    drop_same_finding(live, &finding);
    if (live->finding_count == LIVE_FINDINGS) {
        live->findings_lost++;
        if (live->findings[LIVE_FINDINGS - 1].certainty >= finding.certainty)
            return;
        drop_finding(live, LIVE_FINDINGS - 1);
    }
    while (at < live->finding_count && live->findings[at].certainty >= finding.certainty)
        at++;
    memmove(&live->findings[at + 1], &live->findings[at],
            (live->finding_count - at) * sizeof(live->findings[0]));
    live->findings[at] = finding;
    live->finding_count++;
}

void live_event(struct live *live, const struct event *event)
{
    latest_event(&live->latest, event);
    switch (event->type) {
    case EVENT_RUN_START:
        keep_run_start(live, &event->run_start);
        break;
    case EVENT_PHASE_START:
        keep_phase_start(live, &event->phase_start);
        break;
    case EVENT_PROGRESS:
        live->permille = event->progress.permille < 1000 ? event->progress.permille : 1000;
        live->left_s = event->progress.left_s;
        break;
    case EVENT_PHASE_END:
        keep_phase_end(live, &event->phase_end);
        break;
    case EVENT_NOTE:
        keep_note(live, event->note.severity, event->note.text);
        break;
    case EVENT_NOT_TESTED:
        keep_note(live, SEVERITY_WARNING, event->not_tested.reason);
        break;
    case EVENT_FINDING:
        keep_finding(live, &event->finding);
        break;
    case EVENT_VERDICT:
        live->has_verdict = true;
        live->overall = event->verdict.overall;
        break;
    default:
        break;
    }
}
