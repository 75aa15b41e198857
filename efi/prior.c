#include "efi/prior.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/acpi.h"
#include "efi/firmware.h"
#include "efi/memory.h"
#include "sensors/acpi_errors.h"

enum {
    VARIABLES_MAX = 2048,  /* names that are looked at */
    NAME_BYTES_MAX = 1024, /* of one */
    RECORDS_MAX = 32,
    RECORD_SIZE_MAX = 64 * 1024,
    FUNCTIONS_MAX = 256,
};

static const char subsystem[] = "prior-errors";

static bool begin(const char *step, const char *skip, const struct sink *sink)
{
    if (text_equal(step, skip)) {
        emit_not_tested(sink, subsystem, 0, false, "%s: the last boot hung there", step);
        return false;
    }
    emit_step(sink, step, false);
    return true;
}

/* ---- the boot error region */

static void say_bert(const struct sink *sink, const char *why)
{
    emit_not_tested(sink, subsystem, 0, false, "BERT (boot errors) %s", why);
}

static void read_region(struct prior_list *list, const struct acpi_bert *bert,
                        const struct sink *sink)
{
    if (!memory_is_readable(bert->address, bert->size))
        say_bert(sink, "is not in memory: not touched");
    else if (prior_add_region(list, (const void *)(uintptr_t)bert->address, bert->size))
        say_bert(sink, "makes no sense in part");
}

static void read_bert(struct prior_list *list, const struct sink *sink)
{
    struct acpi_bert bert;
    size_t size = 0;
    const void *table = acpi_table("BERT", &size);
    int error = table ? acpi_bert(table, size, &bert) : ERR_ABSENT;

    if (error == OK)
        read_region(list, &bert, sink);
    else if (error != ERR_ABSENT)
        say_bert(sink, "has a table that makes no sense");
}

/* ---- records in variables */

/* EFI_HARDWARE_ERROR_VARIABLE, UEFI 2.10 section 8.2.4. */
static EFI_GUID error_guid = {
    0x414E6BDD, 0xE47B, 0x47CC, {0xB2, 0x44, 0xBB, 0x61, 0x02, 0x0C, 0xF5, 0x16}};

static bool is_record(const CHAR16 *name, const EFI_GUID *guid)
{
    static const char prefix[] = "HwErrRec";
    unsigned i = 0;

    while (prefix[i] && name[i] == (CHAR16)prefix[i])
        i++;
    return !prefix[i] && !memcmp(guid, &error_guid, sizeof(*guid));
}

/* `buffer` has room for RECORD_SIZE_MAX. */
static void read_record(struct prior_list *list, CHAR16 *name, void *buffer,
                        const struct sink *sink)
{
    UINTN size = RECORD_SIZE_MAX;
    UINT32 attributes;

    if (EFI_ERROR(firmware.runtime->GetVariable(name, &error_guid, &attributes, &size, buffer)) ||
        prior_add_record(list, buffer, size))
        emit_note(sink, SEVERITY_INFO,
                  "A hardware error record in the firmware's variables cannot be read in whole.");
}

static void read_variables(struct prior_list *list, const struct sink *sink)
{
    static CHAR16 name[NAME_BYTES_MAX / sizeof(CHAR16)];
    void *buffer = pages_for(RECORD_SIZE_MAX);
    EFI_GUID guid;
    unsigned records = 0;

    name[0] = 0;
    for (unsigned i = 0; buffer && i < VARIABLES_MAX && records < RECORDS_MAX; i++) {
        UINTN size = sizeof(name);

        if (EFI_ERROR(firmware.runtime->GetNextVariableName(&size, name, &guid)))
            break;
        if (is_record(name, &guid)) {
            read_record(list, name, buffer, sink);
            records++;
        }
    }
    if (buffer)
        give_pages_back(buffer, RECORD_SIZE_MAX);
}

/* ---- registers of PCI Express functions */

static int read_config(void *context, uint16_t offset, uint32_t *ret_value)
{
    EFI_PCI_IO *pci = context;

    return firmware_error(pci->Pci.Read(pci, EfiPciIoWidthUint32, offset, 1, ret_value));
}

static void read_function(struct prior_list *list, EFI_PCI_IO *pci)
{
    struct pcie_access access = {.context = pci, .read = read_config};
    struct pcie_device device;
    UINTN segment, bus, number, function;
    char place[NAME_SIZE];

    memset(&device, 0, sizeof(device));
    if (EFI_ERROR(pci->GetLocation(pci, &segment, &bus, &number, &function)))
        return;
    pcie_read_by(&access, &device); /* what it found before an error stands */
    format_text(place, sizeof(place), "%04x:%02x:%02x.%x", (unsigned)segment, (unsigned)bus,
                (unsigned)number, (unsigned)function);
    prior_add_device(list, &device, place);
}

static void read_functions(struct prior_list *list)
{
    EFI_HANDLE handles[FUNCTIONS_MAX];
    size_t count = handles_with(&pci_io_guid, handles, FUNCTIONS_MAX);

    for (size_t i = 0; i < count; i++) {
        EFI_PCI_IO *pci = protocol_on(handles[i], &pci_io_guid);

        if (pci)
            read_function(list, pci);
    }
}

void prior_read(struct prior_list *list, const char *skip, const struct sink *sink)
{
    static const char region[] = "read boot error region";
    static const char records[] = "read error records";
    static const char devices[] = "read PCI Express errors";

    if (begin(region, skip, sink)) {
        read_bert(list, sink);
        emit_step(sink, region, true);
    }
    if (begin(records, skip, sink)) {
        read_variables(list, sink);
        emit_step(sink, records, true);
    }
    if (begin(devices, skip, sink)) {
        read_functions(list);
        emit_step(sink, devices, true);
    }
    if (list->lost)
        emit_note(sink, SEVERITY_WARNING,
                  "%u errors that were recorded before the run found no room and are left out.",
                  list->lost);
}

/* ---- what the firmware hides */

void prior_say_hidden(const struct sink *sink)
{
    size_t size = 0;
    const void *table = acpi_table("HEST", &size);
    struct hest_view view;

    if (!table || hest_view(table, size, &view))
        return;
    if (view.machine_checks_first)
        emit_not_tested(sink, "machine-checks-hidden", PART_ALL_PROCESSORS, false,
                        "the firmware handles machine checks first: not all are visible here");
    if (view.corrected_first)
        emit_not_tested(sink, "corrected-errors-hidden", PART_ALL_MEMORY, false,
                        "the firmware handles corrected memory errors first: not visible here");
    if (view.aer_first)
        emit_not_tested(sink, "pcie-errors-hidden", 0, false,
                        "the firmware handles errors of PCI Express (AER) first: not visible here");
}
