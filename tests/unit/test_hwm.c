/*
 * The families of hardware monitors: what they read from the registers of real chips, and that they
 * leave no trace, whoever else uses their ports.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/ite.h"
#include "sensors/nct6683.h"
#include "sensors/nct6775.h"
#include "tests/sim/superio.h"

enum { IO_BASE = 0xA20, LIST_STEPS_MAX = 100, ACCESSES_MAX = 100 };

static struct sio sio;
static struct access access;
static struct guard guard;
static struct hwm hwm;
static const struct hwm_family *family;

static const struct hwm_family *const families[] = {
    [SIO_NCT6775] = &nct6775_family,
    [SIO_NCT6683] = &nct6683_family,
    [SIO_ITE] = &ite_family,
    [SIO_ITE_BANKED] = &ite_family,
};

static void set_up(uint16_t id, enum sio_family kind, const struct sio_byte *bytes, size_t count,
                   enum sio_fault fault)
{
    struct superio_chip chip = {.id = id, .model = superio_model(id), .base = IO_BASE};

    sio_init(&sio);
    sio_put(&sio, 0, id, kind, IO_BASE, bytes, count, fault);
    access = sio_access(&sio);
    guard_init(&guard, &access);
    family = families[kind];
    assert_int_equal(guard_place(&guard, family->rule, IO_BASE), OK);
    hwm_init(&hwm, &guard.access, &chip, false);
}

/* Makes the list; what is selected in the chip is afterwards what was before, or what a thief has
 * selected. */
static int list(void)
{
    int result = HWM_BUSY;

    for (unsigned i = 0; i < LIST_STEPS_MAX && result == HWM_BUSY; i++) {
        unsigned accesses = sio.accesses;

        result = family->list(&hwm);
        assert_true(sio.accesses - accesses <= 2 * ACCESSES_MAX);
    }
    assert_int_not_equal(result, HWM_BUSY);
    assert_int_equal(sio.breaches + guard.refused, 0);
    return result;
}

static int read_input(const struct hwm_input *input, int64_t *ret_value)
{
    unsigned accesses = sio.accesses;
    int error = family->read(&hwm, input, ret_value);

    assert_true(sio.accesses - accesses <= ACCESSES_MAX);
    assert_int_equal(sio.breaches + guard.refused, 0);
    return error;
}

/* The input of a kind by name, or for NULL by number. */
static const struct hwm_input *find(enum quantity quantity, const char *name, unsigned number)
{
    for (unsigned i = 0; i < hwm.input_count; i++) {
        const struct hwm_input *input = &hwm.inputs[i];

        if (input->quantity == quantity &&
            (name ? input->name && text_equal(input->name, name) : input->number == number))
            return input;
    }
    return NULL;
}

struct expected {
    enum quantity quantity;
    const char *name;
    unsigned number;
    int64_t value;
};

#define SPEED(n, rpm)                                                                              \
    {                                                                                              \
        QUANTITY_FAN_SPEED, NULL, (n)-1, (int64_t)(rpm)*1000                                       \
    }
#define HEAT(title, milli)                                                                         \
    {                                                                                              \
        QUANTITY_TEMPERATURE, title, 0, milli                                                      \
    }
#define HEAT_NUMBER(n, milli)                                                                      \
    {                                                                                              \
        QUANTITY_TEMPERATURE, NULL, (n)-1, milli                                                   \
    }
#define VOLTS(title, milli)                                                                        \
    {                                                                                              \
        QUANTITY_VOLTAGE, title, 0, milli                                                          \
    }

static void check(const struct expected *expected, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct hwm_input *input =
            find(expected[i].quantity, expected[i].name, expected[i].number);
        int64_t value = -1;

        assert_non_null(input);
        assert_int_equal(read_input(input, &value), OK);
        assert_int_equal(value, expected[i].value);
    }
}

#define CHECK(...)                                                                                 \
    do {                                                                                           \
        static const struct expected table[] = {__VA_ARGS__};                                      \
        check(table, sizeof(table) / sizeof(table[0]));                                            \
    } while (0)

#define NCT6796(fault) set_up(0xD42B, SIO_NCT6775, sio_nct6796, sio_nct6796_count, fault)

