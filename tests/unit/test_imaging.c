/* The imaging workload over simulated drives, memory and processors, healthy and faulty. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/imaging/imaging.h"
#include "tests/sim/clock.h"
#include "tests/sim/drive.h"
#include "tests/sim/queued_drive.h"
#include "tests/sim/recorder.h"
#include "tests/sim/workers.h"

static const uint64_t MIB = 1024 * 1024;

enum { CHUNKS = 64, DRIVES = 3, BAD_CPU = 2, TRACKED = 256 };

static const uint64_t PHYSICAL = 0x100000000; /* where the memory says it is */

enum cpu_fault { CPU_HEALTHY, CPU_WRONG, CPU_ERRATIC, CPU_STUTTERS, CPU_DIES, ALL_CPUS_DIE };

/* A machine. One bit of its memory may be stuck at 1, one of its processors may fail. */
struct machine {
    struct sim_clock time;
    struct clock clock;
    struct sim_drive drives[DRIVES];
    struct queued_drive queues[DRIVES];
    const struct block_device *devices[DRIVES];
    struct sim_workers workers;
    uint8_t *memory;
    struct chunk chunks[CHUNKS];
    struct pool pool;
    struct recorder recorder;
    struct sink sink;
    struct imaging imaging;
    struct imaging_config config;

    uint8_t *stuck; /* NULL: none */
    uint8_t stuck_mask;
    enum cpu_fault cpu_fault;
    uint64_t hashes;
    unsigned page_tests;
    uint64_t harmed; /* where a kept block was, once */

    /* A read of one block that comes out wrong on its way: the odd numbers of its readings. */
    uint64_t odd_lba;
    uint32_t odd_readings; /* bit n: reading n, from 0 on */
    bool odd_sector;       /* all of it, else one bit */
    unsigned readings;
    uint64_t read_at[32]; /* bytes moved before each */

    /* By MiB of the first drive: how often it was read, and the first time into which buffer. */
    unsigned read_count[TRACKED];
    const void *read_into[TRACKED];
};

static struct machine *machine; /* of the running test: some hooks have no context */

/* Requests that a drive takes at once; 0: it is synchronous. All tests run with both. */
static unsigned queue_depth;

static void apply_stuck(void *context)
{
    struct machine *of = context;

    if (of->stuck)
        *of->stuck |= of->stuck_mask;
}

/* The second reading of a block goes into another buffer than the first. */
static void track(const struct sim_drive *drive, const void *buffer)
{
    uint64_t index = drive->last_lba * drive->device.block_size / MIB;

    if (drive != &machine->drives[0] || index >= TRACKED)
        return;
    machine->read_count[index]++;
    if (machine->read_count[index] == 1)
        machine->read_into[index] = buffer;
    /* An experiment may read in between, and into the same buffer on purpose. */
    if (machine->read_count[index] == 2 && machine->cpu_fault == CPU_HEALTHY && !machine->stuck)
        assert_ptr_not_equal(machine->read_into[index], buffer);
}

static void after_dma(void *context, void *buffer, size_t size)
{
    struct sim_drive *drive = context;
    uint8_t *block = buffer;
    uint64_t blocks = size / drive->device.block_size;

    /* Half of each block is empty, so that it can be packed. */
    for (size_t i = 0; i < size; i += 512)
        memset(block + i + 256, 0, 256);
    if (machine->odd_readings && machine->odd_lba >= drive->last_lba &&
        machine->odd_lba - drive->last_lba < blocks) {
        uint64_t at = (machine->odd_lba - drive->last_lba) * drive->device.block_size;
        unsigned number = machine->readings++;

        machine->read_at[number % 32] = imaging_moved(&machine->imaging, 0);

        if (machine->odd_readings >> number & 1) {
            block[at + 100] ^= 0x10;
            for (unsigned i = 0; machine->odd_sector && i < 512; i++)
                block[at + i] = (uint8_t)(i * 7 + number);
        }
    }
    track(drive, buffer);
    apply_stuck(machine);
}

static struct hash hash_on(const void *data, size_t size, unsigned processor)
{
    struct hash hash;

