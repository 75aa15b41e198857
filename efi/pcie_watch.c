#include "efi/pcie_watch.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "efi/acpi.h"
#include "efi/firmware.h"
#include "sensors/acpi_errors.h"
#include "sensors/aer_watch.h"
#include "sensors/link_watch.h"

enum {
    FUNCTIONS_MAX = 256,
    AT_HEADER_TYPE = 0x0C, /* its third byte, section 7.5.1.1.9 */
    AT_BUSES = 0x18,       /* of a bridge: bytes 1 and 2 are the buses behind it, 7.5.1.3.3 */
    LINK_LOOKS = 16,       /* functions whose links are looked at in one call */
    CLASS_DISPLAY = 0x03,
    CLASS_USB4 = 0x0C0340,
};

struct function {
    EFI_HANDLE handle;
    uint16_t segment;
    uint8_t bus, device, function;
    uint32_t class_code;
    uint8_t behind, behind_last; /* the buses behind a bridge; 0: none */
    bool is_port;                /* the link is behind it, or it has none */
    bool is_watched;             /* its error registers */
    bool has_link;               /* it is the lower end of one that is watched */
    struct aer_watched watched;
    struct link_watched link;
};

/* All that there were at the beginning of the run: any may be the port above another. */
static struct {
    struct function *list; /* FUNCTIONS_MAX; NULL: not begun yet, or no memory */
    size_t count;
    size_t next, next_link; /* where the next call goes on */
} functions;

static int read_config(void *context, uint16_t offset, uint32_t *ret_value)
{
    EFI_PCI_IO *pci = context;

    return firmware_error(pci->Pci.Read(pci, EfiPciIoWidthUint32, offset, 1, ret_value));
}

static int write_config(void *context, uint16_t offset, uint32_t value)
{
    EFI_PCI_IO *pci = context;

    return firmware_error(pci->Pci.Write(pci, EfiPciIoWidthUint32, offset, 1, &value));
}

static struct pcie_access access_to(EFI_PCI_IO *pci)
{
    return (struct pcie_access){.context = pci, .read = read_config, .write = write_config};
}

static void read_buses(EFI_PCI_IO *pci, struct function *function)
{
    uint32_t type, buses;

    if (read_config(pci, AT_HEADER_TYPE, &type) || (type >> 16 & 0x7F) != 1 ||
        read_config(pci, AT_BUSES, &buses))
        return;
    function->behind = (uint8_t)(buses >> 8);
    function->behind_last = (uint8_t)(buses >> 16);
}

static void add_function(EFI_HANDLE handle, EFI_PCI_IO *pci, bool errors)
{
    struct function *function = &functions.list[functions.count];
    struct pcie_access access = access_to(pci);
    struct pcie_device device;
    UINTN segment, bus, number, part;

    memset(&device, 0, sizeof(device));
    if (EFI_ERROR(pci->GetLocation(pci, &segment, &bus, &number, &part)))
        return;
    pcie_read_by(&access, &device);
    *function = (struct function){
        .handle = handle,
        .segment = (uint16_t)segment,
        .bus = (uint8_t)bus,
        .device = (uint8_t)number,
        .function = (uint8_t)part,
        .class_code = device.class_code,
        .is_port = device.pcie.port == PCIE_ROOT_PORT || device.pcie.port == PCIE_DOWNSTREAM ||
                   !device.pcie.has_link,
    };
    read_buses(pci, function);
    function->is_watched = errors && aer_watch_begin(&access, &device, &function->watched) == OK;
    functions.count++;
}

static void add_functions(bool errors)
{
    EFI_HANDLE handles[FUNCTIONS_MAX];
    size_t count = handles_with(&pci_io_guid, handles, FUNCTIONS_MAX);

    for (size_t i = 0; i < count; i++) {
        EFI_PCI_IO *pci = protocol_on(handles[i], &pci_io_guid);

        if (pci)
            add_function(handles[i], pci, errors);
    }
}

static bool is_firmwares(void)
{
    size_t size = 0;
    const void *table = acpi_table("HEST", &size);
    struct hest_view view;

    return table && hest_view(table, size, &view) == OK && view.aer_first;
}

static void name_place(const struct function *function, char *place)
{
    format_text(place, NAME_SIZE, "%04x:%02x:%02x.%x", function->segment, function->bus,
                function->device, function->function);
}

