/*
 * What goes on beside the phases: between any two of their steps, each task whose time has come.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/run.h"
#include "sensors/machine_check.h"

#define SECOND_US ((uint64_t)1000000)

enum {
    CHECKS_AT_ONCE = 16,
    LINKS_AT_ONCE = 4,
    SERIES_LIMIT = 150,
};

static void sample(struct run *run, uint16_t series, int64_t value)
{
    struct event event = {.type = EVENT_SAMPLE, .sample = {.series = series, .value = value}};

    emit(run->sink, &event);
}

uint32_t run_held_banks(const struct run *run)
{
    return run->machine->held_banks ? run->machine->held_banks() : 0;
}

/* Machine-check banks of all processors. */
static void task_machine_checks(struct run *run)
{
    struct event_machine_check checks[CHECKS_AT_ONCE];
    unsigned count =
        machine_check_read(run->machine->access, run->boot_banks, run_held_banks(run),
                           run->machine->boot_processor, false, checks, CHECKS_AT_ONCE);

    if (run->machine->machine_checks)
        count += run->machine->machine_checks(checks + count, CHECKS_AT_ONCE - count);
    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_MACHINE_CHECK, .machine_check = checks[i]};

        emit(run->sink, &event);
    }
}

static void read_link_states(struct run *run)
{
    const struct evidence *evidence = &run->recorder->evidence;
    bool loaded = evidence->loaded && !evidence_resting(evidence) &&
                  !text_equal(run->phase_name, PHASE_OF_VERDICT);
    struct event_pcie_link links[LINKS_AT_ONCE];
    unsigned count =
        run->machine->pcie_links ? run->machine->pcie_links(loaded, links, LINKS_AT_ONCE) : 0;

    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_PCIE_LINK, .pcie_link = links[i]};

        emit(run->sink, &event);
    }
}

void run_read_links(struct run *run)
{
    struct event_pcie_error errors[LINKS_AT_ONCE];
    unsigned count =
        run->machine->pcie_errors ? run->machine->pcie_errors(errors, LINKS_AT_ONCE) : 0;

    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_PCIE_ERROR, .pcie_error = errors[i]};

        emit(run->sink, &event);
    }
    read_link_states(run);
}

/* One sample of throughput; nothing while it stays at zero. */
static void measure(struct run *run, struct meter *meter, uint64_t moved)
{
    uint64_t now = recorder_now_us(run->recorder);
    uint64_t gone_us = now - meter->time_us;
    uint64_t grown = moved > meter->moved ? moved - meter->moved : 0;

    meter->moved = moved;
    meter->time_us = now;
    if (!gone_us || (!grown && meter->idle))
        return;
    meter->idle = !grown;
    sample(run, meter->series,
           (int64_t)(grown * 1000 / gone_us * SECOND_US +
                     grown * 1000 % gone_us * SECOND_US / gone_us));
}

static void task_rates(struct run *run)
{
    uint64_t memory = run->memory_meter.moved;

    if (run->memory_runs)
        memory = run->memory_moved + memory_run_moved(run->memory);
    else if (run->sweep_runs)
        memory = sweep_moved(&run->sweep);
    if (run->machine->pool)
        measure(run, &run->memory_meter, memory);
    for (unsigned i = 0; run->imaging_runs && i < run->device_count; i++)
        measure(run, &run->disk_meters[run->device_disk[i]], imaging_moved(&run->imaging, i));
    for (unsigned i = 0; run->writing_runs && i < run->target_count; i++)
        measure(run, &run->disk_meters[run->target_disk[i]], writing_moved(&run->writing, i));
    for (unsigned i = 0; !run->imaging_runs && !run->writing_runs && i < run->machine->disk_count;
         i++) {
        if (run->machine->disks[i].chosen)
            measure(run, &run->disk_meters[i], run->disk_meters[i].moved);
    }
}

static void task_progress(struct run *run)
{
    struct event event = {
        .type = EVENT_PROGRESS,
        .progress = {.permille = run_permille(run), .left_s = run_left_s(run)},
    };

    copy_text(event.progress.phase, sizeof(event.progress.phase), run->phase_name);
    emit(run->sink, &event);
}

/* Findings as they come: those that are new or have changed. They are provisional until the
 * verdict phase says them again. */
static void task_judge(struct run *run)
{
    struct event_finding *now = run->judged;
    unsigned count = judge(&run->recorder->evidence, now, RUN_FINDINGS);

    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_FINDING, .finding = now[i]};
        bool known = false;

        for (unsigned j = 0; j < run->finding_count; j++)
            known |= !finding_differs(&now[i], &run->findings[j]);
        if (!known)
            emit(run->sink, &event);
    }
    for (unsigned i = 0; i < count; i++)
        run->findings[i] = now[i];
    run->finding_count = count;
}

static void task_flush(struct run *run)
{
    recorder_flush(run->recorder);
}

static void task_paint(struct run *run)
{
    recorder_paint(run->recorder);
}

