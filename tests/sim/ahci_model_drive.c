/*
 * The drives of the model: commands, data, completions, and the faults of all of them.
 */
#include <string.h>

#include "base/error.h"
#include "base/prng.h"
#include "tests/sim/ahci_model.h"

enum {
    READ_DMA = 0xC8,
    READ_DMA_EXT = 0x25,
    READ_QUEUED = 0x60,
    WRITE_DMA = 0xCA,
    WRITE_DMA_EXT = 0x35,
    WRITE_QUEUED = 0x61,
    READ_LOG = 0x2F,
    SMART = 0xB0,
    FLUSH = 0xE7,
    FLUSH_EXT = 0xEA,

    GOOD = 0x50,
    ST = 1,
    CR = 1 << 15,
    FRE = 1 << 4,
    PAGE_SIZE = MODEL_PAGE,
    HALF = 2,
    CI_LATE_US = 40,
};

#define IS_D2H (1u << 0)
#define IS_PIO (1u << 1)
#define IS_SDB (1u << 3)
#define IS_INFS (1u << 26)
#define IS_IFS (1u << 27)
#define IS_TFES (1u << 30)
#define IS_LINK (1u << 22)
#define SERR_N (1u << 16)
#define SERR_CRC (1u << 21)

static uint64_t port_fb(const struct model_port *port)
{
    return port->fb[0] | (uint64_t)port->fb[1] << 32;
}

static void put_fis(struct ahci_model *model, struct model_port *port, uint64_t offset,
                    const uint8_t *fis, size_t size)
{
    uint8_t *at;

    if (!(port->cmd & FRE) || !model->master)
        return;
    at = ahci_model_memory(model, port_fb(port) + offset, size, true);
    if (at != NULL)
        memcpy(at, fis, size);
}

static void put_d2h(struct ahci_model *model, struct model_port *port, uint16_t registers)
{
    uint8_t fis[20] = {0x34, 0x40, (uint8_t)port->tfd, (uint8_t)(port->tfd >> 8)};

    fis[5] = (uint8_t)registers;
    fis[6] = (uint8_t)(registers >> 8);
    put_fis(model, port, 0x40, fis, sizeof(fis));
}

static void put_sdb(struct ahci_model *model, struct model_port *port, uint32_t tags)
{
    uint8_t fis[8] = {0xA1, 0x40, (uint8_t)port->tfd, (uint8_t)(port->tfd >> 8)};

    memcpy(fis + 4, &tags, sizeof(tags));
    put_fis(model, port, 0x58, fis, sizeof(fis));
}

void ahci_model_first_fis(struct ahci_model *model, struct model_port *port)
{
    if (port->det != 3 || port->ready_us != 0)
        return;
    if (port->dead) {
        port->tfd = 0x80;
        return;
    }
    if (!(port->cmd & FRE))
        return;
    port->tfd = GOOD;
    port->sig = port->signature;
    put_d2h(model, port, 0);
}

static bool is_queued(uint8_t code)
{
    return code == READ_QUEUED || code == WRITE_QUEUED;
}

static bool is_read(uint8_t code)
{
    return code == READ_DMA || code == READ_DMA_EXT || code == READ_QUEUED;
}

static bool is_write(uint8_t code)
{
    return code == WRITE_DMA || code == WRITE_DMA_EXT || code == WRITE_QUEUED;
}

/* Address and length of a transfer as the registers of the command have them. */
static void parse_transfer(struct model_command *command)
{
    const uint8_t *fis = command->fis;
    uint32_t low = fis[4] | (uint32_t)fis[5] << 8 | (uint32_t)fis[6] << 16;
    uint32_t high = fis[8] | (uint32_t)fis[9] << 8 | (uint32_t)fis[10] << 16;
    bool queued = is_queued(fis[2]);

    command->lba = low | (uint64_t)high << 24;
    command->blocks = queued ? fis[3] | (uint32_t)fis[11] << 8 : fis[12] | (uint32_t)fis[13] << 8;
    if (command->blocks == 0)
        command->blocks = 65536;
    if (fis[2] == READ_DMA || fis[2] == WRITE_DMA) {
        command->lba = low | (uint32_t)(fis[7] & 0xF) << 24;
        command->blocks = fis[12] == 0 ? 256 : fis[12];
    }
}

