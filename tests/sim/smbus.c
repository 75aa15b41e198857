#include "tests/sim/smbus.h"

#include <string.h>

#include "base/error.h"

enum {
    INTEL_BASE = 0xEFA0,
    AMD_BASE = 0x0B00,
    POWER_INDEX = 0xCD6,
    POWER_MEMORY = 0xFED80300,
    TRANSFER_US = 400,
    OTHERS_PERIOD_US = 1000000,
    OTHERS_US = 200000,
};

enum { ACTIVE = 0x01, DONE = 0x02, NOBODY = 0x04, COLLISION = 0x08, FAILED = 0x10, IN_USE = 0x40 };

void smb_init(struct smb *smb, bool is_amd, enum smb_fault fault)
{
    memset(smb, 0, sizeof(*smb));
    smb->is_amd = is_amd;
    smb->fault = fault;
    smb->revision = fault == SMB_OLD ? 0x40 : 0x61;
    smb->base = is_amd ? AMD_BASE : INTEL_BASE;
    smb->now_us = 1000;
    smb->slave_control = 0x02;
    if (fault == SMB_FAILED_LEFT)
        smb->status = FAILED | DONE;
}

/* ---- modules */

static void put_word(struct smb_device *device, unsigned at, unsigned word)
{
    device->present = true;
    device->bytes[at] = (uint8_t)word;
    device->bytes[at + 1] = (uint8_t)(word >> 8);
}

void smb_put_ddr3(struct smb *smb, unsigned place, uint32_t serial)
{
    struct smb_device *spd = &smb->devices[0x50 + place];

    put_word(spd, 0, 0x1192);
    spd->bytes[2] = 0x0B;
    for (unsigned i = 0; i < 4; i++)
        spd->bytes[122 + i] = (uint8_t)(serial >> (24 - 8 * i));
}

void smb_put_ddr4(struct smb *smb, unsigned place)
{
    struct smb_device *spd = &smb->devices[0x50 + place];

    put_word(spd, 0, 0x1123);
    spd->bytes[2] = 0x0C;
}

/* A JC-42.4 sensor keeps words, the high byte first: register n at bytes 2n. */
static void put_jc42_word(struct smb *smb, unsigned place, unsigned number, unsigned word)
{
    put_word(&smb->devices[0x18 + place], 2 * number, (word << 8 & 0xFF00) | word >> 8);
}

static unsigned jc42_word(int temperature)
{
    return (unsigned)(temperature * 2 / 125) & 0x1FFF;
}

void smb_put_jc42(struct smb *smb, unsigned place, int temperature, int limit)
{
    put_jc42_word(smb, place, 0, 0x00EF);
    put_jc42_word(smb, place, 1, 0x0000);
    put_jc42_word(smb, place, 4, jc42_word(limit));
    put_jc42_word(smb, place, 5, 0xC000 | jc42_word(temperature)); /* flags above the value */
    put_jc42_word(smb, place, 6, 0x00B3);
    put_jc42_word(smb, place, 7, 0x2221);
}

static unsigned hub_word(int temperature)
{
    return (unsigned)(temperature / 250) << 2 & 0x1FFC;
}

void smb_put_hub(struct smb *smb, unsigned place, int temperature, int limit)
{
    struct smb_device *hub = &smb->devices[0x50 + place];

    put_word(hub, 0, 0x1851);
    hub->bytes[2] = 0x10;
    put_word(hub, 3, 0xB380);
    hub->bytes[5] = 0x03;
    put_word(hub, 32, hub_word(limit));
    put_word(hub, 49, hub_word(temperature));
}

void smb_set_temperature(struct smb *smb, unsigned place, int temperature)
{
    if (smb->devices[0x50 + place].bytes[0] == 0x51)
        put_word(&smb->devices[0x50 + place], 49, hub_word(temperature));
    else
        put_jc42_word(smb, place, 5, jc42_word(temperature));
}

/* ---- the controller */

static bool is_time_of_others(const struct smb *smb)
{
    return smb->now_us % OTHERS_PERIOD_US < OTHERS_US;
}

static bool has_come(const struct smb *smb, enum smb_fault fault)
{
    return smb->fault == fault && smb->now_us >= smb->fault_us;
}

static bool is_others(const struct smb *smb)
{
    return smb->fault == SMB_OWNED ||
           (smb->fault == SMB_OWNED_BRIEFLY && !smb->taken && is_time_of_others(smb));
}

