#include "base/last_words.h"
#include "base/text.h"
#include "report/html.h"
#include "report/markup.h"
#include "report/words.h"

static void write_heading(struct writer *writer, const char *what, struct rows rows)
{
    writer_format(writer, "<h2>%s: %llu</h2>\n", what, (unsigned long long)rows_seen(rows));
}

static void write_disk_errors(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Drive", "Fault", "LBA", "Read again", "Answer", "Time"};
    struct table table;

    if (model->disk_error_rows.kept == 0)
        return;
    write_heading(writer, "Disk errors", model->disk_error_rows);
    table_begin(&table, writer, headings, 6);
    for (size_t i = 0; i < model->disk_error_rows.kept; i++) {
        const struct event_disk_error *error = &model->disk_errors[i].disk_error;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_part(cell, model, error->part));
        table_cell(&table, "%s", error->fault < DISK_FAULTS ? disk_fault_names[error->fault] : "");
        table_cell(&table, "%llu, %u blocks", (unsigned long long)error->lba,
                   (unsigned)error->blocks);
        table_cell(&table, "%s", error->again ? "failed again" : "did not fail again");
        table_cell(&table, "%s", error->status);
        table_cell(&table, "%s", words_clock(cell, model->disk_errors[i].time_us));
    }
    table_end(&table, model->disk_error_rows);
}

static void write_write_error(struct table *table, const struct model *model,
                              const struct event *event)
{
    static const char *const nothing[WRITE_FAULTS] = {
        [WRITE_UNREADABLE] = "it cannot be read", [WRITE_FAILED] = "it was not written"};
    const struct event_write_error *error = &event->write_error;
    const char *unknown = error->fault < WRITE_FAULTS ? nothing[error->fault] : NULL;
    char cell[WORDS_SIZE];

    table_cell(table, "%s", words_part(cell, model, error->part));
    table_cell(table, "%s", error->fault < WRITE_FAULTS ? write_fault_names[error->fault] : "");
    table_cell(table, "LBA %llu, generation %llu", (unsigned long long)error->lba,
               (unsigned long long)error->generation);
    if (*words_found(cell, error))
        table_cell(table, "%s", cell);
    else
        table_cell(table, "%s", unknown ? unknown : "nothing that says what it is");
    table_cell(table, "%s", error->again ? "the same" : "not the same");
    table_cell(table, "%s", error->status);
    table_cell(table, "%s", words_clock(cell, event->time_us));
}

static void write_write_errors(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Drive",      "Fault",  "Expected", "Found",
                                           "Read again", "Answer", "Time"};
    struct table table;

    if (model->write_error_rows.kept == 0)
        return;
    write_heading(writer, "Write errors", model->write_error_rows);
    table_begin(&table, writer, headings, 7);
    for (size_t i = 0; i < model->write_error_rows.kept; i++)
        write_write_error(&table, model, &model->write_errors[i]);
    table_end(&table, model->write_error_rows);
}

static void write_mismatch(struct table *table, const struct model *model,
                           const struct event *event)
{
    static const char *const pages[REPEATS] = {"not tried", "held", "failed"};
    const struct event_mismatch *mismatch = &event->mismatch;
    char cell[WORDS_SIZE];

    table_cell(table, "%s", words_part(cell, model, mismatch->part));
    table_cell(table, "%s", mismatch->hop < HOPS ? hop_names[mismatch->hop] : "");
    table_cell(table, "%llu", (unsigned long long)mismatch->lba);
    table_cell(table, "%u bits, %u whole sectors%s%s%s", (unsigned)mismatch->bits,
               (unsigned)mismatch->whole_sectors, mismatch->leftover ? ", older data left" : "",
               mismatch->again ? ", again at the second read" : "",
               mismatch->compute ? ", computed twice differently" : "");
    table_cell(table, "0x%llx, mask %016llx", (unsigned long long)mismatch->address,
               (unsigned long long)mismatch->bit_mask);
    table_cell(table, "%s", mismatch->page < REPEATS ? pages[mismatch->page] : "");
    table_cell(table, "%s", words_clock(cell, event->time_us));
}

static void write_mismatches(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Drive",  "Where",       "LBA", "Difference",
                                           "Memory", "Page tested", "Time"};
    struct table table;

    if (model->mismatch_rows.kept == 0)
        return;
    write_heading(writer, "Blocks that differed", model->mismatch_rows);
    table_begin(&table, writer, headings, 7);
    for (size_t i = 0; i < model->mismatch_rows.kept; i++)
        write_mismatch(&table, model, &model->mismatches[i]);
    table_end(&table, model->mismatch_rows);
}

static void write_paces(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Drive",      "LBA",    "Pace",
                                           "Usual pace", "Lasted", "Other devices meanwhile"};
    struct table table;

    if (model->pace_rows.kept == 0)
        return;
    write_heading(writer, "Slow periods", model->pace_rows);
    table_begin(&table, writer, headings, 6);
    for (size_t i = 0; i < model->pace_rows.kept; i++) {
        const struct event_pace *pace = &model->paces[i].pace;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_part(cell, model, pace->part));
        table_cell(&table, "%llu", (unsigned long long)pace->lba);
        table_cell(&table, "%llu MB/s", (unsigned long long)(pace->slow / 1000000));
        table_cell(&table, "%llu MB/s", (unsigned long long)(pace->usual / 1000000));
        table_cell(&table, "%u s, %u reads", (unsigned)pace->duration_s, pace->reads);
        table_cell(&table, "%s",
                   !pace->others_known ? "unknown"
                   : pace->others_kept ? "kept their pace"
                                       : "were slow as well");
    }
    table_end(&table, model->pace_rows);
}

