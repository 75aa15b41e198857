#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "report/closing.h"
#include "report/console.h"
#include "report/journal.h"
#include "tests/sim/sample_run.h"

enum { LOG_SIZE = 4 << 20, JOURNAL_SIZE = 8 << 20 };

/* All lines one after the other, each with its line feed. */
struct log {
    size_t length, lines;
    char text[LOG_SIZE];
};

static struct log said;
static struct console console;
static struct journal journal;
static char journal_bytes[JOURNAL_SIZE];
static struct model model;

static void keep_line(void *context, const char *line)
{
    struct log *kept = context;
    size_t length = strlen(line);

    assert_true(length <= LINE_COLUMNS);
    for (size_t i = 0; i < length; i++)
        assert_in_range(line[i], ' ', '~');
    assert_true(kept->length + length + 2 < LOG_SIZE);
    memcpy(kept->text + kept->length, line, length);
    kept->length += length;
    kept->text[kept->length++] = '\n';
    kept->text[kept->length] = '\0';
    kept->lines++;
}

static const struct lines lines = {.context = &said, .put = keep_line};

static void feed(void *context, struct event *event)
{
    (void)context;
    console_event(&console, event);
    journal_append(&journal, event);
}

static const struct sink sink = {.emit = feed};

static int start(void **state)
{
    (void)state;
    memset(&said, 0, sizeof(said));
    console_init(&console, &lines);
    journal_init(&journal, journal_bytes, sizeof(journal_bytes));
    return 0;
}

static size_t count(const char *needle)
{
    size_t found = 0;

    for (const char *at = said.text; (at = strstr(at, needle)); at++)
        found++;
    return found;
}

static void says(const char *needle)
{
    if (!count(needle))
        fail_msg("not said: %s\nin:\n%s", needle, said.text);
}

static void wraps_at_blanks(void **state)
{
    static const struct {
        const char *prefix, *text, *expected;
    } cases[] = {
        {"> ", "", "> \n"},
        {"> ", "short", "> short\n"},
        {"> ", "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 x",
         "> 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n"
         "  x\n"},
        {"", "01234567890123456789012345678901234567890123456789012345678901234567890123456789end",
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n"
         "9end\n"},
        {"* ", "a\nb\tc\x1b[2J \xc3\xa4", "* a?b?c?[2J ??\n"},
        {"", "ends in blanks   ", "ends in blanks   \n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        start(state);
        lines_wrapped(&lines, cases[i].prefix, cases[i].text);
        assert_string_equal(said.text, cases[i].expected);
    }
}

static void tells_a_run(void **state)
{
    (void)state;
    sample_run(&sink);
    says("0:00:00 Assay 1.0.0, plan imaging, run 12, seed 0x1234abcd5678ef01\n");
    says("found disk: Example SATA 2000, serial SA2000-0042, 1.8 TiB, SATA port 1\n");
    says("phase imaging begins, 30 min 0 s\n");
    says("phase imaging is done\n");
    says("memory not tested, free before: 9.7 MiB: Assay itself 8.0 MiB, below 1\n");
    says("memory not tested, never free: 3.0 MiB: ACPI tables 2.0 MiB, Assay\n");
    says("0:36:58 WRITE ERROR (lost) on Example SATA 2000 (SA2000-0042) at LBA 4096:\n"
         "        generation 3 should be there, there is LBA 4096, generation 2, again\n");
    says("WRITE ERROR (unreadable) on Example SATA 2000 (SA2000-0042) at LBA\n"
         "        8192: generation 3 should be there, again: firmware: device error;");
    says("disks 2");
    says("memory 11");
    says("CPU package ");
    says("CPU_FAN 1800 rpm");
    says("sensor CPU_FAN IS BELOW ITS CRITICAL LIMIT");
    says("run 11 has no end: it stopped after 25 min 2 s in phase imaging");
    says("WARNING: The machine's clock gives no time zone.");
    says("FOUND memory-bit-error (certain): DIMM_B1");
    assert_int_equal(count("INJECTED"), 0);
    assert_int_equal(count("memory not tested"), 2);
}

static void progress_comes_every_ten_seconds(void **state)
{
    (void)state;
    sample_run(&sink);
    /* 170 s of cool-down: at 10, 20, ... 160 s */
    assert_int_equal(count(" cool-down "), 16 + 2 /* begins, is done */);
}

static void repeated_errors_are_counted(void **state)
{
    (void)state;
    sample_run(&sink);
    assert_int_equal(count("MEMORY ERROR at"), 3);
    says("10 memory errors so far: Memory");
    says("in all 40 memory errors: Memory");
    assert_int_equal(count("DISK ERROR (medium)"), 3);
    says("in all 5 unreadable sectors: Example SATA 2000");
}

static void links_are_told_of_when_they_change(void **state)
{
    struct event event = {.type = EVENT_PCIE_LINK,
                          .pcie_link = {.port = "0000:00:01.0",
                                        .device = "0000:01:00.0",
                                        .name = "NVMe controller",
                                        .text = "words"}};

    (void)state;
    emit(&sink, &event);
    assert_int_equal(count("0000:01:00.0"), 0);
    event.pcie_link.change = LINK_LOWER;
    emit(&sink, &event);
    says("PCI EXPRESS LINK, SLOWER OR NARROWER: 0000:00:01.0 to 0000:01:00.0\n");
    event.pcie_link.change = LINK_LOST;
    event.pcie_link.port[0] = '\0';
    emit(&sink, &event);
    says("PCI EXPRESS LINK, LOST: 0000:01:00.0 (NVMe controller): words");
    event.pcie_link.change = LINK_CHANGES;
    emit(&sink, &event);
    assert_int_equal(count("PCI EXPRESS"), 2);
}

static void injected_faults_are_loud(void **state)
{
    struct event event = {.type = EVENT_RUN_START, .run_start.inject = "memory-bit"};

    (void)state;
    console_event(&console, &event);
    says("*** INJECTED FAULTS: SELF-TEST *** memory-bit");
}

static void closing_keeps_its_order(void **state)
{
    static const char *const order[] = {
        "Memory returns wrong bits: DIMM_B1",
        "What to do: Replace or reseat the module in slot DIMM_B1.",
        "The drive cannot read some of its sectors: SA2000-0042",
        "A fan does not do its work",
        "\nFAIL: a part is faulty, or very likely so.\n",
        "\nASSAY FINDING memory-bit-error certain DIMM_B1 8 GiB Example Memory\n",
        "\nASSAY FINDING disk-media likely SA2000-0042 Example SATA 2000\n",
        "\nASSAY FINDING cooling-fan possible CPU_FAN CPU fan\n",
        "\nASSAY NOT-TESTED pcie-aer the firmware keeps these errors to itself\n",
        "\nASSAY VERDICT FAIL\n",
    };
    const char *at = said.text;

    sample_run(&sink);
    model_build(&model, journal.data, journal.length);
    start(state);
    closing_lines(&model, &lines);
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        /* the line feed before a line may be the one behind the line before */
        const char *next = strstr(at, order[i]);

        if (!next)
            fail_msg("missing or out of order: %s\nin:\n%s", order[i], said.text);
        at = next + strlen(order[i]) - 1;
    }
    assert_string_equal(at, "\n"); /* nothing comes behind the verdict */
}

