#include "tests/sim/run_machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "base/version.h"
#include "efi/reports.h"

static struct run_machine *machine; /* the one that runs */

/* ---- access: the ports of the BMC and of Super I/O chips, and the machine-check banks, on one
 * clock */

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct run_machine *of = context;
    struct access access = bmc_access(&of->bmc);
    int error;

    if (sio_has_port(&of->sio, port)) {
        access = sio_access(&of->sio);
        of->sio.now_us = ++of->time.now_us;
        of->ports_us++;
        return access.in8(access.context, port, ret_value);
    }
    of->bmc.now_us = of->time.now_us;
    error = access.in8(access.context, port, ret_value);
    of->ports_us += of->bmc.now_us - of->time.now_us;
    of->time.now_us = of->bmc.now_us;
    return error;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct run_machine *of = context;
    struct access access = bmc_access(&of->bmc);
    int error;

    if (sio_has_port(&of->sio, port)) {
        access = sio_access(&of->sio);
        of->sio.now_us = ++of->time.now_us;
        of->ports_us++;
        return access.out8(access.context, port, value);
    }
    of->bmc.now_us = of->time.now_us;
    error = access.out8(access.context, port, value);
    of->ports_us += of->bmc.now_us - of->time.now_us;
    of->time.now_us = of->bmc.now_us;
    return error;
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    struct run_machine *of = context;
    struct access access = msr_access(&of->msr);

    if (of->check_us && of->time.now_us >= of->check_us) {
        of->msr.banks[7] = of->check;
        of->check_us = 0;
    }
    return access.read_msr(access.context, msr, ret_value);
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    struct run_machine *of = context;
    struct access access = msr_access(&of->msr);

    return access.write_msr(access.context, msr, value);
}

/* ---- memory and processors */

static void hold_bit(struct run_machine *of)
{
    if (of->stuck_word)
        *of->stuck_word &= ~((uint64_t)1 << 5);
}

static void between_jobs(void *context)
{
    struct run_machine *of = context;

    sim_clock_pass(&of->time, JOB_US);
    hold_bit(of);
}

static void poll(void *context)
{
    struct run_machine *of = context;

    if (!of->workers_stop_us || of->time.now_us < of->workers_stop_us)
        of->workers.seam.poll(&of->workers);
}

static int submit(void *context, struct job *job)
{
    struct run_machine *of = context;

    return of->workers.seam.submit(&of->workers, job);
}

static void after_dma(void *context, void *buffer, size_t size)
{
    struct run_machine *of = context;

    (void)buffer, (void)size;
    hold_bit(of);
    if (of->lead_us && of->time.now_us >= of->lead_us)
        of->drives[0].counters[2]++;
}

static unsigned no_machine_checks(struct event_machine_check *ret, unsigned limit)
{
    (void)ret, (void)limit;
    return 0;
}

/* ---- the panel */

static void paint(const struct screen *screen)
{
    (void)screen;
    machine->paints++;
}

static void print(const char *line)
{
    size_t length = strlen(line);
    bool bad = length > 79;

    for (size_t i = 0; i < length; i++)
        bad |= line[i] < ' ' || line[i] > '~';
    machine->lines++;
    machine->bad_lines += bad;
}

static bool stop_asked(void)
{
    bool asked = machine->escape_us && machine->time.now_us >= machine->escape_us;

    if (asked)
        machine->escape_us = 0;
    return asked;
}

static void alive(void)
{
    uint64_t gone_us = machine->time.now_us - machine->alive_us;

    if (gone_us > machine->longest_us)
        machine->longest_us = gone_us;
    machine->alive_us = machine->time.now_us;
}

/* ---- the machine */

static void init_drive(struct run_machine *of, unsigned index, enum drive_protocol protocol,
                       uint32_t block_size, const char *serial)
{
    enum { SIZE = 32 * 1024 * 1024, PACE = 8 * 1000 * 1000 };
    struct sim_drive *drive = &of->drives[index];

    sim_drive_init(drive, &of->time, protocol, block_size, SIZE / block_size, 100 + index);
    drive->pace = PACE;
    drive->slow_pace = PACE / 20;
    drive->device.controller = index;
    drive->after_dma = after_dma;
    drive->after_dma_context = of;
    copy_text(drive->serial, sizeof(drive->serial), serial);
}

