#include "base/error.h"
#include "base/text.h"
#include "diagnosis/judge.h"
#include "efi/firmware.h"
#include "efi/outlets.h"
#include "efi/program.h"
#include "efi/reports.h"
#include "efi/terminal.h"
#include "efi/uploads.h"
#include "report/closing.h"

/* Last of all: a lab may switch the machine off behind them. */
static void print_results(void)
{
    if (options()->console == CONSOLE_LAVA)
        lava_write(&program->lava, &program->model, MEMORY_TRIED_PERCENT, &program->results);
}

/* That a report is missing is said where there still is one to say it: on the console. */
static void miss(const char *reason)
{
    struct event event = {.type = EVENT_NOT_TESTED};

    copy_text(event.not_tested.subsystem, NAME_SIZE, "report-files");
    copy_text(event.not_tested.reason, TEXT_SIZE, reason);
    model_take(&program->model, &event);
}

static void miss_report(const char *name, int error)
{
    char reason[TEXT_SIZE];

    format_text(reason, sizeof(reason), "%s could not be written: %s", name, error_text(error));
    miss(reason);
}

/* The run's end is on the medium before the network may hang the machine. */
static bool keep_end(void)
{
    bool stored = program->recorder.has_store;

    recorder_flush(&program->recorder);
    return program->recorder.has_store == stored;
}

static void send_reports(const struct report_source *source)
{
    const char *reason;

    outlets_send(source);
    for (unsigned i = 0; (reason = uploads_missed(i)); i++) {
        if (reason[0])
            miss(reason);
    }
}

/* What may change the tables of the file system: files that grow, and those that are ended. */
static void tidy(struct reports *reports, uint32_t number, uint32_t unacknowledged)
{
    char line[LINE_SIZE];
    int error;

    watchdog_set(WATCHDOG_S);
    error = reports_write(reports, true);
    if (error) {
        format_text(line, sizeof(line), "%s is not complete: %s", reports->failed,
                    error_text(error));
        terminal_print(line);
    }
    for (unsigned i = 0; i < program->prior_count; i++) {
        if (unacknowledged >> i & 1)
            files_acknowledge(&program->prior[i], true);
    }
    if (!files_tidy(number))
        terminal_print("The stick is full: delete old folders in \\assay\\runs.");
}

/* Prior runs whose end does not fit into their file as it is. */
static uint32_t acknowledge(void)
{
    uint32_t left = 0;

    for (unsigned i = 0; i < program->prior_count; i++) {
        if (files_acknowledge(&program->prior[i], false) == ERR_FULL)
            left |= 1u << i;
    }
    return left;
}

void write_reports(uint32_t number)
{
    struct reports reports = {
        .source = {.journal = program->recorder.journal.data,
                   .size = program->recorder.journal.length,
                   .model = &program->model},
        .store = &program->store,
    };
    bool lost = program->has_store && !program->recorder.has_store;
    uint32_t unacknowledged = 0;
    int error = OK;

    if (model_build(&program->model, reports.source.journal, reports.source.size))
        terminal_print("The journal cannot be read back: no report was made.");
    if (program->has_store && !lost)
        error = reports_write(&reports, false);
    if (error)
        miss_report(reports.failed, error);
    if (!keep_end() && !error)
        miss_report("the end of journal.log", error = ERR_IO);
    terminal_end_paint();
    send_reports(&reports.source);
    if (recorder_close(&program->recorder) && !error)
        miss_report("the end of journal.log", error = ERR_IO);
    if (program->has_store && !lost && !error)
        unacknowledged = acknowledge();
    closing_lines(&program->model, &program->lines);
    if (program->has_store && !lost && !error)
        tidy(&reports, number, unacknowledged);
    print_results();
}
