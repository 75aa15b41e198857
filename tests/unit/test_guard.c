#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/guard.h"

enum { BASE = 0x290 };

/* A machine that keeps the last write of each kind. */
static struct {
    unsigned writes;
    uint32_t at;
    uint64_t value;
} machine;

static int keep(uint32_t at, uint64_t value)
{
    machine.writes++;
    machine.at = at;
    machine.value = value;
    return OK;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    (void)context;
    return keep(port, value);
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    (void)context;
    *ret_value = (uint8_t)port;
    return OK;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    (void)context;
    return keep(msr, value);
}

static int write_config(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value)
{
    (void)context, (void)function;
    return keep(offset, value);
}

static const struct access behind = {
    .in8 = in8, .out8 = out8, .write_msr = write_msr, .write_config = write_config};

static const uint8_t indices[] = {0x07, 0x20, 0x87};
static const struct guard_register registers[] = {{0x07, 0x00, 0x0F}, {0x02, 0x02, 0x02}};
static const struct guard_rule fixed[] = {
    {.what = GUARD_PAIR,
     .at = 0x2E,
     .indices = indices,
     .index_count = sizeof(indices),
     .registers = registers,
     .register_count = 2},
    {.what = GUARD_MSR, .at = 0x17A},
    {.what = GUARD_CONFIG, .at = 0x60, .function = {0, 0, 0}},
};
static const struct guard_register bank[] = {{0x4E, 0x00, 0xFF}};
static const struct guard_rule pair_at_base = {
    .what = GUARD_PAIR, .at = 5, .registers = bank, .register_count = 1, .span = 8, .alignment = 8};
static const struct guard_rule ports_at_base = {
    .what = GUARD_PORTS, .at = 4, .count = 2, .span = 8, .alignment = 8};

static struct guard guard;

static void set_up(void)
{
    memset(&machine, 0, sizeof(machine));
    guard_init(&guard, &behind);
    assert_int_equal(guard_allow(&guard, fixed, 3), OK);
}

static int out(uint16_t port, uint8_t value)
{
    return guard.access.out8(guard.access.context, port, value);
}

static void check_refused(uint16_t port, uint8_t value)
{
    unsigned writes = machine.writes;
    unsigned refused = guard.refused;

    assert_int_equal(out(port, value), ERR_REFUSED);
    assert_int_equal(machine.writes, writes);
    assert_int_equal(guard.refused, refused + 1);
}

static void check_passes(uint16_t port, uint8_t value)
{
    unsigned writes = machine.writes;

    assert_int_equal(out(port, value), OK);
    assert_int_equal(machine.writes, writes + 1);
    assert_int_equal(machine.at, port);
    assert_int_equal(machine.value, value);
}

static void test_nothing_is_allowed_by_itself(void **state)
{
    (void)state;
    guard_init(&guard, &behind);
    check_refused(0x2E, 0x87);
    check_refused(0xB2, 0x01); /* the SMI port */
    assert_int_equal(guard.access.write_msr(guard.access.context, 0x17A, 0), ERR_REFUSED);
    assert_int_equal(guard.refusals[0].at, 0x2E);
    assert_int_equal(guard.refusals[0].value, 0x87);
    assert_int_equal(guard.refusals[2].what, GUARD_MSR);
}

static void test_reads_pass(void **state)
{
    uint8_t value;

    (void)state;
    set_up();
    assert_int_equal(guard.access.in8(guard.access.context, 0x62, &value), OK);
    assert_int_equal(value, 0x62);
    assert_null(guard.access.read_msr); /* as it is behind */
}

static void test_pair_is_judged_by_its_index(void **state)
{
    (void)state;
    set_up();
    check_refused(0x2F, 0x0B); /* no index yet */
    check_passes(0x2E, 0x07);
    check_passes(0x2F, 0x0B);
    check_refused(0x2F, 0x10); /* beyond the values of that register */
    assert_int_equal(guard.refusals[1].index, 0x07);
    check_passes(0x2E, 0x20);
    check_refused(0x2F, 0x0B); /* the id is not to be written */
    check_refused(0x2E, 0x30); /* nor is that register to be selected */
    check_refused(0x2F, 0x0B);
    assert_int_equal(guard.refusals[4].index, 0x20); /* the refused index never came to be */
    check_refused(0x30, 0x00);
    check_refused(0x2D, 0x00);
}

