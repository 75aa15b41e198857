#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

static void write_phases(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Phase", "How it ended", "Took"};
    static const char *const endings[ENDINGS] = {"done", "cut short", "skipped"};
    struct table table;

    if (model->phase_rows.kept == 0)
        return;
    writer_text(writer, "<h3>Phases</h3>\n");
    table_begin(&table, writer, headings, 3);
    for (size_t i = 0; i < model->phase_rows.kept; i++) {
        const struct model_phase *phase = &model->phases[i];
        char took[WORDS_SIZE];

        table_cell(&table, "%s", phase->name);
        table_cell(&table, "%s",
                   phase->ended && phase->ending < ENDINGS ? endings[phase->ending]
                                                           : "it did not end");
        table_cell(&table, "%s", words_duration(took, phase->end_us - phase->start_us));
    }
    table_end(&table, model->phase_rows);
}

static void write_coverages(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Part", "Phase", "Tested", "Moved in all"};
    struct table table;

    if (model->coverage_rows.kept == 0) {
        writer_text(writer, "<p>How much was tested was not recorded.</p>\n");
        return;
    }
    table_begin(&table, writer, headings, 4);
    for (size_t i = 0; i < model->coverage_rows.kept; i++) {
        const struct event_coverage *coverage = &model->coverages[i].coverage;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_part(cell, model, coverage->part));
        table_cell(&table, "%s", coverage->phase);
        table_cell(&table, "%s", words_coverage(cell, coverage));
        table_cell(&table, "%s", coverage->moved ? words_amount(cell, coverage->moved) : "-");
    }
    table_end(&table, model->coverage_rows);
}

void html_tested(struct writer *writer, const struct model *model)
{
    writer_text(writer, "<h2>What was tested, and how much</h2>\n");
    for (size_t i = 0; i < model->good_rows.kept; i++) {
        const struct event_good *good = &model->goods[i].good;

        writer_text(writer, "<p><b>");
        markup_text(writer, words_finding(good->id));
        writer_text(writer, ".</b> ");
        markup_text(writer, good->evidence);
        writer_text(writer, "</p>\n");
    }
    write_coverages(writer, model);
    write_phases(writer, model);
}

void html_not_tested(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"What", "Why not", "Part"};
    struct table table;

    writer_text(writer, "<h2>What was not tested</h2>\n");
    if (model->not_tested_rows.kept == 0) {
        writer_text(writer, "<p>Nothing was recorded as left out.</p>\n");
        return;
    }
    table_begin(&table, writer, headings, 3);
    for (size_t i = 0; i < model->not_tested_rows.kept; i++) {
        const struct event_not_tested *row = &model->not_tested[i].not_tested;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", row->subsystem);
        table_cell(&table, "%s%s", row->reason,
                   row->subject ? " (this run was about it: without it the run is incomplete)"
                                : "");
        table_cell(&table, "%s", row->part ? words_part(cell, model, row->part) : "");
    }
    table_end(&table, model->not_tested_rows);
}
