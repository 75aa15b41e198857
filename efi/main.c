/*
 * Assay's entry: options, a run or several, and the status it leaves with.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "diagnosis/judge.h"
#include "efi/clock.h"
#include "efi/controllers.h"
#include "efi/discover.h"
#include "efi/disks.h"
#include "efi/earlier.h"
#include "efi/files.h"
#include "efi/firmware.h"
#include "efi/machine_check.h"
#include "efi/memory.h"
#include "efi/memtest86.h"
#include "efi/menu.h"
#include "efi/outlets.h"
#include "efi/ports.h"
#include "efi/processors.h"
#include "efi/question.h"
#include "efi/reports.h"
#include "efi/restart.h"
#include "efi/run.h"
#include "efi/settings.h"
#include "efi/terminal.h"
#include "efi/uploads.h"
#include "report/closing.h"
#include "report/compare.h"
#include "report/lava.h"
#include "sensors/smbios.h"
#include "stress/plan.h"
#include "stress/tests.h"

enum {
    PRIOR_RUNS = 4,   /* unfinished runs that are reported */
    LOOK_BACK = 8,    /* runs that are looked at for it */
    EXIT_PORT = 0xF4, /* QEMU's isa-debug-exit */
    EXIT_BAD_OPTION = 0x14,
    BAD_OPTION_WAIT_S = 60,
};

/* Large, so not in the image's data, which the linker's script writes out in full. */
static struct program {
    struct clock clock;
    struct access access;
    struct panel panel;
    struct lines lines;
    struct desk desk;
    struct settings settings;
    struct machine machine;
    struct recorder recorder;
    struct run run;
    struct files_prior prior[PRIOR_RUNS];
    unsigned prior_count;
    bool looked_back; /* and no report tells of them yet */
    uint32_t number;  /* of this run */
    struct comparison comparison;
    struct last_moments moments; /* for the time of looking back */
    struct resume resume;        /* the run that the next one goes on with; number 0: none */
    char *earlier; /* its journal, JOURNAL_SIZE bytes; at a run's end that of the run before */
    size_t earlier_size;
    struct store store;
    bool has_store;
    bool writable;                  /* the volume Assay was started from */
    char not_writable[TEXT_SIZE];   /* why, otherwise */
    char journal[JOURNAL_SIZE + 1]; /* a file that fills its buffer counts as too large */
    struct model model;
    struct lava lava;
} * program;

static bool stop_asked(void)
{
    return terminal_key() == KEY_ESCAPE;
}

static void alive(void)
{
    watchdog_set(WATCHDOG_S);
}

static const struct options *options(void)
{
    return &program->settings.options;
}

/* Which screen: painted for people, lines where nobody looks or where it was asked for. */
static bool wants_paint(void)
{
    return options()->ui != UI_NONE && options()->console != CONSOLE_LAVA;
}

static void set_wall_time(struct event_run_start *start)
{
    EFI_TIME time;

    if (EFI_ERROR(firmware.runtime->GetTime(&time, NULL)) || time.Year < 2000)
        return;
    start->year = time.Year;
    start->month = time.Month;
    start->day = time.Day;
    start->hour = time.Hour;
    start->minute = time.Minute;
    start->second = time.Second;
    start->zone_known = time.TimeZone >= -1440 && time.TimeZone <= 1440;
    /* EFI: local time = UTC - TimeZone (UEFI 2.10 section 8.3). */
    start->zone_minutes = start->zone_known ? (int16_t)-time.TimeZone : 0;
}

/* Seconds, about; 0 where the machine has no clock. Only to differ from run to run. */
static uint64_t wall_clock(void)
{
    EFI_TIME time;

    if (EFI_ERROR(firmware.runtime->GetTime(&time, NULL)))
        return 0;
    return ((((uint64_t)time.Year * 12 + time.Month) * 31 + time.Day) * 24 + time.Hour) * 3600 +
           (uint64_t)time.Minute * 60 + time.Second;
}

