/*
 * Where a run that died is taken up again, by its journal, and what the next part makes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "report/journal.h"
#include "report/resume.h"
#include "stress/tests.h"
#include "tests/sim/run_machine.h"

static char buffer[256 * 1024];
static struct journal journal;
static struct run_machine machine;
static char earlier[JOURNAL_SIZE];

static void append(struct event event, unsigned seconds)
{
    event.time_us = seconds * UINT64_C(1000000);
    assert_int_equal(journal_append(&journal, &event), OK);
}

static void begin(struct event_run_start start)
{
    start.number = 7;
    start.seed = 99;
    start.imaging_s = 600;
    copy_text(start.plan, sizeof(start.plan), "imaging");
    journal_init(&journal, buffer, sizeof(buffer));
    append((struct event){.type = EVENT_RUN_START, .run_start = start}, 0);
}

static void phase(const char *name, unsigned from_s, unsigned to_s)
{
    struct event start = {.type = EVENT_PHASE_START};
    struct event end = {.type = EVENT_PHASE_END, .phase_end.ending = ENDED_DONE};

    copy_text(start.phase_start.phase, NAME_SIZE, name);
    copy_text(end.phase_end.phase, NAME_SIZE, name);
    append(start, from_s);
    if (to_s)
        append(end, to_s);
}

static void progress(unsigned seconds)
{
    append((struct event){.type = EVENT_PROGRESS}, seconds);
}

static int read_it(struct resume *resume)
{
    return resume_read(buffer, journal.length, resume);
}

static void test_what_was_done_and_how_long(void **state)
{
    struct resume resume;

    (void)state;
    begin((struct event_run_start){.number = 7});
    phase("inventory", 0, 2);
    phase("baseline", 2, 10);
    phase("memory", 10, 100);
    phase("disks", 100, 160);
    phase("imaging", 160, 0);
    progress(405);
    assert_int_equal(read_it(&resume), OK);
    assert_int_equal(resume.number, 7);
    assert_int_equal(resume.seed, 99);
    assert_int_equal(resume.imaging_s, 600);
    assert_int_equal(resume.imaged_s, 245);
    assert_string_equal(resume.plan, "imaging");
    assert_string_equal(resume.done, "memory,disks");
    assert_string_equal(resume.stopped_at, "imaging");
    assert_int_equal(resume.deaths, 1);
    assert_true(resume_has_done(&resume, "memory") && resume_has_done(&resume, "disks"));
    assert_false(resume_has_done(&resume, "imaging") || resume_has_done(&resume, "mem") ||
                 resume_has_done(&resume, "memory,disks") || resume_has_done(&resume, "inventory"));
    assert_false(resume_has_done(NULL, "memory"));
}

static void test_parts_add_up(void **state)
{
    struct event_run_start start = {
        .continues = 6, .imaged_s = 245, .deaths = 1, .stopped_at = "imaging", .done = "memory"};
    struct resume resume;

    (void)state;
    begin(start);
    phase("imaging", 12, 0);
    progress(42);
    assert_int_equal(read_it(&resume), OK);
    assert_int_equal(resume.imaged_s, 275);
    assert_int_equal(resume.deaths, 2);
    assert_string_equal(resume.done, "memory");
    assert_string_equal(resume.left_out, "");
    /* It got further this time. */
    phase("imaging", 42, 100);
    phase("cool-down", 100, 0);
    assert_int_equal(read_it(&resume), OK);
    assert_int_equal(resume.deaths, 1);
    assert_int_equal(resume.imaged_s, 245 + 30 + 58);
    assert_string_equal(resume.stopped_at, "cool-down");
    assert_string_equal(resume.done, "memory,imaging");
}

static void test_not_a_fourth_time(void **state)
{
    struct event_run_start start = {
        .continues = 6, .deaths = 2, .stopped_at = "imaging", .done = "memory"};
    struct resume resume = {.number = 1};

    (void)state;
    begin(start);
    phase("imaging", 12, 0);
    assert_int_equal(read_it(&resume), OK);
    assert_int_equal(resume.deaths, 3);
    assert_string_equal(resume.left_out, "imaging");
    assert_true(resume_has_done(&resume, "imaging"));

    copy_text(start.stopped_at, NAME_SIZE, "inventory/connect controller");
    resume.number = 1;
    begin(start);
    phase("inventory", 0, 0);
    append((struct event){.type = EVENT_STEP, .step.name = "connect controller"}, 1);
    assert_int_equal(read_it(&resume), ERR_REFUSED);
    assert_int_equal(resume.number, 1);
}

static void test_what_is_no_run_that_died(void **state)
{
    struct resume resume = {.number = 1};

    (void)state;
    begin((struct event_run_start){.number = 7});
    append((struct event){.type = EVENT_RUN_END}, 5);
    assert_int_equal(read_it(&resume), ERR_FORMAT);
    assert_int_equal(resume_read("", 0, &resume), ERR_FORMAT);
    assert_int_equal(resume.number, 1);
}

/* ---- a run that dies in the middle of imaging, and the one that goes on with it */

static struct run_config config(void)
{
    return (struct run_config){.plan = "imaging",
                               .imaging_s = 60,
                               .seed = 42,
                               .memory_tests = MEMORY_TESTS_ALL,
                               .sensors = true,
                               .skip = ""};
}