#define NCT6796_READINGS                                                                           \
    SPEED(1, 0), SPEED(2, 711), SPEED(3, 700), SPEED(4, 843), SPEED(5, 789), SPEED(6, 0),          \
        SPEED(7, 544), HEAT("SYSTIN", 27000), HEAT("CPUTIN", 35500),                               \
        HEAT("PECI Agent 0, calibrated", 35000), VOLTS("Vcore", 856), VOLTS("AVCC", 3424),         \
        VOLTS("3VCC", 3360), VOLTS("3VSB", 3424), VOLTS("VBAT", 0)

/* Fans, temperatures and voltages as bsdsensors shows them of the same bytes, CPUTIN with its half
 * degree as nct6775 of Linux. */
static void test_nct6796(void **state)
{
    (void)state;
    NCT6796(SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(NCT6796_READINGS);
    assert_null(find(QUANTITY_TEMPERATURE, "AUXTIN0", 0));
    assert_true(find(QUANTITY_TEMPERATURE, "CPUTIN", 0)->of_processor);
    assert_false(find(QUANTITY_TEMPERATURE, "SYSTIN", 0)->of_processor);
    assert_int_equal(sio.chips[0].bank, 0);
}

static void test_nct6796_with_all(void **state)
{
    (void)state;
    NCT6796(SIO_HEALTHY);
    hwm.all = true;
    assert_int_equal(list(), OK);
    CHECK(HEAT("AUXTIN0", 39000), HEAT("AUXTIN1", 12000), HEAT("SYSTIN", 27000));
}

static void test_nct6799(void **state)
{
    (void)state;
    set_up(0xD802, SIO_NCT6775, sio_nct6799, sio_nct6799_count, SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 0), SPEED(2, 505), SPEED(3, 0), SPEED(7, 0), HEAT("SYSTIN", 18000),
          HEAT("CPUTIN", 22000), HEAT("PECI Agent 0, calibrated", 22500), HEAT("AMD TSI 0", 27500),
          VOLTS("Vcore", 784), VOLTS("AVCC", 3408), VOLTS("3VCC", 3376));
}

/* The 13-bit counts of the same dump give the speeds that the chip itself gives in rpm. */
static void test_nct6776(void **state)
{
    static const struct sio_byte bytes[] = {
        {0x630, 0xFF}, {0x631, 0x1F}, {0x632, 0x3B}, {0x633, 0x09}, {0x634, 0x3C}, {0x635, 0x07},
        {0x636, 0x32}, {0x637, 0x00}, {0x638, 0x00}, {0x639, 0x00}, {0x027, 0x24}, {0x150, 0xC4},
        {0x151, 0x00}, {0x621, 0x01}, {0x622, 0x02}, {0x623, 0x03}, {0x624, 0x0C}, {0x62B, 0x1A},
        {0x250, 0x23}, {0x251, 0x00}, {0x625, 0x00}, {0x626, 0x00}, {0x100, 0x0C}, {0x200, 0x0C},
        {0x300, 0x01}, {0x020, 0x79}, {0x551, 0xD2}, {0x409, 0x00}, {0x40A, 0x00},
    };

    (void)state;
    set_up(0xC333, SIO_NCT6775, bytes, sizeof(bytes) / sizeof(bytes[0]), SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 0), SPEED(2, 711), SPEED(3, 700), SPEED(4, 843), SPEED(5, 0),
          HEAT("SYSTIN", 36000), HEAT("CPUTIN", -60000), HEAT("PECI Agent 0", 26000),
          VOLTS("Vcore", 968), VOLTS("VBAT", 3360));
}

/* Counts of 16 bits with a divisor for each fan. */
static void test_nct6775(void **state)
{
    static const struct sio_byte bytes[] = {
        {0x630, 0x00}, {0x631, 0x96}, {0x632, 0x02}, {0x633, 0x58}, {0x634, 0xFF}, {0x635, 0xFF},
        {0x636, 0x00}, {0x637, 0x00}, {0x506, 0x13}, {0x507, 0x00}, {0x027, 0x20}, {0x621, 0x01},
        {0x622, 0x02}, {0x150, 0x2A}, {0x151, 0x80}, {0x623, 0x00}, {0x624, 0x00}, {0x625, 0x00},
        {0x626, 0x00}, {0x100, 0x00}, {0x200, 0x00}, {0x300, 0x00},
    };

    (void)state;
    set_up(0xB472, SIO_NCT6775, bytes, sizeof(bytes) / sizeof(bytes[0]), SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 1125), SPEED(2, 1125), SPEED(3, 0), SPEED(4, 0), HEAT("SYSTIN", 32000),
          HEAT("CPUTIN", 42500));
}

