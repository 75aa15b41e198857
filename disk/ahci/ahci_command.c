/*
 * Commands as the controller fetches them: the command list, command tables with their FIS, and
 * the table of memory regions behind it (AHCI 1.3.1, 4.2.2 and 4.2.3; SATA 3.x, 10.5.5).
 */
#include "disk/ahci/ahci_parts.h"

#include <string.h>

#include "base/error.h"
#include "disk/canary.h"

enum {
    READ_DMA = 0xC8,
    READ_DMA_EXT = 0x25,
    READ_FPDMA_QUEUED = 0x60,
    WRITE_DMA = 0xCA,
    WRITE_DMA_EXT = 0x35,
    WRITE_FPDMA_QUEUED = 0x61,
    FLUSH_CACHE = 0xE7,
    FLUSH_CACHE_EXT = 0xEA,
    DEVICE_LBA = 0x40,
    BLOCKS_28 = 256,
    BLOCKS_48 = 65536,
    FIS_TYPE_H2D = 0x27,
    FIS_IS_COMMAND = 0x80,
    FIS_DWORDS = 5,
    HEADER_SIZE = 32,
    HEADER_WRITE = 1 << 6,
};

static void put_le32(uint8_t *at, uint32_t value)
{
    memcpy(at, &value, sizeof(value)); /* the image runs on little-endian machines only */
}

static void put_fis(uint8_t *fis, const struct ata_command *ata)
{
    memset(fis, 0, FIS_DWORDS * 4);
    fis[0] = FIS_TYPE_H2D;
    fis[1] = FIS_IS_COMMAND;
    fis[2] = ata->command;
    fis[3] = (uint8_t)ata->features;
    fis[11] = (uint8_t)(ata->features >> 8);
    for (unsigned i = 0; i < 3; i++) {
        fis[4 + i] = (uint8_t)(ata->lba >> 8 * i);
        fis[8 + i] = (uint8_t)(ata->lba >> (24 + 8 * i));
    }
    fis[7] = ata->device;
    fis[12] = (uint8_t)ata->count;
    fis[13] = (uint8_t)(ata->count >> 8);
}

/* One region is enough: it may be 4 MiB, and a mapping is in one piece. Each field is stored once,
 * whole, for the controller may prefetch. */
static void put_table(struct ahci_port *port, unsigned header, unsigned table,
                      const struct ata_command *ata, uint64_t address, uint32_t size)
{
    size_t table_offset = MEMORY_TABLES + table * TABLE_SIZE;
    uint64_t table_address = port->memory.address + table_offset;
    uint8_t *at = port_memory(port, header * HEADER_SIZE);
    uint8_t *region = port_memory(port, table_offset + TABLE_PRDT);
    uint32_t flags = FIS_DWORDS | (size != 0 ? 1u << 16 : 0);

    put_fis(port_memory(port, table_offset), ata);
    if (size != 0) {
        put_le32(region, (uint32_t)address);
        put_le32(region + 4, (uint32_t)(address >> 32));
        put_le32(region + 8, 0);
        put_le32(region + 12, size - 1);
    }
    put_le32(at, flags | (ata->protocol == ATA_DMA_OUT ? HEADER_WRITE : 0));
    put_le32(at + 4, 0);
    put_le32(at + 8, (uint32_t)table_address);
    put_le32(at + 12, (uint32_t)(table_address >> 32));
}

/* Slot 0 exists on every controller, and nothing else is at the drive. */
void ahci_command_issue_own(struct ahci_port *port, struct ahci_command *command)
{
    bool has_data = command->ata.protocol == ATA_PIO_IN;

    command->state = AHCI_COMMAND_ISSUED;
    command->has_status = false;
    command->error = ERR_IO;
    command->issued_us = port_now_us(port);
    port->issued_us = command->issued_us;
    canary_stamp(port_memory(port, MEMORY_PAGE), PAGE_BYTES, command->issued_us);
    *port_memory(port, FIS_D2H) = 0;
    put_table(port, 0, TABLE_OWN, &command->ata, port->memory.address + MEMORY_PAGE,
              has_data ? PAGE_BYTES : 0);
    port_write(port, PORT_CI, 1);
}

static uint32_t blocks_at_once(const struct ahci_port *port, const struct ahci_slot *slot)
{
    uint32_t left = slot->request->blocks - slot->moved;
    uint32_t most = port->large_lba ? BLOCKS_48 : BLOCKS_28;

    return left < most ? left : most;
}

static struct ata_command flush_command(const struct ahci_port *port)
{
    return (struct ata_command){
        .command = port->large_lba ? FLUSH_CACHE_EXT : FLUSH_CACHE,
        .protocol = ATA_NON_DATA,
        .device = DEVICE_LBA,
    };
}

/* A count of 0 stands for 65536, or 256. */
static struct ata_command transfer_command(const struct ahci_port *port, unsigned number,
                                           bool queued)
{
    const struct ahci_slot *slot = &port->slots[number];
    bool write = slot->request->operation == REQUEST_WRITE;
    struct ata_command ata = {
        .protocol = write ? ATA_DMA_OUT : ATA_DMA_IN,
        .device = DEVICE_LBA,
        .lba = slot->request->lba + slot->moved,
        .count = (uint16_t)slot->blocks,
    };

    if (queued) {
        ata.command = write ? WRITE_FPDMA_QUEUED : READ_FPDMA_QUEUED;
        ata.features = ata.count;
        ata.count = (uint16_t)(number << 3);
    } else if (port->large_lba) {
        ata.command = write ? WRITE_DMA_EXT : READ_DMA_EXT;
    } else {
        ata.command = write ? WRITE_DMA : READ_DMA;
        ata.device |= ata.lba >> 24 & 0xF;
        ata.lba &= 0xFFFFFF;
        ata.count &= 0xFF;
    }
    return ata;
}

static void put_slot(struct ahci_port *port, unsigned number, bool queued)
{
    struct ahci_slot *slot = &port->slots[number];
    uint32_t block_size = port->device.block_size;
    struct ata_command ata;

    slot->blocks = blocks_at_once(port, slot);
    if (slot->request->operation == REQUEST_FLUSH) {
        slot->blocks = 0;
        ata = flush_command(port);
    } else {
        ata = transfer_command(port, number, queued);
    }
    put_table(port, number, number, &ata,
              slot->mapping.address + (uint64_t)slot->moved * block_size,
              slot->blocks * block_size);
}

void ahci_command_issue_slots(struct ahci_port *port, uint32_t slots, bool queued)
{
    uint64_t now_us = port_now_us(port);
    uint64_t deadline_us = now_us + port->controller->config.timeout_us;

    for (uint32_t left = slots; left != 0; left &= left - 1) {
        unsigned number = (unsigned)__builtin_ctz(left);

        put_slot(port, number, queued);
        port->slots[number].issued_us = now_us;
    }
    if (port->issued == 0 || deadline_us < port->deadline_us)
        port->deadline_us = deadline_us;
    port->issued_us = now_us;
    port->queuing = queued;
    port->issued |= slots;
    port->ever |= slots;
    if (queued)
        port_write(port, PORT_SACT, slots);
    port_write(port, PORT_CI, slots);
}