static void list_drive(struct run_machine *of, unsigned index, const char *place)
{
    struct run_disk *disk = &of->machine.disks[index];
    const struct block_device *device = &of->drives[index].device;

    disk->device = &of->drives[index].device;
    disk->chosen = true;
    disk->part.kind = PART_DISK;
    disk->part.size = device->block_count * device->block_size;
    copy_text(disk->part.name, sizeof(disk->part.name), "Model");
    copy_text(disk->part.serial, sizeof(disk->part.serial), of->drives[index].serial);
    copy_text(disk->part.place, sizeof(disk->part.place), place);
}

static void list_machine(struct run_machine *of)
{
    of->machine = (struct machine){
        .clock = &of->clock,
        .access = &of->access,
        .panel = &of->panel,
        .workers = {.context = of, .count = RUN_MACHINE_WORKERS, .submit = submit, .poll = poll},
        .pool = &of->pool,
        .memory_total = of->pool.size,
        .fill_rate = 1000000000,
        .disk_count = RUN_MACHINE_DRIVES,
        .processors_working = RUN_MACHINE_WORKERS + 1,
        .processors_present = RUN_MACHINE_WORKERS + 1,
        .bmc_port = of->bmc.port,
        .bmc_spacing = 1,
        .parts = {{.part = PART_ALL_PROCESSORS, .kind = PART_PROCESSOR, .name = "Intel Test"},
                  {.part = PART_ALL_MEMORY, .kind = PART_MEMORY, .name = "Memory"},
                  {.parent = PART_ALL_MEMORY,
                   .kind = PART_MEMORY,
                   .name = "Module",
                   .serial = "M1",
                   .place = "DIMM A1"}},
        .part_count = 3,
        .machine_checks = no_machine_checks,
    };
    list_drive(of, 0, "SATA 00:1f.2 port 1");
    list_drive(of, 1, "NVMe 00:03.0");
}

void run_machine_init(struct run_machine *of)
{
    const size_t size = (size_t)RUN_MACHINE_CHUNKS * CHUNK_SIZE;

    memset(of, 0, sizeof(*of));
    machine = of;
    of->time.now_us = 1000000;
    of->clock = sim_clock_seam(&of->time);
    bmc_init(&of->bmc, BMC_HEALTHY);
    sio_init(&of->sio);
    msr_init(&of->msr, MSR_HEALTHY, RUN_MACHINE_BANKS);
    of->access = (struct access){
        .context = of, .in8 = in8, .out8 = out8, .read_msr = read_msr, .write_msr = write_msr};
    init_drive(of, 0, PROTOCOL_ATA, 512, "DISK-A");
    init_drive(of, 1, PROTOCOL_NVME, 4096, "DISK-B");
    sim_workers_init(&of->workers, RUN_MACHINE_WORKERS);
    of->workers.between = between_jobs;
    of->workers.between_context = of;
    of->memory = aligned_alloc(4096, size);
    memset(of->memory, 0, size);
    pool_init(&of->pool, of->chunks, RUN_MACHINE_CHUNKS);
    pool_add(&of->pool, of->memory, RUN_MACHINE_ADDRESS, size);
    of->panel =
        (struct panel){.paint = paint, .print = print, .stop_asked = stop_asked, .alive = alive};
    sim_store_init(&of->store, &of->time);
    list_machine(of);
}

/* ---- sensors of the processors */

static void work_cpu(struct run_machine *of, unsigned index)
{
    bool hot = of->cpu_hot_us && of->time.now_us >= of->cpu_hot_us;
    uint64_t cycles = of->time.now_us * 3600;

    *sim_cpu_msr(&of->cpu, index, 0xE8) +=
        (cycles - *sim_cpu_msr(&of->cpu, index, 0xE7)) * (hot ? 80 : 110) / 100;
    *sim_cpu_msr(&of->cpu, index, 0xE7) = cycles;
    *sim_cpu_msr(&of->cpu, index, 0x611) = of->time.now_us * 65 * 16384 / 1000000;
    *sim_cpu_msr(&of->cpu, index, 0x1B1) = hot ? 0x88020003 : 0x88350002;
}

