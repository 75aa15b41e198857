#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/acpi_pm1.h"

enum { SIZE_1 = 116, SIZE_5 = 268, PORTS = 4 };

static uint8_t fadt[SIZE_5];

/* I/O ports from 0x600 on; reads of others fail. */
static uint8_t ports[PORTS];
static uint8_t second[PORTS]; /* from 0x700 on */

static void put(size_t at, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++)
        fadt[at + i] = (uint8_t)(value >> 8 * i);
}

static void seal(size_t size)
{
    uint8_t sum = 0;

    memcpy(fadt, "FACP", 4);
    put(4, 4, size);
    fadt[9] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + fadt[i]);
    fadt[9] = (uint8_t)-sum;
}

static int setup(void **state)
{
    (void)state;
    memset(fadt, 0, sizeof(fadt));
    memset(ports, 0, sizeof(ports));
    memset(second, 0, sizeof(second));
    put(56, 4, 0x600);
    put(88, 1, 4);
    return 0;
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    (void)context;
    if (port >= 0x600 && port < 0x600 + PORTS)
        *ret_value = ports[port - 0x600];
    else if (port >= 0x700 && port < 0x700 + PORTS)
        *ret_value = second[port - 0x700];
    else
        return ERR_REFUSED;
    return OK;
}

static const struct access access = {.in8 = in8};

/* A table of revision 1, which has no extended addresses. */
static void finds_plain_ports(void **state)
{
    struct acpi_pm1 pm1;

    (void)state;
    put(60, 4, 0x700);
    seal(SIZE_1);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_1, &pm1), OK);
    assert_int_equal(pm1.ports[0], 0x600);
    assert_int_equal(pm1.ports[1], 0x700);
}

static void put_extended(size_t at, uint8_t space, uint64_t address)
{
    put(at, 1, space);
    put(at + 1, 1, 32);
    put(at + 4, 8, address);
}

static void prefers_extended_addresses(void **state)
{
    struct acpi_pm1 pm1;

    (void)state;
    put(56, 4, 0x500);
    put_extended(148, 1, 0x600);
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), OK);
    assert_int_equal(pm1.ports[0], 0x600);
    assert_int_equal(pm1.ports[1], 0);
}

static void refuses_what_makes_no_sense(void **state)
{
    struct acpi_pm1 pm1;

    setup(state);
    put_extended(148, 0, 0xFED00000);
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_UNSUPPORTED);
    setup(state);
    put(112, 4, 1 << 20); /* hardware-reduced */
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_ABSENT);
    setup(state);
    put(88, 1, 2);
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_ABSENT);
    setup(state);
    put(56, 4, 0);
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_ABSENT);
    put(56, 4, 0x10600);
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_FORMAT);
    put(56, 4, 0xFFFF); /* its second byte would lie beyond the last port */
    seal(SIZE_5);
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_FORMAT);
    setup(state);
    seal(SIZE_5);
    fadt[100]++;
    assert_int_equal(acpi_pm1_find(fadt, SIZE_5, &pm1), ERR_FORMAT);
    for (size_t size = 36; size < 116; size++) {
        setup(state);
        seal(size);
        assert_int_equal(acpi_pm1_find(fadt, size, &pm1), ERR_FORMAT);
    }
}

static void reads_both_blocks(void **state)
{
    struct acpi_pm1 pm1 = {.ports = {0x600, 0x700}};
    uint16_t status = 7;

    (void)state;
    ports[1] = 0x08;
    second[0] = 0x01;
    ports[2] = 0xFF; /* enable bits, which are not of the status */
    assert_int_equal(acpi_pm1_read(&pm1, &access, &status), OK);
    assert_int_equal(status, 0x0801);
    ports[0] = ports[1] = 0xFF;
    assert_int_equal(acpi_pm1_read(&pm1, &access, &status), ERR_ABSENT);
    pm1.ports[0] = 0x800;
    assert_int_equal(acpi_pm1_read(&pm1, &access, &status), ERR_REFUSED);
    assert_int_equal(status, 0x0801);
}

static void tells_the_cause(void **state)
{
    static const struct {
        uint16_t status;
        enum restart_cause cause;
    } rows[] = {
        {0, RESTART_UNKNOWN},
        {0x0001, RESTART_UNKNOWN},
        {0x0100, RESTART_UNKNOWN}, /* the button, and nothing was woken by it */
        {0x8000, RESTART_UNKNOWN},
        {0x8100, RESTART_POWER_BUTTON},
        {0x0800, RESTART_POWER_OVERRIDE},
        {0x8900, RESTART_POWER_OVERRIDE},
        {0x0401, RESTART_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(acpi_pm1_cause(rows[i].status), rows[i].cause);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(finds_plain_ports, setup),
        cmocka_unit_test_setup(prefers_extended_addresses, setup),
        cmocka_unit_test_setup(refuses_what_makes_no_sense, setup),
        cmocka_unit_test_setup(reads_both_blocks, setup),
        cmocka_unit_test_setup(tells_the_cause, setup),
    };

    return cmocka_run_group_tests_name("acpi_pm1", tests, NULL, NULL);
}
