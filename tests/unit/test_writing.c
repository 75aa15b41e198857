/* Writing: each named fault of a drive becomes its event, a healthy drive none, and nothing is ever
 * written that was not permitted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "disk/writing/writing.h"
#include "tests/sim/recorder.h"
#include "tests/sim/write_drive.h"

enum { MIB = 1024 * 1024, CHUNKS = 24, STEPS_MAX = 2000000 };

/* 12 MiB on a drive of 16: four stretches of 3 pieces, visited in the order 0, 2, 1, 3. */
enum { DRIVE_MIB = 16, FIRST_MIB = 2, RANGE_MIB = 12 };

struct machine {
    struct sim_clock time;
    struct clock clock;
    struct write_drive drives[2];
    struct permission permissions[2];
    struct writing_target targets[2];
    struct pool pool;
    struct chunk chunks[CHUNKS];
    struct recorder recorder;
    struct sink sink;
    struct writing_config config;
    struct writing writing;
    uint8_t *memory;
};

static struct machine *machine;

static uint64_t per_mib(unsigned drive)
{
    return MIB / machine->drives[drive].device.block_size;
}

static void permit(unsigned drive, unsigned index, uint64_t first, uint64_t blocks)
{
    struct permission *permission = &machine->permissions[drive];

    permission->asked = permission->may_write = true;
    permission->ranges[index] = (struct lba_range){first, blocks};
    permission->range_count = index + 1;
    write_drive_permit(&machine->drives[drive], index, first, blocks);
}

static void add_drive(uint32_t block_size, uint64_t mib, unsigned depth)
{
    unsigned index = machine->config.target_count++;
    struct write_drive *drive = &machine->drives[index];

    write_drive_init(drive, &machine->time, block_size, mib * MIB / block_size, depth, 5 + index);
    drive->device.part = (part_id)(PART_FIRST_FREE + index);
    machine->targets[index] = (struct writing_target){&drive->device, &machine->permissions[index]};
}

static void set_up(uint32_t block_size, unsigned depth)
{
    for (unsigned i = 0; i < 2; i++)
        write_drive_free(&machine->drives[i]);
    memset(machine->permissions, 0, sizeof(machine->permissions));
    machine->clock = sim_clock_seam(&machine->time);
    machine->sink = recorder_start(&machine->recorder);
    pool_init(&machine->pool, machine->chunks, CHUNKS);
    assert_int_equal(pool_add(&machine->pool, machine->memory, 0x100000, CHUNKS * MIB), OK);
    machine->config = (struct writing_config){
        .targets = machine->targets,
        .pool = &machine->pool,
        .clock = &machine->clock,
        .sink = &machine->sink,
        .run = 0xABCD,
        .seed = 3,
        .phase = "writing",
        .once = true,
    };
    add_drive(block_size, DRIVE_MIB, depth);
    permit(0, 0, FIRST_MIB * per_mib(0), RANGE_MIB * per_mib(0));
}

static void check_end(void)
{
    for (unsigned i = 0; i < machine->config.target_count; i++)
        assert_int_equal(machine->drives[i].outside, 0);
    for (unsigned i = 0; i < CHUNKS; i++)
        assert_true(machine->chunks[i].state != CHUNK_TAKEN);
    assert_int_equal(recorder_count(&machine->recorder, EVENT_COVERAGE),
                     machine->config.target_count);
}

static void run(void)
{
    unsigned steps = 0;

    assert_int_equal(writing_init(&machine->writing, &machine->config), OK);
    while (writing_step(&machine->writing))
        assert_true(++steps < STEPS_MAX);
    assert_true(writing_is_done(&machine->writing));
    check_end();
}

static size_t count(enum event_type type)
{
    return recorder_count(&machine->recorder, type);
}

static const struct event_write_error *error_number(size_t index)
{
    const struct event *event = recorder_find(&machine->recorder, EVENT_WRITE_ERROR, index);

    assert_non_null(event);
    return &event->write_error;
}

