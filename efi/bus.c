#include "efi/bus.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

static const uint32_t all_ones = 0xFFFFFFFF;

static uint32_t read32(void *context, uint32_t offset)
{
    struct pci_function *function = context;
    UINT32 value = all_ones;

    if (EFI_ERROR(function->pci->Mem.Read(function->pci, EfiPciIoWidthUint32, function->bar, offset,
                                          1, &value)))
        return all_ones;
    return value;
}

static void write32(void *context, uint32_t offset, uint32_t value)
{
    struct pci_function *function = context;

    function->pci->Mem.Write(function->pci, EfiPciIoWidthUint32, function->bar, offset, 1, &value);
}

static uint32_t config32(void *context, enum bus_end end, uint32_t offset)
{
    struct pci_function *function = context;
    EFI_PCI_IO *pci = end == BUS_FUNCTION ? function->pci : function->port;
    UINT32 value = all_ones;

    if (!pci || EFI_ERROR(pci->Pci.Read(pci, EfiPciIoWidthUint32, offset, 1, &value)))
        return all_ones;
    return value;
}

static int set_attributes(struct pci_function *function,
                          EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION operation, UINT64 attributes)
{
    return firmware_error(function->pci->Attributes(function->pci, operation, attributes, NULL));
}

static int master(void *context, bool on)
{
    return set_attributes(context,
                          on ? EfiPciIoAttributeOperationEnable : EfiPciIoAttributeOperationDisable,
                          EFI_PCI_IO_ATTRIBUTE_BUS_MASTER);
}

static void free_pages(struct pci_function *function, void *data, size_t size)
{
    function->pci->FreeBuffer(function->pci, (size + 4095) / 4096, data);
}

static int allocate(void *context, size_t size, struct dma_memory *ret_memory)
{
    struct pci_function *function = context;
    struct dma_memory memory = {.size = size};
    EFI_PHYSICAL_ADDRESS address = 0;
    UINTN mapped = size;

    if (EFI_ERROR(function->pci->AllocateBuffer(function->pci, AllocateAnyPages,
                                                EfiBootServicesData, (size + 4095) / 4096,
                                                &memory.data, 0)))
        return ERR_FULL;
    memset(memory.data, 0, size);
    if (EFI_ERROR(function->pci->Map(function->pci, EfiPciIoOperationBusMasterCommonBuffer,
                                     memory.data, &mapped, &address, &memory.handle))) {
        free_pages(function, memory.data, size);
        return ERR_FULL;
    }
    memory.address = address;
    *ret_memory = memory;
    if (mapped == size)
        return OK;
    function->seam.release(context, &memory);
    return ERR_FULL;
}

static void release(void *context, struct dma_memory *memory)
{
    struct pci_function *function = context;

    if (!memory->data)
        return;
    function->pci->Unmap(function->pci, memory->handle);
    free_pages(function, memory->data, memory->size);
    memset(memory, 0, sizeof(*memory));
}

static int map(void *context, enum dma_direction direction, void *buffer, size_t size,
               struct dma_mapping *ret_mapping)
{
    struct pci_function *function = context;
    EFI_PCI_IO_PROTOCOL_OPERATION operation = direction == DMA_FROM_DEVICE
                                                  ? EfiPciIoOperationBusMasterWrite
                                                  : EfiPciIoOperationBusMasterRead;
    EFI_PHYSICAL_ADDRESS address = 0;
    UINTN mapped = size;
    VOID *handle = NULL;

    if (EFI_ERROR(function->pci->Map(function->pci, operation, buffer, &mapped, &address, &handle)))
        return ERR_FULL;
    if (mapped != size) {
        function->pci->Unmap(function->pci, handle);
        return ERR_FULL;
    }
    *ret_mapping = (struct dma_mapping){
        .address = address, .bounced = address != (uintptr_t)buffer, .handle = handle};
    return OK;
}

static void unmap(void *context, struct dma_mapping *mapping)
{
    struct pci_function *function = context;

    function->pci->Unmap(function->pci, mapping->handle);
}

static int open(struct pci_function *function)
{
    VOID *interface = NULL;

    firmware.boot->DisconnectController(function->handle, NULL, NULL);
    if (EFI_ERROR(firmware.boot->OpenProtocol(function->handle, &pci_io_guid, &interface,
                                              firmware.image, function->handle,
                                              EFI_OPEN_PROTOCOL_BY_DRIVER)))
        return ERR_REFUSED;
    function->pci = interface;
    return OK;
}

static void close(struct pci_function *function)
{
    firmware.boot->CloseProtocol(function->handle, &pci_io_guid, firmware.image, function->handle);
}

int bus_take(struct pci_function *function, EFI_HANDLE handle, EFI_HANDLE port, unsigned bar)
{
    int error;

    memset(function, 0, sizeof(*function));
    function->handle = handle;
    function->port = protocol_on(port, &pci_io_guid);
    function->bar = (UINT8)bar;
    function->seam = (struct bus){
        .context = function,
        .read32 = read32,
        .write32 = write32,
        .config32 = config32,
        .master = master,
        .allocate = allocate,
        .release = release,
        .map = map,
        .unmap = unmap,
    };
    error = open(function);
    if (error)
        return error;
    error = firmware_error(function->pci->Attributes(function->pci, EfiPciIoAttributeOperationGet,
                                                     0, &function->attributes));
    if (!error)
        error =
            set_attributes(function, EfiPciIoAttributeOperationEnable, EFI_PCI_IO_ATTRIBUTE_MEMORY);
    if (!error && config32(function, BUS_FUNCTION, 0) == all_ones)
        error = ERR_GONE;
    if (error)
        close(function);
    return error;
}

void bus_allow_high_memory(struct pci_function *function)
{
    set_attributes(function, EfiPciIoAttributeOperationEnable,
                   EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
}

void bus_give_back(struct pci_function *function)
{
    set_attributes(function, EfiPciIoAttributeOperationSet, function->attributes);
    close(function);
}

bool pci_identity(EFI_HANDLE handle, uint32_t *ret_class, char *name, size_t size)
{
    EFI_PCI_IO *pci = protocol_on(handle, &pci_io_guid);
    UINT32 revision_class = 0;
    UINTN segment = 0, bus = 0, device = 0, function = 0;

    if (!pci || EFI_ERROR(pci->Pci.Read(pci, EfiPciIoWidthUint32, 8, 1, &revision_class)) ||
        EFI_ERROR(pci->GetLocation(pci, &segment, &bus, &device, &function)))
        return false;
    *ret_class = revision_class >> 8;
    format_text(name, size, "%02x:%02x.%x", (unsigned)bus, (unsigned)device, (unsigned)function);
    return true;
}