    apply_stuck(machine);
    hash = hash_block(data, size);
    if (machine->cpu_fault == ALL_CPUS_DIE && processor != 0)
        sim_workers_die(&machine->workers);
    if (processor != BAD_CPU)
        return hash;
    if (machine->cpu_fault == CPU_DIES && machine->hashes++ == 20)
        sim_workers_die(&machine->workers);
    if (machine->cpu_fault == CPU_WRONG)
        hash.low ^= 1;
    if (machine->cpu_fault == CPU_STUTTERS) { /* the second and fourth of all it computes */
        machine->hashes++;
        hash.high ^= machine->hashes == 2 || machine->hashes == 4;
    }
    if (machine->cpu_fault == CPU_ERRATIC)
        hash.low ^= machine->hashes++ % 3 == 2 ? machine->hashes : 0;
    return hash;
}

static enum memory_repeat test_page(void *page, uint64_t address)
{
    uint8_t *bytes = page;

    machine->page_tests++;
    assert_int_equal(address - PHYSICAL, bytes - machine->memory);
    assert_int_equal(address % 4096, 0);
    memset(page, 0, 4096);
    apply_stuck(machine);
    for (size_t i = 0; i < 4096; i++) {
        if (bytes[i] != 0)
            return REPEAT_FAILED;
    }
    return REPEAT_HELD;
}

static void add_drive(unsigned index, uint32_t block_size, uint64_t blocks)
{
    struct sim_drive *drive = &machine->drives[index];

    sim_drive_init(drive, &machine->time, PROTOCOL_ATA, block_size, blocks, 77 + index);
    drive->after_dma = after_dma;
    drive->after_dma_context = drive;
    drive->device.part = (part_id)(10 + index);
    machine->devices[index] = &drive->device;
    machine->config.device_count = index + 1;
}

/* One drive, `processors` others; what differs is then set by the test. */
static void set_up(unsigned processors, uint32_t block_size, uint64_t blocks)
{
    uint8_t *memory = machine->memory;

    memset(machine, 0, sizeof(*machine));
    machine->memory = memory;
    machine->clock = sim_clock_seam(&machine->time);
    machine->sink = recorder_start(&machine->recorder);
    sim_workers_init(&machine->workers, processors);
    machine->workers.between = apply_stuck;
    machine->workers.between_context = machine;
    pool_init(&machine->pool, machine->chunks, CHUNKS);
    pool_add(&machine->pool, memory, PHYSICAL, CHUNKS * MIB);
    machine->config = (struct imaging_config){
        .devices = machine->devices,
        .pool = &machine->pool,
        .workers = &machine->workers.seam,
        .clock = &machine->clock,
        .sink = &machine->sink,
        .seed = 1,
        .phase = "imaging",
        .once = true,
        .test_page = test_page,
        .hash = hash_on,
    };
    add_drive(0, block_size, blocks);
}

static int begin(void)
{
    for (unsigned i = 0; queue_depth && i < machine->config.device_count; i++) {
        queued_drive_init(&machine->queues[i], &machine->drives[i], &machine->time, queue_depth,
                          machine->config.seed + i);
        machine->devices[i] = &machine->queues[i].device;
    }
    return imaging_init(&machine->imaging, &machine->config);
}

static void run(void)
{
    uint64_t limit = 100000000;

    assert_int_equal(begin(), OK);
    while (imaging_step(&machine->imaging)) {
        limit--;
        assert_true(limit > 0);
    }
    assert_true(imaging_is_done(&machine->imaging));
}

static size_t count(enum event_type type)
{
    return recorder_count(&machine->recorder, type);
}

static const struct event_mismatch *mismatch(size_t index)
{
    const struct event *event = recorder_find(&machine->recorder, EVENT_MISMATCH, index);

    assert_non_null(event);
    return &event->mismatch;
}

static void check_all_given_back(unsigned retired)
{
    for (size_t i = 0; i < CHUNKS; i++) {
        if (machine->chunks[i].state == CHUNK_RETIRED)
            retired--;
        else
            assert_int_equal(machine->chunks[i].state, CHUNK_FREE);
    }
    assert_int_equal(retired, 0);
}

