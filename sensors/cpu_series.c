#include "sensors/cpu_series.h"

#include "base/text.h"

static const char core_source[] = "Intel digital sensor", energy_source[] = "energy counter",
                  clock_source[] = "APERF and MPERF";

/* ---- what there is */

static struct cpu_package *package_of(struct cpu_sensors *sensors, uint16_t number)
{
    for (unsigned i = 0; i < sensors->package_count; i++) {
        if (sensors->packages[i].number == number)
            return &sensors->packages[i];
    }
    if (sensors->package_count == CPU_PACKAGES_MAX)
        return NULL;
    sensors->packages[sensors->package_count].number = number;
    return &sensors->packages[sensors->package_count++];
}

/* Threads of a core read one sensor: the first of them stands for it. */
static bool is_first_of_core(const struct cpu_sensors *sensors, unsigned processor)
{
    const struct cpu_sample *own = &sensors->units[processor].sample;

    for (unsigned i = 0; i < processor; i++) {
        const struct cpu_sample *other = &sensors->units[i].sample;

        if (other->time_us && other->has_core && other->package == own->package &&
            other->core == own->core)
            return false;
    }
    return true;
}

static void add_core(struct cpu_sensors *sensors, struct cpu_package *package, uint16_t core)
{
    if (sensors->core_count < CPU_CORES_SHOWN)
        sensors->cores[sensors->core_count] =
            (struct cpu_core){.package = package->number, .core = core};
    sensors->core_count++;
    package->cores++;
}

static void list(struct cpu_sensors *sensors)
{
    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++) {
        const struct cpu_sample *sample = &sensors->units[i].sample;
        struct cpu_package *package = sample->time_us ? package_of(sensors, sample->package) : NULL;

        if (package && sample->has_core && sample->tj_max && is_first_of_core(sensors, i))
            add_core(sensors, package, sample->core);
    }
}

/* ---- declaring */

/* The limit of a clock is its base clock, from below; others have theirs from above. */
__attribute__((format(printf, 7, 8))) static void
declare(struct cpu_sensors *sensors, struct cpu_series *series, enum quantity quantity,
        part_id part, const char *source, int64_t limit, const char *format, ...)
{
    struct event event = {.type = EVENT_SERIES};
    struct text name = text_in(event.series.name, sizeof(event.series.name));
    va_list arguments;

    series->number = (uint16_t)(sensors->config.numbers->next_series + 1);
    series->quantity = (uint8_t)quantity;
    event.series.series = sensors->config.numbers->next_series++;
    event.series.part = part;
    event.series.quantity = (uint8_t)quantity;
    event.series.has_low = limit > 0 && quantity == QUANTITY_CLOCK;
    event.series.low = event.series.has_low ? limit : 0;
    event.series.has_high = limit > 0 && quantity != QUANTITY_CLOCK;
    event.series.high = event.series.has_high ? limit : 0;
    va_start(arguments, format);
    text_format_list(&name, format, arguments);
    va_end(arguments);
    copy_text(series->name, sizeof(series->name), event.series.name);
    copy_text(event.series.source, sizeof(event.series.source), source);
    sensors->temperatures += quantity == QUANTITY_TEMPERATURE;
    emit(sensors->config.sink, &event);
}

static part_id declare_part(struct cpu_sensors *sensors, unsigned package)
{
    struct event event = {.type = EVENT_PART,
                          .part = {.part = sensors->config.numbers->next_part++,
                                   .parent = PART_ALL_PROCESSORS,
                                   .kind = PART_SENSOR}};

    format_text(event.part.name, sizeof(event.part.name), "CPU package %u", package);
    emit(sensors->config.sink, &event);
    return event.part.part;
}

/* The first of a package's processors that gave a sample: what it has, all have. */
static const struct cpu_sample *leader_of(const struct cpu_sensors *sensors, uint16_t package)
{
    static const struct cpu_sample none;

    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++) {
        const struct cpu_sample *sample = &sensors->units[i].sample;

        if (sample->time_us && sample->package == package)
            return sample;
    }
    return &none;
}

static bool has_series(const struct cpu_sensors *sensors, const struct cpu_sample *sample)
{
    bool has_temperature = sample->tj_max && (sample->has_package || sample->has_core);

    return has_temperature || sample->counters.has_package || sample->counters.has_clock ||
           sensors->has_amd;
}

