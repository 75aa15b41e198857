#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/smbios.h"

struct table {
    uint8_t bytes[2048];
    size_t size;
};

/* Adds a structure: its formatted area behind the header, and its strings, each with its NUL. */
static void add(struct table *table, uint8_t type, const void *fields, size_t size,
                const char *strings, size_t strings_size)
{
    uint8_t *at = table->bytes + table->size;

    at[0] = type;
    at[1] = (uint8_t)(size + 4);
    at[2] = (uint8_t)table->size;
    at[3] = 0x10;
    memcpy(at + 4, fields, size);
    if (strings_size > 0)
        memcpy(at + 4 + size, strings, strings_size);
    else
        at[4 + size] = 0;
    at[4 + size + (strings_size ? strings_size : 1)] = 0;
    table->size += 4 + size + (strings_size ? strings_size : 1) + 1;
}

#define ADD(table, type, fields, strings)                                                          \
    add(table, type, fields, sizeof(fields), strings, sizeof(strings) - 1)

/* A machine with everything that is asked for. */
static void make_table(struct table *table)
{
    static const uint8_t system[] = {1, 2, 3, 4, 0};
    static const uint8_t board[] = {1, 2, 0, 3};
    static const uint8_t chassis[] = {1, 0x80 | 10};
    static const uint8_t oem[] = {2}, oem_2[] = {1};
    static const uint8_t module[0x5C - 4] = {
        [0x0C - 4] = 0xFF, [0x0D - 4] = 0x7F, [0x10 - 4] = 1,    [0x11 - 4] = 2,
        [0x15 - 4] = 0x80, [0x16 - 4] = 0x0C, [0x17 - 4] = 3,    [0x18 - 4] = 4,
        [0x1A - 4] = 5,    [0x1D - 4] = 0x80, [0x20 - 4] = 0xFF, [0x21 - 4] = 0xFF,
        [0x58 - 4] = 0x40, [0x59 - 4] = 0x1F, [0x04 - 4] = 0x01, [0x05 - 4] = 0x10,
        [0x06 - 4] = 0xFE, [0x07 - 4] = 0xFF, [0x28 - 4] = 4,
    };
    static const uint8_t empty[0x1B - 4] = {[0x10 - 4] = 1};
    static const uint8_t old[0x15 - 4] = {[0x0C - 4] = 0x00, [0x0D - 4] = 0x82};
    static const uint8_t ipmi[] = {1, 0x20, 0x20, 0xFF, 0xA3, 0x0C, 0, 0, 0, 0, 0, 0, 0x40, 0};

    memset(table, 0, sizeof(*table));
    ADD(table, 1, system, "Acme\0Server 9\0v1\0SN-1 \0");
    ADD(table, 2, board, "Acme\0X99/A\0B-7\0");
    add(table, 126, oem, 1, NULL, 0);
    ADD(table, 3, chassis, "Acme\0");
    ADD(table, 11, oem, "assay:plan=quick\0assay:ui=text\0");
    ADD(table, 11, oem_2, "third\0");
    ADD(table, 17, module,
        "DIMM_A1\0BANK 0\0Maker\0"
        "12345678\0PN-9   \0");
    ADD(table, 17, empty, "DIMM_A2\0");
    add(table, 17, old, sizeof(old), NULL, 0);
    add(table, 38, ipmi, sizeof(ipmi), NULL, 0);
    add(table, 127, oem, 0, NULL, 0);
    add(table, 38, ipmi, sizeof(ipmi), NULL, 0);
}

static void reads_names(void **state)
{
    struct table table;
    struct smbios_product product;

    (void)state;
    make_table(&table);
    assert_int_equal(smbios_system(table.bytes, table.size, &product), OK);
    assert_string_equal(product.manufacturer, "Acme");
    assert_string_equal(product.product, "Server 9");
    assert_string_equal(product.serial, "SN-1");
    assert_int_equal(smbios_baseboard(table.bytes, table.size, &product), OK);
    assert_string_equal(product.product, "X99/A");
    assert_string_equal(product.serial, "B-7");
    assert_int_equal(smbios_chassis(table.bytes, table.size), CHASSIS_PORTABLE);
}

