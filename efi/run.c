#include "efi/run.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/machine_check.h"
#include "sensors/prior.h"

#define SECOND_US ((uint64_t)1000000)

enum {
    FINISH_S = 60, /* what a phase may take to wind up its jobs */
    PRIOR_CHECKS = 32,
    IDLE_US = 1000,
};

static uint64_t now_us(const struct run *run)
{
    return recorder_now_us(run->recorder);
}

static void emit_machine_checks(struct run *run, const struct event_machine_check *checks,
                                unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        struct event event = {.type = EVENT_MACHINE_CHECK, .machine_check = checks[i]};

        emit(run->sink, &event);
    }
}

void run_begin(struct run *run, const struct run_config *config, struct machine *machine,
               struct recorder *recorder)
{
    struct event_machine_check checks[PRIOR_CHECKS] = {{.processor = 0}};
    int banks;

    memset(run, 0, sizeof(*run));
    run->machine = machine;
    run->config = *config;
    run->recorder = recorder;
    run_begin_sensing(run);
    inject_begin(&run->injector, config->inject, machine->clock, &recorder->sink);
    run->sink = inject_sink(&run->injector);
    run->numbers = (struct numbers){.next_part = PART_FIRST_FREE};
    banks = machine_check_banks(machine->access);
    run->boot_banks = banks > 0 ? (unsigned)banks : 0;
    emit_machine_checks(run, checks,
                        machine_check_read(machine->access, run->boot_banks, run_held_banks(run),
                                           machine->boot_processor, true, checks, PRIOR_CHECKS));
}

/* ---- phases in general */

void run_begin_phase(struct run *run, const char *name, uint32_t planned_s)
{
    struct event event = {.type = EVENT_PHASE_START, .phase_start.planned_s = planned_s};

    copy_text(run->phase_name, sizeof(run->phase_name), name);
    copy_text(event.phase_start.phase, sizeof(event.phase_start.phase), name);
    run->phase_start_us = now_us(run);
    run->phase_planned_us = planned_s * SECOND_US;
    emit(run->sink, &event);
}

void run_end_phase(struct run *run, enum ending ending)
{
    struct event event = {.type = EVENT_PHASE_END, .phase_end.ending = (uint8_t)ending};

    copy_text(event.phase_end.phase, sizeof(event.phase_end.phase), run->phase_name);
    emit(run->sink, &event);
}

static bool phase_time_is_up(const struct run *run)
{
    return run->phase_planned_us && now_us(run) - run->phase_start_us >= run->phase_planned_us;
}

void run_phase(struct run *run, bool (*step)(struct run *run))
{
    while (!run->stopped && !phase_time_is_up(run)) {
        if (!step(run))
            break;
        run_tasks(run);
    }
}

/* Repeats `step` until it is done, for winding up; bounded. */
static void wind_up(struct run *run, bool (*step)(struct run *run))
{
    uint64_t end_us = now_us(run) + FINISH_S * SECOND_US;

    while (step(run) && now_us(run) < end_us)
        run_tasks(run);
}

static bool idle_step(struct run *run)
{
    workers_poll(&run->machine->workers);
    clock_wait_us(run->machine->clock, IDLE_US);
    return true;
}

/* ---- inventory and baseline */

static void announce(struct run *run, struct event_part *part)
{
    struct event event = {.type = EVENT_PART};

    if (!part->part)
        part->part = run->numbers.next_part++;
    event.part = *part;
    emit(run->sink, &event);
}

static void announce_memory_map(struct run *run)
{
    const struct machine *machine = run->machine;

    for (unsigned i = 0; i < machine->memory_map_count; i++) {
        struct event event = {.type = EVENT_MEMORY_MAP, .memory_map = machine->memory_map[i]};

        event.memory_map.part = machine->parts[event.memory_map.part].part;
        emit(run->sink, &event);
    }
}

/* Processors and memory as a whole stand before the modules. */
static part_id module_part(const struct machine *machine, part_id module)
{
    enum { FIRST = 2 };
    unsigned index = FIRST + module - 1u;

    return module && index < machine->part_count ? machine->parts[index].part : 0;
}

