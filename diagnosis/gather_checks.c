#include "diagnosis/gather.h"
#include "diagnosis/modules.h"

/* The same error read from a bank that several processors share comes from each of them within
 * this time. */
enum { SHARED_BANK_US = 2000000 };

/* The module an address of a check lies in; 0 where that is not one, or not known. */
static part_id module_of(const struct evidence *evidence, bool physical, uint64_t address)
{
    struct modules modules;

    if (!physical)
        return 0;
    modules_at(evidence, address, &modules);
    return modules.count == 1 ? modules.parts[0] : 0;
}

part_id evidence_check_module(const struct evidence *evidence, const struct evidence_check *check)
{
    if (check->error.source != MCA_MEMORY)
        return 0;
    return module_of(evidence, check->has_address && check->physical, check->address);
}

/* What was there before the map of the modules was told is asked again each time. */
static struct evidence_check *find_check(struct evidence *evidence, const struct mca_error *error,
                                         uint16_t bank, part_id module)
{
    struct evidence_check *check;

    for (unsigned i = 0; i < evidence->check_count; i++) {
        check = &evidence->checks[i];
        if (check->bank == bank && check->error.source == error->source &&
            check->error.uncorrected == error->uncorrected &&
            check->error.channel == error->channel &&
            evidence_check_module(evidence, check) == module)
            return check;
    }
    if (evidence->check_count == EVIDENCE_CHECKS) {
        evidence->left_out++;
        return NULL;
    }
    check = &evidence->checks[evidence->check_count++];
    check->error = *error;
    check->bank = bank;
    return check;
}

static bool is_echo(const struct evidence_check *check, const struct event_machine_check *event,
                    uint64_t time_us)
{
    return (check->in_run || check->prior) && event->processor != check->last_processor &&
           event->status == check->last_status && event->address == check->last_address &&
           time_us - check->last_us <= SHARED_BANK_US;
}

static void take_address(struct evidence_check *check, const struct event_machine_check *event,
                         bool physical)
{
    if (!event->has_address || check->has_address)
        return;
    check->has_address = true;
    check->address = event->address;
    check->physical = physical;
}

void gather_machine_check(struct evidence *evidence, const struct event_machine_check *event,
                          uint64_t time_us)
{
    struct mca_error error = mca_decode(event->status, evidence->amd);
    bool physical =
        event->has_address && mca_address_is_physical(event->has_misc, event->misc, evidence->amd);
    part_id module = error.source == MCA_MEMORY ? module_of(evidence, physical, event->address) : 0;
    struct evidence_check *check;

    if (error.source == MCA_NONE)
        return;
    check = find_check(evidence, &error, event->bank, module);
    if (!check || is_echo(check, event, time_us))
        return;
    if (!check->in_run && !check->prior) {
        check->processor = event->processor;
        check->status = event->status;
    }
    take_address(check, event, physical);
    if (!event->prior && !check->in_run)
        check->first_us = time_us;
    *(event->prior ? &check->prior : &check->in_run) += error.count;
    if (!event->prior && error.source == MCA_MEMORY)
        gather_memory_heat(evidence);
    check->last_us = time_us;
    check->last_processor = event->processor;
    check->last_status = event->status;
    check->last_address = event->address;
}
