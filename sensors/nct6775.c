#include "sensors/nct6775.h"

#include <stddef.h>

#include "base/error.h"

enum {
    REGISTER_BANK = 0x4E,
    REGISTER_VENDOR = 0x4F, /* 5CA3h: its upper byte while bit 7 of the bank register is set */
    BANK_VENDOR_HIGH = 0x80,
    BANK_MASK = 0x0F,
    FLOATING = 0xFF, /* nobody drives the bus: nothing is written */
    VENDOR_HIGH = 0x5C,
    VENDOR_LOW = 0xA3,
    DIVISORS = 0x506,
    SOURCE_MASK = 0x1F,
    SOURCES = 32,
    STOPPED13 = 0xFF1F, /* of NCT_COUNT13 */
    SYSTIN = 1,
    FIXED = 7, /* SYSTIN, CPUTIN and the AUXTINs are sources 1 to 7 */
};

static const struct guard_register registers[] = {{REGISTER_BANK, 0x00, 0xFF}};

static const struct guard_rule rule = {
    .what = GUARD_PAIR,
    .at = HWM_INDEX,
    .registers = registers,
    .register_count = 1,
    .span = 8,
    .alignment = 8,
};

/* The bytes of a register in the bank that is selected. */
static int get_bytes(const struct hwm *hwm, uint16_t address, unsigned count, uint16_t *ret_value)
{
    uint16_t value = 0;

    for (unsigned i = 0; i < count; i++) {
        uint8_t byte;
        int error = hwm_get(hwm, (uint8_t)(address + i), &byte);

        if (error)
            return error;
        value = (uint16_t)(value << 8 | byte);
    }
    *ret_value = value;
    return OK;
}

/* One reading, within its bank. The bank is put back, unless somebody else has set another one. */
static int read_once(const struct hwm *hwm, uint16_t address, unsigned count, uint16_t *ret_value)
{
    uint8_t before, after, bank;
    uint16_t value = 0;
    int error = hwm_get(hwm, REGISTER_BANK, &before);

    if (error)
        return error;
    if (before == FLOATING)
        return ERR_STALE;
    bank = (uint8_t)((before & ~BANK_MASK) | (address >> 8 & BANK_MASK));
    if (bank != before && (error = hwm_put(hwm, REGISTER_BANK, bank)) != OK)
        return error;
    error = get_bytes(hwm, address, count, &value);
    if (!error)
        error = hwm_get(hwm, REGISTER_BANK, &after);
    if (error)
        return error;
    if (after != bank)
        return ERR_STALE;
    if (bank != before && (error = hwm_put(hwm, REGISTER_BANK, before)) != OK)
        return error;
    *ret_value = value;
    return OK;
}

static int read_register(const struct hwm *hwm, uint16_t address, unsigned count,
                         uint16_t *ret_value)
{
    return hwm_read_twice(hwm, read_once, address, count, ret_value);
}

/* Whether a Nuvoton chip answers there at all. */
static int check_vendor(const struct hwm *hwm)
{
    uint8_t bank, vendor, again;
    int error = hwm_get(hwm, REGISTER_BANK, &bank);

    if (!error)
        error = hwm_get(hwm, REGISTER_VENDOR, &vendor);
    if (!error)
        error = hwm_get(hwm, REGISTER_BANK, &again);
    if (error)
        return error;
    if (bank != again)
        return ERR_STALE;
    return vendor == (bank & BANK_VENDOR_HIGH ? VENDOR_HIGH : VENDOR_LOW) ? OK : ERR_ABSENT;
}

/* ---- the list of inputs */

static const char *label_of(const struct nct6775_table *table, unsigned source)
{
    if (table->peci_calibration && source == table->peci_calibration)
        return "PECI Agent 0, calibrated";
    if (table->peci_calibration && source == table->peci_calibration + 1u)
        return "PECI Agent 1, calibrated";
    return table->labels[source];
}

static bool is_processors(const struct nct6775_table *table, unsigned source)
{
    return table->processor >> source & 1 ||
           (table->peci_calibration && source - table->peci_calibration < 2);
}

/* Each source once, wherever it is seen first. */
static void add_temperature(struct hwm *hwm, const struct nct6775_table *table, unsigned source,
                            uint16_t address, enum nct6775_form form)
{
    if (!label_of(table, source) || hwm->listed >> source & 1 ||
        (!hwm->all && table->often_open >> source & 1))
        return;
    hwm->listed |= (uint32_t)1 << source;
    hwm_add(hwm, (struct hwm_input){
                     .quantity = QUANTITY_TEMPERATURE,
                     .form = (uint8_t)form,
                     .number = (uint8_t)source,
                     .address = address,
                     .name = label_of(table, source),
                     .of_processor = is_processors(table, source),
                 });
}

