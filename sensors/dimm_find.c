/*
 * Finding the modules: the controller first, then eight places one after the other.
 */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/dimm_watch.h"

static const char step_name[] = "SMBus";

/* One read of a module. */
struct list_read {
    uint8_t first; /* address of module 0 */
    uint8_t command;
    bool word;
};

#define SPD(number)                                                                                \
    {                                                                                              \
        SMBUS_SPD_FIRST, (number), false                                                           \
    }
#define SPD_WORD(number)                                                                           \
    {                                                                                              \
        SMBUS_SPD_FIRST, (number), true                                                            \
    }
#define SENSOR(number)                                                                             \
    {                                                                                              \
        SMBUS_SENSOR_FIRST, (number), true                                                         \
    }

enum { SPD_TYPE = 2 };

static const struct list_read first_reads[] = {SPD_WORD(HUB_TYPE), SPD(SPD_TYPE)};
static const struct list_read hub_reads[] = {
    SPD_WORD(HUB_VENDOR), SPD(HUB_REVISION), SPD(HUB_CAPABILITIES),  SPD(HUB_TEMPERATURE_CLEAR),
    SPD(HUB_ERROR_CLEAR), SPD(HUB_SENSOR),   SPD_WORD(HUB_CRITICAL), SPD_WORD(HUB_CRITICAL),
};
static const struct list_read jc42_reads[] = {
    SENSOR(JC42_CAPABILITIES), SENSOR(JC42_CONFIGURATION), SENSOR(JC42_MANUFACTURER),
    SENSOR(JC42_DEVICE),       SENSOR(JC42_CRITICAL),      SENSOR(JC42_CRITICAL),
};
static const struct list_read ddr3_reads[] = {SPD(SPD_SERIAL), SPD(SPD_SERIAL + 1),
                                              SPD(SPD_SERIAL + 2), SPD(SPD_SERIAL + 3)};

static const struct {
    const struct list_read *reads;
    unsigned count;
} lists[DIMM_LISTS] = {
    [DIMM_LIST_FIRST] = {first_reads, sizeof(first_reads) / sizeof(first_reads[0])},
    [DIMM_LIST_HUB] = {hub_reads, sizeof(hub_reads) / sizeof(hub_reads[0])},
    [DIMM_LIST_JC42] = {jc42_reads, sizeof(jc42_reads) / sizeof(jc42_reads[0])},
    [DIMM_LIST_DDR3] = {ddr3_reads, sizeof(ddr3_reads) / sizeof(ddr3_reads[0])},
};

void dimm_watch_init(struct dimm_watch *watch, struct guard *guard, const struct clock *clock,
                     const struct sink *sink, struct numbers *numbers, const char *skip,
                     const char *unsafe)
{
    memset(watch, 0, sizeof(*watch));
    watch->guard = guard;
    watch->clock = clock;
    watch->sink = sink;
    watch->numbers = numbers;
    watch->skip = skip;
    watch->unsafe = unsafe;
}

void dimm_watch_modules(struct dimm_watch *watch, const struct event_part *parts, unsigned count)
{
    watch->parts = parts;
    watch->part_count = count;
}

void dimm_leave(struct dimm_watch *watch, const char *why)
{
    if (why)
        emit_note(watch->sink, SEVERITY_INFO, "SMBus controller at %02x.%x: %s",
                  watch->bus.function.device, watch->bus.function.function, why);
    emit_step(watch->sink, step_name, true);
    watch->phase = why ? DIMM_STOPPED : DIMM_ROUNDS;
}

void dimm_begin(struct dimm_watch *watch)
{
    watch->phase = DIMM_STOPPED;
    if (watch->unsafe) {
        emit_not_tested(watch->sink, "smbus", 0, false, "The SMBus is left alone: %s",
                        watch->unsafe);
        return;
    }
    if (text_equal(step_name, watch->skip)) {
        emit_not_tested(watch->sink, "smbus", 0, false, "%s: the last boot hung there", step_name);
        return;
    }
    emit_step(watch->sink, step_name, false);
    watch->phase = DIMM_FIND;
}

static void begin_list(struct dimm_watch *watch, enum dimm_list list)
{
    watch->list = list;
    watch->at = watch->tries = 0;
}

void dimm_find(struct dimm_watch *watch)
{
    const char *why = NULL;
    int error = smbus_find(&watch->bus, watch->guard, watch->clock, &why);

    if (error == ERR_REFUSED) {
        dimm_leave(watch, why);
        return;
    }
    if (error) {
        dimm_leave(watch, NULL);
        watch->phase = DIMM_STOPPED;
        return;
    }
    watch->phase = DIMM_LOOK;
    begin_list(watch, DIMM_LIST_FIRST);
}

static void tell_modules(const struct dimm_watch *watch)
{
    unsigned answer = 0, sensors = 0, off = 0;

    for (unsigned i = 0; i < SMBUS_MODULES; i++) {
        const struct dimm_module *module = &watch->modules[i];

        answer += module->answers;
        sensors += module->kind != DIMM_WITHOUT;
        off += module->is_off;
    }
    emit_note(watch->sink, SEVERITY_INFO,
              "SMBus controller at %02x.%x: %u memory modules answer, %u of them have a sensor%s",
              watch->bus.function.device, watch->bus.function.function, answer, sensors,
              off ? ", some switched off by the firmware" : "");
}

