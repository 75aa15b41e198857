/* The firmware's memory map: every type, every attribute that matters, and careless maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/firmware_map.h"

enum { STEP = 48, DESCRIPTORS = 64, LIMIT = 64 };

static uint8_t map[DESCRIPTORS * STEP];
static size_t count;
static struct extent list[LIMIT];
static struct extents extents;

static void le(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void begin(void)
{
    memset(map, 0, sizeof(map));
    count = 0;
    extents_init(&extents, list, LIMIT);
}

static void add(uint32_t type, uint64_t start, uint64_t pages, uint64_t attribute)
{
    uint8_t *at = map + count++ * STEP;

    le(at, type, 4);
    le(at + 8, start, 8);
    le(at + 16, 0x7777777777777777u, 8);
    le(at + 24, pages, 8);
    le(at + 32, attribute, 8);
}

static int read_it(void)
{
    return firmware_map_read(map, count * STEP, STEP, HELD_BY_ASSAY, &extents);
}

static void every_type_has_its_kind(void **state)
{
    static const struct {
        uint32_t type;
        uint64_t attribute;
        unsigned kind;
    } cases[] = {
        {0, 0xF, HELD_BY_FIRMWARE},
        {1, 0xF, HELD_BY_ASSAY},
        {2, 0xF, HELD_BY_ASSAY},
        {3, 0xF, HELD_BY_BOOT_SERVICES},
        {4, 0xF, HELD_BY_BOOT_SERVICES},
        {5, 0x800000000000000F, HELD_BY_RUNTIME_SERVICES},
        {6, 0x800000000000000F, HELD_BY_RUNTIME_SERVICES},
        {7, 0xF, MEMORY_FREE},
        {7, 0x1000F, MEMORY_FREE},
        {7, 0x800F, HELD_PERSISTENT},
        {7, 0x4000F, HELD_FOR_SPECIFIC_PURPOSE},
        {8, 0xF, HELD_UNUSABLE},
        {9, 0xF, HELD_BY_ACPI},
        {10, 0xF, HELD_BY_ACPI},
        {11, 1, EXTENT_NONE},
        {12, 1, EXTENT_NONE},
        {13, 0xF, HELD_BY_FIRMWARE},
        {14, 0xF, HELD_PERSISTENT},
        {15, 0xF, HELD_UNACCEPTED},
        {16, 0xF, HELD_BY_FIRMWARE},
        {0x70000000, 0xF, HELD_BY_FIRMWARE},
        {0x80000000, 0xF, HELD_BY_FIRMWARE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin();
        add(cases[i].type, 0x200000, 3, cases[i].attribute);
        assert_int_equal(read_it(), OK);
        assert_int_equal(extents_kind(&extents, 0x200000), cases[i].kind);
        assert_int_equal(extents_kind(&extents, 0x202FFF), cases[i].kind);
        assert_int_equal(extents_kind(&extents, 0x203000), EXTENT_NONE);
        assert_int_equal(extents_kind(&extents, 0x1FFFFF), EXTENT_NONE);
    }
}

/* Unsorted, overlapping, empty, without end: free is only what all call free. */
static void careless_maps(void **state)
{
    (void)state;
    begin();
    add(4, 0x300000, 1, 0xF);
    add(7, 0x100000, 0x400, 0xF);
    add(11, 0x310000, 1, 1);
    add(7, 0x900000, 0, 0xF);
    add(7, 0xA00000, UINT64_MAX, 0xF);
    add(7, UINT64_MAX - 0x3000, 0x10, 0xF);
    assert_int_equal(read_it(), OK);
    assert_int_equal(extents_kind(&extents, 0x300000), HELD_BY_BOOT_SERVICES);
    assert_int_equal(extents_kind(&extents, 0x310000), EXTENT_NONE);
    assert_int_equal(extents_size(&extents, 0, UINT64_MAX, EXTENT_KIND(MEMORY_FREE)),
                     0x400000 - 0x2000);
}

static void what_cannot_be_read(void **state)
{
    (void)state;
    begin();
    add(7, 0x100000, 1, 0xF);
    assert_int_equal(firmware_map_read(map, STEP, 39, HELD_BY_ASSAY, &extents), ERR_FORMAT);
    assert_int_equal(extents.count, 0);
    assert_int_equal(firmware_map_read(map, STEP - 1, STEP, HELD_BY_ASSAY, &extents), OK);
    assert_int_equal(extents.count, 0);
    for (unsigned i = 0; i < 20; i++)
        add(7, 0x200000 + i * 0x2000, 1, 0xF);
    extents_init(&extents, list, 10);
    assert_int_equal(read_it(), ERR_FULL);
    assert_int_equal(extents.count, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_has_its_kind),
        cmocka_unit_test(careless_maps),
        cmocka_unit_test(what_cannot_be_read),
    };

    return cmocka_run_group_tests_name("firmware_map", tests, NULL, NULL);
}
