/*
 * The ports of a field machine's BMC and the machine-check banks of its processors, on one clock.
 */
#include "base/error.h"
#include "tests/sim/field.h"

/* Where a Super I/O chip would be: there is none. */
static bool is_superio(uint16_t port)
{
    return (port & ~1u) == 0x2E || (port & ~1u) == 0x4E;
}

static int in8(void *context, uint16_t port, uint8_t *ret_value)
{
    struct field_machine *field = context;
    struct access access = bmc_access(&field->bmc);
    int error;

    if (is_superio(port)) {
        field->time.now_us++;
        *ret_value = 0xFF;
        return OK;
    }
    field->bmc.now_us = field->time.now_us;
    error = access.in8(access.context, port, ret_value);
    field->time.now_us = field->bmc.now_us;
    return error;
}

static int out8(void *context, uint16_t port, uint8_t value)
{
    struct field_machine *field = context;
    struct access access = bmc_access(&field->bmc);
    int error;

    if (is_superio(port)) {
        field->time.now_us++;
        return OK;
    }
    field->bmc.now_us = field->time.now_us;
    error = access.out8(access.context, port, value);
    field->time.now_us = field->bmc.now_us;
    return error;
}

/* Puts what has happened into the boot processor's banks, where they are free. */
static void raise_checks(struct field_machine *field)
{
    for (unsigned i = 0; i < field->check_count; i++) {
        struct field_check *check = &field->checks[i];
        struct msr_bank *bank = &field->msr.banks[check->bank];

        if (check->told || check->processor || field->time.now_us < check->at_us ||
            bank->status >> 63)
            continue;
        *bank = check->content;
        check->told = 1;
    }
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    struct field_machine *field = context;
    struct access access = msr_access(&field->msr);

    raise_checks(field);
    return access.read_msr(access.context, msr, ret_value);
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    struct access access = msr_access(&((struct field_machine *)context)->msr);

    return access.write_msr(access.context, msr, value);
}

/* What the other processors find: errors of their own, and those of a bank that all share. */
unsigned field_machine_checks(struct event_machine_check *ret, unsigned limit)
{
    struct field_machine *field = field_running;
    unsigned count = 0;

    for (unsigned i = 0; i < field->check_count && count < limit; i++) {
        struct field_check *check = &field->checks[i];
        bool own = check->processor && !check->told && field->time.now_us >= check->at_us;
        bool echo = check->shared && check->told == 1;

        if (!own && !echo)
            continue;
        check->told++;
        ret[count++] = (struct event_machine_check){
            .processor = own ? check->processor : 1,
            .bank = (uint16_t)check->bank,
            .status = check->content.status,
            .has_address = check->content.status >> 58 & 1,
            .address = check->content.status >> 58 & 1 ? check->content.address : 0,
            .has_misc = check->content.status >> 59 & 1,
            .misc = check->content.status >> 59 & 1 ? check->content.misc : 0,
        };
    }
    return count;
}

struct access field_access(struct field_machine *field)
{
    return (struct access){
        .context = field, .in8 = in8, .out8 = out8, .read_msr = read_msr, .write_msr = write_msr};
}
