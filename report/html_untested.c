#include "report/html.h"
#include "report/markup.h"
#include "report/untested.h"
#include "report/words.h"

static void write_sums(struct writer *writer, const struct untested *untested, bool counted)
{
    static const char *const headings[] = {"Who had it", "How much", "Ranges"};
    struct table table;

    table_begin(&table, writer, headings, 3);
    for (unsigned i = 0; i < HOLDERS; i++) {
        char cell[WORDS_SIZE];

        if (!untested->sums[counted][i].size)
            continue;
        table_cell(&table, "%s", words_holder(i));
        table_cell(&table, "%s", words_amount(cell, untested->sums[counted][i].size));
        table_cell(&table, "%u", untested->sums[counted][i].ranges);
    }
    table_end(&table, (struct rows){.kept = 0});
}

static void write_ranges(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"From", "To", "How much", "Who had it", "Free before"};
    struct table table;

    writer_format(writer, "<details><summary>Each of the %u ranges</summary>\n",
                  (unsigned)model->untested_rows.kept);
    table_begin(&table, writer, headings, 5);
    for (size_t i = 0; i < model->untested_rows.kept; i++) {
        const struct event_untested_range *range = &model->untested_ranges[i];
        char cell[WORDS_SIZE];

        table_cell(&table, "0x%llx", (unsigned long long)range->start);
        table_cell(&table, "0x%llx", (unsigned long long)range->end);
        table_cell(&table, "%s", words_amount(cell, range->size));
        table_cell(&table, "%s", words_holder(range->holder));
        table_cell(&table, "%s", range->counted ? "yes" : "no");
    }
    table_end(&table, model->untested_rows);
    writer_text(writer, "</details>\n");
}

void html_untested(struct writer *writer, const struct model *model)
{
    struct untested untested = {.sums = {{{0, 0}}}};

    if (model->untested_rows.kept == 0)
        return;
    for (size_t i = 0; i < model->untested_rows.kept; i++)
        untested_add(&untested, &model->untested_ranges[i]);
    writer_text(writer, "<h3>Memory that no test looked at</h3>\n");
    if (untested_size(&untested, true)) {
        writer_text(writer, "<p>Of the memory that was free when Assay started:</p>\n");
        write_sums(writer, &untested, true);
    }
    if (untested_size(&untested, false)) {
        writer_text(writer, "<p>Never free, by the firmware's map:</p>\n");
        write_sums(writer, &untested, false);
    }
    write_ranges(writer, model);
}