static void check_coverage(unsigned index)
{
    const struct event *event = recorder_find(&machine->recorder, EVENT_COVERAGE, index);
    const struct block_device *device = machine->devices[index];

    assert_non_null(event);
    assert_string_equal(event->coverage.phase, "imaging");
    assert_int_equal(event->coverage.part, device->part);
    assert_int_equal(event->coverage.total, device->block_size * device->block_count);
    assert_int_equal(event->coverage.tested, event->coverage.total);
    assert_true(event->coverage.moved >= 2 * event->coverage.total);
    assert_int_equal(event->coverage.moved, imaging_moved(&machine->imaging, index));
    assert_int_equal(event->coverage.tested, imaging_tested(&machine->imaging, index));
}

/* Nothing but the accounts at the end. */
static void check_silent(void)
{
    assert_int_equal(count(EVENT_COVERAGE), machine->config.device_count);
    assert_int_equal(machine->recorder.count,
                     count(EVENT_COVERAGE) + count(EVENT_LATENCY) + count(EVENT_BOTTLENECK));
}

static void check_healthy(void)
{
    run();
    check_silent();
    for (unsigned i = 0; i < machine->config.device_count; i++)
        check_coverage(i);
    assert_true(imaging_packed(&machine->imaging) >= imaging_moved(&machine->imaging, 0));
    check_all_given_back(0);
}

