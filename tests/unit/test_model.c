#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "report/model.h"

enum { JOURNAL_ROOM = 8 << 20 };

static char buffer[JOURNAL_ROOM];
static struct model model;
static struct journal journal;

static int begin(void **state)
{
    (void)state;
    journal_init(&journal, buffer, sizeof(buffer));
    return 0;
}

static void say(struct event event)
{
    assert_int_equal(journal_append(&journal, &event), OK);
}

static void build(void)
{
    assert_int_equal(model_build(&model, journal.data, journal.length), OK);
}

static void say_sample(uint16_t series, uint64_t time_us, int64_t value)
{
    say((struct event){
        .type = EVENT_SAMPLE, .time_us = time_us, .sample = {.series = series, .value = value}});
}

static void test_nothing_to_read(void **state)
{
    (void)state;
    assert_int_equal(model_build(&model, "", 0), ERR_FORMAT);
    assert_int_equal(model_build(&model, "hello\n", 6), ERR_FORMAT);
    assert_int_equal(model.stop, JOURNAL_INVALID);
    assert_false(model.has_run_start);
    assert_string_equal(model_part_name(&model, 0), "the machine");
}

static void test_a_run(void **state)
{
    (void)state;
    say((struct event){.type = EVENT_RUN_START, .run_start = {.number = 3, .inject = "fan-stop"}});
    say((struct event){.type = EVENT_PART, .part = {.part = 5, .kind = PART_DISK, .name = "old"}});
    say((struct event){.type = EVENT_PART, .part = {.part = 5, .kind = PART_DISK, .place = "P1"}});
    say((struct event){.type = EVENT_PART, .part = {.part = 6, .kind = PART_FAN}});
    say((struct event){.type = EVENT_VERDICT, .verdict.overall = OVERALL_SUSPECT});
    say((struct event){.type = EVENT_RUN_END, .time_us = 77, .run_end.ending = ENDED_CUT});
    build();
    assert_true(model.has_run_start && model.has_verdict && model.has_run_end);
    assert_int_equal(model.run_start.number, 3);
    assert_int_equal(model.verdict.overall, OVERALL_SUSPECT);
    assert_int_equal(model.run_end.ending, ENDED_CUT);
    assert_int_equal(model.end_us, 77);
    assert_int_equal(model.event_count, 6);
    assert_int_equal(model.part_rows.kept, 2);
    assert_string_equal(model_part_name(&model, 5), "P1");
    assert_string_equal(model_part_name(&model, 6), "fan");
    assert_string_equal(model_part_name(&model, 7), "a part not listed");
    assert_true(model_is_injected(&model));
    assert_false(model_is_damaged(&model));
}

static void test_damage_is_known(void **state)
{
    (void)state;
    say((struct event){.type = EVENT_RUN_START, .run_start.inject = "none"});
    say((struct event){.type = EVENT_RUN_END});
    buffer[journal.length - 3] ^= 1;
    build();
    assert_true(model_is_damaged(&model));
    assert_false(model.has_run_end);
    assert_false(model_is_injected(&model));
}

static void say_phase(uint8_t type, const char *name, uint64_t time_us, uint8_t ending)
{
    struct event event = {.type = type, .time_us = time_us};

    if (type == EVENT_PHASE_START) {
        copy_text(event.phase_start.phase, NAME_SIZE, name);
    } else {
        copy_text(event.phase_end.phase, NAME_SIZE, name);
        event.phase_end.ending = ending;
    }
    say(event);
}

static void test_phases(void **state)
{
    (void)state;
    say_phase(EVENT_PHASE_START, "memory", 10, 0);
    say_phase(EVENT_PHASE_END, "memory", 20, ENDED_DONE);
    say_phase(EVENT_PHASE_END, "disk", 25, ENDED_SKIPPED);
    say_phase(EVENT_PHASE_START, "memory", 30, 0);
    say_phase(EVENT_PHASE_END, "memory", 5, ENDED_CUT); /* a clock that went back */
    say_phase(EVENT_PHASE_START, "imaging", 40, 0);
    say((struct event){.type = EVENT_NOTE, .time_us = 99});
    build();
    assert_int_equal(model.phase_rows.kept, 4);
    assert_int_equal(model.phases[0].start_us, 10);
    assert_int_equal(model.phases[0].end_us, 20);
    assert_int_equal(model.phases[0].ending, ENDED_DONE);
    assert_int_equal(model.phases[1].start_us, model.phases[1].end_us);
    assert_int_equal(model.phases[1].ending, ENDED_SKIPPED);
    assert_int_equal(model.phases[2].end_us, 30);
    assert_int_equal(model.phases[2].ending, ENDED_CUT);
    assert_false(model.phases[3].ended);
    assert_int_equal(model.phases[3].end_us, 99);
}

