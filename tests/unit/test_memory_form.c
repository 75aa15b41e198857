/* What wrong words are together: a cell, a row of cells or a data line; and what they are known for
 * besides: only under DMA, only when warm, only after row activation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "diagnosis/judge.h"
#include "diagnosis/memory_form.h"
#include "tests/sim/events.h"

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

static struct evidence evidence;
static struct event_finding finding;

static void add(struct event event)
{
    evidence_add(&evidence, &event);
}

static void begin(void)
{
    evidence_init(&evidence);
}

static void add_module(part_id part, const char *slot, uint64_t start, uint64_t end)
{
    struct event module = {.type = EVENT_PART,
                           .part = {.part = part, .kind = PART_MEMORY, .parent = PART_ALL_MEMORY}};

    strcpy(module.part.place, slot);
    add(module);
    add((struct event)E(EVENT_MEMORY_MAP, memory_map, .part = part, .start = start, .end = end));
}

static void wrong(uint64_t address, unsigned bit, enum memory_repeat repeat)
{
    add((struct event)WRONG(address, 0, (uint64_t)1 << bit, "random", repeat));
}

static void region(uint64_t start, uint64_t end, uint64_t words, uint64_t pages, uint64_t ones,
                   uint64_t zeros)
{
    add((struct event)E(EVENT_MEMORY_REGION, memory_region, .start = start, .end = end,
                        .words = words, .pages = pages, .ones = ones, .zeros = zeros));
}

static void found(enum memory_form form)
{
    assert_int_equal(judge(&evidence, &finding, 1), 1);
    assert_int_equal(memory_form(&evidence, 0), form);
}

static void one_place_is_a_cell(void **state)
{
    (void)state;
    begin();
    add_module(20, "DIMM_A1", 0, 4 * GIB - 1);
    wrong(GIB + 8, 5, REPEAT_FAILED);
    region(GIB + 8, GIB + 15, 40, 1, 32, 0);
    found(FORM_CELL);
    assert_true(strncmp(finding.advice, "Replace the module in DIMM_A1", 29) == 0);
    assert_null(strstr(finding.evidence, "data line"));
}

static void neighbours_are_a_row(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 0; i < 4; i++)
        wrong(GIB + i * 4096 + 8 * i, i % 2, REPEAT_FAILED);
    found(FORM_ROW);
    assert_non_null(strstr(finding.evidence, "4 pages side by side"));
    region(GIB, GIB + 4 * 4096 - 1, 900, 4, 3, 3);
    found(FORM_ROW);
    assert_string_equal(finding.rerun, "plan=memory range=40000000-40003fff tests=random "
                                       "seed=0x0000000000000000");
}

/* A dead line: all pages of a module, one bit, always the same way. */
static void a_dead_line(void **state)
{
    (void)state;
    begin();
    add_module(20, "DIMM_A1", 0, 4 * GIB - 1);
    add_module(21, "DIMM_B1", 4 * GIB, 8 * GIB - 1);
    for (unsigned i = 0; i < 8; i++)
        wrong(GIB + i * 4096, 41, REPEAT_FAILED);
    found(FORM_ROW); /* as long as no more is known */
    region(GIB, 3 * GIB - 1, 900000000, 2 * GIB / 4096, (uint64_t)1 << 41, 0);
    region(5 * GIB, 5 * GIB + 7, 1, 1, 4, 0); /* another module has nothing to do with it */
    found(FORM_LANE);
    assert_non_null(strstr(finding.evidence, "data bit 41 alone is wrong, in 524288 pages"));
    assert_true(strncmp(finding.advice, "Reseat the module in DIMM_A1 first", 34) == 0);
}

/* A line with bad contact: the same bit here and there, now and then. */
static void a_line_with_bad_contact(void **state)
{
    (void)state;
    begin();
    for (uint64_t i = 0; i < FORM_LANE_PAGES; i++) {
        if (i)
            found(i > 1 ? FORM_UNKNOWN : FORM_CELL);
        wrong(GIB + i * 37 * MIB + 40 * i, 17, REPEAT_HELD);
    }
    found(FORM_LANE);
    assert_true(strncmp(finding.advice, "Reseat the modules first", 24) == 0);
}

/* The same bit at one place of many pages is a column of cells; other bits are no line; pages near
 * each other are none either. */
static void what_is_no_line(void **state)
{
    (void)state;
    for (unsigned kind = 0; kind < 3; kind++) {
        begin();
        for (uint64_t i = 0; i < 20; i++)
            wrong(GIB + i * (kind == 2 ? 2 * 4096 : 16 * MIB) + (kind == 0 ? 8 : 8 * i),
                  kind == 1 ? i % 7 : 3, REPEAT_FAILED);
        found(FORM_UNKNOWN);
        assert_null(strstr(finding.evidence, "data line"));
        assert_null(strstr(finding.advice, "contacts"));
    }
}

/* ---- by row activation alone nobody is accused */

static void disturbed(bool random_too, enum memory_repeat repeat)
{
    begin();
    add((struct event)E(EVENT_MEMORY_ERROR, memory_error, .address = GIB, .actual = 8,
                        .test = "row-activation", .repeat = repeat, .shape = SHAPE_DISTURBED));
    add((struct event)E(EVENT_MEMORY_ERROR, memory_error, .address = 2 * GIB, .actual = 8,
                        .test = "row-activation", .repeat = repeat, .shape = SHAPE_DISTURBED));
    if (random_too)
        add((struct event)WRONG(GIB, 0, 8, "random", repeat));
    assert_int_equal(judge(&evidence, &finding, 1), 1);
}

