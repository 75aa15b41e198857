/*
 * A field machine behind the seams of a run, and its run, in the order of efi/main.c.
 *
 * Two things happen below every seam: a processor that computes wrong gives a wrong hash, and a bad
 * cell loses its bit while a page is tested alone. For them the linker puts the functions here
 * in the place of hash_block(), page_test() and page_examine() (option --wrap).
 */
#include <string.h>
#include <xxh_x86dispatch.h>

#include "base/error.h"
#include "base/prng.h"
#include "base/text.h"
#include "base/version.h"
#include "stress/page_examine.h"
#include "stress/page_test.h"
#include "stress/tests.h"
#include "tests/sim/field.h"

enum { JOB_US = 400 };

struct field_machine *field_running;

/* ---- memory */

static void let_cells_act(struct field_machine *field)
{
    sim_memory_apply(&field->cells);
    if (field->weak_word && prng_below(&field->noise, 1000) < field->weak_permille)
        *field->weak_word ^= field->weak_bit;
}

static void pause_of_page(void *context)
{
    let_cells_act(context);
}

/* A word was written: no time for a weak bit to fall over. */
static void settle_page(void *context)
{
    sim_memory_apply(&((struct field_machine *)context)->cells);
}

enum memory_repeat wrapped_page_test(void *page, uint64_t address,
                                     unsigned rounds) __asm__("__wrap_page_test");

enum memory_repeat wrapped_page_test(void *page, uint64_t address, unsigned rounds)
{
    struct page_pause pause = {.context = field_running, .wait = pause_of_page};

    return page_test_with(page, address, rounds, &pause);
}

struct page_result real_page_examine(const struct page_task *task) __asm__("__real_page_examine");
struct page_result
wrapped_page_examine(const struct page_task *task) __asm__("__wrap_page_examine");

struct page_result wrapped_page_examine(const struct page_task *task)
{
    struct page_pause pause = {
        .context = field_running, .wait = pause_of_page, .settle = settle_page};
    struct page_task own = *task;

    own.pause = &pause;
    return real_page_examine(&own);
}

/* ---- processors */

struct hash wrapped_hash_block(const void *data, size_t size) __asm__("__wrap_hash_block");

struct hash wrapped_hash_block(const void *data, size_t size)
{
    /* The same hash, by the best instructions of the host: it is half of the work. */
    XXH128_hash_t computed = XXH3_128bits_dispatch(data, size);
    struct hash hash = {.low = computed.low64, .high = computed.high64};

    if (field_running->wrong_processor &&
        field_running->computing == field_running->wrong_processor &&
        prng_below(&field_running->noise, 1000) < field_running->wrong_permille)
        hash.low ^= (uint64_t)1 << prng_below(&field_running->noise, 64);
    return hash;
}

static int submit(void *context, struct job *job)
{
    struct field_machine *field = context;

    return queue_put(&field->queue, job);
}

/* At most one job for each processor, each time from another one on. */
static void poll(void *context)
{
    struct field_machine *field = context;
    bool worked = true;

    for (unsigned i = 0; i < FIELD_WORKERS && worked; i++) {
        field->computing = 1 + field->jobs % FIELD_WORKERS;
        worked = queue_run_one(&field->queue, field->computing);
        field->computing = 0;
        if (!worked)
            return;
        field->jobs++;
        sim_clock_pass(&field->time, JOB_US);
        let_cells_act(field);
    }
}

static void after_dma(void *context, void *buffer, size_t size)
{
    (void)buffer, (void)size;
    let_cells_act(context);
}

/* ---- the panel */

static void paint(const struct screen *screen)
{
    (void)screen;
}

static void print(const char *line)
{
    (void)line;
}

static bool stop_asked(void)
{
    return false;
}

static void alive(void)
{
}

/* ---- the machine */

static void list_drive(struct field_machine *field, unsigned index)
{
    struct run_disk *disk = &field->machine.disks[index];
    struct field_drive *drive = &field->drives[index];
    const struct block_device *device = &drive->sim.device;

    drive->sim.after_dma = after_dma;
    drive->sim.after_dma_context = field;
    disk->device = &drive->sim.device;
    disk->chosen = true;
    disk->part.kind = PART_DISK;
    disk->part.size = device->block_count * device->block_size;
    copy_text(disk->part.name, sizeof(disk->part.name), drive->sim.logs.model);
    copy_text(disk->part.serial, sizeof(disk->part.serial), field->serials[index]);
    if (drive->kind == DRIVE_NVME)
        format_text(disk->part.place, sizeof(disk->part.place), "NVMe 0%u:00.0", index + 1);
    else if (drive->kind == DRIVE_USB)
        format_text(disk->part.place, sizeof(disk->part.place), "USB 00:14.0 port %u", index);
    else
        format_text(disk->part.place, sizeof(disk->part.place), "SATA 00:17.0 port %u", index);
}

