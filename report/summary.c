#include "report/summary.h"

#include "base/last_words.h"
#include "base/text.h"
#include "report/latest.h"
#include "report/memtest86.h"
#include "report/summary_parts.h"
#include "report/words.h"

enum { SENTENCE_SIZE = 640 };

static void put_line(void *context, const char *line)
{
    struct writer *writer = context;

    writer_text(writer, line);
    writer_text(writer, "\r\n");
}

void summary_say(struct summary *summary, const char *prefix, const char *format, ...)
{
    char sentence[SENTENCE_SIZE];
    struct text text = text_in(sentence, sizeof(sentence));
    va_list arguments;

    va_start(arguments, format);
    text_format_list(&text, format, arguments);
    va_end(arguments);
    lines_wrapped(&summary->lines, prefix, sentence);
}

void summary_heading(struct summary *summary, const char *text)
{
    char line[LINE_SIZE];
    size_t length = text_length(text);

    for (size_t i = 0; i < length && i < LINE_COLUMNS; i++)
        line[i] = '-';
    line[length < LINE_COLUMNS ? length : LINE_COLUMNS] = '\0';
    lines_format(&summary->lines, "%s", "");
    lines_format(&summary->lines, "%s", text);
    lines_format(&summary->lines, "%s", line);
}

void summary_lost(struct summary *summary, uint64_t lost)
{
    if (lost)
        summary_say(summary, "  ", "and %llu more", (unsigned long long)lost);
}

static void write_verdict(struct summary *summary)
{
    const struct model *model = summary->model;
    char date[WORDS_SIZE], took[WORDS_SIZE], memtest86[MEMTEST86_ADVICE_SIZE];
    struct text text = text_in(date, sizeof(date));

    if (model_is_injected(model)) {
        summary_say(summary, "*** ", "SELF-TEST WITH INJECTED FAULTS: %s", model->run_start.inject);
        summary_say(summary, "*** ", "This report says nothing about this machine.");
        lines_format(&summary->lines, "%s", "");
    }
    lines_wrapped(&summary->lines, "", words_verdict(model));
    if (model->has_verdict && model->verdict.reason[0])
        lines_wrapped(&summary->lines, "  ", model->verdict.reason);
    lines_wrapped(&summary->lines, "  ", words_advice(model));
    if (memtest86_advice(model, memtest86))
        lines_wrapped(&summary->lines, "  ", memtest86);
    if (model_is_damaged(model))
        summary_say(summary, "  ", "The record of this run breaks off early: %s.",
                    journal_stop_text(model->stop));
    else if (!model->has_run_end)
        summary_say(summary, "  ",
                    "The record of this run has no end: the machine stopped, or was "
                    "switched off, while it ran.");
    text_date(&text, &model->run_start);
    lines_format(&summary->lines, "%s", "");
    summary_say(summary, "", "Assay %s, run %u, plan %s, %s, took %s", model->run_start.version,
                (unsigned)model->run_start.number, model->run_start.plan, date,
                words_duration(took, model->end_us));
}

static void write_findings(struct summary *summary)
{
    uint8_t order[MODEL_FINDINGS];
    size_t count = words_order(summary->model, order);

    summary_heading(summary, "Findings");
    if (count == 0)
        summary_say(summary, "", "None.");
    for (size_t i = 0; i < count; i++) {
        const struct event_finding *finding = &summary->model->findings[order[i]].finding;

        summary_say(summary, "* ", "%s (%s)", words_finding(finding->id), finding->id);
        lines_wrapped(&summary->lines, "  Part:       ", finding->component);
        lines_wrapped(&summary->lines, "  How sure:   ", words_certainty(finding->certainty));
        lines_wrapped(&summary->lines, "  Evidence:   ", finding->evidence);
        lines_wrapped(&summary->lines, "  What to do: ", finding->advice);
        if (finding->rerun[0])
            lines_wrapped(&summary->lines, "  To find it again: ", finding->rerun);
    }
    summary_lost(summary, summary->model->finding_rows.lost);
}

