/*
 * The map of the memory modules: tables as real boards write them, the careless ones too, and which
 * slots an address must lead to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sensors/memory_map.h"

#define GIB ((uint64_t)1 << 30)
#define MIB ((uint64_t)1 << 20)

enum { TABLE_SIZE = 32768, ARRAY = 0x1000, OTHER_ARRAY = 0x1001, ECC_NONE = 3, ECC_MULTI = 6 };

static struct {
    uint8_t bytes[TABLE_SIZE];
    size_t size;
} table;

static struct memory_map map;

/* ---- building */

static void le(uint8_t *at, uint64_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/* A structure of `length` bytes; its fields are then written in place, its strings follow. */
static uint8_t *begin(uint8_t type, uint8_t length, uint16_t handle)
{
    uint8_t *at = table.bytes + table.size;

    assert_true(table.size + length + 512 < TABLE_SIZE);
    memset(at, 0, length);
    at[0] = type;
    at[1] = length;
    le(at + 2, handle, 2);
    table.size += length;
    return at;
}

static uint8_t add_string(const char *string, uint8_t *count)
{
    size_t size = strlen(string) + 1;

    if (size == 1)
        return 0;
    memcpy(table.bytes + table.size, string, size);
    table.size += size;
    return ++*count;
}

static void end_strings(uint8_t count)
{
    if (!count)
        table.bytes[table.size++] = 0;
    table.bytes[table.size++] = 0;
}

static void array_of(uint16_t handle, uint8_t use, uint8_t correction)
{
    uint8_t *at = begin(SMBIOS_MEMORY_ARRAY, 0x17, handle);

    at[0x05] = use;
    at[0x06] = correction;
    le(at + 0x0D, 4, 2);
    end_strings(0);
}

struct module {
    uint16_t handle;
    uint64_t size; /* UINT64_MAX: unknown */
    const char *locator, *bank, *serial, *part;
    uint16_t error, array;
    uint8_t technology;
};

static void module_of(const struct module *module)
{
    uint8_t *at = begin(SMBIOS_MEMORY_DEVICE, 0x5C, module->handle), count = 0;

    le(at + 0x04, module->array ? module->array : ARRAY, 2);
    le(at + 0x06, module->error ? module->error : 0xFFFE, 2);
    if (module->size == UINT64_MAX) {
        le(at + 0x0C, 0xFFFF, 2);
    } else if (module->size >= 32767 * MIB) {
        le(at + 0x0C, 0x7FFF, 2);
        le(at + 0x1C, module->size / MIB, 4);
    } else {
        le(at + 0x0C, module->size / MIB, 2);
    }
    at[0x28] = module->technology;
    at[0x10] = add_string(module->locator ? module->locator : "", &count);
    at[0x11] = add_string(module->bank ? module->bank : "", &count);
    at[0x18] = add_string(module->serial ? module->serial : "", &count);
    at[0x1A] = add_string(module->part ? module->part : "", &count);
    end_strings(count);
}

#define MODULE(...) module_of(&(const struct module){__VA_ARGS__})

static void addresses(uint8_t *at, size_t extended, uint64_t start, uint64_t end)
{
    if ((end >> 10) < UINT32_MAX) {
        le(at + 0x04, start >> 10, 4);
        le(at + 0x08, end >> 10, 4);
    } else {
        le(at + 0x04, UINT32_MAX, 4);
        le(at + 0x08, UINT32_MAX, 4);
        le(at + extended, start, 8);
        le(at + extended + 8, end, 8);
    }
}

/* Type 19: up to and without `end`. */
static void array_mapped(uint16_t array, uint64_t start, uint64_t end)
{
    uint8_t *at = begin(SMBIOS_ARRAY_MAPPED, 0x1F, 0x1300);

    addresses(at, 0x0F, start, end - 1);
    le(at + 0x0C, array, 2);
    at[0x0E] = 2;
    end_strings(0);
}

/* Type 20, the same. */
static void device_mapped(uint16_t device, uint64_t start, uint64_t end, uint8_t position)
{
    uint8_t *at = begin(SMBIOS_DEVICE_MAPPED, 0x23, 0x1400);

    addresses(at, 0x13, start, end - 1);
    le(at + 0x0C, device, 2);
    le(at + 0x0E, 0x1300, 2);
    at[0x10] = 1;
    at[0x11] = position;
    at[0x12] = position ? 1 : 0;
    end_strings(0);
}

static void error_of(uint16_t handle, uint8_t type)
{
    uint8_t *at = begin(SMBIOS_MEMORY_ERROR_32, 0x17, handle);

    at[0x04] = type;
    end_strings(0);
}

/* ---- asking */

static void read_map(uint64_t seen)
{
    uint8_t *copy = test_malloc(table.size ? table.size : 1); /* so that a byte too far is seen */

    memcpy(copy, table.bytes, table.size);
    memory_map_read(copy, table.size, seen, &map);
    test_free(copy);
}

/* The slots an address may lie in, with blanks between. */
static void check_at(uint64_t address, const char *expected)
{
    char buffer[1024];
    struct text text = text_in(buffer, sizeof(buffer));
    bool named[MEMORY_MODULES_MAX] = {false};

    for (unsigned i = 0; i < map.range_count; i++) {
        const struct memory_range *range = &map.ranges[i];

        assert_true(range->start <= range->end && range->module < map.module_count);
        if (range->start <= address && address <= range->end)
            named[range->module] = true;
    }
    for (unsigned i = 0; i < map.module_count; i++) {
        if (named[i])
            text_format(&text, "%s%s", text.length ? " " : "", map.modules[i].place);
    }
    assert_string_equal(buffer, expected);
}

/* The slots that are not well, "A1 missing" each. */
static void check_states(const char *expected)
{
    static const char *const words[] = {"mapped", "unsized", "missing"};
    char buffer[1024];
    struct text text = text_in(buffer, sizeof(buffer));

    for (unsigned i = 0; i < map.module_count; i++) {
        const struct memory_module *module = &map.modules[i];

        if (module->state != MEMORY_MAPPED || module->reported)
            text_format(&text, "%s%s %s%s", text.length ? ", " : "", module->place,
                        words[module->state], module->reported ? " reported" : "");
    }
    assert_string_equal(buffer, expected);
}

static int set_up(void **state)
{
    (void)state;
    table.size = 0;
    return 0;
}

/* ---- layouts */

static void two_modules_one_after_the_other(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_NONE);
    MODULE(.handle = 1, .size = 2 * GIB, .locator = "A1");
    MODULE(.handle = 2, .size = 0, .locator = "A2");
    MODULE(.handle = 3, .size = 2 * GIB, .locator = "B1");
    array_mapped(ARRAY, 0, 2 * GIB);
    array_mapped(ARRAY, 4 * GIB, 6 * GIB);
    device_mapped(1, 0, 2 * GIB, 0);
    device_mapped(3, 4 * GIB, 6 * GIB, 0);
    read_map(3 * GIB);
    assert_int_equal(map.module_count, 2);
    check_at(0, "A1");
    check_at(2 * GIB - 1, "A1");
    check_at(2 * GIB, "");
    check_at(4 * GIB, "B1");
    check_at(6 * GIB - 1, "B1");
    check_at(6 * GIB, "");
    check_states("");
}

