#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/closing.h"
#include "report/console.h"
#include "report/journal.h"
#include "report/lava.h"
#include "tests/sim/sample_run.h"

enum {
    WANTED = 80,
    DISK = PART_FIRST_FREE,
    SECOND_DISK,
    LOG_SIZE = 1 << 20,
    JOURNAL_SIZE = 8 << 20
};

static struct {
    size_t length;
    char text[LOG_SIZE];
} said;

static struct lava lava;
static struct model model;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];

static void keep_line(void *context, const char *line)
{
    size_t length = strlen(line);

    (void)context;
    assert_true(length <= LINE_COLUMNS);
    for (size_t i = 0; i < length; i++)
        assert_in_range(line[i], ' ', '~');
    assert_true(said.length + length + 2 < LOG_SIZE);
    memcpy(said.text + said.length, line, length);
    said.length += length;
    said.text[said.length++] = '\n';
    said.text[said.length] = '\0';
}

static const struct lines lines = {.put = keep_line};

static void keep_harmless(void *context, const char *line)
{
    char harmless[LINE_SIZE];

    keep_line(context, lava_harmless(line, harmless));
}

static const struct lines harmless_lines = {.put = keep_harmless};

static int start(void **state)
{
    (void)state;
    memset(&said, 0, sizeof(said));
    memset(&model, 0, sizeof(model));
    return 0;
}

static size_t count(const char *needle)
{
    size_t found = 0;

    for (const char *at = said.text; (at = strstr(at, needle)); at++)
        found++;
    return found;
}

static void says(const char *line)
{
    char whole[LINE_SIZE + 2];

    format_text(whole, sizeof(whole), "\n%s\n", line);
    if (count(whole) != 1)
        fail_msg("not said once: %s\nin:\n%s", line, said.text);
}

static void take(uint64_t second, struct event event)
{
    event.time_us = second * 1000000;
    model_take(&model, &event);
}

static void phase(const char *name, uint64_t from, uint64_t to, enum ending ending)
{
    struct event begin = {.type = EVENT_PHASE_START};
    struct event end = {.type = EVENT_PHASE_END, .phase_end.ending = (uint8_t)ending};

    copy_text(begin.phase_start.phase, NAME_SIZE, name);
    copy_text(end.phase_end.phase, NAME_SIZE, name);
    take(from, begin);
    take(to, end);
}

static void coverage(const char *name, part_id part, uint64_t tested, uint64_t total)
{
    struct event event = {.type = EVENT_COVERAGE,
                          .coverage = {.part = part, .tested = tested, .total = total}};

    copy_text(event.coverage.phase, NAME_SIZE, name);
    take(0, event);
}

static void series(uint16_t number, part_id part, enum quantity quantity, int64_t high)
{
    take(0, (struct event){.type = EVENT_SERIES,
                           .series = {.series = number,
                                      .part = part,
                                      .quantity = (uint8_t)quantity,
                                      .has_high = quantity == QUANTITY_TEMPERATURE,
                                      .high = 100000}});
    take(1, (struct event){.type = EVENT_SAMPLE, .sample = {.series = number, .value = 0}});
    take(2, (struct event){.type = EVENT_SAMPLE, .sample = {.series = number, .value = high}});
}

static void drive(part_id part, const char *serial, const char *place)
{
    struct event event = {.type = EVENT_PART,
                          .part = {.part = part, .kind = PART_DISK, .name = "Example SSD"}};

    copy_text(event.part.serial, SERIAL_SIZE, serial);
    copy_text(event.part.place, PLACE_SIZE, place);
    take(0, event);
}

static void good(const char *id)
{
    struct event event = {.type = EVENT_GOOD};

    copy_text(event.good.id, NAME_SIZE, id);
    take(3, event);
}

static void finding(const char *id, enum certainty certainty, part_id part, const char *component)
{
    struct event event = {.type = EVENT_FINDING,
                          .finding = {.part = part, .certainty = (uint8_t)certainty}};

    copy_text(event.finding.id, NAME_SIZE, id);
    copy_text(event.finding.component, TEXT_SIZE, component);
    take(3, event);
}

