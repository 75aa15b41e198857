/* What the reports say of memory: regions, pages tested again, corrected errors by bank, module and
 * minute, and how to run each again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "report/console.h"
#include "report/html.h"
#include "report/journal.h"
#include "report/ocp.h"
#include "report/summary.h"
#include "tests/sim/events.h"

enum { JOURNAL_SIZE = 1 << 20, PAGE_SIZE_MAX = 1 << 20 };

#define GIB ((uint64_t)1 << 30)
#define RERUN "plan=memory range=140001000-140001fff tests=random seed=0x0000000000abcdef"

static struct model model;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];
static char page[PAGE_SIZE_MAX];
static size_t length;

static void put(const char *bytes, size_t size)
{
    assert_true(size < sizeof(page) - length);
    memcpy(page + length, bytes, size);
    length += size;
    page[length] = '\0';
}

static int to_page(void *context, const void *data, size_t size)
{
    (void)context;
    put(data, size);
    return OK;
}

/* Lines as one, so that a sentence can be looked for across their ends. */
static void line_to_page(void *context, const char *line)
{
    (void)context;
    while (*line == ' ')
        line++;
    put(" ", 1);
    put(line, strlen(line));
}

static void add(uint64_t seconds, struct event event)
{
    event.time_us = seconds * 1000000;
    assert_int_equal(journal_append(&journal, &event), OK);
}

static int begin(void **state)
{
    (void)state;
    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    length = 0;
    page[0] = '\0';
    add(0, (struct event)E(EVENT_RUN_START, run_start, .plan = "imaging", .seed = 0xABCDEF));
    return 0;
}

static void write_with(int (*write)(const struct model *model, const struct output *output))
{
    const struct output output = {.write = to_page};

    length = 0;
    assert_int_equal(model_build(&model, journal.data, journal.length), OK);
    assert_int_equal(write(&model, &output), OK);
}

/* The summary on one line. */
static void write_summary(void)
{
    size_t to = 0;

    write_with(summary_write);
    for (size_t i = 0; i < length; i++) {
        bool blank = page[i] == '\r' || page[i] == '\n' || page[i] == ' ';

        if (!blank)
            page[to++] = page[i];
        else if (to && page[to - 1] != ' ')
            page[to++] = ' ';
    }
    page[to] = '\0';
}

static void says(const char *words)
{
    if (!strstr(page, words))
        fail_msg("not said: %s\n%s", words, page);
}

static void write_console(void)
{
    struct journal_reader reader = journal_read_from(journal.data, journal.length);
    const struct lines lines = {.put = line_to_page};
    static struct console console;
    struct event event;

    length = 0;
    console_init(&console, &lines);
    while (journal_read(&reader, &event))
        console_event(&console, &event);
}

static void add_memory(void)
{
    add(10, (struct event)E(EVENT_MEMORY_ERROR, memory_error, .address = 0x140001238, .expected = 0,
                            .actual = 8, .test = "random", .repeat = REPEAT_FAILED,
                            .shape = SHAPE_STUCK_AT_1));
    add(20, (struct event)E(EVENT_MEMORY_REGION, memory_region, .start = 0x140001238,
                            .end = 0x14000123f, .words = 12345, .pages = 1, .ones = 8,
                            .shape = SHAPE_STUCK_AT_1, .repeat = REPEAT_FAILED, .tests = "random"));
    add(90, (struct event)E(EVENT_MEMORY_RETEST, memory_retest, .address = 0x140001000,
                            .repeat = REPEAT_HELD, .shape = SHAPE_HOT_ONLY, .has_temperature = true,
                            .temperature = 41000));
}

static void memory_in_the_summary(void **state)
{
    (void)state;
    add_memory();
    write_summary();
    says("test random; stuck at 1");
    says("0x140001238 to 0x14000123f: 12345 wrong words in one page, read 1 for 0: bits 0x8; stuck "
         "at 1; tests random");
    says("To find it again: " RERUN);
    says("page 0x140001000: held at 41.0 C; wrong only when it was warm");
}

static void memory_in_html(void **state)
{
    (void)state;
    add_memory();
    write_with(html_write);
    says("<h2>Regions of memory errors: 1</h2>");
    says("12345");
    says(RERUN);
    says("held at 41.0 C");
}

static void memory_on_the_console(void **state)
{
    (void)state;
    add_memory();
    write_console();
    says("stuck at 1; to find it again: " RERUN);
    says("MEMORY ERRORS from 0x140001238 to 0x14000123f: 12345 wrong words");
    says("tested again at the end: page 0x140001000: held");
}

