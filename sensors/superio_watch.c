#include "sensors/superio_watch.h"

#include "base/error.h"

/* Thousandths of a degree, and of a revolution per minute. An open input reads at the ends of its
 * range or, as sources that nobody feeds, 0: the first reading has to be one of a running machine.
 */
enum {
    FIRST_MIN = 1000,
    FIRST_MAX = 120000,
    TEMPERATURE_MIN = -40000,
    TEMPERATURE_MAX = 126500,
    SPEED_MAX = 30000000,
};

/* Whether a value may be one: more is asked of the first. */
static bool is_plausible(const struct hwm_input *input, bool shown, int64_t value)
{
    switch (input->quantity) {
    case QUANTITY_FAN_SPEED:
        return value <= SPEED_MAX;
    case QUANTITY_TEMPERATURE:
        return shown ? value >= TEMPERATURE_MIN && value <= TEMPERATURE_MAX
                     : value >= FIRST_MIN && value <= FIRST_MAX;
    default:
        return shown || value > 0;
    }
}

/* A fan is one when it was seen turning twice in a row. */
static bool is_to_be_shown(struct superio_input *state, const struct hwm_input *input,
                           int64_t value)
{
    if (input->quantity != QUANTITY_FAN_SPEED)
        return true;
    state->turns = value > 0 ? (uint8_t)(state->turns + 1) : 0;
    return state->turns == SUPERIO_TURNS_TO_SHOW;
}

static void take(struct superio_watch *watch, struct superio_monitor *monitor, unsigned index,
                 int64_t value)
{
    struct superio_input *state = &monitor->inputs[index];

    if (!state->input.shown) {
        if (!is_to_be_shown(state, &monitor->hwm.inputs[index], value))
            return;
        superio_declare(watch, monitor, index);
    }
    input_take(&state->input, watch->sink, value);
}

static void read_input(struct superio_watch *watch, struct superio_monitor *monitor, unsigned index)
{
    const struct hwm_input *input = &monitor->hwm.inputs[index];
    struct input *state = &monitor->inputs[index].input;
    int64_t value;
    int error = monitor->family->read(&monitor->hwm, input, &value);

    monitor->answered += error == OK;
    if (!error && is_plausible(input, state->shown, value))
        take(watch, monitor, index, value);
    else
        input_miss(state, watch->sink);
}

static bool is_due(const struct superio_watch *watch, const struct hwm_input *input)
{
    return input->quantity != QUANTITY_VOLTAGE || watch->rounds % SUPERIO_VOLTAGE_ROUNDS == 0;
}

/* Reads the next input of a monitor that is due; false when it has none left. */
static bool read_next(struct superio_watch *watch, struct superio_monitor *monitor)
{
    while (watch->input < monitor->hwm.input_count) {
        unsigned index = watch->input++;

        if (!is_due(watch, &monitor->hwm.inputs[index]))
            continue;
        read_input(watch, monitor, index);
        return true;
    }
    return false;
}

/* A chip of which nothing could be read for long is let be. */
static void end_monitor(struct superio_watch *watch, struct superio_monitor *monitor)
{
    monitor->lost = monitor->answered || !monitor->hwm.input_count ? 0 : monitor->lost + 1;
    monitor->answered = 0;
    if (monitor->lost < SUPERIO_LOST_ROUNDS || monitor->given_up)
        return;
    monitor->given_up = true;
    emit_note(watch->sink, SEVERITY_WARNING, "Super I/O at %02Xh: its monitor answers no longer",
              monitor->chip.port);
}

static void read_first(struct superio_watch *watch)
{
    struct superio_monitor *monitor = &watch->monitors[watch->monitor];

    if (read_next(watch, monitor))
        return;
    end_monitor(watch, monitor);
    superio_leave_port(watch);
    watch->monitor = watch->monitor_count; /* the round is over */
    watch->round_start_us = clock_now_us(watch->clock);
}

/* Rounds begin SUPERIO_ROUND_US apart, or at once when the last one took longer. */
static bool round_is_due(struct superio_watch *watch)
{
    uint64_t now_us = clock_now_us(watch->clock);

    if (watch->monitor < watch->monitor_count)
        return true;
    if (!watch->monitor_count || now_us - watch->round_start_us < SUPERIO_ROUND_US)
        return false;
    watch->rounds++;
    if (watch->rounds == SUPERIO_TURNS_TO_SHOW)
        superio_tell_headers(watch);
    watch->round_start_us = now_us;
    watch->monitor = watch->input = 0;
    return true;
}

static void read_round(struct superio_watch *watch)
{
    struct superio_monitor *monitor;

    if (!round_is_due(watch))
        return;
    monitor = &watch->monitors[watch->monitor];
    if (!monitor->given_up && read_next(watch, monitor))
        return;
    if (!monitor->given_up)
        end_monitor(watch, monitor);
    watch->monitor++;
    watch->input = 0;
}

void superio_stop(struct superio_watch *watch)
{
    if (watch->phase != SUPERIO_BEGIN && watch->phase != SUPERIO_ROUNDS)
        superio_leave_port(watch);
    watch->phase = SUPERIO_STOPPED;
}

void superio_step(struct superio_watch *watch)
{
    switch (watch->phase) {
    case SUPERIO_BEGIN:
        superio_begin_port(watch);
        break;
    case SUPERIO_PROBE:
        superio_probe_port(watch);
        break;
    case SUPERIO_LIST:
        superio_list_inputs(watch);
        break;
    case SUPERIO_FIRST_ROUND:
        read_first(watch);
        break;
    case SUPERIO_ROUNDS:
        read_round(watch);
        break;
    case SUPERIO_STOPPED:
        break;
    }
}
