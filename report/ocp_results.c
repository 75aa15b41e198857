#include "base/text.h"
#include "report/ocp_lines.h"

static const char results[] = "results";
static const char verdict[] = "verdict";

/* Leaves the measurement's object open, at its value. */
static struct json *begin_measurement(struct ocp *ocp, part_id part, const char *name,
                                      const char *suffix)
{
    struct json *json = ocp_step_line(ocp, results, "measurement");
    char full_name[2 * NAME_SIZE];

    format_text(full_name, sizeof(full_name), "%s.%s", name, suffix);
    json_text(json, "name", full_name);
    ocp_hardware(ocp, part);
    return json;
}

static void write_counter_value(struct ocp *ocp, const struct model_counter *counter,
                                const char *suffix, uint64_t value)
{
    json_number(begin_measurement(ocp, counter->part, counter->name, suffix), "value", value);
    ocp_end_line(ocp);
}

static void write_counter(struct ocp *ocp, const struct model_counter *counter)
{
    struct json *json;

    if (counter->has_start)
        write_counter_value(ocp, counter, "start", counter->start);
    if (counter->has_end)
        write_counter_value(ocp, counter, "end", counter->end);
    if (!counter->has_start || !counter->has_end)
        return;
    json = begin_measurement(ocp, counter->part, counter->name, "difference");
    json_key(json, "value");
    if (counter->end >= counter->start)
        json_unsigned(json, counter->end - counter->start);
    else /* a state, such as pending sectors, may sink */
        json_signed(json, (int64_t)(counter->end - counter->start));
    ocp_end_line(ocp);
}

/* Less than 80 % of memory tried makes a run INCOMPLETE. */
static void write_memory_validator(struct ocp *ocp, const struct event_coverage *coverage)
{
    json_list(&ocp->json, "validators");
    json_object_begin(&ocp->json);
    json_text(&ocp->json, "name", "at least 80 % of memory");
    json_text(&ocp->json, "type", "GREATER_THAN_OR_EQUAL");
    json_number(&ocp->json, "value", coverage->total - coverage->total / 5);
    json_object_end(&ocp->json);
    json_array_end(&ocp->json);
}

static void write_coverage(struct ocp *ocp, const struct event_coverage *coverage)
{
    struct json *json = begin_measurement(ocp, coverage->part, coverage->phase, "tested");

    bool bytes = coverage->unit == COVERAGE_BYTES;

    json_number(json, "value", coverage->tested);
    json_text(json, "unit", bytes ? "B" : coverage_unit_names[COVERAGE_PROCESSORS]);
    if (coverage->part == PART_ALL_MEMORY && text_equal(coverage->phase, "memory"))
        write_memory_validator(ocp, coverage);
    json_open(json, "metadata");
    json_number(json, "total", coverage->total);
    ocp_end_line(ocp);
    if (!bytes)
        return;
    json = begin_measurement(ocp, coverage->part, coverage->phase, "moved");
    json_number(json, "value", coverage->moved);
    json_text(json, "unit", "B");
    ocp_end_line(ocp);
}

static void write_latency(struct ocp *ocp, const struct event_latency *latency)
{
    const struct {
        const char *suffix;
        const char *unit;
        uint64_t value;
    } rows[] = {
        {"reads-timed", "", latency->reads},
        {"reads-undated", "", latency->undated},
        {"read-latency-median", "us", latency->median_us},
        {"read-latency-99", "us", latency->p99_us},
        {"read-latency-99.9", "us", latency->p999_us},
        {"read-latency-longest", "us", latency->longest_us},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct json *json;

        if (latency->reads == 0 && rows[i].unit[0])
            continue;
        json = begin_measurement(ocp, latency->part, latency->phase, rows[i].suffix);
        json_number(json, "value", rows[i].value);
        json_text(json, "unit", rows[i].unit);
        ocp_end_line(ocp);
    }
}

static void write_finding(struct ocp *ocp, const struct event *event)
{
    const struct event_finding *finding = &event->finding;
    struct json *json = ocp_step_line(ocp, verdict, "diagnosis");
    char message[2 * TEXT_SIZE];

    format_text(message, sizeof(message), "%s %s", finding->evidence, finding->advice);
    json_key(json, "verdict");
    json_string(json, finding->id);
    json_text(json, "type", finding->certainty == POSSIBLE ? "UNKNOWN" : "FAIL");
    json_text(json, "message", message);
    ocp_hardware(ocp, finding->part);
    if (finding->component[0]) {
        json_open(json, "subcomponent");
        json_text(json, "name", finding->component);
    }
    ocp_end_line(ocp);
    ocp_extension(ocp, verdict, event, finding->part);
}

static void write_good(struct ocp *ocp, const struct event_good *good)
{
    struct json *json = ocp_step_line(ocp, verdict, "diagnosis");

    json_key(json, "verdict");
    json_string(json, good->id);
    json_text(json, "type", "PASS");
    json_text(json, "message", good->evidence);
    ocp_end_line(ocp);
}

static void write_not_tested(struct ocp *ocp, const struct event *event)
{
    char message[2 * TEXT_SIZE];

    format_text(message, sizeof(message), "Not tested: %s: %s", event->not_tested.subsystem,
                event->not_tested.reason);
    ocp_step_log(ocp, verdict, "WARNING", message);
    ocp_extension(ocp, verdict, event, event->not_tested.part);
}

static void write_overall(struct ocp *ocp)
{
    const struct model *model = ocp->model;
    char message[2 * TEXT_SIZE];

    if (!model->has_verdict) {
        ocp_step_log(ocp, verdict, "ERROR", "There is no verdict: the run did not come that far.");
        return;
    }
    format_text(message, sizeof(message), "Verdict %s: %s", overall_names[model->verdict.overall],
                model->verdict.reason);
    ocp_step_log(ocp, verdict, "INFO", message);
}

void ocp_write_results(struct ocp *ocp)
{
    const struct model *model = ocp->model;

    ocp_step_start(ocp, results, results);
    for (uint32_t i = 0; i < model->counter_rows.kept; i++)
        write_counter(ocp, &model->counters[i]);
    for (uint32_t i = 0; i < model->coverage_rows.kept; i++)
        write_coverage(ocp, &model->coverages[i].coverage);
    for (uint32_t i = 0; i < model->latency_rows.kept; i++)
        write_latency(ocp, &model->latencies[i].latency);
    ocp_step_end(ocp, results, "COMPLETE");

    ocp_step_start(ocp, verdict, verdict);
    for (uint32_t i = 0; i < model->finding_rows.kept; i++)
        write_finding(ocp, &model->findings[i]);
    for (uint32_t i = 0; i < model->good_rows.kept; i++)
        write_good(ocp, &model->goods[i].good);
    for (uint32_t i = 0; i < model->not_tested_rows.kept; i++)
        write_not_tested(ocp, &model->not_tested[i]);
    write_overall(ocp);
    ocp_step_end(ocp, verdict, model->has_verdict ? "COMPLETE" : "ERROR");
}
