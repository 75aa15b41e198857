/*
 * What the BMC of a field machine reads: fans, temperatures, a voltage, and the sensors that are
 * stuck, absent or fall silent.
 */
#include "base/prng.h"
#include "base/text.h"
#include "tests/sim/field.h"

enum { SECOND_US = 1000000, RPM_UNIT = 75, HEAT_TAU_S = 15, JOB_EVERY_S = 3 };

/* ---- which there are */

static struct bmc_sensor *add(struct field_machine *field, enum field_sensor_kind kind,
                              const char *name)
{
    unsigned index = field->sensor_count++;

    field->sensors[index].kind = kind;
    copy_text(field->names[index], sizeof(field->names[index]), name);
    field->records[index] = (struct bmc_sensor){
        .name = field->names[index],
        .number = (uint8_t)(0x10 + index),
        .m = 1,
        .record = 1,
        .reading_type = 1,
        .owner = 0x20,
    };
    if (field_chance(field, 5))
        field->sensors[index].glitches_per_10k = 20;
    return &field->records[index];
}

static void add_temperature(struct field_machine *field, enum field_sensor_kind kind,
                            const char *name, uint8_t entity, uint8_t limit)
{
    struct bmc_sensor *record = add(field, kind, name);

    record->type = 1;
    record->unit = 1;
    record->units1 = 0x80;
    record->entity = entity;
    record->upper_critical = limit;
}

/* A header without a fan reads 0 or nothing, and has no threshold; nor has a fan that may stop. */
static void add_fan(struct field_machine *field, unsigned index)
{
    struct field_fan *fan = &field->fans[index];
    char name[16];
    struct bmc_sensor *record;

    *fan = (struct field_fan){
        .rpm = (uint32_t)field_from(field, 1500, 9000),
        .fitted = index == 0 || !field_chance(field, 20),
        .semi_passive = field_chance(field, 10),
    };
    fan->off = fan->semi_passive;
    format_text(name, sizeof(name), "FAN%u", index + 1);
    record = add(field, !fan->fitted && field_chance(field, 50) ? SENSOR_ABSENT : SENSOR_FAN, name);
    field->sensors[field->sensor_count - 1].fan = index;
    record->type = 4;
    record->entity = 0x1D;
    record->unit = 18;
    record->m = RPM_UNIT;
    if (fan->fitted && !fan->semi_passive && field_chance(field, 80))
        record->lower_critical = (uint8_t)field_from(field, 3, 6);
}

static void add_stuck(struct field_machine *field)
{
    static const int values[] = {127, 0, 20, 85};
    int value = values[field_below(field, 4)];

    add_temperature(field, SENSOR_STUCK, "AUX", 7, field_chance(field, 50) ? 75 : 0);
    field->sensors[field->sensor_count - 1].stuck = value;
}

void field_deal_sensors(struct field_machine *field)
{
    field->fan_count = (unsigned)field_below(field, FIELD_FANS + 1);
    for (unsigned i = 0; i < field->fan_count; i++)
        add_fan(field, i);
    if (field_chance(field, 90))
        add_temperature(field, SENSOR_PROCESSOR, "CPU1 Temp", 3,
                        (uint8_t)field_from(field, 88, 102));
    if (field_chance(field, 70))
        add_temperature(field, SENSOR_INLET, "Inlet", 0x40, (uint8_t)field_from(field, 42, 50));
    if (field_chance(field, 60))
        add_temperature(field, SENSOR_MODULE, "DIMM A1", 8, 85);
    if (field_chance(field, 15))
        add_stuck(field);
    if (field_chance(field, 15))
        add_temperature(field, SENSOR_ABSENT, "PCH Temp", 7, 90);
    if (field_chance(field, 60)) {
        struct bmc_sensor *record = add(field, SENSOR_VOLTAGE, "12V");

        *record = bmc_server[5];
        record->number = (uint8_t)(0x10 + field->sensor_count - 1);
    }
    if (field->sensor_count > 2 && field_chance(field, 8))
        field->sensors[field_below(field, field->sensor_count)].silent_us =
            field_from(field, 30, 90) * SECOND_US;
}

/* ---- heat */

static bool is_broken(const struct field_machine *field, const struct field_fan *fan)
{
    return fan->stops_us && field->time.now_us >= fan->stops_us;
}

