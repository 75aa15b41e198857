#include "sensors/ite.h"

#include <stddef.h>

#include "base/error.h"

enum {
    REGISTER_CONFIG = 0x00,
    REGISTER_BANK = 0x06,
    REGISTER_FAN16 = 0x0C,
    REGISTER_TEMPERATURE = 0x29,
    REGISTER_CHIP = 0x58,
    REGISTER_EXTRA = 0x77, /* two bits for each of temperatures 4 to 6: 2 and 3 are temperatures */
    IS_STARTED = 0x01,
    CHIP = 0x90,
    BANK_MASK = 0xE0,
    FLOATING = 0xFF, /* nobody drives the bus: nothing is written */
    FIRST_EXTRA = 3,
    FANS = 6,
    FAN6_ELSEWHERE = 0x9493,
    FREQUENCY_HALF = 2, /* 16-bit counts are of half the clock */
};

struct table {
    uint8_t fans, temperatures;
    uint16_t step; /* of a voltage, in tenths of a millivolt; supplies are halved in the chip */
    bool has_banks, has_avcc, has_vsb;
    bool fan6_elsewhere;
    bool has_extra; /* REGISTER_EXTRA counts */
    bool has_fan16; /* REGISTER_FAN16 counts */
};

static const struct table tables[ITE_VARIANTS] = {
    [ITE_THREE] = {.fans = 3, .temperatures = 3, .step = 120, .has_vsb = true},
    [ITE_THREE_AVCC] =
        {.fans = 3, .temperatures = 3, .step = 120, .has_vsb = true, .has_avcc = true},
    [ITE_8620] = {.fans = 6, .temperatures = 6, .step = 120, .has_vsb = true, .has_extra = true},
    [ITE_8628] = {.fans = 6,
                  .temperatures = 6,
                  .step = 120,
                  .has_vsb = true,
                  .has_avcc = true,
                  .has_extra = true},
    [ITE_8728] = {.fans = 5, .temperatures = 3, .step = 120, .has_vsb = true},
    [ITE_8613] = {.fans = 5, .temperatures = 3, .step = 110, .has_vsb = true, .has_avcc = true},
    [ITE_8625] = {.fans = 6,
                  .temperatures = 3,
                  .step = 110,
                  .has_vsb = true,
                  .has_avcc = true,
                  .has_banks = true,
                  .fan6_elsewhere = true},
    [ITE_8655] = {.fans = 3,
                  .temperatures = 6,
                  .step = 109,
                  .has_vsb = true,
                  .has_avcc = true,
                  .has_banks = true},
    [ITE_8665] = {.fans = 6,
                  .temperatures = 6,
                  .step = 109,
                  .has_vsb = true,
                  .has_avcc = true,
                  .has_banks = true,
                  .fan6_elsewhere = true},
    [ITE_8686] = {.fans = 6,
                  .temperatures = 6,
                  .step = 120,
                  .has_vsb = true,
                  .has_avcc = true,
                  .has_banks = true},
    [ITE_SECOND_8790] = {.fans = 3, .temperatures = 3, .step = 109, .has_vsb = true},
    [ITE_SECOND_8792] = {.fans = 3, .temperatures = 3, .step = 110, .has_vsb = true},
    [ITE_8721] = {.fans = 3, .temperatures = 3, .step = 120, .has_fan16 = true},
};

/* The lower byte of each fan's count, and the upper one. */
static const uint8_t fan_low[FANS] = {0x0D, 0x0E, 0x0F, 0x80, 0x82, 0x4C};
static const uint8_t fan_high[FANS] = {0x18, 0x19, 0x1A, 0x81, 0x83, 0x4D};

static const struct guard_register registers[] = {{REGISTER_BANK, 0x00, 0xFF}};

static const struct guard_rule rule = {
    .what = GUARD_PAIR,
    .at = HWM_INDEX,
    .registers = registers,
    .register_count = 1,
    .span = 8,
    .alignment = 8,
};

static const struct table *table_of(const struct hwm *hwm)
{
    return &tables[hwm->model->variant];
}

/* The register of the lower byte of `address`; before it, for a reading of two, that of the upper
 * byte. */
static int get_bytes(const struct hwm *hwm, uint16_t address, unsigned count, uint16_t *ret_value)
{
    uint8_t high = 0, low;
    int error = count == 2 ? hwm_get(hwm, (uint8_t)(address >> 8), &high) : OK;

    if (!error)
        error = hwm_get(hwm, (uint8_t)address, &low);
    if (!error)
        *ret_value = (uint16_t)(high << 8 | low);
    return error;
}

