#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/spmi.h"

enum { SIZE = 65 };

static uint8_t table[SIZE];

static void seal(size_t size)
{
    uint8_t sum = 0;

    memcpy(table, "SPMI", 4);
    table[4] = (uint8_t)size;
    table[9] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + table[i]);
    table[9] = (uint8_t)-sum;
}

/* As a server's firmware has it: KCS, specification 2.0, at CA2h in I/O space. */
static int setup(void **state)
{
    (void)state;
    memset(table, 0, sizeof(table));
    table[36] = 1;
    table[37] = 1;
    table[39] = 2;
    table[48] = 1;
    table[49] = 8;
    table[52] = 0xA2;
    table[53] = 0x0C;
    seal(SIZE);
    return 0;
}

static void finds_the_registers(void **state)
{
    static const struct {
        uint8_t width, spacing;
    } cases[] = {{8, 1}, {0, 1}, {32, 4}, {128, 16}};
    struct spmi_kcs kcs;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        table[49] = cases[i].width;
        seal(SIZE);
        memset(&kcs, 0, sizeof(kcs));
        assert_int_equal(spmi_kcs(table, SIZE, &kcs), OK);
        assert_int_equal(kcs.port, 0xCA2);
        assert_int_equal(kcs.spacing, cases[i].spacing);
    }
}

static void refuses_others(void **state)
{
    static const struct {
        uint8_t at, value;
        int error;
    } cases[] = {
        {36, 2, ERR_UNSUPPORTED}, /* SMIC */
        {36, 4, ERR_UNSUPPORTED}, /* SSIF */
        {48, 0, ERR_UNSUPPORTED}, /* in memory */
        {37, 0, ERR_FORMAT},      {49, 16, ERR_FORMAT},
        {54, 1, ERR_FORMAT}, /* a port of more than 16 bits */
    };
    struct spmi_kcs kcs;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        setup(state);
        table[cases[i].at] = cases[i].value;
        seal(SIZE);
        assert_int_equal(spmi_kcs(table, SIZE, &kcs), cases[i].error);
    }
    setup(state);
    table[52] = table[53] = 0;
    seal(SIZE);
    assert_int_equal(spmi_kcs(table, SIZE, &kcs), ERR_FORMAT);
    table[52] = table[53] = 0xFF; /* no room for the second register */
    seal(SIZE);
    assert_int_equal(spmi_kcs(table, SIZE, &kcs), ERR_FORMAT);
}

static void short_and_broken_ones_are_refused(void **state)
{
    struct spmi_kcs kcs;

    (void)state;
    for (size_t size = 0; size < SIZE; size++)
        assert_int_equal(spmi_kcs(table, size, &kcs), ERR_FORMAT);
    for (size_t size = 36; size < 60; size++) {
        seal(size);
        assert_int_equal(spmi_kcs(table, SIZE, &kcs), ERR_FORMAT);
    }
    seal(SIZE);
    table[10]++;
    assert_int_equal(spmi_kcs(table, SIZE, &kcs), ERR_FORMAT);
    table[10]--;
    memcpy(table, "SPCR", 4);
    assert_int_equal(spmi_kcs(table, SIZE, &kcs), ERR_FORMAT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(finds_the_registers, setup),
        cmocka_unit_test_setup(refuses_others, setup),
        cmocka_unit_test_setup(short_and_broken_ones_are_refused, setup),
    };

    return cmocka_run_group_tests_name("spmi", tests, NULL, NULL);
}
