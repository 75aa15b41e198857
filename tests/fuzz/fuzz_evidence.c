/*
 * Any events, in any order, judged now and then. The bytes fill the events field by field by the
 * table of the vocabulary; flags are made flags, the rest is as it comes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/event.h"
#include "diagnosis/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct evidence evidence;

static void look(void)
{
    static struct event_finding findings[FINDINGS_LIMIT];
    struct event_good goods[GOODS_LIMIT];
    char reason[TEXT_SIZE];
    unsigned count = judge(&evidence, findings, FINDINGS_LIMIT);

    judge_good(&evidence, findings, count, goods, GOODS_LIMIT);
    judge_overall(&evidence, findings, count, reason);
}

/* Fills one field from the data; texts and wide numbers take a few bytes of it. */
static size_t fill(struct event *event, const struct field *field, const uint8_t *data, size_t size)
{
    uint8_t *to = (uint8_t *)event + field->offset;
    size_t count = field->size < 8 ? field->size : 8;

    if (count > size)
        count = size;
    memcpy(to, data, count);
    if (field->form == FIELD_FLAG)
        *to &= 1;
    return count;
}

static size_t next_event(struct event *event, const uint8_t *data, size_t size)
{
    const struct event_kind *kind;
    size_t used = 2;

    memset(event, 0, sizeof(*event));
    event->type = data[0] % (EVENT_TYPES + 1);
    event->time_us = (uint64_t)data[1] * 100000;
    if (event->type == EVENT_TYPES)
        return used;
    kind = &event_kinds[event->type];
    for (size_t i = 0; i < kind->field_count; i++)
        used += fill(event, &kind->fields[i], data + used, size - used);
    return used;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct event event;

    evidence_init(&evidence);
    for (size_t at = 0, count = 0; size - at >= 2; count++) {
        at += next_event(&event, data + at, size - at);
        evidence_add(&evidence, &event);
        if (count % 16 == 0)
            look();
    }
    look();
    return 0;
}
