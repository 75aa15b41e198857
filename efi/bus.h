/*
 * A PCI function behind the bus seam (base/bus.h), by the firmware's PCI I/O protocol (UEFI 2.10,
 * section 14.4): registers, configuration space, and memory for DMA only as that protocol maps it,
 * which is what an IOMMU wants.
 */
#ifndef ASSAY_EFI_BUS_H
#define ASSAY_EFI_BUS_H

#include "base/bus.h"
#include "efi/firmware.h"

/* Class code and address, "00:1f.2", of a PCI function; false when it is gone or does not answer.
 */
bool pci_identity(EFI_HANDLE handle, uint32_t *ret_class, char *name, size_t size);

struct pci_function {
    struct bus seam;
    EFI_HANDLE handle;
    /* private to bus.c */
    EFI_PCI_IO *pci, *port;
    UINT64 attributes; /* as the firmware had left them */
    UINT8 bar;
};

/*
 * Takes a function from the firmware: its drivers are disconnected, it is opened as a driver opens
 * it, and memory decoding is switched on. ERR_REFUSED when a driver does not let go of it, ERR_GONE
 * when it does not answer. `bar` is the number of the register BAR. `port` is the bridge above, or
 * NULL. The seam points into `function`, which must stay where it is.
 */
int bus_take(struct pci_function *function, EFI_HANDLE handle, EFI_HANDLE port, unsigned bar);

/* The function can address all memory: buffers above 4 GiB need no copy. */
void bus_allow_high_memory(struct pci_function *function);

/* Puts the attributes back as they were, and lets go. */
void bus_give_back(struct pci_function *function);

#endif
