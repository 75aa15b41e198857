/*
 * Super I/O chips are found, or left alone, and are afterwards as they were before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/superio.h"
#include "tests/sim/superio.h"

enum { ACCESSES_MAX = 100, IO_BASE = 0x290 };

static struct sio sio;
static struct access access;
static struct guard guard;
static struct superio_chip chip;

static void set_up(void)
{
    sio_init(&sio);
    access = sio_access(&sio);
    guard_init(&guard, &access);
    assert_int_equal(guard_allow(&guard, superio_rules, SUPERIO_PORTS), OK);
    memset(&chip, 0x55, sizeof(chip));
}

/* Probes a port; whatever is there, it is afterwards as it was, and nothing was refused. */
static int probe(uint16_t port)
{
    struct sio_state before = sio_state(&sio);
    struct sio_state after;
    unsigned accesses = sio.accesses;
    int error = superio_probe(&guard.access, port, &chip);

    after = sio_state(&sio);
    assert_memory_equal(&before, &after, sizeof(before));
    assert_true(sio.accesses - accesses <= ACCESSES_MAX);
    assert_int_equal(sio.breaches, 0);
    assert_int_equal(guard.refused, 0);
    return error;
}

static void put(unsigned place, uint16_t id, enum sio_family family, enum sio_fault fault)
{
    sio_put(&sio, place, id, family, IO_BASE, NULL, 0, fault);
}

static void test_nobody_there(void **state)
{
    (void)state;
    set_up();
    assert_int_equal(probe(0x2E), ERR_ABSENT);
    assert_int_equal(probe(0x4E), ERR_ABSENT);
}

static void test_models(void **state)
{
    static const struct {
        uint16_t id;
        enum sio_family family;
        const char *name;
        uint8_t family_found;
    } cases[] = {
        {0xB472, SIO_NCT6775, "NCT6775F", SUPERIO_NCT6775},
        {0xC333, SIO_NCT6775, "NCT6776", SUPERIO_NCT6775},
        {0xC562, SIO_NCT6775, "NCT6779D", SUPERIO_NCT6775},
        {0xC803, SIO_NCT6775, "NCT6791D", SUPERIO_NCT6775},
        {0xC911, SIO_NCT6775, "NCT6792D", SUPERIO_NCT6775},
        {0xD121, SIO_NCT6775, "NCT6793D", SUPERIO_NCT6775},
        {0xD352, SIO_NCT6775, "NCT6795D", SUPERIO_NCT6775},
        {0xD423, SIO_NCT6775, "NCT6796D", SUPERIO_NCT6775},
        {0xD42A, SIO_NCT6775, "NCT6796D-R", SUPERIO_NCT6775},
        {0xD451, SIO_NCT6775, "NCT6797D", SUPERIO_NCT6775},
        {0xD429, SIO_NCT6775, "NCT6798D", SUPERIO_NCT6775},
        {0xD800, SIO_NCT6775, "NCT6799D", SUPERIO_NCT6775},
        {0xD802, SIO_NCT6775, "NCT6796D-S or NCT6799D", SUPERIO_NCT6775},
        {0xC732, SIO_NCT6683, "NCT6683D", SUPERIO_NCT6683},
        {0xD441, SIO_NCT6683, "NCT6686D", SUPERIO_NCT6683},
        {0xD592, SIO_NCT6683, "NCT6687D", SUPERIO_NCT6683},
        {0x8728, SIO_ITE, "IT8728F", SUPERIO_ITE},
        {0x8686, SIO_ITE_BANKED, "IT8686E", SUPERIO_ITE},
        {0x8772, SIO_ITE, "IT8772E", SUPERIO_ITE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned place = 0; place < 2; place++) {
            set_up();
            put(place, cases[i].id, cases[i].family, SIO_HEALTHY);
            assert_int_equal(probe(place ? 0x2E : 0x4E), ERR_ABSENT);
            assert_int_equal(probe(superio_ports[place]), OK);
            assert_int_equal(chip.id, cases[i].id);
            assert_string_equal(chip.model->name, cases[i].name);
            assert_int_equal(chip.model->family, cases[i].family_found);
            assert_int_equal(chip.base, IO_BASE);
            assert_true(chip.is_active);
            assert_false(chip.is_locked || chip.was_open);
        }
    }
}

static void test_unknown_chip_is_named_and_left_alone(void **state)
{
    (void)state;
    set_up();
    put(0, 0x1234, SIO_NCT6775, SIO_HEALTHY);
    assert_int_equal(probe(0x2E), OK);
    assert_int_equal(chip.id, 0x1234);
    assert_null(chip.model);
    assert_int_equal(chip.base, 0);
    set_up();
    put(1, 0x8518, SIO_ITE, SIO_HEALTHY); /* an embedded controller */
    assert_int_equal(probe(0x4E), OK);
    assert_null(chip.model);
}