static void healthy(void **state)
{
    static const struct {
        uint32_t block_size;
        unsigned depth;
    } kinds[] = {{512, 1}, {512, 8}, {4096, 1}, {4096, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const struct event *event;

        set_up(kinds[i].block_size, kinds[i].depth);
        run();
        assert_int_equal(machine->recorder.count, 1);
        event = recorder_find(&machine->recorder, EVENT_COVERAGE, 0);
        assert_int_equal(event->coverage.tested, RANGE_MIB * MIB);
        assert_int_equal(event->coverage.total, RANGE_MIB * MIB);
        assert_string_equal(event->coverage.phase, "writing");
        assert_int_equal(event->coverage.moved, writing_moved(&machine->writing, 0));
        assert_int_equal(machine->drives[0].unflushed, 0);
        /* all pieces, and the second of each stretch again */
        assert_int_equal(machine->drives[0].written, (RANGE_MIB + 4) * per_mib(0));
        if (kinds[i].depth > 1)
            assert_in_range(machine->drives[0].deepest, 3, kinds[i].depth);
        else
            assert_int_equal(machine->drives[0].deepest, 0);
        /* outside there are still zeros */
        for (uint64_t at = 0; at < FIRST_MIB * MIB; at++)
            assert_int_equal(machine->drives[0].store[at], 0);
    }
}

/* Much is read elsewhere between writing and reading back. */
static void elsewhere(void **state)
{
    uint64_t visits = 8;

    (void)state;
    set_up(512, 1);
    run();
    /* each of 8 reads back: the stretch of 3, and at least the other 13 of the drive; and the
     * probe at the beginning */
    assert_true(machine->drives[0].reads >= (visits * (3 + 13) + 1) * per_mib(0));
}

/* A fault in a place, and what is to be said of it. */
struct row {
    const char *name;
    enum write_drive_fault fault;
    uint32_t from, times, bytes;
    uint32_t block_size;
    int mib;         /* of the range, */
    unsigned offset; /* and block of it: the one named */
    enum write_fault expected;
    uint64_t generation, found_generation;
    bool again;
};

static const struct row rows[] = {
    {"lost, first", WRITES_DROPPED, 1, 1, 0, 512, 3, 37, WRITE_LOST, 1, 0, true},
    {"lost, later", WRITES_DROPPED, 2, 1, 0, 512, 4, 37, WRITE_LOST, 2, 1, true},
    {"lost, 4K", WRITES_DROPPED, 2, 1, 0, 4096, 10, 37, WRITE_LOST, 2, 1, true},
    {"torn over zeros", WRITES_TORN, 1, 1, 2048, 4096, 3, 37, WRITE_TORN, 1, 0, true},
    {"torn over a stamp", WRITES_TORN, 2, 1, 512, 4096, 4, 37, WRITE_TORN, 2, 1, true},
    {"torn in a sector", WRITES_TORN, 2, 1, 128, 512, 4, 37, WRITE_TORN, 2, 1, true},
    {"bit flip", WRITES_FLIPPED, 1, 1, 0, 512, 3, 37, WRITE_CORRUPTED, 1, 0, true},
    {"bit flip on the way back", READS_FLIPPED, 1, 1, 0, 512, 2, 37, WRITE_CORRUPTED, 1, 0, false},
    {"write fails, always", WRITES_FAIL, 1, 0, 0, 512, 3, 37, WRITE_FAILED, 1, 0, true},
    {"write fails, once", WRITES_FAIL, 1, 1, 0, 4096, 3, 0, WRITE_FAILED, 1, 0, false},
    {"flush fails, once", FLUSHES_FAIL, 1, 1, 0, 512, 0, 0, WRITE_FAILED, 1, 0, false},
    {"cannot be read back", READS_FAIL, 1, 0, 0, 512, 3, 37, WRITE_UNREADABLE, 1, 0, true},
};

static void check_row(const struct row *row, unsigned depth)
{
    const struct event_write_error *error;
    struct write_drive *drive;
    uint64_t lba;

    set_up(row->block_size, depth);
    drive = &machine->drives[0];
    lba = (uint64_t)(FIRST_MIB + row->mib) * per_mib(0) + row->offset;
    drive->fault = row->fault;
    drive->fault_lba = lba;
    drive->fault_from = row->from;
    drive->fault_times = row->times;
    drive->fault_bytes = row->bytes;
    run();
    if (count(EVENT_WRITE_ERROR) == 0)
        fail_msg("%s: nothing told", row->name);
    error = error_number(0);
    if (error->fault != row->expected || error->lba != lba || error->again != row->again ||
        error->generation != row->generation || error->found_generation != row->found_generation)
        fail_msg("%s: %s, lba %llu, generation %llu, found %llu, again %d: %s", row->name,
                 write_fault_names[error->fault], (unsigned long long)error->lba,
                 (unsigned long long)error->generation, (unsigned long long)error->found_generation,
                 error->again, error->status);
    assert_int_equal(error->part, PART_FIRST_FREE);
    assert_true(error->status[0] != '\0');
    assert_int_equal(count(EVENT_MEMORY_ERROR), 0);
    assert_int_equal(count(EVENT_NOT_TESTED), 0);
    /* what the second round says of the same place is another generation */
    for (size_t i = 0; i < count(EVENT_WRITE_ERROR); i++)
        assert_int_equal(error_number(i)->lba, lba);
    assert_in_range(count(EVENT_WRITE_ERROR), 1, 2);
}

static void every_fault(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        check_row(&rows[i], 1);
        check_row(&rows[i], 8);
    }
}

