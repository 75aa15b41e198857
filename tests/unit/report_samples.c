/*
 * Writes sample journals and the reports made of them, for checks by other programs:
 *
 *   report_samples DIR
 *
 * Each run goes to DIR/<name>/: journal.log, report.jsonl, junit.xml.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/text.h"
#include "report/junit.h"
#include "report/ocp.h"

enum { JOURNAL_ROOM = 1 << 20 };

static const char hostile[] = "q\" b\\ n\n t\t e\x1b[2J d\x7f <&'> ]]> </script> \xff\xfe \xc3\xa9 "
                              "\xf0\x9f\x92\xbe \xed\xa0\x80 \xef\xbf\xbf \xc0\x80 %s #";

struct run {
    struct journal journal;
    uint64_t time_us;
};

static void say(struct run *run, struct event event)
{
    run->time_us += 250000;
    event.time_us = run->time_us;
    journal_append(&run->journal, &event);
}

static void say_start(struct run *run, const char *options, const char *inject)
{
    struct event event = {.type = EVENT_RUN_START,
                          .run_start = {.version = "1.0",
                                        .plan = "imaging",
                                        .seed = UINT64_MAX,
                                        .number = 7,
                                        .imaging_s = 1800,
                                        .year = 2026,
                                        .month = 3,
                                        .day = 1,
                                        .hour = 0,
                                        .minute = 30,
                                        .zone_known = true,
                                        .zone_minutes = 60}};

    copy_text(event.run_start.options, OPTIONS_SIZE, options);
    copy_text(event.run_start.inject, NAME_SIZE, inject);
    say(run, event);
}

static void say_part(struct run *run, part_id part, enum part_kind kind, const char *name,
                     const char *serial, const char *place)
{
    struct event event = {.type = EVENT_PART,
                          .part = {.part = part, .kind = (uint8_t)kind, .size = 1 << 20}};

    copy_text(event.part.name, NAME_SIZE, name);
    copy_text(event.part.serial, SERIAL_SIZE, serial);
    copy_text(event.part.place, PLACE_SIZE, place);
    say(run, event);
}

static void say_parts(struct run *run)
{
    say_part(run, 0, PART_MACHINE, "Example Board", "SN-BOARD", "");
    say_part(run, PART_ALL_PROCESSORS, PART_PROCESSOR, "Example CPU", "", "");
    say_part(run, PART_ALL_MEMORY, PART_MEMORY, "memory", "", "");
    say_part(run, 3, PART_DISK, "Example Disk", "SN-DISK", "SATA port 1");
    say_part(run, 4, PART_FAN, "Fan 1", "", "CPU_FAN");
}

static void say_phase_start(struct run *run, const char *phase)
{
    struct event event = {.type = EVENT_PHASE_START, .phase_start.planned_s = 60};

    copy_text(event.phase_start.phase, NAME_SIZE, phase);
    say(run, event);
}

static void say_phase_end(struct run *run, const char *phase, enum ending ending)
{
    struct event event = {.type = EVENT_PHASE_END, .phase_end.ending = (uint8_t)ending};

    copy_text(event.phase_end.phase, NAME_SIZE, phase);
    say(run, event);
}

static void say_note(struct run *run, enum severity severity, const char *words)
{
    struct event event = {.type = EVENT_NOTE, .note.severity = (uint8_t)severity};

    copy_text(event.note.text, TEXT_SIZE, words);
    say(run, event);
}

static void say_finding(struct run *run, const char *id, part_id part, enum certainty certainty,
                        const char *component)
{
    struct event event = {
        .type = EVENT_FINDING,
        .finding = {.part = part,
                    .certainty = (uint8_t)certainty,
                    .evidence = "Address 0x12345678 failed twice, without any drive.",
                    .advice = "Replace or reseat the module in this slot."}};

    copy_text(event.finding.id, NAME_SIZE, id);
    copy_text(event.finding.component, TEXT_SIZE, component);
    say(run, event);
}

static void say_good(struct run *run, const char *id)
{
    struct event event = {.type = EVENT_GOOD, .good.evidence = "Tried in full, without an error."};

    copy_text(event.good.id, NAME_SIZE, id);
    say(run, event);
}

static void say_not_tested(struct run *run, const char *subsystem, const char *reason)
{
    struct event event = {.type = EVENT_NOT_TESTED, .not_tested.part = 3};

    copy_text(event.not_tested.subsystem, NAME_SIZE, subsystem);
    copy_text(event.not_tested.reason, TEXT_SIZE, reason);
    say(run, event);
}

static void say_end(struct run *run, enum overall overall, enum ending ending)
{
    say(run, (struct event){.type = EVENT_VERDICT,
                            .verdict = {.overall = (uint8_t)overall, .reason = "As found."}});
    say(run, (struct event){.type = EVENT_RUN_END, .run_end.ending = (uint8_t)ending});
}

static void say_counter(struct run *run, const char *name, enum moment moment, uint64_t value)
{
    struct event event = {.type = EVENT_COUNTER,
                          .counter = {.part = 3, .moment = (uint8_t)moment, .value = value}};

    copy_text(event.counter.name, NAME_SIZE, name);
    say(run, event);
}

static void say_sensors(struct run *run, const char *name)
{
    struct event declared[] = {
        {.type = EVENT_SERIES,
         .series = {.series = 1, .part = 1, .has_high = true, .high = 100000}},
        {.type = EVENT_SERIES,
         .series = {.series = 9,
                    .part = 4,
                    .quantity = QUANTITY_FAN_SPEED,
                    .has_low = true,
                    .low = 300000}},
    };

    for (size_t i = 0; i < 2; i++) {
        copy_text(declared[i].series.name, NAME_SIZE, name);
        say(run, declared[i]);
    }
    for (int64_t i = 0; i < 600; i++) {
        say(run, (struct event){.type = EVENT_SAMPLE,
                                .sample = {.series = i % 2 ? 1 : 9, .value = 40250 - i * 100}});
    }
    say(run, (struct event){.type = EVENT_SENSOR_STATE,
                            .sensor_state = {.series = 9, .below_critical = true}});
}

static void say_coverage(struct run *run, const char *phase, part_id part)
{
    struct event event = {
        .type = EVENT_COVERAGE,
        .coverage = {.part = part, .tested = 900, .total = 1000, .moved = UINT64_MAX}};

    copy_text(event.coverage.phase, NAME_SIZE, phase);
    say(run, event);
}

/* One of each kind of raw evidence. */
static void say_evidence(struct run *run)
{
    say(run, (struct event){.type = EVENT_STEP, .step.name = "connect 00:1f.2"});
    say(run,
        (struct event){.type = EVENT_STEP, .step = {.name = "connect 00:1f.2", .ended = true}});
    say(run, (struct event){.type = EVENT_MEMORY_ERROR,
                            .memory_error = {.address = 0x12345678,
                                             .expected = UINT64_MAX,
                                             .actual = UINT64_MAX - 1,
                                             .reread = UINT64_MAX,
                                             .test = "random",
                                             .has_temperature = true,
                                             .temperature = -1500}});
    say(run, (struct event){.type = EVENT_UNTESTED_RANGE,
                            .untested_range = {.start = 4096,
                                               .end = UINT64_MAX,
                                               .size = UINT64_MAX,
                                               .holder = HELD_BY_MANY,
                                               .counted = true}});
    say(run, (struct event){.type = EVENT_DISK_ERROR,
                            .disk_error = {.part = 3, .lba = 4711, .status = "UNC at 4711"}});
    say(run, (struct event){.type = EVENT_MISMATCH, .mismatch = {.part = 3, .lba = 1, .bits = 1}});
    say(run, (struct event){.type = EVENT_PACE, .pace = {.part = 3, .usual = 100, .slow = 1}});
    say(run, (struct event){.type = EVENT_LATENCY,
                            .latency = {.phase = "imaging",
                                        .part = 3,
                                        .reads = 1003,
                                        .undated = 2,
                                        .median_us = 400,
                                        .p99_us = 1200,
                                        .p999_us = 9000,
                                        .longest_us = 212000,
                                        .longest_lba = 123456,
                                        .histogram = "0,0,0,0,0,0,0,3,1000",
                                        .map = "999-"}});
    say(run, (struct event){.type = EVENT_OUTLIER,
                            .outlier = {.part = 3, .lba = 123456, .duration_us = 212000}});
    say(run, (struct event){.type = EVENT_WRITE_ERROR,
                            .write_error = {.part = 3, .lba = 8, .generation = UINT64_MAX}});
    say(run, (struct event){.type = EVENT_MACHINE_CHECK,
                            .machine_check = {.bank = 4, .status = UINT64_MAX}});
    say(run, (struct event){.type = EVENT_PROGRESS, .progress.permille = 500});
}

