#include "tests/sim/bmc.h"

#include <string.h>

#include "base/error.h"
#include "base/prng.h"

enum {
    STATE_IDLE = 0x00,
    STATE_READ = 0x40,
    STATE_WRITE = 0x80,
    STATE_ERROR = 0xC0,
    BYTE_US = 8,
    COMMAND_US = 300,
    READING_SLOW_US = 10000,
};

const struct bmc_sensor bmc_server[] = {
    {.name = "FAN1",
     .number = 0x30,
     .type = 4,
     .entity = 0x1D,
     .unit = 18,
     .m = 75,
     .lower_critical = 8,
     .raw = 60,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "FAN2",
     .number = 0x31,
     .type = 4,
     .entity = 0x1D,
     .unit = 18,
     .m = 75,
     .lower_critical = 8,
     .raw = 58,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "CPU1 Temp",
     .number = 0x01,
     .type = 1,
     .entity = 3,
     .unit = 1,
     .units1 = 0x80,
     .m = 1,
     .upper_critical = 95,
     .raw = 41,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "Inlet",
     .number = 0x02,
     .type = 1,
     .entity = 0x40,
     .unit = 1,
     .units1 = 0x80,
     .m = 1,
     .lower_critical = 0xFB,
     .upper_critical = 50,
     .raw = 0xFE,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "DIMM A1",
     .number = 0x03,
     .type = 1,
     .entity = 8,
     .unit = 1,
     .m = 5,
     .r_exponent = -1,
     .upper_critical = 170,
     .raw = 77,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "12V",
     .number = 0x40,
     .type = 2,
     .entity = 7,
     .unit = 4,
     .m = 63,
     .b = 12,
     .b_exponent = 1,
     .r_exponent = -3,
     .lower_critical = 169,
     .upper_critical = 209,
     .raw = 188,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "Therm Ctrl",
     .number = 0x50,
     .type = 1,
     .entity = 3,
     .units1 = 0x01,
     .unit = 1,
     .m = 1,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "Odd",
     .number = 0x51,
     .type = 1,
     .entity = 7,
     .unit = 1,
     .m = 1,
     .linearization = 0x70,
     .raw = 30,
     .record = 1,
     .reading_type = 1,
     .owner = 0x20},
    {.name = "Fan Redundancy",
     .number = 0x60,
     .type = 4,
     .entity = 0x1E,
     .record = 2,
     .reading_type = 0x0B,
     .owner = 0x20},
    {.name = "Sys Fan",
     .number = 0x70,
     .type = 4,
     .entity = 0x1D,
     .unit = 18,
     .record = 2,
     .reading_type = 1,
     .owner = 0x20,
     .share = 2,
     .lower_critical = 1,
     .raw = 20},
    {.name = "PSU Temp",
     .number = 0x01,
     .type = 1,
     .entity = 10,
     .unit = 1,
     .m = 1,
     .raw = 30,
     .record = 1,
     .reading_type = 1,
     .owner = 0xB0},
    {.name = "Watchdog",
     .number = 0x80,
     .type = 0x23,
     .entity = 6,
     .record = 2,
     .reading_type = 0x6F,
     .owner = 0x20},
};
const size_t bmc_server_count = sizeof(bmc_server) / sizeof(bmc_server[0]);

void bmc_init(struct bmc *bmc, enum bmc_fault fault)
{
    memset(bmc, 0, sizeof(*bmc));
    bmc->fault = fault;
    bmc->fault_for_us = UINT64_MAX / 2;
    bmc->port = 0xCA2;
    bmc->spacing = 1;
    bmc->sensors = bmc_server;
    bmc->sensor_count = bmc_server_count;
    bmc->watchdog_running = fault == BMC_WATCHDOG || fault == BMC_WATCHDOG_STAYS;
    bmc->random = 1;
}

void bmc_sleep(struct bmc *bmc, uint64_t duration_us)
{
    bmc->now_us += duration_us;
}