static const char *check_command(const struct model_port *port, const struct model_command *command,
                                 unsigned slot)
{
    const uint8_t *fis = command->fis;
    bool moves = is_read(fis[2]) || is_write(fis[2]);
    bool large = is_queued(fis[2]) || fis[2] == READ_DMA_EXT || fis[2] == WRITE_DMA_EXT;

    if (port->signature != 0x00000101)
        return "a command to what is no drive";
    if (fis[0] != 0x27 || fis[1] != 0x80)
        return "a FIS that is no command";
    if (command->queued && (fis[12] >> 3 != slot || !(port->sact >> slot & 1)))
        return "a queued command whose tag is not its slot's";
    if (command->queued && !port->queued)
        return "a queued command to a drive that cannot queue";
    if (large && !port->large_lba)
        return "a 48-bit command to a drive of 28 bits";
    if (moves && !(fis[7] & 0x40))
        return "an address that is not an LBA";
    if (moves && command->size != command->blocks * port->block_size)
        return "memory of another size than the command's";
    if (command->size & 1 || command->address & 1)
        return "memory at an odd address, or of odd size";
    if (command->write != is_write(fis[2]))
        return "a direction that is not the command's";
    return NULL;
}

/* Fetches header, FIS and regions, of which there may be one. */
static bool fetch(struct ahci_model *model, struct model_port *port, unsigned slot,
                  struct model_command *command)
{
    uint64_t list = port->clb[0] | (uint64_t)port->clb[1] << 32;
    const uint8_t *header = ahci_model_memory(model, list + slot * 32, 32, false);
    const uint8_t *table;
    uint64_t at;
    uint32_t flags, size;

    if (header == NULL)
        return false;
    memcpy(&flags, header, 4);
    memcpy(&at, header + 8, 8);
    table = ahci_model_memory(model, at, 144, false);
    if (table == NULL || at & 0x7F || (flags & 0x1F) != 5 || flags >> 16 > 1) {
        ahci_model_violation(model, "a command header that is not valid");
        return false;
    }
    *command = (struct model_command){.active = true, .write = flags >> 6 & 1};
    memcpy(command->fis, table, sizeof(command->fis));
    command->queued = is_queued(command->fis[2]);
    if (flags >> 16 == 1) {
        memcpy(&command->address, table + 128, 8);
        memcpy(&size, table + 140, 4);
        command->size = (size & 0x3FFFFF) + 1;
        (void)ahci_model_memory(model, command->address, command->size, !command->write);
    }
    parse_transfer(command);
    return true;
}

static uint32_t count_active(const struct model_port *port, bool queued)
{
    uint32_t count = 0;

    for (unsigned i = 0; i < MODEL_SLOTS; i++)
        count += port->commands[i].active && port->commands[i].queued == queued;
    return count;
}

static void issue_slot(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    struct model_command command = {0};
    const char *violation;

    if (port->commands[slot].active)
        ahci_model_violation(model, "a slot used again before its command ended");
    if (slot >= model->slots)
        ahci_model_violation(model, "a slot that the controller does not have");
    if (!fetch(model, port, slot, &command))
        return;
    violation = check_command(port, &command, slot);
    if (violation != NULL)
        ahci_model_violation(model, violation);
    if (count_active(port, !command.queued) != 0 ||
        (!command.queued && count_active(port, false) != 0))
        ahci_model_violation(model, "queued and other commands mixed");
    command.due_us = model->clock->now_us + port->service_us;
    if (command.queued)
        command.due_us += prng_below(&model->random, port->service_us + 1);
    else
        port->tfd = 0xD0;
    if (command.queued && port->fault != AHCI_CI_LATE)
        port->ci &= ~(1u << slot);
    port->commands[slot] = command;
    port->count[command.fis[2]]++;
    if (count_active(port, command.queued) > port->deepest)
        port->deepest = count_active(port, command.queued);
}

void ahci_model_issue(struct ahci_model *model, struct model_port *port, uint32_t slots)
{
    if (!(port->cmd & ST)) {
        ahci_model_violation(model, "a command to a port that does not run");
        return;
    }
    if (!model->master)
        ahci_model_violation(model, "a command without bus mastering");
    if (port->ci & slots)
        ahci_model_violation(model, "a command issued twice");
    port->ci |= slots;
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        if (slots >> slot & 1 && !port->halted && port->det == 3 && !port->dead && !port->stuck)
            issue_slot(model, port, slot);
    }
}

static void complete(struct ahci_model *model, struct model_port *port, unsigned slot,
                     uint16_t registers)
{
    uint32_t bit = 1u << slot;
    bool queued = port->commands[slot].queued;

    port->commands[slot].active = false;
    port->tfd = GOOD;
    if (queued) {
        port->sact &= ~bit;
        port->is |= IS_SDB;
        put_sdb(model, port, bit);
        port->ci_until_us[slot] = port->ci & bit ? model->clock->now_us + CI_LATE_US : 0;
    } else {
        port->ci &= ~bit;
        port->is |= IS_D2H;
        put_d2h(model, port, registers);
    }
}

