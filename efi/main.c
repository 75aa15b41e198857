/*
 * Assay's entry: options, a run or several, and the status it leaves with.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "efi/clock.h"
#include "efi/controllers.h"
#include "efi/discover.h"
#include "efi/disks.h"
#include "efi/files.h"
#include "efi/firmware.h"
#include "efi/machine_check.h"
#include "efi/memory.h"
#include "efi/memtest86.h"
#include "efi/menu.h"
#include "efi/outlets.h"
#include "efi/ports.h"
#include "efi/processors.h"
#include "efi/reports.h"
#include "efi/run.h"
#include "efi/settings.h"
#include "efi/terminal.h"
#include "report/closing.h"
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
    struct settings settings;
    struct machine machine;
    struct recorder recorder;
    struct run run;
    struct files_prior prior[PRIOR_RUNS];
    unsigned prior_count;
    struct store store;
    bool has_store;
    bool writable;                  /* the volume Assay was started from */
    char not_writable[TEXT_SIZE];   /* why, otherwise */
    char journal[JOURNAL_SIZE + 1]; /* a file that fills its buffer counts as too large */
    struct model model;
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

    copy_text(start->version, sizeof(start->version), ASSAY_VERSION);
    copy_text(start->plan, sizeof(start->plan), plan_names[plan]);
    options_render(options(), start->options, sizeof(start->options));
    name_faults(start->inject, sizeof(start->inject));
    start->seed = seed;
    start->number = number;
    start->imaging_s = options_imaging_s(options(), plan);
    set_wall_time(start);
    emit(&program->recorder.sink, &event);
}

static void look_back(uint32_t last)
{
    program->prior_count = 0;
    for (uint32_t number = last; number > 0 && last - number < LOOK_BACK; number--) {
        if (program->prior_count < PRIOR_RUNS &&
            files_look_back(number, &program->prior[program->prior_count], program->journal,
                            sizeof(program->journal)))
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
    char text[TEXT_SIZE];

    if (program->settings.load_options_ignored)
        emit_note(&program->recorder.sink, SEVERITY_INFO,
                  "The load options hold no key=value and were ignored.");
    for (unsigned i = 0; options_note(options(), i, text, sizeof(text)); i++)
        emit_note(&program->recorder.sink, SEVERITY_WARNING, "%s", text);
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
    if (error)
        emit_not_tested(&program->recorder.sink, "report-files", 0, false, "none written: %s",
                        error_text(error));
}

static void put_line(void *context, const char *line)
{
    (void)context;
    terminal_print(line);
}

static void write_reports(void)
{
    const char *name = "";
    struct lines lines = {.put = put_line};
    char line[LINE_SIZE];
    int error = OK;

    recorder_close(&program->recorder);
    if (model_build(&program->model, program->recorder.journal.data,
                    program->recorder.journal.length))
        terminal_print("The journal cannot be read back: no report was made.");
    if (program->has_store)
        error = reports_write(program->recorder.journal.data, program->recorder.journal.length,
                              &program->model, &program->store, &name);
    terminal_end_paint();
    closing_lines(&program->model, &lines);
    if (error) {
        format_text(line, sizeof(line), "%s could not be written: %s", name, error_text(error));
        terminal_print(line);
    }
    for (unsigned i = 0; i < program->prior_count && program->has_store && !error; i++)
        files_acknowledge(&program->prior[i]);
}

static uint64_t choose_seed(void)
{
    uint64_t seed = options()->seed;

    return seed ? seed : mix64(clock_ticks()) | 1;
}

static enum overall run_plan(enum plan plan)
{
    uint32_t last = program->writable ? files_last_run() : 0;
    struct run_config config = {
        .skip = "",
        .plan = plan_names[plan],
        .imaging_s = options_imaging_s(options(), plan),
        .seed = choose_seed(),
        .stamp = mix64(clock_ticks() ^ wall_clock()),
        .options = options(),
        .sensors = options()->sensors != SENSORS_OFF,
        .inject = options()->inject,
        .memory_tests_named = memory_tests_named(options()->tests),
    };
    char bad[NAME_SIZE];
    enum overall overall;

    memory_tests_select(options()->tests, &config.memory_tests, bad, sizeof(bad));
    program->panel.painted = wants_paint();
    terminal_init(program->panel.painted);
    look_back(last);
    recorder_init(&program->recorder, &program->clock, &program->panel, program->journal,
                  JOURNAL_SIZE);
    outlets_begin(&program->recorder, options());
    emit_start(plan, config.seed, last + 1);
    open_store(last + 1);
    emit_prior_runs();
    emit_option_notes();
    config.skip = program->prior_count ? program->prior[0].run.step : outlets_tell_earlier();
    outlets_open(config.skip);
    run_begin(&program->run, &config, &program->machine, &program->recorder);
    discover(&program->machine, options(), config.skip, &program->recorder.sink);
    overall = run_execute(&program->run);
    outlets_end();
    write_reports();
    disks_close();
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
static void check_options(void)
{
    struct option_error *error = &program->settings.error;
    char bad[NAME_SIZE];
    uint32_t mask;

    if (memory_tests_select(options()->tests, &mask, bad, sizeof(bad)) && !error->count++)
        format_text(error->text, sizeof(error->text), "%s: tests=%s: there is no test of that name",
                    options()->given[OPTION_TESTS].where, bad);
    if (options()->plan == PLAN_TRIAGE && !error->count++)
        format_text(error->text, sizeof(error->text), "%s: plan=%s is not in this version",
                    options()->given[OPTION_PLAN].where, plan_names[options()->plan]);
}

static EFI_STATUS refuse_options(void)
{
    struct lines lines = {.put = put_line};
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
    if (options()->on_finish == FINISH_MENU)
        menu_wait_key(BAD_OPTION_WAIT_S);
    return finish(EXIT_BAD_OPTION, EFI_INVALID_PARAMETER);
}

/* The plan of the options, or what is chosen from the menu; with on-finish=menu again and again,
 * until the user quits. */
static EFI_STATUS run_until_quit(void)
{
    enum plan plan = (enum plan)options()->plan;
    enum overall overall = OVERALL_INCOMPLETE;

    for (;;) {
        if (plan == PLAN_MENU)
            plan = menu_choose();
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
    clock_init(&program->clock);
    access_init(&program->access);
    handler_begin(&program->access);
    handler_install((uint16_t)processors_boot_number());
    program->panel = (struct panel){
        .paint = terminal_paint, .print = terminal_print, .stop_asked = stop_asked, .alive = alive};
    program->machine.clock = &program->clock;
    program->machine.access = &program->access;
    program->machine.panel = &program->panel;
    program->writable = files_open(program->not_writable, sizeof(program->not_writable));
    settings_read(&program->settings);
    check_options();
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