static void regions_on_the_console_are_few(void **state)
{
    unsigned lines = 0;

    (void)state;
    for (unsigned i = 0; i < 40; i++)
        add(i, (struct event)E(EVENT_MEMORY_REGION, memory_region, .start = i * GIB,
                               .end = i * GIB + 7, .words = 1, .pages = 1));
    write_console();
    for (const char *at = page; (at = strstr(at, "MEMORY ERRORS")); at++)
        lines++;
    assert_int_equal(lines, 8);
    says("more regions of memory errors are in the report");
}

static void memory_in_json(void **state)
{
    const struct output output = {.write = to_page};

    (void)state;
    add_memory();
    assert_int_equal(model_build(&model, journal.data, journal.length), OK);
    assert_int_equal(ocp_write(journal.data, journal.length, &model, &output), OK);
    says("\"name\":\"memory-region\"");
    says("\"words\":12345");
    says("\"name\":\"memory-retest\"");
}

/* ---- corrected errors */

static struct event check(uint16_t processor, uint16_t bank, uint64_t status, uint64_t address,
                          bool prior)
{
    return (struct event)E(EVENT_MACHINE_CHECK, machine_check, .processor = processor, .bank = bank,
                           .status = status, .address = address, .has_address = true, .misc = 0x8C,
                           .has_misc = true, .prior = prior);
}

static void add_modules(void)
{
    add(1, (struct event)E(EVENT_PART, part, .part = 20, .kind = PART_MEMORY, .place = "DIMM_A1"));
    add(1, (struct event)E(EVENT_PART, part, .part = 21, .kind = PART_MEMORY, .place = "DIMM_B1"));
    add(1, (struct event)E(EVENT_MEMORY_MAP, memory_map, .part = 20, .end = 4 * GIB - 1));
    add(1, (struct event)E(EVENT_MEMORY_MAP, memory_map, .part = 21, .start = 3 * GIB,
                           .end = 8 * GIB - 1));
}

/* A memory read error; bits 52:38 are how many. */
#define CORRECTED(count) (0x8C00000000000090u | (uint64_t)(count) << 38)

static void corrected_by_module(void **state)
{
    (void)state;
    add(0, check(2, 7, CORRECTED(1), GIB, true)); /* before anybody knew of modules */
    add_modules();
    add(60, check(2, 7, CORRECTED(10), 2 * GIB, false));
    add(61, check(3, 7, CORRECTED(10), 2 * GIB, false)); /* the same, from another processor */
    add(360, check(2, 7, CORRECTED(20), GIB, false));
    add(70, check(2, 7, CORRECTED(1), 5 * GIB, false));
    add(80, check(2, 7, CORRECTED(1), 3 * GIB + 8, false)); /* in either module */
    add(90, check(1, 2, 0x8C00004000000151u, 0, false));    /* of a cache */
    add(95, check(1, 7, 0xBC00000000000090u, GIB, false));  /* not corrected */
    write_summary();
    says("processor 2, bank 7, memory read, module DIMM_A1: 31, 0:01:00 to 0:06:00, 6.0 a minute; "
         "1 of them from before this run");
    says("module DIMM_B1: 1, 0:01:10 to 0:01:10, 1.0 a minute");
    says("module one of 2: DIMM_A1 or another: 1");
    says("processor 1, bank 2, level 1 cache, module not known: 1,");
    assert_int_equal(model.corrected_rows.kept, 4);
    write_with(html_write);
    says("<h2>Corrected errors</h2>");
    says("0:01:00 to 0:06:00, 6.0 a minute");
}

static void nothing_corrected_no_table(void **state)
{
    (void)state;
    add_modules();
    add(95, check(1, 7, 0xBC00000000000090u, GIB, false));
    write_summary();
    assert_null(strstr(page, "Corrected errors"));
    assert_null(strstr(page, "Regions of memory errors"));
}

/* Without a physical address, and on AMD, nobody knows the module. */
static void no_module_where_none_is_known(void **state)
{
    (void)state;
    add_modules();
    add(2, (struct event)PART(1, PART_PROCESSOR, "AMD EPYC"));
    add(60, check(2, 7, CORRECTED(1), GIB, false));
    write_summary();
    says("module not known: 1,");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(memory_in_the_summary, begin),
        cmocka_unit_test_setup(memory_in_html, begin),
        cmocka_unit_test_setup(memory_on_the_console, begin),
        cmocka_unit_test_setup(regions_on_the_console_are_few, begin),
        cmocka_unit_test_setup(memory_in_json, begin),
        cmocka_unit_test_setup(corrected_by_module, begin),
        cmocka_unit_test_setup(nothing_corrected_no_table, begin),
        cmocka_unit_test_setup(no_module_where_none_is_known, begin),
    };

    return cmocka_run_group_tests_name("report_memory", tests, NULL, NULL);
}