static void write_machine_checks(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Processor", "Bank", "Status",
                                           "Address",   "Misc", "When"};
    struct table table;

    if (model->machine_check_rows.kept == 0)
        return;
    write_heading(writer, "Machine checks", model->machine_check_rows);
    table_begin(&table, writer, headings, 6);
    for (size_t i = 0; i < model->machine_check_rows.kept; i++) {
        const struct event_machine_check *check = &model->machine_checks[i].machine_check;
        char cell[WORDS_SIZE];

        table_cell(&table, "%u", check->processor);
        table_cell(&table, "%u", check->bank);
        table_cell(&table, "%016llx", (unsigned long long)check->status);
        table_cell(&table, check->has_address ? "%016llx" : "none",
                   (unsigned long long)check->address);
        table_cell(&table, check->has_misc ? "%016llx" : "none", (unsigned long long)check->misc);
        table_cell(&table, "%s",
                   check->prior ? "before this run"
                                : words_clock(cell, model->machine_checks[i].time_us));
    }
    table_end(&table, model->machine_check_rows);
}

void html_errors(struct writer *writer, const struct model *model)
{
    html_memory(writer, model);
    write_mismatches(writer, model);
    write_disk_errors(writer, model);
    write_write_errors(writer, model);
    write_paces(writer, model);
    write_machine_checks(writer, model);
}

static void write_restarts(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Told by", "Last restart"};
    struct table table;

    if (model->restart_rows.kept == 0)
        return;
    table_begin(&table, writer, headings, 2);
    for (size_t i = 0; i < model->restart_rows.kept; i++) {
        const struct event_restart *restart = &model->restarts[i].restart;

        table_cell(&table, "%s", restart_witness_words(restart->witness));
        table_cell(&table, "%s", restart_words(restart->cause));
    }
    table_end(&table, model->restart_rows);
}

static void write_prior_runs(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Run", "Stopped after", "In phase", "In step",
                                           "Last moments"};
    struct table table;

    if (model->prior_run_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Earlier runs without an end</h2>\n");
    table_begin(&table, writer, headings, 5);
    for (size_t i = 0; i < model->prior_run_rows.kept; i++) {
        const struct event_prior_run *run = &model->prior_runs[i].prior_run;
        char cell[WORDS_SIZE], moments[2 * TEXT_SIZE];
        struct text text;

        table_cell(&table, "%u", (unsigned)run->number);
        table_cell(&table, "%s", words_clock(cell, (uint64_t)run->after_s * 1000000));
        table_cell(&table, "%s", run->phase);
        table_cell(&table, "%s", run->step);
        text = text_in(moments, sizeof(moments));
        text_last_moments(&text, run);
        table_cell(&table, "%s", moments[0] ? moments + 2 : ""); /* without its first separator */
    }
    table_end(&table, model->prior_run_rows);
    write_restarts(writer, model);
}

static void write_changes(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Compared with", "What changed"};
    struct table table;

    if (model->change_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Compared with an earlier run</h2>\n");
    table_begin(&table, writer, headings, 2);
    for (size_t i = 0; i < model->change_rows.kept; i++) {
        table_cell(&table, "%s", model->changes[i].change.run);
        table_cell(&table, "%s", model->changes[i].change.text);
    }
    table_end(&table, model->change_rows);
}

static void write_prior_errors(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Recorded by", "When", "How bad", "What", "Part"};
    struct table table;

    if (model->prior_error_rows.kept == 0)
        return;
    writer_text(writer, "<h2>What the machine recorded before this run</h2>\n");
    table_begin(&table, writer, headings, 5);
    for (size_t i = 0; i < model->prior_error_rows.kept; i++) {
        const struct event_prior_error *error = &model->prior_errors[i].prior_error;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_origin(error->origin));
        table_cell(&table, "%s", error->when);
        table_cell(&table, "%s", words_prior(error));
        table_cell(&table, "%s", error->text);
        table_cell(&table, "%s", error->part ? words_part(cell, model, error->part) : "");
    }
    table_end(&table, model->prior_error_rows);
}

static void write_notes(struct writer *writer, const struct model *model)
{
    static const char *const headings[] = {"Time", "Kind", "Note"};
    static const char *const kinds[SEVERITIES] = {"note", "warning", "error in Assay"};
    struct table table;

    if (model->note_rows.kept == 0)
        return;
    writer_text(writer, "<h2>Notes</h2>\n");
    table_begin(&table, writer, headings, 3);
    for (size_t i = 0; i < model->note_rows.kept; i++) {
        const struct event_note *note = &model->notes[i].note;
        char cell[WORDS_SIZE];

        table_cell(&table, "%s", words_clock(cell, model->notes[i].time_us));
        table_cell(&table, "%s", note->severity < SEVERITIES ? kinds[note->severity] : "note");
        table_cell(&table, "%s", note->text);
    }
    table_end(&table, model->note_rows);
}

void html_history(struct writer *writer, const struct model *model)
{
    write_changes(writer, model);
    write_prior_runs(writer, model);
    write_prior_errors(writer, model);
    write_notes(writer, model);
}