static void tell_priors(struct run *run)
{
    const struct machine *machine = run->machine;

    for (unsigned i = 0; i < machine->prior_count; i++) {
        struct event event = {.type = EVENT_PRIOR_ERROR, .prior_error = machine->priors[i]};

        event.prior_error.part = module_part(machine, event.prior_error.part);
        event.prior_error.other = module_part(machine, event.prior_error.other);
        emit(run->sink, &event);
    }
}

static void tell_logged(void *context, const struct sel_record *record)
{
    struct run *run = context;
    struct event event = {.type = EVENT_PRIOR_ERROR};

    if (prior_of_sel(record, &event.prior_error))
        emit(run->sink, &event);
}

static bool has_phase(const struct run *run, enum phase phase)
{
    for (size_t i = 0; i < run->phase_count; i++)
        if (run->phases[i].phase == phase)
            return true;
    return false;
}

static bool is_under_load(const struct run *run)
{
    return has_phase(run, PHASE_DISKS) || has_phase(run, PHASE_IMAGING);
}

static void declare_meter(struct run *run, struct meter *meter, part_id part, const char *name)
{
    struct event event = {.type = EVENT_SERIES};

    meter->series = run->numbers.next_series++;
    event.series = (struct event_series){
        .series = meter->series, .part = part, .quantity = QUANTITY_THROUGHPUT};
    copy_text(event.series.name, sizeof(event.series.name), name);
    copy_text(event.series.source, sizeof(event.series.source), "measured");
    emit(run->sink, &event);
}

static void announce_disk(struct run *run, unsigned index)
{
    struct run_disk *disk = &run->machine->disks[index];
    const char *name = run_disk_name(disk);
    char step[NAME_SIZE];

    disk->part.part = 0;
    announce(run, &disk->part);
    disk->device->part = disk->part.part;
    format_text(step, sizeof(step), "first read %s", disk->part.place);
    if (disk->chosen && text_equal(run->config.skip, step)) {
        disk->chosen = false;
        copy_text(disk->reason, sizeof(disk->reason), "the last boot hung at its first read");
    }
    if (!disk->chosen) {
        emit_not_tested(run->sink, disk->is_stick ? "boot-disk" : "disk", disk->part.part, false,
                        "%s: %s", name, disk->reason);
        return;
    }
    declare_meter(run, &run->disk_meters[index], disk->part.part, name);
    inject_disk(&run->injector, disk->device);
}

static unsigned chosen_disks(const struct run *run)
{
    unsigned count = 0;

    for (unsigned i = 0; i < run->machine->disk_count; i++)
        count += run->machine->disks[i].chosen;
    return count;
}

static int allow_bmc(struct run *run, unsigned port, unsigned spacing)
{
    int error = guard_place(&run->guard, &kcs_rule, (uint16_t)port);

    return error ? error : guard_place(&run->guard, &kcs_rule, (uint16_t)(port + spacing));
}

/* All of them reach the machine through the guard alone. A port that firmware gives and that is
 * another device's is not touched. */
static void begin_sensors(struct run *run)
{
    const struct machine *machine = run->machine;
    const struct access *access = &run->guard.access;
    unsigned port = machine->bmc_port, spacing = machine->bmc_spacing;

    guard_init(&run->guard, machine->access);
    if (allow_bmc(run, port, spacing)) {
        emit_note(run->sink, SEVERITY_INFO,
                  "The BMC's port cannot be %Xh, as the firmware has it: %Xh is asked", port,
                  KCS_PORT_DEFAULT);
        port = KCS_PORT_DEFAULT;
        spacing = 1;
        (void)allow_bmc(run, port, spacing);
    }
    ipmi_init(&run->ipmi, access, machine->clock, run->sink, &run->numbers, (uint16_t)port,
              spacing);
    ipmi_read_log(&run->ipmi, tell_logged, run);
    superio_watch_init(&run->superio, &run->guard, machine->clock, run->sink, &run->numbers,
                       run->config.skip, run->config.sensors_all);
    dimm_watch_init(&run->dimms, &run->guard, machine->clock, run->sink, &run->numbers,
                    run->config.skip, machine->smbus_unsafe);
    dimm_watch_modules(&run->dimms, machine->parts, machine->part_count);
}