/* Both have the whole range, first and second of the interleave. */
static void two_modules_interleaved(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_NONE);
    MODULE(.handle = 1, .size = 8 * GIB, .locator = "DIMM_A1");
    MODULE(.handle = 2, .size = 8 * GIB, .locator = "DIMM_B1");
    array_mapped(ARRAY, 0, 3 * GIB);
    array_mapped(ARRAY, 4 * GIB, 17 * GIB);
    device_mapped(1, 0, 3 * GIB, 1);
    device_mapped(2, 0, 3 * GIB, 2);
    device_mapped(1, 4 * GIB, 17 * GIB, 1);
    device_mapped(2, 4 * GIB, 17 * GIB, 2);
    read_map(15 * GIB);
    check_at(GIB, "DIMM_A1 DIMM_B1");
    check_at(16 * GIB, "DIMM_A1 DIMM_B1");
    check_at(17 * GIB, "");
    assert_int_equal(map.ranges[0].position, 1);
    assert_int_equal(map.ranges[1].position, 2);
    assert_int_equal(map.ranges[0].depth, 1);
    check_states("");
}

/* Interleaved by its own word, one after the other by its addresses: one of both it is. */
static void interleaved_with_ranges_of_their_own(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_NONE);
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    MODULE(.handle = 2, .size = GIB, .locator = "B1");
    array_mapped(ARRAY, 0, 2 * GIB);
    device_mapped(1, 0, GIB, 1);
    device_mapped(2, GIB, 2 * GIB, 2);
    read_map(2 * GIB);
    check_at(512 * MIB, "A1 B1");
    check_at(2 * GIB - 1, "A1 B1");
    check_at(2 * GIB, "");
}