/* The way out is not written to a chip that was open: some hang. */
static void test_open_chip_is_left_open(void **state)
{
    (void)state;
    for (unsigned place = 0; place < 2; place++) {
        set_up();
        put(place, 0x8733, SIO_ITE, SIO_OPEN);
        assert_int_equal(probe(superio_ports[place]), OK);
        assert_true(chip.was_open && chip.is_active && chip.base == IO_BASE);
        assert_true(sio.chips[place].open);
        set_up();
        put(place, 0xD592, SIO_NCT6683, SIO_OPEN);
        assert_int_equal(probe(superio_ports[place]), OK);
        assert_true(chip.was_open && sio.chips[place].open);
    }
}

/* Chips that are known to hang the machine stay open even where a key was needed. */
static void test_chip_that_must_stay_open(void **state)
{
    (void)state;
    set_up();
    put(1, 0x8790, SIO_ITE, SIO_HEALTHY);
    assert_int_equal(superio_probe(&guard.access, 0x4E, &chip), OK);
    assert_true(sio.chips[1].open);
    assert_int_equal(sio.chips[1].selected, 0x07);
    assert_int_equal(sio.breaches + guard.refused, 0);
}

static void test_chips_read_in_memory_are_told(void **state)
{
    (void)state;
    set_up();
    put(0, 0x8696, SIO_ITE, SIO_HEALTHY);
    assert_int_equal(probe(0x2E), OK);
    assert_int_equal(chip.model->family, SUPERIO_SKIPPED);
    assert_int_equal(chip.base, 0);
}

static void test_faults(void **state)
{
    static const struct {
        enum sio_fault fault;
        int error;
        bool active, locked;
        uint16_t base;
    } cases[] = {
        {SIO_FLOATING, ERR_ABSENT, false, false, 0},
        {SIO_ZERO, ERR_ABSENT, false, false, 0},
        {SIO_SWITCHED_OFF, OK, false, false, IO_BASE},
        {SIO_LOCKED, OK, true, true, IO_BASE},
        {SIO_BASE_ZERO, OK, true, false, 0},
        {SIO_BASE_ODD, OK, true, false, 0x293},
        {SIO_BASE_CHANGES, ERR_STALE, false, false, 0},
        {SIO_INDEX_STOLEN, OK, true, false, IO_BASE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        set_up();
        put(0, 0xD42B, SIO_NCT6775, cases[i].fault);
        sio.chips[0].key_at = 0;
        if (cases[i].fault == SIO_FLOATING || cases[i].fault == SIO_ZERO) {
            /* A port that reads a constant gets keys, and the byte that closes. */
            assert_int_equal(superio_probe(&guard.access, 0x2E, &chip), cases[i].error);
            assert_false(sio.chips[0].open);
            continue;
        }
        assert_int_equal(probe(0x2E), cases[i].error);
        if (cases[i].error)
            continue;
        assert_int_equal(chip.is_active, cases[i].active);
        assert_int_equal(chip.is_locked, cases[i].locked);
        assert_int_equal(chip.base, cases[i].base);
    }
}

/* Nothing is believed that was read of another device, and the chip is closed again. */
static void test_device_that_cannot_be_selected(void **state)
{
    (void)state;
    set_up();
    put(0, 0xD42B, SIO_NCT6775, SIO_DEVICE_STOLEN);
    assert_int_equal(superio_probe(&guard.access, 0x2E, &chip), ERR_STALE);
    assert_false(sio.chips[0].open);
    assert_int_equal(sio.breaches, 0);
}

/* Without its rules nothing gets through, and the caller is told. */
static void test_guard_that_refuses(void **state)
{
    (void)state;
    set_up();
    put(0, 0xD42B, SIO_NCT6775, SIO_HEALTHY);
    guard_init(&guard, &access);
    assert_int_equal(superio_probe(&guard.access, 0x2E, &chip), ERR_IO);
    assert_int_equal(sio.writes, 0);
    assert_true(guard.refused > 0);
}

/* What the rules must never let through. */
static void test_rules(void **state)
{
    static const struct {
        uint8_t index, value;
    } forbidden[] = {
        {0x30, 0x01}, {0x60, 0x02}, {0x61, 0x90}, {0x28, 0x00},
        {0x20, 0x00}, {0x02, 0x01}, {0x02, 0x03}, {0x55, 0x07},
    };

    (void)state;
    set_up();
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
        assert_int_equal(guard.access.out8(&guard, 0x2E, forbidden[i].index), OK);
        assert_int_equal(guard.access.out8(&guard, 0x2F, forbidden[i].value), ERR_REFUSED);
    }
    assert_int_equal(guard.access.out8(&guard, 0x2E, 0x2A), ERR_REFUSED);
    assert_int_equal(guard.access.out8(&guard, 0x4E, 0xF0), ERR_REFUSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_unknown_chip_is_named_and_left_alone),
        cmocka_unit_test(test_open_chip_is_left_open),
        cmocka_unit_test(test_chip_that_must_stay_open),
        cmocka_unit_test(test_chips_read_in_memory_are_told),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_device_that_cannot_be_selected),
        cmocka_unit_test(test_guard_that_refuses),
        cmocka_unit_test(test_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