static void not_tested(const char *subsystem, part_id part, const char *reason)
{
    struct event event = {.type = EVENT_NOT_TESTED, .not_tested.part = part};

    copy_text(event.not_tested.subsystem, NAME_SIZE, subsystem);
    copy_text(event.not_tested.reason, TEXT_SIZE, reason);
    take(3, event);
}

static void verdict(enum overall overall)
{
    take(4, (struct event){.type = EVENT_VERDICT, .verdict.overall = (uint8_t)overall});
}

/* A machine with one drive, and nothing is wrong with it. */
static void play_healthy(void)
{
    drive(DISK, "S64D-NX0R", "PCI 01:00.0");
    phase("memory", 1, 61, ENDED_DONE);
    phase("imaging", 61, 91, ENDED_DONE);
    coverage("memory", PART_ALL_MEMORY, 970000000, 1000000000);
    coverage("imaging", DISK, 1000, 300000);
    coverage("disks", DISK, 150000, 300000);
    coverage("machine-check", PART_ALL_PROCESSORS, 4, 4);
    series(0, DISK, QUANTITY_THROUGHPUT, 512345678000);
    series(1, PART_ALL_PROCESSORS, QUANTITY_TEMPERATURE, 71500);
    series(2, DISK, QUANTITY_TEMPERATURE, 44000);
    good("memory-ok");
    good("disk-ok");
    good("cpu-ok");
    not_tested("pcie-aer", 0, "the firmware keeps these errors to itself");
    not_tested("drive-health", DISK, "the drive has no log");
}

static void write_all(void)
{
    lava_write(&lava, &model, WANTED, &lines);
}

static void healthy_machine_passes(void **state)
{
    (void)state;
    play_healthy();
    verdict(OVERALL_PASS);
    write_all();
    assert_string_equal(said.text, "ASSAY START\n"
                                   "ASSAY TEST subsystem_memory PASS 1 judged\n"
                                   "ASSAY TEST subsystem_cpu PASS 1 judged\n"
                                   "ASSAY TEST subsystem_disk PASS 1 judged\n"
                                   "ASSAY TEST subsystem_cooling SKIP 0 judged\n"
                                   "ASSAY TEST subsystem_pcie SKIP 0 judged\n"
                                   "ASSAY TEST phase_memory PASS 60.0 s\n"
                                   "ASSAY TEST phase_imaging PASS 30.0 s\n"
                                   "ASSAY TEST memory_coverage PASS 97.000 percent\n"
                                   "ASSAY TEST memory_coverage_wanted PASS 80.000 percent\n"
                                   "ASSAY TEST memory_errors PASS 0 errors\n"
                                   "ASSAY TEST disk_s64d_nx0r_coverage PASS 50.000 percent\n"
                                   "ASSAY TEST disk_s64d_nx0r_throughput PASS 512.3 MB/s\n"
                                   "ASSAY TEST disk_errors PASS 0 errors\n"
                                   "ASSAY TEST temperature PASS 71.500 celsius\n"
                                   "ASSAY TEST temperature_wanted PASS 100.000 celsius\n"
                                   "ASSAY TEST machine_checks PASS 0 errors\n"
                                   "ASSAY TEST not_tested_pcie_aer SKIP 0 tested\n"
                                   "ASSAY TEST not_tested_drive_health_s64d_nx0r SKIP 0 tested\n"
                                   "ASSAY TEST verdict PASS 0 findings\n"
                                   "ASSAY END verdict=PASS\n");
}

static void feed_journal(void *context, struct event *event)
{
    (void)context;
    journal_append(&journal, event);
}

static void build(void (*run)(const struct sink *sink))
{
    const struct sink sink = {.emit = feed_journal};

    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    run(&sink);
    model_build(&model, journal.data, journal.length);
}

