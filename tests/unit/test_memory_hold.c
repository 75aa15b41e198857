/*
 * The memory that Assay holds, over made-up firmware: all of it is tested in the end, the firmware
 * never has less than its share, and firmware that breaks its word is found out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/prng.h"
#include "base/text.h"
#include "stress/memory_account.h"
#include "tests/sim/memory_firmware.h"

#define KIB ((uint64_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

enum { LIMIT = 8192, EVENTS = 2048 };

static struct sim_firmware firmware;
static struct memory_hold hold;
static struct extent lists[MEMORY_LISTS * LIMIT];
static struct chunk *chunks;
static size_t chunk_limit;

static struct event events[EVENTS];
static size_t event_count;

static const struct memory_wish everything = {.limit = UINT64_MAX & ~KIB * 4, .end = UINT64_MAX};

static void keep(void *context, struct event *event)
{
    (void)context;
    if (event_count < EVENTS)
        events[event_count] = *event;
    event_count++;
}

static const struct sink sink = {.emit = keep};

/* ---- machines */

static void lay(uint64_t start, uint64_t end, enum sim_memory_type type)
{
    sim_firmware_lay(&firmware, start, end, type);
}

/* As QEMU's q35: low memory, a hole, the rest from 4 GiB on. */
static void lay_q35(uint64_t size)
{
    uint64_t low = size > 2816 * MIB ? 2 * GIB : size;

    lay(0, 640 * KIB, SIM_FREE);
    lay(1 * MIB, low, SIM_FREE);
    lay(8 * MIB, 9 * MIB, SIM_ACPI);
    lay(low - 20 * MIB, low, SIM_BOOT_SERVICES);
    lay(low - 18 * MIB, low - 17 * MIB, SIM_FREE);
    lay(low - 12 * MIB, low - 10 * MIB, SIM_RUNTIME);
    lay(low - 3 * MIB, low - 2 * MIB, SIM_RESERVED);
    lay(0xE0000000, 0xE1000000, SIM_MMIO);
    if (size > low)
        lay(4 * GIB, 4 * GIB + size - low, SIM_FREE);
}

static void lay_1_gib(void)
{
    lay_q35(GIB);
}

static void lay_8_gib(void)
{
    lay_q35(8 * GIB);
}

/* Every other 64 KiB is the firmware's: more ranges than any table of fixed size would have. */
static void lay_fragments(void)
{
    lay_q35(2 * GIB);
    for (unsigned i = 0; i < 1500; i++)
        lay(64 * MIB + i * 128 * KIB, 64 * MIB + i * 128 * KIB + 64 * KIB, SIM_BOOT_SERVICES);
}

static void lay_mostly_above(void)
{
    lay_q35(6 * GIB);
    lay(1 * MIB, 2 * GIB, SIM_RESERVED);
    lay(16 * MIB, 56 * MIB, SIM_FREE);
}

static void lay_tiny(void)
{
    lay(0, 640 * KIB, SIM_FREE);
    lay(1 * MIB, 15 * MIB, SIM_FREE);
    lay(15 * MIB, 16 * MIB, SIM_BOOT_SERVICES);
}

static void lay_unsorted(void)
{
    lay_fragments();
    firmware.unsorted = true;
}

static const struct {
    const char *name;
    void (*lay)(void);
    uint64_t least_percent; /* of the memory that must be tested */
} machines[] = {
    {"1 GiB", lay_1_gib, 97},         {"8 GiB", lay_8_gib, 99},
    {"fragments", lay_fragments, 97}, {"most above 4 GiB", lay_mostly_above, 97},
    {"tiny", lay_tiny, 80},           {"unsorted", lay_unsorted, 97},
};

static void begin(void (*lay_out)(void))
{
    sim_firmware_init(&firmware);
    lay_out();
    assert_int_equal(memory_hold_begin(&hold, &firmware.source, lists, LIMIT), OK);
    sim_firmware_watch(&firmware);
    chunk_limit = memory_hold_chunks(&hold);
    chunks = calloc(chunk_limit, sizeof(*chunks));
    event_count = 0;
}

static void end(void)
{
    assert_int_equal(firmware.wrong_calls, 0);
    free(chunks);
    chunks = NULL;
}

static void take(const struct memory_wish *wish)
{
    assert_int_equal(memory_hold_take(&hold, wish, chunks, chunk_limit, &sink), OK);
}