#define NCT6687(fault) set_up(0xD592, SIO_NCT6683, sio_nct6687, sio_nct6687_count, fault)
#define NCT6687_READINGS                                                                           \
    SPEED(1, 1050), SPEED(2, 0), SPEED(3, 998), SPEED(4, 995), SPEED(5, 1027), SPEED(8, 863),      \
        HEAT("AMD TSI 90h", 64500), HEAT("Thermistor 3", 33000), HEAT("Thermistor 4", 127000),     \
        VOLTS("VCC", 3328)

static void test_nct6687(void **state)
{
    (void)state;
    NCT6687(SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(NCT6687_READINGS);
    assert_null(find(QUANTITY_FAN_SPEED, NULL, 8)); /* not set up as an input */
    assert_true(find(QUANTITY_TEMPERATURE, "AMD TSI 90h", 0)->of_processor);
    assert_int_equal(sio.chips[0].bank, 0xFF);
}

static void test_nct6683_of_an_unknown_maker(void **state)
{
    (void)state;
    NCT6687(SIO_HEALTHY);
    sio.chips[0].registers[6][2] = 0x0F;
    assert_int_equal(list(), ERR_REFUSED);
    NCT6687(SIO_HEALTHY);
    sio.chips[0].registers[6][2] = 0x0F;
    hwm.all = true;
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 1050));
}

static void test_it8728(void **state)
{
    (void)state;
    set_up(0x8728, SIO_ITE, sio_it8728, sio_it8728_count, SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 0), SPEED(2, 0), SPEED(3, 1016), SPEED(4, 0), SPEED(5, 0), HEAT_NUMBER(1, 68000),
          HEAT_NUMBER(2, 28000), HEAT_NUMBER(3, -128000), VOLTS("3VSB", 3264), VOLTS("VBAT", 120));
}

static void test_it8620(void **state)
{
    (void)state;
    set_up(0x8620, SIO_ITE, sio_it8620, sio_it8620_count, SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 1175), SPEED(2, 0), SPEED(6, 0), HEAT_NUMBER(1, 43000), HEAT_NUMBER(2, 43000),
          HEAT_NUMBER(3, -55000), HEAT_NUMBER(4, 44000), HEAT_NUMBER(6, 46000), VOLTS("3VSB", 3384),
          VOLTS("VBAT", 3000));
    set_up(0x8620, SIO_ITE, sio_it8620, sio_it8620_count, SIO_HEALTHY);
    sio.chips[0].registers[0][0x77] = 0x18; /* the fifth is a voltage, the sixth off */
    sio.chips[0].registers[0][0x77] = 0x06;
    assert_int_equal(list(), OK);
    assert_non_null(find(QUANTITY_TEMPERATURE, NULL, 3));
    assert_null(find(QUANTITY_TEMPERATURE, NULL, 4));
    assert_null(find(QUANTITY_TEMPERATURE, NULL, 5));
}

#define IT8686(fault) set_up(0x8686, SIO_ITE_BANKED, sio_it8686, sio_it8686_count, fault)
#define IT8686_READINGS                                                                            \
    SPEED(1, 1295), SPEED(2, 1121), SPEED(3, 0), SPEED(6, 0), HEAT_NUMBER(1, 33000),               \
        HEAT_NUMBER(2, 45000), HEAT_NUMBER(3, 26000), HEAT_NUMBER(4, 32000),                       \
        HEAT_NUMBER(6, 39000), VOLTS("3VSB", 3288), VOLTS("VBAT", 3168), VOLTS("AVCC3", 3072)

