#include "report/ocp_lines.h"

#include "base/text.h"
#include "report/fields.h"

static struct json *begin_line(struct ocp *ocp)
{
    char stamp[STAMP_SIZE];

    stamp_text(stamp, ocp->start_ms, ocp->time_us);
    json_object_begin(&ocp->json);
    json_number(&ocp->json, "sequenceNumber", ocp->sequence++);
    json_text(&ocp->json, "timestamp", stamp);
    return &ocp->json;
}

void ocp_schema_line(struct ocp *ocp)
{
    struct json *json = begin_line(ocp);

    json_open(json, "schemaVersion");
    json_number(json, "major", 2);
    json_number(json, "minor", 0);
    ocp_end_line(ocp);
}

struct json *ocp_run_line(struct ocp *ocp, const char *artifact)
{
    struct json *json = begin_line(ocp);

    json_open(json, "testRunArtifact");
    json_open(json, artifact);
    return json;
}

struct json *ocp_step_line(struct ocp *ocp, const char *step, const char *artifact)
{
    struct json *json = begin_line(ocp);

    json_open(json, "testStepArtifact");
    json_text(json, "testStepId", step);
    json_open(json, artifact);
    return json;
}

void ocp_end_line(struct ocp *ocp)
{
    while (ocp->json.depth > 0 && ocp->json.in_object[ocp->json.depth])
        json_object_end(&ocp->json);
    json_line_end(&ocp->json);
}

void ocp_hardware(struct ocp *ocp, part_id part)
{
    char id[OCP_ID_SIZE];

    if (!model_part(ocp->model, part))
        return;
    format_text(id, sizeof(id), "part-%u", (unsigned)part);
    json_text(&ocp->json, "hardwareInfoId", id);
}

void ocp_validator(struct ocp *ocp, const char *name, const char *type, int64_t thousandths)
{
    json_object_begin(&ocp->json);
    json_text(&ocp->json, "name", name);
    json_text(&ocp->json, "type", type);
    json_key(&ocp->json, "value");
    json_milli(&ocp->json, thousandths);
    json_object_end(&ocp->json);
}

void ocp_step_start(struct ocp *ocp, const char *step, const char *name)
{
    struct json *json = ocp_step_line(ocp, step, "testStepStart");

    json_key(json, "name");
    json_string(json, name);
    ocp_end_line(ocp);
}

void ocp_step_end(struct ocp *ocp, const char *step, const char *status)
{
    json_text(ocp_step_line(ocp, step, "testStepEnd"), "status", status);
    ocp_end_line(ocp);
}

static void end_log(struct ocp *ocp, const char *severity, const char *message)
{
    json_text(&ocp->json, "severity", severity);
    json_key(&ocp->json, "message");
    json_string(&ocp->json, message);
    ocp_end_line(ocp);
}

void ocp_run_log(struct ocp *ocp, const char *severity, const char *message)
{
    ocp_run_line(ocp, "log");
    end_log(ocp, severity, message);
}

void ocp_step_log(struct ocp *ocp, const char *step, const char *severity, const char *message)
{
    ocp_step_line(ocp, step, "log");
    end_log(ocp, severity, message);
}

static void write_field(struct json *json, const struct event *event, const struct field *field)
{
    uint64_t value = field->form == FIELD_TEXT ? 0 : field_unsigned(event, field);

    json_key(json, field->name);
    switch (field->form) {
    case FIELD_TEXT:
        json_string(json, field_text(event, field));
        break;
    case FIELD_NAMED:
        json_string(json, value < field->name_count ? field->names[value] : "");
        break;
    case FIELD_SIGNED:
        json_signed(json, field_signed(event, field));
        break;
    case FIELD_HEX:
        json_hex(json, value);
        break;
    case FIELD_FLAG:
        json_bool(json, value != 0);
        break;
    default:
        json_unsigned(json, value);
    }
}

void ocp_extension(struct ocp *ocp, const char *step, const struct event *event, part_id part)
{
    const struct event_kind *kind = &event_kinds[event->type];
    struct json *json = ocp_step_line(ocp, step, "extension");

    json_text(json, "name", kind->name);
    json_open(json, "content");
    ocp_hardware(ocp, part);
    for (size_t i = 0; i < kind->field_count; i++)
        write_field(json, event, &kind->fields[i]);
    ocp_end_line(ocp);
}
