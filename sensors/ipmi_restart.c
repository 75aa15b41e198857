/*
 * Why the BMC restarted the machine: Get System Restart Cause, IPMI 2.0 section 28.11.
 */
#include "sensors/ipmi_tasks.h"

enum { GET_RESTART_CAUSE = 0x07, CAUSE_MASK = 0x0F };

static enum restart_cause cause_of(uint8_t code)
{
    static const uint8_t causes[] = {
        RESTART_UNKNOWN,  RESTART_COMMAND, RESTART_RESET_BUTTON, RESTART_POWER_BUTTON,
        RESTART_WATCHDOG, RESTART_OTHER,   RESTART_POWER_BACK,   RESTART_POWER_BACK,
        RESTART_POLICY,   RESTART_POLICY,  RESTART_SOFT,         RESTART_ALARM,
    };

    return code < sizeof(causes) ? (enum restart_cause)causes[code] : RESTART_UNKNOWN;
}

void ipmi_ask_restart(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, NETFN_CHASSIS, 0, GET_RESTART_CAUSE, NULL, 0);
}

/* The command may be missing: a BMC that has it not, or will not tell, is left alone. */
void ipmi_take_restart(struct ipmi *ipmi, int completion, struct bytes data)
{
    uint8_t code = bytes_u8(&data, 0) & CAUSE_MASK;
    struct event event = {
        .type = EVENT_RESTART,
        .restart = {.witness = RESTART_TOLD_BY_BMC, .cause = (uint8_t)cause_of(code)}};

    if (completion < 0)
        return;
    if (completion == 0 && !data.failed)
        emit(ipmi->sink, &event);
    ipmi_next(ipmi, TASK_GET_WATCHDOG);
}
