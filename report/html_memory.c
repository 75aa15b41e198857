/*
 * Memory in the HTML report: wrong words, the regions they make, pages tested again, and corrected
 * errors.
 */
#include "base/rerun.h"
#include "base/text.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

static const char *const again[REPEATS] = {"not tried", "held", "failed again"};

static void write_heading(struct writer *writer, const char *what, struct rows rows)
{
    writer_format(writer, "<h2>%s: %llu</h2>\n", what, (unsigned long long)rows_seen(rows));
}

static void write_error(struct table *table, const struct model *model, const struct event *event)
{
    const struct event_memory_error *error = &event->memory_error;
    char cell[WORDS_SIZE] = "", rerun[RERUN_SIZE];
    struct text text = text_in(cell, sizeof(cell));

    table_cell(table, "0x%llx", (unsigned long long)error->address);
    table_cell(table, "%016llx", (unsigned long long)error->expected);
    table_cell(table, "%016llx", (unsigned long long)error->actual);
    table_cell(table, "%016llx", (unsigned long long)(error->expected ^ error->actual));
    if (error->has_temperature) {
        text_add(&text, ", ");
        text_milli(&text, error->temperature, 1);
        text_add(&text, " C");
    }
    table_cell(table, "%s, processor %u%s", error->test, error->processor, cell);
    table_cell(table, "%s", error->repeat < REPEATS ? again[error->repeat] : "");
    if (error->other)
        table_cell(table, "%s, 0x%llx", words_shape(error->shape),
                   (unsigned long long)error->other);
    else
        table_cell(table, "%s", words_shape(error->shape));
    table_cell(table, "%s", words_clock(cell, event->time_us));
    table_cell(table, "%s", words_error_rerun(rerun, model->run_start.seed, error));
}

static void write_errors(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Address",          "Expected", "Read",
                                           "Bits that differ", "Test",     "Tested again",
                                           "What it is",       "Time",     "To find it again"};
    struct table table;

    if (model->memory_error_rows.kept == 0)
        return;
    write_heading(writer, "Memory errors", model->memory_error_rows);
    table_begin(&table, writer, headings, 9);
    for (size_t i = 0; i < model->memory_error_rows.kept; i++)
        write_error(&table, model, &model->memory_errors[i]);
    table_end(&table, model->memory_error_rows);
}

static void write_region(struct table *table, const struct model *model,
                         const struct event_memory_region *region)
{
    char rerun[RERUN_SIZE];

    table_cell(table, "0x%llx to 0x%llx", (unsigned long long)region->start,
               (unsigned long long)region->end);
    table_cell(table, "%llu", (unsigned long long)region->words);
    table_cell(table, "%llu", (unsigned long long)region->pages);
    table_cell(table, "%016llx", (unsigned long long)region->ones);
    table_cell(table, "%016llx", (unsigned long long)region->zeros);
    table_cell(table, "%s", words_shape(region->shape));
    table_cell(table, "%s", region->repeat < REPEATS ? again[region->repeat] : "");
    table_cell(table, "%s", region->tests);
    table_cell(table, "%s", words_region_rerun(rerun, model->run_start.seed, region));
}

static void write_regions(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"From, to",     "Wrong words",  "Pages, at least",
                                           "Read 1 for 0", "Read 0 for 1", "What it is",
                                           "Tested again", "Tests",        "To find it again"};
    struct table table;

    if (model->memory_region_rows.kept == 0)
        return;
    write_heading(writer, "Regions of memory errors", model->memory_region_rows);
    table_begin(&table, writer, headings, 9);
    for (size_t i = 0; i < model->memory_region_rows.kept; i++)
        write_region(&table, model, &model->memory_regions[i].memory_region);
    table_end(&table, model->memory_region_rows);
}

static void write_retests(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Page", "Time"};
    struct table table;

    if (model->memory_retest_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Pages tested again at the end of the run</h2>\n");
    table_begin(&table, writer, headings, 2);
    for (size_t i = 0; i < model->memory_retest_rows.kept; i++) {
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_retest(cell, &model->memory_retests[i].memory_retest));
        table_cell(&table, "%s", words_clock(cell, model->memory_retests[i].time_us));
    }
    table_end(&table, model->memory_retest_rows);
}

static void write_corrected(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Processor", "Bank", "Module", "What", "Errors", "When"};
    struct table table;

    if (model->corrected_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Corrected errors</h2>\n");
    table_begin(&table, writer, headings, 6);
    for (size_t i = 0; i < model->corrected_rows.kept; i++) {
        const struct model_corrected *row = &model->corrected[i];
        uint64_t errors = row->in_run + row->prior;
        char module[TEXT_SIZE], times[WORDS_SIZE];
        struct text text = text_in(times, sizeof(times));

        text_corrected_times(&text, row);
        table_cell(&table, "%u", row->processor);
        table_cell(&table, "%u", row->bank);
        table_cell(&table, "%s", model_corrected_module(model, row, module));
        table_cell(&table, "%s", row->what);
        table_cell(&table, "%llu", (unsigned long long)errors);
        table_cell(&table, "%s", times);
    }
    table_end(&table, model->corrected_rows);
}

void html_memory(struct writer *writer, const struct model *model)
{
    write_errors(writer, model);
    write_regions(writer, model);
    write_retests(writer, model);
    write_corrected(writer, model);
}
