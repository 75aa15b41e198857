#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "sensors/acpi_errors.h"

struct table {
    uint8_t bytes[2048];
    size_t size;
};

static void put(struct table *table, size_t at, unsigned width, uint64_t value)
{
    for (unsigned i = 0; i < width; i++)
        table->bytes[at + i] = (uint8_t)(value >> 8 * i);
}

static void seal(struct table *table)
{
    uint8_t sum = 0;

    put(table, 4, 4, table->size);
    table->bytes[9] = 0;
    for (size_t i = 0; i < table->size; i++)
        sum = (uint8_t)(sum + table->bytes[i]);
    table->bytes[9] = (uint8_t)-sum;
}

static void begin(struct table *table, const char *signature, size_t size)
{
    memset(table, 0, sizeof(*table));
    memcpy(table->bytes, signature, 4);
    table->size = size;
    seal(table);
}

static void checks_sums(void **state)
{
    static const uint8_t right[] = {0x10, 0xF0}, wrong[] = {0x10, 0xF1};

    (void)state;
    assert_true(acpi_checksum_is_right(right, 2));
    assert_false(acpi_checksum_is_right(wrong, 2));
    assert_true(acpi_checksum_is_right(right, 0));
}

static void checks_tables(void **state)
{
    struct table table;
    size_t size = 1;

    (void)state;
    begin(&table, "BERT", 48);
    assert_int_equal(acpi_check_table(table.bytes, 48, "BERT", &size), OK);
    assert_int_equal(size, 48);
    assert_int_equal(acpi_check_table(table.bytes, 100, "BERT", &size), OK);
    assert_int_equal(size, 48);
    assert_int_equal(acpi_check_table(table.bytes, 47, "BERT", &size), ERR_FORMAT);
    assert_int_equal(acpi_check_table(table.bytes, 48, "HEST", &size), ERR_FORMAT);
    table.bytes[47] ^= 1;
    assert_int_equal(acpi_check_table(table.bytes, 48, "BERT", &size), ERR_FORMAT);
    begin(&table, "BERT", 48);
    table.size = 35;
    seal(&table);
    assert_int_equal(acpi_check_table(table.bytes, 48, "BERT", &size), ERR_FORMAT);
}

static void checks_the_root_pointer(void **state)
{
    uint8_t rsdp[36] = "RSD PTR ";
    uint64_t xsdt = 0;
    uint8_t sum = 0;

    (void)state;
    rsdp[15] = 2, rsdp[20] = 36;
    rsdp[24] = 0x00, rsdp[25] = 0x10, rsdp[31] = 0x01;
    for (unsigned i = 0; i < 20; i++)
        sum = (uint8_t)(sum + rsdp[i]);
    rsdp[8] = (uint8_t)-sum;
    sum = 0;
    for (unsigned i = 0; i < 36; i++)
        sum = (uint8_t)(sum + rsdp[i]);
    rsdp[32] = (uint8_t)-sum;
    assert_int_equal(acpi_root_pointer(rsdp, 36, &xsdt), OK);
    assert_int_equal(xsdt, 0x0100000000001000);
    assert_int_equal(acpi_root_pointer(rsdp, 35, &xsdt), ERR_FORMAT);
    rsdp[25] ^= 1; /* the second checksum */
    assert_int_equal(acpi_root_pointer(rsdp, 36, &xsdt), ERR_FORMAT);
    rsdp[25] ^= 1;
    rsdp[12] ^= 1; /* the first */
    assert_int_equal(acpi_root_pointer(rsdp, 36, &xsdt), ERR_FORMAT);
    rsdp[12] ^= 1;
    rsdp[15] = 0, rsdp[8] = (uint8_t)(rsdp[8] + 2);
    assert_int_equal(acpi_root_pointer(rsdp, 36, &xsdt), ERR_UNSUPPORTED);
}

/* As QEMU puts it together: 4096 bytes at 7FFF0000h. */
static void reads_bert(void **state)
{
    struct acpi_bert bert = {0};
    struct table table;

    (void)state;
    begin(&table, "BERT", 48);
    put(&table, 36, 4, 4096);
    put(&table, 40, 8, 0x7FFF0000);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), ERR_FORMAT);
    seal(&table);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), OK);
    assert_int_equal(bert.size, 4096);
    assert_int_equal(bert.address, 0x7FFF0000);
    put(&table, 36, 4, ACPI_REGION_MAX + 1);
    seal(&table);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), ERR_RANGE);
    put(&table, 36, 4, 4096);
    put(&table, 40, 8, UINT64_MAX - 100);
    seal(&table);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), ERR_RANGE);
    put(&table, 40, 8, 0);
    seal(&table);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), ERR_ABSENT);
    table.size = 44;
    seal(&table);
    assert_int_equal(acpi_bert(table.bytes, 48, &bert), ERR_FORMAT);
    assert_int_equal(bert.address, 0x7FFF0000);
}

