#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/machine_check.h"
#include "tests/sim/msr.h"

#define CORRECTED 0x9C00004000000000ull /* VAL EN MISCV ADDRV, count 1 */
#define FATAL 0xBE00000000000000ull     /* VAL UC EN MISCV ADDRV PCC */

static void counts_banks(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);

    (void)state;
    msr_init(&model, MSR_HEALTHY, 10);
    assert_int_equal(machine_check_banks(&access), 10);
    msr_init(&model, MSR_HEALTHY, 50);
    assert_int_equal(machine_check_banks(&access), MACHINE_CHECK_BANKS_MAX);
    msr_init(&model, MSR_NO_MACHINE_CHECK, 10);
    assert_int_equal(machine_check_banks(&access), ERR_UNSUPPORTED);
}

static void healthy_banks_stay_silent(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);
    struct event_machine_check found[4];

    (void)state;
    msr_init(&model, MSR_HEALTHY, 10);
    model.banks[3].status = CORRECTED & ~MCI_STATUS_VAL;
    assert_int_equal(machine_check_read(&access, 10, 0, 0, false, found, 4), 0);
    assert_int_equal(model.writes, 0);
    assert_int_equal(model.faults + model.invalid, 0);
}

static void records_and_clears(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);
    struct event_machine_check found[4];

    (void)state;
    msr_init(&model, MSR_HEALTHY, 10);
    model.banks[7] = (struct msr_bank){CORRECTED | 0x90, 0x12345000, 0x8C};
    model.banks[9] = (struct msr_bank){MCI_STATUS_VAL | 0x5, 0xDEAD, 0xBEEF};
    assert_int_equal(machine_check_read(&access, 10, 0, 3, true, found, 4), 2);
    assert_int_equal(found[0].bank, 7);
    assert_int_equal(found[0].processor, 3);
    assert_true(found[0].prior && found[0].has_address && found[0].has_misc);
    assert_int_equal(found[0].address, 0x12345000);
    assert_int_equal(found[0].misc, 0x8C);
    assert_false(found[1].has_address || found[1].has_misc);
    assert_int_equal(found[1].address, 0);
    assert_int_equal(machine_check_read(&access, 10, 0, 3, false, found, 4), 0);
    assert_int_equal(model.faults + model.invalid, 0);
}

static void leaves_held_banks_alone(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);
    struct event_machine_check found[4];

    (void)state;
    msr_init(&model, MSR_HEALTHY, 32);
    model.banks[0].status = model.banks[5].status = model.banks[31].status = CORRECTED | 0x90;
    assert_int_equal(machine_check_read(&access, 32, 0x80000001, 0, false, found, 4), 1);
    assert_int_equal(found[0].bank, 5);
    assert_int_equal(model.banks[0].status, CORRECTED | 0x90);
    assert_int_equal(model.banks[31].status, CORRECTED | 0x90);
}

static void keeps_what_does_not_fit(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);
    struct event_machine_check found[2];

    (void)state;
    msr_init(&model, MSR_HEALTHY, 64);
    for (int i = 0; i < 3; i++)
        model.banks[i * 4].status = CORRECTED | 0x90;
    assert_int_equal(machine_check_read(&access, 64, 0, 0, false, found, 2), 2);
    assert_int_equal(machine_check_read(&access, 64, 0, 0, false, found, 2), 1);
    assert_int_equal(found[0].bank, 8);
    assert_int_equal(model.faults, 0);
}

static void faulty_registers(void **state)
{
    struct msr_model model;
    struct access access = msr_access(&model);
    struct event_machine_check found[4];

    (void)state;
    msr_init(&model, MSR_CANNOT_CLEAR, 4);
    model.banks[1].status = CORRECTED | 0x90;
    assert_int_equal(machine_check_read(&access, 4, 0, 0, true, found, 4), 1);
    assert_int_equal(machine_check_read(&access, 4, 0, 0, false, found, 4), 0);
    msr_init(&model, MSR_BANK_UNREADABLE, 4);
    model.banks[2].status = model.banks[3].status = CORRECTED | 0x90;
    assert_int_equal(machine_check_read(&access, 4, 0, 0, false, found, 4), 1);
    assert_int_equal(found[0].bank, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_banks),       cmocka_unit_test(healthy_banks_stay_silent),
        cmocka_unit_test(records_and_clears), cmocka_unit_test(keeps_what_does_not_fit),
        cmocka_unit_test(faulty_registers),   cmocka_unit_test(leaves_held_banks_alone),
    };

    return cmocka_run_group_tests_name("machine_check", tests, NULL, NULL);
}
