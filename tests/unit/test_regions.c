/* Regions: every wrong word is counted in one of them, and none claims pages that are not bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/prng.h"
#include "stress/memory_run.h"
#include "stress/regions.h"
#include "tests/sim/memory_machine.h"

enum { MIB = 1024 * 1024, CHUNKS = 24, TURNS = 200000 };

/* A region's table as a report has it. */
static struct memory_region list[REGIONS_MAX + 1];
static size_t count;

static void fold(uint64_t address, uint64_t pages)
{
    const struct memory_region region = {
        .first = address, .last = address + 8, .words = 2, .pages = pages, .ones = 1};

    regions_fold(list, &count, REGIONS_MAX, &region);
}

static uint64_t words_in(const struct memory_region *regions, size_t number)
{
    uint64_t words = 0;

    for (size_t i = 0; i < number; i++)
        words += regions[i].words;
    return words;
}

/* In their order, and no two in one page or in pages that touch. */
static void assert_ordered(const struct memory_region *regions, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        assert_true(regions[i].first <= regions[i].last);
        assert_true(regions[i].pages <=
                    regions[i].last / REGION_PAGE - regions[i].first / REGION_PAGE + 1);
        if (i)
            assert_true(regions[i].first / REGION_PAGE > regions[i - 1].last / REGION_PAGE + 1);
    }
}

static void neighbours_are_one(void **state)
{
    (void)state;
    count = 0;
    fold(0x5000, 1);
    fold(0x7000, 1);
    assert_int_equal(count, 2);
    fold(0x6000, 1);
    assert_int_equal(count, 1);
    assert_int_equal(list[0].first, 0x5000);
    assert_int_equal(list[0].last, 0x7008);
    assert_int_equal(list[0].words, 6);
    assert_int_equal(list[0].pages, 3);
    regions_pass(list, count);
    fold(0x6000, 1); /* the same page in the next pass is no other */
    assert_int_equal(list[0].pages, 3);
    assert_ptr_equal(regions_find(list, count, 0x5FFF), &list[0]);
    assert_null(regions_find(list, count, 0x8000));
}

/* More places than entries: the nearest become one, the far one stays alone. */
static void nearest_are_joined(void **state)
{
    uint64_t seed = 7;

    (void)state;
    count = 0;
    for (unsigned i = 0; i < 5000; i++) {
        fold(prng_below(&seed, 1 << 20) * REGION_PAGE, 1);
        assert_ordered(list, count);
    }
    fold((uint64_t)1 << 40, 1);
    assert_int_equal(count, REGIONS_MAX);
    assert_int_equal(words_in(list, count), 2 * 5001);
    assert_int_equal(list[count - 1].first, (uint64_t)1 << 40);
    assert_int_equal(list[count - 1].pages, 1);
}

static void words_of_a_job(void **state)
{
    struct memory_regions regions;
    uint64_t seed = 3, page = UINT64_MAX;

    (void)state;
    memset(&regions, 0, sizeof(regions));
    for (unsigned i = 0; i < 100000; i++) {
        uint64_t address = (uint64_t)i * 256 + prng_below(&seed, 32) * 8;

        if (i % 1000 >= 500)
            continue;
        regions_add_word(&regions, JOB_REGIONS, address, 1, 2, address / REGION_PAGE != page);
        page = address / REGION_PAGE;
    }
    assert_int_equal(regions.count, JOB_REGIONS);
    assert_int_equal(words_in(regions.list, regions.count), 50000);
    assert_ordered(regions.list, regions.count);
    assert_int_equal(regions.list[0].ones, 1);
    assert_int_equal(regions.list[0].zeros, 2);
}

static void shapes(void **state)
{
    struct memory_region region = {.shape = SHAPE_UNKNOWN};

    (void)state;
    region_take_shape(&region, SHAPE_TRANSIENT, REPEAT_HELD);
    assert_int_equal(region.shape, SHAPE_TRANSIENT);
    region_take_shape(&region, SHAPE_STUCK_AT_1, REPEAT_FAILED);
    region_take_shape(&region, SHAPE_TRANSIENT, REPEAT_HELD);
    region_take_shape(&region, SHAPE_UNKNOWN, REPEAT_NOT_TRIED);
    assert_int_equal(region.shape, SHAPE_STUCK_AT_1);
    assert_int_equal(region.repeat, REPEAT_FAILED);
    region_take_shape(&region, SHAPE_COUPLING, REPEAT_FAILED);
    region_take_shape(&region, SHAPE_STUCK_AT_1, REPEAT_FAILED);
    assert_int_equal(region.shape, SHAPE_UNKNOWN);
}

/* ---- shapes that depend on who saw them */

static uint8_t last_shape;

static void keep_shape(void *context, struct event *event)
{
    (void)context;
    last_shape = event->memory_error.shape;
}

static void tell(struct memory_report *report, const char *test, enum memory_shape shape,
                 enum memory_repeat repeat, enum memory_shape expected)
{
    const struct memory_fault fault = {.address = 0x5008, .expected = 0, .actual = 1};
    const struct page_result result = {.repeat = repeat, .shape = shape};

    memory_report_fault(report, &fault, test, 0, &result);
    assert_string_equal(memory_shape_names[last_shape], memory_shape_names[expected]);
}

