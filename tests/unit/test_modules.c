/*
 * The words about memory modules: what to do with the one that is known, how to tell which of
 * several it is, and what the evidence says of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "diagnosis/judge.h"
#include "diagnosis/modules.h"
#include "tests/sim/events.h"

enum { FIRST = 20, RANGE = 0x10000 };

static struct evidence evidence;
static struct event_finding findings[FINDINGS_LIMIT];

static int set_up(void **state)
{
    (void)state;
    evidence_init(&evidence);
    return 0;
}

static void add(struct event event)
{
    evidence_add(&evidence, &event);
}

static void add_module(part_id part, const char *place, const char *serial)
{
    struct event event = E(EVENT_PART, part, .part = part, .parent = PART_ALL_MEMORY,
                           .kind = PART_MEMORY, .name = "PN-9");

    copy_text(event.part.place, sizeof(event.part.place), place);
    copy_text(event.part.serial, sizeof(event.part.serial), serial);
    add(event);
}

static void add_range(part_id part, uint64_t start, uint64_t end)
{
    add((struct event)E(EVENT_MEMORY_MAP, memory_map, .part = part, .start = start, .end = end));
}

/* `count` modules DIMM_A and so on, all of them with the same range. */
static void add_interleaved(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char place[] = "DIMM_A";

        place[5] = (char)('A' + i);
        add_module((part_id)(FIRST + i), place, "");
        add_range((part_id)(FIRST + i), 0, RANGE - 1);
    }
}

static void add_wrong(uint64_t address)
{
    add((struct event)WRONG(address, 0, 8, "random", REPEAT_FAILED));
}

static const struct event_finding *judged(void)
{
    assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), 1);
    return &findings[0];
}

static void one_module(void **state)
{
    (void)state;
    add_module(FIRST, "DIMM_A1", "1A2B3C4D");
    add_range(FIRST, 0, RANGE - 1);
    add_wrong(0x1008);
    assert_string_equal(judged()->component, "DIMM_A1 page 0x1000 bit 3");
    assert_int_equal(judged()->part, FIRST);
    assert_string_equal(judged()->advice,
                        "Replace the module in DIMM_A1, or reseat it and run again.");
    assert_string_equal(judged()->evidence,
                        "at 0x1008, 1 words wrong in the memory test random, bits 0x8; tested "
                        "again without any drive, the page failed again; the module is PN-9, "
                        "serial number 1A2B3C4D");
}

static void several_modules(void **state)
{
    (void)state;
    add_interleaved(2);
    add_wrong(0x1008);
    assert_string_equal(judged()->component, "one of DIMM_A, DIMM_B: page 0x1000 bit 3");
    assert_int_equal(judged()->part, PART_ALL_MEMORY);
    assert_non_null(strstr(judged()->advice, "with one of these modules alone"));
    assert_non_null(strstr(judged()->advice, "if the address moves it is a module, if it stays the "
                                             "slot or the board."));
    assert_null(strstr(judged()->evidence, "serial number"));
}

static void many_modules(void **state)
{
    (void)state;
    add_interleaved(4);
    add_wrong(0x1008);
    assert_string_equal(judged()->component,
                        "one of DIMM_A, DIMM_B, DIMM_C, DIMM_D: page 0x1000 bit 3");
    set_up(state);
    add_interleaved(5);
    add_wrong(0x1008);
    assert_string_equal(
        judged()->component,
        "one of 5 modules (DIMM_A, DIMM_B, DIMM_C, DIMM_D, ...): page 0x1000 bit 3");
}

/* Without a map, what the verdict says in general. */
static void no_map(void **state)
{
    (void)state;
    add_wrong(0x1008);
    assert_string_equal(judged()->advice, verdicts[VERDICT_MEMORY_BIT_ERROR].advice);
    assert_int_equal(judged()->part, PART_ALL_MEMORY);
}

static void pages_in_several_modules(void **state)
{
    (void)state;
    for (part_id i = 0; i < 3; i++) {
        add_module((part_id)(FIRST + i), "slot", "");
        add_range((part_id)(FIRST + i), (uint64_t)i * RANGE, (uint64_t)(i + 1) * RANGE - 1);
    }
    add_wrong(0x1008);
    add_wrong(0x3008);
    assert_null(strstr(judged()->evidence, "other modules"));
    add_wrong(RANGE + 8);
    add_wrong(2 * RANGE + 8);
    add_wrong(3 * RANGE + 8); /* in none that is known */
    assert_non_null(strstr(judged()->evidence, "; 5 pages in all; 2 of them in other modules"));
}

