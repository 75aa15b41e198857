#include "sensors/machine_check.h"

#include "base/error.h"

enum {
    IA32_MCG_CAP = 0x179,
    MCG_CAP_COUNT = 0xFF,
    IA32_MC0_STATUS = 0x401,
    IA32_MC0_ADDR = 0x402,
    IA32_MC0_MISC = 0x403,
};

static uint32_t of_bank(uint32_t msr_of_bank_0, unsigned bank)
{
    return msr_of_bank_0 + 4 * bank;
}

static int read_msr(const struct access *access, uint32_t msr, uint64_t *ret_value)
{
    return access->read_msr(access->context, msr, ret_value);
}

int machine_check_banks(const struct access *access)
{
    uint64_t capabilities;
    int error = read_msr(access, IA32_MCG_CAP, &capabilities);
    int count;

    if (error != OK)
        return error;
    count = (int)(capabilities & MCG_CAP_COUNT);
    return count < MACHINE_CHECK_BANKS_MAX ? count : MACHINE_CHECK_BANKS_MAX;
}

/* ADDR and MISC may be read only where STATUS says that they are valid. */
bool machine_check_read_bank(const struct access *access, unsigned bank,
                             struct event_machine_check *ret_check)
{
    if (read_msr(access, of_bank(IA32_MC0_STATUS, bank), &ret_check->status) != OK ||
        !(ret_check->status & MCI_STATUS_VAL))
        return false;
    ret_check->bank = (uint16_t)bank;
    ret_check->has_address =
        ret_check->status & MCI_STATUS_ADDRV &&
        read_msr(access, of_bank(IA32_MC0_ADDR, bank), &ret_check->address) == OK;
    ret_check->has_misc = ret_check->status & MCI_STATUS_MISCV &&
                          read_msr(access, of_bank(IA32_MC0_MISC, bank), &ret_check->misc) == OK;
    return true;
}

bool machine_check_clear_bank(const struct access *access, unsigned bank)
{
    return access->write_msr(access->context, of_bank(IA32_MC0_STATUS, bank), 0) == OK;
}

unsigned machine_check_read(const struct access *access, unsigned banks, uint32_t held,
                            uint16_t processor, bool prior, struct event_machine_check *ret,
                            unsigned limit)
{
    unsigned count = 0;

    if (banks > MACHINE_CHECK_BANKS_MAX)
        banks = MACHINE_CHECK_BANKS_MAX;
    for (unsigned bank = 0; bank < banks && count < limit; bank++) {
        struct event_machine_check check = {.processor = processor, .prior = prior};

        if (held >> bank & 1 || !machine_check_read_bank(access, bank, &check))
            continue;
        if (machine_check_clear_bank(access, bank) || prior)
            ret[count++] = check;
    }
    return count;
}
