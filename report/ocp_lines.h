/*
 * The lines of an OCP Diag report: what its parts (ocp.c, ocp_start.c, ocp_sensors.c,
 * ocp_results.c) share.
 *
 * A line is begun with ocp_run_line() or ocp_step_line(), which leave the JSON writer inside the
 * artifact's object, and ended with ocp_end_line(), which closes what is open.
 */
#ifndef ASSAY_REPORT_OCP_LINES_H
#define ASSAY_REPORT_OCP_LINES_H

#include "report/json.h"
#include "report/model.h"
#include "report/stamp.h"

enum { OCP_OPEN_PHASES = 4, OCP_ID_SIZE = 24 };

struct ocp_phase {
    unsigned number;
    char name[NAME_SIZE];
};

struct ocp {
    struct writer writer;
    struct json json;
    const struct model *model;
    int64_t start_ms;
    uint64_t time_us;  /* of the event at hand */
    uint64_t sequence; /* of the next line */
    unsigned phase_count;
    unsigned open_count;
    struct ocp_phase open[OCP_OPEN_PHASES]; /* phases begun and not ended, the innermost last */
    bool sensors_begun;
    bool series_begun[MODEL_SERIES]; /* by row of model->series */
    uint32_t elements[MODEL_SERIES];
};

void ocp_schema_line(struct ocp *ocp);
struct json *ocp_run_line(struct ocp *ocp, const char *artifact);
struct json *ocp_step_line(struct ocp *ocp, const char *step, const char *artifact);
void ocp_end_line(struct ocp *ocp);

/* "hardwareInfoId" of a part that the report lists; nothing of another. */
void ocp_hardware(struct ocp *ocp, part_id part);
/* One validator, an object of a list that is open. */
void ocp_validator(struct ocp *ocp, const char *name, const char *type, int64_t thousandths);

void ocp_step_start(struct ocp *ocp, const char *step, const char *name);
void ocp_step_end(struct ocp *ocp, const char *step, const char *status);
/* Severities are INFO, DEBUG, WARNING, ERROR and FATAL. */
void ocp_run_log(struct ocp *ocp, const char *severity, const char *message);
void ocp_step_log(struct ocp *ocp, const char *step, const char *severity, const char *message);
/* An extension named as the event's kind, with its fields. */
void ocp_extension(struct ocp *ocp, const char *step, const struct event *event, part_id part);

/* testRunStart and the logs that belong to it (ocp_start.c). */
void ocp_write_start(struct ocp *ocp);
/* The step "sensors", which begins with its first series (ocp_sensors.c). */
void ocp_start_series(struct ocp *ocp, const struct event_series *series);
void ocp_write_sample(struct ocp *ocp, const struct event_sample *sample);
void ocp_write_sensor_state(struct ocp *ocp, const struct event_sensor_state *state);
void ocp_end_sensors(struct ocp *ocp, const char *status);
/* The steps "results" and "verdict" (ocp_results.c). */
void ocp_write_results(struct ocp *ocp);

#endif