size_t bmc_record(const struct bmc_sensor *sensor, uint16_t id, uint8_t *ret_bytes)
{
    size_t name_size = strlen(sensor->name);
    size_t name_at = sensor->record == 1 ? 47 : 31;
    uint8_t *r = ret_bytes;
    uint8_t mask =
        (uint8_t)((sensor->lower_critical ? 0x02 : 0) | (sensor->upper_critical ? 0x10 : 0));

    memset(r, 0, 64);
    r[0] = (uint8_t)id;
    r[1] = (uint8_t)(id >> 8);
    r[2] = 0x51;
    r[3] = sensor->record;
    r[4] = (uint8_t)(name_at + 1 + name_size - 5);
    r[5] = sensor->owner;
    r[6] = sensor->lun;
    r[7] = sensor->number;
    r[8] = sensor->entity;
    r[9] = 1;
    r[11] = mask ? 0x04 : 0x00;
    r[12] = sensor->type;
    r[13] = sensor->reading_type;
    r[15] = mask & 0x02 ? 0x20 : 0;
    r[17] = mask & 0x10 ? 0x20 : 0;
    r[18] = mask;
    r[20] = sensor->units1;
    r[21] = sensor->unit;
    if (sensor->record == 1) {
        r[23] = sensor->linearization;
        r[24] = (uint8_t)sensor->m;
        r[25] = (uint8_t)((unsigned)sensor->m >> 2 & 0xC0);
        r[26] = (uint8_t)sensor->b;
        r[27] = (uint8_t)((unsigned)sensor->b >> 2 & 0xC0);
        r[29] = (uint8_t)((unsigned)sensor->r_exponent << 4 | (sensor->b_exponent & 0x0F));
        r[37] = sensor->upper_critical;
        r[40] = sensor->lower_critical;
    } else {
        r[23] = sensor->share;
        r[24] = 1;
    }
    r[name_at] = (uint8_t)(0xC0 | name_size);
    memcpy(r + name_at + 1, sensor->name, name_size);
    return name_at + 1 + name_size;
}

/* --- commands ------------------------------------------------------------------------------ */

static void add(struct bmc *bmc, uint8_t value)
{
    if (bmc->response_size < sizeof(bmc->response))
        bmc->response[bmc->response_size++] = value;
}

static void add_all(struct bmc *bmc, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        add(bmc, bytes[i]);
}

static bool in_fault(const struct bmc *bmc, enum bmc_fault fault)
{
    return bmc->fault == fault && bmc->now_us >= bmc->fault_us &&
           bmc->now_us - bmc->fault_us < bmc->fault_for_us;
}

static void get_device_id(struct bmc *bmc)
{
    static const uint8_t id[] = {0x20, 0x81, 0x01, 0x42, 0x02, 0xBF, 0x57, 0x01, 0x00, 0x34, 0x12};

    add(bmc, 0);
    add_all(bmc, id, sizeof(id));
}

static void get_restart_cause(struct bmc *bmc)
{
    if (bmc->fault == BMC_RESTART_REFUSED) {
        add(bmc, 0xD4);
        return;
    }
    add(bmc, 0);
    if (bmc->fault == BMC_RESTART_SHORT)
        return;
    add(bmc, (uint8_t)(0xA0 | bmc->restart_cause)); /* the upper half is reserved */
    add(bmc, 1);
}

static void get_watchdog(struct bmc *bmc)
{
    uint8_t timer[] = {2, 1, 0, 0x10, 0x2C, 0x01, 0x2A, 0x01};

    if (bmc->watchdog_running)
        timer[0] |= 0x40;
    add(bmc, 0);
    add_all(bmc, timer, sizeof(timer));
}

/* Only "stop, all else as it was" is right. */
static void set_watchdog(struct bmc *bmc)
{
    static const uint8_t stop[] = {2, 1, 0, 0, 0x2C, 0x01};

    if (bmc->request_size != 8 || memcmp(bmc->request + 2, stop, sizeof(stop)) != 0)
        bmc->changing++;
    bmc->watchdog_stops++;
    if (bmc->fault != BMC_WATCHDOG_STAYS)
        bmc->watchdog_running = false;
    add(bmc, 0);
}

/* The record with its fault, and how many bytes of it there are. */
static size_t faulty_record(struct bmc *bmc, size_t index, uint8_t *ret_record)
{
    size_t size = bmc_record(&bmc->sensors[index], (uint16_t)(index + 1), ret_record);

    if (bmc->fault == BMC_SHORT_SDR && index == 1) {
        ret_record[4] = 20;
        return 25;
    }
    if (bmc->fault == BMC_LYING_SDR && index == 1)
        ret_record[4] = 0xFF;
    return size;
}

