#include "report/ocp.h"

#include "base/text.h"
#include "report/ocp_lines.h"

static const char run[] = "run";

/* --- Phases ------------------------------------------------------------------------------------
 */

static void phase_step(char id[OCP_ID_SIZE], unsigned number)
{
    format_text(id, OCP_ID_SIZE, "phase-%u", number);
}

/* The step that what happens now belongs to. */
static const char *current_step(const struct ocp *ocp, char id[OCP_ID_SIZE])
{
    if (ocp->open_count == 0)
        return run;
    phase_step(id, ocp->open[ocp->open_count - 1].number);
    return id;
}

static void close_phase(struct ocp *ocp, unsigned index, const char *status)
{
    char id[OCP_ID_SIZE];

    phase_step(id, ocp->open[index].number);
    ocp_step_end(ocp, id, status);
    for (unsigned i = index + 1; i < ocp->open_count; i++)
        ocp->open[i - 1] = ocp->open[i];
    ocp->open_count--;
}

static void open_phase(struct ocp *ocp, const char *name)
{
    struct ocp_phase *phase;
    char id[OCP_ID_SIZE];

    if (ocp->open_count == OCP_OPEN_PHASES)
        close_phase(ocp, 0, "ERROR");
    phase = &ocp->open[ocp->open_count++];
    phase->number = ++ocp->phase_count;
    copy_text(phase->name, sizeof(phase->name), name);
    phase_step(id, phase->number);
    ocp_step_start(ocp, id, name);
}

static const char *ending_status(uint8_t ending)
{
    switch (ending) {
    case ENDED_DONE:
        return "COMPLETE";
    case ENDED_SKIPPED:
        return "SKIP";
    default:
        return "ERROR";
    }
}

static void end_phase(struct ocp *ocp, const struct event_phase_end *end)
{
    unsigned index = ocp->open_count;

    while (index > 0 && !text_equal(ocp->open[index - 1].name, end->phase))
        index--;
    if (index == 0) {
        open_phase(ocp, end->phase);
        index = ocp->open_count;
    }
    close_phase(ocp, index - 1, ending_status(end->ending));
}

/* --- Events ------------------------------------------------------------------------------------
 */

/* A failure of Assay's own is an OCP error, which is no verdict on hardware. */
static void write_note(struct ocp *ocp, const struct event_note *note)
{
    static const char *const severities[SEVERITIES] = {"INFO", "WARNING", "ERROR"};
    struct json *json;
    char id[OCP_ID_SIZE];

    if (note->severity != SEVERITY_ERROR) {
        ocp_step_log(ocp, current_step(ocp, id), severities[note->severity], note->text);
        return;
    }
    json = ocp_step_line(ocp, current_step(ocp, id), "error");
    json_text(json, "symptom", "assay-error");
    json_text(json, "message", note->text);
    json_list(json, "softwareInfoIds");
    json_string(json, "assay");
    json_array_end(json);
    ocp_end_line(ocp);
}

static void write_step(struct ocp *ocp, const struct event_step *step)
{
    char message[TEXT_SIZE];
    char id[OCP_ID_SIZE];

    format_text(message, sizeof(message), "%s: %s", step->name, step->ended ? "done" : "begun");
    ocp_step_log(ocp, current_step(ocp, id), "DEBUG", message);
}

static void write_prior_run(struct ocp *ocp, const struct event *event)
{
    char id[OCP_ID_SIZE];

    ocp_step_log(ocp, current_step(ocp, id), "WARNING", "An earlier run has no end.");
    ocp_extension(ocp, current_step(ocp, id), event, 0);
}

