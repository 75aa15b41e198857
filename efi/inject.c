#include "efi/inject.h"

#include "base/text.h"

enum {
    BIT = 5,
    WORD = 1234,     /* of the chunk in the middle of the pool */
    ALIAS_WORDS = 4, /* of the page that follows, which show the middle page's words */
    PAGE_WORDS = 512,
    TRUE_SAMPLES = 4,   /* before a sensor shows what is injected */
    ABOVE_LIMIT = 5000, /* thousandths of a degree */
    BELOW_LIMIT = 20,   /* hundredths of a voltage's lower limit */
    LINK_ERRORS = 2,
    WRONG_PROCESSOR = 1,
    PERIOD_US = 1000000,
};

/* Memory read errors on channel 0, and a cache error of level 1: Intel SDM volume 3, "MCA Error
 * Codes". */
static const uint64_t corrected_memory = 0x9C00004000010090,
                      uncorrected_memory = 0xBC00000000010090,
                      uncorrected_cache = 0xB400000000000135;
static const uint64_t physical = 0x8C; /* IA32_MCi_MISC: a physical address, to the page */

/* ---- sensors: samples are changed on their way */

static bool is_series_number(const struct injected_series *injected, uint16_t series)
{
    return series + 1 == injected->series;
}

static bool is_series(const struct injected_series *injected, const struct event *event)
{
    return event->type == EVENT_SAMPLE && is_series_number(injected, event->sample.series);
}

/* Takes the first series of a kind. */
static void take_series(struct injected_series *injected, const struct event *event)
{
    if (injected->series)
        return;
    injected->series = (uint16_t)(event->series.series + 1);
    injected->limit = event->series.high;
}

/* A voltage that is too low: 0 V would be a sensor read wrongly. */
static void take_rail(struct injected_series *injected, const struct event *event)
{
    take_series(injected, event);
    if (is_series_number(injected, event->series.series))
        injected->limit = event->series.low;
}

static void see_series(struct injector *injector, const struct event *event)
{
    bool drive = text_equal(event->series.source, "drive");

    if (event->series.quantity == QUANTITY_FAN_SPEED)
        take_series(&injector->fan, event);
    else if (event->series.quantity == QUANTITY_TEMPERATURE && event->series.has_high)
        take_series(drive ? &injector->drive_heat : &injector->heat, event);
    else if (event->series.quantity == QUANTITY_VOLTAGE && event->series.has_low)
        take_rail(&injector->rail, event);
}

/* True for a sample of the series that is to be changed: some true ones come first. */
static bool is_due(struct injector *injector, struct injected_series *injected, enum inject fault,
                   const struct event *event)
{
    return inject_wants(injector, fault) && is_series(injected, event) && injector->loaded &&
           injected->samples++ >= TRUE_SAMPLES;
}

static void filter(void *context, struct event *event)
{
    struct injector *injector = context;

    if (event->type == EVENT_SERIES)
        see_series(injector, event);
    if (is_due(injector, &injector->fan, INJECT_FAN_STOP, event))
        event->sample.value = 0;
    if (is_due(injector, &injector->heat, INJECT_HEAT, event))
        event->sample.value = injector->heat.limit + ABOVE_LIMIT;
    if (is_due(injector, &injector->rail, INJECT_VOLTAGE, event))
        event->sample.value = injector->rail.limit - injector->rail.limit * BELOW_LIMIT / 100;
    emit(injector->behind, event);
}

static void hold_bit(struct injector *injector);

static void pause_wait(void *context)
{
    page_spinning.wait(page_spinning.context);
    hold_bit(context);
}

static void pause_settle(void *context)
{
    hold_bit(context);
}

const struct page_pause *inject_pause(const struct injector *injector)
{
    return inject_wants(injector, INJECT_MEMORY_BIT) ? &injector->pause : NULL;
}

void inject_begin(struct injector *injector, uint32_t faults, const struct clock *clock,
                  const struct sink *sink)
{
    *injector = (struct injector){
        .faults = faults,
        .clock = clock,
        .behind = sink,
        .sink = {.context = injector, .emit = filter},
        .pause = {.context = injector, .wait = pause_wait, .settle = pause_settle},
    };
}

const struct sink *inject_sink(struct injector *injector)
{
    return injector->faults ? &injector->sink : injector->behind;
}

/* A drive is asked every thirty seconds; who looks at a self-test does not wait so long. */
static void heat_drive(struct injector *injector)
{
    struct event event = {.type = EVENT_SAMPLE};

    if (!injector->loaded || !injector->drive_heat.series)
        return;
    event.sample.series = (uint16_t)(injector->drive_heat.series - 1);
    event.sample.value = injector->drive_heat.limit + ABOVE_LIMIT;
    emit(injector->behind, &event);
}