/* A module beside them that is not interleaved makes no pair with either. */
static void and_one_that_is_not(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    MODULE(.handle = 2, .size = GIB, .locator = "B1");
    MODULE(.handle = 3, .size = 2 * GIB, .locator = "C1");
    device_mapped(1, 0, GIB, 1);
    device_mapped(2, GIB, 2 * GIB, 2);
    device_mapped(3, 0, 3 * GIB, 0);
    read_map(2 * GIB);
    check_at(512 * MIB, "A1 B1 C1");
    check_at(2 * GIB, "C1");
}

static void unknown_interleaving(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    MODULE(.handle = 2, .size = GIB, .locator = "B1");
    device_mapped(1, 0, GIB, 255);
    device_mapped(2, GIB, 2 * GIB, 255);
    read_map(2 * GIB);
    check_at(512 * MIB, "A1 B1");
}

/* Two pairs: each pair is interleaved in itself. */
static void four_modules_in_two_pairs(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_NONE);
    for (uint16_t i = 0; i < 4; i++) {
        static const char *const names[] = {"A1", "A2", "B1", "B2"};

        MODULE(.handle = (uint16_t)(1 + i), .size = GIB, .locator = names[i]);
    }
    device_mapped(1, 0, 2 * GIB, 1);
    device_mapped(3, 0, 2 * GIB, 2);
    device_mapped(2, 4 * GIB, 6 * GIB, 1);
    device_mapped(4, 4 * GIB, 6 * GIB, 2);
    read_map(4 * GIB);
    check_at(GIB, "A1 B1");
    check_at(5 * GIB, "A2 B2");
}

/* A larger module beside a smaller: what is left over of it stands alone. */
static void a_large_and_a_small_one(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = 4 * GIB, .locator = "A1");
    MODULE(.handle = 2, .size = 8 * GIB, .locator = "B1");
    device_mapped(1, 4 * GIB, 12 * GIB, 1);
    device_mapped(2, 4 * GIB, 12 * GIB, 2);
    device_mapped(2, 12 * GIB, 16 * GIB, 0);
    read_map(12 * GIB);
    check_at(8 * GIB, "A1 B1");
    check_at(13 * GIB, "B1");
}

/* No type 20; two processors with an array each, beyond what 32 bits of KiB can say. */
static void a_server(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_MULTI);
    array_of(OTHER_ARRAY, 3, ECC_MULTI);
    MODULE(.handle = 1, .size = 2048 * GIB, .locator = "P1_A", .array = ARRAY);
    MODULE(.handle = 2, .size = 2048 * GIB, .locator = "P1_B", .array = ARRAY);
    MODULE(.handle = 3, .size = 2048 * GIB, .locator = "P2_A", .array = OTHER_ARRAY);
    array_mapped(ARRAY, 0, 2 * GIB);
    array_mapped(ARRAY, 4 * GIB, 4098 * GIB);
    array_mapped(OTHER_ARRAY, 4098 * GIB, 6146 * GIB);
    read_map(6000 * GIB);
    check_at(GIB, "P1_A P1_B");
    check_at(4098 * GIB - 1, "P1_A P1_B");
    check_at(4098 * GIB, "P2_A");
    check_at(6146 * GIB, "");
    assert_int_equal(map.modules[0].device.size, 2048 * GIB);
    assert_int_equal(map.ranges[0].position, 255);
    check_states("");
}