static void closing_line_forms(void **state)
{
    struct event_finding finding = {.certainty = 99};
    struct event_not_tested not_tested = {.subsystem = "disk health", .reason = "a\r\nb"};
    char line[LINE_SIZE];

    (void)state;
    closing_finding(&finding, line);
    assert_string_equal(line, "ASSAY FINDING - possible ");
    copy_text(finding.id, NAME_SIZE, "disk-media");
    memset(finding.component, 'x', TEXT_SIZE - 1);
    closing_finding(&finding, line);
    assert_int_equal(strlen(line), LINE_COLUMNS);
    closing_not_tested(&not_tested, line);
    assert_string_equal(line, "ASSAY NOT-TESTED disk-health a??b");
    closing_verdict(77, line);
    assert_string_equal(line, "ASSAY VERDICT INCOMPLETE");
}

/* Two drives may have one reason, and a reason may name its drive already. */
static void closing_names_the_drive(void **state)
{
    struct event event = {.type = EVENT_NOT_TESTED,
                          .not_tested = {.subsystem = "disk", .reason = "the drive has left"}};
    struct event_part parts[] = {{.part = 3, .kind = PART_DISK, .serial = "S1"},
                                 {.part = 4, .kind = PART_DISK, .place = "SATA port 2"},
                                 {.part = 5, .kind = PART_DISK, .serial = "S3"},
                                 {.part = 6, .kind = PART_FAN, .serial = "S4"}};

    (void)state;
    memset(&model, 0, sizeof(model));
    for (unsigned i = 0; i < 4; i++) {
        model_take(&model, &(struct event){.type = EVENT_PART, .part = parts[i]});
        event.not_tested.part = parts[i].part;
        if (i == 2)
            copy_text(event.not_tested.reason, TEXT_SIZE, "S3: the drive has left");
        model_take(&model, &event);
    }
    closing_lines(&model, &lines);
    says("\nASSAY NOT-TESTED disk S1: the drive has left\n");
    says("\nASSAY NOT-TESTED disk SATA port 2: the drive has left\n");
    says("\nASSAY NOT-TESTED disk S3: the drive has left\nASSAY NOT-TESTED disk S3: the drive");
}

static void no_verdict_is_incomplete(void **state)
{
    (void)state;
    memset(&model, 0, sizeof(model));
    closing_lines(&model, &lines);
    says("\nASSAY VERDICT INCOMPLETE\n");
}

/* The columns and the characters are held by keep_line. */
static void hostile_text_stays_in_its_lines(void **state)
{
    size_t live_length;

    (void)state;
    hostile_run(&sink);
    assert_int_equal(count("MEMORY ERROR at"), 3);
    live_length = said.length;
    model_build(&model, journal.data, journal.length);
    closing_lines(&model, &lines);
    assert_int_equal(count("\nASSAY VERDICT "), 1);
    assert_int_equal(count("\nASSAY FINDING "), model.finding_rows.kept);
    assert_null(strstr(said.text + live_length, "\nASSAY VERDICT PASS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(wraps_at_blanks, start),
        cmocka_unit_test_setup(tells_a_run, start),
        cmocka_unit_test_setup(progress_comes_every_ten_seconds, start),
        cmocka_unit_test_setup(repeated_errors_are_counted, start),
        cmocka_unit_test_setup(links_are_told_of_when_they_change, start),
        cmocka_unit_test_setup(injected_faults_are_loud, start),
        cmocka_unit_test_setup(closing_keeps_its_order, start),
        cmocka_unit_test_setup(closing_line_forms, start),
        cmocka_unit_test_setup(closing_names_the_drive, start),
        cmocka_unit_test_setup(no_verdict_is_incomplete, start),
        cmocka_unit_test_setup(hostile_text_stays_in_its_lines, start),
    };

    return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
