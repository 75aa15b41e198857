/* Evidence: what is added up, and what of the tables' limits; and the decoding of machine checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "diagnosis/evidence.h"
#include "tests/sim/events.h"

static struct evidence evidence;

static int setup(void **state)
{
    (void)state;
    evidence_init(&evidence);
    return 0;
}

static void add(const struct event *events, size_t count)
{
    for (size_t i = 0; i < count; i++)
        evidence_add(&evidence, &events[i]);
}

#define ADD(...)                                                                                   \
    do {                                                                                           \
        static const struct event events[] = {__VA_ARGS__};                                        \
        add(events, sizeof(events) / sizeof(events[0]));                                           \
    } while (0)

static void test_machine_checks(void **state)
{
    static const struct {
        uint64_t status;
        bool amd;
        enum mca_source source;
        bool uncorrected;
        uint32_t count;
        uint8_t channel;
        const char *what;
    } cases[] = {
        {0x9C00004000010090, false, MCA_MEMORY, false, 1, 0, "memory read"},
        {0x8C000080000100A3, false, MCA_MEMORY, false, 2, 3, "memory write"},
        {0x8C000080000110CF, false, MCA_MEMORY, false, 2, 15, "memory scrubbing"},
        {0xCC00004000000090, false, MCA_MEMORY, false, 2, 0, "memory read"},
        {0xBC00000000000090, false, MCA_MEMORY, true, 1, 0, "memory read"},
        {0x8C00000000000281, false, MCA_MEMORY, false, 1, 1, "memory used as a cache"},
        {0x8C00000000000151, false, MCA_PROCESSOR, false, 1, 15, "level 1 cache"},
        {0x8C0000000000017A, false, MCA_PROCESSOR, false, 1, 15, "level 2 cache"},
        {0x8C0000000000000D, false, MCA_PROCESSOR, false, 1, 15, "cache"},
        {0x8C00000000000014, false, MCA_PROCESSOR, false, 1, 15, "translation buffer (TLB)"},
        {0xBC00000000000005, false, MCA_PROCESSOR, true, 1, 15, "internal parity"},
        {0xBC00000000000400, false, MCA_OUTSIDE, true, 1, 15,
         "internal timer: nothing answered in time"},
        {0xBC00000000000E0B, false, MCA_OUTSIDE, true, 1, 15, "input/output"},
        {0xBC00000000000C0F, false, MCA_OUTSIDE, true, 1, 15, "bus or interconnect"},
        {0x9C2041000000011B, true, MCA_MEMORY_OR_CACHE, false, 1, 15, "memory or last level cache"},
        {0x9C2041000000011B, false, MCA_PROCESSOR, false, 0x104, 15, "last level cache"},
        {0x9C00410000000813, true, MCA_MEMORY_OR_CACHE, false, 1, 15, "memory or last level cache"},
        {0x9C00000000000402, false, MCA_PROCESSOR, false, 1, 15, "internal"},
        {0x1C00004000010090, false, MCA_NONE, false, 1, 0, "memory read"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mca_error error = mca_decode(cases[i].status, cases[i].amd);

        assert_int_equal(error.source, cases[i].source);
        assert_int_equal(error.uncorrected, cases[i].uncorrected);
        assert_int_equal(error.count, cases[i].count);
        assert_int_equal(error.channel, cases[i].channel);
        assert_string_equal(error.what, cases[i].what);
    }
}

static void test_pages(void **state)
{
    (void)state;
    ADD(WRONG(0x12345678, 0, 8, "random", REPEAT_FAILED),
        WRONG(0x12345010, 8, 0, "random", REPEAT_HELD),
        WRONG(0x12346010, 8, 0x18, "random", REPEAT_NOT_TRIED),
        WRONG(0x12345010, 1, 0, "moving-inversions", REPEAT_HELD));
    assert_int_equal(evidence.page_count, 2);
    assert_int_equal(evidence.pages[0].page, 0x12345000);
    assert_int_equal(evidence.pages[0].address, 0x12345678);
    assert_int_equal(evidence.pages[0].bits, 9);
    assert_int_equal(evidence.pages[0].tested_wrong, 3);
    assert_int_equal(evidence.pages[0].test_repeat, REPEAT_FAILED);
    assert_string_equal(evidence.pages[0].test, "random");
    assert_true(evidence.pages[0].other_test);
    assert_int_equal(evidence.pages[1].bits, 0x10);
    assert_false(evidence.pages[1].other_test);
}

static void test_full_page_table(void **state)
{
    struct event event = WRONG(0, 0, 1, "random", REPEAT_HELD);

    (void)state;
    for (unsigned i = 0; i < EVIDENCE_PAGES + 5; i++) {
        event.memory_error.address = (uint64_t)i * PAGE_SIZE;
        evidence_add(&evidence, &event);
    }
    assert_int_equal(evidence.page_count, EVIDENCE_PAGES);
    assert_int_equal(evidence.left_out, 5);
}

static void test_mismatch_classes(void **state)
{
    static const struct {
        enum mismatch_class class;
        struct event event;
    } cases[] = {
        {MISMATCH_COMPUTE, DIFFERS(3, .compute = true, .page = REPEAT_FAILED)},
        {MISMATCH_PAGE_FAILED, DIFFERS(3, .page = REPEAT_FAILED, .whole_sectors = 1)},
        {MISMATCH_UNSEEN, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ROUND_TRIP)},
        {MISMATCH_UNSEEN, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARRIVAL)},
        {MISMATCH_SECTORS_AGAIN,
         E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_ARRIVAL, .again = true)},
        {MISMATCH_IN_MEMORY, E(EVENT_MISMATCH, mismatch, .part = 3, .hop = HOP_COPY)},
        {MISMATCH_LEFTOVER, DIFFERS(3, .leftover = true, .whole_sectors = 1, .again = true)},
        {MISMATCH_SECTORS_AGAIN, DIFFERS(3, .whole_sectors = 1, .again = true)},
        {MISMATCH_SECTORS, DIFFERS(3, .whole_sectors = 1)},
        {MISMATCH_BITS, DIFFERS(3, .bits = 1, .again = true, .page = REPEAT_HELD)},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        evidence_add(&evidence, &cases[i].event);
        assert_int_equal(evidence.drives[0].mismatches[cases[i].class].count, 1);
    }
}

static void test_counters(void **state)
{
    uint64_t value = 0;

    (void)state;
    ADD(COUNTS(3, "media-errors", 5, 7), COUNTS(3, "pending-sectors", 2, 0));
    assert_int_equal(evidence_rise(&evidence.drives[0], "media-errors"), 2);
    assert_int_equal(evidence_rise(&evidence.drives[0], "pending-sectors"), 0);
    assert_int_equal(evidence_rise(&evidence.drives[0], "interface-crc"), 0);
    assert_true(evidence_state(&evidence.drives[0], "pending-sectors", &value));
    assert_int_equal(value, 0);
    assert_false(evidence_state(&evidence.drives[0], "interface-crc", &value));
}

/* A stretch is told when it is established and again when it ends. */
static void test_pace(void **state)
{
    (void)state;
    ADD(SLOW(3, 100, 3, true, true), SLOW(3, 100, 9, true, true), SLOW(3, 500, 4, false, false),
        SLOW(3, 900, 50, true, false), SLOW(3, 950, 2, true, true));
    assert_int_equal(evidence.drives[0].pace.stretches, 2);
    assert_int_equal(evidence.drives[0].pace.witnessed, 1);
    assert_int_equal(evidence.drives[0].pace.total_s, 13);
}

