#include "sensors/cpu.h"

#include "base/error.h"
#include "base/text.h"
#include "sensors/cpu_series.h"

void cpu_sample_read(const struct access *access, const struct cpu_registers *registers,
                     struct cpu_sample *sample)
{
    sample->tj_max = 0;
    if (registers->core_thermal && intel_tj_max(access, registers, &sample->tj_max))
        sample->tj_max = 0;
    sample->has_core = intel_core(access, registers, sample->tj_max, &sample->core_thermal) == OK;
    sample->has_package =
        intel_package(access, registers, sample->tj_max, &sample->package_thermal) == OK;
    cpu_counters_read(access, registers, &sample->counters);
}

bool cpu_sensors_exist(const struct cpu_registers *registers)
{
    bool amd = registers->vendor == CPU_AMD || registers->vendor == CPU_HYGON;

    return registers->core_thermal || registers->clock_counters || registers->energy ||
           registers->amd_energy || (amd && !registers->is_virtual && registers->family >= 0x10);
}

void cpu_sensors_begin(struct cpu_sensors *sensors, const struct cpu_sensors_config *config)
{
    int error = amd_find(config->access, config->registers, config->brand, &sensors->amd);

    sensors->config = *config;
    sensors->begun = true;
    sensors->has_amd = error == OK;
    if (error == ERR_REFUSED)
        emit_note(config->sink, SEVERITY_INFO,
                  "The processor's temperature sensor is unreliable (erratum 319): not shown.");
}

uint32_t cpu_nominal_khz(const struct cpu_sensors *sensors, const struct cpu_sample *sample)
{
    return sample->counters.nominal_khz ? sample->counters.nominal_khz : sensors->config.tsc_khz;
}

void cpu_sensors_take(struct cpu_sensors *sensors, unsigned processor,
                      const struct cpu_sample *sample)
{
    struct cpu_unit *unit = &sensors->units[processor];

    if (processor >= CPU_PROCESSORS_MAX || !sample->time_us ||
        sample->time_us == unit->sample.time_us)
        return;
    if (!unit->sample.time_us) {
        unit->first_core = sample->core_thermal.flags;
        unit->first_package = sample->package_thermal.flags;
    }
    unit->sample = *sample;
    if (!sample->counters.has_clock ||
        !clock_meter_take(&unit->clock, sample->counters.aperf, sample->counters.mperf,
                          cpu_nominal_khz(sensors, sample), sample->time_us, &unit->khz))
        unit->khz = 0;
}

bool cpu_unit_is_fresh(const struct cpu_unit *unit, uint64_t now_us)
{
    uint64_t time_us = unit->sample.time_us;

    return time_us && (time_us >= now_us || now_us - time_us <= CPU_FRESH_US);
}

/* ---- samples */

static void tell(struct cpu_sensors *sensors, struct cpu_series *series, bool has, int64_t value)
{
    struct event event = {.type = EVENT_SAMPLE, .sample.value = value};
    enum reading_quality quality;

    if (!series->number)
        return;
    quality = reading_judge(&series->watch, series->quantity, has, value);
    if (!reading_is_shown(quality))
        return;
    if (quality == READING_STUCK && !series->stuck) {
        series->stuck = true;
        emit_note(sensors->config.sink, SEVERITY_INFO,
                  "%s has not moved for %u readings, although the load changed.", series->name,
                  READING_STUCK_SAMPLES);
    }
    event.sample.series = (uint16_t)(series->number - 1);
    emit(sensors->config.sink, &event);
}

static void tell_amd(struct cpu_sensors *sensors)
{
    struct amd_reading reading;

    if (!sensors->has_amd || amd_read(sensors->config.access, &sensors->amd, &reading))
        return;
    tell(sensors, &sensors->tctl, reading.has_tctl, reading.tctl);
    tell(sensors, &sensors->tdie, reading.has_tctl, reading.tdie);
    for (unsigned i = 0; i < AMD_CCDS_MAX; i++)
        tell(sensors, &sensors->ccd[i], reading.ccd_mask >> i & 1, reading.ccd[i]);
}

static void tell_core(struct cpu_sensors *sensors, struct cpu_core *core, uint64_t now_us)
{
    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++) {
        const struct cpu_unit *unit = &sensors->units[i];
        const struct cpu_sample *sample = &unit->sample;

        if (cpu_unit_is_fresh(unit, now_us) && sample->package == core->package &&
            sample->core == core->core && sample->has_core) {
            tell(sensors, &core->temperature, sample->core_thermal.has_temperature,
                 sample->core_thermal.temperature);
            return;
        }
    }
}