/* The tests came over all of it. */
static uint64_t test(struct pool *pool)
{
    uint64_t size = 0;

    for (size_t i = 0; i < pool->count; i++) {
        struct chunk *chunk = &pool->chunks[i];

        assert_int_equal(pool->chunks[i].tested, false);
        if (chunk->state == CHUNK_TAKEN || !chunk->size)
            continue;
        for (uint64_t at = 0; at < chunk->size; at += FIRMWARE_PAGE)
            assert_int_equal(firmware.types[(chunk->address + at) / FIRMWARE_PAGE], SIM_LOADER);
        chunk->tested = true;
        size += chunk->size;
    }
    return size;
}

/* A whole memory phase; the bytes that it tested. */
static uint64_t run_phase(void)
{
    struct pool *pool = &hold.pool;
    uint64_t tested = test(pool);

    for (unsigned part = 0; part < MEMORY_PARTS; part++) {
        pool = memory_hold_exchange(&hold, &sink);
        if (!pool)
            break;
        tested += test(pool);
    }
    return tested;
}

static void account(bool cut)
{
    const struct memory_nodes none = {.count = 0};

    event_count = 0;
    memory_account(&hold, cut, &none, &sink);
    assert_true(event_count <= UNTESTED_RANGES_MAX);
}

static uint64_t untested(bool counted)
{
    uint64_t size = 0;

    for (size_t i = 0; i < event_count; i++) {
        const struct event_untested_range *range = &events[i].untested_range;

        if (events[i].type == EVENT_UNTESTED_RANGE && range->counted == counted)
            size += range->size;
    }
    return size;
}

static uint64_t held_by(enum memory_holder holder)
{
    uint64_t size = 0;

    for (size_t i = 0; i < event_count; i++)
        if (events[i].type == EVENT_UNTESTED_RANGE && events[i].untested_range.holder == holder)
            size += events[i].untested_range.size;
    return size;
}

static const char *told(const char *subsystem)
{
    for (size_t i = 0; i < event_count; i++)
        if (events[i].type == EVENT_NOT_TESTED &&
            text_equal(events[i].not_tested.subsystem, subsystem))
            return events[i].not_tested.reason;
    return NULL;
}

/* Bytes of a machine's free memory, before anything was taken. */
static uint64_t share(uint64_t total)
{
    return total / 8 < 64 * MIB ? total / 8 / FIRMWARE_PAGE * FIRMWARE_PAGE : 64 * MIB;
}

static void everything_is_tested(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
        uint64_t total, tested;

        begin(machines[i].lay);
        total = memory_hold_total(&hold);
        take(&everything);
        tested = run_phase();
        assert_int_equal(event_count, 0);
        if (tested < total / 100 * machines[i].least_percent)
            fail_msg("%s: %llu of %llu", machines[i].name, (unsigned long long)tested,
                     (unsigned long long)total);
        account(false);
        assert_int_equal(tested, memory_hold_tested(&hold));
        assert_int_equal(tested + untested(true), memory_hold_counted(&hold));
        assert_int_equal(memory_hold_counted(&hold), total);
        assert_true(firmware.least_all >= share(total));
        if (i != 3)
            assert_true(firmware.least_low >= share(total) / 2);
        end();
    }
}

static void assert_kept(uint64_t total)
{
    assert_true(firmware.least_all >= share(total));
    assert_true(firmware.least_low >= share(total) / 2);
}

/* Tested and not tested are all there was. */
static void assert_whole(uint64_t tested, bool cut)
{
    account(cut);
    assert_int_equal(tested, memory_hold_tested(&hold));
    assert_int_equal(tested + untested(true), memory_hold_counted(&hold));
}

static void every_run_of_a_boot_tests_everything(void **state)
{
    (void)state;
    begin(lay_1_gib);
    for (unsigned pass = 0; pass < 12; pass++) {
        uint64_t tested;

        take(&everything);
        tested = run_phase();
        assert_true(tested >= memory_hold_total(&hold) / 100 * 97);
        assert_int_equal(event_count, 0);
        assert_whole(tested, false);
        event_count = 0;
    }
    assert_kept(memory_hold_total(&hold));
    end();
}