static void test_series(void **state)
{
    const struct model_series *series;

    (void)state;
    say((struct event){.type = EVENT_SERIES, .series = {.series = 4, .name = "a"}});
    say_sample(4, 100, 50);
    say_sample(4, 200, -70);
    say_sample(4, 300, 90);
    say_sample(4, 400, 90);
    say_sample(5, 500, 1);
    say((struct event){.type = EVENT_SENSOR_STATE,
                       .sensor_state = {.series = 4, .above_critical = true, .silent = true}});
    build();
    series = model_series(&model, 4);
    assert_non_null(series);
    assert_null(model_series(&model, 5));
    assert_int_equal(model.stray_samples, 1);
    assert_int_equal(series->count, 4);
    assert_int_equal(series->first, 50);
    assert_int_equal(series->low, -70);
    assert_int_equal(series->low_us, 200);
    assert_int_equal(series->high, 90);
    assert_int_equal(series->high_us, 300);
    assert_int_equal(series->last, 90);
    assert_int_equal(series->last_us, 400);
    assert_int_equal(series->point_count, 4);
    assert_true(series->silent && series->was_silent && series->was_above && !series->was_below);
}

/* However many samples come, all are within the points, and so are the spikes among them. */
static void test_points_keep_the_extremes(void **state)
{
    static const unsigned counts[] = {1, 255, 256, 257, 511, 512, 513, 5000, 70000};

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        const struct model_series *series;
        int64_t low = INT64_MAX, high = INT64_MIN;
        uint64_t samples;

        begin(state);
        say((struct event){.type = EVENT_SERIES});
        for (unsigned j = 0; j < counts[i]; j++)
            say_sample(0, j * 10, j == counts[i] / 2 ? 1000 : j == counts[i] / 3 ? -1000 : 5);
        build();
        series = model_series(&model, 0);
        assert_in_range(series->point_count, 1, MODEL_POINTS);
        samples = (uint64_t)(series->point_count - 1) * series->stride + series->in_last;
        assert_int_equal(samples, counts[i]);
        for (uint32_t j = 0; j < series->point_count; j++) {
            low = series->points[j].low < low ? series->points[j].low : low;
            high = series->points[j].high > high ? series->points[j].high : high;
            assert_int_equal(series->points[j].time_us, (uint64_t)j * series->stride * 10);
        }
        assert_int_equal(low, series->low);
        assert_int_equal(high, series->high);
    }
}

static void say_counter(const char *name, enum moment moment, uint64_t value)
{
    struct event event = {.type = EVENT_COUNTER,
                          .counter = {.part = 1, .moment = (uint8_t)moment, .value = value}};

    copy_text(event.counter.name, NAME_SIZE, name);
    say(event);
}

static void test_counters(void **state)
{
    (void)state;
    say_counter("crc", MOMENT_START, 3);
    say_counter("crc", MOMENT_START, 4);
    say_counter("media", MOMENT_START, 0);
    say_counter("crc", MOMENT_END, 9);
    say_counter("crc", MOMENT_END, 10);
    build();
    assert_int_equal(model.counter_rows.kept, 2);
    assert_true(model.counters[0].has_start && model.counters[0].has_end);
    assert_int_equal(model.counters[0].start, 3);
    assert_int_equal(model.counters[0].end, 10);
    assert_true(model.counters[1].has_start && !model.counters[1].has_end);
}

static void say_finding(const char *id, const char *component, enum certainty certainty)
{
    struct event event = {.type = EVENT_FINDING, .finding.certainty = (uint8_t)certainty};

    copy_text(event.finding.id, NAME_SIZE, id);
    copy_text(event.finding.component, TEXT_SIZE, component);
    say(event);
}

static void test_the_last_word_on_a_subject_counts(void **state)
{
    (void)state;
    say_finding("disk-link", "SN1", POSSIBLE);
    say_finding("disk-link", "SN2", POSSIBLE);
    say_finding("disk-link", "SN1", CERTAIN);
    say((struct event){.type = EVENT_COVERAGE, .coverage = {.phase = "m", .part = 2, .tested = 1}});
    say((struct event){.type = EVENT_COVERAGE, .coverage = {.phase = "m", .part = 2, .tested = 9}});
    say((struct event){.type = EVENT_COVERAGE, .coverage = {.phase = "i", .part = 2, .tested = 5}});
    say((struct event){.type = EVENT_NOT_TESTED,
                       .not_tested = {.subsystem = "bmc", .reason = "a"}});
    say((struct event){.type = EVENT_NOT_TESTED,
                       .not_tested = {.subsystem = "bmc", .reason = "a"}});
    say((struct event){.type = EVENT_NOT_TESTED,
                       .not_tested = {.subsystem = "bmc", .reason = "b"}});
    build();
    assert_int_equal(model.finding_rows.kept, 2);
    assert_int_equal(model.findings[0].finding.certainty, CERTAIN);
    assert_int_equal(model.findings[1].finding.certainty, POSSIBLE);
    assert_int_equal(model.coverage_rows.kept, 2);
    assert_int_equal(model.coverages[0].coverage.tested, 9);
    assert_int_equal(model.not_tested_rows.kept, 2);
}

/* --- Tables overflow, and say so ---------------------------------------------------------------
 */

enum { FLOOD = 1100 };

static struct event numbered(uint8_t type, unsigned i)
{
    struct event event = {.type = type};
    char name[NAME_SIZE];

