#include <string.h>

#include "base/event.h"
#include "base/last_words.h"
#include "sensors/ipmi_tasks.h"

/* Section 27: commands, and the first byte of Get and Set Watchdog Timer. */
enum {
    SET_WATCHDOG_TIMER = 0x24,
    GET_WATCHDOG_TIMER = 0x25,
    TIMER_RUNNING = 0x40,
    TIMER_ACTION = 0x07,
};

void ipmi_ask_watchdog(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, NETFN_APP, 0, GET_WATCHDOG_TIMER, NULL, 0);
}

/* A BMC without a watchdog, or one that will not tell, is left alone. */
void ipmi_take_watchdog(struct ipmi *ipmi, int completion, struct bytes data)
{
    bool running = bytes_u8(&data, 0) & TIMER_RUNNING;

    if (completion < 0)
        return;
    if (completion == 0 && bytes_have(&data, 0, sizeof(ipmi->watchdog)) && running) {
        memcpy(ipmi->watchdog, data.data, sizeof(ipmi->watchdog));
        ipmi_next(ipmi, TASK_STOP_WATCHDOG);
    } else {
        ipmi_next(ipmi, TASK_RESERVE);
    }
}

/* Setting the timer with bit 6 clear stops it. All else is set as it was found, and no expiration
 * flag is cleared. */
void ipmi_ask_stop_watchdog(struct ipmi *ipmi)
{
    uint8_t timer[6];

    memcpy(timer, ipmi->watchdog, sizeof(timer));
    timer[0] &= (uint8_t)~TIMER_RUNNING;
    timer[3] = 0;
    ipmi_ask(ipmi, NETFN_APP, 0, SET_WATCHDOG_TIMER, timer, sizeof(timer));
}

void ipmi_take_stop_watchdog(struct ipmi *ipmi, int completion, struct bytes data)
{
    (void)data;
    if (completion >= 0)
        ipmi_next(ipmi, TASK_CHECK_WATCHDOG);
}

static const char *action_text(uint8_t actions)
{
    switch (actions & TIMER_ACTION) {
    case 0:
        return "would have done nothing";
    case 1:
        return "would have reset the machine";
    case 2:
        return "would have switched the machine off";
    case 3:
        return "would have power-cycled the machine";
    default:
        return "would have done something unknown";
    }
}

/* Times are in tenths of a second. */
void ipmi_take_watchdog_check(struct ipmi *ipmi, int completion, struct bytes data)
{
    unsigned seconds = (ipmi->watchdog[4] | ipmi->watchdog[5] << 8) / 10u;
    bool stopped = completion == 0 && !(bytes_u8(&data, 0) & TIMER_RUNNING) && !data.failed;

    if (completion < 0)
        return;
    if (stopped)
        emit_note(ipmi->sink, SEVERITY_INFO,
                  "A watchdog of the BMC was running (%u s) and was stopped; it %s", seconds,
                  action_text(ipmi->watchdog[1]));
    else
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  WATCHDOG_LEFT " (%u s) and could not be stopped: "
                                "a reset or power-off in this run may be its work",
                  seconds);
    ipmi_next(ipmi, TASK_RESERVE);
}
