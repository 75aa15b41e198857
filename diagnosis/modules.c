#include "diagnosis/modules.h"

enum { NAMED_MAX = 4 };

static void add(struct modules *modules, part_id part)
{
    for (unsigned i = 0; i < modules->count; i++) {
        if (modules->parts[i] == part)
            return;
    }
    if (modules->count < MODULES_MAX)
        modules->parts[modules->count++] = part;
}

void modules_at(const struct evidence *evidence, uint64_t address, struct modules *ret)
{
    ret->count = 0;
    if (evidence->memory_map_lost)
        return;
    for (unsigned i = 0; i < evidence->memory_map_count; i++) {
        const struct event_memory_map *row = &evidence->memory_map[i];

        if (row->state == MEMORY_MAPPED && row->start <= address && address <= row->end)
            add(ret, row->part);
    }
}

void modules_like(const struct evidence *evidence, unsigned row, struct modules *ret)
{
    const struct event_memory_map *like = &evidence->memory_map[row];

    ret->count = 0;
    add(ret, like->part);
    for (unsigned i = 0; i < evidence->memory_map_count && like->state == MEMORY_MISSING; i++) {
        const struct event_memory_map *other = &evidence->memory_map[i];

        if (other->state == MEMORY_MISSING && other->reported == like->reported)
            add(ret, other->part);
    }
}

bool modules_meet(const struct modules *a, const struct modules *b)
{
    for (unsigned i = 0; i < a->count; i++) {
        for (unsigned j = 0; j < b->count; j++) {
            if (a->parts[i] == b->parts[j])
                return true;
        }
    }
    return false;
}

static void name_module(const struct evidence *evidence, part_id id, struct text *text)
{
    const struct evidence_part *part = evidence_part(evidence, id);

    if (part->place[0])
        text_add(text, part->place);
    else if (part->serial[0])
        text_add(text, part->serial);
    else
        text_format(text, "module (part %u)", id);
}

void modules_name(const struct evidence *evidence, const struct modules *modules, struct text *text)
{
    if (modules->count > NAMED_MAX)
        text_format(text, "one of %u modules (", modules->count);
    else if (modules->count > 1)
        text_add(text, "one of ");
    for (unsigned i = 0; i < modules->count && i < NAMED_MAX; i++) {
        if (i)
            text_add(text, ", ");
        name_module(evidence, modules->parts[i], text);
    }
    if (modules->count > NAMED_MAX)
        text_add(text, ", ...)");
}

/* With one module known, its slot between the two. */
static const struct {
    enum verdict verdict;
    const char *before, *after;
} single[] = {
    {VERDICT_MEMORY_BIT_ERROR, "Replace the module in ", ", or reseat it and run again."},
    {VERDICT_MEMORY_ADDRESS_FAULT, "Reseat the module in ",
     " and run again; if it fails again, replace it."},
    {VERDICT_MEMORY_ECC_UNCORRECTED, "Replace the module in ", "."},
    {VERDICT_MEMORY_ECC_CORRECTED, "Run again; if it comes back at ",
     ", replace the module there."},
    {VERDICT_MEMORY_UNUSABLE, "Reseat the module in ", ", then try it alone."},
};

enum { SINGLE = sizeof(single) / sizeof(single[0]) };

bool modules_advise(const struct evidence *evidence, const struct modules *modules,
                    enum verdict verdict, struct text *text)
{
    unsigned i = 0;

    while (i < SINGLE && single[i].verdict != verdict)
        i++;
    if (!modules->count || i == SINGLE)
        return false;
    if (modules->count == 1) {
        text_add(text, single[i].before);
        name_module(evidence, modules->parts[0], text);
        text_add(text, single[i].after);
    } else if (verdict == VERDICT_MEMORY_UNUSABLE) {
        text_add(text, "Reseat these modules, then try each of them alone in a slot that works.");
    } else {
        text_add(text,
                 "Run again with one of these modules alone, then with the next: the one that "
                 "fails is bad. Or swap two and run again: if the address moves it is a "
                 "module, if it stays the slot or the board.");
    }
    return true;
}
