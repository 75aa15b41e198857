#include "sensors/machine_check_handler.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define MCG_CAP_SER_P (1ull << 24)
#define MCG_STATUS_RIPV (1ull << 0)
#define MCG_STATUS_MCIP (1ull << 2)
#define MCI_STATUS_AR (1ull << 55) /* where MCG_SER_P is set: action required */

enum { IA32_MCG_CAP = 0x179, IA32_MCG_STATUS = 0x17A };

static int read_msr(const struct machine_check_handler *handler, uint32_t msr, uint64_t *ret_value)
{
    return handler->access->read_msr(handler->access->context, msr, ret_value);
}

static void clear_msr(const struct machine_check_handler *handler, uint32_t msr)
{
    handler->access->write_msr(handler->access->context, msr, 0);
}

/* The status of a bank that holds an error, else 0. */
static uint64_t error_in(const struct machine_check_handler *handler, unsigned bank)
{
    struct event_machine_check check;

    return machine_check_read_bank(handler->access, bank, &check) ? check.status : 0;
}

int machine_check_handler_init(struct machine_check_handler *handler, const struct access *access,
                               uint16_t processor)
{
    int banks = machine_check_banks(access);
    uint64_t value = 0;

    if (banks < 0)
        return banks;
    memset(handler, 0, sizeof(*handler));
    handler->access = access;
    handler->processor = processor;
    handler->banks = (unsigned)banks;
    if (read_msr(handler, IA32_MCG_CAP, &value) == OK)
        handler->asks_for_action = value & MCG_CAP_SER_P;
    for (unsigned bank = 0; bank < handler->banks; bank++)
        handler->stood[bank] = error_in(handler, bank);
    if (read_msr(handler, IA32_MCG_STATUS, &value) == OK && value & MCG_STATUS_MCIP)
        clear_msr(handler, IA32_MCG_STATUS);
    return OK;
}

/* What one bank says of going on. An error that stood there before says nothing of this one. */
static enum machine_check_answer answer_of(const struct machine_check_handler *handler,
                                           unsigned bank)
{
    const uint64_t lost = MCI_STATUS_UC | MCI_STATUS_OVER | MCI_STATUS_AR;
    uint64_t status = error_in(handler, bank);

    if (status == handler->stood[bank])
        return MACHINE_CHECK_GO_ON;
    if (status & MCI_STATUS_PCC)
        return MACHINE_CHECK_CORRUPT;
    if (handler->asks_for_action && (status & lost) == lost)
        return MACHINE_CHECK_LOST;
    return MACHINE_CHECK_GO_ON;
}

static enum machine_check_answer decide(const struct machine_check_handler *handler)
{
    uint64_t global;

    for (unsigned bank = 0; bank < handler->banks; bank++) {
        enum machine_check_answer answer = answer_of(handler, bank);

        if (answer != MACHINE_CHECK_GO_ON)
            return answer;
    }
    if (read_msr(handler, IA32_MCG_STATUS, &global) != OK || !(global & MCG_STATUS_RIPV))
        return MACHINE_CHECK_NO_RETURN;
    return handler->raises > MACHINE_CHECK_RAISES_MAX ? MACHINE_CHECK_REPEATS : MACHINE_CHECK_GO_ON;
}

/* An error that was recorded and still stands there is not a new one. */
static void record(struct machine_check_handler *handler, unsigned bank)
{
    struct event_machine_check check = {.processor = handler->processor};
    unsigned put = handler->put;

    if (!machine_check_read_bank(handler->access, bank, &check) ||
        check.status == handler->held[bank] || check.status == handler->stood[bank] ||
        put - handler->taken == MACHINE_CHECK_RECORDS)
        return;
    handler->records[put % MACHINE_CHECK_RECORDS] = check;
    handler->held_record[bank] = put;
    handler->held[bank] = check.status;
    handler->put = put + 1;
}

enum machine_check_answer machine_check_raised(struct machine_check_handler *handler)
{
    enum machine_check_answer answer;

    handler->raises++;
    answer = decide(handler);
    if (answer != MACHINE_CHECK_GO_ON)
        return answer;
    for (unsigned bank = 0; bank < handler->banks; bank++)
        record(handler, bank);
    clear_msr(handler, IA32_MCG_STATUS);
    return MACHINE_CHECK_GO_ON;
}

/* True when the record of the bank's error is on the medium. Numbers of records may wrap round. */
static bool is_flushed(const struct machine_check_handler *handler, unsigned bank)
{
    return (int)(handler->flushed - handler->held_record[bank]) > 0;
}

uint32_t machine_check_held(struct machine_check_handler *handler)
{
    uint32_t held = 0;

    handler->raises = 0;
    for (unsigned bank = 0; bank < handler->banks; bank++) {
        uint64_t recorded = handler->held[bank];
        uint64_t status = error_in(handler, bank);

        if (status != handler->stood[bank])
            handler->stood[bank] = 0;
        if (recorded && status == recorded && is_flushed(handler, bank)) {
            machine_check_clear_bank(handler->access, bank);
            status = error_in(handler, bank);
        }
        if (recorded && status == recorded)
            held |= UINT32_C(1) << bank;
        else /* unless the exception has put another one there just now */
            atomic_compare_exchange_strong(&handler->held[bank], &recorded, 0);
    }
    return held;
}

unsigned machine_check_take(struct machine_check_handler *handler, struct event_machine_check *ret,
                            unsigned limit)
{
    unsigned taken = handler->taken;
    unsigned put = handler->put;
    unsigned count = 0;

    while (taken != put && count < limit)
        ret[count++] = handler->records[taken++ % MACHINE_CHECK_RECORDS];
    handler->taken = taken;
    return count;
}

void machine_check_flushed(struct machine_check_handler *handler)
{
    handler->flushed = (unsigned)handler->taken;
}

static void tell_bank(const struct machine_check_handler *handler, unsigned bank,
                      void (*put)(const char *line))
{
    struct event_machine_check check = {.processor = handler->processor};
    char line[80];

    if (!machine_check_read_bank(handler->access, bank, &check))
        return;
    format_text(line, sizeof(line), "ASSAY MACHINE-CHECK cpu %u bank %u status 0x%016llX",
                handler->processor, bank, (unsigned long long)check.status);
    put(line);
    if (!check.has_address)
        return;
    format_text(line, sizeof(line), "ASSAY MACHINE-CHECK cpu %u bank %u address 0x%llX",
                handler->processor, bank, (unsigned long long)check.address);
    put(line);
}

void machine_check_tell(const struct machine_check_handler *handler,
                        enum machine_check_answer answer, void (*put)(const char *line))
{
    static const char *const reasons[] = {
        [MACHINE_CHECK_GO_ON] = "the run goes on",
        [MACHINE_CHECK_CORRUPT] = "its state may be corrupt",
        [MACHINE_CHECK_NO_RETURN] = "it cannot go on where it was",
        [MACHINE_CHECK_LOST] = "another error was lost",
        [MACHINE_CHECK_REPEATS] = "it repeats without end",
    };
    char line[80];
    uint64_t global = 0;

    read_msr(handler, IA32_MCG_STATUS, &global);
    format_text(line, sizeof(line), "ASSAY MACHINE-CHECK cpu %u: %s (MCG_STATUS 0x%llX)",
                handler->processor, reasons[answer], (unsigned long long)global);
    put(line);
    for (unsigned bank = 0; bank < handler->banks; bank++)
        tell_bank(handler, bank, put);
}