/* The same in bank 0. The bank is put back, unless somebody else has set another one. */
static int read_in_bank(const struct hwm *hwm, uint16_t address, unsigned count,
                        uint16_t *ret_value)
{
    uint8_t before, after, bank;
    int error = hwm_get(hwm, REGISTER_BANK, &before);

    if (error)
        return error;
    if (before == FLOATING)
        return ERR_STALE;
    bank = before & (uint8_t)~BANK_MASK;
    if (bank != before)
        error = hwm_put(hwm, REGISTER_BANK, bank);
    if (!error)
        error = get_bytes(hwm, address, count, ret_value);
    if (!error)
        error = hwm_get(hwm, REGISTER_BANK, &after);
    if (error)
        return error;
    if (after != bank)
        return ERR_STALE;
    return bank != before ? hwm_put(hwm, REGISTER_BANK, before) : OK;
}

/* A chip that no longer answers reads FFh all over, which would be a fan that stands. */
static int read_without_bank(const struct hwm *hwm, uint16_t address, unsigned count,
                             uint16_t *ret_value)
{
    uint8_t chip;
    int error = get_bytes(hwm, address, count, ret_value);

    if (!error)
        error = hwm_get(hwm, REGISTER_CHIP, &chip);
    if (error)
        return error;
    return chip == CHIP ? OK : ERR_STALE;
}

static int read_once(const struct hwm *hwm, uint16_t address, unsigned count, uint16_t *ret_value)
{
    if (table_of(hwm)->has_banks)
        return read_in_bank(hwm, address, count, ret_value);
    return read_without_bank(hwm, address, count, ret_value);
}

static int read_register(const struct hwm *hwm, uint16_t address, unsigned count,
                         uint16_t *ret_value)
{
    return hwm_read_twice(hwm, read_once, address, count, ret_value);
}

/* ---- the list of inputs */

/* Whether the chip answers there, and measures. */
static int check_chip(const struct hwm *hwm)
{
    uint16_t chip, again, config;
    int error = get_bytes(hwm, REGISTER_CHIP, 1, &chip);

    if (!error)
        error = get_bytes(hwm, REGISTER_CHIP, 1, &again);
    if (error)
        return error;
    if (chip != again)
        return ERR_STALE;
    if (chip != CHIP)
        return ERR_ABSENT;
    error = read_register(hwm, REGISTER_CONFIG, 1, &config);
    if (error)
        return error;
    return config & IS_STARTED ? OK : ERR_UNSUPPORTED;
}

static void add_fans(struct hwm *hwm, const struct table *table, uint16_t fan16)
{
    for (unsigned i = 0; i < table->fans; i++) {
        uint16_t address = (uint16_t)(fan_high[i] << 8 | fan_low[i]);

        if (table->has_fan16 && !(fan16 >> i & 1))
            continue;
        if (i == FANS - 1 && table->fan6_elsewhere)
            address = FAN6_ELSEWHERE;
        hwm_add(hwm, (struct hwm_input){
                         .quantity = QUANTITY_FAN_SPEED, .number = (uint8_t)i, .address = address});
    }
}

static void add_temperatures(struct hwm *hwm, const struct table *table, uint16_t extra)
{
    for (unsigned i = 0; i < table->temperatures; i++) {
        if (table->has_extra && i >= FIRST_EXTRA && !(extra >> (2 * (i - FIRST_EXTRA)) & 2))
            continue;
        hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_TEMPERATURE,
                                        .number = (uint8_t)i,
                                        .address = (uint16_t)(REGISTER_TEMPERATURE + i)});
    }
}

static void add_supply(struct hwm *hwm, const struct table *table, uint16_t address,
                       const char *name)
{
    hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_VOLTAGE,
                                    .address = address,
                                    .scale = (uint16_t)(2 * table->step),
                                    .name = name});
}

static int list(struct hwm *hwm)
{
    const struct table *table = table_of(hwm);
    uint16_t fan16 = 0, extra = 0;
    int error = check_chip(hwm);

    if (!error && table->has_fan16)
        error = read_register(hwm, REGISTER_FAN16, 1, &fan16);
    if (!error && table->has_extra)
        error = read_register(hwm, REGISTER_EXTRA, 1, &extra);
    if (error)
        return hwm_list_error(hwm, error);
    add_fans(hwm, table, fan16);
    add_temperatures(hwm, table, extra);
    if (table->has_vsb)
        add_supply(hwm, table, 0x27, "3VSB");
    add_supply(hwm, table, 0x28, "VBAT");
    if (table->has_avcc)
        add_supply(hwm, table, 0x2F, "AVCC3");
    return OK;
}

/* ---- readings */

static int read_input(const struct hwm *hwm, const struct hwm_input *input, int64_t *ret_value)
{
    bool is_fan = input->quantity == QUANTITY_FAN_SPEED;
    uint16_t raw;
    int error = read_register(hwm, input->address, is_fan ? 2 : 1, &raw);

    if (error)
        return error;
    if (is_fan)
        *ret_value = raw == UINT16_MAX ? 0 : hwm_count_to_speed((uint32_t)raw * FREQUENCY_HALF);
    else if (input->quantity == QUANTITY_TEMPERATURE)
        *ret_value = (int64_t)(int8_t)raw * 1000;
    else
        *ret_value = (int64_t)raw * input->scale / 10;
    return OK;
}

const struct hwm_family ite_family = {.rule = &rule, .list = list, .read = read_input};