static void test_healthy(void **state)
{
    static const struct {
        uint32_t block_size;
        uint64_t blocks;
        uint64_t seeds;
    } drives[] = {
        {512, 1, 20},    {512, 2049, 20},      {512, 3 * 2048, 20},
        {4096, 257, 20}, {512, 200 * 2048, 1}, {4096, 70 * 256 + 5, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(drives) / sizeof(drives[0]); i++) {
        for (uint64_t seed = 0; seed < drives[i].seeds; seed++) {
            set_up((unsigned)seed % 4, drives[i].block_size, drives[i].blocks);
            machine->config.seed = seed;
            check_healthy();
        }
    }
}

static void test_several_drives(void **state)
{
    (void)state;
    set_up(2, 512, 5 * 2048);
    add_drive(1, 4096, 9 * 256 + 1);
    add_drive(2, 512, 3);
    check_healthy();
}

static void test_small_pool(void **state)
{
    (void)state;
    set_up(3, 512, 10 * 2048);
    pool_init(&machine->pool, machine->chunks, IMAGING_CHUNKS_MIN - 1);
    pool_add(&machine->pool, machine->memory, PHYSICAL, CHUNKS * MIB);
    assert_int_equal(begin(), ERR_RANGE);
    for (uint64_t size = 1; size < 20; size++) {
        set_up(size % 4, 512, size * 2048);
        pool_init(&machine->pool, machine->chunks, IMAGING_CHUNKS_MIN);
        pool_add(&machine->pool, machine->memory, PHYSICAL, CHUNKS * MIB);
        run();
        check_silent();
        check_coverage(0);
    }
}

/* A slow disk and a fast one get the same time. */
static void test_fairness(void **state)
{
    uint64_t fast, slow;

    (void)state;
    set_up(2, 512, 1000 * 2048);
    add_drive(1, 512, 1000 * 2048);
    machine->drives[0].pace = 10 * 1000 * 1000;
    machine->drives[1].pace = 500 * 1000 * 1000;
    assert_int_equal(begin(), OK);
    while (imaging_moved(&machine->imaging, 1) < 150 * MIB)
        assert_true(imaging_step(&machine->imaging));
    slow = imaging_moved(&machine->imaging, 0);
    fast = imaging_moved(&machine->imaging, 1);
    assert_true(slow > 0 && fast / slow >= 30 && fast / slow <= 70);
    imaging_stop(&machine->imaging);
    while (imaging_step(&machine->imaging))
        ;
    assert_int_equal(count(EVENT_COVERAGE), 2);
    check_all_given_back(0);
}

static bool memory_pace(void *context, uint64_t *ret_now, uint64_t *ret_usual)
{
    (void)context;
    *ret_now = 900;
    *ret_usual = 1000;
    return true;
}

/* A drive slow for some seconds is told from a slow machine by the other drive, or the memory. */
static void test_slow_drive(void **state)
{
    (void)state;
    for (unsigned drives = 1; drives <= 2; drives++) {
        const struct event *event;

        set_up(2, 512, 1000 * 2048);
        if (drives == 2)
            add_drive(1, 512, 1000 * 2048);
        else
            machine->config.memory_pace = memory_pace;
        machine->drives[0].fault = DRIVE_SLOW;
        machine->drives[0].slow_pace = 5 * 1000 * 1000;
        machine->drives[0].fault_us = 1000000;
        machine->drives[0].fault_for_us = 14000000;
        machine->drives[drives - 1].pace = 50 * 1000 * 1000;
        machine->drives[0].pace = 100 * 1000 * 1000;
        assert_int_equal(begin(), OK);
        while (machine->time.now_us < 16000000)
            assert_true(imaging_step(&machine->imaging));
        imaging_stop(&machine->imaging);
        while (imaging_step(&machine->imaging))
            ;
        event = recorder_find(&machine->recorder, EVENT_PACE, 0);
        assert_non_null(event);
        assert_int_equal(event->pace.part, 10);
        assert_true(event->pace.others_known);
        assert_true(event->pace.others_kept);
    }
}

/* A large drive for a limited time: what was read is all over the drive. */
static void test_stopped_on_a_large_drive(void **state)
{
    uint64_t quarters = 0;
    const struct event *event;

    (void)state;
    set_up(2, 512, 64 * 1024 * 2048ull);
    assert_int_equal(begin(), OK);
    while (machine->time.now_us < 2000000) {
        assert_true(imaging_step(&machine->imaging));
        quarters |= 1u << machine->drives[0].last_lba / (16 * 1024 * 2048ull);
    }
    imaging_stop(&machine->imaging);
    while (imaging_step(&machine->imaging))
        ;
    assert_int_equal(quarters, 0xF);
    event = recorder_find(&machine->recorder, EVENT_COVERAGE, 0);
    assert_non_null(event);
    assert_int_equal(event->coverage.total, 64 * 1024 * MIB);
    assert_true(event->coverage.tested > 200 * MIB &&
                event->coverage.moved > event->coverage.tested);
    check_silent();
    check_all_given_back(0);
}

/* Where Assay writes its journal, a block differs from its first reading, and nothing is wrong. */
static void test_own_journal(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->odd_lba = 10 * 2048 + 5;
    machine->odd_readings = 2;
    machine->drives[0].device.own_first = 10 * 2048 + 2047;
    machine->drives[0].device.own_blocks = 1;
    check_healthy();
    machine->drives[0].device.own_first++;
    machine->readings = 0;
    run();
    assert_int_equal(count(EVENT_MISMATCH), 1);
}

/* The first reading had a wrong bit, which is gone with it. */
static void test_first_reading_wrong(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->odd_lba = 10 * 2048 + 5;
    machine->odd_readings = 1;
    run();
    assert_int_equal(count(EVENT_MISMATCH), 1);
    assert_int_equal(mismatch(0)->hop, HOP_SECOND_READ);
    assert_int_equal(mismatch(0)->part, 10);
    assert_int_equal(mismatch(0)->lba, 10 * 2048);
    assert_int_equal(mismatch(0)->bits, 0);
    assert_false(mismatch(0)->again);
    assert_false(mismatch(0)->compute);
    assert_true(mismatch(0)->address >= PHYSICAL);
    check_coverage(0);
    check_all_given_back(0);
}

static void test_second_reading_wrong(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->odd_lba = 10 * 2048 + 5;
    machine->odd_readings = 2;
    machine->drives[0].device.bounced = true;
    run();
    assert_int_equal(count(EVENT_MISMATCH), 1);
    assert_int_equal(mismatch(0)->hop, HOP_SECOND_READ);
    assert_int_equal(mismatch(0)->bits, 1);
    assert_int_equal(mismatch(0)->whole_sectors, 0);
    assert_int_equal(mismatch(0)->bit_mask, (uint64_t)0x10 << 32);
    assert_int_equal(mismatch(0)->address % MIB, 5 * 512 + 96);
    assert_int_equal(mismatch(0)->page, REPEAT_HELD);
    assert_true(mismatch(0)->bounced);
    assert_false(mismatch(0)->again);
    assert_false(mismatch(0)->leftover);
    assert_int_equal(machine->page_tests, 1);
    check_all_given_back(0);
}

/* A drive that gives another content now and then, at the same place. */
static void test_drive_gives_other_sectors(void **state)
{
    (void)state;
    set_up(2, 512, 200 * 2048);
    machine->odd_lba = 30 * 2048 + 7;
    machine->odd_readings = ~5u;
    machine->odd_sector = true;
    run();
    assert_true(count(EVENT_MISMATCH) >= 1);
    assert_int_equal(mismatch(0)->hop, HOP_SECOND_READ);
    assert_int_equal(mismatch(0)->whole_sectors, 1);
    assert_int_equal(mismatch(0)->page, REPEAT_HELD);
    assert_true(mismatch(0)->again);
    assert_false(mismatch(0)->leftover);
    /* First, second, third at once, and the last when 64 MiB elsewhere were read. */
    assert_true(machine->readings >= 4);
    assert_true(machine->read_at[3] - machine->read_at[2] >= 65 * MIB);
    check_all_given_back(0);
}

/* A controller that now and then gives what it had read before. */
static void test_stale_reading(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->drives[0].after_dma = NULL;
    machine->config.seed = 0; /* with which the tour begins there */
    machine->drives[0].fault = DRIVE_STALE_READ;
    machine->drives[0].fault_lba = 10 * 2048 + 9; /* the first read of a stretch */
    machine->drives[0].fault_blocks = 8;
    run();
    assert_true(count(EVENT_MISMATCH) >= 1);
    assert_int_equal(mismatch(0)->hop, HOP_SECOND_READ);
    assert_int_equal(mismatch(0)->whole_sectors, 8);
    assert_true(mismatch(0)->leftover);
    assert_true(mismatch(0)->again);
    check_all_given_back(0);
}

static void test_unreadable_sector(void **state)
{
    const struct event *event;

    (void)state;
    set_up(2, 512, 40 * 2048);
    machine->drives[0].fault = DRIVE_UNREADABLE_SECTOR;
    machine->drives[0].fault_lba = 33 * 2048 + 100;
    machine->drives[0].fault_blocks = 1;
    run();
    assert_true(count(EVENT_DISK_ERROR) >= 1);
    assert_int_equal(count(EVENT_MISMATCH), 0);
    event = recorder_find(&machine->recorder, EVENT_COVERAGE, 0);
    assert_int_equal(event->coverage.total, 40 * MIB);
    assert_int_equal(event->coverage.tested, 39 * MIB);
    check_all_given_back(0);
}

/* Every mismatch counts; eight of a drive are looked into. */
static void test_many_mismatches(void **state)
{
    (void)state;
    set_up(2, 512, 40 * 2048);
    machine->drives[0].after_dma = NULL;
    machine->drives[0].fault = DRIVE_STALE_READ;
    machine->drives[0].fault_lba = 0;
    machine->drives[0].fault_blocks = 40 * 2048;
    run();
    assert_in_range(count(EVENT_MISMATCH), 1, IMAGING_EXPERIMENTS_DRIVE);
    assert_int_equal(count(EVENT_NOTE), 1);
    check_all_given_back(0);
}

static void test_drive_vanishes(void **state)
{
    (void)state;
    set_up(2, 512, 100 * 2048);
    add_drive(1, 512, 20 * 2048);
    machine->drives[0].fault = DRIVE_VANISHES;
    machine->drives[0].fault_us = 100000;
    run();
    assert_int_equal(count(EVENT_DISK_ERROR), 1);
    assert_int_equal(count(EVENT_COVERAGE), 2);
    check_coverage(1);
    check_all_given_back(0);
}

static void test_strange_geometry(void **state)
{
    (void)state;
    set_up(2, 512, 2048);
    machine->drives[0].device.block_size = 520;
    run();
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    assert_int_equal(machine->recorder.count, 1);
}

static unsigned check_stuck(const struct event_mismatch *found, uint64_t offset)
{
    assert_int_equal(found->page, REPEAT_FAILED);
    assert_int_equal(found->address, PHYSICAL + offset / 8 * 8);
    assert_int_equal(found->bit_mask, (uint64_t)0x40 << offset % 8 * 8);
    assert_int_equal(found->bits, 1);
    assert_false(found->again);
    assert_false(found->leftover);
    assert_false(found->compute);
    return 1u << found->hop;
}

/* A bit stuck at 1 somewhere: whatever the chunk served as, the very place is named. */
static void test_stuck_bit(void **state)
{
    unsigned hops = 0;

    (void)state;
    for (unsigned i = 0; i < 16; i++) {
        uint64_t offset = i * MIB + 4096 * (i + 3) + 41 * i;

        set_up(i % 3, 512, 70 * 2048);
        machine->stuck = machine->memory + offset;
        machine->stuck_mask = 0x40;
        run();
        assert_true(count(EVENT_MISMATCH) >= 1);
        assert_int_equal(count(EVENT_DISK_ERROR), 0);
        for (size_t j = 0; j < count(EVENT_MISMATCH); j++)
            hops |= check_stuck(mismatch(j), offset);
        check_all_given_back(1);
    }
    assert_true(hops & 1u << HOP_COPY);
    assert_true(hops & 1u << HOP_SECOND_READ);
    assert_true(hops & (1u << HOP_ROUND_TRIP | 1u << HOP_ARENA));
}

/* A processor whose hashes are wrong, now and then or always. */
static void test_wrong_computing(void **state)
{
    static const enum cpu_fault faults[] = {CPU_ERRATIC, CPU_WRONG, CPU_STUTTERS};

    (void)state;
    for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        set_up(3, 512, 30 * 2048);
        machine->cpu_fault = faults[i];
        run();
        assert_true(count(EVENT_MISMATCH) >= 1);
        assert_true(mismatch(0)->compute);
        assert_int_equal(mismatch(0)->processor, BAD_CPU);
        assert_int_equal(mismatch(0)->bits, 0);
        check_all_given_back(0);
    }
}