static void write_evidence(struct ocp *ocp, const struct event *event)
{
    char id[OCP_ID_SIZE];
    const char *step = current_step(ocp, id);

    switch (event->type) {
    case EVENT_MEMORY_ERROR:
    case EVENT_MEMORY_REGION:
    case EVENT_MEMORY_RETEST:
    case EVENT_UNTESTED_RANGE:
        ocp_extension(ocp, step, event, PART_ALL_MEMORY);
        break;
    case EVENT_MACHINE_CHECK:
        ocp_extension(ocp, step, event, PART_ALL_PROCESSORS);
        break;
    case EVENT_PCIE_ERROR:
    case EVENT_PCIE_LINK:
    case EVENT_RESTART:
    case EVENT_CHANGE:
        ocp_extension(ocp, step, event, 0);
        break;
    case EVENT_PRIOR_ERROR:
        ocp_extension(ocp, step, event, event->prior_error.part);
        break;
    case EVENT_DISK_ERROR:
        ocp_extension(ocp, step, event, event->disk_error.part);
        break;
    case EVENT_MISMATCH:
        ocp_extension(ocp, step, event, event->mismatch.part);
        break;
    case EVENT_PACE:
        ocp_extension(ocp, step, event, event->pace.part);
        break;
    case EVENT_LATENCY:
        ocp_extension(ocp, step, event, event->latency.part);
        break;
    case EVENT_BOTTLENECK:
        ocp_extension(ocp, step, event, event->bottleneck.part);
        break;
    case EVENT_OUTLIER:
        ocp_extension(ocp, step, event, event->outlier.part);
        break;
    case EVENT_WRITE_ERROR:
        ocp_extension(ocp, step, event, event->write_error.part);
        break;
    default: /* all others are written from the model, or for the screen only */
        break;
    }
}

static void write_event(struct ocp *ocp, const struct event *event)
{
    switch (event->type) {
    case EVENT_PHASE_START:
        open_phase(ocp, event->phase_start.phase);
        break;
    case EVENT_PHASE_END:
        end_phase(ocp, &event->phase_end);
        break;
    case EVENT_SERIES:
        ocp_start_series(ocp, &event->series);
        break;
    case EVENT_SAMPLE:
        ocp_write_sample(ocp, &event->sample);
        break;
    case EVENT_SENSOR_STATE:
        ocp_write_sensor_state(ocp, &event->sensor_state);
        break;
    case EVENT_STEP:
        write_step(ocp, &event->step);
        break;
    case EVENT_NOTE:
        write_note(ocp, &event->note);
        break;
    case EVENT_PRIOR_RUN:
        write_prior_run(ocp, event);
        break;
    default:
        write_evidence(ocp, event);
    }
}

static void write_run_end(struct ocp *ocp)
{
    const struct model *model = ocp->model;
    bool concluded = model->has_verdict && model->verdict.overall != OVERALL_INCOMPLETE;
    bool passed = concluded && model->verdict.overall == OVERALL_PASS;
    struct json *json = ocp_run_line(ocp, "testRunEnd");

    json_text(json, "status", concluded ? "COMPLETE" : "ERROR");
    json_text(json, "result", passed ? "PASS" : concluded ? "FAIL" : "NOT_APPLICABLE");
    ocp_end_line(ocp);
}

int ocp_write(const char *journal, size_t size, const struct model *model,
              const struct output *output)
{
    struct journal_reader reader = journal_read_from(journal, size);
    const char *status = model->has_run_end ? ending_status(model->run_end.ending) : "ERROR";
    struct event event;
    struct ocp ocp = {.model = model, .start_ms = stamp_start_ms(&model->run_start)};

    writer_init(&ocp.writer, output);
    ocp.json = json_on(&ocp.writer);
    ocp_write_start(&ocp);
    ocp_step_start(&ocp, run, run);
    while (journal_read(&reader, &event)) {
        ocp.time_us = event.time_us;
        write_event(&ocp, &event);
    }
    while (ocp.open_count > 0)
        close_phase(&ocp, ocp.open_count - 1, "ERROR");
    ocp_end_sensors(&ocp, status);
    ocp_step_end(&ocp, run, status);
    ocp_write_results(&ocp);
    write_run_end(&ocp);
    return writer_finish(&ocp.writer);
}