static void answer(struct smb *smb)
{
    struct smb_device *device = &smb->devices[smb->address >> 1];
    bool is_word = (smb->control & 0x1C) == 0x0C;
    bool is_jc42 = smb->address >> 1 < 0x50;
    unsigned at = is_jc42 ? 2u * (smb->command & 7) : smb->command;

    if (!device->present || (device->gone_us && smb->now_us >= device->gone_us)) {
        smb->status |= NOBODY;
        return;
    }
    smb->data[0] = device->bytes[at];
    if (is_word)
        smb->data[1] = device->bytes[(at + 1) & 0xFF];
    if (smb->fault == SMB_WRONG && is_word && smb->transfers % 4 == 0)
        smb->data[0] ^= 0x0C, smb->data[1] ^= 0x03;
    smb->status |= DONE;
}

/* Ends a transfer whose time has come. */
static void settle(struct smb *smb)
{
    if (!smb->moving || smb->now_us < smb->done_us)
        return;
    smb->moving = false;
    smb->transfers++;
    if (smb->fault == SMB_COLLISION || (smb->fault == SMB_COLLISIONS && smb->transfers % 3 == 0))
        smb->status |= COLLISION;
    else
        answer(smb);
    if (smb->fault == SMB_STOLEN && smb->transfers % 5 == 0) {
        smb->address = 0x91;
        smb->command = 0x77;
        smb->data[0] = smb->data[1] = 0x55;
    }
}

static bool is_readable(uint8_t address)
{
    uint8_t device = address >> 1;

    return address & 1 &&
           ((device >= 0x18 && device <= 0x1F) || (device >= 0x50 && device <= 0x57));
}

static void start(struct smb *smb, uint8_t control)
{
    uint8_t kind = control & 0x1C;

    if (smb->moving || !smb->taken || !is_readable(smb->address) ||
        (kind != 0x08 && kind != 0x0C) || smb->status & (DONE | NOBODY | COLLISION | FAILED))
        smb->breaches++;
    smb->moving = true;
    smb->done_us = smb->now_us + TRANSFER_US;
    if (smb->fault == SMB_STUCK || smb->fault == SMB_STUCK_HARD || has_come(smb, SMB_STUCK_LATER))
        smb->done_us = UINT64_MAX;
}

static void write_control(struct smb *smb, uint8_t value)
{
    smb->control = value;
    if (value & 0x02 && smb->moving && smb->fault != SMB_STUCK_HARD) {
        smb->moving = false;
        smb->status |= FAILED;
    }
    if (value & 0x40)
        start(smb, value);
}

/* Flags are cleared by writing them; on Intel's the semaphore as well. */
static void write_status(struct smb *smb, uint8_t value)
{
    smb->status &= (uint8_t) ~(value & (DONE | NOBODY | COLLISION | FAILED));
    if (!smb->is_amd && value & IN_USE && !is_others(smb))
        smb->taken = false;
}

static uint8_t read_status(struct smb *smb)
{
    bool rude = smb->fault == SMB_NO_MANNERS && !smb->moving && is_time_of_others(smb);
    uint8_t status = smb->status | (smb->moving || rude ? ACTIVE : 0);

    if (smb->is_amd)
        return status;
    if (smb->taken || is_others(smb))
        return status | IN_USE;
    smb->taken = true;
    return status;
}

static void write_semaphore(struct smb *smb, uint8_t value)
{
    if (value & 0xC0 || (value & 0x0F) != (smb->slave_control & 0x0F))
        smb->breaches++;
    if (value & 0x10 && !is_others(smb))
        smb->taken = true;
    if (value & 0x20)
        smb->taken = false;
}

static uint8_t read_register(struct smb *smb, unsigned offset)
{
    settle(smb);
    if (smb->fault == SMB_FLOATING || has_come(smb, SMB_DIES))
        return 0xFF;
    switch (offset) {
    case 0:
        return read_status(smb);
    case 2:
        return smb->control & 0xBF;
    case 3:
        return smb->command;
    case 4:
        return smb->address;
    case 5:
    case 6:
        return smb->data[offset - 5];
    case 8:
        return smb->slave_control | (smb->taken ? 0x10 : 0) | (is_others(smb) ? 0x40 : 0);
    case 0x0D:
        return smb->fault == SMB_CHECKSUMS ? 0x01 : 0x00;
    default:
        return 0;
    }
}