/* ---- memory */

static volatile uint64_t *middle_of(const struct pool *pool)
{
    const struct chunk *chunk = pool && pool->count ? &pool->chunks[pool->count / 2] : NULL;

    if (!chunk || chunk->size < 4 * PAGE_WORDS * sizeof(uint64_t))
        return NULL;
    return chunk->data;
}

static void hold_bit(struct injector *injector)
{
    volatile uint64_t *words = middle_of(injector->pool);

    if (words)
        words[WORD] &= ~((uint64_t)1 << BIT);
}

/* As with an address line that does not reach the module: one page shows another's words. */
static void hold_alias(struct injector *injector)
{
    volatile uint64_t *words = middle_of(injector->pool);

    for (unsigned i = 0; words && i < ALIAS_WORDS; i++)
        words[PAGE_WORDS + i] = words[i];
}

/* ---- processors */

static void check(struct injector *injector, enum inject fault, uint16_t bank, uint64_t status)
{
    struct event event = {.type = EVENT_MACHINE_CHECK, .machine_check = {.bank = bank}};
    bool memory = bank == 7;

    if (!inject_wants(injector, fault))
        return;
    event.machine_check.status = status;
    event.machine_check.address = memory ? 0x12345000 : 0;
    event.machine_check.misc = memory ? physical : 0;
    event.machine_check.has_address = event.machine_check.has_misc = memory;
    emit(injector->behind, &event);
}

/* One at a time, as registers show them that were cleared between. */
static void add_link_error(struct injector *injector)
{
    struct event event = {.type = EVENT_PCIE_ERROR,
                          .pcie_error = {.place = "0000:00:1c.0",
                                         .port = "0000:00:1c.0",
                                         .corrected = 1,
                                         .text = "receiver error"}};

    if (!injector->loaded || injector->link_errors == LINK_ERRORS)
        return;
    injector->link_errors++;
    emit(injector->behind, &event);
}

static struct hash wrong_on_one(const void *data, size_t size, unsigned processor)
{
    struct hash hash = block_hash_plain(data, size, processor);

    hash.low ^= processor == WRONG_PROCESSOR;
    return hash;
}

block_hash *inject_hash(const struct injector *injector)
{
    return inject_wants(injector, INJECT_CPU_COMPUTE) ? wrong_on_one : NULL;
}

/* ---- what stands there from the start */

static void add_prior_run(struct injector *injector)
{
    struct event event = {.type = EVENT_PRIOR_RUN,
                          .prior_run = {.number = 1, .after_s = 240, .phase = "imaging"}};

    emit(injector->behind, &event);
}

static void add_module(struct injector *injector, struct numbers *numbers)
{
    struct event part = {
        .type = EVENT_PART,
        .part = {.part = numbers->next_part++,
                 .parent = PART_ALL_MEMORY,
                 .kind = PART_MEMORY,
                 .name = "injected module",
                 .place = "DIMM X9"},
    };
    struct event map = {
        .type = EVENT_MEMORY_MAP,
        .memory_map = {.part = part.part.part, .state = MEMORY_UNSIZED, .reported = true},
    };

    emit(injector->behind, &part);
    emit(injector->behind, &map);
}

void inject_inventory(struct injector *injector, struct numbers *numbers)
{
    if (inject_wants(injector, INJECT_RESET))
        add_prior_run(injector);
    if (inject_wants(injector, INJECT_MODULE))
        add_module(injector, numbers);
}

void inject_tick(struct injector *injector)
{
    uint64_t now = injector->faults ? clock_now_us(injector->clock) : 0;

    if (inject_wants(injector, INJECT_MEMORY_BIT))
        hold_bit(injector);
    if (inject_wants(injector, INJECT_MEMORY_ALIAS))
        hold_alias(injector);
    if (now < injector->due_us || !injector->faults)
        return;
    injector->due_us = now + PERIOD_US;
    if (inject_wants(injector, INJECT_DISK_HOT))
        heat_drive(injector);
    if (inject_wants(injector, INJECT_PCIE_ERRORS))
        add_link_error(injector);
    if (injector->checked)
        return;
    injector->checked = true;
    check(injector, INJECT_MCE, 7, corrected_memory);
    check(injector, INJECT_MCE_MEMORY, 7, uncorrected_memory);
    check(injector, INJECT_MCE_CPU, 1, uncorrected_cache);
}
