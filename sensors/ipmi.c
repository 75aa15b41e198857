#include "sensors/ipmi.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "sensors/ipmi_tasks.h"

/* A bound on the steps within one call, should the clock stand still. */
enum { STEPS_MAX = 200 };

enum { GET_DEVICE_ID = 0x01 };

static const char step_name[] = "bmc";

void ipmi_init(struct ipmi *ipmi, const struct access *access, const struct clock *clock,
               const struct sink *sink, struct numbers *numbers, uint16_t port, unsigned spacing)
{
    memset(ipmi, 0, sizeof(*ipmi));
    kcs_init(&ipmi->kcs, access, clock, port, spacing);
    ipmi->clock = clock;
    ipmi->sink = sink;
    ipmi->numbers = numbers;
    ipmi->port = port;
    ipmi->state = IPMI_PROBING;
    ipmi->task = TASK_DEVICE_ID;
    ipmi->log.task = TASKS;
    ipmi->patience_us = IPMI_PATIENCE_US;
}

void ipmi_set_patience(struct ipmi *ipmi, uint64_t patience_us)
{
    if (patience_us < IPMI_PATIENCE_US)
        patience_us = IPMI_PATIENCE_US;
    ipmi->patience_us = patience_us < IPMI_PATIENCE_US_MAX ? patience_us : IPMI_PATIENCE_US_MAX;
}

void ipmi_ask(struct ipmi *ipmi, uint8_t netfn, uint8_t lun, uint8_t command, const uint8_t *data,
              size_t size)
{
    uint8_t request[18] = {(uint8_t)(netfn << 2 | lun), command};

    if (size > sizeof(request) - 2)
        return;
    if (size > 0)
        memcpy(request + 2, data, size);
    ipmi->moved_us = clock_now_us(ipmi->clock);
    ipmi->asked = kcs_start(&ipmi->kcs, request, size + 2) == OK;
}

bool ipmi_gives_up(struct ipmi *ipmi, int completion)
{
    if (completion < 0 || ++ipmi->tries < IPMI_TRIES_MAX)
        return false;
    ipmi->tries = 0;
    return true;
}

void ipmi_next(struct ipmi *ipmi, enum ipmi_task task)
{
    ipmi->task = task;
    ipmi->tries = 0;
}

/* No BMC, or none that can be used: the end of probing. */
static void leave(struct ipmi *ipmi, enum severity severity, const char *why)
{
    ipmi->state = IPMI_ABSENT;
    emit_note(ipmi->sink, severity, "The BMC's port %Xh %s: its fans and temperatures are not read",
              ipmi->port, why);
    emit_step(ipmi->sink, step_name, true);
}

static void ask_device_id(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, NETFN_APP, 0, GET_DEVICE_ID, NULL, 0);
}

/* Get Device ID, section 20.1; manufacturers are numbered by IANA. */
static void declare_bmc(struct ipmi *ipmi, struct bytes *data)
{
    struct event event = {.type = EVENT_PART, .part = {.kind = PART_BMC}};
    struct event_part *part = &event.part;
    uint8_t version = bytes_u8(data, 4);

    part->part = ipmi->part = ipmi->numbers->next_part++;
    copy_text(part->name, sizeof(part->name), "BMC");
    format_text(part->place, sizeof(part->place), "port %Xh", ipmi->port);
    format_text(part->detail, sizeof(part->detail),
                "IPMI %u.%u, firmware %u.%02x, manufacturer %u, product %u", version & 0x0F,
                version >> 4, bytes_u8(data, 2) & 0x7F, bytes_u8(data, 3),
                (unsigned)bytes_le(data, 6, 3), bytes_le16(data, 9));
    emit(ipmi->sink, &event);
}

static void take_device_id(struct ipmi *ipmi, int completion, struct bytes data)
{
    uint8_t revision = bytes_u8(&data, 1);
    uint8_t additional = bytes_u8(&data, 5);

    if (completion == ERR_ABSENT) {
        leave(ipmi, SEVERITY_INFO, "is not there");
        return;
    }
    if (completion != 0 || data.failed) {
        if (ipmi_gives_up(ipmi, completion))
            leave(ipmi, SEVERITY_WARNING, "does not answer as a BMC does");
        return;
    }
    declare_bmc(ipmi, &data);
    emit_step(ipmi->sink, step_name, true);
    ipmi_begin_walk(ipmi, revision, additional);
    ipmi_next(ipmi, TASK_RESTART_CAUSE);
}

static const struct ipmi_task_functions tasks[TASKS] = {
    [TASK_DEVICE_ID] = {ask_device_id, take_device_id},
    [TASK_RESTART_CAUSE] = {ipmi_ask_restart, ipmi_take_restart},
    [TASK_GET_WATCHDOG] = {ipmi_ask_watchdog, ipmi_take_watchdog},
    [TASK_STOP_WATCHDOG] = {ipmi_ask_stop_watchdog, ipmi_take_stop_watchdog},
    [TASK_CHECK_WATCHDOG] = {ipmi_ask_watchdog, ipmi_take_watchdog_check},
    [TASK_RESERVE] = {ipmi_ask_reserve, ipmi_take_reserve},
    [TASK_SDR] = {ipmi_ask_sdr, ipmi_take_sdr},
    [TASK_THRESHOLDS] = {ipmi_ask_thresholds, ipmi_take_thresholds},
    [TASK_LIMIT_FACTORS] = {ipmi_ask_limit_factors, ipmi_take_limit_factors},
    [TASK_READING] = {ipmi_ask_reading, ipmi_take_reading},
    [TASK_FACTORS] = {ipmi_ask_factors, ipmi_take_factors},
    [TASK_LOG_INFO] = {ipmi_ask_log_info, ipmi_take_log_info},
    [TASK_LOG_RESERVE] = {ipmi_ask_log_reserve, ipmi_take_log_reserve},
    [TASK_LOG_RECORD] = {ipmi_ask_log_record, ipmi_take_log_record},
    [TASK_LOG_TELL] = {ipmi_tell_log, NULL},
};