static void test_shared_bank(void **state)
{
    struct event event = CHECK(0, 7, 0x8C00004000000090, 0x1000, false);

    (void)state;
    event.time_us = 1000000;
    evidence_add(&evidence, &event);
    event.machine_check.processor = 1;
    event.time_us = 1500000;
    evidence_add(&evidence, &event);
    assert_int_equal(evidence.checks[0].in_run, 1);
    event.time_us = 60000000; /* long after: another error */
    evidence_add(&evidence, &event);
    assert_int_equal(evidence.check_count, 1);
    assert_int_equal(evidence.checks[0].in_run, 2);
}

static void test_samples_of_unknown_series(void **state)
{
    (void)state;
    ADD(READS(9, 5), LOW(9), FAN(1, 10), READS(1, 900000), READS(1, 0));
    assert_int_equal(evidence.series_count, 1);
    assert_int_equal(evidence.series[0].samples, 2);
    assert_int_equal(evidence.series[0].zeros, 1);
    assert_false(evidence_fan_turns(&evidence));
    assert_true(evidence_fan_turned(&evidence));
}

static void test_coverage_keeps_the_last_word(void **state)
{
    uint64_t total;

    (void)state;
    ADD(COVERAGE("memory", PART_ALL_MEMORY, 10, 100), COVERAGE("memory", PART_ALL_MEMORY, 90, 100),
        COVERAGE("imaging", PART_ALL_MEMORY, 50, 200));
    assert_int_equal(evidence.coverage_count, 2);
    assert_int_equal(evidence_tested(&evidence, PART_ALL_MEMORY, "memory", &total), 90);
    assert_int_equal(total, 100);
    assert_int_equal(evidence_tested(&evidence, PART_ALL_MEMORY, "imaging", &total), 50);
    assert_int_equal(evidence_tested(&evidence, 3, NULL, &total), 0);
    assert_int_equal(total, 0);
}

static void test_text_without_an_end(void **state)
{
    struct event event = DISK(3, "S", "P");

    (void)state;
    memset(event.part.name, 'x', sizeof(event.part.name));
    memset(event.part.serial, 'y', sizeof(event.part.serial));
    evidence_add(&evidence, &event);
    assert_int_equal(strlen(evidence.parts[3].name), NAME_SIZE - 1);
    assert_int_equal(strlen(evidence.parts[3].serial), SERIAL_SIZE - 1);
}

static void test_parts_beyond_the_table(void **state)
{
    (void)state;
    ADD(PART(EVIDENCE_PARTS, PART_FAN, "Fan"), E(EVENT_TYPES, note, .text = "x"));
    assert_int_equal(evidence.left_out, 1);
    assert_false(evidence_part(&evidence, EVIDENCE_PARTS)->known);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_machine_checks, setup),
        cmocka_unit_test_setup(test_pages, setup),
        cmocka_unit_test_setup(test_full_page_table, setup),
        cmocka_unit_test_setup(test_mismatch_classes, setup),
        cmocka_unit_test_setup(test_counters, setup),
        cmocka_unit_test_setup(test_pace, setup),
        cmocka_unit_test_setup(test_shared_bank, setup),
        cmocka_unit_test_setup(test_samples_of_unknown_series, setup),
        cmocka_unit_test_setup(test_coverage_keeps_the_last_word, setup),
        cmocka_unit_test_setup(test_text_without_an_end, setup),
        cmocka_unit_test_setup(test_parts_beyond_the_table, setup),
    };

    return cmocka_run_group_tests_name("evidence", tests, NULL, NULL);
}