/* Esc in either part; the next run finds everything as it should be. */
static void a_cut_run_is_told_and_does_no_harm(void **state)
{
    (void)state;
    for (unsigned part = 0; part < 2; part++) {
        uint64_t tested = 0;
        struct pool *pool;

        begin(lay_1_gib);
        take(&everything);
        pool = &hold.pool;
        if (part == 1) {
            tested = test(pool);
            pool = memory_hold_exchange(&hold, &sink);
            assert_non_null(pool);
        }
        for (size_t i = 0; i < pool->count / 2; i++) {
            pool->chunks[i].tested = true;
            tested += pool->chunks[i].size;
        }
        assert_whole(tested, true);
        assert_true(held_by(HELD_CUT) > 30 * MIB);
        assert_int_equal(held_by(HELD_UNFINISHED), 0);
        take(&everything);
        assert_whole(run_phase(), false);
        assert_int_equal(held_by(HELD_CUT), 0);
        assert_kept(memory_hold_total(&hold));
        end();
    }
}

static bool is_ours(uint64_t address, uint64_t size)
{
    for (uint64_t at = 0; at < size; at += FIRMWARE_PAGE)
        if (firmware.types[(address + at) / FIRMWARE_PAGE] != SIM_LOADER)
            return false;
    return true;
}

static const struct chunk sorts[] = {
    {.state = CHUNK_TAKEN, .tested = false}, /* a processor has it, and does not come back */
    {.state = CHUNK_TAKEN, .tested = true},  /* the same, after an earlier test */
    {.state = CHUNK_RETIRED, .tested = true},
    {.state = CHUNK_FREE, .tested = false}, /* nobody came to test it */
    {.state = CHUNK_FREE, .tested = true},
};

enum { SORTS = sizeof(sorts) / sizeof(sorts[0]), GOOD = SORTS - 1 };

/* Only memory that nobody has and that was found good is given back. While somebody has a chunk,
 * every chunk stays at its place in the table, in later runs too, and what failed is not lent. */
static void what_is_held_or_failed_is_not_given_back(void **state)
{
    static struct chunk before[4096];
    size_t count;
    uint64_t tested = 0;
    struct pool *part;

    (void)state;
    begin(lay_1_gib);
    take(&everything);
    count = hold.pool.count;
    for (size_t i = 0; i < count; i++) {
        chunks[i].state = sorts[i % SORTS].state;
        chunks[i].tested = sorts[i % SORTS].tested;
        tested += chunks[i].tested ? chunks[i].size : 0;
        before[i] = chunks[i];
    }
    while ((part = memory_hold_exchange(&hold, &sink)) != NULL)
        tested += test(part);
    assert_whole(tested, false);
    assert_true(held_by(HELD_UNFINISHED) > 300 * MIB);
    take(&everything);
    for (size_t i = 0; i < count; i++) {
        if (i % SORTS == GOOD)
            continue;
        assert_int_equal(chunks[i].address, before[i].address);
        assert_int_equal(chunks[i].state, before[i].state);
        assert_true(is_ours(chunks[i].address, chunks[i].size));
    }
    assert_true(hold.pinned);
    assert_kept(memory_hold_total(&hold));
    end();
}

/* A processor has a chunk that failed, which shows only in what the run was told. */
static void a_pinned_table_keeps_its_places(void **state)
{
    uint64_t last;
    size_t count;

    (void)state;
    begin(lay_1_gib);
    take(&everything);
    count = hold.pool.count;
    last = chunks[count - 1].address;
    chunks[0].state = CHUNK_RETIRED;
    run_phase();
    hold.pinned = true;
    take(&everything);
    assert_int_equal(chunks[0].state, CHUNK_RETIRED);
    assert_true(hold.pool.count > count);
    assert_true(chunks[count - 1].address == last || chunks[count - 1].state == CHUNK_GONE);
    hold.pinned = false;
    take(&everything);
    assert_int_equal(chunks[0].state, CHUNK_FREE);
    for (size_t i = 0; i < hold.pool.count; i++)
        assert_int_equal(chunks[i].state, CHUNK_FREE);
    end();
}

static void a_refused_range_is_told(void **state)
{
    (void)state;
    begin(lay_1_gib);
    firmware.refuse_start = 100 * MIB + 8192;
    firmware.refuse_end = 101 * MIB;
    take(&everything);
    assert_non_null(told("memory-refused"));
    assert_whole(run_phase(), false);
    assert_int_equal(held_by(HELD_REFUSED), MIB - 8192);
    assert_kept(memory_hold_total(&hold));
    end();
}