static void add_heat(struct cpu_summary *summary, const struct cpu_unit *unit)
{
    const struct intel_thermal *core = &unit->sample.core_thermal;

    if (unit->sample.has_package)
        summary->flags |= intel_events(unit->first_package, unit->sample.package_thermal.flags);
    if (!unit->sample.has_core)
        return;
    summary->flags |= intel_events(unit->first_core, core->flags);
    if (core->has_temperature && (!summary->has_hottest || core->temperature > summary->hottest))
        summary->hottest = core->temperature;
    summary->has_hottest |= core->has_temperature;
}

static struct cpu_summary summarize(const struct cpu_sensors *sensors, uint16_t package,
                                    uint64_t now_us)
{
    struct cpu_summary summary = {.leader = NULL};

    for (unsigned i = 0; i < CPU_PROCESSORS_MAX; i++) {
        const struct cpu_unit *unit = &sensors->units[i];
        const struct cpu_sample *sample = &unit->sample;

        if (!cpu_unit_is_fresh(unit, now_us) || sample->package != package)
            continue;
        if (!summary.leader)
            summary.leader = sample;
        add_heat(&summary, unit);
        if (!unit->khz)
            continue;
        summary.clocks++;
        summary.khz += unit->khz;
        summary.nominal_khz += cpu_nominal_khz(sensors, sample);
    }
    return summary;
}

/* All temperatures of a package should move when it draws twice as much, or half. */
static void see_load(struct cpu_sensors *sensors, struct cpu_package *package, int64_t milliwatts)
{
    int64_t before = package->milliwatts;

    package->milliwatts = milliwatts;
    if (!before || (milliwatts <= 2 * before && before <= 2 * milliwatts))
        return;
    reading_load_changed(&package->temperature.watch);
    reading_load_changed(&package->hottest.watch);
    for (unsigned i = 0; i < sensors->core_count && i < CPU_CORES_SHOWN; i++) {
        if (sensors->cores[i].package == package->number)
            reading_load_changed(&sensors->cores[i].temperature.watch);
    }
}

static void tell_power(struct cpu_sensors *sensors, struct cpu_package *package,
                       const struct cpu_sample *sample)
{
    const struct cpu_counters *counters = &sample->counters;
    int64_t milliwatts = 0;
    bool has = counters->has_package &&
               energy_meter_take(&package->energy, counters->package, counters->package_shift,
                                 sample->time_us, &milliwatts);

    tell(sensors, &package->power, has, milliwatts);
    if (has)
        see_load(sensors, package, milliwatts);
    has =
        counters->has_dram && energy_meter_take(&package->dram_energy, counters->dram,
                                                counters->dram_shift, sample->time_us, &milliwatts);
    tell(sensors, &package->dram_power, has, milliwatts);
}

static void tell_package(struct cpu_sensors *sensors, struct cpu_package *package, uint64_t now_us)
{
    struct cpu_summary summary = summarize(sensors, package->number, now_us);
    const struct cpu_sample *sample = summary.leader;

    if (!sample)
        return;
    tell(sensors, &package->temperature,
         sample->has_package && sample->package_thermal.has_temperature,
         sample->package_thermal.temperature);
    tell(sensors, &package->hottest, summary.has_hottest, summary.hottest);
    tell(sensors, &package->clock, summary.clocks > 0,
         summary.clocks ? summary.khz / summary.clocks : 0);
    tell_power(sensors, package, sample);
    cpu_state_tell(sensors, package, &summary, now_us);
}

void cpu_sensors_tell(struct cpu_sensors *sensors, uint64_t now_us)
{
    if (!sensors->begun || !cpu_series_declare(sensors, now_us))
        return;
    for (unsigned i = 0; i < sensors->package_count; i++)
        tell_package(sensors, &sensors->packages[i], now_us);
    for (unsigned i = 0; i < sensors->core_count && i < CPU_CORES_SHOWN; i++)
        tell_core(sensors, &sensors->cores[i], now_us);
    tell_amd(sensors);
}

unsigned cpu_sensors_temperatures(const struct cpu_sensors *sensors)
{
    return sensors->temperatures;
}
