#include "sensors/nct6683.h"

#include "base/error.h"

enum {
    OFFSET_PAGE = 4,
    OFFSET_INDEX = 5,
    OFFSET_DATA = 6,
    PAGE_FREE = 0xFF,
    CUSTOMER = 0x602,
    MONITOR = 0x100,        /* two registers for each input */
    MONITOR_SOURCE = 0x1A0, /* one for each input: what it measures */
    MONITORS = 32,
    FAN = 0x140, /* two registers for each fan */
    FAN_SETUP = 0x1C0,
    FAN_IS_INPUT = 0x80,
    FANS = 16,
    SOURCE_MASK = 0x7F,
    FIRST_VOLTAGE = 0x60,
    STEP = 320, /* tenths of a millivolt, of the rails that are halved in the chip */
};

enum form { FORM_SPEED, FORM_TEMPERATURE, FORM_VOLTAGE };

static const struct guard_rule rule = {
    .what = GUARD_PORTS,
    .at = OFFSET_PAGE,
    .count = 2, /* page and index */
    .span = 8,
    .alignment = 8,
};

/* Makers of boards whose firmware is known to keep to this layout: Intel, MSI, ASRock, Mitac. */
static const uint16_t customers[] = {0x805, 0x200, 0x201,  0x207, 0x20D,
                                     0xE1B, 0xE2C, 0x1631, 0xA0E};

/* What is shown of the sources. Thermistors and diodes may be open: their first reading decides. */
static const struct {
    uint8_t source;
    bool of_processor;
    const char *name;
} sources[] = {
    {0x01, false, "Chip"},
    {0x02, false, "Diode 0 by current"},
    {0x03, false, "Diode 1 by current"},
    {0x04, false, "Diode 2 by current"},
    {0x05, false, "Diode 0 by voltage"},
    {0x06, false, "Diode 1 by voltage"},
    {0x07, false, "Diode 2 by voltage"},
    {0x08, false, "Thermistor 14"},
    {0x09, false, "Thermistor 15"},
    {0x0A, false, "Thermistor 16"},
    {0x0B, false, "Thermistor 0"},
    {0x0C, false, "Thermistor 1"},
    {0x0D, false, "Thermistor 2"},
    {0x0E, false, "Thermistor 3"},
    {0x0F, false, "Thermistor 4"},
    {0x10, false, "Thermistor 5"},
    {0x11, false, "Thermistor 6"},
    {0x12, false, "Thermistor 7"},
    {0x20, true, "PECI 0.0"},
    {0x21, true, "PECI 1.0"},
    {0x30, true, "PCH CPU"},
    {0x31, false, "PCH chip"},
    {0x42, true, "AMD TSI 90h"},
    {0x46, true, "AMD TSI 98h"},
    {0x60, false, "VCC"},
    {0x61, false, "VSB"},
    {0x62, false, "AVSB"},
    {0x64, false, "VBAT"},
};

static int set(const struct hwm *hwm, unsigned offset, uint8_t value, int error)
{
    return error ? error : hwm_out(hwm, offset, value);
}

/* One reading, in a page that was seen to be `before`. It counts while the page is still ours. */
static int read_byte(const struct hwm *hwm, uint16_t address, uint8_t before, uint8_t *ret_value)
{
    uint8_t page = (uint8_t)(address >> 8);
    uint8_t after = 0;
    int error = before == PAGE_FREE ? OK : hwm_out(hwm, OFFSET_PAGE, PAGE_FREE);

    error = set(hwm, OFFSET_PAGE, page, error);
    error = set(hwm, OFFSET_INDEX, (uint8_t)address, error);
    if (!error)
        error = hwm_in(hwm, OFFSET_DATA, ret_value);
    if (!error)
        error = hwm_in(hwm, OFFSET_PAGE, &after);
    if (error)
        return error;
    if (after != page)
        return ERR_STALE; /* somebody else's by now, and so left alone */
    error = set(hwm, OFFSET_PAGE, PAGE_FREE, OK);
    return before == PAGE_FREE ? error : set(hwm, OFFSET_PAGE, before, error);
}

/* The page as it is, when it may be used now. */
static int look_at_page(const struct hwm *hwm, uint8_t *ret_page)
{
    int error = OK;

    for (unsigned i = 0; i < NCT6683_WAITS && !error; i++) {
        error = hwm_in(hwm, OFFSET_PAGE, ret_page);
        if (!error && *ret_page == PAGE_FREE)
            return OK;
    }
    return error;
}

