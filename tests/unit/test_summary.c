#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"
#include "report/summary.h"
#include "report/words.h"
#include "tests/sim/sample_run.h"

enum { PAGE_SIZE = 1 << 20, JOURNAL_SIZE = 8 << 20, COLUMNS = 79 };

static struct model model;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];
static char page[PAGE_SIZE];
static size_t page_length;

static int keep(void *context, const void *data, size_t size)
{
    (void)context;
    if (size >= PAGE_SIZE - page_length)
        return ERR_FULL;
    memcpy(page + page_length, data, size);
    page_length += size;
    page[page_length] = '\0';
    return OK;
}

static const struct output output = {.write = keep};

static void feed(void *context, struct event *event)
{
    (void)context;
    journal_append(&journal, event);
}

static const struct sink sink = {.emit = feed};

static int start(void **state)
{
    (void)state;
    memset(&model, 0, sizeof(model));
    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    page_length = 0;
    page[0] = '\0';
    return 0;
}

/* Writes the summary and holds every line to its columns and its end. */
static void write_summary(void)
{
    size_t column = 0;

    if (journal.length)
        model_build(&model, journal.data, journal.length);
    assert_int_equal(summary_write(&model, &output), OK);
    if (getenv("SHOW"))
        fwrite(page, 1, page_length, stdout);
    for (size_t i = 0; i < page_length; i++) {
        if (page[i] == '\r') {
            assert_int_equal(page[++i], '\n');
            column = 0;
            continue;
        }
        assert_in_range(page[i], ' ', '~');
        assert_true(++column <= COLUMNS);
    }
    assert_int_equal(column, 0);
}

static void says(const char *needle)
{
    if (!strstr(page, needle))
        fail_msg("not said: %s\nin:\n%s", needle, page);
}

static void keeps_its_order(void **state)
{
    static const char *const order[] = {
        "FAIL: a part is faulty, or very likely so.\r\n",
        "Assay 1.0.0, run 12, plan imaging, 2024-05-12 14:03:20 (zone unknown)",
        "Findings\r\n--------\r\n",
        "* Memory returns wrong bits (memory-bit-error)\r\n",
        "What to do: Replace or reseat the module in slot DIMM_B1.\r\n",
        "disk-media",
        "cooling-fan",
        "What was tested, and how much",
        "What was not tested",
        "pcie-aer: the firmware keeps these errors to itself",
        "Memory that no test looked at",
        "Of the memory that was free when Assay started:",
        "* Assay itself: 8.0 MiB, ranges: 1\r\n",
        "* left to the firmware: 1.0 MiB, ranges: 1\r\n",
        "* ranges too many to be told one by one: 128 KiB, ranges: 1\r\n",
        "The largest of these ranges:\r\n    0x7d000000 to 0x7d7fffff: 8.0 MiB, Assay itself",
        "    0x7e100000 to 0x7e1fffff: 1.0 MiB, left to the firmware",
        "    0x0 to 0x9ffff: 640 KiB, below 1 MiB (where processors start)",
        "Never free, by the firmware's map:\r\n* ACPI tables: 2.0 MiB, ranges: 1\r\n",
        "CPU_FAN: 218 rpm to 1800 rpm, BEYOND ITS LOWER LIMIT",
        "Drives",
        "Latency, phase imaging: median 416 us, 99 % 1.1 ms, longest 18 ms at LBA",
        "pending sectors: 8, at the start 0",
        "power-on hours: 20111\r\n",
        "interface CRC errors: 3, read at the end only",
        "Latency, phase imaging: median 5.1 ms, 99 % 28 ms, longest 14.9 s at",
        "Below half of its usual pace: 174 GiB to 291 GiB (at worst",
        "* Phase imaging: 812 MB/s. ",
        "Memory errors",
        "and 32 more",
        "Disk errors",
        "Write errors",
        "lost at LBA 4096, generation 3 should be",
        "unreadable at LBA 8192",
        "blocks that differed: 1",
        "reads far longer than the drive's others: 3",
        "Notes",
        "Run data",
        "seed=0x1234abcd5678ef01",
    };
    const char *at = page;

    (void)state;
    sample_run(&sink);
    write_summary();
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        at = strstr(at, order[i]);
        if (!at)
            fail_msg("missing or out of order: %s\nin:\n%s", order[i], page);
    }
}

