#include "sensors/superio.h"

#include <stddef.h>

#include "base/error.h"

enum {
    KEY_END = -1,
    KEY_SIZE = 5,
    REGISTER_CONTROL = 0x02,
    REGISTER_DEVICE = 0x07,
    REGISTER_ID = 0x20,
    REGISTER_IO_LOCK = 0x28,
    REGISTER_ACTIVE = 0x30,
    REGISTER_BASE = 0x60,
    CONTROL_CLOSE = 0x02, /* ITE: leaves configuration mode */
    CLOSE = 0xAA,         /* all others: as an index */
    ACTIVE = 0x01,
    IO_LOCK = 0x10,
};

const uint16_t superio_ports[SUPERIO_PORTS] = {0x2E, 0x4E};

/* The key of Winbond, Nuvoton and Fintek, then ITE's, whose end depends on the port. SMSC's key is
 * never written alone, for no chip of theirs is read. */
static const int16_t keys[][SUPERIO_PORTS][KEY_SIZE] = {
    {{0x87, 0x87, KEY_END}, {0x87, 0x87, KEY_END}},
    {{0x87, 0x01, 0x55, 0x55, KEY_END}, {0x87, 0x01, 0x55, 0xAA, KEY_END}},
};

enum { KEYS = sizeof(keys) / sizeof(keys[0]), KEY_ITE = 1 };

static const uint8_t indices[] = {
    0x87,
    0x01,
    0x55,
    CLOSE,
    REGISTER_ID,
    REGISTER_ID + 1,
    REGISTER_BASE,
    REGISTER_BASE + 1,
    REGISTER_DEVICE,
    REGISTER_CONTROL,
    REGISTER_ACTIVE,
    REGISTER_IO_LOCK,
};

static const struct guard_register registers[] = {
    {REGISTER_DEVICE, 0x00, 0xFF},
    {REGISTER_CONTROL, CONTROL_CLOSE, CONTROL_CLOSE},
};

#define RULE(port)                                                                                 \
    {                                                                                              \
        .what = GUARD_PAIR, .at = (port), .indices = indices, .index_count = sizeof(indices),      \
        .registers = registers, .register_count = sizeof(registers) / sizeof(registers[0])         \
    }

const struct guard_rule superio_rules[SUPERIO_PORTS] = {RULE(0x2E), RULE(0x4E)};

/* A conversation with one port. After an error the rest of it does nothing. */
struct talk {
    const struct access *access;
    uint16_t port;
    int error;
};

static void select_register(struct talk *talk, uint8_t index)
{
    if (!talk->error)
        talk->error = talk->access->out8(talk->access->context, talk->port, index);
}

static uint8_t get(struct talk *talk, uint8_t index)
{
    uint8_t value = 0;

    select_register(talk, index);
    if (!talk->error)
        talk->error = talk->access->in8(talk->access->context, talk->port + 1, &value);
    return value;
}

static void put(struct talk *talk, uint8_t index, uint8_t value)
{
    select_register(talk, index);
    if (!talk->error)
        talk->error = talk->access->out8(talk->access->context, talk->port + 1, value);
}

static uint16_t get_word(struct talk *talk, uint8_t index)
{
    uint8_t high = get(talk, index);

    return (uint16_t)(high << 8 | get(talk, index + 1));
}

/* A word that reads the same twice in a row: somebody else may use the port at the same time. */
static uint16_t get_word_twice(struct talk *talk, uint8_t index)
{
    uint16_t value = get_word(talk, index);

    for (unsigned i = 0; i < SUPERIO_TRIES && !talk->error; i++) {
        uint16_t again = get_word(talk, index);

        if (again == value)
            return value;
        value = again;
    }
    if (!talk->error)
        talk->error = ERR_STALE;
    return 0;
}

/* A bus that nobody drives, and a port that always reads 0, are no chip. */
static bool is_id(uint16_t id)
{
    return id != 0 && id != 0xFFFF && (id >> 8) != 0xFF;
}

static void open_with(struct talk *talk, unsigned key)
{
    const int16_t *bytes = keys[key][talk->port == superio_ports[0] ? 0 : 1];

    for (unsigned i = 0; i < KEY_SIZE && bytes[i] != KEY_END; i++)
        select_register(talk, (uint8_t)bytes[i]);
}

/* ITE's chips leave by a register. A chip of SMSC opens by part of ITE's key, and leaves like all
 * others; to a chip that is closed the byte means nothing. What went wrong before stays known. */
static void close_chip(struct talk *talk, unsigned key, uint16_t id)
{
    int error = talk->error;

    talk->error = OK;
    if (key == KEY_ITE && (id >> 12) == 0x8)
        put(talk, REGISTER_CONTROL, CONTROL_CLOSE);
    select_register(talk, CLOSE);
    if (error)
        talk->error = error;
}

/* Reads the id, without a key first, and leaves a chip open behind `ret_key`. */
static int find_chip(struct talk *talk, struct superio_chip *chip, unsigned *ret_key)
{
    chip->id = get_word_twice(talk, REGISTER_ID);
    chip->was_open = is_id(chip->id);
    if (chip->was_open || talk->error)
        return talk->error;
    for (unsigned key = 0; key < KEYS && !talk->error; key++) {
        open_with(talk, key);
        chip->id = get_word_twice(talk, REGISTER_ID);
        *ret_key = key;
        if (!talk->error && is_id(chip->id))
            return OK;
        close_chip(talk, key, chip->id);
    }
    return talk->error ? talk->error : ERR_ABSENT;
}

/* Where the monitor answers. The number of the logical device is read back before anything is
 * believed, and put back at the end. */
static void read_monitor(struct talk *talk, struct superio_chip *chip)
{
    uint8_t before = get(talk, REGISTER_DEVICE);
    int error;

    if (chip->model->has_io_lock)
        chip->is_locked = get(talk, REGISTER_IO_LOCK) & IO_LOCK;
    put(talk, REGISTER_DEVICE, chip->model->device);
    if (get(talk, REGISTER_DEVICE) != chip->model->device && !talk->error)
        talk->error = ERR_STALE;
    chip->is_active = get(talk, REGISTER_ACTIVE) & ACTIVE;
    chip->base = get_word_twice(talk, REGISTER_BASE);
    error = talk->error;
    if (error == ERR_STALE)
        talk->error = OK;
    put(talk, REGISTER_DEVICE, before);
    talk->error = error;
}

int superio_probe(const struct access *access, uint16_t port, struct superio_chip *ret_chip)
{
    struct talk talk = {.access = access, .port = port};
    struct superio_chip chip = {.port = port};
    unsigned key = 0;
    int error = find_chip(&talk, &chip, &key);

    if (error)
        return error == ERR_ABSENT || error == ERR_STALE ? error : ERR_IO;
    chip.model = superio_model(chip.id);
    if (chip.model && chip.model->family != SUPERIO_SKIPPED)
        read_monitor(&talk, &chip);
    if (!chip.was_open && !(chip.model && chip.model->stays_open))
        close_chip(&talk, key, chip.id);
    if (talk.error)
        return talk.error == ERR_STALE ? ERR_STALE : ERR_IO;
    *ret_chip = chip;
    return OK;
}
