/*
 * Whole runs of the memory plan over a made-up machine whose firmware has part of the memory: all
 * of it is tested in turn, and told to the page; with Esc, with processors that do not come back,
 * and in a second run of the same boot.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "stress/tests.h"
#include "tests/sim/memory_firmware.h"
#include "tests/sim/run_machine.h"

enum { LIMIT = 1024, CHUNKS = 2048 };

static const uint64_t SECOND = 1000000;
static const uint64_t SIZE = (uint64_t)RUN_MACHINE_CHUNKS * CHUNK_SIZE;

static struct run_machine machine;
static struct sim_firmware firmware;
static struct memory_hold hold;
static struct extent lists[MEMORY_LISTS * LIMIT];
static struct chunk chunks[CHUNKS];

static void nothing(void *context, struct event *event)
{
    (void)context, (void)event;
}

static const struct sink quiet = {.emit = nothing};

static void take(void)
{
    const struct memory_wish wish = {.limit = UINT64_MAX - 4095, .end = UINT64_MAX};

    assert_int_equal(memory_hold_take(&hold, &wish, chunks, CHUNKS, &quiet), OK);
    machine.machine.memory = &hold;
    machine.machine.pool = &hold.pool;
    machine.machine.memory_total = memory_hold_counted(&hold);
}

/* A job takes 20 ms, so that keys are looked at between any two; nothing to do takes its time. */
static void slowly(void *context)
{
    (void)context;
    sim_clock_pass(&machine.time, SECOND / 50);
}

static void (*poll_healthy)(void *context);

static void poll(void *context)
{
    poll_healthy(context);
    if (machine.workers_stop_us && machine.time.now_us >= machine.workers_stop_us)
        sim_clock_pass(&machine.time, SECOND / 10);
}

static void begin(void)
{
    run_machine_init(&machine);
    poll_healthy = machine.machine.workers.poll;
    machine.machine.workers.poll = poll;
    sim_firmware_init(&firmware);
    sim_firmware_lay(&firmware, RUN_MACHINE_ADDRESS, RUN_MACHINE_ADDRESS + SIZE, SIM_FREE);
    sim_firmware_lay(&firmware, RUN_MACHINE_ADDRESS, RUN_MACHINE_ADDRESS + 3 * 4096, SIM_ACPI);
    firmware.source.shift = (uintptr_t)machine.memory - RUN_MACHINE_ADDRESS;
    assert_int_equal(memory_hold_begin(&hold, &firmware.source, lists, LIMIT), OK);
    sim_firmware_watch(&firmware);
    take();
}

static enum overall run(void)
{
    const struct run_config config = {.plan = "memory", .seed = 7, .memory_tests = 7, .skip = ""};

    return run_machine_run(&machine, &config);
}

static uint64_t untested(enum memory_holder holder)
{
    uint64_t size = 0;

    for (size_t i = 0; i < machine.model.untested_rows.kept; i++) {
        const struct event_untested_range *range = &machine.model.untested_ranges[i];

        if (range->counted && (holder == HOLDERS || range->holder == holder))
            size += range->size;
    }
    return size;
}

static const struct event_coverage *coverage(void)
{
    assert_int_equal(machine.model.coverages[0].coverage.part, PART_ALL_MEMORY);
    assert_string_equal(machine.model.coverages[0].coverage.phase, "memory");
    return &machine.model.coverages[0].coverage;
}

static void assert_whole(void)
{
    assert_int_equal(coverage()->tested + untested(HOLDERS), coverage()->total);
    assert_int_equal(coverage()->total, SIZE - 3 * 4096);
    assert_true(firmware.least_all >= (SIZE - 3 * 4096) / 8 / 4096 * 4096);
    assert_int_equal(firmware.wrong_calls, 0);
}

static bool is_told(const char *subsystem)
{
    for (size_t i = 0; i < machine.model.not_tested_rows.kept; i++) {
        if (text_equal(machine.model.not_tested[i].not_tested.subsystem, subsystem))
            return true;
    }
    return false;
}

static void all_of_it_is_tested_in_every_run(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(run(), OVERALL_PASS);
        assert_whole();
        assert_int_equal(coverage()->tested, coverage()->total);
        assert_false(is_told("memory-left"));
        take();
    }
    run_machine_free(&machine);
}

static void a_bad_page_that_was_left_is_found(void **state)
{
    uint64_t address = RUN_MACHINE_ADDRESS + SIZE - 3 * 4096 + 64;

    (void)state;
    begin();
    assert_null(pool_find(&hold.pool, address));
    machine.stuck_word = (uint64_t *)(void *)(machine.memory + (address - RUN_MACHINE_ADDRESS));
    assert_int_equal(run(), OVERALL_FAIL);
    assert_whole();
    assert_int_equal(machine.model.memory_errors[0].memory_error.address, address);
    assert_non_null(pool_find(&hold.pool, address));
    run_machine_free(&machine);
}

/* At the moments of a whole run: some lie in the first part, some in the second. */
static void esc_in_the_middle(void **state)
{
    enum { ESCAPES = 12 };
    bool first = false, second = false;
    uint64_t phase_us;

    (void)state;
    begin();
    machine.workers.between = slowly;
    run();
    phase_us = machine.model.end_us;
    run_machine_free(&machine);
    for (unsigned i = 0; i < ESCAPES; i++) {
        begin();
        machine.workers.between = slowly;
        machine.escape_us = machine.time.now_us + i * phase_us / ESCAPES;
        if (run() == OVERALL_INCOMPLETE) {
            first |= untested(HELD_LEFT) > 0;
            second |= untested(HELD_LEFT) == 0;
        }
        assert_whole();
        take();
        machine.escape_us = 0;
        assert_int_equal(run(), OVERALL_PASS);
        assert_whole();
        run_machine_free(&machine);
    }
    assert_true(first && second);
}

static void processors_that_do_not_come_back(void **state)
{
    (void)state;
    for (unsigned at = 0; at < 8; at++) {
        begin();
        machine.workers_stop_us = machine.time.now_us + 1 + at * SECOND / 200;
        run();
        assert_whole();
        run_machine_free(&machine);
    }
}

static void firmware_that_takes_nothing_back(void **state)
{
    (void)state;
    begin();
    firmware.refuses_release = true;
    run();
    assert_whole();
    assert_true(untested(HELD_LEFT) >= SIZE / 8);
    assert_true(is_told("memory-left"));
    run_machine_free(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_of_it_is_tested_in_every_run),
        cmocka_unit_test(a_bad_page_that_was_left_is_found),
        cmocka_unit_test(esc_in_the_middle),
        cmocka_unit_test(processors_that_do_not_come_back),
        cmocka_unit_test(firmware_that_takes_nothing_back),
    };

    return cmocka_run_group_tests_name("run_memory", tests, NULL, NULL);
}