static void get_sdr(struct bmc *bmc)
{
    const uint8_t *r = bmc->request + 2;
    size_t id = r[2] | (size_t)r[3] << 8, offset = r[4], count = r[5];
    size_t index = id == 0 ? 0 : id - 1;
    uint16_t next = index + 1 < bmc->sensor_count ? (uint16_t)(index + 2) : 0xFFFF;
    uint8_t record[64];
    size_t size;

    bmc->get_sdr_count++;
    if ((bmc->fault == BMC_RESERVATION_LOST && bmc->get_sdr_count % 7 == 0) ||
        (bmc->fault == BMC_RESERVATION_NONE && offset > 0) ||
        (offset > 0 && (r[0] | r[1] << 8) != bmc->reservation)) {
        bmc->reservation++;
        add(bmc, 0xC5);
        return;
    }
    if (index >= bmc->sensor_count || count > 16) {
        add(bmc, 0xC9);
        return;
    }
    size = faulty_record(bmc, index, record);
    if (bmc->fault == BMC_CIRCULAR_SDR && index == 2)
        next = 1;
    if (offset >= size) {
        add(bmc, 0xC9);
        return;
    }
    add(bmc, 0);
    add(bmc, (uint8_t)next);
    add(bmc, (uint8_t)(next >> 8));
    add_all(bmc, record + offset, size - offset < count ? size - offset : count);
}

static const struct bmc_sensor *find(const struct bmc *bmc, uint8_t number, size_t *ret_index)
{
    for (size_t i = 0; i < bmc->sensor_count; i++) {
        const struct bmc_sensor *sensor = &bmc->sensors[i];
        unsigned share = sensor->share ? sensor->share : 1;

        *ret_index = i;
        if (number >= sensor->number && number < sensor->number + share && sensor->owner == 0x20 &&
            sensor->lun == (bmc->request[0] & 3))
            return sensor;
    }
    return NULL;
}

static void get_thresholds(struct bmc *bmc)
{
    size_t index;
    const struct bmc_sensor *sensor = find(bmc, bmc->request[2], &index);

    if (!sensor) {
        add(bmc, 0xCB);
        return;
    }
    add(bmc, 0);
    add(bmc, (uint8_t)((sensor->lower_critical ? 2 : 0) | (sensor->upper_critical ? 0x10 : 0)));
    add(bmc, 0);
    add(bmc, sensor->lower_critical);
    add(bmc, 0);
    add(bmc, 0);
    add(bmc, sensor->upper_critical);
    add(bmc, 0);
}

static int as_signed(const struct bmc_sensor *sensor, uint8_t raw)
{
    return sensor->units1 >> 6 == 2 ? (int8_t)raw : raw;
}

int bmc_offset(const struct bmc_sensor *sensor, uint8_t raw)
{
    return sensor->b + (raw >= 40 ? 7 : 0);
}

/* Section 35.5. */
static void get_factors(struct bmc *bmc)
{
    size_t index;
    const struct bmc_sensor *sensor = find(bmc, bmc->request[2], &index);
    uint8_t record[64];
    int b;

    bmc->factors++;
    if (bmc->fault == BMC_FACTORS_REFUSED || bmc->request_size != 4 || !sensor ||
        sensor->linearization < 0x70) {
        add(bmc, 0xC1);
        return;
    }
    if (bmc->fault == BMC_FACTORS_BUSY && bmc->factors % 3 != 0) {
        add(bmc, 0xC0);
        return;
    }
    bmc_record(sensor, 1, record);
    b = bmc_offset(sensor, bmc->request[3]);
    add(bmc, 0);
    add(bmc, (uint8_t)(bmc->request[3] + 1));
    add(bmc, record[24]);
    add(bmc, record[25]);
    add(bmc, (uint8_t)b);
    add(bmc, (uint8_t)((unsigned)b >> 2 & 0xC0));
    add(bmc, 0);
    add(bmc, record[29]);
}