static int read_once(const struct hwm *hwm, uint16_t address, unsigned count, uint16_t *ret_value)
{
    uint16_t value = 0;
    uint8_t page;
    int error = look_at_page(hwm, &page);

    for (unsigned i = 0; i < count && !error; i++) {
        uint8_t byte = 0;

        error = read_byte(hwm, (uint16_t)(address + i), page, &byte);
        value = (uint16_t)(value << 8 | byte);
    }
    if (!error)
        *ret_value = value;
    return error;
}

static int read_register(const struct hwm *hwm, uint16_t address, unsigned count,
                         uint16_t *ret_value)
{
    return hwm_read_twice(hwm, read_once, address, count, ret_value);
}

/* ---- the list of inputs: the customer, then fans, then the other inputs */

static int check_customer(struct hwm *hwm)
{
    uint16_t customer;
    int error = read_register(hwm, CUSTOMER, 2, &customer);

    if (error)
        return hwm_list_error(hwm, error);
    if (customer == 0xFFFF)
        return ERR_ABSENT;
    for (unsigned i = 0; i < sizeof(customers) / sizeof(customers[0]); i++)
        if (customer == customers[i] || hwm->all)
            return HWM_BUSY;
    return ERR_REFUSED;
}

static int list_fan(struct hwm *hwm, unsigned number)
{
    uint16_t setup;
    int error = read_register(hwm, (uint16_t)(FAN_SETUP + number), 1, &setup);

    if (error)
        return hwm_list_error(hwm, error);
    if (setup & FAN_IS_INPUT)
        hwm_add(hwm, (struct hwm_input){.quantity = QUANTITY_FAN_SPEED,
                                        .form = FORM_SPEED,
                                        .number = (uint8_t)number,
                                        .address = (uint16_t)(FAN + 2 * number)});
    return HWM_BUSY;
}

static void add_source(struct hwm *hwm, unsigned number, unsigned entry)
{
    bool voltage = sources[entry].source >= FIRST_VOLTAGE;

    hwm_add(hwm, (struct hwm_input){
                     .quantity = voltage ? QUANTITY_VOLTAGE : QUANTITY_TEMPERATURE,
                     .form = voltage ? FORM_VOLTAGE : FORM_TEMPERATURE,
                     .number = (uint8_t)number,
                     .address = (uint16_t)(MONITOR + 2 * number),
                     .scale = STEP,
                     .name = sources[entry].name,
                     .of_processor = sources[entry].of_processor,
                 });
}

static int list_monitor(struct hwm *hwm, unsigned number)
{
    uint16_t source;
    int error = read_register(hwm, (uint16_t)(MONITOR_SOURCE + number), 1, &source);

    if (error)
        return hwm_list_error(hwm, error);
    for (unsigned i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (sources[i].source == (source & SOURCE_MASK))
            add_source(hwm, number, i);
    return HWM_BUSY;
}

static int list(struct hwm *hwm)
{
    unsigned failures = hwm->failures;
    int result;

    if (hwm->at == 0)
        result = check_customer(hwm);
    else if (hwm->at <= FANS)
        result = list_fan(hwm, hwm->at - 1);
    else
        result = list_monitor(hwm, hwm->at - 1 - FANS);
    if (result != HWM_BUSY)
        return result;
    if (hwm->failures == failures) /* else once more */
        hwm->at++;
    return hwm->at > FANS + MONITORS ? OK : HWM_BUSY;
}

static int read_input(const struct hwm *hwm, const struct hwm_input *input, int64_t *ret_value)
{
    uint16_t raw;
    int error = read_register(hwm, input->address, input->form == FORM_VOLTAGE ? 1 : 2, &raw);

    if (error)
        return error;
    if (input->form == FORM_SPEED)
        *ret_value = raw == UINT16_MAX ? 0 : (int64_t)raw * 1000;
    else if (input->form == FORM_TEMPERATURE)
        *ret_value = hwm_half_degrees(raw);
    else
        *ret_value = (int64_t)raw * input->scale / 10;
    return OK;
}

const struct hwm_family nct6683_family = {.rule = &rule, .list = list, .read = read_input};