/* As QEMU and OVMF have it. */
static void a_virtual_machine(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_MULTI);
    MODULE(.handle = 0x1100, .size = 4 * GIB, .locator = "DIMM 0");
    array_mapped(ARRAY, 0, 2 * GIB);
    array_mapped(ARRAY, 4 * GIB, 6 * GIB);
    read_map(4 * GIB);
    check_at(256 * MIB, "DIMM 0");
    check_at(5 * GIB, "DIMM 0");
    check_states("");
}

/* Some type 20 are there, not all: none is believed. */
static void a_module_without_its_range(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    MODULE(.handle = 2, .size = GIB, .locator = "B1");
    array_mapped(ARRAY, 0, 2 * GIB);
    device_mapped(1, 0, GIB, 0);
    read_map(2 * GIB);
    check_at(512 * MIB, "A1 B1");
    check_states("");
}

/* One range from 0 on, as if there were memory just below 4 GiB: above, everything is shifted. */
static void the_hole_is_ignored(void **state)
{
    (void)state;
    array_of(ARRAY, 3, ECC_NONE);
    MODULE(.handle = 1, .size = 4 * GIB, .locator = "A1");
    MODULE(.handle = 2, .size = 4 * GIB, .locator = "A2");
    array_mapped(ARRAY, 0, 8 * GIB);
    device_mapped(1, 0, 4 * GIB, 0);
    device_mapped(2, 4 * GIB, 8 * GIB, 0);
    read_map(8 * GIB);
    check_at(GIB, "A1");
    check_at(4 * GIB - 1, "A1");
    check_at(5 * GIB, "A1 A2"); /* the end of A1, moved up, or A2 */
    check_at(8 * GIB, "A2");
    check_at(11 * GIB - 1, "A2");
    check_at(11 * GIB, "");
    check_states("");
}

/* A module that ends below every hole is not moved. */
static void what_lies_below_the_hole_stays(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = 512 * MIB, .locator = "A1");
    MODULE(.handle = 2, .size = 4 * GIB, .locator = "A2");
    device_mapped(1, 0, 512 * MIB, 0);
    device_mapped(2, 512 * MIB, 4 * GIB + 512 * MIB, 0);
    read_map(4 * GIB);
    check_at(4 * GIB, "A2");
    check_at(256 * MIB, "A1");
}

/* The same locator in every channel. */
static void slots_named_alike(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = GIB, .locator = "DIMM 0", .bank = "P0 CHANNEL A");
    MODULE(.handle = 2, .size = 0, .locator = "DIMM 1", .bank = "P0 CHANNEL A");
    MODULE(.handle = 3, .size = 0, .locator = "DIMM 0", .bank = "P0 CHANNEL B");
    MODULE(.handle = 4, .size = GIB, .locator = "ONE", .bank = "P0 CHANNEL B");
    MODULE(.handle = 5, .size = GIB, .bank = "BANK 7");
    MODULE(.handle = 6, .size = GIB);
    read_map(UINT64_MAX);
    assert_int_equal(map.module_count, 4);
    assert_string_equal(map.modules[0].place, "P0 CHANNEL A DIMM 0");
    assert_string_equal(map.modules[1].place, "ONE");
    assert_string_equal(map.modules[2].place, "BANK 7");
    assert_string_equal(map.modules[3].place, "module 4");
    assert_int_equal(map.range_count, 0);
}

static void flash_and_persistent_memory_are_others(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = 8 * MIB, .locator = "SYSTEM ROM", .array = OTHER_ARRAY);
    MODULE(.handle = 2, .size = GIB, .locator = "A1");
    MODULE(.handle = 3, .size = GIB, .locator = "NV1", .technology = 7);
    array_of(ARRAY, 3, ECC_NONE);
    array_of(OTHER_ARRAY, 5, ECC_NONE);
    array_mapped(ARRAY, 0, GIB);
    array_mapped(OTHER_ARRAY, 0xFF000000, 0x100000000);
    read_map(GIB);
    assert_int_equal(map.module_count, 2);
    check_at(MIB, "A1");
    check_states("");
}

