/*
 * ACPI's error tables, and others that are small, of any bytes. The first byte chooses the
 * signature; length and checksum are put right, so that what is behind the header is reached.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "sensors/acpi_errors.h"
#include "sensors/acpi_pm1.h"
#include "sensors/spmi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t table[4096];

static void check(bool right)
{
    if (!right)
        __builtin_trap();
}

static void seal(const char *signature, size_t size)
{
    uint8_t sum = 0;

    memcpy(table, signature, 4);
    for (unsigned i = 0; i < 4; i++)
        table[4 + i] = (uint8_t)(size >> 8 * i);
    table[9] = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + table[i]);
    table[9] = (uint8_t)-sum;
}

static void read_hest(size_t size)
{
    struct hest_source source;
    struct hest_view view;
    struct hest_walk walk;
    unsigned count = 0;

    if (hest_begin(table, size, &walk) != OK)
        return;
    while (hest_next(&walk, &source))
        count++;
    check(count <= HEST_SOURCES_MAX && count * 20 <= size);
    check(hest_view(table, size, &view) == OK);
    check(view.blocks <= view.sources && view.sources <= count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const signatures[] = {"HEST", "ERST", "BERT", "FACP",
                                             "SPMI", "SPMI", "SPMI", "SPMI"};
    struct acpi_bert bert;
    struct acpi_erst erst;
    struct acpi_pm1 pm1;
    struct spmi_kcs kcs;
    uint64_t xsdt;

    if (size < 1 + ACPI_HEADER_SIZE || size > sizeof(table))
        return 0;
    (void)acpi_root_pointer(data + 1, size - 1, &xsdt);
    memcpy(table, data + 1, size - 1);
    seal(signatures[data[0] % 8], size - 1);
    read_hest(size - 1);
    if (acpi_bert(table, size - 1, &bert) == OK)
        check(bert.size <= ACPI_REGION_MAX && bert.address + bert.size > bert.address);
    if (acpi_erst(table, size - 1, &erst) == OK)
        check(erst.entries * 32 <= size);
    if (spmi_kcs(table, size - 1, &kcs) == OK)
        check(kcs.port && kcs.spacing && kcs.port <= UINT16_MAX - kcs.spacing);
    if (acpi_pm1_find(table, size - 1, &pm1) == OK)
        check(pm1.ports[0] && pm1.ports[0] < UINT16_MAX && pm1.ports[1] < UINT16_MAX);
    return 0;
}
