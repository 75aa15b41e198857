#include "diagnosis/conditions.h"
#include "diagnosis/modules.h"

static bool stands(const struct evidence *evidence, unsigned index, enum memory_state state,
                   bool reported)
{
    const struct event_memory_map *row = &evidence->memory_map[index];

    return row->state == state && row->reported == reported;
}

bool module_unsized_and_reported(const struct evidence *evidence, unsigned index)
{
    return stands(evidence, index, MEMORY_UNSIZED, true);
}

bool module_unsized(const struct evidence *evidence, unsigned index)
{
    return stands(evidence, index, MEMORY_UNSIZED, false);
}

/* All that may be the missing one are one finding. */
static bool is_first_missing(const struct evidence *evidence, unsigned index, bool reported)
{
    if (!stands(evidence, index, MEMORY_MISSING, reported))
        return false;
    for (unsigned i = 0; i < index; i++) {
        if (stands(evidence, i, MEMORY_MISSING, reported))
            return false;
    }
    return true;
}

bool module_missing_and_reported(const struct evidence *evidence, unsigned index)
{
    return is_first_missing(evidence, index, true);
}

/* A module that is reported explains what is missing. */
bool module_missing(const struct evidence *evidence, unsigned index)
{
    for (unsigned i = 0; i < evidence->memory_map_count; i++) {
        if (stands(evidence, i, MEMORY_MISSING, true))
            return false;
    }
    return is_first_missing(evidence, index, false);
}

static void tell_reported(const struct evidence *evidence, unsigned index, struct text *text)
{
    if (evidence->memory_map[index].reported)
        text_add(text, ", and tells of an uncorrected error of it");
}

void tell_unsized(const struct evidence *evidence, unsigned index, struct text *text)
{
    const struct evidence_part *part = evidence_part(evidence, evidence->memory_map[index].part);

    text_format(text, "the firmware names the module %s%s%s, and gives it no size", part->name,
                part->serial[0] ? ", serial number " : "", part->serial);
    tell_reported(evidence, index, text);
}

void tell_missing(const struct evidence *evidence, unsigned index, struct text *text)
{
    struct modules modules;

    modules_like(evidence, index, &modules);
    text_add(text, "the firmware maps less memory than is installed, by the size of ");
    text_add(text, modules.count == 1 ? "this module" : "one of these modules");
    tell_reported(evidence, index, text);
}
