/*
 * The monitors of simulated Super I/O chips.
 */
#include "tests/sim/superio.h"

enum { STOLEN_BANK = 5, STEAL_EVERY = 17 };

uint8_t *sio_cell(struct sio_chip *chip, uint16_t address)
{
    return &chip->registers[address >> 8 & 0xF][address & 0xFF];
}

static void make_changes(const struct sio *sio, struct sio_chip *chip)
{
    for (size_t i = 0; i < sizeof(chip->changes) / sizeof(chip->changes[0]); i++)
        if (chip->changes[i].at_us && sio->now_us >= chip->changes[i].at_us)
            *sio_cell(chip, chip->changes[i].address) = chip->changes[i].value;
}

static bool monitor_floats(const struct sio *sio, const struct sio_chip *chip)
{
    return chip->fault == SIO_NO_MONITOR || chip->fault == SIO_FLOATING ||
           chip->fault == SIO_LOCKED || (chip->fault == SIO_DIES && sio->now_us >= chip->fault_us);
}

static void steal_bank(struct sio_chip *chip)
{
    bool now = chip->fault == SIO_BANK_TAKEN ||
               (chip->fault == SIO_BANK_STOLEN && chip->data_reads % STEAL_EVERY == 0);

    if (now)
        chip->bank = chip->family == SIO_ITE_BANKED ? STOLEN_BANK << 5 : STOLEN_BANK;
}

static unsigned bank_of(const struct sio_chip *chip)
{
    switch (chip->family) {
    case SIO_ITE:
        return 0;
    case SIO_ITE_BANKED:
        return chip->bank >> 5;
    default:
        return chip->bank & 0x0F;
    }
}

/* The register that holds the bank, where there is one. */
static bool is_bank_register(const struct sio_chip *chip)
{
    return (chip->family == SIO_NCT6775 && chip->monitor_index == 0x4E) ||
           (chip->family == SIO_ITE_BANKED && chip->monitor_index == 0x06);
}

static uint8_t change_value(struct sio_chip *chip, unsigned bank, uint8_t value)
{
    uint8_t *readings = &chip->stepped[bank][chip->monitor_index];

    if (chip->fault == SIO_VALUE_CHANGES)
        return (uint8_t)(value + (*readings)++);
    if (chip->fault != SIO_VALUE_STEPS)
        return value;
    return *readings ? value : ((*readings)++, (uint8_t)(value - 1));
}

static uint8_t read_data(struct sio_chip *chip)
{
    bool is_vendor = chip->family == SIO_NCT6775 && chip->monitor_index == 0x4F;
    bool is_chip = chip->family >= SIO_ITE && chip->monitor_index == 0x58;

    chip->data_reads++;
    steal_bank(chip);
    if (is_bank_register(chip))
        return chip->bank;
    if (chip->fault == SIO_OTHER_MONITOR)
        return 0x5A;
    if (is_vendor)
        return chip->bank & 0x80 ? 0x5C : 0xA3;
    if (is_chip)
        return 0x90;
    return change_value(chip, bank_of(chip), chip->registers[bank_of(chip)][chip->monitor_index]);
}

uint8_t sio_read_monitor(const struct sio *sio, struct sio_chip *chip, unsigned offset)
{
    make_changes(sio, chip);
    if (monitor_floats(sio, chip))
        return 0xFF;
    if (offset == 4)
        return chip->bank; /* the page */
    return offset == 6 ? read_data(chip) : 0xFF;
}

/* What stands beside the bank's number in its register is to stay. */
static void write_bank(struct sio *sio, struct sio_chip *chip, uint8_t value)
{
    uint8_t beside = chip->family == SIO_ITE_BANKED ? 0x1F : 0xF0;

    sio->breaches += ((value ^ chip->bank) & beside) != 0 || monitor_floats(sio, chip);
    chip->bank = value;
}

void sio_write_monitor(struct sio *sio, struct sio_chip *chip, unsigned offset, uint8_t value)
{
    bool pages = chip->family == SIO_NCT6683;

    if (offset == 5)
        chip->monitor_index = value;
    else if (offset == 4 && pages)
        chip->bank = value;
    else if (offset == 6 && is_bank_register(chip))
        write_bank(sio, chip, value);
    else
        sio->breaches++;
}