static void do_inventory(struct run *run)
{
    struct machine *machine = run->machine;

    for (unsigned i = 0; i < machine->part_count; i++) {
        if (machine->parts[i].part > PART_ALL_MEMORY)
            machine->parts[i].part = 0; /* numbered in an earlier run of this boot */
        announce(run, &machine->parts[i]);
    }
    announce_memory_map(run);
    tell_priors(run);
    inject_inventory(&run->injector, &run->numbers);
    run->injector.pool = machine->pool;
    if (machine->pool)
        declare_meter(run, &run->memory_meter, PART_ALL_MEMORY, "memory");
    for (unsigned i = 0; i < machine->disk_count; i++)
        announce_disk(run, i);
    run_read_health(run, MOMENT_START);
    if (is_under_load(run) && !chosen_disks(run))
        emit_not_tested(run->sink, "disks", 0, true, "there is no disk to be tested");
    else if (is_under_load(run) && !machine->pool)
        emit_not_tested(run->sink, "disks", 0, true, "there is no memory for buffers");
    if (run->config.sensors)
        begin_sensors(run);
    run_begin_cpu(run);
}

/* The first read of each drive, on its own and journaled: a dying drive may hang right here. */
static void do_first_reads(struct run *run)
{
    struct chunk *chunk = run->machine->pool ? pool_take(run->machine->pool) : NULL;

    for (unsigned i = 0; chunk && i < run->machine->disk_count; i++) {
        struct run_disk *disk = &run->machine->disks[i];
        struct disk_reader reader;
        char step[NAME_SIZE];

        if (!disk->chosen)
            continue;
        format_text(step, sizeof(step), "first read %s", disk->part.place);
        emit_step(run->sink, step, false);
        disk_reader_init(&reader, disk->device, run->machine->clock, run->sink, run->config.seed);
        reader.pause = run_tend;
        reader.pause_context = run;
        disk_read_checked(&reader, 0, 1, chunk->data);
        emit_step(run->sink, step, true);
        run_tasks(run);
    }
    if (chunk)
        pool_give(chunk);
}

static void do_baseline(struct run *run)
{
    do_first_reads(run);
    run_phase(run, idle_step);
    run_settle_sensors(run);
}

/* ---- memory */

struct memory_means run_memory_means(struct run *run, struct pool *pool)
{
    return (struct memory_means){
        .pool = pool,
        .workers = &run->machine->workers,
        .clock = run->machine->clock,
        .sink = run->sink,
        .pause = inject_pause(&run->injector),
    };
}

void run_keep_report(struct run *run, const struct memory_report *report)
{
    if (run->report_count < RUN_REPORTS)
        run->reports[run->report_count++] = *report;
}

/* ---- disks and imaging */

static enum memory_repeat test_page(void *page, uint64_t address)
{
    enum { ROUNDS = 3 };

    return page_test(page, address, ROUNDS);
}

static bool imaging_step_all(struct run *run)
{
    workers_poll(&run->machine->workers);
    if (run->sweep_runs)
        sweep_step(&run->sweep);
    return imaging_step(&run->imaging);
}

static bool imaging_drain(struct run *run)
{
    workers_poll(&run->machine->workers);
    imaging_step(&run->imaging);
    return !imaging_is_done(&run->imaging);
}

/* Puts the listed devices under load until the time is up, or after one whole pass. */
static void load_devices(struct run *run, bool once)
{
    struct imaging_config config = {
        .devices = run->devices,
        .device_count = run->device_count,
        .pool = run->machine->pool,
        .workers = &run->machine->workers,
        .clock = run->machine->clock,
        .sink = run->sink,
        .seed = run->config.seed + run->phase_index, /* each phase begins elsewhere on a drive */
        .phase = run->phase_name,
        .once = once,
        .earlier = run->earlier,
        .hash = inject_hash(&run->injector),
        .test_page = test_page,
        .pause = run_tend,
        .pause_context = run,
    };

    for (unsigned i = 0; i < run->device_count; i++)
        run->earlier[i] = run->paces[run->device_disk[i]];
    if (imaging_init(&run->imaging, &config)) {
        emit_not_tested(run->sink, "disks", 0, true, "there is not enough memory for buffers");
        return;
    }
    for (unsigned i = 0; i < run->device_count; i++)
        run->disk_meters[run->device_disk[i]].moved = 0;
    run->imaging_runs = true;
    run_phase(run, imaging_step_all);
    imaging_stop(&run->imaging);
    wind_up(run, imaging_drain);
    run->hashed += imaging_packed(&run->imaging);
    for (unsigned i = 0; i < run->device_count; i++)
        run->paces[run->device_disk[i]] = *imaging_pace(&run->imaging, i);
    run->imaging_runs = false;
}