static void failing_machine_fails(void **state)
{
    (void)state;
    build(sample_run);
    write_all();
    assert_ptr_equal(strstr(said.text, "ASSAY START\nASSAY TEST memory_bit_error_"), said.text);
    says("ASSAY TEST memory_bit_error_dimm_b1_8_gib_example_m FAIL 1 certain");
    says("ASSAY TEST disk_media_sa2000_0042_example_sata_2000 FAIL 1 likely");
    says("ASSAY TEST cooling_fan_cpu_fan_cpu_fan FAIL 1 possible");
    says("ASSAY TEST subsystem_memory FAIL 1 judged");
    says("ASSAY TEST subsystem_cooling FAIL 1 judged");
    says("ASSAY TEST subsystem_pcie PASS 1 judged");
    says("ASSAY TEST subsystem_cpu SKIP 0 judged");
    says("ASSAY TEST memory_errors FAIL 40 errors");
    says("ASSAY TEST disk_errors FAIL 8 errors");
    says("ASSAY TEST machine_checks SKIP 0 errors"); /* the one there is came before the run */
    says("ASSAY TEST not_tested_pcie_aer SKIP 0 tested");
    says("ASSAY TEST verdict FAIL 3 findings");
    assert_string_equal(strstr(said.text, "ASSAY END"), "ASSAY END verdict=FAIL\n");
}

/* As in JUnit's report: whatever was found is a failure. */
static void suspicion_fails(void **state)
{
    (void)state;
    play_healthy();
    finding("disk-slow", POSSIBLE, DISK, "S64D-NX0R Example SSD");
    verdict(OVERALL_SUSPECT);
    write_all();
    says("ASSAY TEST disk_slow_s64d_nx0r_example_ssd FAIL 1 possible");
    says("ASSAY TEST disk_s64d_nx0r_throughput FAIL 512.3 MB/s");
    says("ASSAY TEST disk_s64d_nx0r_coverage PASS 50.000 percent");
    says("ASSAY TEST verdict FAIL 1 findings");
    assert_string_equal(strstr(said.text, "ASSAY END"), "ASSAY END verdict=SUSPECT\n");
}

static void heat_fails_where_it_is_accused(void **state)
{
    (void)state;
    play_healthy();
    series(3, PART_ALL_PROCESSORS, QUANTITY_TEMPERATURE, 104000);
    take(2, (struct event){.type = EVENT_SENSOR_STATE,
                           .sensor_state = {.series = 3, .above_critical = true}});
    verdict(OVERALL_PASS);
    write_all();
    says("ASSAY TEST temperature PASS 104.000 celsius");
    assert_int_equal(count(" FAIL "), 0);
    memset(&said, 0, sizeof(said));
    finding("cooling-airflow", LIKELY, 0, "the case");
    write_all();
    says("ASSAY TEST temperature FAIL 104.000 celsius");
    says("ASSAY TEST temperature_wanted PASS 100.000 celsius");
}

static void incomplete_run_fails(void **state)
{
    (void)state;
    phase("inventory", 0, 1, ENDED_DONE);
    phase("baseline", 1, 1, ENDED_SKIPPED);
    phase("memory", 1, 61, ENDED_CUT);
    coverage("memory", PART_ALL_MEMORY, 799999999, 1000000000);
    verdict(OVERALL_INCOMPLETE);
    write_all();
    says("ASSAY TEST phase_baseline SKIP 0.0 s");
    says("ASSAY TEST phase_memory FAIL 60.0 s");
    says("ASSAY TEST memory_coverage FAIL 79.999 percent");
    says("ASSAY TEST memory_coverage_wanted PASS 80.000 percent");
    says("ASSAY TEST temperature SKIP 0.000 celsius");
    says("ASSAY TEST temperature_wanted SKIP 0.000 celsius");
    says("ASSAY TEST disk_errors SKIP 0 errors");
    says("ASSAY TEST verdict FAIL 0 findings");
    assert_string_equal(strstr(said.text, "ASSAY END"), "ASSAY END verdict=INCOMPLETE\n");
}