static void reads_the_uuid(void **state)
{
    uint8_t fields[0x1B - 4] = {0}, uuid[SMBIOS_UUID_SIZE] = {7};
    static const uint8_t fill[] = {0, 0xFF, 0x11};
    struct table table;

    (void)state;
    for (unsigned i = 0; i < sizeof(fill); i++) {
        memset(fields + 4, fill[i], SMBIOS_UUID_SIZE);
        memset(&table, 0, sizeof(table));
        ADD(&table, 1, fields, "Acme\0");
        assert_int_equal(smbios_uuid(table.bytes, table.size, uuid), i < 2 ? ERR_ABSENT : OK);
        assert_int_equal(uuid[0], i < 2 ? 7 : fill[i]);
    }
    fields[4 + 15] = 0xEE;
    memset(&table, 0, sizeof(table));
    ADD(&table, 1, fields, "Acme\0");
    assert_int_equal(smbios_uuid(table.bytes, table.size, uuid), OK);
    assert_int_equal(uuid[14], 0x11);
    assert_int_equal(uuid[15], 0xEE);
    make_table(&table); /* its structure ends before */
    assert_int_equal(smbios_uuid(table.bytes, table.size, uuid), ERR_ABSENT);
}

static void reads_oem_strings(void **state)
{
    static const char *const expected[] = {"assay:plan=quick", "assay:ui=text", "third"};
    struct table table;
    char text[NAME_SIZE];

    (void)state;
    make_table(&table);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(smbios_oem_string(table.bytes, table.size, i, text, sizeof(text)), OK);
        assert_string_equal(text, expected[i]);
    }
    assert_int_equal(smbios_oem_string(table.bytes, table.size, 3, text, sizeof(text)), ERR_ABSENT);
    assert_int_equal(smbios_oem_string(table.bytes, table.size, 0, text, 6), OK);
    assert_string_equal(text, "assay");
}

static void reads_memory(void **state)
{
    struct table table;
    struct smbios_memory_device device;

    (void)state;
    make_table(&table);
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 0, &device), OK);
    assert_true(device.size_known);
    assert_int_equal(device.size, 32ull << 30);
    assert_int_equal(device.speed, 3200);
    assert_int_equal(device.configured_speed, 8000);
    assert_string_equal(device.locator, "DIMM_A1");
    assert_string_equal(device.bank_locator, "BANK 0");
    assert_string_equal(device.manufacturer, "Maker");
    assert_string_equal(device.serial, "12345678");
    assert_string_equal(device.part_number, "PN-9");
    assert_int_equal(device.array, 0x1001);
    assert_int_equal(device.error, 0xFFFE);
    assert_true(device.persistent);
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 1, &device), OK);
    assert_true(device.size_known && device.size == 0);
    assert_string_equal(device.locator, "DIMM_A2");
    assert_string_equal(device.serial, "");
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 2, &device), OK);
    assert_int_equal(device.size, 512 << 10);
    assert_false(device.persistent);
    assert_int_equal(device.speed, 0);
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 3, &device), ERR_ABSENT);
}