static void who_saw_it(void **state)
{
    const struct sink sink = {.emit = keep_shape};
    struct memory_report *report = malloc(sizeof(*report));

    (void)state;
    memory_report_init(report, &sink);
    tell(report, "dma", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_DMA_ONLY);
    tell(report, "sweep", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_DMA_ONLY);
    tell(report, "random", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_TRANSIENT);
    tell(report, "dma", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_TRANSIENT);
    tell(report, "random", SHAPE_COUPLING, REPEAT_FAILED, SHAPE_COUPLING);
    tell(report, "random", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_COUPLING); /* it is known now */
    memory_report_init(report, &sink);
    tell(report, "row-activation", SHAPE_TRANSIENT, REPEAT_HELD, SHAPE_DISTURBED);
    tell(report, "row-activation", SHAPE_STUCK_AT_0, REPEAT_FAILED, SHAPE_STUCK_AT_0);
    free(report);
}

/* ---- regions of a whole run */

static void run(struct memory_machine *machine, struct memory_run *memory)
{
    const struct memory_run_config config = {.means = machine_means(machine),
                                             .tests = MEMORY_TESTS_ALL,
                                             .seed = 5,
                                             .total = machine->pool.size};
    unsigned turns = 0;

    memory_run_init(memory, &config);
    while (memory_run_step(memory)) {
        assert_true(turns++ < TURNS);
        workers_poll(&machine->workers);
    }
}

static uint64_t told_words(const struct memory_machine *machine)
{
    const struct event *event;
    uint64_t words = 0;

    for (size_t n = 0; (event = machine_event(machine, EVENT_MEMORY_REGION, n)); n++)
        words += event->memory_region.words;
    return words;
}

/* A stuck line of a module: a bit of every word that the pool holds in its second half. */
static void hundreds_of_thousands(void **state)
{
    struct memory_machine *machine = calloc(1, sizeof(*machine));
    struct memory_run *memory = calloc(1, sizeof(*memory));
    const uint64_t bit = (uint64_t)1 << 41;
    const struct event *event;
    unsigned turns = 0;

    (void)state;
    machine_init(machine, MACHINE_INLINE, CHUNKS, MIB / 8);
    memory_run_init(memory, &(struct memory_run_config){.means = machine_means(machine),
                                                        .tests = MEMORY_TESTS_ALL,
                                                        .seed = 5,
                                                        .total = machine->pool.size});
    while (memory_run_step(memory)) {
        assert_true(turns++ < TURNS);
        workers_poll(&machine->workers);
        for (size_t i = machine->memory.count / 2; i < machine->memory.count; i++)
            machine->memory.words[i] |= bit;
    }
    assert_true(memory->jobs.report.words > 500000);
    assert_int_equal(told_words(machine), memory->jobs.report.words);
    assert_int_equal(machine->type_counts[EVENT_MEMORY_REGION], 1);
    event = machine_event(machine, EVENT_MEMORY_REGION, 0);
    assert_int_equal(event->memory_region.start, machine_address(machine->memory.count / 2));
    assert_int_equal(event->memory_region.end, machine_address(machine->memory.count) - 1);
    assert_int_equal(event->memory_region.pages, machine->memory.count / 2 / BLOCK_WORDS);
    assert_int_equal(event->memory_region.ones, bit);
    assert_int_equal(event->memory_region.zeros, 0);
    assert_non_null(strstr(event->memory_region.tests, "moving-inversions"));
    machine_free(machine);
    free(memory);
    free(machine);
}

/* Single stuck bits in many pages: as many regions as fit, every page and word in one. */
static void scattered(void **state)
{
    static const unsigned every[] = {1, 2, 3, 5, 17};

    (void)state;
    for (unsigned i = 0; i < sizeof(every) / sizeof(every[0]); i++) {
        struct memory_machine *machine = calloc(1, sizeof(*machine));
        struct memory_run *memory = calloc(1, sizeof(*memory));
        struct sim_memory_fault fault = {.kind = SIM_STUCK_AT_1, .bit = 9};
        uint64_t pages = 0, told = 0;
        const struct event *event;

        machine_init(machine, MACHINE_INLINE, MACHINE_CHUNKS_MAX, MACHINE_CHUNK);
        for (size_t word = 3; word < machine->memory.count; word += every[i] * BLOCK_WORDS) {
            fault.word = word;
            sim_memory_add(&machine->memory, &fault);
            pages++;
        }
        run(machine, memory);
        assert_int_equal(told_words(machine), memory->jobs.report.words);
        for (size_t n = 0; (event = machine_event(machine, EVENT_MEMORY_REGION, n)); n++)
            told += event->memory_region.pages;
        assert_int_equal(told, pages);
        assert_true(machine->type_counts[EVENT_MEMORY_REGION] <= REGIONS_MAX);
        assert_int_equal(machine_event(machine, EVENT_MEMORY_REGION, 0)->memory_region.shape,
                         SHAPE_STUCK_AT_1);
        machine_free(machine);
        free(memory);
        free(machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_are_one), cmocka_unit_test(nearest_are_joined),
        cmocka_unit_test(words_of_a_job),     cmocka_unit_test(shapes),
        cmocka_unit_test(who_saw_it),         cmocka_unit_test(hundreds_of_thousands),
        cmocka_unit_test(scattered),
    };

    return cmocka_run_group_tests_name("regions", tests, NULL, NULL);
}