/* Bits of thresholds the sensor does not have are set on purpose: they count for nothing. */
static uint8_t threshold_bits(const struct bmc_sensor *sensor, uint8_t raw)
{
    uint8_t bits = sensor->lower_critical ? 0 : 0x02;
    int value = as_signed(sensor, raw);

    if (sensor->lower_critical && value <= as_signed(sensor, sensor->lower_critical))
        bits |= 0x02;
    if (sensor->upper_critical && value >= as_signed(sensor, sensor->upper_critical))
        bits |= 0x10;
    return bits | 0xC0;
}

static uint8_t raw_now(const struct bmc *bmc, const struct bmc_sensor *sensor, size_t index)
{
    uint64_t climb = (bmc->now_us - bmc->fault_us) / 250000;

    if (index == 0 && in_fault(bmc, BMC_FAN_STOPS))
        return 0;
    if (index == 2 && in_fault(bmc, BMC_HOT))
        return (uint8_t)(sensor->raw + (climb < 70 ? climb : 70));
    return sensor->raw;
}

static void get_reading(struct bmc *bmc)
{
    size_t index;
    const struct bmc_sensor *sensor = find(bmc, bmc->request[2], &index);
    int value = 0;
    uint8_t raw;

    bmc->readings++;
    if (!sensor || in_fault(bmc, BMC_READING_ERRORS)) {
        add(bmc, 0xCB);
        return;
    }
    if (bmc->read_sensor)
        value = bmc->read_sensor(bmc->read_context, index);
    raw = bmc->read_sensor ? (uint8_t)value : raw_now(bmc, sensor, index);
    add(bmc, 0);
    add(bmc, raw);
    if (value < 0)
        add(bmc, 0xE0);
    else
        add(bmc, index == 0 && in_fault(bmc, BMC_SCANNING_OFF) ? 0x80 : 0xC0);
    add(bmc, threshold_bits(sensor, raw));
}

/* --- the event log ------------------------------------------------------------------------- */

static void get_log_info(struct bmc *bmc)
{
    uint8_t info[14] = {0x51, (uint8_t)bmc->log_count, (uint8_t)(bmc->log_count >> 8)};

    info[13] = bmc->fault == BMC_LOG_BARE ? 0 : 0x02;
    add(bmc, 0);
    add_all(bmc, info, sizeof(info));
}

static void reserve_log(struct bmc *bmc)
{
    if (bmc->fault == BMC_LOG_BARE) {
        add(bmc, 0xC1);
        return;
    }
    bmc->log_reservation++;
    add(bmc, 0);
    add(bmc, (uint8_t)bmc->log_reservation);
    add(bmc, (uint8_t)(bmc->log_reservation >> 8));
}

/* The place of a record in the log, or the number of records where there is none. */
static size_t find_entry(const struct bmc *bmc, uint16_t id)
{
    size_t last = bmc->log_count ? bmc->log_count - 1 : 0;

    if (id == 0)
        return 0;
    if (id == 0xFFFF)
        return bmc->fault == BMC_LOG_NO_LAST ? bmc->log_count : last;
    for (size_t i = 0; i < bmc->log_count; i++)
        if ((bmc->log[i][0] | bmc->log[i][1] << 8) == id)
            return i;
    return bmc->log_count;
}

static uint16_t next_entry(const struct bmc *bmc, size_t index)
{
    size_t next = index + 1;

    if (bmc->fault == BMC_LOG_CIRCULAR && index == 2)
        next = 0;
    if (bmc->fault == BMC_LOG_LONG)
        next %= bmc->log_count;
    return next < bmc->log_count ? (uint16_t)(bmc->log[next][0] | bmc->log[next][1] << 8) : 0xFFFF;
}