    format_text(name, sizeof(name), "n%u", i);
    switch (type) {
    case EVENT_PART:
        event.part.part = (part_id)i;
        break;
    case EVENT_PHASE_START:
        copy_text(event.phase_start.phase, NAME_SIZE, name);
        break;
    case EVENT_SERIES:
        event.series.series = (uint16_t)i;
        break;
    case EVENT_COUNTER:
        event.counter.part = (part_id)i;
        break;
    case EVENT_COVERAGE:
        copy_text(event.coverage.phase, NAME_SIZE, name);
        break;
    case EVENT_LATENCY:
        copy_text(event.latency.phase, NAME_SIZE, name);
        break;
    case EVENT_PCIE_LINK:
        copy_text(event.pcie_link.device, NAME_SIZE, name);
        break;
    case EVENT_NOT_TESTED:
        copy_text(event.not_tested.subsystem, NAME_SIZE, name);
        break;
    case EVENT_FINDING:
        copy_text(event.finding.id, NAME_SIZE, name);
        break;
    case EVENT_GOOD:
        copy_text(event.good.id, NAME_SIZE, name);
        break;
    default:
        break;
    }
    return event;
}

static const struct {
    uint8_t type;
    const struct rows *rows;
    uint32_t limit;
    const char *loss;
} tables[] = {
    {EVENT_PART, &model.part_rows, MODEL_PARTS, "972 parts"},
    {EVENT_PHASE_START, &model.phase_rows, MODEL_PHASES, "1068 phases"},
    {EVENT_SERIES, &model.series_rows, MODEL_SERIES, "972 series of samples"},
    {EVENT_COUNTER, &model.counter_rows, MODEL_COUNTERS, "76 counters"},
    {EVENT_COVERAGE, &model.coverage_rows, MODEL_COVERAGES, "972 coverage figures"},
    {EVENT_UNTESTED_RANGE, &model.untested_rows, MODEL_UNTESTED_RANGES,
     "588 ranges of memory not tested"},
    {EVENT_MEMORY_ERROR, &model.memory_error_rows, MODEL_MEMORY_ERRORS, ""},
    {EVENT_DISK_ERROR, &model.disk_error_rows, MODEL_DISK_ERRORS, ""},
    {EVENT_MISMATCH, &model.mismatch_rows, MODEL_MISMATCHES, ""},
    {EVENT_PACE, &model.pace_rows, MODEL_PACES, ""},
    {EVENT_LATENCY, &model.latency_rows, MODEL_LATENCIES, "1036 latency figures"},
    {EVENT_OUTLIER, &model.outlier_rows, MODEL_OUTLIERS, ""},
    {EVENT_WRITE_ERROR, &model.write_error_rows, MODEL_WRITE_ERRORS, ""},
    {EVENT_MACHINE_CHECK, &model.machine_check_rows, MODEL_MACHINE_CHECKS, ""},
    {EVENT_PCIE_LINK, &model.link_rows, MODEL_LINKS, "1036 links of PCI Express"},
    {EVENT_PRIOR_RUN, &model.prior_run_rows, MODEL_PRIOR_RUNS, "1084 prior runs"},
    {EVENT_PRIOR_ERROR, &model.prior_error_rows, MODEL_PRIOR_ERRORS,
     "1004 errors from before the run"},
    {EVENT_RESTART, &model.restart_rows, MODEL_RESTARTS, "1096 causes of a restart"},
    {EVENT_CHANGE, &model.change_rows, MODEL_CHANGES, "1076 changes since an earlier run"},
    {EVENT_NOTE, &model.note_rows, MODEL_NOTES, "1036 notes"},
    {EVENT_NOT_TESTED, &model.not_tested_rows, MODEL_NOT_TESTED, "1036 subsystems not tested"},
    {EVENT_FINDING, &model.finding_rows, MODEL_FINDINGS, "1036 findings"},
    {EVENT_GOOD, &model.good_rows, MODEL_GOODS, "1084 good subsystems"},
};

static void test_tables_overflow_and_say_so(void **state)
{
    char text[TEXT_SIZE];

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        begin(state);
        for (unsigned j = 0; j < FLOOD; j++)
            say(numbered(tables[i].type, j));
        build();
        assert_int_equal(tables[i].rows->kept, tables[i].limit);
        assert_int_equal(rows_seen(*tables[i].rows), FLOOD);
        model_losses(&model, text, sizeof(text));
        assert_string_equal(text, tables[i].loss);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nothing_to_read, begin),
        cmocka_unit_test_setup(test_a_run, begin),
        cmocka_unit_test_setup(test_damage_is_known, begin),
        cmocka_unit_test_setup(test_phases, begin),
        cmocka_unit_test_setup(test_series, begin),
        cmocka_unit_test_setup(test_points_keep_the_extremes, begin),
        cmocka_unit_test_setup(test_counters, begin),
        cmocka_unit_test_setup(test_the_last_word_on_a_subject_counts, begin),
        cmocka_unit_test_setup(test_tables_overflow_and_say_so, begin),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