static void test_key_bytes_are_no_index_of_a_register(void **state)
{
    (void)state;
    set_up();
    check_passes(0x2E, 0x87);
    check_passes(0x2E, 0x87);
    check_refused(0x2F, 0x0B);
}

static void test_msr_and_configuration_space(void **state)
{
    struct pci_function root = {0, 0, 0}, other = {0, 24, 3};

    (void)state;
    set_up();
    assert_int_equal(guard.access.write_msr(guard.access.context, 0x17A, 1), OK);
    assert_int_equal(guard.access.write_msr(guard.access.context, 0x17B, 1), ERR_REFUSED);
    assert_int_equal(guard.access.write_config(guard.access.context, root, 0x60, 1), OK);
    assert_int_equal(guard.access.write_config(guard.access.context, root, 0x64, 1), ERR_REFUSED);
    assert_int_equal(guard.access.write_config(guard.access.context, other, 0x60, 1), ERR_REFUSED);
    assert_int_equal(machine.writes, 2);
    assert_int_equal(guard.refusals[2].what, GUARD_CONFIG);
    assert_int_equal(guard.passed, 2);
}

static void test_pair_at_a_base(void **state)
{
    (void)state;
    set_up();
    check_refused(BASE + 5, 0x4E);
    assert_int_equal(guard_place(&guard, &pair_at_base, BASE), OK);
    check_passes(BASE + 5, 0x10); /* any index */
    check_refused(BASE + 6, 0x00);
    check_passes(BASE + 5, 0x4E);
    check_passes(BASE + 6, 0x04);
    check_refused(BASE + 4, 0x00);
    check_refused(BASE + 7, 0x00);
    check_passes(0x2E, 0x07); /* another pair has its own index */
    check_passes(BASE + 6, 0x00);
}

static void test_ports_at_a_base(void **state)
{
    (void)state;
    set_up();
    assert_int_equal(guard_place(&guard, &ports_at_base, 0xA20), OK);
    check_passes(0xA24, 0xFF);
    check_passes(0xA25, 0x00);
    check_refused(0xA26, 0x00);
    check_refused(0xA23, 0x00);
}

static void test_bases_that_cannot_be(void **state)
{
    static const struct {
        uint16_t base;
        int error;
    } cases[] = {
        {0, ERR_RANGE},       {0x60, ERR_RANGE},    {0x293, ERR_RANGE},   {0x291, ERR_RANGE},
        {0x3F8, ERR_REFUSED}, {0x3F0, ERR_REFUSED}, {0x170, ERR_REFUSED}, {0xCF8, ERR_REFUSED},
        {0x378, ERR_REFUSED}, {0x290, ERR_REFUSED}, {0x298, OK},          {0xFFF8, OK},
        {0xCD0, ERR_REFUSED},
    };

    (void)state;
    set_up();
    assert_int_equal(guard_place(&guard, &pair_at_base, BASE), OK);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct guard before = guard;

        assert_int_equal(guard_place(&guard, &pair_at_base, cases[i].base), cases[i].error);
        guard = before;
    }
}

static void test_lists_are_bounded(void **state)
{
    (void)state;
    set_up();
    for (unsigned i = 3; i < GUARD_RULES_MAX; i++)
        assert_int_equal(guard_place(&guard, &pair_at_base, (uint16_t)(0xA00 + 8 * i)), OK);
    assert_int_equal(guard_place(&guard, &pair_at_base, 0xB00), ERR_FULL);
    assert_int_equal(guard_allow(&guard, fixed, 1), ERR_FULL);
    for (unsigned i = 0; i < 100; i++)
        check_refused(0xB2, (uint8_t)i);
    assert_int_equal(guard.refusals[GUARD_REFUSALS_KEPT - 1].value, GUARD_REFUSALS_KEPT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_allowed_by_itself),
        cmocka_unit_test(test_reads_pass),
        cmocka_unit_test(test_pair_is_judged_by_its_index),
        cmocka_unit_test(test_key_bytes_are_no_index_of_a_register),
        cmocka_unit_test(test_msr_and_configuration_space),
        cmocka_unit_test(test_pair_at_a_base),
        cmocka_unit_test(test_ports_at_a_base),
        cmocka_unit_test(test_bases_that_cannot_be),
        cmocka_unit_test(test_lists_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
