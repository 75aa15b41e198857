#include "report/junit.h"

#include "base/text.h"
#include "report/stamp.h"
#include "report/xml.h"

enum result {
    RESULT_PASSED,
    RESULT_FAILURE,
    RESULT_ERROR,
    RESULT_SKIPPED,
    RESULTS,
};

/* One test case; `text` stands within the result's element. */
struct test_case {
    const char *group; /* the class is assay.<group> */
    const char *name, *about;
    enum result result;
    uint64_t duration_us;
    const char *type, *message, *text;
};

/* The cases are walked twice: once to count them for the head, once to write them. */
struct junit {
    struct writer *writer; /* NULL while counting */
    const struct model *model;
    unsigned cases;
    unsigned counts[RESULTS];
};

static const char *const elements[RESULTS] = {NULL, "failure", "error", "skipped"};

static void write_seconds(struct writer *writer, uint64_t duration_us)
{
    writer_format(writer, " time=\"%llu.%03u\"", (unsigned long long)(duration_us / 1000000),
                  (unsigned)(duration_us / 1000 % 1000));
}

static void write_result(struct writer *writer, const struct test_case *test)
{
    const char *element = elements[test->result];

    if (!element)
        return;
    writer_format(writer, "<%s", element);
    xml_attribute(writer, "message", test->message);
    if (test->result != RESULT_SKIPPED)
        xml_attribute(writer, "type", test->type);
    writer_char(writer, '>');
    xml_text(writer, test->text);
    writer_format(writer, "</%s>", element);
}

static void add_case(struct junit *junit, const struct test_case *test)
{
    char name[2 * TEXT_SIZE];
    char group[NAME_SIZE];

    junit->cases++;
    junit->counts[test->result]++;
    if (!junit->writer)
        return;
    format_text(name, sizeof(name), "%s%s%s", test->name, test->about[0] ? ": " : "", test->about);
    format_text(group, sizeof(group), "assay.%s", test->group);
    writer_text(junit->writer, "<testcase");
    xml_attribute(junit->writer, "classname", group);
    xml_attribute(junit->writer, "name", name);
    write_seconds(junit->writer, test->duration_us);
    writer_char(junit->writer, '>');
    write_result(junit->writer, test);
    writer_text(junit->writer, "</testcase>\n");
}

static void add_phase(struct junit *junit, const struct model_phase *phase)
{
    struct test_case test = {.group = "phase",
                             .name = phase->name,
                             .about = "",
                             .duration_us = phase->end_us - phase->start_us,
                             .type = "cut",
                             .text = ""};

    if (!phase->ended) {
        test.result = RESULT_ERROR;
        test.message = "The run broke off in this phase.";
    } else if (phase->ending == ENDED_CUT) {
        test.result = RESULT_ERROR;
        test.message = "This phase was cut short.";
    } else if (phase->ending == ENDED_SKIPPED) {
        test.result = RESULT_SKIPPED;
        test.message = "Nothing to test, or not asked for.";
    }
    add_case(junit, &test);
}

static void add_finding(struct junit *junit, const struct event_finding *finding)
{
    add_case(junit, &(struct test_case){.group = "finding",
                                        .name = finding->id,
                                        .about = finding->component,
                                        .result = RESULT_FAILURE,
                                        .type = certainty_names[finding->certainty],
                                        .message = finding->evidence,
                                        .text = finding->advice});
}

static void add_good(struct junit *junit, const struct event_good *good)
{
    add_case(junit, &(struct test_case){.group = "subsystem", .name = good->id, .about = ""});
}

static void add_not_tested(struct junit *junit, const struct event_not_tested *not_tested)
{
    const struct model *model = junit->model;
    bool has_part = model_part(model, not_tested->part) != NULL;

    add_case(junit,
             &(struct test_case){.group = "subsystem",
                                 .name = not_tested->subsystem,
                                 .about = has_part ? model_part_name(model, not_tested->part) : "",
                                 .result = RESULT_SKIPPED,
                                 .message = not_tested->reason,
                                 .text = ""});
}

/* Findings the table had no room for must not vanish from the count of failures. */
static void add_lost_findings(struct junit *junit)
{
    if (junit->model->finding_rows.lost > 0)
        add_case(junit, &(struct test_case){.group = "finding",
                                            .name = "more findings",
                                            .about = "",
                                            .result = RESULT_FAILURE,
                                            .type = "lost",
                                            .message = "There were more findings than shown here.",
                                            .text = ""});
}

