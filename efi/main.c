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
#include "efi/program.h"
#include "efi/question.h"
#include "efi/restart.h"
#include "efi/run.h"
#include "efi/settings.h"
#include "efi/terminal.h"
#include "report/compare.h"
#include "report/lava.h"
#include "stress/plan.h"
#include "stress/tests.h"

enum {
    EXIT_PORT = 0xF4, /* QEMU's isa-debug-exit */
    EXIT_BAD_OPTION = 0x14,
    BAD_OPTION_WAIT_S = 60,
};

struct program *program;

static bool stop_asked(void)
{
    return terminal_key() == KEY_ESCAPE;
}

static void alive(void)
{
    watchdog_set(WATCHDOG_S);
}

/* Which screen: painted for people, lines where nobody looks or where it was asked for. */
static bool wants_paint(void)
{
    return options()->ui != UI_NONE && options()->console != CONSOLE_LAVA;
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

static void rewrite_line(void *context, const char *line)
{
    (void)context;
    terminal_rewrite(line);
}

static void put_result(void *context, const char *line)
{
    (void)context;
    terminal_print(line);
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
    char line[LINE_SIZE];

    terminal_init(false);
    lines_wrapped(&program->lines, "ASSAY BAD-OPTION ", program->settings.error.text);
    if (program->settings.error.count > 1) {
        format_text(line, sizeof(line), "and %u more. No test was started.",
                    program->settings.error.count - 1);
        terminal_print(line);
    } else {
        terminal_print("No test was started.");
    }
    if (options()->console == CONSOLE_LAVA)
        lava_write_bad_options(&program->lava, program->settings.error.count, &program->results);
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
    program->results = (struct lines){.put = put_result};
    program->rewritten = (struct lines){.put = rewrite_line};
    program->desk = (struct desk){.clock = &program->clock,
                                  .lines = &program->lines,
                                  .key = terminal_key,
                                  .rewritten = &program->rewritten};
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