static void test_it8686(void **state)
{
    (void)state;
    IT8686(SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(IT8686_READINGS);
}

static void test_it8771_and_second_chip(void **state)
{
    (void)state;
    set_up(0x8771, SIO_ITE, sio_it8771, sio_it8771_count, SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 467), SPEED(2, 0), SPEED(3, 0), HEAT_NUMBER(1, 31000), HEAT_NUMBER(2, 18000),
          VOLTS("3VSB", 3384), VOLTS("VBAT", 3288));
    set_up(0x8733, SIO_ITE, sio_it8792, sio_it8792_count, SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 0), HEAT_NUMBER(1, 25000), HEAT_NUMBER(2, 29000), HEAT_NUMBER(3, 31000),
          VOLTS("3VSB", 3388), VOLTS("VBAT", 3300));
}

/* A fan of IT8721F that counts in 8 bits is left out; IT8665E has its sixth elsewhere. */
static void test_ite_variants(void **state)
{
    static const struct sio_byte bytes[] = {
        {0x00, 0x19}, {0x0C, 0x05}, {0x0D, 0x00}, {0x18, 0x02}, {0x0F, 0x00}, {0x1A, 0x03},
        {0x06, 0x00}, {0x93, 0x00}, {0x94, 0x04}, {0x4C, 0x00}, {0x4D, 0x05},
    };

    (void)state;
    set_up(0x8721, SIO_ITE, bytes, sizeof(bytes) / sizeof(bytes[0]), SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(1, 1318), SPEED(3, 878));
    assert_null(find(QUANTITY_FAN_SPEED, NULL, 1));
    assert_null(find(QUANTITY_VOLTAGE, "3VSB", 0));
    set_up(0x8665, SIO_ITE_BANKED, bytes, sizeof(bytes) / sizeof(bytes[0]), SIO_HEALTHY);
    assert_int_equal(list(), OK);
    CHECK(SPEED(6, 659));
}

/* ---- faults */

/* A bank or page that the firmware left selected comes back after each reading. */
static void test_bank_is_put_back(void **state)
{
    (void)state;
    NCT6796(SIO_BANK_LEFT);
    assert_int_equal(list(), OK);
    CHECK(NCT6796_READINGS);
    assert_int_equal(sio.chips[0].bank, 3);
    NCT6687(SIO_BANK_LEFT);
    assert_int_equal(list(), OK);
    CHECK(NCT6687_READINGS);
    assert_int_equal(sio.chips[0].bank, 3);
    IT8686(SIO_BANK_LEFT);
    assert_int_equal(list(), OK);
    CHECK(IT8686_READINGS);
    assert_int_equal(sio.chips[0].bank, 3 << 5 | 1);
}

/* Bits beside the bank number are nobody's business. */
static void test_vendor_bit_is_kept(void **state)
{
    (void)state;
    NCT6796(SIO_HEALTHY);
    sio.chips[0].bank = 0x80;
    assert_int_equal(list(), OK);
    CHECK(NCT6796_READINGS);
    assert_int_equal(sio.chips[0].bank, 0x80);
}

/* Somebody who steals the bank now and then costs tries, never a wrong value; who keeps it gives
 * errors, and keeps it. */
static void check_thief(void (*arrange)(enum sio_fault fault), const struct expected *expected,
                        size_t count)
{
    unsigned read = 0;

    arrange(SIO_BANK_STOLEN);
    assert_int_equal(list(), OK);
    for (unsigned round = 0; round < 5; round++) {
        for (size_t i = 0; i < count; i++) {
            const struct hwm_input *input =
                find(expected[i].quantity, expected[i].name, expected[i].number);
            int64_t value = -1;
            int error = read_input(input, &value);

            assert_true(error == OK || error == ERR_STALE);
            if (error == OK)
                assert_int_equal(value, expected[i].value);
            read += error == OK;
        }
    }
    assert_true(read >= 3 * count);
}

static void arrange_nct6796(enum sio_fault fault)
{
    NCT6796(fault);
}

static void arrange_nct6687(enum sio_fault fault)
{
    NCT6687(fault);
}

static void arrange_it8686(enum sio_fault fault)
{
    IT8686(fault);
}