static void add_verdict(struct junit *junit)
{
    const struct model *model = junit->model;
    struct test_case test = {.group = "verdict", .name = "verdict", .about = "", .text = ""};

    if (!model->has_verdict) {
        test.result = RESULT_ERROR;
        test.type = "none";
        test.message = "There is no verdict: the run did not come that far.";
    } else {
        test.type = overall_names[model->verdict.overall];
        test.message = model->verdict.reason;
        if (model->verdict.overall == OVERALL_INCOMPLETE)
            test.result = RESULT_ERROR;
        else if (model->verdict.overall != OVERALL_PASS)
            test.result = RESULT_FAILURE;
    }
    if (test.result == RESULT_FAILURE && model->finding_rows.kept > 0)
        return; /* the findings say it */
    add_case(junit, &test);
}

static void add_all(struct junit *junit)
{
    const struct model *model = junit->model;

    for (uint32_t i = 0; i < model->phase_rows.kept; i++)
        add_phase(junit, &model->phases[i]);
    for (uint32_t i = 0; i < model->finding_rows.kept; i++)
        add_finding(junit, &model->findings[i].finding);
    add_lost_findings(junit);
    for (uint32_t i = 0; i < model->good_rows.kept; i++)
        add_good(junit, &model->goods[i].good);
    for (uint32_t i = 0; i < model->not_tested_rows.kept; i++)
        add_not_tested(junit, &model->not_tested[i].not_tested);
    add_verdict(junit);
}

static void write_totals(struct writer *writer, const struct junit *counted)
{
    writer_format(writer, " tests=\"%u\" failures=\"%u\" errors=\"%u\" skipped=\"%u\"",
                  counted->cases, counted->counts[RESULT_FAILURE], counted->counts[RESULT_ERROR],
                  counted->counts[RESULT_SKIPPED]);
    write_seconds(writer, counted->model->end_us);
}

static void write_property(struct writer *writer, const char *name, const char *value)
{
    writer_text(writer, "<property");
    xml_attribute(writer, "name", name);
    xml_attribute(writer, "value", value);
    writer_text(writer, "/>\n");
}

static void write_properties(struct writer *writer, const struct model *model)
{
    const struct event_run_start *start = &model->run_start;
    char text[TEXT_SIZE];

    writer_text(writer, "<properties>\n");
    write_property(writer, "version", start->version);
    write_property(writer, "plan", start->plan);
    write_property(writer, "options", start->options);
    format_text(text, sizeof(text), "0x%llx", (unsigned long long)start->seed);
    write_property(writer, "seed", text);
    write_property(writer, "verdict",
                   model->has_verdict ? overall_names[model->verdict.overall] : "none");
    if (model_is_injected(model))
        write_property(writer, "inject", start->inject);
    if (model_is_damaged(model))
        write_property(writer, "journal", journal_stop_text(model->stop));
    model_losses(model, text, sizeof(text));
    if (text[0])
        write_property(writer, "not-shown", text);
    writer_text(writer, "</properties>\n");
}

static void write_notes(struct writer *writer, const struct model *model)
{
    writer_text(writer, "<system-out>");
    for (uint32_t i = 0; i < model->note_rows.kept; i++) {
        const struct event_note *note = &model->notes[i].note;

        writer_format(writer, "%s: ", severity_names[note->severity]);
        xml_text(writer, note->text);
        writer_char(writer, '\n');
    }
    writer_text(writer, "</system-out>\n");
}

int junit_write(const struct model *model, const struct output *output)
{
    struct junit junit = {.model = model};
    struct writer writer;
    char stamp[STAMP_SIZE];

    writer_init(&writer, output);
    add_all(&junit);
    writer_text(&writer, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite");
    xml_attribute(&writer, "name",
                  model_is_injected(model) ? "assay SELF-TEST with injected faults" : "assay");
    write_totals(&writer, &junit);
    stamp_text(stamp, stamp_start_ms(&model->run_start), 0);
    stamp[19] = '\0'; /* JUnit's own form has neither fraction nor zone */
    xml_attribute(&writer, "timestamp", stamp);
    writer_text(&writer, ">\n");
    write_properties(&writer, model);
    junit.writer = &writer;
    add_all(&junit);
    write_notes(&writer, model);
    writer_text(&writer, "</testsuite>\n</testsuites>\n");
    return writer_finish(&writer);
}