/* A write that goes astray is missed where it should be, and seen where it went. */
static void misplaced(void **state)
{
    static const int to[] = {1, 3, 11}; /* a stretch that is done, this one, one that comes later */

    (void)state;
    for (size_t i = 0; i < sizeof(to) / sizeof(to[0]); i++) {
        struct write_drive *drive;
        bool lost = false, seen = false;
        uint64_t lba, victim;

        set_up(512, 8);
        drive = &machine->drives[0];
        lba = (FIRST_MIB + 4) * per_mib(0) + 99;
        victim = (uint64_t)(FIRST_MIB + to[i]) * per_mib(0) + 7;
        drive->fault = WRITES_MISPLACED;
        drive->fault_lba = lba;
        drive->fault_to = victim;
        drive->fault_from = 2;
        drive->fault_times = 1;
        run();
        for (size_t k = 0; k < count(EVENT_WRITE_ERROR); k++) {
            const struct event_write_error *error = error_number(k);

            lost |= error->fault == WRITE_LOST && error->lba == lba && error->found_generation == 1;
            seen |= error->fault == WRITE_MISPLACED && error->lba == victim &&
                    error->found_lba == lba && error->found_generation == 2 && error->again;
        }
        assert_true(lost);
        assert_int_equal(seen, to[i] != 11); /* there it was overwritten before it was looked at */
        assert_int_equal(count(EVENT_WRITE_ERROR), seen ? 2 : 1);
    }
}

static void unfilled(void **state)
{
    (void)state;
    set_up(512, 1);
    machine->drives[0].fault = READS_UNFILLED;
    machine->drives[0].fault_lba = (FIRST_MIB + 3) * per_mib(0);
    run();
    assert_true(count(EVENT_DISK_ERROR) >= 1);
    assert_true(count(EVENT_WRITE_ERROR) >= 1);
    for (size_t i = 0; i < count(EVENT_WRITE_ERROR); i++)
        assert_int_equal(error_number(i)->fault, WRITE_UNREADABLE);
}

/* What fails often is given up, and told so. */
static void given_up(void **state)
{
    const struct event *event;

    (void)state;
    set_up(512, 8);
    machine->drives[0].fault = FLUSHES_FAIL;
    run();
    assert_in_range(count(EVENT_WRITE_ERROR), 4, WRITING_ERRORS);
    set_up(512, 8);
    machine->drives[0].fault = WRITES_REFUSED;
    run();
    assert_int_equal(count(EVENT_WRITE_ERROR), 0);
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    event = recorder_find(&machine->recorder, EVENT_NOT_TESTED, 0);
    assert_string_equal(event->not_tested.reason, "it does not let itself be written to");
    assert_int_equal(event->not_tested.part, PART_FIRST_FREE);
    assert_int_equal(writing_tested(&machine->writing, 0), 0);
}

/* Every block of a stretch is bad: sixteen errors, the rest counted. */
static void many_errors(void **state)
{
    (void)state;
    set_up(512, 8);
    machine->config.run = 1;
    for (unsigned pass = 0; pass < 2; pass++) {
        struct write_drive *drive = &machine->drives[0];

        run();
        if (pass == 1)
            break;
        /* spoil every fourth block of what the first run left */
        for (uint64_t lba = FIRST_MIB * per_mib(0); lba < (FIRST_MIB + 1) * per_mib(0); lba += 4)
            memset(write_drive_block(drive, lba) + 64, 7, 64);
        machine->sink = recorder_start(&machine->recorder);
        machine->config.run = 2;
    }
    assert_int_equal(count(EVENT_WRITE_ERROR), WRITING_ERRORS);
    assert_int_equal(error_number(0)->fault, WRITE_CORRUPTED);
    assert_int_equal(error_number(0)->generation, 0);
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    assert_true(count(EVENT_NOTE) >= 1);
}