static void declare_package(struct cpu_sensors *sensors, struct cpu_package *package)
{
    const struct cpu_sample *sample = leader_of(sensors, package->number);
    unsigned number = package->number;
    char source[NAME_SIZE];

    if (!has_series(sensors, sample))
        return;
    package->part = declare_part(sensors, number);
    if (sample->has_package && sample->tj_max)
        declare(sensors, &package->temperature, QUANTITY_TEMPERATURE, package->part, core_source,
                sample->tj_max, "CPU package %u", number);
    if (package->cores && sensors->core_count > CPU_CORES_SHOWN) {
        format_text(source, sizeof(source), "the hottest of %u cores", package->cores);
        declare(sensors, &package->hottest, QUANTITY_TEMPERATURE, package->part, source,
                sample->tj_max, "CPU %u hottest core", number);
    }
    if (sample->counters.has_clock && cpu_nominal_khz(sensors, sample))
        declare(sensors, &package->clock, QUANTITY_CLOCK, package->part, clock_source,
                cpu_nominal_khz(sensors, sample), "CPU package %u clock", number);
    if (sample->counters.has_package)
        declare(sensors, &package->power, QUANTITY_POWER, package->part, energy_source,
                sample->counters.package_limit, "CPU package %u power", number);
    if (sample->counters.has_dram)
        declare(sensors, &package->dram_power, QUANTITY_POWER, package->part, energy_source, 0,
                "CPU %u memory power", number);
}

/* The state of a package is told with its first temperature. */
static void choose_state_series(struct cpu_sensors *sensors, struct cpu_package *package)
{
    package->state_series =
        package->temperature.number ? package->temperature.number : package->hottest.number;
    for (unsigned i = 0; i < sensors->core_count && i < CPU_CORES_SHOWN; i++) {
        if (!package->state_series && sensors->cores[i].package == package->number)
            package->state_series = sensors->cores[i].temperature.number;
    }
}

static void declare_cores(struct cpu_sensors *sensors)
{
    for (unsigned i = 0; i < sensors->core_count; i++) {
        struct cpu_core *core = &sensors->cores[i];
        const struct cpu_package *package = package_of(sensors, core->package);

        declare(sensors, &core->temperature, QUANTITY_TEMPERATURE, package->part, core_source,
                leader_of(sensors, core->package)->tj_max, "CPU %u core %u", core->package,
                core->core);
    }
}

/* Of the first package: the registers of others are not reached. */
static void declare_amd(struct cpu_sensors *sensors)
{
    const struct cpu_package *package = &sensors->packages[0];
    const char *source = sensors->amd.relative ? "AMD Tctl, a scale of its own" : "AMD SMN";

    declare(sensors, &sensors->tctl, QUANTITY_TEMPERATURE, package->part, source, 0,
            "CPU package %u Tctl", package->number);
    if (sensors->amd.offset)
        declare(sensors, &sensors->tdie, QUANTITY_TEMPERATURE, package->part, source, 0,
                "CPU package %u Tdie", package->number);
    for (unsigned i = 0; i < AMD_CCDS_MAX; i++) {
        if (sensors->amd.ccd_mask >> i & 1)
            declare(sensors, &sensors->ccd[i], QUANTITY_TEMPERATURE, package->part, source, 0,
                    "CPU %u CCD %u", package->number, i + 1);
    }
}

static bool is_time(struct cpu_sensors *sensors, uint64_t now_us)
{
    unsigned seen = 0;

    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++)
        seen += cpu_unit_is_fresh(&sensors->units[i], now_us);
    return seen && (seen >= sensors->config.processors || ++sensors->rounds >= CPU_ROUNDS_WAIT);
}

bool cpu_series_declare(struct cpu_sensors *sensors, uint64_t now_us)
{
    if (sensors->declared)
        return true;
    if (!is_time(sensors, now_us))
        return false;
    list(sensors);
    for (unsigned i = 0; i < sensors->package_count; i++)
        declare_package(sensors, &sensors->packages[i]);
    if (sensors->core_count <= CPU_CORES_SHOWN)
        declare_cores(sensors);
    for (unsigned i = 0; i < sensors->package_count; i++)
        choose_state_series(sensors, &sensors->packages[i]);
    if (sensors->has_amd && sensors->package_count)
        declare_amd(sensors);
    sensors->declared = true;
    return true;
}