/* Refused only in the rotation: the firmware keeps its own, and the rest is tested. */
static void a_refused_exchange_is_told(void **state)
{
    uint64_t tested;

    (void)state;
    begin(lay_1_gib);
    take(&everything);
    firmware.refuse_end = UINT64_MAX;
    tested = run_phase();
    assert_non_null(told("memory-left"));
    assert_whole(tested, false);
    assert_true(held_by(HELD_REFUSED) >= 64 * MIB);
    assert_kept(memory_hold_total(&hold));
    assert_true(firmware.claims < 40000);
    end();
}

static void feigned_claims_are_not_tested(void **state)
{
    (void)state;
    begin(lay_1_gib);
    firmware.feign_start = 200 * MIB;
    firmware.feign_end = 200 * MIB + 4096;
    take(&everything);
    assert_true(held_by(HELD_REFUSED) == 0);
    assert_whole(run_phase(), false); /* test() looks at whose each page is */
    assert_true(held_by(HELD_REFUSED) >= 4096);
    end();
}

static void memory_that_is_not_taken_back_stays(void **state)
{
    (void)state;
    for (unsigned feigned = 0; feigned < 2; feigned++) {
        uint64_t tested;

        begin(lay_1_gib);
        take(&everything);
        firmware.refuses_release = !feigned;
        firmware.feigns_release = feigned;
        tested = run_phase();
        assert_non_null(told("memory-left"));
        assert_whole(tested, false);
        assert_true(held_by(HELD_LEFT) >= 64 * MIB);
        assert_kept(memory_hold_total(&hold));
        end();
    }
}

static void a_map_that_fails_ends_the_rotation(void **state)
{
    (void)state;
    for (unsigned at = 2; at < 9; at++) {
        begin(lay_1_gib);
        firmware.map_fails_at = at;
        if (!memory_hold_take(&hold, &everything, chunks, chunk_limit, &sink))
            run_phase();
        else
            assert_int_equal(hold.pool.count, 0);
        account(false);
        assert_int_equal(memory_hold_tested(&hold) + untested(true), memory_hold_counted(&hold));
        assert_kept(memory_hold_total(&hold));
        end();
    }
}

/* It takes a page whenever it is asked: what is left to it is not a page too little. */
static void firmware_may_take_pages_meanwhile(void **state)
{
    uint64_t tested;

    (void)state;
    begin(lay_8_gib);
    firmware.steals = 5;
    take(&everything);
    tested = run_phase();
    assert_true(firmware.stolen > 0);
    assert_whole(tested, false);
    assert_true(held_by(HELD_BY_BOOT_SERVICES) >= firmware.stolen);
    assert_kept(memory_hold_total(&hold));
    end();
}

static void slow_memory_is_left_out(void **state)
{
    (void)state;
    begin(lay_8_gib);
    firmware.slow_start = 6 * GIB;
    firmware.slow_end = 6 * GIB + 256 * MIB;
    take(&everything);
    assert_non_null(told("memory-uncached"));
    assert_whole(run_phase(), false);
    assert_in_range(held_by(HELD_UNCACHED), 192 * MIB, 320 * MIB);
    end();
}

static void only_what_was_asked_for(void **state)
{
    static const struct memory_wish wishes[] = {
        {.limit = 100 * MIB, .end = UINT64_MAX},
        {.limit = 950 * MIB, .end = UINT64_MAX},
        {.limit = UINT64_MAX, .start = 100 * MIB, .end = 100 * MIB + 4096},
        {.limit = UINT64_MAX, .start = 100 * MIB + 1, .end = 900 * MIB - 1},
        {.limit = 16 * MIB, .start = 100 * MIB, .end = 900 * MIB},
    };
    static const uint64_t sizes[] = {100 * MIB, 950 * MIB, 4096, 800 * MIB - 8192, 16 * MIB};

    (void)state;
    for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
        uint64_t tested;

        begin(lay_1_gib);
        take(&wishes[i]);
        tested = run_phase();
        assert_whole(tested, false);
        assert_int_equal(tested, sizes[i]);
        assert_int_equal(memory_hold_counted(&hold), sizes[i]);
        assert_true(held_by(HELD_UNASKED) > 0);
        assert_kept(memory_hold_total(&hold));
        end();
    }
}