/* ---- HEST */

static size_t add_source(struct table *table, uint16_t type, uint16_t id, size_t size,
                         uint8_t flags, uint8_t enabled)
{
    size_t at = table->size;

    put(table, at, 2, type);
    put(table, at + 2, 2, id);
    put(table, at + 6, 1, flags);
    put(table, at + 7, 1, enabled);
    table->size += size;
    put(table, 36, 4, table->bytes[36] + 1u);
    return at;
}

/* A server whose firmware takes corrected machine checks and AER first, and tells by two blocks. */
static void make_hest(struct table *table)
{
    size_t at;

    begin(table, "HEST", 40);
    at = add_source(table, HEST_MACHINE_CHECK, 0, 40 + 2 * 28, 0, 1);
    put(table, at + 32, 1, 2);
    at = add_source(table, HEST_CORRECTED_MACHINE_CHECK, 1, 48 + 3 * 28, 1, 1);
    put(table, at + 16, 1, 5);
    put(table, at + 44, 1, 3);
    add_source(table, HEST_NMI, 2, 20, 0, 0);
    add_source(table, HEST_AER_ROOT, 3, 48, 3, 1);
    at = add_source(table, HEST_AER_DEVICE, 4, 44, 0, 1);
    put(table, at + 16, 4, 0x000180);
    put(table, at + 20, 2, 0x1F);
    put(table, at + 22, 2, 7);
    add_source(table, HEST_AER_BRIDGE, 5, 56, 0, 0);
    at = add_source(table, HEST_GENERIC, 6, 64, 0, 1);
    put(table, at + 4, 2, 0xFFFF);
    put(table, at + 20, 1, 0);
    put(table, at + 21, 1, 64);
    put(table, at + 24, 8, 0x6D5F8000);
    put(table, at + 32, 1, 3);
    put(table, at + 60, 4, 0x1000);
    at = add_source(table, HEST_GENERIC_2, 7, 92, 0, 1);
    put(table, at + 4, 2, 1);
    at = add_source(table, HEST_DEFERRED_MACHINE_CHECK, 8, 48 + 28, 4, 1);
    put(table, at + 44, 1, 1);
    seal(table);
}

static void reads_sources(void **state)
{
    struct hest_source sources[16] = {{0}};
    struct hest_walk walk;
    struct table table;
    unsigned count = 0;

    (void)state;
    make_hest(&table);
    assert_int_equal(hest_begin(table.bytes, table.size, &walk), OK);
    while (count < 16 && hest_next(&walk, &sources[count]))
        count++;
    assert_int_equal(count, 9);
    assert_int_equal(walk.error, OK);
    for (uint16_t i = 0; i < 9; i++)
        assert_int_equal(sources[i].id, i);
    assert_int_equal(sources[0].banks, 2);
    assert_false(sources[0].firmware_first);
    assert_true(sources[0].enabled);
    assert_int_equal(sources[1].banks, 3);
    assert_int_equal(sources[1].notification, 5);
    assert_true(sources[1].firmware_first);
    assert_true(sources[2].enabled);
    assert_true(sources[3].global);
    assert_true(sources[3].firmware_first);
    assert_false(sources[4].global);
    assert_int_equal(sources[4].bus, 0x80);
    assert_int_equal(sources[4].device, 0x1F);
    assert_int_equal(sources[4].function, 7);
    assert_false(sources[5].enabled);
    assert_int_equal(sources[6].related, 0xFFFF);
    assert_int_equal(sources[6].status.address, 0x6D5F8000);
    assert_int_equal(sources[6].status.width, 64);
    assert_int_equal(sources[6].notification, 3);
    assert_int_equal(sources[6].block_size, 0x1000);
    assert_int_equal(sources[7].related, 1);
    assert_true(sources[8].assisted);
    assert_int_equal(sources[8].banks, 1);
}

static void judges_what_is_seen(void **state)
{
    struct hest_view view;
    struct table table;

    (void)state;
    make_hest(&table);
    assert_int_equal(hest_view(table.bytes, table.size, &view), OK);
    assert_false(view.machine_checks_first);
    assert_true(view.corrected_first);
    assert_true(view.aer_first);
    assert_int_equal(view.sources, 8);
    assert_int_equal(view.blocks, 2);
    assert_true(view.complete);

    begin(&table, "HEST", 40);
    add_source(&table, HEST_AER_ROOT, 0, 48, 1, 0); /* first, and not enabled */
    add_source(&table, 12, 1, 64, 1, 1);            /* of a kind that is not known */
    add_source(&table, HEST_MACHINE_CHECK, 2, 40, 1, 1);
    seal(&table);
    assert_int_equal(hest_view(table.bytes, table.size, &view), OK);
    assert_false(view.aer_first);
    assert_false(view.machine_checks_first);
    assert_int_equal(view.sources, 0);
    assert_false(view.complete);
}

