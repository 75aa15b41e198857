/*
 * The step "sensors": series of samples.
 */
#include "base/text.h"
#include "report/ocp_lines.h"

static const char sensors[] = "sensors";

static const char *const units[QUANTITIES] = {"C", "RPM", "V", "B/s", "W", "MHz"};

static void series_id(char id[OCP_ID_SIZE], uint16_t series)
{
    format_text(id, OCP_ID_SIZE, "series-%u", (unsigned)series);
}

void ocp_start_series(struct ocp *ocp, const struct event_series *series)
{
    const struct model_series *row = model_series(ocp->model, series->series);
    /* A clock below its base is no failure. */
    bool has_low = series->has_low && series->quantity != QUANTITY_CLOCK;
    struct json *json;
    char id[OCP_ID_SIZE];

    if (!row || ocp->series_begun[row - ocp->model->series])
        return;
    ocp->series_begun[row - ocp->model->series] = true;
    if (!ocp->sensors_begun)
        ocp_step_start(ocp, sensors, sensors);
    ocp->sensors_begun = true;
    series_id(id, series->series);
    json = ocp_step_line(ocp, sensors, "measurementSeriesStart");
    json_text(json, "measurementSeriesId", id);
    json_text(json, "name", series->name[0] ? series->name : id);
    json_text(json, "unit", units[series->quantity]);
    ocp_hardware(ocp, series->part);
    if (has_low || series->has_high) {
        json_list(json, "validators");
        if (has_low)
            ocp_validator(ocp, "lower critical", "GREATER_THAN_OR_EQUAL", series->low);
        if (series->has_high)
            ocp_validator(ocp, "upper critical", "LESS_THAN_OR_EQUAL", series->high);
        json_array_end(json);
    }
    json_open(json, "metadata");
    json_text(json, "quantity", quantity_names[series->quantity]);
    json_text(json, "source", series->source);
    ocp_end_line(ocp);
}

void ocp_write_sample(struct ocp *ocp, const struct event_sample *sample)
{
    const struct model_series *row = model_series(ocp->model, sample->series);
    char id[OCP_ID_SIZE], stamp[STAMP_SIZE];
    struct json *json;

    if (!row || !ocp->series_begun[row - ocp->model->series])
        return;
    series_id(id, sample->series);
    stamp_text(stamp, ocp->start_ms, ocp->time_us);
    json = ocp_step_line(ocp, sensors, "measurementSeriesElement");
    json_number(json, "index", ocp->elements[row - ocp->model->series]++);
    json_text(json, "measurementSeriesId", id);
    json_key(json, "value");
    json_milli(json, sample->value);
    json_text(json, "timestamp", stamp);
    ocp_end_line(ocp);
}

void ocp_write_sensor_state(struct ocp *ocp, const struct event_sensor_state *state)
{
    const struct model_series *row = model_series(ocp->model, state->series);
    char message[TEXT_SIZE];

    if (!row || !ocp->series_begun[row - ocp->model->series])
        return;
    format_text(message, sizeof(message), "%s: %s", row->declared.name,
                state->silent           ? "no reading any more"
                : state->below_critical ? "below its critical threshold"
                : state->above_critical ? "above its critical threshold"
                : state->slow_when_hot  ? "processor slow for long at its limit of temperature"
                : state->throttled      ? "processor slows itself down for heat"
                : state->prochot        ? "processor slowed down by another device"
                                        : "within its thresholds again");
    ocp_step_log(ocp, sensors, "WARNING", message);
}

void ocp_end_sensors(struct ocp *ocp, const char *status)
{
    char id[OCP_ID_SIZE];

    if (!ocp->sensors_begun)
        return;
    for (uint32_t i = 0; i < ocp->model->series_rows.kept; i++) {
        struct json *json;

        if (!ocp->series_begun[i])
            continue;
        series_id(id, ocp->model->series[i].declared.series);
        json = ocp_step_line(ocp, sensors, "measurementSeriesEnd");
        json_text(json, "measurementSeriesId", id);
        json_number(json, "totalCount", ocp->elements[i]);
        ocp_end_line(ocp);
    }
    ocp_step_end(ocp, sensors, status);
}
