#include "tests/sim/superio.h"

#include <string.h>

#include "base/error.h"

enum { LEFT_BANK = 3, STEAL_INDEX_EVERY = 11 };

void sio_init(struct sio *sio)
{
    memset(sio, 0, sizeof(*sio));
    sio->now_us = 1000000;
}

struct sio_chip *sio_put(struct sio *sio, unsigned place, uint16_t id, enum sio_family family,
                         uint16_t base, const struct sio_byte *bytes, size_t count,
                         enum sio_fault fault)
{
    struct sio_chip *chip = &sio->chips[place];
    bool ite = family == SIO_ITE || family == SIO_ITE_BANKED;

    *chip = (struct sio_chip){
        .present = true,
        .fault = fault,
        .port = place ? 0x4E : 0x2E,
        .id = id,
        .base = base,
        .key = ite ? SIO_KEY_ITE : SIO_KEY_NUVOTON,
        .family = family,
        .device = ite ? 0x04 : 0x0B,
        .open = fault == SIO_OPEN,
        .selected = 0x07,
        .bank = family == SIO_NCT6683 ? 0xFF : 0,
    };
    memset(chip->registers, 0xFF, sizeof(chip->registers));
    for (size_t i = 0; i < count; i++)
        *sio_cell(chip, bytes[i].address) = bytes[i].value;
    if (fault == SIO_BANK_LEFT)
        chip->bank = family == SIO_ITE_BANKED ? LEFT_BANK << 5 | 1 : LEFT_BANK;
    if (fault == SIO_BASE_ZERO)
        chip->base = 0;
    if (fault == SIO_BASE_ODD)
        chip->base = 0x293;
    if (fault == SIO_BASE_LEGACY)
        chip->base = 0x3F8;
    if (fault == SIO_NOT_STARTED)
        *sio_cell(chip, 0) &= 0xFE;
    return chip;
}

void sio_at(struct sio *sio, unsigned place, uint16_t address, uint8_t value, uint64_t at_us)
{
    struct sio_change *change = sio->chips[place].changes;

    while (change->at_us)
        change++;
    *change = (struct sio_change){.at_us = at_us, .address = address, .value = value};
}

/* ---- configuration registers */

static uint8_t read_config_register(struct sio_chip *chip)
{
    static const uint8_t lock = 0x10;
    uint16_t base = chip->base;

    if (chip->fault == SIO_BASE_CHANGES)
        base = (uint16_t)(base + 8 * chip->accesses);
    switch (chip->index) {
    case 0x07:
        return chip->selected;
    case 0x20:
        return (uint8_t)(chip->id >> 8);
    case 0x21:
        return (uint8_t)chip->id;
    case 0x28:
        return chip->fault == SIO_LOCKED ? lock : 0;
    case 0x30:
        return chip->selected == chip->device && chip->fault != SIO_SWITCHED_OFF;
    case 0x60:
        return chip->selected == chip->device ? (uint8_t)(base >> 8) : 0;
    case 0x61:
        return chip->selected == chip->device ? (uint8_t)base : 0;
    default:
        return 0;
    }
}

static uint8_t read_config(struct sio_chip *chip)
{
    chip->accesses++;
    if (chip->fault == SIO_ZERO)
        return 0;
    if (chip->fault == SIO_FLOATING || !chip->open)
        return 0xFF;
    if (chip->fault == SIO_INDEX_STOLEN && chip->accesses % STEAL_INDEX_EVERY == 0)
        chip->index = 0x2A;
    return read_config_register(chip);
}

/* A wrong byte of the key begins it anew. */
static void take_key(struct sio_chip *chip, uint8_t value)
{
    static const uint8_t nuvoton[] = {0x87, 0x87};
    const uint8_t ite[] = {0x87, 0x01, 0x55, chip->port == 0x4E ? 0xAA : 0x55};
    const uint8_t *key = chip->key == SIO_KEY_ITE ? ite : nuvoton;
    unsigned size = chip->key == SIO_KEY_ITE ? sizeof(ite) : sizeof(nuvoton);

    chip->key_at = value == key[chip->key_at] ? chip->key_at + 1 : value == key[0];
    if (chip->key_at < size)
        return;
    chip->key_at = 0;
    chip->open = true;
}

static void write_index(struct sio_chip *chip, uint8_t value)
{
    chip->accesses++;
    if (!chip->open)
        take_key(chip, value);
    else if (value == 0xAA && chip->key == SIO_KEY_NUVOTON)
        chip->open = false;
    else
        chip->index = value;
}

static void write_config(struct sio *sio, struct sio_chip *chip, uint8_t value)
{
    chip->accesses++;
    if (!chip->open) {
        sio->breaches++;
    } else if (chip->index == 0x07) {
        chip->selected = chip->fault == SIO_DEVICE_STOLEN ? 0x0A : value;
    } else if (chip->index == 0x02 && value == 0x02 && chip->key == SIO_KEY_ITE) {
        chip->open = false;
    } else {
        sio->breaches++;
    }
}

/* ---- the access seam */

static struct sio_chip *chip_at(struct sio *sio, uint16_t port, bool *ret_monitor)
{
    for (unsigned i = 0; i < 2; i++) {
        struct sio_chip *chip = &sio->chips[i];

        *ret_monitor = chip->present && chip->base && port >= chip->base && port < chip->base + 8;
        if (*ret_monitor || (chip->present && (port & ~1u) == chip->port))
            return chip;
    }
    return NULL;
}

bool sio_has_port(const struct sio *sio, uint16_t port)
{
    bool monitor;

    return (port & ~1u) == 0x2E || (port & ~1u) == 0x4E ||
           chip_at((struct sio *)sio, port, &monitor);
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct sio *sio = context;
    bool monitor;
    struct sio_chip *chip = chip_at(sio, port, &monitor);

    sio->now_us++;
    sio->accesses++;
    if (!chip)
        *ret_value = 0xFF;
    else if (monitor)
        *ret_value = sio_read_monitor(sio, chip, port - chip->base);
    else
        *ret_value = port & 1 ? read_config(chip) : 0xFF;
    return OK;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct sio *sio = context;
    bool monitor;
    struct sio_chip *chip = chip_at(sio, port, &monitor);

    sio->now_us++;
    sio->accesses++;
    sio->writes++;
    if (!chip)
        sio->breaches += !sio_has_port(sio, port);
    else if (monitor)
        sio_write_monitor(sio, chip, port - chip->base, value);
    else if (port & 1)
        write_config(sio, chip, value);
    else
        write_index(chip, value);
    return OK;
}

struct access sio_access(struct sio *sio)
{
    return (struct access){.context = sio, .in8 = in8, .out8 = out8};
}

static uint64_t now_us(void *context)
{
    return ((struct sio *)context)->now_us;
}

static void wait_us(void *context, uint32_t duration_us)
{
    ((struct sio *)context)->now_us += duration_us;
}

struct clock sio_clock(struct sio *sio)
{
    return (struct clock){.context = sio, .now_us = now_us, .wait_us = wait_us};
}

struct sio_state sio_state(const struct sio *sio)
{
    struct sio_state state = {.open = {false}};

    for (unsigned i = 0; i < 2; i++) {
        state.open[i] = sio->chips[i].open;
        state.selected[i] = sio->chips[i].selected;
        state.bank[i] = sio->chips[i].bank;
    }
    return state;
}