static void use_disk(struct run *run, unsigned index)
{
    run->devices[run->device_count] = run->machine->disks[index].device;
    run->device_disk[run->device_count++] = index;
}

static enum ending do_disks(struct run *run, const struct planned_phase *phase)
{
    if (!run->machine->pool || !chosen_disks(run))
        return ENDED_SKIPPED;
    for (unsigned i = 0; i < run->machine->disk_count && !run->stopped; i++) {
        if (!run->machine->disks[i].chosen)
            continue;
        run->device_count = 0;
        use_disk(run, i);
        run->phase_start_us = now_us(run); /* the time is for each disk alone */
        load_devices(run, phase->seconds == 0);
    }
    return ENDED_DONE;
}

static enum ending do_imaging(struct run *run)
{
    struct sweep_config sweep = {.means = run_memory_means(run, run->machine->pool),
                                 .seed = run->config.seed};

    if (!run->machine->pool || !chosen_disks(run))
        return ENDED_SKIPPED;
    run->device_count = 0;
    for (unsigned i = 0; i < run->machine->disk_count; i++) {
        if (run->machine->disks[i].chosen)
            use_disk(run, i);
    }
    sweep_init(&run->sweep, &sweep);
    run->sweep_runs = true;
    load_devices(run, false);
    if (sweep_stop(&run->sweep))
        run_keep_report(run, &run->sweep.jobs.report);
    else if (run->machine->memory)
        run->machine->memory->pinned = true;
    run->sweep_runs = false;
    return ENDED_DONE;
}

static bool writing_step_once(struct run *run)
{
    return writing_step(&run->writing);
}

static enum ending do_writing(struct run *run, const struct planned_phase *phase)
{
    if (run_begin_writing(run, phase->seconds == 0))
        return ENDED_SKIPPED;
    run_phase(run, writing_step_once);
    writing_stop(&run->writing);
    wind_up(run, writing_step_once);
    run->writing_runs = false;
    return ENDED_DONE;
}

/* ---- the last look at memory */

/* The pages that had failed, once more: now that nothing else goes on and all has cooled down. */
static void look_again(struct run *run)
{
    const struct last_look look = {
        .pool = run->machine->pool,
        .sink = run->sink,
        .pause = inject_pause(&run->injector),
        .reports = run->reports,
        .report_count = run->report_count,
    };

    for (size_t report = 0; report < look.report_count; report++) {
        for (size_t i = 0; !run->stopped && last_look(&look, report, i); i++)
            run_tasks(run);
    }
}

/* ---- the plan */

static enum ending do_phase(struct run *run, const struct planned_phase *phase)
{
    switch (phase->phase) {
    case PHASE_INVENTORY:
        do_inventory(run);
        run_resume(run);
        return ENDED_DONE;
    case PHASE_BASELINE:
        do_baseline(run);
        return ENDED_DONE;
    case PHASE_MEMORY:
        return run_do_memory(run) ? ENDED_DONE : ENDED_SKIPPED;
    case PHASE_DISKS:
        return do_disks(run, phase);
    case PHASE_WRITING:
        return do_writing(run, phase);
    case PHASE_IMAGING:
        return do_imaging(run);
    default:
        run_phase(run, idle_step);
        return ENDED_DONE;
    }
}

static struct plan_machine plan_machine(const struct run *run)
{
    enum { DISK_PASS_S = 600 };

    return (struct plan_machine){
        .memory_bytes = run->machine->pool ? run->machine->pool->size : 0,
        .fill_rate = run->machine->fill_rate * run->machine->workers.count,
        .memory_moves = memory_tests_moves(run->config.memory_tests),
        .memory_wait_s = memory_tests_wait_s(run->config.memory_tests),
        .disks = chosen_disks(run),
        .writes = run->config.options && run->config.options->write_confirmed &&
                  run->config.options->write_choice != WRITE_NONE,
        .disk_pass_s = DISK_PASS_S,
    };
}

