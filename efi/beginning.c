#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "efi/firmware.h"
#include "efi/program.h"
#include "sensors/smbios.h"

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

uint64_t wall_clock(void)
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

void emit_start(enum plan plan, uint64_t seed, uint32_t number)
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

void look_back(uint32_t last)
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

void emit_prior_runs(void)
{
    for (unsigned i = 0; i < program->prior_count; i++) {
        struct event event = {.type = EVENT_PRIOR_RUN, .prior_run = program->prior[i].run};

        emit(&program->recorder.sink, &event);
    }
}

void emit_option_notes(void)
{
    emit_note(&program->recorder.sink, SEVERITY_INFO, "Secure Boot is %s.",
              program->settings.secure_boot ? "on" : "off");
    if (program->settings.load_options_ignored)
        emit_note(&program->recorder.sink, SEVERITY_INFO,
                  "The load options hold no key=value and were ignored.");
}

void open_store(uint32_t number)
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