static void healthy_run(struct run *run)
{
    say_start(run, "plan=imaging minutes=30 minutes=5 write=none", "");
    say_parts(run);
    say_phase_start(run, "memory");
    say_sensors(run, "CPU package");
    say_phase_end(run, "memory", ENDED_DONE);
    say_coverage(run, "memory", PART_ALL_MEMORY);
    say_counter(run, "interface CRC errors", MOMENT_START, 5);
    say_counter(run, "interface CRC errors", MOMENT_END, 5);
    say_good(run, "memory-ok");
    say_good(run, "disk-ok");
    say_end(run, OVERALL_PASS, ENDED_DONE);
}

static void faulty_run(struct run *run)
{
    say_start(run, "plan=imaging", "");
    say_parts(run);
    say(run, (struct event){.type = EVENT_PRIOR_RUN,
                            .prior_run = {.number = 6, .after_s = 99, .phase = "imaging"}});
    say_phase_start(run, "imaging");
    say_evidence(run);
    say_sensors(run, "CPU package");
    say_note(run, SEVERITY_WARNING, "Only one processor could be started.");
    say_phase_end(run, "imaging", ENDED_DONE);
    say_phase_end(run, "cool-down", ENDED_SKIPPED);
    say_coverage(run, "imaging", 3);
    say_counter(run, "pending sectors", MOMENT_START, 9);
    say_counter(run, "pending sectors", MOMENT_END, 2);
    say_counter(run, "media errors", MOMENT_END, UINT64_MAX);
    say_finding(run, "memory-bit-error", PART_ALL_MEMORY, POSSIBLE, "DIMM_A1");
    say_finding(run, "memory-bit-error", PART_ALL_MEMORY, CERTAIN, "DIMM_A1");
    say_finding(run, "disk-link", 3, POSSIBLE, "SN-DISK");
    say_good(run, "cooling-ok");
    say_not_tested(run, "pcie", "not visible here");
    say_end(run, OVERALL_FAIL, ENDED_DONE);
}

