#include "sensors/dimm_watch.h"

#include "base/error.h"
#include "base/text.h"
#include "sensors/reading.h"

/* ---- which slot it is */

static bool is_module(const struct event_part *part)
{
    return part->kind == PART_MEMORY && part->parent == PART_ALL_MEMORY;
}

/* The module with this serial number, or the only one there is; NULL where neither tells. */
static const struct event_part *part_of(const struct dimm_watch *watch,
                                        const struct dimm_module *module)
{
    const struct event_part *only = NULL;
    unsigned modules = 0, answering = 0;

    for (unsigned i = 0; i < watch->part_count; i++) {
        const struct event_part *part = &watch->parts[i];

        if (!is_module(part))
            continue;
        if (module->serial[0] && text_equal_nocase(part->serial, module->serial))
            return part;
        only = part;
        modules++;
    }
    for (unsigned i = 0; i < SMBUS_MODULES; i++)
        answering += watch->modules[i].answers;
    return modules == 1 && answering == 1 ? only : NULL;
}

/* ---- what is said of it */

static unsigned address_of(const struct dimm_watch *watch, const struct dimm_module *module)
{
    unsigned first = module->kind == DIMM_HUB ? SMBUS_SPD_FIRST : SMBUS_SENSOR_FIRST;

    return first + (unsigned)(module - watch->modules);
}

static void name_module(const struct dimm_watch *watch, const struct dimm_module *module,
                        char name[NAME_SIZE])
{
    const struct event_part *part = part_of(watch, module);

    if (part && part->place[0])
        copy_text(name, NAME_SIZE, part->place);
    else
        format_text(name, NAME_SIZE, "Memory module at %02Xh",
                    SMBUS_SPD_FIRST + (unsigned)(module - watch->modules));
}

static part_id declare_part(struct dimm_watch *watch, const struct dimm_module *module)
{
    const struct event_part *of = part_of(watch, module);
    struct event event = {.type = EVENT_PART, .part = {.kind = PART_SENSOR}};
    struct event_part *part = &event.part;

    part->part = watch->numbers->next_part++;
    part->parent = of ? of->part : PART_ALL_MEMORY;
    name_module(watch, module, part->name);
    format_text(part->place, sizeof(part->place), "SMBus %02Xh", address_of(watch, module));
    emit(watch->sink, &event);
    return part->part;
}

static void declare(struct dimm_watch *watch, struct dimm_module *module)
{
    struct event event = {.type = EVENT_SERIES};
    struct event_series *series = &event.series;

    module->input.shown = true;
    series->part = declare_part(watch, module);
    series->series = module->input.series = watch->numbers->next_series++;
    series->quantity = QUANTITY_TEMPERATURE;
    series->has_high = module->limit != 0;
    series->high = module->limit;
    name_module(watch, module, series->name);
    format_text(series->source, sizeof(series->source), "%s at SMBus %02Xh",
                module->kind == DIMM_HUB ? "SPD5118" : "JC-42.4", address_of(watch, module));
    emit(watch->sink, &event);
}

/* ---- rounds */

static void take(struct dimm_watch *watch, struct dimm_module *module, int64_t value)
{
    watch->answered++;
    if (!module->input.shown)
        declare(watch, module);
    input_take(&module->input, watch->sink, value);
}

static int64_t value_of(const struct dimm_module *module, uint16_t word)
{
    if (module->kind == DIMM_HUB)
        return hub_temperature(word);
    return jc42_temperature(jc42_register(word));
}

static void end_reading(struct dimm_watch *watch)
{
    watch->has_first = false;
    watch->tries = 0;
    watch->module++;
}