/* A command fails. A queued one stops the drive's queue, and the others are aborted. */
static void fail(struct ahci_model *model, struct model_port *port, unsigned slot, uint8_t status,
                 uint8_t error)
{
    bool queued = port->commands[slot].queued;
    bool goes_on = queued && port->fault == AHCI_GOES_ON;

    port->commands[slot].active = false;
    port->tfd = status | (uint32_t)error << 8;
    if (port->fault != AHCI_QUIET_ERROR)
        port->is |= IS_TFES;
    if (!queued) {
        put_d2h(model, port, 0);
        port->halted = true;
        return;
    }
    put_sdb(model, port, 0);
    port->log_tag = (uint8_t)slot;
    if (port->fault == AHCI_LOG_WRONG_TAG)
        port->log_tag = (uint8_t)(31 - __builtin_clz(~port->sact | 1u));
    port->log_status = status;
    port->log_error = error;
    port->queue_error = !goes_on;
    port->halted = !goes_on;
    for (unsigned i = 0; i < MODEL_SLOTS && !goes_on; i++)
        port->commands[i].active = false;
}

/* Moves a read's data, as far as the fault lets it. */
static void deliver(struct ahci_model *model, struct model_port *port,
                    const struct model_command *command, enum ahci_fault fault)
{
    uint32_t blocks = fault == AHCI_HALF_DMA ? (command->blocks + 1) / HALF : command->blocks;
    uint64_t lba = fault == AHCI_STALE_DATA ? port->last_lba : command->lba;
    uint8_t *memory = ahci_model_memory(model, command->address, command->size, true);
    uint32_t most = command->size;

    if (memory == NULL || !model->master)
        return;
    if (fault == AHCI_HALF_DMA && command->blocks == 1)
        most = command->size / HALF;
    for (uint32_t i = 0; i < blocks; i++) {
        uint8_t block[MODEL_BLOCK_MAX];
        uint32_t at = i * port->block_size;

        ahci_model_content(port, lba + i, block);
        memcpy(memory + at, block, port->block_size < most - at ? port->block_size : most - at);
    }
    if (fault == AHCI_DATA_CHANGES)
        memory[(command->size / HALF) | 5] ^= 0x10;
    port->last_lba = command->lba;
}

static void take(struct ahci_model *model, struct model_port *port,
                 const struct model_command *command)
{
    const uint8_t *memory = ahci_model_memory(model, command->address, command->size, false);

    for (uint32_t i = 0; memory != NULL && i < command->blocks; i++)
        ahci_model_write(model, port, command->lba + i, memory + (size_t)i * port->block_size);
}

static void lose_link(struct ahci_model *model, struct model_port *port, bool returns)
{
    for (unsigned i = 0; i < MODEL_SLOTS; i++)
        port->commands[i].active = false;
    port->det = 0;
    port->ready_us = 0;
    port->serr |= SERR_N;
    port->is |= IS_LINK;
    port->back_us = returns ? model->clock->now_us + port->away_us : UINT64_MAX;
}

static void complete_other(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    port->commands[slot].active = false;
    for (unsigned i = 0; i < MODEL_SLOTS; i++) {
        if (port->commands[i].active && port->fault == AHCI_WRONG_TAG) {
            complete(model, port, i, 0);
            return;
        }
    }
    port->is |= IS_SDB;
    put_sdb(model, port, 1u << 31);
}

/* Status and error register of the faults that the drive tells of; 0 for the others. */
static uint16_t fault_status(enum ahci_fault fault)
{
    switch (fault) {
    case AHCI_UNC:
    case AHCI_LOG_UNREADABLE:
    case AHCI_LOG_CORRUPT:
    case AHCI_LOG_WRONG_TAG:
    case AHCI_GOES_ON:
    case AHCI_QUIET_ERROR:
        return 0x4041;
    case AHCI_IDNF:
        return 0x1041;
    case AHCI_ABRT:
        return 0x0441;
    case AHCI_ICRC:
        return 0x8441;
    case AHCI_DF:
        return 0x0461;
    default:
        return 0;
    }
}

