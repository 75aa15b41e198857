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

/* Its threshold states stay as they were: silence says nothing about them. */
static void miss(struct ipmi *ipmi, struct ipmi_sensor *sensor)
{
    if (sensor->misses < IPMI_MISSES_MAX)
        sensor->misses++;
    if (sensor->misses == IPMI_MISSES_MAX)
        set_state(ipmi, sensor, sensor->below, sensor->above, true);
}

static void take_value(struct ipmi *ipmi, struct ipmi_sensor *sensor, uint8_t raw, uint8_t states)
{
    struct event event = {.type = EVENT_SAMPLE, .sample.series = sensor->series};

    sensor->misses = 0;
    states &= sensor->compared;
    set_state(ipmi, sensor, states & (LOWER_CRITICAL | LOWER_NON_RECOVERABLE),
              states & (UPPER_CRITICAL | UPPER_NON_RECOVERABLE), false);
    if (!sensor->has_values)
        return;
    event.sample.value = ipmi_convert(&sensor->factors, raw);
    emit(ipmi->sink, &event);
}

void ipmi_take_reading(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_sensor *sensor = &ipmi->sensors[ipmi->current++];
    uint8_t raw = bytes_u8(&data, 0);
    uint8_t flags = bytes_u8(&data, 1);
    bool valid = completion == 0 && !data.failed && flags & SCANNING_ENABLED &&
                 !(flags & READING_UNAVAILABLE);

    if (valid)
        take_value(ipmi, sensor, raw, bytes_u8(&data, 2));
    else
        miss(ipmi, sensor);
}

void ipmi_silence_next(struct ipmi *ipmi)
{
    struct ipmi_sensor *sensor;

    if (ipmi->silenced == ipmi->sensor_count)
        return;
    sensor = &ipmi->sensors[ipmi->silenced++];
    set_state(ipmi, sensor, sensor->below, sensor->above, true);
}