/* Where the link of a function begins; the function itself where no bridge leads to it. */
static const struct function *port_of(const struct function *function)
{
    for (size_t i = 0; !function->is_port && i < functions.count; i++) {
        const struct function *port = &functions.list[i];

        if (port->behind && port->behind == function->bus && port->segment == function->segment)
            return port;
    }
    return function;
}

/* Whether the speed and the width of its link change by design: those of graphics do to save power,
 * and links that are tunnelled through USB4 are none of their own. */
static bool link_varies(const struct function *function, const struct function *port)
{
    for (size_t i = 0; i < functions.count; i++) {
        const struct function *other = &functions.list[i];
        bool behind = port != function && other->segment == port->segment &&
                      other->bus >= port->behind && other->bus <= port->behind_last;

        if ((behind || other == function) &&
            (other->class_code >> 16 == CLASS_DISPLAY || other->class_code == CLASS_USB4))
            return true;
    }
    return false;
}

/* Both ends of a function's link; `above` is NULL where the port can not be read. */
struct link_ends {
    const struct function *port;
    EFI_PCI_IO *pci, *above;
    struct pcie_access access, port_access;
};

static struct link_ends ends_of(const struct function *function)
{
    struct link_ends ends = {.port = port_of(function),
                             .pci = protocol_on(function->handle, &pci_io_guid)};

    if (ends.port != function)
        ends.above = protocol_on(ends.port->handle, &pci_io_guid);
    ends.access = access_to(ends.pci);
    ends.port_access = access_to(ends.above);
    return ends;
}

/* All functions of a device share its link. */
static void begin_link(struct function *function)
{
    struct link_ends ends = ends_of(function);

    if (!ends.pci || function->is_port || function->function)
        return;
    function->has_link = link_watch_begin(&ends.access, ends.above ? &ends.port_access : NULL,
                                          &function->link) == OK;
    function->link.varies = function->has_link && link_varies(function, ends.port);
}

void pcie_watch_begin(const char *skip, const struct sink *sink)
{
    static const char step[] = "watch PCI Express errors";

    functions.count = functions.next = functions.next_link = 0;
    if (text_equal(step, skip)) {
        emit_not_tested(sink, "pcie-errors", 0, false, "%s: the last boot hung there", step);
        return;
    }
    if (!functions.list)
        functions.list = pages_for(FUNCTIONS_MAX * sizeof(functions.list[0]));
    emit_step(sink, step, false);
    if (functions.list)
        add_functions(!is_firmwares());
    for (size_t i = 0; i < functions.count; i++)
        begin_link(&functions.list[i]);
    emit_step(sink, step, true);
}

static bool look_at(struct function *function, struct event_pcie_error *ret_error)
{
    EFI_PCI_IO *pci = function->is_watched ? protocol_on(function->handle, &pci_io_guid) : NULL;
    struct pcie_access access = access_to(pci);

    if (!pci || !aer_watch_look(&access, &function->watched, ret_error))
        return false;
    name_place(function, ret_error->place);
    name_place(port_of(function), ret_error->port);
    return true;
}

unsigned pcie_watch_take(struct event_pcie_error *ret, unsigned limit)
{
    unsigned count = 0;

    for (size_t i = 0; i < functions.count && count < limit; i++) {
        struct function *function = &functions.list[functions.next];

        functions.next = (functions.next + 1) % functions.count;
        count += look_at(function, &ret[count]);
    }
    return count;
}

static bool look_at_link(struct function *function, bool loaded, struct event_pcie_link *ret_link)
{
    struct link_ends ends = ends_of(function);

    if (!ends.pci || (!ends.above && function->link.port.at) ||
        !link_watch_look(&ends.access, ends.above ? &ends.port_access : NULL, &function->link,
                         loaded, ret_link))
        return false;
    name_place(function, ret_link->device);
    if (ends.port != function)
        name_place(ends.port, ret_link->port);
    return true;
}

unsigned pcie_watch_links(bool loaded, struct event_pcie_link *ret, unsigned limit)
{
    unsigned count = 0;

    for (size_t i = 0; i < functions.count && i < LINK_LOOKS && count < limit; i++) {
        struct function *function = &functions.list[functions.next_link];

        functions.next_link = (functions.next_link + 1) % functions.count;
        if (function->has_link)
            count += look_at_link(function, loaded, &ret[count]);
    }
    return count;
}