static void row_activation_is_possible_at_most(void **state)
{
    (void)state;
    for (unsigned repeat = 0; repeat < REPEATS; repeat++) {
        disturbed(false, (enum memory_repeat)repeat);
        assert_int_equal(finding.certainty, POSSIBLE);
        assert_non_null(strstr(finding.evidence, "disturbed"));
    }
    disturbed(true, REPEAT_FAILED);
    assert_int_equal(finding.certainty, CERTAIN);
    disturbed(true, REPEAT_HELD);
    assert_int_equal(finding.certainty, LIKELY);
}

/* ---- warmth */

static void warm(int64_t then, bool known_then, int64_t now, bool known_now,
                 enum memory_repeat repeat)
{
    begin();
    add((struct event)E(EVENT_MEMORY_ERROR, memory_error, .address = GIB, .actual = 8,
                        .test = "sweep", .repeat = REPEAT_FAILED, .shape = SHAPE_STUCK_AT_1,
                        .has_temperature = known_then, .temperature = then));
    add((struct event)E(EVENT_MEMORY_RETEST, memory_retest, .address = GIB, .repeat = repeat,
                        .has_temperature = known_now, .temperature = now));
    assert_int_equal(judge(&evidence, &finding, 1), 1);
}

static void only_when_hot(void **state)
{
    (void)state;
    warm(71000, true, 45000, true, REPEAT_HELD);
    assert_non_null(strstr(finding.evidence, "hot-only"));
    assert_non_null(strstr(finding.evidence, "held at the end of the run at 45 C after 71 C"));
    assert_int_equal(finding.certainty, CERTAIN);
    warm(71000, true, 45000, true, REPEAT_FAILED);
    assert_null(strstr(finding.evidence, "hot-only"));
    warm(71000, true, 67000, true, REPEAT_HELD);
    assert_null(strstr(finding.evidence, "hot-only"));
    warm(71000, false, 45000, true, REPEAT_HELD);
    assert_null(strstr(finding.evidence, "hot-only"));
    warm(71000, true, 45000, false, REPEAT_HELD);
    assert_null(strstr(finding.evidence, "hot-only"));
    assert_non_null(strstr(finding.evidence, "stuck-at-1"));
}

/* ---- only under DMA, as long as no other test sees it */

static void only_under_dma(void **state)
{
    (void)state;
    begin();
    add((struct event)E(EVENT_MEMORY_ERROR, memory_error, .address = GIB, .actual = 8,
                        .test = "dma", .repeat = REPEAT_HELD, .shape = SHAPE_DMA_ONLY));
    assert_int_equal(judge(&evidence, &finding, 1), 1);
    assert_non_null(strstr(finding.evidence, "dma-only"));
    add((struct event)WRONG(GIB, 0, 8, "random", REPEAT_HELD));
    assert_int_equal(judge(&evidence, &finding, 1), 1);
    assert_null(strstr(finding.evidence, "dma-only"));
}

/* ---- corrected errors: of one module, or of two */

static void corrected_at(uint64_t address, uint16_t bank)
{
    add((struct event)E(EVENT_MACHINE_CHECK, machine_check, .bank = bank,
                        .status = 0x8C00004000000090u, .address = address, .has_address = true,
                        .misc = 0x8C, .has_misc = true));
}

static void corrected_errors_are_a_modules(void **state)
{
    (void)state;
    for (unsigned late_map = 0; late_map < 2; late_map++) {
        begin();
        if (late_map)
            corrected_at(GIB, 7);
        add_module(20, "DIMM_A1", 0, 4 * GIB - 1);
        add_module(21, "DIMM_B1", 4 * GIB, 8 * GIB - 1);
        if (!late_map)
            corrected_at(GIB, 7);
        corrected_at(5 * GIB, 7); /* the same bank and channel, another module */
        assert_int_equal(judge(&evidence, &finding, 1), 1);
        assert_int_equal(finding.certainty, POSSIBLE);
        corrected_at(5 * GIB, 8); /* two banks tell of one error */
        assert_int_equal(judge(&evidence, &finding, 1), 1);
        assert_int_equal(finding.certainty, POSSIBLE);
        corrected_at(2 * GIB, 8);
        assert_int_equal(judge(&evidence, &finding, 1), 1);
        assert_int_equal(finding.certainty, LIKELY);
        assert_non_null(strstr(finding.component, "DIMM_A1"));
        assert_int_equal(finding.part, 20);
    }
}

static void without_addresses_the_bank_counts(void **state)
{
    (void)state;
    begin();
    add_module(20, "DIMM_A1", 0, 4 * GIB - 1);
    for (unsigned i = 0; i < 2; i++) {
        add((struct event)E(EVENT_MACHINE_CHECK, machine_check, .bank = 7,
                            .status = 0x8C00004000000090u));
        assert_int_equal(judge(&evidence, &finding, 1), 1);
        assert_int_equal(finding.certainty, i ? LIKELY : POSSIBLE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_place_is_a_cell),
        cmocka_unit_test(neighbours_are_a_row),
        cmocka_unit_test(a_dead_line),
        cmocka_unit_test(a_line_with_bad_contact),
        cmocka_unit_test(what_is_no_line),
        cmocka_unit_test(row_activation_is_possible_at_most),
        cmocka_unit_test(only_when_hot),
        cmocka_unit_test(only_under_dma),
        cmocka_unit_test(corrected_errors_are_a_modules),
        cmocka_unit_test(without_addresses_the_bank_counts),
    };

    return cmocka_run_group_tests_name("memory_form", tests, NULL, NULL);
}
