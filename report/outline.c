#include "report/outline.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"

enum {
    VERSION = 1,
    AT_VERSION = 4,
    AT_SIZE = 6,
    AT_RUN = 8,
    AT_AFTER = 12,
    AT_FOUND = 16,
    AT_COUNT = 18,
    AT_PHASE = 20,
    AT_STEP = AT_PHASE + OUTLINE_PHASE_SIZE,
    AT_FINDINGS = AT_STEP + OUTLINE_STEP_SIZE,
    FINDING_SIZE = 1 + OUTLINE_ID_SIZE + OUTLINE_COMPONENT_SIZE,
    CHECKSUM_SIZE = 4,
};

_Static_assert(AT_FINDINGS + OUTLINE_FINDINGS * FINDING_SIZE + CHECKSUM_SIZE == OUTLINE_SIZE,
               "the outline is as large as its parts");

static const char magic[] = "ARUN";

static bool set_text(char *text, size_t size, const char *value)
{
    char cut[NAME_SIZE];

    copy_text(cut, size < sizeof(cut) ? size : sizeof(cut), value);
    if (text_equal(text, cut))
        return false;
    copy_text(text, size, cut);
    return true;
}

/* A finding that stands there already is brought up to date; another pushes the oldest out. */
static bool add_finding(struct outline *outline, const struct event_finding *finding)
{
    struct outline_finding added = {.certainty = finding->certainty};
    unsigned i = 0;

    copy_text(added.id, sizeof(added.id), finding->id);
    copy_text(added.component, sizeof(added.component), finding->component);
    while (i < outline->count && !(text_equal(outline->findings[i].id, added.id) &&
                                   text_equal(outline->findings[i].component, added.component)))
        i++;
    if (i < outline->count) {
        bool changed = outline->findings[i].certainty != added.certainty;

        outline->findings[i] = added;
        return changed;
    }
    if (outline->count == OUTLINE_FINDINGS)
        memmove(&outline->findings[0], &outline->findings[1],
                --outline->count * sizeof(outline->findings[0]));
    outline->findings[outline->count++] = added;
    outline->found += outline->found < UINT16_MAX;
    return true;
}

bool outline_event(struct outline *outline, const struct event *event)
{
    outline->after_s = (uint32_t)(event->time_us / 1000000);
    switch (event->type) {
    case EVENT_RUN_START:
        outline->run = event->run_start.number;
        return true;
    case EVENT_PHASE_START:
        return set_text(outline->phase, sizeof(outline->phase), event->phase_start.phase);
    case EVENT_STEP:
        return set_text(outline->step, sizeof(outline->step),
                        event->step.ended ? "" : event->step.name);
    case EVENT_FINDING:
        return add_finding(outline, &event->finding);
    default:
        return false;
    }
}

static void put_le(uint8_t *at, uint32_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

size_t outline_encode(const struct outline *outline, uint8_t bytes[OUTLINE_SIZE])
{
    size_t size = AT_FINDINGS;

    memset(bytes, 0, OUTLINE_SIZE);
    memcpy(bytes, magic, AT_VERSION);
    put_le(bytes + AT_VERSION, VERSION, 2);
    put_le(bytes + AT_RUN, outline->run, 4);
    put_le(bytes + AT_AFTER, outline->after_s, 4);
    put_le(bytes + AT_FOUND, outline->found, 2);
    put_le(bytes + AT_COUNT, outline->count, 2);
    copy_text((char *)bytes + AT_PHASE, OUTLINE_PHASE_SIZE, outline->phase);
    copy_text((char *)bytes + AT_STEP, OUTLINE_STEP_SIZE, outline->step);
    for (unsigned i = 0; i < outline->count; i++, size += FINDING_SIZE) {
        const struct outline_finding *finding = &outline->findings[i];
        char *at = (char *)bytes + size;

        bytes[size] = finding->certainty;
        copy_text(at + 1, OUTLINE_ID_SIZE, finding->id);
        copy_text(at + 1 + OUTLINE_ID_SIZE, OUTLINE_COMPONENT_SIZE, finding->component);
    }
    put_le(bytes + AT_SIZE, (uint32_t)(size + CHECKSUM_SIZE), 2);
    put_le(bytes + size, checksum(bytes, size), CHECKSUM_SIZE);
    return size + CHECKSUM_SIZE;
}

static bool is_whole(struct bytes *bytes)
{
    size_t size = bytes->size;

    return size >= AT_FINDINGS + CHECKSUM_SIZE && size <= OUTLINE_SIZE &&
           !memcmp(bytes->data, magic, AT_VERSION) && bytes_le16(bytes, AT_VERSION) == VERSION &&
           bytes_le16(bytes, AT_SIZE) == size &&
           size ==
               AT_FINDINGS + (size_t)bytes_le16(bytes, AT_COUNT) * FINDING_SIZE + CHECKSUM_SIZE &&
           bytes_le32(bytes, size - CHECKSUM_SIZE) == checksum(bytes->data, size - CHECKSUM_SIZE);
}

int outline_decode(const void *data, size_t size, struct outline *ret_outline)
{
    struct bytes bytes = bytes_of(data, size);
    struct outline outline;

    if (!is_whole(&bytes))
        return ERR_FORMAT;
    memset(&outline, 0, sizeof(outline));
    outline.run = bytes_le32(&bytes, AT_RUN);
    outline.after_s = bytes_le32(&bytes, AT_AFTER);
    outline.found = bytes_le16(&bytes, AT_FOUND);
    outline.count = bytes_le16(&bytes, AT_COUNT);
    copy_name(outline.phase, sizeof(outline.phase), bytes.data + AT_PHASE, OUTLINE_PHASE_SIZE);
    copy_name(outline.step, sizeof(outline.step), bytes.data + AT_STEP, OUTLINE_STEP_SIZE);
    for (unsigned i = 0; i < outline.count; i++) {
        const uint8_t *at = bytes.data + AT_FINDINGS + i * (size_t)FINDING_SIZE;
        struct outline_finding *finding = &outline.findings[i];

        if (at[0] >= CERTAINTIES)
            return ERR_FORMAT;
        finding->certainty = at[0];
        copy_name(finding->id, sizeof(finding->id), at + 1, OUTLINE_ID_SIZE);
        copy_name(finding->component, sizeof(finding->component), at + 1 + OUTLINE_ID_SIZE,
                  OUTLINE_COMPONENT_SIZE);
    }
    *ret_outline = outline;
    return OK;
}
