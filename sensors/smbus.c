#include "sensors/smbus.h"

#include "base/error.h"

/* Bits of the status. */
enum {
    STATUS_ACTIVE = 0x01,
    STATUS_DONE = 0x02,
    STATUS_NOBODY = 0x04,
    STATUS_COLLISION = 0x08,
    STATUS_FAILED = 0x10,
    STATUS_OVER = STATUS_DONE | STATUS_NOBODY | STATUS_COLLISION | STATUS_FAILED,
    FLOATING = 0xFF, /* nobody answers there */
    INTEL_BYTE_DONE = 0x80,
    INTEL_TAKEN = 0x40, /* reading it as 0 takes the semaphore, writing 1 gives it back */
};

static int in(const struct smbus *bus, unsigned offset, uint8_t *ret_value)
{
    return bus->access->in8(bus->access->context, (uint16_t)(bus->base + offset), ret_value);
}

static int out(const struct smbus *bus, unsigned offset, unsigned value)
{
    return bus->access->out8(bus->access->context, (uint16_t)(bus->base + offset), (uint8_t)value);
}

static void enter(struct smbus *bus, enum smbus_phase phase)
{
    bus->phase = phase;
    bus->since_us = clock_now_us(bus->clock);
}

static bool lasts(const struct smbus *bus, uint64_t limit_us)
{
    return clock_now_us(bus->clock) - bus->since_us >= limit_us;
}

/* ---- the semaphore */

static void release(const struct smbus *bus)
{
    uint8_t control;

    if (bus->kind == SMBUS_INTEL)
        (void)out(bus, SMBUS_STATUS, INTEL_TAKEN);
    else if (in(bus, SMBUS_AMD_SEMAPHORE, &control) == OK)
        (void)out(bus, SMBUS_AMD_SEMAPHORE, (control & 0x0F) | SMBUS_AMD_RELEASE);
}

/* True when it is ours now, with the status that was read. */
static bool take_semaphore(const struct smbus *bus, uint8_t *ret_status)
{
    uint8_t control;

    if (bus->kind == SMBUS_INTEL)
        return in(bus, SMBUS_STATUS, ret_status) == OK && !(*ret_status & INTEL_TAKEN);
    if (in(bus, SMBUS_AMD_SEMAPHORE, &control) ||
        out(bus, SMBUS_AMD_SEMAPHORE, (control & 0x0F) | SMBUS_AMD_TAKE) ||
        in(bus, SMBUS_AMD_SEMAPHORE, &control) || !(control & SMBUS_AMD_TAKE))
        return false;
    return in(bus, SMBUS_STATUS, ret_status) == OK;
}

/* ---- a transfer */

/* What is left of the last transfer, ours or another's, is cleared by writing it. */
static int clear(const struct smbus *bus, uint8_t status)
{
    uint8_t flags = status & (STATUS_OVER | (bus->kind == SMBUS_INTEL ? INTEL_BYTE_DONE : 0));

    return flags ? out(bus, SMBUS_STATUS, flags) : OK;
}

static int end(struct smbus *bus, int result)
{
    release(bus);
    bus->phase = SMBUS_IDLE;
    return result;
}

static int begin(struct smbus *bus, uint8_t status)
{
    if (clear(bus, status) || out(bus, SMBUS_ADDRESS, bus->address << 1 | 1u) ||
        out(bus, SMBUS_COMMAND, bus->command) ||
        out(bus, SMBUS_CONTROL, bus->word ? SMBUS_READ_WORD : SMBUS_READ_BYTE))
        return end(bus, ERR_IO);
    enter(bus, SMBUS_MOVE);
    return SMBUS_BUSY;
}

static int take(struct smbus *bus)
{
    uint8_t status = 0;

    if (take_semaphore(bus, &status)) {
        if (!(status & STATUS_ACTIVE))
            return begin(bus, status);
        release(bus); /* somebody works without having asked for it */
    }
    if (status != FLOATING && !lasts(bus, SMBUS_OWNED_US))
        return SMBUS_BUSY;
    bus->phase = SMBUS_IDLE;
    return status == FLOATING ? ERR_IO : ERR_REFUSED;
}

/* Whether the controller still says what it was asked. */
static bool is_ours(const struct smbus *bus)
{
    uint8_t address, command;

    return in(bus, SMBUS_ADDRESS, &address) == OK && address == (uint8_t)(bus->address << 1 | 1) &&
           in(bus, SMBUS_COMMAND, &command) == OK && command == bus->command;
}

static int result_of(const struct smbus *bus, uint8_t status, uint16_t *ret_value)
{
    uint8_t low, high = 0;

    if (status & (STATUS_COLLISION | STATUS_FAILED))
        return ERR_IO;
    if (status & STATUS_NOBODY)
        return ERR_ABSENT;
    if (in(bus, SMBUS_DATA, &low) || (bus->word && in(bus, SMBUS_DATA + 1, &high)))
        return ERR_IO;
    if (!is_ours(bus))
        return ERR_STALE;
    *ret_value = (uint16_t)(high << 8 | low);
    return OK;
}

static int move(struct smbus *bus, uint16_t *ret_value)
{
    uint8_t status;
    int result;

    if (in(bus, SMBUS_STATUS, &status) || status == FLOATING)
        return end(bus, ERR_IO);
    if (!(status & STATUS_ACTIVE) && status & STATUS_OVER) {
        result = result_of(bus, status, ret_value);
        if (clear(bus, status) && !result)
            result = ERR_IO;
        return end(bus, result);
    }
    if (!lasts(bus, SMBUS_TRANSFER_US))
        return SMBUS_BUSY;
    if (!is_ours(bus)) /* another one's transfer is not ours to end */
        return end(bus, ERR_STALE);
    (void)out(bus, SMBUS_CONTROL, SMBUS_END);
    enter(bus, SMBUS_KILL);
    return SMBUS_BUSY;
}

/* The bit that ends a transfer stays set until it is cleared. */
static int kill_transfer(struct smbus *bus)
{
    uint8_t status;

    if (!lasts(bus, SMBUS_KILL_US))
        return SMBUS_BUSY;
    (void)out(bus, SMBUS_CONTROL, 0);
    if (in(bus, SMBUS_STATUS, &status) == OK)
        (void)clear(bus, status);
    return end(bus, ERR_TIMEOUT);
}

void smbus_ask(struct smbus *bus, uint8_t address, uint8_t command, bool word)
{
    bus->address = address;
    bus->command = command;
    bus->word = word;
    enter(bus, SMBUS_TAKE);
}

int smbus_step(struct smbus *bus, uint16_t *ret_value)
{
    switch (bus->phase) {
    case SMBUS_TAKE:
        return take(bus);
    case SMBUS_MOVE:
        return move(bus, ret_value);
    case SMBUS_KILL:
        return kill_transfer(bus);
    default:
        return ERR_IO;
    }
}

bool smbus_stop(struct smbus *bus)
{
    uint16_t value;

    if (bus->phase == SMBUS_TAKE)
        bus->phase = SMBUS_IDLE; /* nothing was begun */
    return bus->phase == SMBUS_IDLE || smbus_step(bus, &value) != SMBUS_BUSY;
}