static void say_estimate(struct run *run)
{
    struct plan_machine machine = plan_machine(run);
    uint64_t seconds = plan_estimate_s(run->phases, run->phase_count, &machine);
    char buffer[NAME_SIZE];
    struct text text = text_in(buffer, sizeof(buffer));

    text_duration(&text, seconds);
    emit_note(run->sink, SEVERITY_INFO, "This run will take about %s. Esc ends it at any time.",
              buffer);
}

/* Which memory tests the plan does not do. What is done only when it is named is no omission. */
static void say_left_out(struct run *run)
{
    uint32_t left_out = MEMORY_TESTS_ALL & ~run->config.memory_tests;
    char names[TEXT_SIZE];
    struct text text = text_in(names, sizeof(names));

    if (run->config.memory_tests_named || !left_out || !has_phase(run, PHASE_MEMORY))
        return;
    for (unsigned i = 0; i < MEMORY_TESTS; i++)
        if (left_out >> i & 1)
            text_format(&text, "%s%s", text.length ? ", " : "", memory_tests[i].id);
    emit_note(run->sink, SEVERITY_INFO,
              "Memory tests that plan=%s leaves out: %s. plan=memory runs them.", run->config.plan,
              names);
}

uint16_t run_permille(const struct run *run)
{
    uint64_t gone = now_us(run) - run->phase_start_us;

    if (run->memory_runs)
        return run_memory_permille(run);
    if (!run->phase_planned_us)
        return 0;
    return gone >= run->phase_planned_us ? 1000 : (uint16_t)(gone * 1000 / run->phase_planned_us);
}

uint32_t run_left_s(const struct run *run)
{
    struct plan_machine machine = plan_machine(run);
    uint64_t gone_s = (now_us(run) - run->phase_start_us) / SECOND_US;
    uint64_t left = 0;
    uint16_t permille = run_permille(run);

    if (run->memory_runs && permille)
        left = gone_s * (1000 - permille) / permille;
    else if (run->phase_planned_us / SECOND_US > gone_s)
        left = run->phase_planned_us / SECOND_US - gone_s;
    for (size_t i = run->phase_index + 1; i < run->phase_count; i++)
        left += phase_estimate_s(&run->phases[i], &machine);
    return (uint32_t)left;
}

/* Phases that an earlier part of this run has done are left out, and of imaging its time there. */
static void leave_out_done(struct run *run)
{
    const struct resume *resume = run->config.resume;
    size_t count = 0;

    for (size_t i = 0; resume && i < run->phase_count; i++) {
        struct planned_phase phase = run->phases[i];

        if (phase.phase == PHASE_IMAGING && phase.seconds > resume->imaged_s)
            phase.seconds -= resume->imaged_s;
        else if (phase.phase == PHASE_IMAGING && resume->imaged_s)
            phase.seconds = 1; /* its time was up, and its end not told */
        if (!resume_has_done(resume, phase_names[phase.phase]))
            run->phases[count++] = phase;
    }
    if (resume)
        run->phase_count = count;
}

enum overall run_execute(struct run *run)
{
    enum overall overall;

    plan_phases(run->config.plan, run->config.imaging_s, run->phases, &run->phase_count);
    leave_out_done(run);
    recorder_plan(run->recorder, run->config.imaging_s);
    run->config.memory_tests = plan_memory_tests(run->config.plan, run->config.memory_tests,
                                                 run->config.memory_tests_named);
    say_estimate(run);
    say_left_out(run);
    for (run->phase_index = 0; run->phase_index < run->phase_count && !run->stopped;
         run->phase_index++) {
        const struct planned_phase *phase = &run->phases[run->phase_index];
        enum ending ending;

        if (phase->phase == PHASE_WRITING && !run_prepare_writing(run))
            continue;
        run->injector.loaded |= phase->phase >= PHASE_MEMORY && phase->phase <= PHASE_IMAGING;
        run_begin_phase(run, phase_names[phase->phase], phase->seconds);
        ending = do_phase(run, phase);
        run_end_phase(run, run->stopped ? ENDED_CUT : ending);
    }
    look_again(run);
    run_begin_phase(run, PHASE_OF_VERDICT, 0);
    overall = run_verdict(run);
    inject_end(&run->injector);
    return overall;
}