static void test_stolen_bank(void **state)
{
    static const struct expected nct6796[] = {NCT6796_READINGS};
    static const struct expected nct6687[] = {NCT6687_READINGS};
    static const struct expected it8686[] = {IT8686_READINGS};

    (void)state;
    check_thief(arrange_nct6796, nct6796, sizeof(nct6796) / sizeof(nct6796[0]));
    check_thief(arrange_nct6687, nct6687, sizeof(nct6687) / sizeof(nct6687[0]));
    check_thief(arrange_it8686, it8686, sizeof(it8686) / sizeof(it8686[0]));
}

static void test_faults_of_the_list(void **state)
{
    static const struct {
        enum sio_fault fault;
        int nct6796, nct6687, it8686;
    } cases[] = {
        {SIO_NO_MONITOR, ERR_ABSENT, ERR_STALE, ERR_ABSENT},
        {SIO_OTHER_MONITOR, ERR_ABSENT, ERR_REFUSED, ERR_ABSENT},
        {SIO_NOT_STARTED, OK, OK, ERR_UNSUPPORTED},
        {SIO_BANK_TAKEN, ERR_STALE, ERR_STALE, ERR_STALE},
        {SIO_VALUE_CHANGES, ERR_STALE, ERR_STALE, ERR_STALE},
        {SIO_VALUE_STEPS, OK, OK, OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        NCT6796(cases[i].fault);
        assert_int_equal(list(), cases[i].nct6796);
        NCT6687(cases[i].fault);
        assert_int_equal(list(), cases[i].nct6687);
        IT8686(cases[i].fault);
        assert_int_equal(list(), cases[i].it8686);
    }
}

/* A value that moves between the two readings is read once more; one that never stands is none. */
static void test_values_that_move(void **state)
{
    (void)state;
    NCT6796(SIO_VALUE_STEPS);
    assert_int_equal(list(), OK);
    CHECK(NCT6796_READINGS);
    NCT6687(SIO_VALUE_STEPS);
    assert_int_equal(list(), OK);
    CHECK(NCT6687_READINGS);
    IT8686(SIO_VALUE_STEPS);
    assert_int_equal(list(), OK);
    CHECK(IT8686_READINGS);
}

static void check_none(void)
{
    for (unsigned i = 0; i < hwm.input_count; i++) {
        int64_t value;

        assert_int_not_equal(read_input(&hwm.inputs[i], &value), OK);
    }
}

/* A chip that is gone, or whose values never stand still, gives no values: no fan at 0. */
static void test_chip_that_goes_away(void **state)
{
    static const enum sio_fault faults[] = {SIO_NO_MONITOR, SIO_VALUE_CHANGES};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        NCT6796(SIO_HEALTHY);
        assert_int_equal(list(), OK);
        sio.chips[0].fault = faults[i];
        check_none();
        NCT6687(SIO_HEALTHY);
        assert_int_equal(list(), OK);
        sio.chips[0].fault = faults[i];
        check_none();
        IT8686(SIO_HEALTHY);
        assert_int_equal(list(), OK);
        sio.chips[0].fault = faults[i];
        check_none();
        set_up(0x8728, SIO_ITE, sio_it8728, sio_it8728_count, SIO_HEALTHY);
        assert_int_equal(list(), OK);
        sio.chips[0].fault = faults[i];
        check_none();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nct6796),
        cmocka_unit_test(test_nct6796_with_all),
        cmocka_unit_test(test_nct6799),
        cmocka_unit_test(test_nct6776),
        cmocka_unit_test(test_nct6775),
        cmocka_unit_test(test_nct6687),
        cmocka_unit_test(test_nct6683_of_an_unknown_maker),
        cmocka_unit_test(test_it8728),
        cmocka_unit_test(test_it8620),
        cmocka_unit_test(test_it8686),
        cmocka_unit_test(test_it8771_and_second_chip),
        cmocka_unit_test(test_ite_variants),
        cmocka_unit_test(test_bank_is_put_back),
        cmocka_unit_test(test_vendor_bit_is_kept),
        cmocka_unit_test(test_stolen_bank),
        cmocka_unit_test(test_faults_of_the_list),
        cmocka_unit_test(test_values_that_move),
        cmocka_unit_test(test_chip_that_goes_away),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
