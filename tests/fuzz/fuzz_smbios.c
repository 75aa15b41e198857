/*
 * SMBIOS tables of any bytes: all that can be read is read.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "sensors/smbios.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smbios_product product;
    struct smbios_memory_device device;
    struct smbios_ipmi ipmi;
    char text[PLACE_SIZE];
    unsigned i = 0;

    if (size > 4096)
        return 0;
    (void)smbios_system(data, size, &product);
    (void)smbios_baseboard(data, size, &product);
    (void)smbios_is_notebook(data, size);
    if (smbios_ipmi(data, size, &ipmi) == OK && ipmi.spacing == 0)
        __builtin_trap();
    while (smbios_memory_device(data, size, i, &device) == OK)
        i++;
    if (i > SMBIOS_STRUCTURES_MAX)
        __builtin_trap();
    for (i = 0; i < 300; i++)
        (void)smbios_oem_string(data, size, i, text, sizeof(text));
    return 0;
}
