/*
 * What is said about the chips that were found, and about what they measure.
 */
#include "base/text.h"
#include "sensors/superio_watch.h"

void superio_tell_chip(const struct superio_watch *watch, const struct superio_chip *chip)
{
    if (chip->model && chip->base)
        emit_note(watch->sink, SEVERITY_INFO, "Super I/O at %02Xh: %s (id %04Xh), monitor at %04Xh",
                  chip->port, chip->model->name, chip->id, chip->base);
    else
        emit_note(watch->sink, SEVERITY_INFO, "Super I/O at %02Xh: %s (id %04Xh)", chip->port,
                  chip->model ? chip->model->name : "a chip", chip->id);
}

void superio_tell_unread(const struct superio_watch *watch, const struct superio_chip *chip,
                         const char *why)
{
    emit_note(watch->sink, SEVERITY_INFO, "Super I/O at %02Xh: %s", chip->port, why);
}

/* The first chip needs no number. */
static void chip_prefix(const struct superio_watch *watch, const struct superio_monitor *monitor,
                        char prefix[NAME_SIZE])
{
    unsigned number = (unsigned)(monitor - watch->monitors);

    if (number)
        format_text(prefix, NAME_SIZE, "Super I/O %u ", number + 1);
    else
        copy_text(prefix, NAME_SIZE, "Super I/O ");
}

/* "Super I/O fan 2", "SYSTIN", and of the second chip "Super I/O 2 SYSTIN". */
static void input_name(const struct superio_watch *watch, const struct superio_monitor *monitor,
                       const struct hwm_input *input, char name[NAME_SIZE])
{
    const char *what = input->quantity == QUANTITY_FAN_SPEED ? "fan" : "temperature";
    char prefix[NAME_SIZE];

    chip_prefix(watch, monitor, prefix);
    if (!input->name)
        format_text(name, NAME_SIZE, "%s%s %u", prefix, what, input->number + 1u);
    else if (monitor == watch->monitors)
        copy_text(name, NAME_SIZE, input->name);
    else
        format_text(name, NAME_SIZE, "%s%s", prefix, input->name);
}

/* Voltages are the chip's own. */
static void declare_chip(struct superio_watch *watch, struct superio_monitor *monitor)
{
    struct event event = {.type = EVENT_PART, .part = {.kind = PART_SENSOR}};
    struct event_part *part = &event.part;

    if (monitor->part)
        return;
    part->part = monitor->part = watch->numbers->next_part++;
    copy_text(part->name, sizeof(part->name), monitor->chip.model->name);
    format_text(part->place, sizeof(part->place), "Super I/O %02Xh", monitor->chip.port);
    emit(watch->sink, &event);
}

static part_id declare_part(struct superio_watch *watch, const struct superio_monitor *monitor,
                            const struct hwm_input *input)
{
    struct event event = {.type = EVENT_PART};
    struct event_part *part = &event.part;

    if (input->quantity == QUANTITY_VOLTAGE)
        return monitor->part;
    part->part = watch->numbers->next_part++;
    part->kind = input->quantity == QUANTITY_FAN_SPEED ? PART_FAN : PART_SENSOR;
    part->parent = input->of_processor ? PART_ALL_PROCESSORS : monitor->part;
    input_name(watch, monitor, input, part->name);
    emit(watch->sink, &event);
    return part->part;
}

void superio_declare(struct superio_watch *watch, struct superio_monitor *monitor, unsigned index)
{
    const struct hwm_input *input = &monitor->hwm.inputs[index];
    struct superio_input *state = &monitor->inputs[index];
    struct event event = {.type = EVENT_SERIES};
    struct event_series *series = &event.series;

    declare_chip(watch, monitor);
    state->input.shown = true;
    state->input.series = series->series = watch->numbers->next_series++;
    series->part = declare_part(watch, monitor, input);
    series->quantity = input->quantity;
    series->may_stop = input->quantity == QUANTITY_FAN_SPEED;
    input_name(watch, monitor, input, series->name);
    format_text(series->source, sizeof(series->source), "%s at %02Xh", monitor->chip.model->name,
                monitor->chip.port);
    emit(watch->sink, &event);
}

static unsigned add_headers(const struct superio_monitor *monitor, struct text *text)
{
    unsigned count = 0;

    for (unsigned i = 0; i < monitor->hwm.input_count; i++) {
        const struct hwm_input *input = &monitor->hwm.inputs[i];

        if (input->quantity == QUANTITY_FAN_SPEED && !monitor->inputs[i].input.shown)
            text_format(text, "%s%u", count++ ? ", " : "", input->number + 1u);
    }
    return count;
}

void superio_tell_headers(struct superio_watch *watch)
{
    for (unsigned i = 0; i < watch->monitor_count; i++) {
        char numbers[TEXT_SIZE / 2], prefix[NAME_SIZE];
        struct text text = text_in(numbers, sizeof(numbers));

        chip_prefix(watch, &watch->monitors[i], prefix);
        if (add_headers(&watch->monitors[i], &text))
            emit_note(watch->sink, SEVERITY_INFO,
                      "%sfan headers that read 0: %s. No fan is there, or it is off.", prefix,
                      numbers);
    }
}

/* ---- what there is */

bool superio_is_settled(const struct superio_watch *watch)
{
    return watch->phase == SUPERIO_ROUNDS &&
           (!watch->monitor_count || watch->rounds >= SUPERIO_TURNS_TO_SHOW);
}

bool superio_has_monitor(const struct superio_watch *watch)
{
    return watch->monitor_count > 0;
}

unsigned superio_fans(const struct superio_watch *watch)
{
    unsigned count = 0;

    for (unsigned i = 0; i < watch->monitor_count; i++)
        for (unsigned j = 0; j < watch->monitors[i].hwm.input_count; j++)
            count += input_speaks(&watch->monitors[i].inputs[j].input) &&
                     watch->monitors[i].hwm.inputs[j].quantity == QUANTITY_FAN_SPEED;
    return count;
}

bool superio_has_cpu_temperature(const struct superio_watch *watch)
{
    for (unsigned i = 0; i < watch->monitor_count; i++)
        for (unsigned j = 0; j < watch->monitors[i].hwm.input_count; j++)
            if (watch->monitors[i].inputs[j].input.shown &&
                watch->monitors[i].hwm.inputs[j].quantity == QUANTITY_TEMPERATURE &&
                watch->monitors[i].hwm.inputs[j].of_processor)
                return true;
    return false;
}