/* The first and the last address of a range belong to it. */
static void edges(void **state)
{
    struct modules modules;

    (void)state;
    add_range(FIRST, 0x1000, 0x1FFF);
    add((struct event)E(EVENT_MEMORY_MAP, memory_map, .part = FIRST, .state = MEMORY_UNSIZED));
    modules_at(&evidence, 0, &modules); /* a module without addresses has not this one */
    assert_int_equal(modules.count, 0);
    modules_at(&evidence, 0xFFF, &modules);
    assert_int_equal(modules.count, 0);
    modules_at(&evidence, 0x1000, &modules);
    assert_int_equal(modules.count, 1);
    modules_at(&evidence, 0x1FFF, &modules);
    assert_int_equal(modules.count, 1);
    modules_at(&evidence, 0x2000, &modules);
    assert_int_equal(modules.count, 0);
    add_range(FIRST, 0x1800, 0x2FFF); /* of the same module, twice */
    modules_at(&evidence, 0x1900, &modules);
    assert_int_equal(modules.count, 1);
}

/* Whoever is left of a map that found no room might be the wrong one. */
static void a_map_too_large_names_nobody(void **state)
{
    struct modules modules;

    (void)state;
    for (unsigned i = 0; i < EVIDENCE_MAP; i++)
        add_range(FIRST, (uint64_t)i * RANGE, (uint64_t)(i + 1) * RANGE - 1);
    modules_at(&evidence, 0x1000, &modules);
    assert_int_equal(modules.count, 1);
    add_range(FIRST + 1, 0, RANGE - 1);
    modules_at(&evidence, 0x1000, &modules);
    assert_int_equal(modules.count, 0);
    assert_int_equal(evidence.left_out, 1);
}

static void modules_that_cannot_be_used(void **state)
{
    (void)state;
    add_module(FIRST, "DIMM_A1", "1A2B3C4D");
    add((struct event)E(EVENT_MEMORY_MAP, memory_map, .part = FIRST, .state = MEMORY_UNSIZED,
                        .reported = true));
    assert_string_equal(judged()->component, "DIMM_A1");
    assert_string_equal(judged()->advice, "Reseat the module in DIMM_A1, then try it alone.");
    assert_string_equal(judged()->evidence,
                        "the firmware names the module PN-9, serial number 1A2B3C4D, and gives it "
                        "no size, and tells of an uncorrected error of it");
    set_up(state);
    add_interleaved(2);
    for (part_id i = 0; i < 2; i++)
        add((struct event)E(EVENT_MEMORY_MAP, memory_map, .part = (part_id)(FIRST + i),
                            .state = MEMORY_MISSING));
    assert_string_equal(judged()->component, "one of DIMM_A, DIMM_B");
    assert_non_null(strstr(judged()->evidence, "by the size of one of these modules"));
    assert_non_null(strstr(judged()->advice, "each of them alone in a slot that works"));
}

static void corrected_errors_are_named_by_slot(void **state)
{
    (void)state;
    add_module(FIRST, "DIMM_A1", "");
    add_range(FIRST, 0, RANGE - 1);
    add((struct event)E(EVENT_MACHINE_CHECK, machine_check, .bank = 7, .status = 0x8C00004000000090,
                        .address = 0x1000, .has_address = true, .misc = 0x8C, .has_misc = true));
    assert_int_equal(judged()->part, FIRST);
    assert_string_equal(judged()->advice,
                        "Run again; if it comes back at DIMM_A1, replace the module there.");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, set_up)
    static const struct CMUnitTest tests[] = {
        TEST(one_module),
        TEST(several_modules),
        TEST(many_modules),
        TEST(no_map),
        TEST(pages_in_several_modules),
        TEST(edges),
        TEST(a_map_too_large_names_nobody),
        TEST(modules_that_cannot_be_used),
        TEST(corrected_errors_are_named_by_slot),
    };

    return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