static void enough_memory_passes(void **state)
{
    (void)state;
    phase("memory", 1, 61, ENDED_DONE);
    coverage("memory", PART_ALL_MEMORY, 800000000, 1000000000);
    write_all();
    says("ASSAY TEST memory_coverage PASS 80.000 percent");
}

/* A phase that never ended, and a journal without a verdict. */
static void broken_run_fails(void **state)
{
    (void)state;
    take(5, (struct event){.type = EVENT_PHASE_START, .phase_start.phase = "imaging"});
    write_all();
    assert_int_equal(count("\nASSAY TEST phase_imaging FAIL "), 1);
    says("ASSAY TEST verdict FAIL 0 findings");
    says("ASSAY END verdict=INCOMPLETE");
}

static void memory_without_its_phase_is_skipped(void **state)
{
    (void)state;
    phase("imaging", 0, 9, ENDED_DONE);
    verdict(OVERALL_PASS);
    write_all();
    says("ASSAY TEST memory_coverage SKIP 0.000 percent");
    says("ASSAY TEST memory_coverage_wanted SKIP 80.000 percent");
    says("ASSAY TEST memory_errors SKIP 0 errors");
    assert_int_equal(count(" FAIL "), 0);
}

static void injected_faults_are_told(void **state)
{
    (void)state;
    take(0, (struct event){.type = EVENT_RUN_START, .run_start.inject = "memory-bit,fan-stop"});
    write_all();
    says("ASSAY TEST injected_faults SKIP 2 faults");
}

static void equal_drives_have_ids_of_their_own(void **state)
{
    (void)state;
    drive(DISK, "0000", "");
    drive(SECOND_DISK, "0000", "");
    drive(SECOND_DISK + 1, "", "SATA port 2");
    drive(SECOND_DISK + 2, "\xff\xfe ", "");
    coverage("imaging", SECOND_DISK, 1, 4);
    write_all();
    says("ASSAY TEST disk_0000_coverage SKIP 0.000 percent");
    says("ASSAY TEST disk_0000_throughput SKIP 0.0 MB/s");
    says("ASSAY TEST disk_0000_coverage_2 PASS 25.000 percent");
    says("ASSAY TEST disk_0000_throughput_2 SKIP 0.0 MB/s");
    says("ASSAY TEST disk_sata_port_2_coverage SKIP 0.000 percent");
    says("ASSAY TEST disk_coverage SKIP 0.000 percent");
}

static void ids_are_safe(void **state)
{
    static const struct {
        const char *prefix, *words, *suffix, *id;
    } cases[] = {
        {"disk_", "S64D NX0R", "_coverage", "disk_s64d_nx0r_coverage"},
        {"disk_", "  a--B//c  ", "_x", "disk_a_b_c_x"},
        {"disk_", "x\r\nASSAY TEST y PASS 1 z", "_x", "disk_x_assay_test_y_pass_1_z_x"},
        {"disk_", "", "_x", "disk_x"},
        {"", "", "", "unnamed"},
        {"", "\xc3\xa4_\x1b[2J", "", "2j"},
        {"", "0123456789012345678901234567890123456789", "",
         "012345678901234567890123456789012345678"
         "9"},
        {"", "01234567890123456789012345678901234567890", "",
         "0123456789012345678901234567890123456789_2"},
        {"disk_", "0123456789012345678901234567890123456789", "_throughput",
         "disk_012345678901234567890123_throughput"},
    };

    (void)state;
    lava_begin(&lava, &lines);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        lava_put(&lava, &(struct lava_case){.prefix = cases[i].prefix,
                                            .words = cases[i].words,
                                            .suffix = cases[i].suffix,
                                            .units = "u"});
        assert_string_equal(lava.ids[i], cases[i].id);
    }
}