/* Harm done once to a packed block while it is kept. */
static void harm_arena(void *context)
{
    struct imaging *imaging = &machine->imaging;
    struct chunk *chunk;

    (void)context;
    if (imaging->arena_count < 3 || machine->harmed)
        return;
    chunk = imaging->arena[(imaging->arena_oldest + 1) % IMAGING_ARENA].packed.chunk;
    ((uint8_t *)chunk->data)[70001] ^= 0x20;
    machine->harmed = chunk->address + 70001;
}

static void test_harmed_while_kept(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->workers.between = harm_arena;
    run();
    assert_true(machine->harmed != 0);
    assert_int_equal(count(EVENT_MISMATCH), 1);
    assert_int_equal(mismatch(0)->hop, HOP_ARENA);
    assert_int_equal(mismatch(0)->bits, 1);
    assert_int_equal(mismatch(0)->address, machine->harmed / 8 * 8);
    assert_int_equal(mismatch(0)->bit_mask, (uint64_t)0x20 << machine->harmed % 8 * 8);
    assert_int_equal(mismatch(0)->page, REPEAT_HELD);
    assert_false(mismatch(0)->again);
    check_all_given_back(0);
}

/* A read that takes longer than the patience with jobs is no reason to give one up. */
static void test_long_read(void **state)
{
    (void)state;
    set_up(0, 512, 40 * 2048);
    machine->drives[0].fault = DRIVE_UNREADABLE_SECTOR;
    machine->drives[0].fault_lba = 33 * 2048 + 100;
    machine->drives[0].fault_blocks = 1;
    machine->drives[0].failing_us = 45000000;
    run();
    assert_int_equal(count(EVENT_NOT_TESTED), 0);
    assert_int_equal(count(EVENT_NOTE), 0);
    check_all_given_back(0);
}