static void memory_fails(void **state)
{
    const struct event *event;

    (void)state;
    set_up(512, 8);
    machine->drives[0].fault = BUFFER_CHANGES;
    machine->drives[0].fault_lba = (FIRST_MIB + 3) * per_mib(0) + 5;
    machine->drives[0].fault_times = 1;
    run();
    assert_int_equal(count(EVENT_WRITE_ERROR), 0);
    assert_int_equal(count(EVENT_MEMORY_ERROR), 1);
    event = recorder_find(&machine->recorder, EVENT_MEMORY_ERROR, 0);
    assert_int_equal(event->memory_error.expected ^ event->memory_error.actual, 0x0400);
    assert_int_equal(event->memory_error.address % 512, 8);
    assert_int_equal(writing_tested(&machine->writing, 0), RANGE_MIB * MIB);
}

/* Two drives, one of them with two ranges, until stopped. */
static void two_drives(void **state)
{
    unsigned steps = 0;

    (void)state;
    set_up(512, 8);
    add_drive(4096, 6, 1);
    permit(1, 0, 100, 300);
    permit(1, 1, 500, 700);
    machine->config.once = false;
    assert_int_equal(writing_init(&machine->writing, &machine->config), OK);
    while (writing_tested(&machine->writing, 0) < RANGE_MIB * MIB ||
           machine->writing.drives[0].pass < 2 || machine->writing.drives[1].pass < 2) {
        assert_true(writing_step(&machine->writing));
        assert_true(++steps < STEPS_MAX);
    }
    writing_stop(&machine->writing);
    while (writing_step(&machine->writing))
        assert_true(++steps < STEPS_MAX);
    check_end();
    assert_int_equal(machine->recorder.count, 2);
    assert_int_equal(writing_tested(&machine->writing, 1), 1000 * 4096);
}

/* A write lost in a later pass, and a stretch harmed long after it was right. */
static void later_passes(void **state)
{
    struct write_drive *drive;
    unsigned steps = 0;
    uint64_t lba;

    (void)state;
    set_up(512, 8);
    drive = &machine->drives[0];
    lba = (FIRST_MIB + 9) * per_mib(0);
    machine->config.once = false;
    assert_int_equal(writing_init(&machine->writing, &machine->config), OK);
    while (machine->writing.drives[0].pass < 1) {
        assert_true(writing_step(&machine->writing));
        assert_true(++steps < STEPS_MAX);
    }
    memset(write_drive_block(drive, lba), 0, 512);
    while (count(EVENT_WRITE_ERROR) == 0) {
        assert_true(writing_step(&machine->writing));
        assert_true(++steps < STEPS_MAX);
    }
    assert_int_equal(error_number(0)->lba, lba);
    assert_int_equal(error_number(0)->fault, WRITE_CORRUPTED);
    assert_int_equal(error_number(0)->generation, 1);
    writing_stop(&machine->writing);
    while (writing_step(&machine->writing))
        ;
}

/* The power goes at 50 moments; the next run finds blocks that are torn, and no others. */
static void power_cuts(void **state)
{
    uint64_t random = 11;

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        struct write_drive *drive;
        bool torn = i % 2 == 1;
        uint64_t after;

        set_up(4096, i % 3 ? 8 : 1);
        drive = &machine->drives[0];
        after = prng_below(&random, (RANGE_MIB + 4) * per_mib(0));
        drive->fault = POWER_CUT;
        drive->fault_from = (uint32_t)after;
        drive->fault_bytes = torn ? 512 * (1 + (uint32_t)prng_below(&random, 7)) : 0;
        run();
        assert_int_equal(count(EVENT_WRITE_ERROR), 0);
        assert_int_equal(count(EVENT_NOT_TESTED), 1);

        write_drive_restart(drive);
        machine->sink = recorder_start(&machine->recorder);
        machine->config.run++;
        machine->config.verify_only = i % 4 >= 2;
        run();
        if (count(EVENT_WRITE_ERROR) != (size_t)torn)
            fail_msg("cut after %llu blocks, %u bytes: %zu errors", (unsigned long long)after,
                     drive->fault_bytes, count(EVENT_WRITE_ERROR));
        if (torn) {
            assert_int_equal(error_number(0)->fault, WRITE_TORN);
            assert_int_equal(error_number(0)->generation, 0);
            assert_true(error_number(0)->again);
        }
        assert_int_equal(drive->written == 0, machine->config.verify_only);
    }
}