static void write_register(struct smb *smb, unsigned offset, uint8_t value)
{
    settle(smb);
    if (offset == 0)
        write_status(smb, value);
    else if (offset == 2)
        write_control(smb, value);
    else if (offset == 3)
        smb->command = value;
    else if (offset == 4)
        smb->address = value;
    else if (offset == 8 && smb->is_amd)
        write_semaphore(smb, value);
    else
        smb->breaches++;
}

/* ---- the seam */

static uint8_t power_register(const struct smb *smb, uint8_t index)
{
    switch (index) {
    case 0:
        return smb->fault == SMB_OFF ? 0x00 : 0x10;
    case 1:
        return smb->fault == SMB_BASE_LEGACY ? 0x00 : AMD_BASE >> 8;
    case 2:
        return smb->fault == SMB_OTHER_BUS ? 0x08 : 0x00;
    default:
        return 0;
    }
}

static bool is_here(const struct smb *smb, uint16_t port)
{
    return port >= smb->base && port < smb->base + 16 && smb->fault != SMB_NO_PORTS;
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct smb *smb = context;

    smb->now_us++;
    smb->accesses++;
    *ret_value = 0xFF;
    if (is_here(smb, port))
        *ret_value = read_register(smb, port - smb->base);
    else if (port == POWER_INDEX + 1 && smb->is_amd && smb->revision < 0x51)
        *ret_value = power_register(smb, smb->power_index);
    return OK;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct smb *smb = context;

    smb->now_us++;
    smb->accesses++;
    smb->writes++;
    if (is_here(smb, port))
        write_register(smb, port - smb->base, value);
    else if (port == POWER_INDEX && smb->is_amd && smb->revision < 0x51)
        smb->power_index = value;
    else
        smb->breaches++;
    return OK;
}

static uint32_t intel_config(const struct smb *smb, uint16_t offset)
{
    switch (offset) {
    case 0x00:
        return 0xA3238086;
    case 0x04:
        return smb->fault == SMB_NO_PORTS ? 0 : 1;
    case 0x08:
        return 0x0C050031;
    case 0x20:
        return (smb->fault == SMB_BASE_LEGACY ? 0x03E0u : smb->base) | 1u;
    case 0x40:
        return (smb->fault == SMB_OFF ? 0u : 1u) | (smb->fault == SMB_SMI ? 2u : 0u) |
               (smb->fault == SMB_I2C ? 4u : 0u) | 0x10u;
    default:
        return 0;
    }
}

static uint32_t amd_config(const struct smb *smb, uint16_t offset)
{
    if (offset == 0x00)
        return smb->fault == SMB_UNKNOWN ? 0x43851002 : 0x790B1022;
    return offset == 0x08 ? 0x0C050000u | smb->revision : 0;
}

static int read_config(void *context, struct pci_function function, uint16_t offset,
                       uint32_t *ret_value)
{
    const struct smb *smb = context;
    bool intel = function.device == 0x1F && function.function == 4;
    bool amd = function.device == 0x14 && function.function == 0;

    *ret_value = UINT32_MAX;
    if (!smb->is_amd && intel)
        *ret_value = intel_config(smb, offset);
    else if (smb->is_amd && amd)
        *ret_value = amd_config(smb, offset);
    return OK;
}

static int write_config(void *context, struct pci_function function, uint16_t offset,
                        uint32_t value)
{
    struct smb *smb = context;

    (void)function, (void)offset, (void)value;
    smb->breaches++;
    return OK;
}

static int read_memory8(void *context, uint64_t address, uint8_t *ret_value)
{
    struct smb *smb = context;

    if (!smb->is_amd || address < POWER_MEMORY || address > POWER_MEMORY + 0xFF)
        smb->breaches++;
    *ret_value = power_register(smb, (uint8_t)address);
    return OK;
}

bool smb_is_at_rest(const struct smb *smb)
{
    return !smb->taken && !smb->moving && !(smb->control & 0x02);
}

struct access smb_access(struct smb *smb)
{
    return (struct access){.context = smb,
                           .in8 = in8,
                           .out8 = out8,
                           .read_config = read_config,
                           .write_config = write_config,
                           .read_memory8 = read_memory8};
}

static uint64_t now_us(void *context)
{
    return ((const struct smb *)context)->now_us;
}

struct clock smb_clock(struct smb *smb)
{
    return (struct clock){.context = smb, .now_us = now_us};
}