static unsigned fitted_fans(const struct field_machine *field)
{
    unsigned count = 0;

    for (unsigned i = 0; i < field->fan_count; i++)
        count += field->fans[i].fitted;
    return count;
}

/* By how much it would be warmer under load for lack of air. */
static int64_t lack_of_air(const struct field_machine *field)
{
    unsigned fans = fitted_fans(field);
    int64_t lack = 0;

    for (unsigned i = 0; i < field->fan_count; i++) {
        if (is_broken(field, &field->fans[i]))
            lack += field->rise_without_air * (100 - field->fans[i].left) / 100 / fans;
    }
    if (field->airless_us && field->time.now_us >= field->airless_us)
        lack += field->rise_without_air;
    return lack;
}

static void turn_fans(struct field_machine *field)
{
    for (unsigned i = 0; i < field->fan_count; i++) {
        struct field_fan *fan = &field->fans[i];

        if (fan->semi_passive && field->heat > field->ambient + 24000)
            fan->off = false;
        if (fan->semi_passive && field->heat < field->ambient + 18000)
            fan->off = true;
    }
}

void field_heat(struct field_machine *field)
{
    uint64_t gone_us = field->time.now_us - field->heat_us;
    int64_t lack = lack_of_air(field), share = (int64_t)(gone_us / 1000) / HEAT_TAU_S, goal;
    unsigned busy;

    if (gone_us < SECOND_US)
        return;
    field->busy = (field->jobs - field->jobs_seen) * JOB_EVERY_S * SECOND_US >= gone_us;
    busy = field->busy ? 1000 : 0;
    goal = field->ambient + 12000 + (field->rise + lack) * busy / 1000;
    field->heat += (goal - field->heat) * (share > 1000 ? 1000 : share) / 1000;
    field->heat_us = field->time.now_us;
    field->jobs_seen = field->jobs;
    for (unsigned i = 0; i < field->drive_count; i++)
        field->drives[i].extra = lack / 3;
    turn_fans(field);
}

/* ---- readings */

static int wobble(struct field_machine *field, unsigned size)
{
    return (int)prng_below(&field->noise, 2 * size + 1) - (int)size;
}

static int read_fan(struct field_machine *field, const struct field_fan *fan)
{
    int64_t warmth = (field->heat - field->ambient) / 1000; /* 12 to 50 */
    int64_t rpm = fan->rpm * (50 + (warmth > 50 ? 50 : warmth)) / 100;

    if (!fan->fitted || fan->off)
        return 0;
    if (is_broken(field, fan))
        rpm = rpm * fan->left / 100;
    if (rpm < RPM_UNIT)
        return 0;
    rpm = rpm / RPM_UNIT + wobble(field, 1);
    return rpm > 255 ? 255 : rpm < 1 ? 1 : (int)rpm;
}

/* A supply that is worn out gives way when much is asked of it, and a little without. */
static int sag_of(const struct field_machine *field)
{
    if (!field->sag_us || field->time.now_us < field->sag_us)
        return 0;
    return field->busy ? field->sag : field->sag / 4;
}

static int read_sensor(struct field_machine *field, const struct field_sensor *sensor)
{
    switch (sensor->kind) {
    case SENSOR_FAN:
        return read_fan(field, &field->fans[sensor->fan]);
    case SENSOR_PROCESSOR:
        return (int)(field->heat / 1000) + wobble(field, 2);
    case SENSOR_INLET:
        return (int)(field->ambient / 1000) + wobble(field, 1);
    case SENSOR_MODULE:
        return (int)((field->ambient + (field->heat - field->ambient) / 3) / 1000) +
               wobble(field, 1);
    case SENSOR_VOLTAGE:
        return bmc_server[5].raw + wobble(field, 2) - sag_of(field);
    case SENSOR_STUCK:
        return sensor->stuck;
    default:
        return -1;
    }
}

int field_reading(void *context, size_t index)
{
    struct field_machine *field = context;
    const struct field_sensor *sensor = &field->sensors[index];

    field_heat(field);
    if (sensor->silent_us && field->time.now_us >= sensor->silent_us)
        return -1;
    if (sensor->glitches_per_10k && prng_below(&field->noise, 10000) < sensor->glitches_per_10k &&
        sensor->kind == SENSOR_FAN)
        return 0;
    return read_sensor(field, sensor);
}