/* ---- modules that cannot be used */

static void two_of_four_gib(uint8_t correction, uint64_t mapped)
{
    table.size = 0;
    array_of(ARRAY, 3, correction);
    MODULE(.handle = 1, .size = 4 * GIB, .locator = "A1");
    MODULE(.handle = 2, .size = 4 * GIB, .locator = "B1");
    array_mapped(ARRAY, 0, mapped < 2 * GIB ? mapped : 2 * GIB);
    if (mapped > 2 * GIB)
        array_mapped(ARRAY, 4 * GIB, 2 * GIB + mapped);
}

static void less_is_mapped_than_installed(void **state)
{
    static const struct {
        uint8_t correction;
        uint64_t mapped, seen;
        const char *expected;
    } cases[] = {
        {ECC_NONE, 4 * GIB, 4 * GIB - 300 * MIB, "A1 missing, B1 missing"},
        {ECC_NONE, 4 * GIB - 100 * MIB, 3 * GIB, "A1 missing, B1 missing"},
        {ECC_NONE, 8 * GIB, 7 * GIB, ""},    /* all there */
        {ECC_NONE, 6 * GIB, 5 * GIB, ""},    /* graphics took some */
        {ECC_NONE, 3 * GIB, 3 * GIB, ""},    /* more than a module */
        {ECC_NONE, 4 * GIB, 7 * GIB, ""},    /* the table is wrong: more is seen */
        {ECC_NONE, 4 * GIB, UINT64_MAX, ""}, /* nobody looked */
        {ECC_MULTI, 4 * GIB, 4 * GIB, ""},   /* mirrored, perhaps */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        two_of_four_gib(cases[i].correction, cases[i].mapped);
        read_map(cases[i].seen);
        check_states(cases[i].expected);
    }
}

/* Type 20 leaves one out: it is this one, with error correction as well. */
static void the_map_leaves_one_out(void **state)
{
    (void)state;
    two_of_four_gib(ECC_MULTI, 4 * GIB);
    device_mapped(1, 0, 2 * GIB, 0);
    device_mapped(1, 4 * GIB, 6 * GIB, 0);
    read_map(4 * GIB);
    check_states("B1 missing");
    two_of_four_gib(ECC_NONE, 4 * GIB);
    device_mapped(1, 0, 2 * GIB, 0);
    device_mapped(2, 4 * GIB, 6 * GIB, 0);
    read_map(4 * GIB);
    check_states(""); /* each has some: the sizes are wrong */
}

static void a_slot_names_a_module_and_no_size(void **state)
{
    static const struct {
        const char *serial, *part, *expected;
        uint8_t error;
    } cases[] = {
        {"1A2B3C4D", "M471A1K43CB1-CTD", "B1 unsized", 0},
        {"1A2B3C4D", "M471A1K43CB1-CTD", "B1 unsized reported", 0x0E},
        {"1A2B3C4D", "M471A1K43CB1-CTD", "B1 unsized", 0x06}, /* a corrected one */
        {"", "", "", 0},
        {"Not Specified", "Not Specified", "", 0},
        {"[Empty]", "[Empty]", "", 0},
        {"00000000", "M471A1K43CB1-CTD", "", 0},
        {"FFFFFFFF", "M471A1K43CB1-CTD", "", 0},
        {"12345678", "M471A1K43CB1-CTD", "", 0},
        {"SerNum01", "M471A1K43CB1-CTD", "", 0},
        {"1A2B3C4D", "A1_PartNum0", "", 0},
        {"1A2B3C4D", "Array1_PartNumber0", "", 0},
        {"1A2B3C4D", "NO DIMM", "", 0},
        {"1A2B3C4D", "Unknown", "", 0},
        {"1A2B3C4D", "", "", 0},
        {"AABBCCDD", "M471A1K43CB1-CTD", "", 0}, /* the serial number of the other slot */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (unsigned unknown = 0; unknown < 2; unknown++) {
            table.size = 0;
            MODULE(.handle = 1, .size = GIB, .locator = "A1", .serial = "AABBCCDD",
                   .part = "X1234");
            MODULE(.handle = 2, .size = unknown ? UINT64_MAX : 0, .locator = "B1",
                   .serial = cases[i].serial, .part = cases[i].part, .error = 0x55);
            error_of(0x55, cases[i].error);
            read_map(UINT64_MAX);
            if (!unknown || cases[i].expected[0])
                check_states(cases[i].expected);
        }
    }
}