/* Sources are given as far as the table goes. */
static void cut_hests_are_told(void **state)
{
    static const size_t ends[] = {136, 268, 288, 336, 380, 436, 500, 592, 668};
    struct table table;

    (void)state;
    make_hest(&table);
    assert_int_equal(table.size, 668);
    for (size_t size = 40; size <= 668; size++) {
        struct hest_source source;
        struct hest_walk walk;
        unsigned count = 0, expected = 0;

        table.size = size;
        seal(&table);
        for (size_t i = 0; i < 9; i++)
            expected += ends[i] <= size;
        assert_int_equal(hest_begin(table.bytes, size, &walk), OK);
        while (hest_next(&walk, &source))
            count++;
        assert_int_equal(count, expected);
        assert_int_equal(walk.error, size == 668 ? OK : ERR_FORMAT);
    }
    table.size = 39;
    seal(&table);
    assert_int_equal(hest_begin(table.bytes, 39, &(struct hest_walk){0}), ERR_FORMAT);
    begin(&table, "HEST", 40);
    put(&table, 36, 4, 0xFFFFFFFF);
    seal(&table);
    assert_int_equal(hest_view(table.bytes, 40, &(struct hest_view){0}), OK);
}

/* ---- ERST */

static void add_instruction(struct table *table, uint8_t action, uint8_t instruction, uint8_t space)
{
    size_t at = table->size;

    put(table, at, 1, action);
    put(table, at + 1, 1, instruction);
    put(table, at + 4, 1, space);
    put(table, at + 5, 1, 32);
    put(table, at + 8, 8, 0xFEBF1000);
    table->size += 32;
    put(table, 44, 4, table->bytes[44] + 1u);
}

/* As the acpi-erst device of QEMU has it: most actions begin by writing their number. */
static void make_erst(struct table *table)
{
    begin(table, "ERST", 48);
    put(table, 36, 4, 48);
    add_instruction(table, ERST_BEGIN_READ, 3, 0);
    add_instruction(table, ERST_END, 3, 0);
    add_instruction(table, ERST_SET_OFFSET, 2, 0);
    add_instruction(table, ERST_CHECK_BUSY, 1, 0);
    add_instruction(table, ERST_GET_COUNT, 0, 0);
    seal(table);
}

static void reads_erst(void **state)
{
    struct acpi_erst erst;
    struct table table;

    (void)state;
    make_erst(&table);
    assert_int_equal(acpi_erst(table.bytes, table.size, &erst), OK);
    assert_int_equal(erst.entries, 5);
    assert_true(erst.has_action[ERST_BEGIN_READ]);
    assert_false(erst.has_action[ERST_BEGIN_WRITE]);
    assert_true(erst.action_writes[ERST_BEGIN_READ]);
    assert_true(erst.action_writes[ERST_SET_OFFSET]);
    assert_false(erst.action_writes[ERST_CHECK_BUSY]);
    assert_true(erst.has_action[ERST_GET_COUNT]);
    assert_false(erst.action_writes[ERST_GET_COUNT]);
    assert_true(erst.reading_writes);
    put(&table, 36, 4, 12); /* the other way of counting the header */
    seal(&table);
    assert_int_equal(acpi_erst(table.bytes, table.size, &erst), OK);

    begin(&table, "ERST", 48);
    put(&table, 36, 4, 48);
    add_instruction(&table, ERST_BEGIN_WRITE, 3, 0);
    add_instruction(&table, ERST_GET_COUNT, 0, 1);
    seal(&table);
    assert_int_equal(acpi_erst(table.bytes, table.size, &erst), OK);
    assert_false(erst.reading_writes);
}

static void bad_ersts_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } bad[] = {{36, 47}, {44, 6}, {48, 17}, {49, 0x13}, {52, 2}, {47, 0xFF}};
    struct acpi_erst erst;
    struct table table;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        make_erst(&table);
        table.bytes[bad[i].at] = bad[i].value;
        seal(&table);
        assert_int_equal(acpi_erst(table.bytes, table.size, &erst), ERR_FORMAT);
    }
    begin(&table, "ERST", 47);
    assert_int_equal(acpi_erst(table.bytes, table.size, &erst), ERR_FORMAT);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_sums),
        cmocka_unit_test(checks_tables),
        cmocka_unit_test(checks_the_root_pointer),
        cmocka_unit_test(reads_bert),
        cmocka_unit_test(reads_sources),
        cmocka_unit_test(judges_what_is_seen),
        cmocka_unit_test(cut_hests_are_told),
        cmocka_unit_test(reads_erst),
        cmocka_unit_test(bad_ersts_are_refused),
    };

    return cmocka_run_group_tests_name("acpi_errors", tests, NULL, NULL);
}