/* An earlier run's block that went astray is found by the next one before it is overwritten. */
static void earlier_run_misplaced(void **state)
{
    struct write_drive *drive;

    (void)state;
    set_up(512, 8);
    drive = &machine->drives[0];
    run();
    assert_int_equal(count(EVENT_WRITE_ERROR), 0);
    memcpy(write_drive_block(drive, 20000), write_drive_block(drive, 10000), 512);
    machine->sink = recorder_start(&machine->recorder);
    machine->config.run++;
    run();
    assert_int_equal(count(EVENT_WRITE_ERROR), 1);
    assert_int_equal(error_number(0)->fault, WRITE_MISPLACED);
    assert_int_equal(error_number(0)->lba, 20000);
    assert_int_equal(error_number(0)->found_lba, 10000);
    assert_int_equal(count(EVENT_NOTE), 1);
}

/* A run with the number of an earlier one takes another: lost writes would not be seen. */
static void same_number(void **state)
{
    (void)state;
    set_up(512, 8);
    run();
    write_drive_restart(&machine->drives[0]);
    machine->sink = recorder_start(&machine->recorder);
    machine->drives[0].fault = WRITES_DROPPED;
    machine->drives[0].fault_times = 1;
    machine->drives[0].fault_lba = (FIRST_MIB + 3) * per_mib(0);
    run();
    assert_true(count(EVENT_WRITE_ERROR) >= 1);
    assert_int_equal(error_number(0)->fault, WRITE_LOST);
    assert_int_equal(error_number(0)->lba, machine->drives[0].fault_lba);
}

static void refuses(void **state)
{
    (void)state;
    set_up(512, 1);
    machine->permissions[0].may_write = false;
    assert_int_equal(writing_init(&machine->writing, &machine->config), ERR_REFUSED);
    assert_false(writing_step(&machine->writing));
    set_up(512, 1);
    machine->permissions[0].ranges[0].blocks += 4 * MIB / 512;
    assert_int_equal(writing_init(&machine->writing, &machine->config), ERR_REFUSED);
    machine->permissions[0].ranges[0].blocks = 0;
    assert_int_equal(writing_init(&machine->writing, &machine->config), ERR_REFUSED);
    machine->config.target_count = WRITING_DRIVES + 1;
    assert_int_equal(writing_init(&machine->writing, &machine->config), ERR_RANGE);
    assert_int_equal(machine->drives[0].written, 0);
    assert_int_equal(machine->recorder.count, 0);
}

/* Ranges of odd sizes, down to a single block. */
static void small_ranges(void **state)
{
    static const uint64_t sizes[] = {1, 2, 2047, 2048, 2049, 5 * 2048 + 3};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        set_up(512, i % 2 ? 8 : 1);
        permit(0, 0, 12345, sizes[i]);
        run();
        assert_int_equal(machine->recorder.count, 1);
        assert_int_equal(writing_tested(&machine->writing, 0), sizes[i] * 512);
    }
}

static void no_memory(void **state)
{
    unsigned steps = 0;

    (void)state;
    set_up(512, 1);
    while (pool_take(&machine->pool))
        ;
    assert_int_equal(writing_init(&machine->writing, &machine->config), OK);
    while (writing_step(&machine->writing))
        assert_true(++steps < STEPS_MAX);
    assert_int_equal(count(EVENT_NOT_TESTED), 1);
    assert_int_equal(machine->drives[0].written, 0);
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
    for (unsigned i = 0; i < 2; i++)
        write_drive_free(&machine->drives[i]);
    free(machine->memory);
    free(machine);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(healthy),      cmocka_unit_test(elsewhere),
        cmocka_unit_test(every_fault),  cmocka_unit_test(misplaced),
        cmocka_unit_test(unfilled),     cmocka_unit_test(given_up),
        cmocka_unit_test(many_errors),  cmocka_unit_test(memory_fails),
        cmocka_unit_test(two_drives),   cmocka_unit_test(later_passes),
        cmocka_unit_test(power_cuts),   cmocka_unit_test(earlier_run_misplaced),
        cmocka_unit_test(same_number),  cmocka_unit_test(refuses),
        cmocka_unit_test(small_ranges), cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests_name("writing", tests, make_machine, free_machine);
}
