/* The judgement over all: what is good, what is incomplete, and in which order findings stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/text.h"
#include "diagnosis/judge.h"
#include "tests/sim/events.h"

#define GIB ((uint64_t)1 << 30)
#define A DISK(3, "SER1", "PCI 00:17.0 port 1")
#define B DISK(4, "SER2", "PCI 01:00.0")
#define MEMORY_DONE COVERAGE("memory", PART_ALL_MEMORY, 4 * GIB, 4 * GIB)
#define IMAGED COVERAGE("imaging", 3, GIB, 100 * GIB)
#define BANKS_READ COVERAGE("machine-check", PART_ALL_PROCESSORS, 4, 4)
#define HASHED COVERAGE("hash", PART_ALL_PROCESSORS, 4, 4)
#define POWERED(limit)                                                                             \
    E(EVENT_SERIES, series, .series = 9, .quantity = QUANTITY_POWER, .name = "Power",              \
      .has_high = true, .high = limit)
#define FAN_TURNS PART(10, PART_FAN, "Fan 2"), FAN(1, 10), READS(1, 900000)

struct ending_case {
    const char *name;
    enum overall overall;
    const char *reason; /* NULL: any */
    const char *goods;
    struct event events[14];
};

static const struct ending_case cases[] = {
    {"all is well",
     OVERALL_PASS,
     "nothing was found in what was tested",
     "memory-ok disk-ok cooling-ok cpu-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, BANKS_READ, HASHED, FAN_TURNS, RUN_ENDS(ENDED_DONE)}},
    {"a possible finding",
     OVERALL_SUSPECT,
     "disk-link, possible: SER1 Model",
     "memory-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, COUNTS(3, "interface-crc", 1, 2)}},
    {"a likely finding",
     OVERALL_FAIL,
     "disk-link, likely: SER1 Model",
     "memory-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, COUNTS(3, "interface-crc", 1, 9)}},
    {"a finding counts though the run was cut",
     OVERALL_FAIL,
     NULL,
     "memory-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, COUNTS(3, "interface-crc", 1, 9),
      RUN_ENDS(ENDED_CUT)}},
    {"a suspicion, too",
     OVERALL_SUSPECT,
     NULL,
     "",
     {RUN("imaging"), A, COUNTS(3, "interface-crc", 1, 2)}},
    {"cut by Esc",
     OVERALL_INCOMPLETE,
     "the run was cut short",
     "memory-ok disk-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, RUN_ENDS(ENDED_CUT)}},
    {"a phase cut",
     OVERALL_INCOMPLETE,
     "the phase imaging was cut short",
     "memory-ok disk-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, PHASE("imaging"), PHASE_ENDS("imaging", ENDED_CUT)}},
    {"a phase that had its time",
     OVERALL_PASS,
     NULL,
     "memory-ok disk-ok ",
     {RUN("imaging"), A, MEMORY_DONE, IMAGED, PHASE("imaging"), PHASE_ENDS("imaging", ENDED_DONE)}},
    {"imaging without a drive",
     OVERALL_INCOMPLETE,
     "imaging without a drive",
     "memory-ok ",
     {RUN("quick"), MEMORY_DONE}},
    {"a drive that was only looked at is not imaged",
     OVERALL_INCOMPLETE,
     "imaging without a drive",
     "memory-ok disk-ok ",
     {RUN("quick"), A, MEMORY_DONE, COVERAGE("disks", 3, GIB, GIB)}},
    {"a plan without imaging needs no drive",
     OVERALL_PASS,
     NULL,
     "memory-ok ",
     {RUN("memory"), MEMORY_DONE}},
    {"80 % of memory",
     OVERALL_PASS,
     NULL,
     "memory-ok ",
     {RUN("memory"), COVERAGE("memory", PART_ALL_MEMORY, 80 * GIB, 100 * GIB)}},
    {"79 % of memory",
     OVERALL_INCOMPLETE,
     "79 GiB of 100 GiB of memory tried; 80 % is needed",
     "",
     {RUN("memory"), COVERAGE("memory", PART_ALL_MEMORY, 79 * GIB, 100 * GIB)}},
    {"no memory at all", OVERALL_INCOMPLETE, "memory was not tested", "", {RUN("memory")}},
    {"a plan without memory", OVERALL_PASS, NULL, "", {RUN("sensors")}},
    {"but a phase of it",
     OVERALL_INCOMPLETE,
     "memory was not tested",
     "",
     {RUN("sensors"), PHASE("memory")}},
    {"the subject was not tested",
     OVERALL_INCOMPLETE,
     "disk not tested: because",
     "disk-ok ",
     {RUN("disk"), A, B, COVERAGE("disks", 3, GIB, GIB), GAP("disk", 4, true)}},
    {"something else was not",
     OVERALL_PASS,
     NULL,
     "disk-ok ",
     {RUN("disk"), A, B, COVERAGE("disks", 3, GIB, GIB), GAP("disk", 4, false)}},
    {"a drive nobody read and nobody excused",
     OVERALL_PASS,
     NULL,
     "",
     {RUN("disk"), A, B, COVERAGE("disks", 3, GIB, GIB)}},
    {"a fan that never turned cools nothing",
     OVERALL_PASS,
     NULL,
     "",
     {RUN("sensors"), PART(10, PART_FAN, "Fan 2"), FAN(1, 10), READS(1, 0)}},
    {"cooling not fully loaded",
     OVERALL_PASS,
     NULL,
     "",
     {RUN("sensors"), FAN_TURNS, GAP("cooling", 0, false)}},
    {"a processor that drew 69 of 100 W",
     OVERALL_INCOMPLETE,
     NULL,
     "",
     {RUN("sensors"), FAN_TURNS, POWERED(100000), PHASE("memory"), READS(9, 69000)}},
    {"70 of them",
     OVERALL_INCOMPLETE,
     NULL,
     "cooling-ok ",
     {RUN("sensors"), FAN_TURNS, POWERED(100000), PHASE("memory"), READS(9, 70000)}},
    {"without a limit that means anything",
     OVERALL_INCOMPLETE,
     NULL,
     "cooling-ok ",
     {RUN("sensors"), FAN_TURNS, POWERED(4095000), PHASE("memory"), READS(9, 69000)}},
    {"and not loaded at all",
     OVERALL_PASS,
     NULL,
     "cooling-ok ",
     {RUN("sensors"), FAN_TURNS, POWERED(100000), PHASE("baseline"), READS(9, 5000)}},
    {"banks of one processor unread",
     OVERALL_PASS,
     NULL,
     "",
     {RUN("sensors"), HASHED, COVERAGE("machine-check", PART_ALL_PROCESSORS, 3, 4)}},
    {"banks read and nothing hashed", OVERALL_PASS, NULL, "", {RUN("sensors"), BANKS_READ}},
};

static struct evidence evidence;
static struct event_finding findings[FINDINGS_LIMIT];

static unsigned judge_events(const struct event *events, size_t count)
{
    evidence_init(&evidence);
    for (size_t i = 0; i < count && !is_no_event(&events[i]); i++)
        evidence_add(&evidence, &events[i]);
    return judge(&evidence, findings, FINDINGS_LIMIT);
}

static void test_ending(void **state)
{
    const struct ending_case *c = *state;
    struct event_good goods[GOODS_LIMIT];
    char reason[TEXT_SIZE], names[200];
    struct text text = text_in(names, sizeof(names));
    unsigned count = judge_events(c->events, sizeof(c->events) / sizeof(c->events[0]));
    unsigned good_count = judge_good(&evidence, findings, count, goods, GOODS_LIMIT);

    assert_int_equal(judge_overall(&evidence, findings, count, reason), c->overall);
    if (c->reason)
        assert_string_equal(reason, c->reason);
    for (unsigned i = 0; i < good_count; i++) {
        assert_true(goods[i].evidence[0]);
        text_format(&text, "%s ", goods[i].id);
    }
    assert_string_equal(names, c->goods);
}

static void test_most_serious_first(void **state)
{
    static const struct event events[] = {A,
                                          B,
                                          SLOW(3, 1, 8, true, true),
                                          COUNTS(4, "pending-sectors", 1, 1),
                                          WRONG(0x1000, 0, 1, "random", REPEAT_HELD),
                                          COUNTS(4, "smart-status-failing", 1, 1)};

    (void)state;
    assert_int_equal(judge_events(events, sizeof(events) / sizeof(events[0])), 4);
    assert_string_equal(findings[0].id, "disk-failing");
    assert_string_equal(findings[1].id, "disk-media");
    assert_string_equal(findings[2].id, "disk-slow");
    assert_string_equal(findings[3].id, "memory-bit-error");
    assert_int_equal(judge(&evidence, findings, 1), 1);
    assert_string_equal(findings[0].id, "disk-failing");
}

static void test_limit_of_findings(void **state)
{
    struct event event = READ_FAILS(0, DISK_FAULT_MEDIUM, 1, true);

    (void)state;
    evidence_init(&evidence);
    for (part_id part = 3; part < 300; part++) {
        event.disk_error.part = part;
        evidence_add(&evidence, &event);
    }
    assert_int_equal(judge(&evidence, findings, FINDINGS_LIMIT), FINDINGS_LIMIT);
    assert_int_equal(evidence.left_out, 297 - EVIDENCE_DRIVES);
}

static void test_finding_differs(void **state)
{
    struct event_finding a = {
        .id = "disk-media", .part = 3, .certainty = LIKELY, .component = "SER1", .evidence = "one"};
    struct event_finding b = a;

    (void)state;
    copy_text(b.evidence, sizeof(b.evidence), "two");
    assert_false(finding_differs(&a, &b));
    b.certainty = CERTAIN;
    assert_true(finding_differs(&a, &b));
    b = a;
    copy_text(b.component, sizeof(b.component), "SER2");
    assert_true(finding_differs(&a, &b));
}

int main(void)
{
    enum { CASES = sizeof(cases) / sizeof(cases[0]) };
    static struct CMUnitTest tests[CASES + 3] = {
        cmocka_unit_test(test_most_serious_first),
        cmocka_unit_test(test_limit_of_findings),
        cmocka_unit_test(test_finding_differs),
    };

    for (size_t i = 0; i < CASES; i++)
        tests[i + 3] = (struct CMUnitTest){
            .name = cases[i].name, .test_func = test_ending, .initial_state = (void *)&cases[i]};
    return cmocka_run_group_tests_name("judge", tests, NULL, NULL);
}
