#include "efi/acpi.h"

#include <string.h>

#include "base/bytes.h"
#include "efi/firmware.h"

enum {
    HEADER_SIZE = 36, /* of every table; its length stands at 4 */
    RSDP_SIZE = 36,   /* revision 2; the XSDT's address stands at 24 */
    TABLE_SIZE_MAX = 1024 * 1024,
};

static size_t table_size(const void *table)
{
    struct bytes header = bytes_of(table, HEADER_SIZE);
    size_t size = bytes_le32(&header, 4);

    return size >= HEADER_SIZE && size <= TABLE_SIZE_MAX ? size : 0;
}

const void *acpi_table(const char *signature, size_t *ret_size)
{
    const void *root = configuration_table(&acpi2_guid);
    struct bytes rsdp = bytes_of(root, RSDP_SIZE);
    const void *xsdt;
    struct bytes entries;

    if (!root || memcmp(root, "RSD PTR ", 8))
        return NULL;
    xsdt = (const void *)(uintptr_t)bytes_le64(&rsdp, 24);
    if (!xsdt || memcmp(xsdt, "XSDT", 4))
        return NULL;
    entries = bytes_of(xsdt, table_size(xsdt));
    for (size_t offset = HEADER_SIZE; offset + 8 <= entries.size; offset += 8) {
        const void *table = (const void *)(uintptr_t)bytes_le64(&entries, offset);

        if (table && !memcmp(table, signature, 4) && table_size(table)) {
            *ret_size = table_size(table);
            return table;
        }
    }
    return NULL;
}
