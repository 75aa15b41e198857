/*
 * The drives of the summary, and their single errors.
 */
#include "base/text.h"
#include "report/drive_latency.h"
#include "report/summary_parts.h"
#include "report/words.h"

enum { ERRORS_SHOWN = 8 };

static void write_counters(struct summary *summary, part_id part)
{
    const struct model *model = summary->model;

    for (size_t i = 0; i < model->counter_rows.kept; i++) {
        const struct model_counter *counter = &model->counters[i];

        if (counter->part != part)
            continue;
        if (!counter->has_start || !counter->has_end)
            summary_say(summary, "    ", "%s: %llu, read at the %s only", counter->name,
                        (unsigned long long)(counter->has_start ? counter->start : counter->end),
                        counter->has_start ? "start" : "end");
        else if (counter->start == counter->end)
            summary_say(summary, "    ", "%s: %llu", counter->name,
                        (unsigned long long)counter->end);
        else
            summary_say(summary, "    ", "%s: %llu, at the start %llu", counter->name,
                        (unsigned long long)counter->end, (unsigned long long)counter->start);
    }
}

static void write_latencies(struct summary *summary, const struct event_part *part)
{
    const struct model *model = summary->model;

    for (size_t i = 0; i < model->latency_rows.kept; i++) {
        const struct event_latency *latency = &model->latencies[i].latency;
        char words[TEXT_SIZE];
        struct text text = text_in(words, sizeof(words));

        if (latency->part != part->part)
            continue;
        text_latencies(&text, latency);
        summary_say(summary, "    ", "Latency, phase %s: %s", latency->phase, words);
        text = text_in(words, sizeof(words));
        text_slow_regions(&text, latency->map, part->size);
        if (words[0])
            summary_say(summary, "    ", "Below half of its usual pace: %s", words);
    }
}

static void write_bottlenecks(struct summary *summary)
{
    const struct model *model = summary->model;

    for (size_t i = 0; i < model->bottleneck_rows.kept; i++) {
        char words[TEXT_SIZE];
        struct text text = text_in(words, sizeof(words));

        text_bottleneck(&text, model, &model->bottlenecks[i].bottleneck);
        summary_say(summary, "* ", "%s", words);
    }
}

static bool has_drives(const struct model *model)
{
    for (size_t i = 0; i < model->part_rows.kept; i++) {
        if (model->parts[i].part.kind == PART_DISK)
            return true;
    }
    return false;
}

void summary_drives(struct summary *summary)
{
    const struct model *model = summary->model;

    summary_heading(summary, "Drives");
    if (!has_drives(model))
        summary_say(summary, "", "None was found.");
    for (size_t i = 0; i < model->part_rows.kept; i++) {
        const struct event_part *part = &model->parts[i].part;
        char name[WORDS_SIZE], size[WORDS_SIZE];

        if (part->kind != PART_DISK)
            continue;
        summary_say(summary, "* ", "%s, %s %s", words_part(name, model, part->part),
                    words_amount(size, part->size), part->place);
        write_counters(summary, part->part);
        write_latencies(summary, part);
    }
    write_bottlenecks(summary);
}

static void write_disk_errors(struct summary *summary)
{
    const struct model *model = summary->model;
    size_t shown = model->disk_error_rows.kept;

    if (shown == 0)
        return;
    shown = shown < ERRORS_SHOWN ? shown : ERRORS_SHOWN;
    summary_heading(summary, "Disk errors");
    for (size_t i = 0; i < shown; i++) {
        const struct event_disk_error *error = &model->disk_errors[i].disk_error;
        char part[WORDS_SIZE];

        summary_say(summary, "* ", "%s: %s at LBA %llu, %u blocks%s: %s",
                    words_part(part, model, error->part),
                    error->fault < DISK_FAULTS ? disk_fault_names[error->fault] : "unknown",
                    (unsigned long long)error->lba, (unsigned)error->blocks,
                    error->again ? ", again" : "", error->status);
    }
    summary_lost(summary, rows_seen(model->disk_error_rows) - shown);
}

static void write_write_errors(struct summary *summary)
{
    const struct model *model = summary->model;
    size_t shown = model->write_error_rows.kept;

    if (shown == 0)
        return;
    shown = shown < ERRORS_SHOWN ? shown : ERRORS_SHOWN;
    summary_heading(summary, "Write errors");
    for (size_t i = 0; i < shown; i++) {
        const struct event_write_error *error = &model->write_errors[i].write_error;
        char part[WORDS_SIZE], found[WORDS_SIZE];

        summary_say(summary, "* ", "%s: %s at LBA %llu, generation %llu should be there%s%s%s%s%s",
                    words_part(part, model, error->part),
                    error->fault < WRITE_FAULTS ? write_fault_names[error->fault] : "unknown",
                    (unsigned long long)error->lba, (unsigned long long)error->generation,
                    *words_found(found, error) ? ", there is " : "", found,
                    error->again ? ", again" : "", error->status[0] ? ": " : "", error->status);
    }
    summary_lost(summary, rows_seen(model->write_error_rows) - shown);
}

void summary_errors(struct summary *summary)
{
    write_disk_errors(summary);
    write_write_errors(summary);
}
