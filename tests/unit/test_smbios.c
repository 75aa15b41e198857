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
        [0x58 - 4] = 0x40, [0x59 - 4] = 0x1F,
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
    assert_true(smbios_is_notebook(table.bytes, table.size));
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
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 1, &device), OK);
    assert_true(device.size_known && device.size == 0);
    assert_string_equal(device.locator, "DIMM_A2");
    assert_string_equal(device.serial, "");
    assert_int_equal(smbios_memory_device(table.bytes, table.size, 2, &device), OK);
    assert_int_equal(device.size, 512 << 10);
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
    char text[NAME_SIZE];

    (void)smbios_system(table, size, &product);
    (void)smbios_baseboard(table, size, &product);
    (void)smbios_is_notebook(table, size);
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
        cmocka_unit_test(reads_names),          cmocka_unit_test(reads_oem_strings),
        cmocka_unit_test(reads_memory),         cmocka_unit_test(reads_ipmi),
        cmocka_unit_test(ends_where_it_should), cmocka_unit_test(cut_tables_are_safe),
        cmocka_unit_test(this_machine),
    };

    return cmocka_run_group_tests_name("smbios", tests, NULL, NULL);
}