static void more_ranges_than_events_are_summed(void **state)
{
    uint64_t held;

    (void)state;
    begin(lay_fragments);
    held = 1500 * 64 * KIB;
    take(&everything);
    assert_whole(run_phase(), false);
    assert_true(held_by(HELD_BY_MANY) > 0);
    assert_true(held_by(HELD_BY_BOOT_SERVICES) + held_by(HELD_BY_MANY) >= held);
    end();
}

static void nodes_add_up(void **state)
{
    static struct extent list[4];
    static const uint32_t domains[] = {0, 7};
    struct extents ranges;
    const struct memory_nodes nodes = {.ranges = &ranges, .domain = domains, .count = 2};
    uint64_t tested = 0, total = 0;

    (void)state;
    extents_init(&ranges, list, 4);
    extents_paint(&ranges, 0, 5 * GIB, 1);
    extents_paint(&ranges, 5 * GIB, 12 * GIB, 2);
    begin(lay_8_gib);
    take(&everything);
    run_phase();
    memory_account(&hold, false, &nodes, &sink);
    for (size_t i = 0; i < event_count; i++) {
        if (events[i].type != EVENT_COVERAGE)
            continue;
        assert_string_equal(events[i].coverage.phase, tested ? "memory node 7" : "memory node 0");
        tested += events[i].coverage.tested;
        total += events[i].coverage.total;
    }
    assert_int_equal(tested, memory_hold_tested(&hold));
    assert_int_equal(total, memory_hold_total(&hold));
    end();
}

static void a_table_too_small_is_an_error(void **state)
{
    (void)state;
    sim_firmware_init(&firmware);
    lay_fragments();
    assert_int_equal(memory_hold_begin(&hold, &firmware.source, lists, 100), ERR_FULL);
    firmware.map_fails_at = 1;
    assert_int_equal(memory_hold_begin(&hold, &firmware.source, lists, LIMIT), ERR_IO);
}

/* Whatever the map and whatever the firmware does: the account is whole and the rule is kept. */
static void random_machines(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        uint64_t random = seed, total;

        sim_firmware_init(&firmware);
        lay_q35((1 + prng_below(&random, 4)) * GIB);
        for (unsigned i = 0; i < 200; i++) {
            uint64_t start = MIB + prng_below(&random, 2 * GIB) / 4096 * 4096;

            lay(start, start + (1 + prng_below(&random, 300)) * 4096,
                (enum sim_memory_type)(prng_below(&random, 2) ? SIM_FREE : SIM_BOOT_SERVICES));
        }
        firmware.unsorted = seed & 1;
        assert_int_equal(memory_hold_begin(&hold, &firmware.source, lists, LIMIT), OK);
        sim_firmware_watch(&firmware);
        chunk_limit = memory_hold_chunks(&hold);
        chunks = calloc(chunk_limit, sizeof(*chunks));
        total = memory_hold_total(&hold);
        for (unsigned pass = 0; pass < 2; pass++) {
            event_count = 0;
            firmware.refuse_start = prng_below(&random, 4 * GIB);
            firmware.refuse_end = firmware.refuse_start + prng_below(&random, 3) * MIB;
            firmware.feign_start = prng_below(&random, 4 * GIB);
            firmware.feign_end = firmware.feign_start + prng_below(&random, 3) * 4096;
            take(&everything);
            assert_whole(run_phase(), false);
        }
        assert_kept(total);
        end();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_tested),
        cmocka_unit_test(every_run_of_a_boot_tests_everything),
        cmocka_unit_test(a_cut_run_is_told_and_does_no_harm),
        cmocka_unit_test(what_is_held_or_failed_is_not_given_back),
        cmocka_unit_test(a_pinned_table_keeps_its_places),
        cmocka_unit_test(a_refused_range_is_told),
        cmocka_unit_test(a_refused_exchange_is_told),
        cmocka_unit_test(feigned_claims_are_not_tested),
        cmocka_unit_test(memory_that_is_not_taken_back_stays),
        cmocka_unit_test(a_map_that_fails_ends_the_rotation),
        cmocka_unit_test(firmware_may_take_pages_meanwhile),
        cmocka_unit_test(slow_memory_is_left_out),
        cmocka_unit_test(only_what_was_asked_for),
        cmocka_unit_test(more_ranges_than_events_are_summed),
        cmocka_unit_test(nodes_add_up),
        cmocka_unit_test(a_table_too_small_is_an_error),
        cmocka_unit_test(random_machines),
    };

    return cmocka_run_group_tests_name("memory_hold", tests, NULL, NULL);
}