static void test_processor_dies(void **state)
{
    const struct event *event;
    unsigned lost = 0;

    (void)state;
    set_up(3, 512, 20 * 2048);
    machine->cpu_fault = CPU_DIES;
    run();
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    event = recorder_find(&machine->recorder, EVENT_NOT_TESTED, 0);
    assert_string_equal(event->not_tested.subsystem, "processor");
    assert_string_equal(event->not_tested.reason, "processor 2 stopped answering");
    assert_int_equal(count(EVENT_MISMATCH), 0);
    event = recorder_find(&machine->recorder, EVENT_COVERAGE, 0);
    assert_int_equal(event->coverage.tested, event->coverage.total);
    for (size_t i = 0; i < CHUNKS; i++)
        lost += machine->chunks[i].state == CHUNK_TAKEN;
    assert_in_range(lost, 2, 3);

    /* The next workload leaves that job alone. */
    lost = 0;
    machine->cpu_fault = CPU_HEALTHY;
    run();
    for (unsigned i = 0; i < IMAGING_SLOTS; i++)
        lost += machine->imaging.slots[i].state == SLOT_LOST;
    assert_int_equal(lost, 1);
    assert_int_equal(count(EVENT_COVERAGE), 2);
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    assert_int_equal(imaging_tested(&machine->imaging, 0), 20 * MIB);
}

