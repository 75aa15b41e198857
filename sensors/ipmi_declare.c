#include "base/text.h"
#include "sensors/ipmi_tasks.h"

static bool is_known(const struct ipmi *ipmi, uint8_t lun, uint8_t number)
{
    for (unsigned i = 0; i < ipmi->sensor_count; i++)
        if (ipmi->sensors[i].lun == lun && ipmi->sensors[i].number == number)
            return true;
    return false;
}

static bool is_processor(uint8_t entity)
{
    return entity == ENTITY_PROCESSOR || entity == ENTITY_PROCESSOR_DCMI;
}

/* What the sensor belongs to, as far as runs care. */
static const char *entity_text(uint8_t entity)
{
    switch (entity) {
    case ENTITY_PROCESSOR:
    case ENTITY_PROCESSOR_DCMI:
        return "processor";
    case ENTITY_MEMORY_MODULE:
    case ENTITY_MEMORY_DEVICE:
        return "memory module";
    case ENTITY_POWER_SUPPLY:
        return "power supply";
    default:
        return NULL;
    }
}

static part_id parent_of(const struct ipmi *ipmi, uint8_t entity)
{
    if (is_processor(entity))
        return PART_ALL_PROCESSORS;
    if (entity == ENTITY_MEMORY_MODULE || entity == ENTITY_MEMORY_DEVICE)
        return PART_ALL_MEMORY;
    return ipmi->part;
}

/* The name of sensor `index` among those that share a record. */
static void sensor_name(char *name, size_t size, const struct ipmi_sdr *sdr, unsigned index)
{
    if (sdr->share_count > 1)
        format_text(name, size, "%s %u", sdr->name, sdr->share_offset + index);
    else
        copy_text(name, size, sdr->name);
}

/* A fan or a place whose temperature is read; voltages and powers belong to the BMC's part. */
static part_id declare_part(struct ipmi *ipmi, const struct ipmi_sdr *sdr, unsigned index)
{
    struct event event = {.type = EVENT_PART};
    struct event_part *part = &event.part;
    const char *entity = entity_text(sdr->entity);

    if (sdr->quantity != QUANTITY_FAN_SPEED && sdr->quantity != QUANTITY_TEMPERATURE)
        return ipmi->part;
    part->part = ipmi->numbers->next_part++;
    part->kind = sdr->quantity == QUANTITY_FAN_SPEED ? PART_FAN : PART_SENSOR;
    part->parent = part->kind == PART_FAN ? ipmi->part : parent_of(ipmi, sdr->entity);
    sensor_name(part->name, sizeof(part->name), sdr, index);
    if (entity)
        format_text(part->place, sizeof(part->place), "%s %u", entity, sdr->instance);
    emit(ipmi->sink, &event);
    return part->part;
}

static bool has_values(const struct ipmi_sdr *sdr)
{
    return sdr->values == VALUES_BY_RECORD || sdr->values == VALUES_BY_READING;
}

static bool falls(const struct ipmi_sdr *sdr)
{
    return ipmi_falls(sdr->readable & LOWER_CRITICAL ? &sdr->low_factors : &sdr->high_factors);
}

/*
 * Where values fall as raw readings rise, "lower" may be meant of the raw readings, and is then the
 * upper one of the values: two limits tell by their order which it is. A single one does not, and
 * is not taken for a number; the BMC's word on the threshold counts as it stands.
 */
static bool is_upside_down(const struct ipmi_sdr *sdr)
{
    int64_t low, high;

    return has_values(sdr) && falls(sdr) && sdr->readable & LOWER_CRITICAL &&
           sdr->readable & UPPER_CRITICAL && ipmi_convert(&sdr->low_factors, sdr->low, &low) &&
           ipmi_convert(&sdr->high_factors, sdr->high, &high) && low > high;
}

static void swap_limits(struct event_series *series)
{
    int64_t low = series->low;

    series->low = series->high;
    series->high = low;
}

/* Two limits the wrong way round are no limits. */
static void set_limits(struct event_series *series, const struct ipmi_sdr *sdr)
{
    bool single = (sdr->readable & LOWER_CRITICAL) == 0 || (sdr->readable & UPPER_CRITICAL) == 0;

    if (!has_values(sdr) || sdr->quantity == QUANTITY_POWER || (single && falls(sdr)))
        return;
    series->has_low =
        sdr->readable & LOWER_CRITICAL && ipmi_convert(&sdr->low_factors, sdr->low, &series->low);
    series->has_high = sdr->readable & UPPER_CRITICAL &&
                       ipmi_convert(&sdr->high_factors, sdr->high, &series->high);
    if (is_upside_down(sdr))
        swap_limits(series);
    if (series->has_low && series->has_high && series->low >= series->high) {
        series->has_low = series->has_high = false;
        series->low = series->high = 0;
    }
}

static void declare_series(struct ipmi *ipmi, const struct ipmi_sdr *sdr, unsigned index,
                           uint16_t number, part_id part)
{
    struct event event = {.type = EVENT_SERIES};
    struct event_series *series = &event.series;

    series->series = number;
    series->part = part;
    series->quantity = (uint8_t)sdr->quantity;
    sensor_name(series->name, sizeof(series->name), sdr, index);
    format_text(series->source, sizeof(series->source), "BMC sensor %u", sdr->number + index);
    set_limits(series, sdr);
    emit(ipmi->sink, &event);
}

static void note_values(struct ipmi *ipmi, const struct ipmi_sdr *sdr)
{
    if (sdr->values == VALUES_UNKNOWN || sdr->values == VALUES_OTHER_UNIT)
        emit_note(ipmi->sink, SEVERITY_INFO,
                  "The readings of BMC sensor %u (%s) %s and are left out: "
                  "only its thresholds count",
                  sdr->number, sdr->name,
                  sdr->values == VALUES_UNKNOWN ? "have an unknown formula" : "have another unit");
}

static void add_sensor(struct ipmi *ipmi, const struct ipmi_sdr *sdr, unsigned index)
{
    struct ipmi_sensor *sensor = &ipmi->sensors[ipmi->sensor_count++];
    part_id part = declare_part(ipmi, sdr, index);

    *sensor = (struct ipmi_sensor){
        .number = (uint8_t)(sdr->number + index),
        .lun = sdr->lun,
        .quantity = (uint8_t)sdr->quantity,
        .of_processor = is_processor(sdr->entity),
        .has_values = has_values(sdr),
        .by_reading = sdr->values == VALUES_BY_READING,
        .upside_down = is_upside_down(sdr),
        .compared = sdr->compared,
        .factors = sdr->factors,
        .series = ipmi->numbers->next_series++,
    };
    declare_series(ipmi, sdr, index, sensor->series, part);
}

void ipmi_declare(struct ipmi *ipmi, const struct ipmi_sdr *sdr)
{
    for (unsigned i = 0; i < sdr->share_count && sdr->number + i <= 0xFF; i++) {
        if (is_known(ipmi, sdr->lun, (uint8_t)(sdr->number + i)))
            continue;
        if (ipmi->sensor_count == IPMI_SENSORS_MAX) {
            ipmi->walk.left_out++;
            continue;
        }
        if (i == 0)
            note_values(ipmi, sdr);
        add_sensor(ipmi, sdr, i);
    }
}