static void suspect_run(struct run *run)
{
    say_start(run, "plan=quick", "");
    say_finding(run, "reset-under-load", 0, POSSIBLE, "the machine");
    say_end(run, OVERALL_SUSPECT, ENDED_DONE);
}

static void incomplete_run(struct run *run)
{
    say_start(run, "plan=disk", "");
    say_phase_start(run, "disk");
    say_note(run, SEVERITY_ERROR,
             "The journal could not be written: the device reported a failure.");
    say_phase_end(run, "disk", ENDED_CUT);
    say_not_tested(run, "disk", "no disk was found");
    say_end(run, OVERALL_INCOMPLETE, ENDED_CUT);
}

static void died_run(struct run *run)
{
    say_start(run, "plan=imaging", "");
    say_parts(run);
    say_phase_start(run, "memory");
    say_phase_end(run, "memory", ENDED_DONE);
    say_phase_start(run, "imaging");
    say_sensors(run, "CPU package");
    say_finding(run, "memory-bit-error", PART_ALL_MEMORY, LIKELY, "DIMM_A1");
}

static void hostile_run(struct run *run)
{
    struct event finding = {.type = EVENT_FINDING};

    say_start(run, hostile, hostile);
    say_part(run, 0, PART_MACHINE, hostile, hostile, hostile);
    say_part(run, 3, PART_DISK, hostile, hostile, hostile);
    say_phase_start(run, hostile);
    say_sensors(run, hostile);
    say_note(run, SEVERITY_INFO, hostile);
    say_note(run, SEVERITY_ERROR, hostile);
    say_counter(run, hostile, MOMENT_START, 1);
    say_coverage(run, hostile, 3);
    say_good(run, hostile);
    say_not_tested(run, hostile, hostile);
    copy_text(finding.finding.id, NAME_SIZE, hostile);
    copy_text(finding.finding.component, TEXT_SIZE, hostile);
    copy_text(finding.finding.evidence, TEXT_SIZE, hostile);
    copy_text(finding.finding.advice, TEXT_SIZE, hostile);
    say(run, finding);
    say_end(run, OVERALL_SUSPECT, ENDED_DONE);
}