static void name_faults(char *buffer, size_t size)
{
    struct text text = text_in(buffer, size);

    for (unsigned i = 0; i < INJECTS; i++) {
        if (options_inject(options(), (enum inject)i)) {
            text_add(&text, text.length ? "," : "");
            text_add(&text, inject_names[i]);
        }
    }
}

static void emit_start(enum plan plan, uint64_t seed, uint32_t number)
{
    struct event event = {.type = EVENT_RUN_START};
    struct event_run_start *start = &event.run_start;
    size_t size = 0;
    const void *smbios = smbios_table(&size);

    copy_text(start->version, sizeof(start->version), ASSAY_VERSION);
    copy_text(start->plan, sizeof(start->plan), plan_names[plan]);
    options_render(options(), start->options, sizeof(start->options));
    name_faults(start->inject, sizeof(start->inject));
    start->seed = seed;
    start->number = number;
    start->imaging_s = options_imaging_s(options(), plan);
    if (program->resume.number) {
        start->imaging_s = program->resume.imaging_s;
        start->continues = program->resume.number;
        start->imaged_s = program->resume.imaged_s;
        start->deaths = program->resume.deaths;
        copy_text(start->stopped_at, sizeof(start->stopped_at), program->resume.stopped_at);
        copy_text(start->done, sizeof(start->done), program->resume.done);
    }
    set_wall_time(start);
    start->chassis = (uint8_t)smbios_chassis(smbios, size);
    emit(&program->recorder.sink, &event);
}

static void look_back(uint32_t last)
{
    if (program->looked_back)
        return;
    program->looked_back = true;
    program->prior_count = 0;
    for (uint32_t number = last; number > 0 && last - number < LOOK_BACK; number--) {
        if (program->prior_count < PRIOR_RUNS &&
            files_look_back(number, &program->prior[program->prior_count], &program->moments,
                            program->journal, sizeof(program->journal)))
            program->prior_count++;
    }
}

static void emit_prior_runs(void)
{
    for (unsigned i = 0; i < program->prior_count; i++) {
        struct event event = {.type = EVENT_PRIOR_RUN, .prior_run = program->prior[i].run};

        emit(&program->recorder.sink, &event);
    }
}

static void emit_option_notes(void)
{
    emit_note(&program->recorder.sink, SEVERITY_INFO, "Secure Boot is %s.",
              program->settings.secure_boot ? "on" : "off");
    if (program->settings.load_options_ignored)
        emit_note(&program->recorder.sink, SEVERITY_INFO,
                  "The load options hold no key=value and were ignored.");
}

/* The folder of this run, and its journal; without them the console has to do. */
static void open_store(uint32_t number)
{
    int error;

    program->has_store = false;
    if (!options()->report_esp)
        return;
    if (!program->writable) {
        emit_not_tested(&program->recorder.sink, "report-files", 0, false, "none written: %s",
                        program->not_writable);
        return;
    }
    error = files_start_run(number, &program->store);
    if (!error)
        error = recorder_open(&program->recorder, &program->store);
    program->has_store = !error;
    if (error == ERR_FULL)
        emit_not_tested(&program->recorder.sink, "report-files", 0, false,
                        "none: the stick is full, delete old \\assay\\runs");
    else if (error)
        emit_not_tested(&program->recorder.sink, "report-files", 0, false, "none written: %s",
                        error_text(error));
}

/* Lines with text from outside, in which no result for LAVA can stand. */
static void print_line(const char *line)
{
    char harmless[LINE_SIZE];

    terminal_print(options()->console == CONSOLE_LAVA ? lava_harmless(line, harmless) : line);
}

static void put_line(void *context, const char *line)
{
    (void)context;
    print_line(line);
}

static void put_result(void *context, const char *line)
{
    (void)context;
    terminal_print(line);
}