/* A serial number may look like what the number of an equal one makes. */
static void numbered_ids_do_not_meet(void **state)
{
    static const char *const words[] = {"a", "a 2", "a", "a", "a-2"};
    static const char *const ids[] = {"a", "a_2", "a_3", "a_4", "a_2_2"};

    (void)state;
    lava_begin(&lava, &lines);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        lava_put(&lava,
                 &(struct lava_case){.prefix = "", .words = words[i], .suffix = "", .units = "u"});
        assert_string_equal(lava.ids[i], ids[i]);
    }
}

static void lines_keep_their_columns(void **state)
{
    static const int64_t values[] = {INT64_MAX, INT64_MIN, -1};
    char words[LAVA_ID_SIZE * 2];

    (void)state;
    memset(words, 'x', sizeof(words));
    words[sizeof(words) - 1] = '\0';
    lava_begin(&lava, &lines);
    for (unsigned decimals = 0; decimals <= 3; decimals++) {
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
            lava_put(&lava, &(struct lava_case){.prefix = "",
                                                .words = words,
                                                .suffix = "",
                                                .result = LAVA_SKIP,
                                                .milli = values[i],
                                                .decimals = decimals,
                                                .units = "eightchr"});
    }
    assert_int_equal(count(" eightchr\n"), 12); /* nothing was cut off */
    assert_int_equal(count(" SKIP 999999999 eightchr\n"), 1);
    assert_int_equal(count(" SKIP 9999999.9 eightchr\n"), 1);
    assert_int_equal(count(" SKIP 999999.99 eightchr\n"), 1);
    assert_int_equal(count(" SKIP 9999.999 eightchr\n"), 1);
}

static void too_many_are_counted(void **state)
{
    struct lava_case result = {
        .prefix = "", .words = "x", .suffix = "", .result = LAVA_PASS, .units = "u"};

    (void)state;
    lava_begin(&lava, &lines);
    for (unsigned i = 0; i < LAVA_CASES + 3; i++)
        lava_put(&lava, &result);
    lava_end(&lava, OVERALL_PASS);
    says("ASSAY TEST more_results SKIP 3 results");
    lava_begin(&lava, &lines);
    result.result = LAVA_FAIL;
    for (unsigned i = 0; i <= LAVA_CASES; i++)
        lava_put(&lava, &result);
    lava_end(&lava, OVERALLS);
    says("ASSAY TEST more_results FAIL 1 results");
    says("ASSAY END verdict=INCOMPLETE");
}

static void bad_options_fail(void **state)
{
    (void)state;
    lava_write_bad_options(&lava, 2, &lines);
    assert_string_equal(said.text, "ASSAY START\nASSAY TEST options FAIL 2 errors\n"
                                   "ASSAY END verdict=INCOMPLETE\n");
}

/* The next word of a line, made of allowed characters only. */
static char *word(char **rest, const char *allowed)
{
    char *found = strtok_r(NULL, " ", rest);

    assert_non_null(found);
    assert_int_equal(strspn(found, allowed), strlen(found));
    return found;
}

/* The line is of the one form, and no other one has its id. */
static void check_result(char *line)
{
    static char ids[LAVA_CASES + 1][LAVA_ID_SIZE];
    static size_t known;
    char *rest = line, *id, *result;

    if (strcmp(line, "ASSAY START") == 0)
        known = 0;
    if (strncmp(line, "ASSAY TEST ", 11) != 0)
        return;
    strtok_r(line, " ", &rest);
    word(&rest, "TEST");
    id = word(&rest, "abcdefghijklmnopqrstuvwxyz0123456789_");
    assert_null(strstr(id, "__"));
    for (size_t i = 0; i < known; i++)
        assert_string_not_equal(ids[i], id);
    copy_text(ids[known++], LAVA_ID_SIZE, id);
    result = word(&rest, "PASFILK");
    assert_true(!strcmp(result, "PASS") || !strcmp(result, "FAIL") || !strcmp(result, "SKIP"));
    word(&rest, "-.0123456789");
    word(&rest, "abcdefghijklmnopqrstuvwxyzMB/");
    assert_null(strtok_r(NULL, " ", &rest));
}

