#include "tests/sim/msr.h"

#include <string.h>

#include "base/error.h"

void msr_init(struct msr_model *model, enum msr_fault fault, unsigned bank_count)
{
    memset(model, 0, sizeof(*model));
    model->fault = fault;
    model->bank_count = bank_count;
}

/* The bank an MSR belongs to, or NULL. */
static struct msr_bank *bank_of(struct msr_model *model, uint32_t msr)
{
    uint32_t bank = (msr - 0x400) / 4;

    if (msr < 0x400 || bank >= model->bank_count || bank >= 32)
        return NULL;
    return &model->banks[bank];
}

static int read_msr(void *context, uint32_t msr, uint64_t *ret_value)
{
    struct msr_model *model = context;
    struct msr_bank *bank = bank_of(model, msr);

    if (model->fault == MSR_NO_MACHINE_CHECK)
        return ERR_UNSUPPORTED;
    if (msr == 0x179) {
        *ret_value = (model->recovers ? 0x1000100u : 0x100u) | model->bank_count;
        return OK;
    }
    if (msr == 0x17A) {
        *ret_value = model->global;
        return OK;
    }
    if (!bank || msr % 4 == 0) {
        model->faults++;
        return ERR_UNSUPPORTED;
    }
    if (model->fault == MSR_BANK_UNREADABLE && bank == &model->banks[2])
        return ERR_UNSUPPORTED;
    if ((msr % 4 == 2 && !(bank->status >> 58 & 1)) || (msr % 4 == 3 && !(bank->status >> 59 & 1)))
        model->invalid++;
    *ret_value = msr % 4 == 1 ? bank->status : msr % 4 == 2 ? bank->address : bank->misc;
    return OK;
}

static int write_msr(void *context, uint32_t msr, uint64_t value)
{
    struct msr_model *model = context;
    struct msr_bank *bank = bank_of(model, msr);

    model->writes++;
    if (msr == 0x17A && value == 0) {
        model->global = 0;
        return OK;
    }
    if (!bank || msr % 4 != 1 || value != 0) {
        model->faults++;
        return ERR_UNSUPPORTED;
    }
    if (model->fault == MSR_CANNOT_CLEAR)
        return ERR_IO;
    bank->status = 0;
    return OK;
}

static int no_in8(void *context, uint16_t port, uint8_t *ret_value)
{
    (void)port, (void)ret_value;
    ((struct msr_model *)context)->faults++;
    return ERR_UNSUPPORTED;
}

static int no_out8(void *context, uint16_t port, uint8_t value)
{
    (void)port, (void)value;
    ((struct msr_model *)context)->faults++;
    return ERR_UNSUPPORTED;
}

struct access msr_access(struct msr_model *model)
{
    return (struct access){
        .context = model,
        .in8 = no_in8,
        .out8 = no_out8,
        .read_msr = read_msr,
        .write_msr = write_msr,
    };
}