static void reads_ipmi(void **state)
{
    static const struct {
        uint8_t base, modifier;
        int result;
        bool io_space;
        uint64_t expected;
        unsigned spacing;
    } cases[] = {
        {0xA3, 0x00, OK, true, 0xCA2, 1},      {0xA3, 0x10, OK, true, 0xCA3, 1},
        {0xA9, 0x40, OK, true, 0xCA8, 4},      {0xA2, 0x80, OK, false, 0xCA2, 16},
        {0xA3, 0xC0, ERR_FORMAT, false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t fields[] = {1, 0x20, 0x20, 0xFF, cases[i].base,     0x0C, 0, 0,
                            0, 0,    0,    0,    cases[i].modifier, 0};
        struct table table = {.size = 0};
        struct smbios_ipmi ipmi;

        add(&table, 38, fields, sizeof(fields), NULL, 0);
        assert_int_equal(smbios_ipmi(table.bytes, table.size, &ipmi), cases[i].result);
        if (cases[i].result != OK)
            continue;
        assert_int_equal(ipmi.interface, SMBIOS_IPMI_KCS);
        assert_int_equal(ipmi.io_space, cases[i].io_space);
        assert_int_equal(ipmi.base, cases[i].expected);
        assert_int_equal(ipmi.spacing, cases[i].spacing);
    }
}

/* The only structure of a table of one. */
static struct smbios_structure only(struct table *table, uint8_t type, const void *fields,
                                    size_t size)
{
    struct smbios_structure structure;
    struct smbios_walk walk;

    table->size = 0;
    add(table, type, fields, size, NULL, 0);
    walk = smbios_begin(table->bytes, table->size);
    assert_true(smbios_next(&walk, &structure));
    return structure;
}

static void reads_arrays(void **state)
{
    static const uint8_t fields[0x17 - 4] = {
        [0x04 - 4] = 3, [0x05 - 4] = 3, [0x06 - 4] = 6, [0x0A - 4] = 0x80,
        [0x0D - 4] = 8, [0x11 - 4] = 1, [0x14 - 4] = 2,
    };
    static const uint8_t old[0x0F - 4] = {[0x05 - 4] = 3, [0x06 - 4] = 3, [0x09 - 4] = 0x10};
    struct table table;
    struct smbios_memory_array array;
    struct smbios_structure structure = only(&table, 16, fields, sizeof(fields));

    (void)state;
    assert_int_equal(smbios_memory_array_of(&structure, &array), OK);
    assert_int_equal(array.use, SMBIOS_USE_SYSTEM_MEMORY);
    assert_int_equal(array.correction, 6);
    assert_int_equal(array.slots, 8);
    assert_int_equal(array.capacity, (uint64_t)2 << 40 | 1 << 16);
    structure = only(&table, 16, old, sizeof(old));
    assert_int_equal(smbios_memory_array_of(&structure, &array), OK);
    assert_int_equal(array.capacity, 1ull << 30);
    structure.type = 17;
    assert_int_equal(smbios_memory_array_of(&structure, &array), ERR_FORMAT);
}

static void reads_ranges(void **state)
{
    static const struct {
        uint8_t start[4], end[4];
        uint64_t extended_start, extended_end;
        size_t size; /* of type 19, with its header */
        int result;
        uint64_t expected_start, expected_end;
    } cases[] = {
        {{0}, {0xFF, 0xFF, 0x1F}, 0, 0, 0x1F, OK, 0, 0x7FFFFFFF},
        {{0}, {0xFF, 0xFF, 0x1F}, 0, 0, 0x0F, OK, 0, 0x7FFFFFFF}, /* of version 2.1 */
        {{0, 0, 0x40}, {0, 0, 0x40}, 7, 9, 0x1F, OK, 0x100000000, 0x1000003FF},
        {{0, 0, 0x40}, {0, 0, 0x20}, 0, 0, 0x1F, ERR_FORMAT, 0, 0},
        {{255, 255, 255, 255},
         {255, 255, 255, 255},
         1ull << 42,
         (1ull << 43) - 1,
         0x1F,
         OK,
         1ull << 42,
         (1ull << 43) - 1},
        {{255, 255, 255, 255}, {255, 255, 255, 255}, 5, 5, 0x1F, ERR_FORMAT, 0, 0},
        {{255, 255, 255, 255}, {255, 255, 255, 255}, 0, 9, 0x1E, ERR_FORMAT, 0, 0}, /* cut */
        {{0}, {1}, 0, 0, 0x0E, ERR_FORMAT, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t fields[0x23 - 4] = {0};
        struct table table;
        struct smbios_structure structure;
        struct smbios_array_range range = {.array = 1};
        struct smbios_device_range device_range = {.device = 1};

        memcpy(fields, cases[i].start, 4);
        memcpy(fields + 4, cases[i].end, 4);
        fields[8] = 0x34, fields[9] = 0x12, fields[10] = 2;
        for (unsigned j = 0; j < 8; j++) {
            fields[0x0F - 4 + j] = (uint8_t)(cases[i].extended_start >> 8 * j);
            fields[0x17 - 4 + j] = (uint8_t)(cases[i].extended_end >> 8 * j);
        }
        structure = only(&table, 19, fields, cases[i].size - 4);
        assert_int_equal(smbios_array_range_of(&structure, &range), cases[i].result);
        assert_int_equal(range.array, cases[i].result == OK ? 0x1234 : 1);
        if (cases[i].result == OK) {
            assert_int_equal(range.start, cases[i].expected_start);
            assert_int_equal(range.end, cases[i].expected_end);
            assert_int_equal(range.width, 2);
        }

        /* The same as type 20, whose other fields stand between. */
        memmove(fields + 0x13 - 4, fields + 0x0F - 4, 16);
        memcpy(fields + 0x0E - 4, "\x78\x56\x01\x02\x03", 5);
        structure = only(&table, 20, fields, cases[i].size);
        assert_int_equal(smbios_array_range_of(&structure, &range), ERR_FORMAT);
        structure = only(&table, 20, fields, cases[i].size);
        assert_int_equal(smbios_device_range_of(&structure, &device_range), cases[i].result);
        if (cases[i].result != OK)
            continue;
        assert_int_equal(device_range.start, cases[i].expected_start);
        assert_int_equal(device_range.end, cases[i].expected_end);
        assert_int_equal(device_range.device, 0x1234);
        assert_int_equal(device_range.array_range, 0x5678);
        assert_int_equal(device_range.row, 1);
        assert_int_equal(device_range.position, 2);
        assert_int_equal(device_range.depth, 3);
    }
}

static void reads_memory_errors(void **state)
{
    static const uint8_t uncorrected[] = {0x04, 0x05, 0x07, 0x08, 0x0E};
    struct table table;

    (void)state;
    for (unsigned type = 0; type < 256; type++) {
        uint8_t fields[0x17 - 4] = {(uint8_t)type};
        bool expected = memchr(uncorrected, (int)type, sizeof(uncorrected)) != NULL;

        table.size = 0;
        add(&table, 1, fields, sizeof(fields), NULL, 0);
        add(&table, type & 1 ? 18 : 33, fields, sizeof(fields), NULL, 0);
        assert_int_equal(
            smbios_memory_error(table.bytes, table.size, (uint16_t)(0x1000 | (table.size / 2))),
            expected);
        assert_false(smbios_memory_error(table.bytes, table.size, 0x1000)); /* of type 1 */
        assert_false(smbios_memory_error(table.bytes, table.size, 0xFFFE));
    }
}

static void ends_where_it_should(void **state)
{
    struct table table;
    struct smbios_walk walk;
    struct smbios_structure structure;
    unsigned count = 0;

    (void)state;
    make_table(&table);
    walk = smbios_begin(table.bytes, table.size);
    while (smbios_next(&walk, &structure))
        count++;
    assert_int_equal(count, 10);
    table.bytes[1] = 3;
    walk = smbios_begin(table.bytes, table.size);
    assert_false(smbios_next(&walk, &structure));
    walk = smbios_begin(NULL, 0);
    assert_false(smbios_next(&walk, &structure));
}

/* Reads everything there is; the sanitizer watches that no byte beyond the end is touched. */
static void read_all(const void *table, size_t size)
{
    struct smbios_product product;
    struct smbios_memory_device device;
    struct smbios_ipmi ipmi;
    uint8_t uuid[SMBIOS_UUID_SIZE];
    char text[NAME_SIZE];

    (void)smbios_uuid(table, size, uuid);
    (void)smbios_system(table, size, &product);
    (void)smbios_baseboard(table, size, &product);
    (void)smbios_chassis(table, size);
    (void)smbios_ipmi(table, size, &ipmi);
    for (unsigned i = 0; smbios_memory_device(table, size, i, &device) == OK; i++)
        assert_true(i < SMBIOS_STRUCTURES_MAX);
    for (unsigned i = 0; smbios_oem_string(table, size, i, text, sizeof(text)) == OK; i++)
        assert_true(i < SMBIOS_STRUCTURES_MAX * 255u);
}

static void cut_tables_are_safe(void **state)
{
    struct table table;

    (void)state;
    make_table(&table);
    for (size_t size = 0; size <= table.size; size++) {
        uint8_t *copy = test_malloc(size + 1);

        memcpy(copy + 1, table.bytes, size);
        read_all(copy + 1, size);
        test_free(copy);
    }
}

static void this_machine(void **state)
{
    static uint8_t table[65536];
    FILE *file = fopen("/sys/firmware/dmi/tables/DMI", "rb");
    struct smbios_walk walk;
    struct smbios_structure structure;
    unsigned count = 0;
    size_t size;

    (void)state;
    if (!file)
        skip();
    size = fread(table, 1, sizeof(table), file);
    fclose(file);
    walk = smbios_begin(table, size);
    while (smbios_next(&walk, &structure))
        count++;
    assert_true(count > 3);
    read_all(table, size);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_names),         cmocka_unit_test(reads_the_uuid),
        cmocka_unit_test(reads_oem_strings),   cmocka_unit_test(reads_memory),
        cmocka_unit_test(reads_ipmi),          cmocka_unit_test(ends_where_it_should),
        cmocka_unit_test(cut_tables_are_safe), cmocka_unit_test(this_machine),
        cmocka_unit_test(reads_arrays),        cmocka_unit_test(reads_ranges),
        cmocka_unit_test(reads_memory_errors),
    };

    return cmocka_run_group_tests_name("smbios", tests, NULL, NULL);
}