static void next_module(struct dimm_watch *watch)
{
    begin_list(watch, DIMM_LIST_FIRST);
    watch->repeats = 0;
    if (++watch->module < SMBUS_MODULES)
        return;
    tell_modules(watch);
    dimm_leave(watch, NULL);
}

/* ---- what the lists say */

static void take_first(struct dimm_watch *watch)
{
    watch->modules[watch->module].answers =
        watch->answers[0] == HUB_IS_SPD5118 || spd_is_memory((uint8_t)watch->answers[1]);
    if (watch->answers[0] == HUB_IS_SPD5118)
        begin_list(watch, DIMM_LIST_HUB);
    else if (watch->answers[1] == SPD_DDR3)
        begin_list(watch, DIMM_LIST_DDR3);
    else
        begin_list(watch, DIMM_LIST_JC42);
}

/* Read twice, for somebody else uses the bus as well. */
static int64_t limit_of(int64_t limit, int64_t again)
{
    return limit == again && dimm_limit_is_plausible(limit) ? limit : 0;
}

/* What answers and is no sensor is asked again: somebody else may have come between. */
static void ask_again(struct dimm_watch *watch)
{
    if (++watch->repeats == DIMM_TRIES_MAX)
        next_module(watch);
    else
        begin_list(watch, watch->list);
}

static void take_hub(struct dimm_watch *watch)
{
    struct dimm_module *module = &watch->modules[watch->module];
    const uint16_t *answers = watch->answers;
    struct hub_registers registers = {
        .type = HUB_IS_SPD5118,
        .vendor = answers[0],
        .revision = (uint8_t)answers[1],
        .capabilities = (uint8_t)answers[2],
        .temperature_clear = (uint8_t)answers[3],
        .error_clear = (uint8_t)answers[4],
        .sensor = (uint8_t)answers[5],
    };

    if (!hub_has_sensor(&registers)) {
        ask_again(watch);
        return;
    }
    module->kind = DIMM_HUB;
    module->is_off = registers.sensor & HUB_SENSOR_OFF;
    module->limit = limit_of(hub_temperature(answers[6]), hub_temperature(answers[7]));
    next_module(watch);
}

static void take_jc42(struct dimm_watch *watch)
{
    struct dimm_module *module = &watch->modules[watch->module];
    const uint16_t *answers = watch->answers;
    uint16_t configuration = jc42_register(answers[1]);

    if (!jc42_is_sensor(jc42_register(answers[0]), configuration, jc42_register(answers[2]),
                        jc42_register(answers[3]))) {
        ask_again(watch);
        return;
    }
    module->answers = true; /* also where its SPD shows another page */
    module->kind = DIMM_JC42;
    module->is_off = configuration & JC42_SHUT_DOWN;
    module->limit = limit_of(jc42_temperature(jc42_register(answers[4])),
                             jc42_temperature(jc42_register(answers[5])));
    next_module(watch);
}

static void take_ddr3(struct dimm_watch *watch)
{
    uint8_t bytes[SPD_SERIAL_SIZE];

    for (unsigned i = 0; i < SPD_SERIAL_SIZE; i++)
        bytes[i] = (uint8_t)watch->answers[i];
    spd_serial(bytes, watch->modules[watch->module].serial);
    begin_list(watch, DIMM_LIST_JC42);
}

static void end_list(struct dimm_watch *watch)
{
    static void (*const take[DIMM_LISTS])(struct dimm_watch *) = {
        [DIMM_LIST_FIRST] = take_first,
        [DIMM_LIST_HUB] = take_hub,
        [DIMM_LIST_JC42] = take_jc42,
        [DIMM_LIST_DDR3] = take_ddr3,
    };

    take[watch->list](watch);
}

/* A read that failed is tried again; one that nobody answers is not. A bus that hangs or belongs to
 * somebody else is left alone for good. */
static void take_failure(struct dimm_watch *watch, int error)
{
    if (error == ERR_TIMEOUT)
        dimm_leave(watch, "a transfer did not end: left alone");
    else if (error == ERR_REFUSED)
        dimm_leave(watch, "somebody else keeps using it: left alone");
    else if (error == ERR_ABSENT || ++watch->tries == DIMM_TRIES_MAX)
        next_module(watch);
}

void dimm_look(struct dimm_watch *watch)
{
    const struct list_read *read = &lists[watch->list].reads[watch->at];
    uint16_t value = 0;
    int result;

    if (watch->bus.phase == SMBUS_IDLE) {
        smbus_ask(&watch->bus, (uint8_t)(read->first + watch->module), read->command, read->word);
        return;
    }
    result = smbus_step(&watch->bus, &value);
    if (result == SMBUS_BUSY)
        return;
    if (result) {
        take_failure(watch, result);
        return;
    }
    watch->answers[watch->at++] = value;
    watch->tries = 0;
    if (watch->at == lists[watch->list].count)
        end_list(watch);
}
