#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

static void write_counters(struct writer *writer, const struct model *model, part_id part)
{
    static const char *const headings[] = {"Counter", "At the start", "At the end", "Difference"};
    struct table table;

    table_begin(&table, writer, headings, 4);
    for (size_t i = 0; i < model->counter_rows.kept; i++) {
        const struct model_counter *counter = &model->counters[i];
        uint64_t rise = counter->end - counter->start, fall = counter->start - counter->end;

        if (counter->part != part)
            continue;
        table_cell(&table, "%s", counter->name);
        table_cell(&table, counter->has_start ? "%llu" : "not read",
                   (unsigned long long)counter->start);
        table_cell(&table, counter->has_end ? "%llu" : "not read",
                   (unsigned long long)counter->end);
        if (!counter->has_start || !counter->has_end)
            table_cell(&table, "unknown");
        else if (counter->end >= counter->start)
            table_cell(&table, "%s%llu", rise ? "+" : "", (unsigned long long)rise);
        else
            table_cell(&table, "-%llu", (unsigned long long)fall);
    }
    table_end(&table, (struct rows){0});
}

static bool has_counters(const struct model *model, part_id part)
{
    for (size_t i = 0; i < model->counter_rows.kept; i++) {
        if (model->counters[i].part == part)
            return true;
    }
    return false;
}

static void write_drive(struct writer *writer, const struct model *model,
                        const struct event_part *part)
{
    char cell[WORDS_SIZE];

    writer_text(writer, "<h3>");
    markup_text(writer, words_part(cell, model, part->part));
    writer_text(writer, "</h3>\n<p>");
    if (part->size)
        markup_format(writer, "%s ", words_amount(cell, part->size));
    if (part->place[0])
        markup_format(writer, "at %s ", part->place);
    markup_text(writer, part->detail);
    writer_text(writer, "</p>\n");
    if (has_counters(model, part->part))
        write_counters(writer, model, part->part);
    else
        writer_text(writer, "<p class=\"note\">Its health counters could not be read.</p>\n");
    html_latency(writer, model, part);
}

static void write_parts(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Kind", "Name", "Serial", "Place", "More"};
    struct table table;

    if (model->part_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Other parts found</h2>\n");
    table_begin(&table, writer, headings, 5);
    for (size_t i = 0; i < model->part_rows.kept; i++) {
        const struct event_part *part = &model->parts[i].part;
        char cell[WORDS_SIZE];

        if (part->kind == PART_DISK || part->kind >= PART_KINDS)
            continue;
        table_cell(&table, "%s", part_kind_names[part->kind]);
        table_cell(&table, "%s", part->name);
        table_cell(&table, "%s", part->serial);
        table_cell(&table, "%s", part->place);
        table_cell(&table, "%s%s%s", part->size ? words_amount(cell, part->size) : "",
                   part->size && part->detail[0] ? ", " : "", part->detail);
    }
    table_end(&table, model->part_rows);
}

static void write_bottlenecks(struct writer *writer, const struct model *model)
{
    for (size_t i = 0; i < model->bottleneck_rows.kept; i++) {
        char words[TEXT_SIZE];
        struct text text = text_in(words, sizeof(words));

        text_bottleneck(&text, model, &model->bottlenecks[i].bottleneck);
        writer_text(writer, "<p>");
        markup_text(writer, words);
        writer_text(writer, "</p>\n");
    }
}

void html_drives(struct writer *writer, const struct model *model)
{
    bool found = false;

    writer_text(writer, "<h2>Drives</h2>\n");
    for (size_t i = 0; i < model->part_rows.kept; i++) {
        if (model->parts[i].part.kind != PART_DISK)
            continue;
        found = true;
        write_drive(writer, model, &model->parts[i].part);
    }
    if (!found)
        writer_text(writer, "<p>No drive was found.</p>\n");
    write_bottlenecks(writer, model);
    if (model->counter_rows.lost)
        writer_format(writer, "<p class=\"note\">%llu more counters are not shown here.</p>\n",
                      (unsigned long long)model->counter_rows.lost);
    write_parts(writer, model);
}