/* Two modules, one behind the other or interleaved. */
static void list_modules(struct field_machine *field)
{
    enum { HALF = FIELD_CHUNKS / 2 * CHUNK_SIZE };
    struct machine *machine = &field->machine;

    for (unsigned i = 0; i < 2; i++) {
        struct event_part *part = &machine->parts[machine->part_count];
        uint64_t start = FIELD_ADDRESS + (field->interleaved ? 0 : i * HALF);

        part->parent = PART_ALL_MEMORY;
        part->kind = PART_MEMORY;
        copy_text(part->name, sizeof(part->name), "Module");
        format_text(part->place, sizeof(part->place), "DIMM %c1", 'A' + (int)i);
        machine->memory_map[i] = (struct event_memory_map){
            .part = (part_id)machine->part_count,
            .start = start,
            .end = start + (field->interleaved ? 2 * HALF : HALF) - 1,
            .state = MEMORY_MAPPED,
        };
        machine->part_count++;
    }
    machine->memory_map_count = 2;
}

static void list_machine(struct field_machine *field)
{
    field->machine = (struct machine){
        .clock = &field->clock,
        .access = &field->access,
        .panel = &field->panel,
        .workers = {.context = field, .count = FIELD_WORKERS, .submit = submit, .poll = poll},
        .pool = &field->pool,
        .memory_total = field->pool.size,
        .fill_rate = 1000000000,
        .disk_count = field->drive_count,
        .processors_working = FIELD_WORKERS + 1,
        .processors_present = FIELD_WORKERS + 1,
        .bmc_port = field->bmc.port,
        .bmc_spacing = 1,
        .parts = {{.part = PART_ALL_PROCESSORS, .kind = PART_PROCESSOR},
                  {.part = PART_ALL_MEMORY, .kind = PART_MEMORY, .name = "Memory"}},
        .part_count = 2,
        .machine_checks = field_machine_checks,
        .pcie_errors = field_pcie_errors,
        .pcie_links = field_pcie_links,
    };
    copy_text(field->machine.parts[0].name, NAME_SIZE,
              field->amd ? "AMD Simulated" : "Intel Simulated");
    if (field->has_modules)
        list_modules(field);
    field_list_firmware(field);
    for (unsigned i = 0; i < field->drive_count; i++)
        list_drive(field, i);
}

static void wire(struct field_machine *field)
{
    field->clock = sim_clock_seam(&field->time);
    bmc_init(&field->bmc, field->has_bmc ? BMC_HEALTHY : BMC_FLOATING);
    field->bmc.sensors = field->records;
    field->bmc.sensor_count = field->sensor_count;
    field->bmc.read_sensor = field_reading;
    field->bmc.read_context = field;
    field->bmc.log = (const uint8_t(*)[16])field->log;
    field->bmc.log_count = field->log_count;
    field_begin_links(field);
    field_begin_slot(field);
    msr_init(&field->msr, MSR_HEALTHY, FIELD_BANKS);
    field->access = field_access(field);
    queue_init(&field->queue);
    pool_init(&field->pool, field->chunks, FIELD_CHUNKS);
    pool_add(&field->pool, field->memory, FIELD_ADDRESS, (uint64_t)FIELD_CHUNKS * CHUNK_SIZE);
    field->panel =
        (struct panel){.paint = paint, .print = print, .stop_asked = stop_asked, .alive = alive};
    list_machine(field);
}

/* ---- the run */

static void emit_start(struct field_machine *field, const struct run_config *config)
{
    struct event start = {.type = EVENT_RUN_START};
    struct event prior = {.type = EVENT_PRIOR_RUN,
                          .prior_run = {.number = 1, .after_s = 300, .phase = "imaging"}};

    copy_text(start.run_start.version, NAME_SIZE, ASSAY_VERSION);
    copy_text(start.run_start.plan, NAME_SIZE, config->plan);
    start.run_start.seed = config->seed;
    start.run_start.number = 1;
    start.run_start.imaging_s = config->imaging_s;
    start.run_start.year = 2026;
    start.run_start.month = start.run_start.day = 1;
    emit(&field->recorder.sink, &start);
    if (field->prior_run)
        emit(&field->recorder.sink, &prior);
}

enum overall field_run(struct field_machine *field)
{
    struct run_config config = {.plan = "imaging",
                                .imaging_s = FIELD_IMAGING_S,
                                .seed = field->seed,
                                .memory_tests = 1 << TEST_OWN_ADDRESS |
                                                1 << TEST_MOVING_INVERSIONS | 1 << TEST_RANDOM,
                                .sensors = true,
                                .skip = ""};

    field_running = field;
    wire(field);
    recorder_init(&field->recorder, &field->clock, &field->panel, field->journal,
                  sizeof(field->journal));
    emit_start(field, &config);
    run_begin(&field->run, &config, &field->machine, &field->recorder);
    return run_execute(&field->run);
}
