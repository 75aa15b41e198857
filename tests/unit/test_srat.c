/* Which memory is near which processors: tables as firmware writes them, and careless ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/srat.h"

#define GIB ((uint64_t)1 << 30)

enum { HEADER = 48, TABLE_SIZE = 16384 };

static uint8_t table[TABLE_SIZE];
static size_t size;
static struct srat srat;

static void le(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void begin(void)
{
    memset(table, 0, sizeof(table));
    memcpy(table, "SRAT", 4);
    size = HEADER;
}

static uint8_t *add(uint8_t type, uint8_t length)
{
    uint8_t *at = table + size;

    at[0] = type;
    at[1] = length;
    size += length;
    return at;
}

static void memory(uint32_t domain, uint64_t start, uint64_t length, uint32_t flags)
{
    uint8_t *at = add(1, 40);

    le(at + 2, domain, 4);
    le(at + 8, start, 8);
    le(at + 16, length, 8);
    le(at + 28, flags, 4);
}

static void processor(uint32_t domain, uint8_t apic, uint32_t flags)
{
    uint8_t *at = add(0, 16);

    at[2] = (uint8_t)domain;
    at[3] = apic;
    le(at + 4, flags, 4);
    le(at + 9, domain >> 8, 3);
}

static void x2apic(uint32_t domain, uint32_t apic, uint32_t flags)
{
    uint8_t *at = add(2, 24);

    le(at + 4, domain, 4);
    le(at + 8, apic, 4);
    le(at + 12, flags, 4);
}

static unsigned node_at(uint64_t address)
{
    return extents_kind(&srat.ranges, address);
}

/* As a machine with two sockets has it: the first node lies on both sides of the hole. */
static void two_nodes(void **state)
{
    (void)state;
    begin();
    processor(0, 0, 1);
    processor(0x123456, 1, 1);
    processor(0, 2, 0);
    x2apic(0, 300, 1);
    add(3, 20);
    memory(0, 0, 0xA0000, 1);
    memory(0, 0x100000, 2 * GIB, 1);
    memory(0, 4 * GIB, 2 * GIB, 1);
    memory(0x123456, 6 * GIB, 4 * GIB, 1 | 2);
    memory(9, 10 * GIB, 4 * GIB, 0);
    assert_int_equal(srat_read(table, size, &srat), OK);
    assert_int_equal(srat.count, 2);
    assert_int_equal(srat.domain[0], 0);
    assert_int_equal(srat.domain[1], 0x123456);
    assert_int_equal(srat.processors[0], 2);
    assert_int_equal(srat.processors[1], 1);
    assert_int_equal(node_at(0x9FFFF), 1);
    assert_int_equal(node_at(0xA0000), EXTENT_NONE);
    assert_int_equal(node_at(6 * GIB - 1), 1);
    assert_int_equal(node_at(6 * GIB), 2);
    assert_int_equal(node_at(10 * GIB), EXTENT_NONE);
}

static void careless_tables(void **state)
{
    (void)state;
    begin();
    memory(0, GIB, UINT64_MAX, 1);
    memory(0, 0, 0, 1);
    memory(1, GIB, GIB, 1);
    memory(2, GIB + 4096, 4096, 1);
    add(1, 20); /* too short for its type */
    assert_int_equal(srat_read(table, size, &srat), OK);
    assert_int_equal(srat.count, 2);
    assert_int_equal(node_at(GIB), 1);
    assert_int_equal(node_at(GIB + 4096), 2);
    assert_int_equal(node_at(GIB + 8192), 1);
    for (size_t cut = HEADER; cut < size; cut++)
        assert_int_equal(srat_read(table, cut, &srat), OK);
    table[HEADER + 1] = 0; /* a structure without length */
    assert_int_equal(srat_read(table, size, &srat), OK);
    assert_int_equal(srat.count, 0);
    assert_int_equal(srat_read(table, HEADER - 1, &srat), ERR_FORMAT);
    table[0] = 'X';
    assert_int_equal(srat_read(table, size, &srat), ERR_FORMAT);
}

static void too_many_nodes_are_none(void **state)
{
    (void)state;
    begin();
    for (uint32_t i = 0; i <= SRAT_NODES_MAX; i++) {
        assert_int_equal(srat_read(table, size, &srat), OK);
        assert_int_equal(srat.count, i);
        memory(i, i * GIB, GIB, 1);
    }
    assert_int_equal(srat_read(table, size, &srat), ERR_FULL);
    assert_int_equal(srat.count, 0);
    assert_int_equal(srat.ranges.count, 0);
    begin();
    for (uint32_t i = 0; i <= SRAT_RANGES_MAX; i++)
        memory(0, 2 * i * GIB, GIB, 1);
    assert_int_equal(srat_read(table, size, &srat), ERR_FULL);
    assert_int_equal(srat.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_nodes),
        cmocka_unit_test(careless_tables),
        cmocka_unit_test(too_many_nodes_are_none),
    };

    return cmocka_run_group_tests_name("srat", tests, NULL, NULL);
}