/* The faults after which the command does not end by itself. True when it was one. */
static bool hang(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    port->commands[slot].active = port->fault == AHCI_STOP_STUCK;
    port->commands[slot].due_us = UINT64_MAX;
    switch (port->fault) {
    case AHCI_COMPLETION_LOST:
        deliver(model, port, &port->commands[slot], AHCI_HEALTHY);
        break;
    case AHCI_WRONG_TAG:
    case AHCI_UNUSED_TAG:
        deliver(model, port, &port->commands[slot], AHCI_HEALTHY);
        complete_other(model, port, slot);
        break;
    case AHCI_BUSY_STUCK:
        port->stuck = true;
        port->tfd = 0x80;
        break;
    case AHCI_INTERFACE:
        port->serr |= SERR_CRC;
        port->is |= IS_IFS;
        port->halted = true;
        break;
    case AHCI_EXCHANGED:
        port->serial = "M-9999";
        lose_link(model, port, true);
        break;
    case AHCI_LINK_DROPS:
    case AHCI_LINK_LOST:
        lose_link(model, port, port->fault == AHCI_LINK_DROPS);
        break;
    case AHCI_DRIVE_DEAD:
        port->dead = true;
        break;
    case AHCI_HBA_VANISHES:
        model->vanished = true;
        break;
    case AHCI_STOP_STUCK:
        port->stop_stuck = true;
        break;
    default:
        return false;
    }
    return true;
}

static bool meets_fault(struct model_port *port, const struct model_command *command)
{
    if (port->fault == AHCI_HEALTHY || !is_read(command->fis[2]) ||
        port->fault_lba < command->lba || port->fault_lba >= command->lba + command->blocks)
        return false;
    if (port->fault_times != 0 && port->met >= port->fault_times)
        return false;
    port->met++;
    return true;
}

static void end_transfer(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    struct model_command *command = &port->commands[slot];
    bool met = meets_fault(port, command);
    uint16_t status = met ? fault_status(port->fault) : 0;

    if (command->lba >= port->block_count || command->blocks > port->block_count - command->lba)
        status = 0x1041;
    if (status != 0) {
        fail(model, port, slot, (uint8_t)status, (uint8_t)(status >> 8));
        return;
    }
    if (met && hang(model, port, slot))
        return;
    if (is_write(command->fis[2]))
        take(model, port, command);
    else
        deliver(model, port, command, met ? port->fault : AHCI_HEALTHY);
    complete(model, port, slot, 0);
}

static void end_page(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    struct model_command *command = &port->commands[slot];
    uint8_t page[PAGE_SIZE];
    uint8_t *memory = NULL;
    bool given = ahci_model_page(port, command, page);

    if (given && command->size == PAGE_SIZE)
        memory = ahci_model_memory(model, command->address, PAGE_SIZE, true);
    if (memory == NULL) {
        fail(model, port, slot, 0x41, 0x04);
        return;
    }
    if (command->fis[2] == READ_LOG && command->fis[4] == 0x10)
        port->queue_error = false;
    memcpy(memory, page, PAGE_SIZE);
    port->is |= IS_PIO;
    complete(model, port, slot, 0);
}

static void end_command(struct ahci_model *model, struct model_port *port, unsigned slot)
{
    const uint8_t *fis = port->commands[slot].fis;
    bool log = fis[2] == READ_LOG && fis[4] == 0x10;

    if (port->fault == AHCI_CRC_STORM && is_read(fis[2])) {
        port->serr |= SERR_CRC;
        port->is |= IS_INFS;
    }
    if (port->queue_error && !log)
        fail(model, port, slot, 0x41, 0x04);
    else if (is_read(fis[2]) || is_write(fis[2]))
        end_transfer(model, port, slot);
    else if (fis[2] == FLUSH || fis[2] == FLUSH_EXT)
        complete(model, port, slot, 0);
    else if (fis[2] == SMART && (fis[3] == 0xDA || fis[3] == 0xD4))
        complete(model, port, slot, 0xC24F);
    else
        end_page(model, port, slot);
}

void ahci_model_run_drive(struct ahci_model *model, struct model_port *port)
{
    for (unsigned slot = 0; slot < MODEL_SLOTS; slot++) {
        struct model_command *command = &port->commands[slot];

        if (port->ci_until_us[slot] != 0 && port->ci_until_us[slot] <= model->clock->now_us) {
            port->ci &= ~(1u << slot);
            port->ci_until_us[slot] = 0;
        }
        if (!command->active || command->due_us > model->clock->now_us || port->stuck || port->dead)
            continue;
        if (port->cmd & CR && (port->cmd & ST || command->queued))
            end_command(model, port, slot);
        else
            command->active = false;
        if (model->vanished)
            return;
    }
}