static void get_entry(struct bmc *bmc)
{
    static const uint8_t erased[16] = {255, 255, 255, 255, 255, 255, 255, 255,
                                       255, 255, 255, 255, 255, 255, 255, 255};
    const uint8_t *r = bmc->request + 2;
    uint16_t reservation = (uint16_t)(r[0] | r[1] << 8);
    size_t index = find_entry(bmc, (uint16_t)(r[2] | r[3] << 8));

    if ((bmc->fault == BMC_LOG_RESERVATION && ++bmc->get_entry_count % 3 == 0) ||
        (reservation != 0 && reservation != bmc->log_reservation)) {
        bmc->log_reservation++;
        add(bmc, 0xC5);
        return;
    }
    if (index >= bmc->log_count || r[4] != 0 || r[5] != 0xFF ||
        (bmc->fault == BMC_LOG_BROKEN && index == 3)) {
        add(bmc, index >= bmc->log_count ? 0xCB : 0xFF);
        return;
    }
    bmc->entries++;
    add(bmc, 0);
    add(bmc, (uint8_t)next_entry(bmc, index));
    add(bmc, (uint8_t)(next_entry(bmc, index) >> 8));
    add_all(bmc, bmc->fault == BMC_LOG_ERASED && index == 1 ? erased : bmc->log[index],
            bmc->fault == BMC_LOG_SHORT && index == 3 ? 10 : 16);
}

static void garbage(struct bmc *bmc)
{
    size_t size = (size_t)prng_below(&bmc->random, sizeof(bmc->response)) + 1;

    for (size_t i = 0; i < size; i++)
        add(bmc, (uint8_t)prng_next(&bmc->random));
}

static void run_command(struct bmc *bmc)
{
    unsigned command = bmc->request[0] >> 2 << 8 | bmc->request[1];

    if (bmc->fault == BMC_LOG_NONE && command >= 0x0A40 && command <= 0x0A43)
        command = 0x0A4F;
    switch (command) {
    case 0x0A4F:
        add(bmc, 0xC1);
        break;
    case 0x0601:
        get_device_id(bmc);
        break;
    case 0x0007:
        get_restart_cause(bmc);
        break;
    case 0x0625:
        get_watchdog(bmc);
        break;
    case 0x0624:
        set_watchdog(bmc);
        break;
    case 0x0A22:
        bmc->reservation++;
        add(bmc, 0);
        add(bmc, (uint8_t)bmc->reservation);
        add(bmc, (uint8_t)(bmc->reservation >> 8));
        break;
    case 0x0A23:
        get_sdr(bmc);
        break;
    case 0x0A40:
        get_log_info(bmc);
        break;
    case 0x0A42:
        reserve_log(bmc);
        break;
    case 0x0A43:
        get_entry(bmc);
        break;
    case 0x0423:
        get_factors(bmc);
        break;
    case 0x0427:
        get_thresholds(bmc);
        break;
    case 0x042D:
        get_reading(bmc);
        break;
    default:
        bmc->changing++;
        add(bmc, 0xC1);
        break;
    }
}

static void execute(struct bmc *bmc)
{
    bmc->response_size = 0;
    bmc->response_at = 0;
    if (bmc->fault == BMC_GARBAGE) {
        garbage(bmc);
        return;
    }
    add(bmc, bmc->request[0] | 4);
    add(bmc, bmc->request[1]);
    if (bmc->fault == BMC_ALL_ERRORS)
        add(bmc, 0xC0);
    else
        run_command(bmc);
}

/* --- registers ----------------------------------------------------------------------------- */

static void output(struct bmc *bmc, uint8_t value)
{
    bmc->output = value;
    bmc->output_full = true;
}

/* The next byte of the response, or the byte without meaning that comes with the idle state. */
static void next_output(struct bmc *bmc)
{
    if (bmc->aborting && bmc->response_at == 1) {
        bmc->aborting = false;
        bmc->state = STATE_IDLE;
        output(bmc, 0);
    } else if (bmc->fault == BMC_ENDLESS) {
        output(bmc, bmc->response[bmc->response_at % bmc->response_size]);
        bmc->response_at++;
    } else if (bmc->response_at < bmc->response_size) {
        output(bmc, bmc->response[bmc->response_at++]);
    } else {
        bmc->state = STATE_IDLE;
        output(bmc, 0);
    }
}

static void take_command(struct bmc *bmc)
{
    bmc->last_byte = false;
    if (bmc->input == 0x61) {
        bmc->request_size = 0;
        bmc->aborting = false;
        bmc->state = STATE_WRITE;
        if (bmc->fault == BMC_HICCUP && bmc->now_us >= bmc->fault_us) {
            bmc->fault = BMC_HEALTHY;
            bmc->state = STATE_ERROR;
        }
    } else if (bmc->input == 0x62) {
        bmc->last_byte = true;
    } else if (bmc->input == 0x60) {
        bmc->aborting = true;
        bmc->state = STATE_WRITE;
    } else {
        bmc->breaches++;
        bmc->state = STATE_ERROR;
    }
}

