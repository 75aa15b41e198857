#include "tests/sim/field_score.h"

#include <string.h>

#include "base/text.h"
#include "report/journal.h"

enum { SAID_MAX = FINDINGS_LIMIT };

struct said {
    struct event_finding findings[SAID_MAX];
    unsigned count;
    part_id drives[FIELD_DRIVES]; /* 0: not announced */
    uint8_t overall;
    bool final;
};

static void take_part(const struct field_machine *field, struct said *said,
                      const struct event_part *part)
{
    for (unsigned i = 0; i < field->drive_count; i++) {
        if (text_equal(part->serial, field->serials[i]))
            said->drives[i] = part->part;
    }
}

static void take(const struct field_machine *field, struct said *said, const struct event *event)
{
    if (event->type == EVENT_PART)
        take_part(field, said, &event->part);
    if (event->type == EVENT_PHASE_START)
        said->final |= text_equal(event->phase_start.phase, PHASE_OF_VERDICT);
    if (event->type == EVENT_FINDING && said->final && said->count < SAID_MAX)
        said->findings[said->count++] = event->finding;
    if (event->type == EVENT_VERDICT)
        said->overall = event->verdict.overall;
}

static void read_journal(const struct field_machine *field, struct said *said)
{
    struct journal_reader reader =
        journal_read_from(field->recorder.journal.data, field->recorder.journal.length);
    struct event event;

    said->overall = OVERALLS;
    while (journal_read(&reader, &event))
        take(field, said, &event);
}

/* Verdict and, of a drive or a fan, the very one. */
static bool names(const struct said *said, const struct event_finding *finding,
                  const struct field_dealt *dealt)
{
    char fan[16];

    if (verdict_find(finding->id) != field_fault_verdicts[dealt->fault])
        return false;
    if (field_is_of_drive(dealt->fault))
        return finding->part && finding->part == said->drives[dealt->drive];
    format_text(fan, sizeof(fan), "FAN%u", dealt->fan + 1);
    return dealt->fault != FIELD_FAN || text_equal(finding->component, fan);
}

static bool is_true(const struct field_machine *field, const struct said *said,
                    const struct event_finding *finding)
{
    for (unsigned i = 0; i < field->fault_count; i++) {
        if (names(said, finding, &field->faults[i]))
            return true;
    }
    return false;
}

static bool is_named(const struct said *said, const struct field_dealt *dealt)
{
    for (unsigned i = 0; i < said->count; i++) {
        if (names(said, &said->findings[i], dealt))
            return true;
    }
    return false;
}

/* One cause that explains the other is named alone: heat by a fan that stopped; how slow a drive
 * is, or what it brings, by what else is wrong with it or its lead; blocks that differ by addresses
 * that are mixed up; corrected errors by uncorrected ones. */
static bool covers(const struct field_dealt *cause, const struct field_dealt *other)
{
    bool slow = other->fault == FIELD_SLOWING || other->fault == FIELD_SLOW_REGION;

    if (cause->fault == FIELD_FAN || cause->fault == FIELD_AIRFLOW)
        return other->fault == FIELD_AIRFLOW || other->fault == FIELD_HOT_DRIVE;
    if (cause->fault == FIELD_ADDRESS_LINE)
        return other->fault == FIELD_CORRUPTION;
    if (cause->fault == FIELD_ECC_UNCORRECTED)
        return other->fault == FIELD_ECC_REPEATED || other->fault == FIELD_ECC_SINGLE;
    if (cause->fault == FIELD_LEAD && cause->drive == other->drive &&
        (other->fault == FIELD_STALE || other->fault == FIELD_CORRUPTION))
        return true;
    if (!slow || cause->drive != other->drive)
        return false;
    return cause->fault == FIELD_UNREADABLE || cause->fault == FIELD_PENDING ||
           cause->fault == FIELD_SILENT || cause->fault == FIELD_STALE ||
           cause->fault == FIELD_LEAD || cause->fault == FIELD_HOT_DRIVE;
}

static bool is_accounted(const struct field_machine *field, const struct said *said, unsigned index)
{
    const struct field_dealt *dealt = &field->faults[index];

    if (is_named(said, dealt))
        return true;
    for (unsigned i = 0; i < field->fault_count; i++) {
        if (i != index && covers(&field->faults[i], dealt) && is_named(said, &field->faults[i]))
            return true;
    }
    return false;
}

/* The first fault that nothing accounts for; FIELD_FAULTS: none. */
static uint8_t find_missed(const struct field_machine *field, const struct said *said)
{
    for (unsigned i = 0; i < field->fault_count; i++) {
        if (!is_accounted(field, said, i))
            return (uint8_t)field->faults[i].fault;
    }
    return FIELD_FAULTS;
}

static bool is_right(const struct field_machine *field, const struct said *said)
{
    if (find_missed(field, said) < FIELD_FAULTS)
        return false;
    for (unsigned i = 0; i < said->count; i++) {
        if (said->findings[i].certainty >= LIKELY && !is_true(field, said, &said->findings[i]))
            return false;
    }
    return said->count && is_true(field, said, &said->findings[0]);
}

static void write_words(const struct field_machine *field, const struct said *said,
                        struct field_score *ret)
{
    struct text text = text_in(ret->had, sizeof(ret->had));

    for (unsigned i = 0; i < field->fault_count; i++) {
        const struct field_dealt *dealt = &field->faults[i];

        text_format(&text, "%s%s", i ? " + " : "", field_fault_names[dealt->fault]);
        if (field_is_of_drive(dealt->fault))
            text_format(&text, " %s", field->serials[dealt->drive]);
    }
    text = text_in(ret->said, sizeof(ret->said));
    for (unsigned i = 0; i < said->count; i++)
        text_format(&text, "%s%s %s %s", i ? "; " : "", said->findings[i].id,
                    certainty_names[said->findings[i].certainty], said->findings[i].component);
    if (!said->count)
        text_add(&text, "nothing");
}

void field_score(const struct field_machine *field, struct field_score *ret)
{
    struct said said = {.count = 0};

    read_journal(field, &said);
    *ret = (struct field_score){
        .done = true,
        .seed = field->seed,
        .fault_count = (uint8_t)field->fault_count,
        .first = (uint8_t)(said.count ? verdict_find(said.findings[0].id) : VERDICTS),
        .overall = said.overall,
        .first_right = said.count && is_true(field, &said, &said.findings[0]),
    };
    ret->missed = find_missed(field, &said);
    for (unsigned i = 0; i < field->fault_count; i++)
        ret->faults[i] = (uint8_t)field->faults[i].fault;
    ret->right =
        field->fault_count ? is_right(field, &said) : said.overall == OVERALL_PASS && !said.count;
    write_words(field, &said, ret);
}