static void verdicts_claim_no_more(void **state)
{
    static const struct {
        bool has_verdict;
        uint8_t overall;
        const char *first;
    } cases[] = {
        {true, OVERALL_PASS, "PASS: nothing faulty was found in what was tested.\r\n"},
        {true, OVERALL_FAIL, "FAIL: a part is faulty, or very likely so.\r\n"},
        {true, OVERALL_SUSPECT, "SUSPECT: a possible fault was seen, and not proven.\r\n"},
        {true, OVERALL_INCOMPLETE, "INCOMPLETE: the run did not test all"},
        {true, 99, "INCOMPLETE: "},
        {false, OVERALL_PASS, "INCOMPLETE: the run came to no verdict"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(state);
        model.has_verdict = cases[i].has_verdict;
        model.verdict.overall = cases[i].overall;
        write_summary();
        if (strncmp(page, cases[i].first, strlen(cases[i].first)) != 0)
            fail_msg("case %zu begins: %.60s", i, page);
    }
}

static void self_test_is_loud(void **state)
{
    struct event event = {.type = EVENT_RUN_START, .run_start.inject = "memory-bit"};

    (void)state;
    journal_append(&journal, &event);
    write_summary();
    assert_int_equal(strncmp(page, "*** SELF-TEST WITH INJECTED FAULTS: memory-bit\r\n", 48), 0);
}

static void hostile_text_stays_in_its_lines(void **state)
{
    (void)state;
    hostile_run(&sink);
    write_summary();
    assert_null(strstr(page, "\nASSAY VERDICT"));
    says("and 292 more"); /* of 300 memory errors */
}

static void coverage_never_rounds_up(void **state)
{
    static const struct {
        uint64_t tested, total;
        const char *expected;
    } cases[] = {
        {0, 0, "0 bytes of 0 bytes (0.0 %)"},
        {0, 4096, "0 bytes of 4.0 KiB (0.0 %)"},
        {4096, 4096, "4.0 KiB of 4.0 KiB (100.0 %)"},
        {999999, 1000000, "976 KiB of 976 KiB (99.9 %)"},
        {UINT64_MAX - 1, UINT64_MAX, "15 EiB of 15 EiB (99.9 %)"},
        {UINT64_MAX / 2, UINT64_MAX, "7.9 EiB of 15 EiB (50.0 %)"},
    };
    char words[WORDS_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_coverage coverage = {.tested = cases[i].tested, .total = cases[i].total};

        assert_string_equal(words_coverage(words, &coverage), cases[i].expected);
    }
}

static void rerun_names_plan_and_seed_once(void **state)
{
    static const struct {
        const char *options, *expected;
    } cases[] = {
        {"", "plan=quick seed=0x00000000000000ff"},
        {"plan=menu seed=random", "plan=quick seed=0x00000000000000ff"},
        {"a=1  plan=menu b=2", "plan=quick seed=0x00000000000000ff a=1 b=2"},
        {"seed=1 disks=none", "plan=quick seed=0x00000000000000ff disks=none"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_run_start run = {.plan = "quick", .seed = 0xFF};
        char buffer[600];
        struct text text = text_in(buffer, sizeof(buffer));

        copy_text(run.options, sizeof(run.options), cases[i].options);
        text_rerun(&text, &run);
        assert_string_equal(buffer, cases[i].expected);
    }
}

static void dates_never_pretend_a_zone(void **state)
{
    static const struct {
        bool zone_known;
        int16_t zone_minutes;
        uint16_t year;
        const char *expected;
    } cases[] = {
        {false, 0, 2024, "2024-01-02 03:04:05 (zone unknown)"},
        {true, 0, 2024, "2024-01-02 03:04:05 (UTC+00:00)"},
        {true, -210, 2024, "2024-01-02 03:04:05 (UTC-03:30)"},
        {true, 120, 0, "unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct event_run_start run = {.year = cases[i].year,
                                      .month = 1,
                                      .day = 2,
                                      .hour = 3,
                                      .minute = 4,
                                      .second = 5,
                                      .zone_known = cases[i].zone_known,
                                      .zone_minutes = cases[i].zone_minutes};
        char buffer[80];
        struct text text = text_in(buffer, sizeof(buffer));

        text_date(&text, &run);
        assert_string_equal(buffer, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(keeps_its_order, start),
        cmocka_unit_test_setup(verdicts_claim_no_more, start),
        cmocka_unit_test_setup(self_test_is_loud, start),
        cmocka_unit_test_setup(hostile_text_stays_in_its_lines, start),
        cmocka_unit_test_setup(coverage_never_rounds_up, start),
        cmocka_unit_test_setup(rerun_names_plan_and_seed_once, start),
        cmocka_unit_test_setup(dates_never_pretend_a_zone, start),
    };

    return cmocka_run_group_tests_name("summary", tests, NULL, NULL);
}