static void alone_it_may_be_the_table(void **state)
{
    (void)state;
    MODULE(.handle = 2, .size = UINT64_MAX, .locator = "B1", .serial = "1A2B3C4D", .part = "X1234");
    read_map(UINT64_MAX);
    check_states("");
}

/* ---- what cannot be */

static void nothing_and_garbage(void **state)
{
    (void)state;
    read_map(0);
    assert_int_equal(map.module_count + map.range_count, 0);
    array_mapped(ARRAY, 0, GIB);
    device_mapped(1, 0, GIB, 0);
    read_map(0);
    assert_int_equal(map.module_count + map.range_count, 0);
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    begin(SMBIOS_DEVICE_MAPPED, 0x0C, 9);
    end_strings(0);
    read_map(0);
    check_at(MIB, "A1");
    table.size = 0;
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    device_mapped(1, 2 * GIB, GIB, 0); /* ends before it begins */
    read_map(0);
    assert_int_equal(map.range_count, 0);
}

/* What is left of a map that found no room would name the wrong module. */
static void too_much_is_no_map(void **state)
{
    (void)state;
    MODULE(.handle = 1, .size = GIB, .locator = "A1");
    for (unsigned i = 0; i < MEMORY_RANGES_MAX; i++)
        device_mapped(1, i * MIB, (i + 1) * MIB, 0);
    read_map(0);
    assert_int_equal(map.range_count, MEMORY_RANGES_MAX);
    device_mapped(1, 0, MIB, 0);
    read_map(0);
    assert_int_equal(map.range_count, 0);

    table.size = 0;
    for (unsigned i = 0; i <= MEMORY_MODULES_MAX; i++)
        MODULE(.handle = (uint16_t)(i + 1), .size = GIB, .locator = "A1");
    array_mapped(ARRAY, 0, GIB);
    read_map(0);
    assert_int_equal(map.module_count, MEMORY_MODULES_MAX);
    assert_int_equal(map.range_count, 0);

    table.size = 0;
    for (unsigned i = 0; i < MEMORY_MODULES_MAX; i++)
        MODULE(.handle = (uint16_t)(i + 1), .size = GIB, .locator = "A1");
    for (unsigned i = 0; i < 3; i++)
        array_mapped(ARRAY, i * GIB, (i + 1) * GIB);
    read_map(0);
    assert_int_equal(map.range_count, 0);
}

static void cut_tables_are_safe(void **state)
{
    size_t size;

    (void)state;
    two_of_four_gib(ECC_NONE, 4 * GIB);
    device_mapped(1, 0, 2 * GIB, 1);
    size = table.size;
    for (table.size = 0; table.size < size; table.size++)
        read_map(GIB);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, set_up)
    static const struct CMUnitTest tests[] = {
        TEST(two_modules_one_after_the_other),
        TEST(two_modules_interleaved),
        TEST(interleaved_with_ranges_of_their_own),
        TEST(and_one_that_is_not),
        TEST(unknown_interleaving),
        TEST(four_modules_in_two_pairs),
        TEST(a_large_and_a_small_one),
        TEST(a_server),
        TEST(a_virtual_machine),
        TEST(a_module_without_its_range),
        TEST(the_hole_is_ignored),
        TEST(what_lies_below_the_hole_stays),
        TEST(slots_named_alike),
        TEST(flash_and_persistent_memory_are_others),
        TEST(less_is_mapped_than_installed),
        TEST(the_map_leaves_one_out),
        TEST(a_slot_names_a_module_and_no_size),
        TEST(alone_it_may_be_the_table),
        TEST(nothing_and_garbage),
        TEST(too_much_is_no_map),
        TEST(cut_tables_are_safe),
    };

    return cmocka_run_group_tests_name("memory map", tests, NULL, NULL);
}
