#include "diagnosis/controllers.h"

#include <string.h>

#include "diagnosis/drive_evidence.h"

enum { SECOND_US = 1000000 };

/* 0 where the place has no PCI address. */
static size_t controller_length(const char *place)
{
    size_t length = 0;
    bool has_address = false;

    while (place[length] && !text_starts(place + length, " port") &&
           !text_starts(place + length, " namespace"))
        has_address |= place[length++] == ':';
    return has_address ? length : 0;
}

static bool same_place(const char *a, const char *b)
{
    size_t length = controller_length(a);

    return length && length == controller_length(b) && !memcmp(a, b, length);
}

bool controllers_are_same(const struct evidence *evidence, part_id a, part_id b)
{
    const struct evidence_part *one = evidence_part(evidence, a);
    const struct evidence_part *two = evidence_part(evidence, b);

    if (one->parent && two->parent)
        return one->parent == two->parent;
    return same_place(one->place, two->place);
}

bool controllers_may_be_same(const struct evidence *evidence, part_id a, part_id b)
{
    const struct evidence_part *one = evidence_part(evidence, a);
    const struct evidence_part *two = evidence_part(evidence, b);
    bool known = one->parent && two->parent;

    if (!known && (!controller_length(one->place) || !controller_length(two->place)))
        return true;
    return controllers_are_same(evidence, a, b);
}

static bool is_first(const struct evidence *evidence, unsigned index)
{
    part_id part = evidence->drives[index].part;

    for (unsigned i = 0; i < index; i++) {
        if (controllers_are_same(evidence, evidence->drives[i].part, part))
            return false;
    }
    return true;
}

static bool is_near(const struct evidence_drive *a, const struct evidence_drive *b)
{
    uint64_t one, two, last;

    if (!drive_fault_times(a, &one, &last) || !drive_fault_times(b, &two, &last))
        return true;
    return (one < two ? two - one : one - two) <= (uint64_t)CONTROLLER_WITHIN_S * SECOND_US;
}

bool controller_is_guilty(const struct evidence *evidence, unsigned index, drive_symptom symptom)
{
    const struct evidence_drive *before = NULL;
    unsigned own = 0, bad = 0;
    bool witness = false;

    if (!is_first(evidence, index))
        return false;
    for (unsigned i = 0; i < evidence->drive_count; i++) {
        const struct evidence_drive *drive = &evidence->drives[i];
        bool shows = symptom(evidence, i);

        if (!shows && !drive_is_loaded(evidence, i))
            continue;
        if (controllers_are_same(evidence, drive->part, evidence->drives[index].part)) {
            own++;
            bad += shows && (!before || is_near(before, drive));
            before = shows ? drive : before;
        } else if (shows ||
                   controllers_may_be_same(evidence, drive->part, evidence->drives[index].part)) {
            return false;
        } else {
            witness = true;
        }
    }
    return witness && bad >= CONTROLLER_DRIVES_MIN && bad * 2 > own;
}

void controller_tell_drives(const struct evidence *evidence, unsigned index, drive_symptom symptom,
                            struct text *text)
{
    const char *before = "";

    for (unsigned i = index; i < evidence->drive_count; i++) {
        const struct evidence_part *part = evidence_part(evidence, evidence->drives[i].part);

        if (!symptom(evidence, i) ||
            !controllers_are_same(evidence, evidence->drives[i].part, evidence->drives[index].part))
            continue;
        text_format(text, "%s%s", before, part->serial[0] ? part->serial : part->place);
        before = ", ";
    }
}

void controller_name(const struct evidence *evidence, unsigned index, struct text *text)
{
    const char *place = evidence_part(evidence, evidence->drives[index].part)->place;
    int length = (int)controller_length(place), kind = 0;

    while (kind < length && place[kind] != ' ')
        kind++;
    text_format(text, "%.*s controller%.*s", kind, place, length - kind, place + kind);
}