/* Lets the transaction proceed for IPMI_STEP_US, or until the BMC has something to do. */
static int run(struct ipmi *ipmi)
{
    uint64_t start_us = clock_now_us(ipmi->clock), now_us = start_us;
    int result = KCS_BUSY;

    for (unsigned i = 0; i < STEPS_MAX && result == KCS_BUSY; i++) {
        result = kcs_step(&ipmi->kcs);
        now_us = clock_now_us(ipmi->clock);
        if (!ipmi->kcs.waits)
            ipmi->moved_us = now_us;
        if (now_us - ipmi->moved_us >= ipmi->patience_us || now_us - start_us >= IPMI_STEP_US)
            break;
    }
    if (now_us - ipmi->moved_us >= ipmi->patience_us)
        ipmi->look_us = now_us + IPMI_PAUSE_US;
    return result;
}

/* Hands the end of a transaction to its task. */
static void deliver(struct ipmi *ipmi, int result)
{
    const struct kcs *kcs = &ipmi->kcs;
    struct bytes data = bytes_of(kcs->response, 0);

    if (result == OK) {
        data = bytes_of(kcs->response + 3, kcs->response_size - 3);
        result = kcs->response[2];
    } else {
        ipmi->not_before_us = clock_now_us(ipmi->clock) + IPMI_RETRY_US;
    }
    tasks[ipmi->task].answer(ipmi, result, data);
}

/* The transport has given up. */
static void lose(struct ipmi *ipmi)
{
    if (ipmi->state == IPMI_ABSENT)
        return;
    if (ipmi->task == TASK_DEVICE_ID) {
        leave(ipmi, SEVERITY_WARNING, "does not answer");
        return;
    }
    ipmi->state = IPMI_DIED;
    emit_note(ipmi->sink, SEVERITY_WARNING,
              "The BMC answers no longer: its %u sensors are silent from now on",
              ipmi->sensor_count);
}

static void begin(struct ipmi *ipmi)
{
    ipmi->begun = true;
    emit_step(ipmi->sink, step_name, false);
}

static void advance(struct ipmi *ipmi)
{
    int result = run(ipmi);

    if (result == KCS_BUSY)
        return;
    ipmi->asked = false;
    deliver(ipmi, result);
    if (kcs_is_dead(&ipmi->kcs))
        lose(ipmi);
}

/* Begins the next command, if its time has come. */
static bool ask(struct ipmi *ipmi)
{
    enum ipmi_task task = ipmi->task;

    if (ipmi->stopping || clock_now_us(ipmi->clock) < ipmi->not_before_us)
        return false;
    tasks[task].ask(ipmi);
    return ipmi->asked || ipmi->task != task;
}

bool ipmi_step(struct ipmi *ipmi)
{
    if (ipmi->state == IPMI_ABSENT)
        return false;
    if (ipmi->state == IPMI_DIED)
        return ipmi_tell_log_of_dead(ipmi) || ipmi_silence_next(ipmi);
    if (!ipmi->begun) {
        begin(ipmi);
        return false;
    }
    if (!ipmi->asked)
        return ask(ipmi);
    if (clock_now_us(ipmi->clock) < ipmi->look_us)
        return false;
    advance(ipmi);
    return !ipmi->asked || clock_now_us(ipmi->clock) >= ipmi->look_us;
}

bool ipmi_stop(struct ipmi *ipmi)
{
    ipmi->stopping = true;
    ipmi->look_us = 0; /* now it is waited for */
    if (ipmi->asked)
        (void)ipmi_step(ipmi);
    return !ipmi->asked;
}

enum ipmi_state ipmi_state(const struct ipmi *ipmi)
{
    return ipmi->state;
}

static unsigned count(const struct ipmi *ipmi, enum quantity quantity)
{
    unsigned sum = 0;

    for (unsigned i = 0; i < ipmi->sensor_count; i++)
        if (ipmi->sensors[i].quantity == quantity && !ipmi->sensors[i].silent)
            sum++;
    return sum;
}

unsigned ipmi_fans(const struct ipmi *ipmi)
{
    return count(ipmi, QUANTITY_FAN_SPEED);
}

unsigned ipmi_temperatures(const struct ipmi *ipmi)
{
    return count(ipmi, QUANTITY_TEMPERATURE);
}

bool ipmi_has_cpu_temperature(const struct ipmi *ipmi)
{
    for (unsigned i = 0; i < ipmi->sensor_count; i++) {
        const struct ipmi_sensor *sensor = &ipmi->sensors[i];

        if (sensor->quantity == QUANTITY_TEMPERATURE && sensor->of_processor &&
            sensor->has_values && !sensor->silent)
            return true;
    }
    return false;
}