static void test_all_processors_die(void **state)
{
    const struct event *event;

    (void)state;
    set_up(2, 512, 20 * 2048);
    machine->cpu_fault = ALL_CPUS_DIE;
    run();
    assert_int_equal(count(EVENT_NOT_TESTED), 3);
    event = recorder_find(&machine->recorder, EVENT_NOT_TESTED, 2);
    assert_string_equal(event->not_tested.subsystem, "imaging");
    assert_true(event->not_tested.subject);
    assert_int_equal(count(EVENT_COVERAGE), 1);
}

/* The memory is all taken by others. */
static void test_no_memory(void **state)
{
    (void)state;
    set_up(2, 512, 20 * 2048);
    for (unsigned i = 0; i < CHUNKS; i++)
        pool_take(&machine->pool);
    run();
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    assert_int_equal(imaging_moved(&machine->imaging, 0), 0);
}

static void real_wait(void *context, uint32_t duration_us)
{
    sim_clock_pass(context, duration_us);
    usleep(duration_us);
}

static void test_threads(void **state)
{
    struct sim_threads *threads = malloc(sizeof(*threads));

    (void)state;
    set_up(0, 512, 20 * 2048);
    machine->clock.wait_us = real_wait;
    machine->clock.context = &machine->time;
    sim_threads_start(threads, 3);
    machine->config.workers = &threads->seam;
    machine->config.hash = NULL;
    machine->odd_lba = 11 * 2048 + 5;
    machine->odd_readings = 2;
    run();
    sim_threads_stop(threads);
    assert_int_equal(count(EVENT_MISMATCH), 1);
    assert_int_equal(mismatch(0)->bits, 1);
    assert_int_equal(mismatch(0)->page, REPEAT_HELD);
    check_coverage(0);
    check_all_given_back(0);
    free(threads);
}

static int make_machine(void **state)
{
    (void)state;
    machine = calloc(1, sizeof(*machine));
    machine->memory = aligned_alloc(4096, CHUNKS * MIB);
    memset(machine->memory, 0, CHUNKS * MIB);
    return 0;
}

static int free_machine(void **state)
{
    (void)state;
    free(machine->memory);
    free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_healthy),
        cmocka_unit_test(test_several_drives),
        cmocka_unit_test(test_small_pool),
        cmocka_unit_test(test_fairness),
        cmocka_unit_test(test_slow_drive),
        cmocka_unit_test(test_stopped_on_a_large_drive),
        cmocka_unit_test(test_own_journal),
        cmocka_unit_test(test_first_reading_wrong),
        cmocka_unit_test(test_second_reading_wrong),
        cmocka_unit_test(test_drive_gives_other_sectors),
        cmocka_unit_test(test_stale_reading),
        cmocka_unit_test(test_unreadable_sector),
        cmocka_unit_test(test_many_mismatches),
        cmocka_unit_test(test_drive_vanishes),
        cmocka_unit_test(test_strange_geometry),
        cmocka_unit_test(test_stuck_bit),
        cmocka_unit_test(test_wrong_computing),
        cmocka_unit_test(test_harmed_while_kept),
        cmocka_unit_test(test_long_read),
        cmocka_unit_test(test_processor_dies),
        cmocka_unit_test(test_all_processors_die),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_threads),
    };

    int failed =
        cmocka_run_group_tests_name("imaging, synchronous", tests, make_machine, free_machine);

    queue_depth = 8;
    return failed +
           cmocka_run_group_tests_name("imaging, queued", tests, make_machine, free_machine);
}
