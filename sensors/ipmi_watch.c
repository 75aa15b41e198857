#include "base/error.h"
#include "base/event.h"
#include "sensors/ipmi_tasks.h"

/* Get Sensor Reading, section 35.14: the second byte of its answer. */
enum {
    GET_SENSOR_READING = 0x2D,
    SCANNING_ENABLED = 0x40,
    READING_UNAVAILABLE = 0x20,
};

/* Rounds begin a second apart, or at once when the last one took longer. */
static bool round_is_due(struct ipmi *ipmi)
{
    uint64_t now_us = clock_now_us(ipmi->clock);

    if (ipmi->current < ipmi->sensor_count)
        return true;
    if (ipmi->sensor_count == 0 || now_us - ipmi->round_start_us < IPMI_ROUND_US)
        return false;
    if (now_us - ipmi->round_start_us > IPMI_ROUND_LONG_US && !ipmi->round_noted) {
        ipmi->round_noted = true;
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  "The %u sensors of the BMC came round only after %u s", ipmi->sensor_count,
                  (unsigned)((now_us - ipmi->round_start_us) / 1000000));
    }
    ipmi->round_start_us = now_us;
    ipmi->current = 0;
    return true;
}

/* Between two readings, and while none is due, the event log has its turn. */
void ipmi_ask_reading(struct ipmi *ipmi)
{
    const struct ipmi_sensor *sensor;
    bool due = round_is_due(ipmi);

    if (ipmi_log_is_open(ipmi) && (!due || !ipmi->log.had_turn)) {
        ipmi->log.had_turn = true;
        ipmi_next(ipmi, ipmi->log.task);
        return;
    }
    if (!due)
        return;
    ipmi->log.had_turn = false;
    sensor = &ipmi->sensors[ipmi->current];
    ipmi_ask(ipmi, NETFN_SENSOR, sensor->lun, GET_SENSOR_READING, &sensor->number, 1);
}

/* Reports the state of a sensor if it is another one than was told last. */
static void set_state(struct ipmi *ipmi, struct ipmi_sensor *sensor, bool below, bool above,
                      bool silent)
{
    struct event event = {.type = EVENT_SENSOR_STATE,
                          .sensor_state = {.series = sensor->series,
                                           .below_critical = below,
                                           .above_critical = above,
                                           .silent = silent}};

    if (below == sensor->below && above == sensor->above && silent == sensor->silent)
        return;
    sensor->below = below;
    sensor->above = above;
    sensor->silent = silent;
    emit(ipmi->sink, &event);
}

/* A reading that is missing, or has no value. The threshold states stay as they were: silence says
 * nothing about them. */
static void miss(struct ipmi *ipmi, struct ipmi_sensor *sensor)
{
    if (sensor->misses < IPMI_MISSES_MAX)
        sensor->misses++;
    if (sensor->misses == IPMI_MISSES_MAX)
        set_state(ipmi, sensor, sensor->below, sensor->above, true);
}

static void take_states(struct ipmi *ipmi, struct ipmi_sensor *sensor, uint8_t states, bool silent)
{
    bool lower, upper;

    states &= sensor->compared;
    lower = states & (LOWER_CRITICAL | LOWER_NON_RECOVERABLE);
    upper = states & (UPPER_CRITICAL | UPPER_NON_RECOVERABLE);
    if (sensor->upside_down)
        set_state(ipmi, sensor, upper, lower, silent);
    else
        set_state(ipmi, sensor, lower, upper, silent);
}

static void take_value(struct ipmi *ipmi, struct ipmi_sensor *sensor, uint8_t raw)
{
    struct event event = {.type = EVENT_SAMPLE, .sample.series = sensor->series};

    if (!ipmi_convert(&sensor->factors, raw, &event.sample.value)) {
        miss(ipmi, sensor);
        return;
    }
    sensor->misses = 0;
    set_state(ipmi, sensor, sensor->below, sensor->above, false);
    emit(ipmi->sink, &event);
}

/* A sensor that has other factors for each reading: those of the last one are kept. */
static void take_raw(struct ipmi *ipmi, struct ipmi_sensor *sensor, uint8_t raw)
{
    if (!sensor->by_reading || (sensor->has_factors && sensor->factors_of == raw)) {
        take_value(ipmi, sensor, raw);
        return;
    }
    ipmi->raw = raw;
    ipmi_next(ipmi, TASK_FACTORS);
}

void ipmi_take_reading(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_sensor *sensor = &ipmi->sensors[ipmi->current++];
    uint8_t raw = bytes_u8(&data, 0);
    uint8_t flags = bytes_u8(&data, 1);
    bool valid = completion == 0 && !data.failed && flags & SCANNING_ENABLED &&
                 !(flags & READING_UNAVAILABLE);

    if (!valid) {
        miss(ipmi, sensor);
        return;
    }
    take_states(ipmi, sensor, bytes_u8(&data, 2), sensor->has_values && sensor->silent);
    if (sensor->has_values)
        take_raw(ipmi, sensor, raw);
    else
        sensor->misses = 0;
}

static struct ipmi_sensor *sensor_just_read(struct ipmi *ipmi)
{
    return &ipmi->sensors[ipmi->current - 1];
}

void ipmi_ask_factors(struct ipmi *ipmi)
{
    const struct ipmi_sensor *sensor = sensor_just_read(ipmi);
    uint8_t request[] = {sensor->number, ipmi->raw};

    ipmi_ask(ipmi, NETFN_SENSOR, sensor->lun, GET_SENSOR_READING_FACTORS, request, sizeof(request));
}

static void refuse_factors(struct ipmi *ipmi, struct ipmi_sensor *sensor)
{
    sensor->has_values = false;
    emit_note(ipmi->sink, SEVERITY_INFO,
              "The readings of BMC sensor %u are not linear, and the BMC does not say how they are "
              "converted: only its thresholds count",
              sensor->number);
}

void ipmi_take_factors(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_sensor *sensor = sensor_just_read(ipmi);

    if (completion == 0 && ipmi_factors_parse(data, &sensor->factors) == OK) {
        sensor->has_factors = true;
        sensor->factors_of = ipmi->raw;
        take_value(ipmi, sensor, ipmi->raw);
    } else if (!ipmi_gives_up(ipmi, completion)) {
        return;
    } else if (sensor->has_factors) {
        miss(ipmi, sensor);
    } else {
        refuse_factors(ipmi, sensor);
    }
    ipmi_next(ipmi, TASK_READING);
}

bool ipmi_silence_next(struct ipmi *ipmi)
{
    struct ipmi_sensor *sensor;

    if (ipmi->silenced == ipmi->sensor_count)
        return false;
    sensor = &ipmi->sensors[ipmi->silenced++];
    set_state(ipmi, sensor, sensor->below, sensor->above, true);
    return true;
}