static bool cpu_sample(unsigned index, struct cpu_sample *ret)
{
    struct access access = sim_cpu_access(&machine->cpu);

    if (index > RUN_MACHINE_WORKERS || (index && !machine->cpu_senses))
        return false;
    machine->cpu.current = index;
    machine->cpu_samples++;
    work_cpu(machine, index);
    *ret = (struct cpu_sample){.time_us = machine->time.now_us, .core = (uint16_t)(index / 2)};
    cpu_sample_read(&access, &machine->cpu.registers, ret);
    return true;
}

static void cpu_sense(bool on)
{
    machine->cpu_senses = on;
}

void run_machine_add_cpu(struct run_machine *of)
{
    sim_cpu_core(&of->cpu, SIM_CPU_HEALTHY, RUN_MACHINE_WORKERS + 1, 47);
    of->machine.cpu_registers = of->cpu.registers;
    of->machine.cpu_sample = cpu_sample;
    of->machine.cpu_sense = cpu_sense;
}

void run_machine_free(struct run_machine *of)
{
    sim_store_free(&of->store);
    free(of->memory);
    of->memory = NULL;
}

/* ---- the run, in the order of efi/main.c */

static void emit_start(struct run_machine *of, const struct run_config *config)
{
    struct event event = {.type = EVENT_RUN_START};
    struct text inject = text_in(event.run_start.inject, sizeof(event.run_start.inject));

    copy_text(event.run_start.version, NAME_SIZE, ASSAY_VERSION);
    copy_text(event.run_start.plan, NAME_SIZE, config->plan);
    for (unsigned i = 0; i < INJECTS; i++) {
        if (config->inject >> i & 1)
            text_format(&inject, "%s%s", inject.length ? "," : "", inject_names[i]);
    }
    event.run_start.seed = config->seed;
    event.run_start.number = 1;
    event.run_start.imaging_s = config->imaging_s;
    event.run_start.year = 2026;
    event.run_start.month = event.run_start.day = 1;
    emit(&of->recorder.sink, &event);
}

static void emit_prior_run(struct run_machine *of)
{
    struct event event = {.type = EVENT_PRIOR_RUN,
                          .prior_run = {.number = 1, .after_s = 300, .phase = "imaging"}};

    if (of->prior_run)
        emit(&of->recorder.sink, &event);
}

static void open_store(struct run_machine *of)
{
    int error = recorder_open(&of->recorder, &of->store.seam);

    if (error)
        emit_not_tested(&of->recorder.sink, "report-files", 0, false, "none written: %s",
                        error_text(error));
}

/* In the order of the image: what lies prepared, the verdict, then what has to grow. */
static void write_reports(struct run_machine *of)
{
    bool stored = of->recorder.has_store;

    of->reports = (struct reports){.source = {.journal = of->recorder.journal.data,
                                              .size = of->recorder.journal.length,
                                              .model = &of->model},
                                   .store = &of->store.seam};
    of->report_error = model_build(&of->model, of->reports.source.journal, of->reports.source.size);
    if (!of->report_error && stored)
        of->report_error = reports_write(&of->reports, false);
    if (recorder_close(&of->recorder) && !of->report_error)
        of->report_error = ERR_IO;
    if (!stored)
        return;
    of->store.may_grow = true;
    if (!of->report_error)
        of->report_error = reports_write(&of->reports, true);
}

enum overall run_machine_run(struct run_machine *of, const struct run_config *config)
{
    enum overall overall;

    of->alive_us = of->time.now_us;
    recorder_init(&of->recorder, &of->clock, &of->panel, of->journal, sizeof(of->journal));
    emit_start(of, config);
    open_store(of);
    emit_prior_run(of);
    run_begin(&of->run, config, &of->machine, &of->recorder);
    overall = run_execute(&of->run);
    alive();
    write_reports(of);
    return overall;
}