static void add_fans(struct hwm *hwm, const struct nct6775_table *table)
{
    static const uint8_t places[] = {0x0, 0x2, 0x4, 0x6, 0x8, 0xA, 0xE};

    for (unsigned i = 0; i < table->fan_count; i++)
        hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_FAN_SPEED,
                                        .form = table->fan_form,
                                        .number = (uint8_t)i,
                                        .address = (uint16_t)(table->fans + places[i])});
}

static void add_rest(struct hwm *hwm, const struct nct6775_table *table)
{
    static const char *const rails[] = {"Vcore", "AVCC", "3VCC", "3VSB", "VBAT"};
    static const char *const tsi[] = {"AMD TSI 0", "AMD TSI 1"};

    for (unsigned i = 0; table->alternates && i < FIXED - 1; i++)
        add_temperature(hwm, table, SYSTIN + i, (uint16_t)(table->alternates + i), NCT_BYTE);
    for (unsigned i = 0; i < table->tsi_count && i < sizeof(tsi) / sizeof(tsi[0]); i++)
        hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_TEMPERATURE,
                                        .form = NCT_TSI,
                                        .number = (uint8_t)(SOURCES + i),
                                        .address = (uint16_t)(table->tsi + 2 * i),
                                        .name = tsi[i],
                                        .of_processor = true});
    for (unsigned i = 0; i < sizeof(rails) / sizeof(rails[0]); i++)
        hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_VOLTAGE,
                                        .form = NCT_VOLTAGE,
                                        .number = (uint8_t)i,
                                        .address = table->voltages[i],
                                        .scale = i == 0 ? 80 : 160,
                                        .name = rails[i]});
}

/* One temperature register: which source is routed to it. */
static int list_temperature(struct hwm *hwm, const struct nct6775_table *table)
{
    const struct nct6775_temperature *place = &table->temperatures[hwm->at];
    uint16_t source;
    int error = read_register(hwm, place->source, 1, &source);

    if (error)
        return hwm_list_error(hwm, error);
    add_temperature(hwm, table, source & SOURCE_MASK, place->address,
                    place->is_word ? NCT_WORD : NCT_BYTE);
    hwm->at++;
    return HWM_BUSY;
}

static int list(struct hwm *hwm)
{
    const struct nct6775_table *table = nct6775_table((enum nct6775_variant)hwm->model->variant);
    int error;

    if (hwm->input_count == 0) {
        error = check_vendor(hwm);
        if (error)
            return hwm_list_error(hwm, error);
        add_fans(hwm, table);
        return HWM_BUSY;
    }
    if (hwm->at < table->temperature_count)
        return list_temperature(hwm, table);
    add_rest(hwm, table);
    return OK;
}

/* ---- readings */

static int64_t speed_of_count13(uint16_t word)
{
    if ((word & STOPPED13) == STOPPED13)
        return 0;
    return hwm_count_to_speed((word & 0x1Fu) | (word & 0xFF00u) >> 3);
}

/* The clock of a fan is divided by 2 to the power of three bits; two fans share a register. */
static int read_speed_of_count16(const struct hwm *hwm, const struct hwm_input *input,
                                 uint16_t word, int64_t *ret_value)
{
    uint16_t divisors;
    int error = read_register(hwm, (uint16_t)(DIVISORS + input->number / 2), 1, &divisors);

    if (error)
        return error;
    *ret_value = 0;
    if (word && word != UINT16_MAX)
        *ret_value =
            hwm_count_to_speed((uint32_t)word << (divisors >> (input->number % 2 ? 4 : 0) & 7));
    return OK;
}

static int64_t convert(const struct hwm_input *input, uint16_t raw)
{
    switch ((enum nct6775_form)input->form) {
    case NCT_RPM:
        return raw == UINT16_MAX ? 0 : (int64_t)raw * 1000;
    case NCT_COUNT13:
        return speed_of_count13(raw);
    case NCT_BYTE:
        return (int64_t)(int8_t)raw * 1000;
    case NCT_WORD:
        return hwm_half_degrees(raw);
    case NCT_TSI:
        return (int64_t)(raw >> 5) * 125;
    default:
        return (int64_t)raw * input->scale / 10;
    }
}

static int read_input(const struct hwm *hwm, const struct hwm_input *input, int64_t *ret_value)
{
    bool is_byte = input->form == NCT_BYTE || input->form == NCT_VOLTAGE;
    uint16_t raw;
    int error = read_register(hwm, input->address, is_byte ? 1 : 2, &raw);

    if (error)
        return error;
    if (input->form == NCT_COUNT16)
        return read_speed_of_count16(hwm, input, raw, ret_value);
    *ret_value = convert(input, raw);
    return OK;
}

const struct hwm_family nct6775_family = {.rule = &rule, .list = list, .read = read_input};