/* Last of all: a lab may switch the machine off behind them. */
static void print_results(void)
{
    const struct lines lines = {.put = put_result};

    if (options()->console == CONSOLE_LAVA)
        lava_write(&program->lava, &program->model, MEMORY_TRIED_PERCENT, &lines);
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

    alive();
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

static void write_reports(uint32_t number)
{
    struct reports reports = {
        .source = {.journal = program->recorder.journal.data,
                   .size = program->recorder.journal.length,
                   .model = &program->model},
        .store = &program->store,
    };
    struct lines lines = {.put = put_line};
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
    closing_lines(&program->model, &lines);
    if (program->has_store && !lost && !error)
        tidy(&reports, number, unacknowledged);
    print_results();
}

/* resume=yes, and the last run on this medium died: the plan to go on with. PLAN_MENU: none. */
static enum plan find_resume(void)
{
    uint32_t last = program->writable ? files_last_run() : 0;

    memset(&program->resume, 0, sizeof(program->resume));
    if (!options()->resume || !last)
        return PLAN_MENU;
    if (!program->earlier ||
        files_read_journal(last, program->earlier, JOURNAL_SIZE, &program->earlier_size))
        return PLAN_MENU;
    if (!resume_read(program->earlier, program->earlier_size, &program->resume)) {
        for (unsigned i = PLAN_MENU + 1; i < PLANS; i++) {
            if (text_equal(plan_names[i], program->resume.plan) && plan_find(plan_names[i]))
                return (enum plan)i;
        }
    }
    memset(&program->resume, 0, sizeof(program->resume));
    return PLAN_MENU;
}

/* What changes in a run that goes on where another one died. */
static void configure_resume(struct run_config *config)
{
    if (!program->resume.number)
        return;
    config->seed = program->resume.seed;
    config->imaging_s = program->resume.imaging_s;
    config->resume = &program->resume;
    config->earlier = program->earlier;
    config->earlier_size = program->earlier_size;
}

/* With the last run of this machine that came to its verdict, of the last LOOK_BACK on the medium.
 */
static void compare_runs(const struct recorder *recorder)
{
    struct comparison *both = &program->comparison;
    size_t size;

    if (!program->writable || !program->earlier ||
        !compare_read(&both->now, recorder->journal.data, recorder->journal.length))
        return;
    for (uint32_t back = 1; back <= LOOK_BACK && back < program->number; back++) {
        if (!files_read_journal(program->number - back, program->earlier, JOURNAL_SIZE, &size) &&
            compare_read(&both->then, program->earlier, size) &&
            compare_matches(&both->then, &both->now)) {
            compare_tell(both, &recorder->sink);
            return;
        }
    }
}

static uint64_t choose_seed(void)
{
    uint64_t seed = options()->seed;

    return seed ? seed : mix64(clock_ticks()) | 1;
}

static enum overall run_plan(enum plan plan)
{
    uint32_t last = program->writable ? files_last_run() : 0;
    uint32_t number = program->writable ? files_next_run() : 1;
    struct run_config config = {
        .skip = "",
        .compare = compare_runs,
        .plan = plan_names[plan],
        .imaging_s = options_imaging_s(options(), plan),
        .seed = choose_seed(),
        .stamp = mix64(clock_ticks() ^ wall_clock()),
        .options = options(),
        .sensors = options()->sensors != SENSORS_OFF,
        .sensors_all = options()->sensors == SENSORS_ALL,
        .inject = options()->inject,
        .memory_tests_named = memory_tests_named(options()->tests),
    };
    char bad[NAME_SIZE];
    enum overall overall;

    program->number = number;
    configure_resume(&config);
    memory_tests_select(options()->tests, &config.memory_tests, bad, sizeof(bad));
    program->panel.painted = wants_paint();
    terminal_init(program->panel.painted);
    look_back(last);
    recorder_init(&program->recorder, &program->clock, &program->panel, program->journal,
                  JOURNAL_SIZE);
    outlets_begin(&program->recorder, options());
    emit_start(plan, config.seed, number);
    open_store(number);
    emit_prior_runs();
    emit_option_notes();
    config.skip = program->prior_count ? program->prior[0].run.step : outlets_tell_earlier();
    restart_read(&program->access, config.skip, &program->recorder.sink);
    outlets_open(config.skip);
    run_begin(&program->run, &config, &program->machine, &program->recorder);
    discover(&program->machine, options(), config.skip, &program->recorder.sink);
    overall = run_execute(&program->run);
    outlets_end();
    write_reports(number);
    program->looked_back = false;
    disks_close();
    program->resume.number = 0;
    return overall;
}

static EFI_STATUS finish(unsigned exit_code, EFI_STATUS status)
{
    processors_stop();
    handler_remove();
    if (options()->on_finish == FINISH_MENU || options()->on_finish == FINISH_RETURN)
        controllers_connect();
    watchdog_set(0);
    switch (options()->on_finish) {
    case FINISH_QEMU_EXIT:
        port_out8(EXIT_PORT, (uint8_t)exit_code);
        firmware.boot->Stall(1000000);
        return status; /* not under QEMU, or without the device */
    case FINISH_REBOOT:
        firmware.runtime->ResetSystem(EfiResetCold, EFI_SUCCESS, 0, NULL);
        return status;
    case FINISH_SHUTDOWN:
        firmware.runtime->ResetSystem(EfiResetShutdown, EFI_SUCCESS, 0, NULL);
        return status;
    default:
        return status;
    }
}

static EFI_STATUS finish_run(enum overall overall)
{
    static const struct {
        unsigned exit_code;
        EFI_STATUS status;
    } exits[] = {
        [OVERALL_PASS] = {0x10, EFI_SUCCESS},
        [OVERALL_FAIL] = {0x11, EFI_DEVICE_ERROR},
        [OVERALL_SUSPECT] = {0x12, EFI_DEVICE_ERROR},
        [OVERALL_INCOMPLETE] = {0x13, EFI_ABORTED},
    };

    return finish(exits[overall].exit_code, exits[overall].status);
}

/* What the parser cannot know: names of tests, and plans of later versions. */
static void check_options(const struct options *options, struct option_error *error)
{
    char bad[NAME_SIZE];
    uint32_t mask;

    if (memory_tests_select(options->tests, &mask, bad, sizeof(bad)) && !error->count++)
        format_text(error->text, sizeof(error->text), "%s: tests=%s: there is no test of that name",
                    options->given[OPTION_TESTS].where, bad);
    if (options->plan == PLAN_TRIAGE && !error->count++)
        format_text(error->text, sizeof(error->text), "%s: plan=%s is not in this version",
                    options->given[OPTION_PLAN].where, plan_names[options->plan]);
}

static EFI_STATUS refuse_options(void)
{
    const struct lines lines = {.put = put_line}, results = {.put = put_result};
    char line[LINE_SIZE];

    terminal_init(false);
    lines_wrapped(&lines, "ASSAY BAD-OPTION ", program->settings.error.text);
    if (program->settings.error.count > 1) {
        format_text(line, sizeof(line), "and %u more. No test was started.",
                    program->settings.error.count - 1);
        terminal_print(line);
    } else {
        terminal_print("No test was started.");
    }
    if (options()->console == CONSOLE_LAVA)
        lava_write_bad_options(&program->lava, program->settings.error.count, &results);
    if (options()->on_finish == FINISH_MENU)
        terminal_wait_key(BAD_OPTION_WAIT_S);
    return finish(EXIT_BAD_OPTION, EFI_INVALID_PARAMETER);
}

/* Runs without an end stand above everything else. Where a menu follows, somebody may be there to
 * say how they ended; who does not answer once is not asked again. */
static void show_unfinished(bool ask)
{
    look_back(program->writable ? files_last_run() : 0);
    for (unsigned i = 0; i < program->prior_count; i++) {
        struct event_prior_run *run = &program->prior[i].run;

        question_show(&program->desk, run);
        if (ask)
            run->answer = (uint8_t)question_ask(&program->desk, run);
        ask = ask && run->answer != ANSWER_NONE;
    }
}

static void show_earlier(void)
{
    struct earlier earlier = {
        .last = program->writable ? files_last_run() : 0,
        .read = files_read_journal,
        .buffer = program->earlier,
        .size = program->earlier ? JOURNAL_SIZE : 0,
        .model = &program->model,
    };

    earlier_show(&earlier, &program->desk);
}

/* PLAN_MENU means quit. */
static enum plan choose_plan(unsigned countdown_s)
{
    watchdog_set(0);
    for (;; countdown_s = 0) {
        struct menu_choice choice = menu_choose(&program->desk, countdown_s);

        if (choice.action == MENU_EARLIER)
            show_earlier();
        else if (choice.action == MENU_SETTINGS)
            menu_settings(&program->desk, &program->settings.options, check_options);
        else
            return choice.plan;
    }
}

/* The plan of the options, or what is chosen from the menu; with on-finish=menu again and again,
 * until the user quits. */
static EFI_STATUS run_until_quit(void)
{
    enum plan plan = (enum plan)options()->plan;
    enum plan unfinished = find_resume();
    enum overall overall = OVERALL_INCOMPLETE;
    unsigned countdown_s = MENU_COUNTDOWN_S;

    if (plan == PLAN_MENU)
        plan = unfinished;
    else if (plan != unfinished)
        program->resume.number = 0;
    if (plan == PLAN_MENU && wants_paint()) {
        terminal_init(true); /* the maker's logo goes */
        terminal_end_paint();
        terminal_print("Assay " ASSAY_VERSION);
    }
    show_unfinished(plan == PLAN_MENU && wants_paint());
    if (program->prior_count)
        countdown_s = 0; /* or a machine that dies in each run would start the next */
    for (;; countdown_s = 0) {
        if (plan == PLAN_MENU)
            plan = choose_plan(countdown_s);
        if (plan == PLAN_MENU)
            return finish_run(overall);
        overall = plan == PLAN_MEMTEST86 ? memtest86_start() : run_plan(plan);
        if (options()->on_finish != FINISH_MENU)
            return finish_run(overall);
        plan = PLAN_MENU;
    }
}

static bool start(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    firmware_init(image, table);
    memory_begin();
    watchdog_set(WATCHDOG_S);
    program = pages_for(sizeof(*program));
    if (!program)
        return false;
    program->earlier = pages_for(JOURNAL_SIZE);
    clock_init(&program->clock);
    access_init(&program->access);
    handler_begin(&program->access);
    handler_install((uint16_t)processors_boot_number());
    program->panel = (struct panel){
        .paint = terminal_paint, .print = print_line, .stop_asked = stop_asked, .alive = alive};
    program->lines = (struct lines){.put = put_line};
    program->desk = (struct desk){.clock = &program->clock,
                                  .lines = &program->lines,
                                  .key = terminal_key,
                                  .rewrite = terminal_rewrite};
    program->machine.clock = &program->clock;
    program->machine.access = &program->access;
    program->machine.panel = &program->panel;
    program->writable = files_open(program->not_writable, sizeof(program->not_writable));
    settings_read(&program->settings);
    check_options(&program->settings.options, &program->settings.error);
    return true;
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    bool ready = start(image, table);

    terminal_init(false);
    terminal_print("Assay " ASSAY_VERSION);
    if (!ready) {
        terminal_print("There is no memory for a journal: no test was started.");
        return EFI_OUT_OF_RESOURCES;
    }
    if (program->settings.error.count)
        return refuse_options();
    return run_until_quit();
}