static void task_attend(struct run *run)
{
    run->machine->panel->alive();
}

static void task_keys(struct run *run)
{
    if (run->machine->panel->stop_asked())
        run->stopped = true;
}

static void task_drives(struct run *run)
{
    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        if (run->disk_temperature[i] &&
            !health_read(run->machine->disks[i].device, run->temperature_logs[i], run->page,
                         &run->health) &&
            run->health.has_temperature)
            sample(run, (uint16_t)(run->disk_temperature[i] - 1), run->health.temperature);
    }
}

static const struct {
    uint32_t period_us;
    void (*run)(struct run *run);
    bool senses; /* its time is counted as that of sensors */
} tasks[] = {
    {100000, task_keys, false},           {250000, task_paint, false},
    {1000000, task_machine_checks, true}, {1000000, task_rates, false},
    {1000000, task_judge, false},         {1000000, task_attend, false},
    {1000000, task_progress, false},      {1000000, task_flush, false},
    {30000000, task_drives, true},        {1000000, run_sample_cpu, true},
    {2000000, run_read_links, true},
};

enum { TASKS_COUNT = sizeof(tasks) / sizeof(tasks[0]) };

_Static_assert(TASKS_COUNT <= sizeof(((struct run *)0)->due_us) / sizeof(uint64_t),
               "every task has its time in struct run");

void run_tasks(struct run *run)
{
    uint64_t now = recorder_now_us(run->recorder), start_us;

    inject_tick(&run->injector);
    run_step_sensors(run, now - run->tasks_us);
    run->tasks_us = now;
    for (unsigned i = 0; i < TASKS_COUNT; i++) {
        if (now < run->due_us[i])
            continue;
        run->due_us[i] = now + tasks[i].period_us;
        start_us = recorder_now_us(run->recorder);
        tasks[i].run(run);
        if (tasks[i].senses)
            (void)run_count_sensing(run, start_us);
    }
    if (run->recorder->urgent)
        recorder_flush(run->recorder);
}

void run_tend(void *run)
{
    run_tasks(run);
}

static void declare_temperature(struct run *run, unsigned index)
{
    const struct run_disk *disk = &run->machine->disks[index];
    const struct health_identity *identity = &run->identities[index];
    struct event event = {.type = EVENT_SERIES};

    event.series = (struct event_series){
        .series = run->numbers.next_series++,
        .part = disk->part.part,
        .quantity = QUANTITY_TEMPERATURE,
        .has_high = identity->has_critical || run->health.has_limit,
        .high = identity->has_critical ? identity->critical : run->health.limit,
    };
    copy_text(event.series.name, sizeof(event.series.name), run_disk_name(disk));
    copy_text(event.series.source, sizeof(event.series.source), "drive");
    run->disk_temperature[index] = (uint16_t)(event.series.series + 1);
    run->temperature_logs[index] = run->health.temperature_log;
    emit(run->sink, &event);
    sample(run, event.series.series, run->health.temperature);
}

/* A drive that is locked, or that predicts its own end, is not put under load. */
static void refuse(struct run *run, struct run_disk *disk, const char *reason)
{
    if (!disk->chosen)
        return;
    disk->chosen = false;
    emit_not_tested(run->sink, "disk", disk->part.part, false, "%s: %s", run_disk_name(disk),
                    reason);
}

static void identify_disk(struct run *run, unsigned index)
{
    struct run_disk *disk = &run->machine->disks[index];
    struct health_identity *identity = &run->identities[index];

    memset(identity, 0, sizeof(*identity));
    if (health_identify(disk->device, run->page, identity))
        return;
    if (identity->locked)
        refuse(run, disk, "locked by a password");
    else if (identity->busy_reason)
        refuse(run, disk, identity->busy_reason);
}

static void read_disk_health(struct run *run, unsigned index, enum moment moment)
{
    struct run_disk *disk = &run->machine->disks[index];
    int error;

    if (moment == MOMENT_START)
        identify_disk(run, index);
    memset(&run->health, 0, sizeof(run->health));
    error = health_read_all(disk->device, &run->identities[index], run->page, &run->health);
    if (moment == MOMENT_START && (error || !run->health.answered))
        emit_not_tested(run->sink, "drive-health", disk->part.part, false,
                        "%s: its health counters cannot be read", run_disk_name(disk));
    if (error)
        return;
    health_emit(&run->health, disk->part.part, moment, run->sink);
    if (moment != MOMENT_START)
        return;
    if (run->health.has_temperature && run->numbers.next_series < SERIES_LIMIT)
        declare_temperature(run, index);
    if (run->health.predicts_failure)
        refuse(run, disk, "predicts its own failure; not loaded, for it may hold the only copy");
}

void run_read_health(struct run *run, enum moment moment)
{
    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        const struct run_disk *disk = &run->machine->disks[i];

        /* At the end, those that were refused at the start for their health as well. */
        if (disk->chosen || (moment == MOMENT_END && run->disk_temperature[i]))
            read_disk_health(run, i, moment);
    }
}