/* Two readings in a row have to agree, for somebody else uses the bus as well. */
static void take_reading(struct dimm_watch *watch, struct dimm_module *module, int error,
                         uint16_t word)
{
    int64_t value = value_of(module, word), apart = value - watch->first;
    bool is_good = !error && reading_is_plausible(QUANTITY_TEMPERATURE, value);

    if (is_good && watch->has_first && apart <= DIMM_APART_MAX && apart >= -DIMM_APART_MAX) {
        end_reading(watch);
        take(watch, module, value);
        return;
    }
    if (is_good && !watch->has_first) {
        watch->has_first = true;
        watch->first = value;
        return;
    }
    watch->has_first = false;
    if (error != ERR_ABSENT && ++watch->tries < DIMM_TRIES_MAX)
        return;
    end_reading(watch);
    input_miss(&module->input, watch->sink);
}

static void stop_reading(struct dimm_watch *watch, const char *why)
{
    for (unsigned i = 0; i < SMBUS_MODULES; i++)
        input_end(&watch->modules[i].input, watch->sink);
    emit_note(watch->sink, SEVERITY_WARNING, "The sensors of the memory modules: %s", why);
    watch->phase = DIMM_STOPPED;
}

static bool is_read(const struct dimm_module *module)
{
    return module->kind != DIMM_WITHOUT && !module->is_off;
}

static void end_round(struct dimm_watch *watch)
{
    unsigned sensors = 0;

    for (unsigned i = 0; i < SMBUS_MODULES; i++)
        sensors += is_read(&watch->modules[i]);
    if (!sensors) {
        watch->phase = DIMM_STOPPED;
        return;
    }
    watch->lost = watch->answered ? 0 : watch->lost + 1;
    watch->answered = 0;
    if (watch->lost == DIMM_LOST_ROUNDS)
        stop_reading(watch, "none of them answers any longer");
}

/* Rounds begin DIMM_ROUND_US apart, or at once when the last one took longer. */
static bool begin_round(struct dimm_watch *watch)
{
    uint64_t now_us = clock_now_us(watch->clock);

    if (watch->round_start_us && now_us - watch->round_start_us < DIMM_ROUND_US)
        return false;
    watch->round_start_us = now_us;
    watch->module = 0;
    return true;
}

/* True when a module is to be read. */
static bool is_due(struct dimm_watch *watch)
{
    watch->in_round = watch->in_round || begin_round(watch);
    if (!watch->in_round)
        return false;
    while (watch->module < SMBUS_MODULES && !is_read(&watch->modules[watch->module]))
        watch->module++;
    if (watch->module < SMBUS_MODULES)
        return true;
    watch->in_round = false;
    end_round(watch);
    return false;
}

static void read_round(struct dimm_watch *watch)
{
    struct dimm_module *module;
    uint16_t word = 0;
    int result;

    if (!is_due(watch))
        return;
    module = &watch->modules[watch->module];
    if (watch->bus.phase == SMBUS_IDLE) {
        smbus_ask(&watch->bus, (uint8_t)address_of(watch, module),
                  module->kind == DIMM_HUB ? HUB_TEMPERATURE : JC42_TEMPERATURE, true);
        return;
    }
    result = smbus_step(&watch->bus, &word);
    if (result == ERR_TIMEOUT)
        stop_reading(watch, "a transfer did not end, and they are left alone");
    else if (result != SMBUS_BUSY)
        take_reading(watch, module, result, word);
}

void dimm_step(struct dimm_watch *watch)
{
    switch (watch->phase) {
    case DIMM_BEGIN:
        dimm_begin(watch);
        break;
    case DIMM_FIND:
        dimm_find(watch);
        break;
    case DIMM_LOOK:
        dimm_look(watch);
        break;
    case DIMM_ROUNDS:
        read_round(watch);
        break;
    case DIMM_STOPPED:
        break;
    }
}

bool dimm_stop(struct dimm_watch *watch)
{
    bool contact = watch->phase == DIMM_FIND || watch->phase == DIMM_LOOK;

    if (!smbus_stop(&watch->bus))
        return false;
    if (contact)
        dimm_leave(watch, NULL);
    watch->phase = DIMM_STOPPED;
    return true;
}

unsigned dimm_temperatures(const struct dimm_watch *watch)
{
    unsigned count = 0;

    for (unsigned i = 0; i < SMBUS_MODULES; i++)
        count += input_speaks(&watch->modules[i].input);
    return count;
}