/* Up to the first record behind that second of the phase: what a cut leaves of it. */
static size_t cut_in(const char *name, unsigned seconds)
{
    struct journal_reader reader =
        journal_read_from(machine.recorder.journal.data, machine.recorder.journal.length);
    uint64_t start_us = UINT64_MAX;
    struct event event;

    while (journal_read(&reader, &event)) {
        if (event.type == EVENT_PHASE_START && text_equal(event.phase_start.phase, name))
            start_us = event.time_us;
        if (start_us != UINT64_MAX && event.time_us - start_us > seconds * UINT64_C(1000000))
            break;
    }
    return reader.offset;
}

static void bad_sector(void)
{
    machine.drives[1].fault = DRIVE_UNREADABLE_SECTOR;
    machine.drives[1].fault_lba = 5000;
}

static unsigned count(enum event_type type, const char *phase_name, uint64_t *ret_us)
{
    struct journal_reader reader =
        journal_read_from(machine.recorder.journal.data, machine.recorder.journal.length);
    unsigned found = 0;
    struct event event;

    while (journal_read(&reader, &event)) {
        if (event.type != type ||
            (type == EVENT_PHASE_START && !text_equal(event.phase_start.phase, phase_name)))
            continue;
        found++;
        *ret_us = event.type == EVENT_PHASE_START ? event.phase_start.planned_s : event.time_us;
    }
    return found;
}

/* The fault is gone when the second part runs, so what it finds is what it took over. */
static void test_the_next_part(void **state)
{
    struct run_disk first;
    struct resume resume;
    struct run_config given = config();
    enum overall overall;
    uint64_t value = 0;
    size_t size;

    (void)state;
    run_machine_init(&machine);
    bad_sector();
    run_machine_run(&machine, &given);
    size = cut_in("imaging", 40);
    memcpy(earlier, machine.recorder.journal.data, size);
    run_machine_free(&machine);

    assert_int_equal(resume_read(earlier, size, &resume), OK);
    assert_string_equal(resume.done, "memory,disks");
    assert_in_range(resume.imaged_s, 39, 41);
    given.resume = &resume;
    given.earlier = earlier;
    given.earlier_size = size;
    run_machine_init(&machine);
    first = machine.machine.disks[0]; /* drives are numbered otherwise at this boot */
    machine.machine.disks[0] = machine.machine.disks[1];
    machine.machine.disks[1] = first;
    overall = run_machine_run(&machine, &given);
    assert_int_equal(overall, OVERALL_FAIL);
    assert_int_equal(machine.model.finding_rows.kept, 1);
    assert_string_equal(machine.model.findings[0].finding.id, "disk-media");
    assert_true(text_starts(machine.model.findings[0].finding.component, "DISK-B"));
    assert_int_equal(count(EVENT_PHASE_START, "memory", &value), 0);
    assert_int_equal(count(EVENT_PHASE_START, "disks", &value), 0);
    assert_int_equal(count(EVENT_PHASE_START, "baseline", &value), 1);
    assert_int_equal(count(EVENT_PHASE_START, "imaging", &value), 1);
    assert_int_equal(value, 60 - resume.imaged_s);
    assert_int_equal(machine.model.good_rows.kept, 3); /* memory, cooling, processor */
    assert_true(machine.store.breaches == 0);
    run_machine_free(&machine);
}

/* Two drives with one serial number: nobody knows which of them it was. */
static void test_drives_that_cannot_be_told_apart(void **state)
{
    struct resume resume;
    struct run_config given = config();
    size_t size;

    (void)state;
    run_machine_init(&machine);
    bad_sector();
    run_machine_run(&machine, &given);
    size = cut_in("imaging", 40);
    memcpy(earlier, machine.recorder.journal.data, size);
    run_machine_free(&machine);
    assert_int_equal(resume_read(earlier, size, &resume), OK);
    given.resume = &resume;
    given.earlier = earlier;
    given.earlier_size = size;
    run_machine_init(&machine);
    copy_text(machine.machine.disks[0].part.serial, SERIAL_SIZE, "DISK-B");
    assert_int_equal(run_machine_run(&machine, &given), OVERALL_PASS);
    assert_int_equal(machine.model.finding_rows.kept, 0);
    run_machine_free(&machine);
}

/* The phase in which three runs died is not tried again, and that is no pass. */
static void test_a_phase_left_out(void **state)
{
    struct run_config given = config();
    struct resume resume = {.number = 3,
                            .plan = "imaging",
                            .imaging_s = 60,
                            .done = "memory,disks,imaging",
                            .stopped_at = "imaging",
                            .deaths = 3,
                            .left_out = "imaging"};

    (void)state;
    given.resume = &resume;
    given.earlier = "";
    run_machine_init(&machine);
    assert_int_equal(run_machine_run(&machine, &given), OVERALL_INCOMPLETE);
    assert_int_equal(machine.model.not_tested_rows.kept, 1);
    assert_string_equal(machine.model.not_tested[0].not_tested.subsystem, "imaging");
    assert_int_equal(machine.model.finding_rows.kept, 0);
    run_machine_free(&machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_was_done_and_how_long),
        cmocka_unit_test(test_parts_add_up),
        cmocka_unit_test(test_not_a_fourth_time),
        cmocka_unit_test(test_what_is_no_run_that_died),
        cmocka_unit_test(test_the_next_part),
        cmocka_unit_test(test_drives_that_cannot_be_told_apart),
        cmocka_unit_test(test_a_phase_left_out),
    };

    return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