static void hostile_text_keeps_the_form(void **state)
{
    char *rest = NULL;

    (void)state;
    build(hostile_run);
    write_all();
    assert_int_equal(count("ASSAY START\n"), 1);
    assert_int_equal(count("\nASSAY END verdict="), 1);
    assert_int_equal(count("\nASSAY TEST verdict FAIL "), 1);
    assert_int_equal(count("\nASSAY TEST more_findings FAIL "), 1);
    assert_int_equal(count("more_results"), 0);
    for (char *line = strtok_r(said.text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        check_result(line);
}

static void other_lines_are_harmless(void **state)
{
    static const struct {
        const char *line, *harmless;
    } cases[] = {
        {"", ""},
        {"ASSAY VERDICT PASS", "ASSAY VERDICT PASS"},
        {"ASSAY FINDING disk-media likely S1", "ASSAY FINDING disk-media likely S1"},
        {"ASSAY TEST x PASS 1 y", "ASSAY_TEST x PASS 1 y"},
        {"found: ASSAY START ASSAY END", "found: ASSAY_START ASSAY_END"},
        {"ASSAYASSAY TEST", "ASSAYASSAY_TEST"},
        {"ASSAY TES", "ASSAY TES"},
    };
    char harmless[LINE_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(lava_harmless(cases[i].line, harmless), cases[i].harmless);
}

/* Drives, components and reasons that bear a result's own words, shown by all that shows them. */
static void no_name_passes_for_a_result(void **state)
{
    static const char lie[] = "ASSAY START ASSAY TEST a PASS 1 b";
    static struct console console;
    struct event event = {.type = EVENT_PART, .part = {.part = DISK, .kind = PART_DISK}};

    (void)state;
    console_init(&console, &harmless_lines);
    copy_text(event.part.name, NAME_SIZE, lie);
    copy_text(event.part.serial, SERIAL_SIZE, lie);
    copy_text(event.part.place, PLACE_SIZE, "ASSAY END verdict=PASS");
    console_event(&console, &event);
    take(0, event);
    finding("disk-media", LIKELY, DISK, lie);
    not_tested("ASSAY TEST c", DISK, lie);
    closing_lines(&model, &harmless_lines);
    assert_true(count("ASSAY_TEST") >= 3);
    assert_int_equal(count("ASSAY TEST") + count("ASSAY START") + count("ASSAY END"), 0);
    memset(&said, 0, sizeof(said));
    write_all();
    assert_int_equal(count("ASSAY START") + count("ASSAY END"), 2);
    says("ASSAY TEST disk_assay_start_assay_test_a_coverage SKIP 0.000 percent");
    says("ASSAY TEST disk_assay_start_assay_test_a_throughput SKIP 0.0 MB/s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(healthy_machine_passes, start),
        cmocka_unit_test_setup(failing_machine_fails, start),
        cmocka_unit_test_setup(suspicion_fails, start),
        cmocka_unit_test_setup(heat_fails_where_it_is_accused, start),
        cmocka_unit_test_setup(incomplete_run_fails, start),
        cmocka_unit_test_setup(enough_memory_passes, start),
        cmocka_unit_test_setup(broken_run_fails, start),
        cmocka_unit_test_setup(memory_without_its_phase_is_skipped, start),
        cmocka_unit_test_setup(injected_faults_are_told, start),
        cmocka_unit_test_setup(equal_drives_have_ids_of_their_own, start),
        cmocka_unit_test_setup(ids_are_safe, start),
        cmocka_unit_test_setup(numbered_ids_do_not_meet, start),
        cmocka_unit_test_setup(lines_keep_their_columns, start),
        cmocka_unit_test_setup(too_many_are_counted, start),
        cmocka_unit_test_setup(bad_options_fail, start),
        cmocka_unit_test_setup(hostile_text_keeps_the_form, start),
        cmocka_unit_test_setup(other_lines_are_harmless, start),
        cmocka_unit_test_setup(no_name_passes_for_a_result, start),
    };

    return cmocka_run_group_tests_name("lava", tests, NULL, NULL);
}