static void injected_run(struct run *run)
{
    say_start(run, "plan=quick inject=memory-bit", "memory-bit");
    say_finding(run, "memory-bit-error", 0, CERTAIN, "0x1000");
    say_end(run, OVERALL_FAIL, ENDED_DONE);
}

/* No clock, texts and names empty, numbers odd, phases overlapping and too many. */
static void odd_run(struct run *run)
{
    say(run, (struct event){.type = EVENT_RUN_START});
    say(run, (struct event){.type = EVENT_SERIES, .series.part = 77});
    say(run, (struct event){.type = EVENT_SAMPLE, .sample = {.series = 0, .value = INT64_MIN}});
    say(run, (struct event){.type = EVENT_SAMPLE, .sample.series = 5});
    say(run, (struct event){.type = EVENT_SENSOR_STATE, .sensor_state.series = 5});
    for (int i = 0; i < 40; i++)
        say_phase_start(run, i % 2 ? "" : "again");
    say_phase_end(run, "again", ENDED_DONE);
    for (int i = 0; i < 200; i++) {
        char name[NAME_SIZE];

        format_text(name, sizeof(name), "part %d", i);
        say_part(run, (part_id)i, PART_DISK, "", "", "");
        say_finding(run, name, (part_id)i, LIKELY, "");
    }
    say(run, (struct event){.type = EVENT_GOOD});
    say(run, (struct event){.type = EVENT_NOTE});
    run->time_us = UINT64_MAX - 10 * 250000;
    say_end(run, OVERALL_FAIL, ENDED_DONE);
}

/* As the healthy run, cut in the middle of its last line. */
static void damaged_run(struct run *run)
{
    healthy_run(run);
    run->journal.length -= 12;
}

static const struct {
    const char *name;
    void (*play)(struct run *run);
} runs[] = {
    {"healthy", healthy_run}, {"faulty", faulty_run},     {"suspect", suspect_run},
    {"died", died_run},       {"hostile", hostile_run},   {"incomplete", incomplete_run},
    {"odd", odd_run},         {"injected", injected_run}, {"damaged", damaged_run},
};

static void fail(const char *what)
{
    fprintf(stderr, "report_samples: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[4096];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file)
        fail(path);
    return file;
}

static int write_to_file(void *context, const void *data, size_t size)
{
    return fwrite(data, 1, size, context) == size ? OK : ERR_IO;
}

static void write_run(const char *folder, const struct journal *journal, struct model *model)
{
    struct output output = {.write = write_to_file};
    FILE *file = open_in(folder, "journal.log");

    fwrite(journal->data, 1, journal->length, file);
    fclose(file);
    model_build(model, journal->data, journal->length);
    output.context = open_in(folder, "report.jsonl");
    if (ocp_write(journal->data, journal->length, model, &output) != OK)
        fail("report.jsonl");
    fclose(output.context);
    output.context = open_in(folder, "junit.xml");
    if (junit_write(model, &output) != OK)
        fail("junit.xml");
    fclose(output.context);
}

int main(int argc, char **argv)
{
    static char buffer[JOURNAL_ROOM];
    static struct model model;

    if (argc != 2) {
        fprintf(stderr, "usage: report_samples DIR\n");
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
        char folder[2048];
        struct run run = {.time_us = 0};

        snprintf(folder, sizeof(folder), "%s/%s", argv[1], runs[i].name);
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            fail(folder);
        journal_init(&run.journal, buffer, sizeof(buffer));
        runs[i].play(&run);
        write_run(folder, &run.journal, &model);
    }
    return EXIT_SUCCESS;
}