/* Run compared with run. */
static void write_changes(struct summary *summary)
{
    const struct model *model = summary->model;
    char heading[WORDS_SIZE];

    if (model->change_rows.kept == 0)
        return;
    format_text(heading, sizeof(heading), "Compared with %s", model->changes[0].change.run);
    summary_heading(summary, heading);
    for (size_t i = 0; i < model->change_rows.kept; i++)
        lines_wrapped(&summary->lines, "* ", model->changes[i].change.text);
    summary_lost(summary, model->change_rows.lost);
}

static void write_tested(struct summary *summary)
{
    const struct model *model = summary->model;
    char part[WORDS_SIZE], tested[WORDS_SIZE], moved[WORDS_SIZE];

    summary_heading(summary, "What was tested, and how much");
    for (size_t i = 0; i < model->good_rows.kept; i++)
        summary_say(summary, "* ", "%s. %s", words_finding(model->goods[i].good.id),
                    model->goods[i].good.evidence);
    for (size_t i = 0; i < model->coverage_rows.kept; i++) {
        const struct event_coverage *coverage = &model->coverages[i].coverage;

        summary_say(summary, "* ", "%s, phase %s: %s tested%s%s%s",
                    words_part(part, model, coverage->part), coverage->phase,
                    words_coverage(tested, coverage), coverage->moved ? ", " : "",
                    coverage->moved ? words_amount(moved, coverage->moved) : "",
                    coverage->moved ? " moved in all" : "");
    }
    if (model->coverage_rows.kept == 0)
        summary_say(summary, "", "How much was tested was not recorded.");
    summary_lost(summary, model->coverage_rows.lost);
}

static void write_phases(struct summary *summary)
{
    static const char *const endings[ENDINGS] = {"done", "cut short", "skipped"};
    const struct model *model = summary->model;
    char took[WORDS_SIZE];

    for (size_t i = 0; i < model->phase_rows.kept; i++) {
        const struct model_phase *phase = &model->phases[i];

        summary_say(summary, "* ", "phase %s: %s, took %s", phase->name,
                    phase->ended && phase->ending < ENDINGS ? endings[phase->ending]
                                                            : "it did not end",
                    words_duration(took, phase->end_us - phase->start_us));
    }
    summary_lost(summary, model->phase_rows.lost);
}

static void write_not_tested(struct summary *summary)
{
    const struct model *model = summary->model;
    char part[WORDS_SIZE];

    summary_heading(summary, "What was not tested");
    if (model->not_tested_rows.kept == 0)
        summary_say(summary, "", "Nothing was recorded as left out.");
    for (size_t i = 0; i < model->not_tested_rows.kept; i++) {
        const struct event_not_tested *row = &model->not_tested[i].not_tested;

        summary_say(summary, "* ", "%s%s%s: %s%s", row->subsystem, row->part ? ", " : "",
                    row->part ? words_part(part, model, row->part) : "", row->reason,
                    row->subject ? " (this run was about it)" : "");
    }
    summary_lost(summary, model->not_tested_rows.lost);
}

static void write_sensors(struct summary *summary)
{
    const struct model *model = summary->model;

    summary_heading(summary, "Readings, lowest to highest");
    if (model->series_rows.kept == 0)
        summary_say(summary, "", "None.");
    for (size_t i = 0; i < model->series_rows.kept; i++) {
        const struct model_series *series = &model->series[i];
        char range[WORDS_SIZE];
        struct text text = text_in(range, sizeof(range));

        if (series->count == 0) {
            text_add(&text, "no reading");
        } else {
            text_sample(&text, series->declared.quantity, series->low);
            text_add(&text, " to ");
            text_sample(&text, series->declared.quantity, series->high);
        }
        summary_say(summary, "* ", "%s: %s%s%s%s", series->declared.name, range,
                    series->was_above ? ", BEYOND ITS UPPER LIMIT" : "",
                    series->was_below ? ", BEYOND ITS LOWER LIMIT" : "",
                    series->silent ? ", fell silent" : "");
    }
    summary_lost(summary, model->series_rows.lost);
}

