/* The options that are printed beside an error mean, read as options, that error's place, its test
 * and the seed of the run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/options.h"
#include "base/rerun.h"
#include "diagnosis/judge.h"
#include "report/words.h"
#include "tests/sim/events.h"

#define SEED ((uint64_t)0x1234567890ABCDEF)

static struct options options;

/* A bracketed remark behind the options is no part of them. */
static void read_options(const char *printed)
{
    struct option_error error = {0};
    char lines[RERUN_SIZE];
    char *remark;

    assert_true(strlen(printed) < sizeof(lines));
    strcpy(lines, printed);
    remark = strstr(lines, " (");
    if (remark)
        *remark = '\0';
    for (char *c = lines; *c; c++) {
        if (*c == ' ')
            *c = '\n';
    }
    options_init(&options);
    if (options_apply_text(&options, lines, strlen(lines), "printed", &error) != OK)
        fail_msg("%s: %s", printed, error.text);
    assert_int_equal(options.plan, PLAN_MEMORY);
    assert_int_equal(options.seed, SEED);
}

static void errors(void **state)
{
    static const struct {
        struct event_memory_error error;
        const char *tests;
        uint64_t start, end;
    } rows[] = {
        {{.address = 0x140001238, .test = "random"}, "random", 0x140001000, 0x140002000},
        {{.address = 0x140001ff8, .test = "sweep"}, "random", 0x140001000, 0x140002000},
        {{.address = 0x5008, .other = 0x900005008, .shape = SHAPE_DECODER, .test = "own-address"},
         "own-address",
         0x5000,
         0x900006000},
        {{.address = 0x900005008, .other = 0x5008, .shape = SHAPE_DECODER, .test = "own-address"},
         "own-address",
         0x5000,
         0x900006000},
        {{.address = 0x5008, .shape = SHAPE_COUPLING, .repeat = REPEAT_FAILED, .test = "a-1"},
         "a-1",
         0x5000,
         0x6000},
        {{.address = 0x5008, .shape = SHAPE_COUPLING, .repeat = REPEAT_HELD, .test = "a-1"},
         "a-1",
         0,
         0},
        {{.address = 0x5008}, "all", 0x5000, 0x6000},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char words[RERUN_SIZE];

        read_options(words_error_rerun(words, SEED, &rows[i].error));
        assert_string_equal(options.tests, rows[i].tests);
        assert_int_equal(options.range_start, rows[i].start);
        assert_int_equal(options.range_end, rows[i].end);
        assert_int_equal(strstr(words, "sweep") != NULL, strcmp(rows[i].error.test, "sweep") == 0);
    }
}

static void regions(void **state)
{
    struct event_memory_region region = {
        .start = 0x140001238, .end = 0x14000ffff, .tests = "own-address,sweep,random"};
    char words[RERUN_SIZE];

    (void)state;
    read_options(words_region_rerun(words, SEED, &region));
    assert_string_equal(options.tests, "own-address,random");
    assert_int_equal(options.range_start, 0x140001000);
    assert_int_equal(options.range_end, 0x140010000);
    region.shape = SHAPE_DECODER;
    read_options(words_region_rerun(words, SEED, &region));
    assert_int_equal(options.range_end, 0);
}

static void findings(void **state)
{
    static struct evidence evidence;
    static const struct {
        struct event event[2];
        const char *tests;
        uint64_t start, end;
    } rows[] = {
        {{WRONG(0x140001238, 0, 8, "random", REPEAT_FAILED)}, "random", 0x140001000, 0x140002000},
        {{WRONG(0x100000, 0x100000, 0x300000, "own-address", REPEAT_HELD),
          WRONG(0x100008, 0x100008, 0x300008, "own-address", REPEAT_HELD)},
         "own-address",
         0x100000,
         0x301000},
        {{DIFFERS(3, .address = 0x8010, .bit_mask = 32, .bits = 1, .page = REPEAT_FAILED)},
         "all",
         0x8000,
         0x9000},
        {{E(EVENT_MACHINE_CHECK, machine_check, .bank = 7, .status = 0xBC00000000000090u,
            .address = 0x12345678, .has_address = true, .misc = 0x8C, .has_misc = true)},
         "all",
         0x12345000,
         0x12346000},
        {{E(EVENT_MACHINE_CHECK, machine_check, .bank = 7, .status = 0xBC00000000000090u)},
         "all",
         0,
         0},
    };
    struct event start = {.type = EVENT_RUN_START, .run_start.seed = SEED};
    struct event_finding found;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        evidence_init(&evidence);
        evidence_add(&evidence, &start);
        for (unsigned j = 0; j < 2 && (!j || rows[i].event[j].type); j++)
            evidence_add(&evidence, &rows[i].event[j]);
        assert_int_equal(judge(&evidence, &found, 1), 1);
        read_options(found.rerun);
        assert_string_equal(options.tests, rows[i].tests);
        assert_int_equal(options.range_start, rows[i].start);
        assert_int_equal(options.range_end, rows[i].end);
    }
}

/* A drive, or a module that is not in use, cannot be run again by a range of memory. */
static void others_have_none(void **state)
{
    static struct evidence evidence;
    const struct event unreadable = READ_FAILS(3, DISK_FAULT_MEDIUM, 1000, true);
    struct event_finding found;

    (void)state;
    evidence_init(&evidence);
    evidence_add(&evidence, &unreadable);
    assert_int_equal(judge(&evidence, &found, 1), 1);
    assert_string_equal(found.rerun, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors),
        cmocka_unit_test(regions),
        cmocka_unit_test(findings),
        cmocka_unit_test(others_have_none),
    };

    return cmocka_run_group_tests_name("rerun", tests, NULL, NULL);
}
