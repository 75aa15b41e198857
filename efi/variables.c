#include "efi/variables.h"

#include "base/error.h"
#include "efi/firmware.h"

enum {
    ATTRIBUTES = EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS,
    QUERY_REVISION = 2 << 16, /* of the runtime services that can be asked for space: UEFI 2.0 */
};

static EFI_GUID vendor = {
    0x0901cb38, 0xf67a, 0x4686, {0x8c, 0x78, 0x80, 0x41, 0xf2, 0x15, 0xf0, 0x84}};
static CHAR16 name[] = {'A', 's', 's', 'a', 'y', 'R', 'u', 'n', 0};

static int space(void *context, struct variable_space *ret_space)
{
    EFI_RUNTIME_SERVICES *runtime = firmware.runtime;
    UINT64 total = 0, left = 0, largest = 0;
    EFI_STATUS status;

    (void)context;
    if (runtime->Hdr.Revision < QUERY_REVISION || !runtime->QueryVariableInfo)
        return ERR_UNSUPPORTED;
    status = runtime->QueryVariableInfo(ATTRIBUTES, &total, &left, &largest);
    if (EFI_ERROR(status))
        return firmware_error(status);
    *ret_space = (struct variable_space){.total = total, .free = left, .largest = largest};
    return OK;
}

static int write(void *context, const void *data, size_t size)
{
    (void)context;
    return firmware_error(
        firmware.runtime->SetVariable(name, &vendor, ATTRIBUTES, size, (VOID *)data));
}

static int read(void *context, void *buffer, size_t size, size_t *ret_size)
{
    UINTN count = size;
    EFI_STATUS status = firmware.runtime->GetVariable(name, &vendor, NULL, &count, buffer);

    (void)context;
    if (status == EFI_BUFFER_TOO_SMALL)
        return ERR_FULL;
    if (EFI_ERROR(status))
        return firmware_error(status);
    *ret_size = count;
    return OK;
}

static int erase(void *context)
{
    (void)context;
    return firmware_error(firmware.runtime->SetVariable(name, &vendor, ATTRIBUTES, 0, NULL));
}

struct variable variables_seam(void)
{
    return (struct variable){.space = space, .write = write, .read = read, .erase = erase};
}
