/* The PCIe link from configuration space: PCI Express Base 5.0, 7.5.3 PCI Express capability. */
#include "disk/nvme/nvme_parts.h"

enum {
    CONFIG_STATUS = 0x04, /* in bits 31:16 */
    STATUS_CAPABILITIES = 1 << 20,
    CONFIG_POINTER = 0x34,
    CAPABILITY_FIRST = 0x40, /* before it is the header */
    CAPABILITIES_MAX = 48,   /* of 4 bytes that there is room for */
    CAPABILITY_PCIE = 0x10,
    PCIE_LINK_CAPABILITIES = 0x0C,
    PCIE_LINK_STATUS = 0x10, /* in bits 31:16 */
    TYPE_ROOT_PORT = 4,
    TYPE_DOWNSTREAM_PORT = 6,
    GENERATION_MAX = 6,
};

static uint32_t config(const struct bus *bus, enum bus_end end, uint32_t offset)
{
    return bus->config32(bus->context, end, offset);
}

/* The offset of the PCI Express capability, 0 when there is none. */
static uint32_t find_capability(const struct bus *bus, enum bus_end end)
{
    uint32_t at = config(bus, end, CONFIG_POINTER) & 0xFC;
    uint32_t status = config(bus, end, CONFIG_STATUS);

    if (config(bus, end, 0) == UINT32_MAX || !(status & STATUS_CAPABILITIES))
        return 0;
    for (unsigned i = 0; i < CAPABILITIES_MAX && at >= CAPABILITY_FIRST; i++) {
        uint32_t header = config(bus, end, at);

        if ((header & 0xFF) == CAPABILITY_PCIE)
            return at;
        at = header >> 8 & 0xFC;
    }
    return 0;
}

/* Both registers have the speed in bits 3:0 and the width in bits 9:4. */
static uint8_t speed(uint32_t value)
{
    return (value & 0xF) <= GENERATION_MAX ? value & 0xF : 0;
}

static uint8_t width(uint32_t value)
{
    return (uint8_t)(value >> 4 & 0x3F);
}

static bool is_port(uint32_t header)
{
    uint32_t type = header >> 20 & 0xF;

    return type == TYPE_ROOT_PORT || type == TYPE_DOWNSTREAM_PORT;
}

void nvme_read_link(const struct bus *bus, struct drive_link *link)
{
    uint32_t at = find_capability(bus, BUS_FUNCTION);
    uint32_t port = find_capability(bus, BUS_PORT);

    if (at != 0) {
        uint32_t can = config(bus, BUS_FUNCTION, at + PCIE_LINK_CAPABILITIES);
        uint32_t now = config(bus, BUS_FUNCTION, at + PCIE_LINK_STATUS) >> 16;

        link->generation_drive = speed(can);
        link->width_drive = width(can);
        link->generation = speed(now);
        link->width = width(now);
    }
    if (port != 0 && is_port(config(bus, BUS_PORT, port))) {
        uint32_t can = config(bus, BUS_PORT, port + PCIE_LINK_CAPABILITIES);

        link->generation_port = speed(can);
        link->width_port = width(can);
    }
}