/* What has a table of its own in the HTML report is only counted here. */
static void write_counts(struct summary *summary)
{
    const struct model *model = summary->model;
    const struct {
        const char *what;
        struct rows rows;
    } counts[] = {
        {"blocks that differed", model->mismatch_rows},
        {"slow periods of a drive", model->pace_rows},
        {"reads far longer than the drive's others", model->outlier_rows},
        {"machine checks", model->machine_check_rows},
        {"earlier runs without an end", model->prior_run_rows},
    };

    summary_heading(summary, "Also counted");
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        summary_say(summary, "* ", "%s: %llu", counts[i].what,
                    (unsigned long long)rows_seen(counts[i].rows));
}

static void write_prior_runs(struct summary *summary)
{
    const struct model *model = summary->model;
    char sentence[SENTENCE_SIZE];

    if (model->prior_run_rows.kept == 0)
        return;
    summary_heading(summary, "Earlier runs without an end");
    for (size_t i = 0; i < model->prior_run_rows.kept; i++) {
        struct text text = text_in(sentence, sizeof(sentence));

        text_prior_run(&text, &model->prior_runs[i].prior_run);
        lines_wrapped(&summary->lines, "* ", sentence);
    }
    summary_lost(summary, model->prior_run_rows.lost);
    for (size_t i = 0; i < model->restart_rows.kept; i++) {
        const struct event_restart *restart = &model->restarts[i].restart;

        summary_say(summary, "* ", "%s says of the last restart: %s",
                    restart_witness_words(restart->witness), restart_words(restart->cause));
    }
}

static void write_prior_errors(struct summary *summary)
{
    const struct model *model = summary->model;
    char part[WORDS_SIZE];

    if (model->prior_error_rows.kept == 0)
        return;
    summary_heading(summary, "What the machine recorded before this run");
    for (size_t i = 0; i < model->prior_error_rows.kept; i++) {
        const struct event_prior_error *error = &model->prior_errors[i].prior_error;

        summary_say(summary, "* ", "%s%s%s: %s (%s%s%s)", words_origin(error->origin),
                    error->when[0] ? ", " : "", error->when, error->text, words_prior(error),
                    error->part ? ", " : "",
                    error->part ? words_part(part, model, error->part) : "");
    }
    summary_lost(summary, model->prior_error_rows.lost);
}

static void write_notes(struct summary *summary)
{
    const struct model *model = summary->model;

    if (model->note_rows.kept == 0)
        return;
    summary_heading(summary, "Notes");
    for (size_t i = 0; i < model->note_rows.kept; i++)
        lines_wrapped(&summary->lines, "* ", model->notes[i].note.text);
    summary_lost(summary, model->note_rows.lost);
}

static void write_run_data(struct summary *summary)
{
    const struct event_run_start *run = &summary->model->run_start;
    char rerun[OPTIONS_SIZE + 2 * NAME_SIZE];
    struct text text = text_in(rerun, sizeof(rerun));

    text_rerun(&text, run);
    summary_heading(summary, "Run data");
    lines_wrapped(&summary->lines, "Options given:         ", run->options);
    lines_wrapped(&summary->lines, "To run the same again: ", rerun);
}

int summary_write(const struct model *model, const struct output *output)
{
    struct summary summary = {.model = model};

    writer_init(&summary.writer, output);
    summary.lines = (struct lines){.context = &summary.writer, .put = put_line};
    write_verdict(&summary);
    write_findings(&summary);
    write_changes(&summary);
    write_tested(&summary);
    write_phases(&summary);
    write_not_tested(&summary);
    summary_untested(&summary);
    write_sensors(&summary);
    summary_drives(&summary);
    summary_memory(&summary);
    summary_errors(&summary);
    write_counts(&summary);
    write_prior_runs(&summary);
    write_prior_errors(&summary);
    write_notes(&summary);
    write_run_data(&summary);
    return writer_finish(&summary.writer);
}
