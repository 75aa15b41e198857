/* Error registers that hold what came until it is cleared, and what is told of them in a run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/aer_watch.h"

enum { AT = 0x100, UNCORRECTED = AT + 4, CORRECTED = AT + 0x10 };

/* A function whose two status registers are cleared by writing 1. */
static struct model {
    uint32_t identity, uncorrected, corrected;
    uint32_t stuck;        /* bits of the corrected ones that do not go */
    unsigned other_writes; /* anywhere else */
    uint32_t cleared;      /* all bits that were ever written, of both */
    bool fails;
} model;

static int read_register(void *context, uint16_t offset, uint32_t *ret_value)
{
    struct model *of = context;

    if (of->fails)
        return ERR_IO;
    *ret_value = offset == 0             ? of->identity
                 : offset == UNCORRECTED ? of->uncorrected
                 : offset == CORRECTED   ? of->corrected
                                         : 0;
    return OK;
}

static int write_register(void *context, uint16_t offset, uint32_t value)
{
    struct model *of = context;

    of->cleared |= value;
    if (offset == UNCORRECTED)
        of->uncorrected &= ~value;
    else if (offset == CORRECTED)
        of->corrected &= ~value | of->stuck;
    else
        of->other_writes++;
    return OK;
}

static const struct pcie_access access = {
    .context = &model, .read = read_register, .write = write_register};
static const struct pcie_device device = {
    .vendor = 0x1234, .device = 0x5678, .has_pcie = true, .has_aer = true, .aer_at = AT};
static struct aer_watched watched;
static struct event_pcie_error error;

static int begin(void **state)
{
    (void)state;
    model = (struct model){.identity = 0x56781234};
    return aer_watch_begin(&access, &device, &watched);
}

static void check_told(uint32_t corrected, uint32_t uncorrected, const char *words)
{
    bool told;

    memset(&error, 0xAA, sizeof(error));
    told = aer_watch_look(&access, &watched, &error);
    assert_int_equal(told, corrected || uncorrected);
    if (!told)
        return;
    assert_int_equal(error.corrected, corrected);
    assert_int_equal(error.uncorrected, uncorrected);
    assert_string_equal(error.text, words);
    assert_int_equal(model.other_writes, 0);
}

static void nothing_comes(void **state)
{
    (void)state;
    check_told(0, 0, "");
    assert_int_equal(model.cleared, 0);
}

static void what_stood_before_is_cleared(void **state)
{
    (void)state;
    model.corrected = 1 << 7;
    model.uncorrected = 1 << 14;
    assert_int_equal(aer_watch_begin(&access, &device, &watched), OK);
    assert_int_equal(model.corrected | model.uncorrected, 0);
    check_told(0, 0, "");
}

static void each_is_told_each_time(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        model.corrected = 1 << 0 | 1 << 6;
        check_told(1 << 0 | 1 << 6, 0, "receiver error, bad packet");
        check_told(0, 0, "");
    }
    model.corrected = 1 << 7;
    model.uncorrected = 1 << 14;
    check_told(1 << 7, 1 << 14, "no answer in time, bad link message");
}

static void what_healthy_machines_show_is_left_alone(void **state)
{
    (void)state;
    model.corrected = 1 << 13 | 1 << 15;
    model.uncorrected = 1 << 20 | 1 << 21;
    check_told(0, 0, "");
    assert_int_equal(model.cleared, 0);
    model.corrected |= 1;
    check_told(1, 0, "receiver error");
    assert_int_equal(model.cleared, 1);
    assert_int_equal(model.uncorrected, 1 << 20 | 1 << 21);
}

/* A bit that does not go says nothing of how often; when it went, it can come again. */
static void a_bit_that_stays_is_told_once(void **state)
{
    (void)state;
    model.stuck = 1 << 8;
    model.corrected = 1 << 8;
    check_told(1 << 8, 0, "replayed too often");
    check_told(0, 0, "");
    model.corrected |= 1 << 0;
    check_told(1 << 0, 0, "receiver error");
    model.corrected = model.stuck = 0;
    check_told(0, 0, "");
    model.corrected = 1 << 8;
    check_told(1 << 8, 0, "replayed too often");
}

static void one_that_stood_before_and_stays_is_never_told(void **state)
{
    (void)state;
    model.stuck = model.corrected = 1 << 8;
    assert_int_equal(aer_watch_begin(&access, &device, &watched), OK);
    check_told(0, 0, "");
}

static void who_left_says_nothing(void **state)
{
    (void)state;
    model.identity = model.corrected = model.uncorrected = UINT32_MAX;
    check_told(0, 0, "");
    model.identity = 0x99991234;
    check_told(0, 0, "");
    model.identity = 0x56781234;
    check_told(0, 0, ""); /* registers of ones are none */
    assert_int_equal(model.cleared, 0);
    model.fails = true;
    check_told(0, 0, "");
}

static void there_must_be_registers(void **state)
{
    struct pcie_device plain = device;

    (void)state;
    plain.has_aer = false;
    assert_int_equal(aer_watch_begin(&access, &plain, &watched), ERR_ABSENT);
    model.identity = UINT32_MAX;
    assert_int_equal(aer_watch_begin(&access, &device, &watched), ERR_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_comes, begin),
        cmocka_unit_test_setup(what_stood_before_is_cleared, begin),
        cmocka_unit_test_setup(each_is_told_each_time, begin),
        cmocka_unit_test_setup(what_healthy_machines_show_is_left_alone, begin),
        cmocka_unit_test_setup(a_bit_that_stays_is_told_once, begin),
        cmocka_unit_test_setup(one_that_stood_before_and_stays_is_never_told, begin),
        cmocka_unit_test_setup(who_left_says_nothing, begin),
        cmocka_unit_test_setup(there_must_be_registers, begin),
    };

    return cmocka_run_group_tests_name("aer_watch", tests, NULL, NULL);
}