static void take_data(struct bmc *bmc)
{
    if (bmc->aborting && bmc->state == STATE_WRITE) {
        bmc->state = STATE_READ;
        bmc->response_at = 1;
        output(bmc, 0x01);
    } else if (bmc->state == STATE_WRITE && bmc->request_size < sizeof(bmc->request)) {
        bmc->request[bmc->request_size++] = bmc->input;
        if (bmc->last_byte) {
            execute(bmc);
            bmc->state = STATE_READ;
            next_output(bmc);
        }
    } else if (bmc->state == STATE_READ && bmc->input == 0x68) {
        next_output(bmc);
    } else {
        bmc->breaches++;
        bmc->state = STATE_ERROR;
    }
}

static void proceed(struct bmc *bmc)
{
    if (!bmc->busy || bmc->now_us < bmc->busy_until_us)
        return;
    bmc->busy = false;
    if (bmc->busy_command)
        take_command(bmc);
    else
        take_data(bmc);
}

static bool floats(const struct bmc *bmc)
{
    return bmc->fault == BMC_FLOATING || in_fault(bmc, BMC_VANISHES);
}

static uint8_t status(const struct bmc *bmc)
{
    if (bmc->fault == BMC_STUCK_IBF || in_fault(bmc, BMC_DIES))
        return 0x02;
    if (bmc->fault == BMC_NEVER_ANSWERS)
        return 0;
    return (uint8_t)(bmc->state | (bmc->busy ? 2 : 0) |
                     (bmc->output_full || bmc->fault == BMC_STUCK_OBF ? 1 : 0));
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct bmc *bmc = context;

    bmc->now_us++;
    proceed(bmc);
    if (port != bmc->port && port != bmc->port + bmc->spacing)
        bmc->strays++;
    if (floats(bmc)) {
        *ret_value = 0xFF;
    } else if (port == bmc->port) {
        *ret_value = bmc->output;
        bmc->output_full = false;
    } else {
        *ret_value = status(bmc);
    }
    return OK;
}

static uint64_t busy_us(const struct bmc *bmc, bool command)
{
    if (command || !bmc->last_byte || bmc->state != STATE_WRITE)
        return BYTE_US;
    return bmc->fault == BMC_SLOW && bmc->request[1] == 0x2D ? READING_SLOW_US : COMMAND_US;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct bmc *bmc = context;

    bmc->now_us++;
    bmc->writes++;
    proceed(bmc);
    if (port != bmc->port && port != bmc->port + bmc->spacing) {
        bmc->strays++;
        return OK;
    }
    if (bmc->busy)
        bmc->breaches++;
    if (bmc->fault == BMC_NEVER_ANSWERS || floats(bmc))
        return OK;
    bmc->busy_command = port != bmc->port;
    bmc->input = value;
    bmc->busy = true;
    bmc->busy_until_us = bmc->now_us + busy_us(bmc, bmc->busy_command);
    return OK;
}

static int no_msr_read(void *context, uint32_t msr, uint64_t *ret_value)
{
    (void)context, (void)msr, (void)ret_value;
    return ERR_UNSUPPORTED;
}

static int no_msr_write(void *context, uint32_t msr, uint64_t value)
{
    (void)context, (void)msr, (void)value;
    return ERR_UNSUPPORTED;
}

struct access bmc_access(struct bmc *bmc)
{
    return (struct access){
        .context = bmc,
        .in8 = in8,
        .out8 = out8,
        .read_msr = no_msr_read,
        .write_msr = no_msr_write,
    };
}

static uint64_t now_us(void *context)
{
    return ((struct bmc *)context)->now_us;
}

static void wait_us(void *context, uint32_t duration_us)
{
    bmc_sleep(context, duration_us);
}

struct clock bmc_clock(struct bmc *bmc)
{
    return (struct clock){.context = bmc, .now_us = now_us, .wait_us = wait_us};
}
