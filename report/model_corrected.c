/*
 * Corrected errors of a run, added up by bank and module.
 *
 * Errors that stood in their banks before the run are told before the map of the modules, so this
 * is a pass of its own over the journal.
 */
#include "base/mca.h"
#include "base/text.h"
#include "report/model.h"

/* The same error read from a bank that several processors share comes from each of them within
 * this time. */
enum { SHARED_BANK_US = 2000000 };

/* The modules an address may lie in: how many, and the first of them. */
static unsigned modules_at(const struct model *model, uint64_t address, part_id *ret_first)
{
    unsigned count = 0;

    for (uint32_t i = 0; i < model->memory_map_rows.kept; i++) {
        const struct event_memory_map *map = &model->memory_maps[i].memory_map;
        bool counted = false;

        if (map->state != MEMORY_MAPPED || address < map->start || address > map->end)
            continue;
        for (uint32_t j = 0; j < i; j++) {
            const struct event_memory_map *before = &model->memory_maps[j].memory_map;

            counted = counted || (before->part == map->part && before->state == MEMORY_MAPPED &&
                                  address >= before->start && address <= before->end);
        }
        if (!counted && !count++)
            *ret_first = map->part;
    }
    return model->memory_map_rows.lost ? 0 : count;
}

static bool is_amd(const struct model *model)
{
    for (uint32_t i = 0; i < model->part_rows.kept; i++) {
        const struct event_part *part = &model->parts[i].part;

        if (part->kind == PART_PROCESSOR && text_starts(part->name, "AMD "))
            return true;
    }
    return false;
}

static struct model_corrected *find_row(struct model *model, const struct model_corrected *like)
{
    struct model_corrected *row;

    for (uint32_t i = 0; i < model->corrected_rows.kept; i++) {
        row = &model->corrected[i];
        if (row->bank == like->bank && row->module == like->module &&
            row->modules == like->modules && text_equal(row->what, like->what))
            return row;
    }
    if (model->corrected_rows.kept == MODEL_CORRECTED) {
        model->corrected_rows.lost++;
        return NULL;
    }
    row = &model->corrected[model->corrected_rows.kept++];
    *row = *like;
    return row;
}

static bool is_echo(const struct model_corrected *row, const struct event *event)
{
    const struct event_machine_check *check = &event->machine_check;

    return (row->in_run || row->prior) && check->processor != row->last_processor &&
           check->status == row->last_status && check->address == row->last_address &&
           event->time_us - row->last_seen_us <= SHARED_BANK_US;
}

static void add(struct model *model, const struct event *event, bool amd)
{
    const struct event_machine_check *check = &event->machine_check;
    struct mca_error error = mca_decode(check->status, amd);
    struct model_corrected like = {
        .processor = check->processor, .bank = check->bank, .what = error.what};
    struct model_corrected *row;

    if (error.source == MCA_NONE || error.uncorrected)
        return;
    if (error.source == MCA_MEMORY && check->has_address &&
        mca_address_is_physical(check->has_misc, check->misc, amd)) {
        like.address = check->address;
        like.modules = (uint16_t)modules_at(model, check->address, &like.module);
    }
    row = find_row(model, &like);
    if (!row || is_echo(row, event))
        return;
    if (check->prior) {
        row->prior += error.count;
    } else {
        if (!row->in_run)
            row->first_us = event->time_us;
        row->in_run += error.count;
        row->last_us = event->time_us;
    }
    row->last_seen_us = event->time_us;
    row->last_processor = check->processor;
    row->last_status = check->status;
    row->last_address = check->address;
}

void model_read_corrected(struct model *model, const char *journal, size_t size)
{
    struct journal_reader reader = journal_read_from(journal, size);
    bool amd = is_amd(model);
    struct event event;

    while (model->machine_check_rows.kept && journal_read(&reader, &event)) {
        if (event.type == EVENT_MACHINE_CHECK)
            add(model, &event, amd);
    }
}

static void add_module(struct text *text, const struct model *model, part_id id)
{
    const struct event_part *part = model_part(model, id);

    text_add(text, part && part->place[0] ? part->place : model_part_name(model, id));
}

const char *model_corrected_module(const struct model *model, const struct model_corrected *row,
                                   char buffer[TEXT_SIZE])
{
    struct text text = text_in(buffer, TEXT_SIZE);

    if (!row->modules)
        text_add(&text, "not known");
    else if (row->modules > 1)
        text_format(&text, "one of %u: ", row->modules);
    if (row->modules)
        add_module(&text, model, row->module);
    if (row->modules > 1)
        text_add(&text, " or another");
    return buffer;
}
