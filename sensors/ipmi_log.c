#include <string.h>

#include "base/error.h"
#include "base/event.h"
#include "sensors/ipmi_tasks.h"

/* Commands of the system event log, section 31, network function Storage. */
enum {
    GET_SEL_INFO = 0x40,
    RESERVE_SEL = 0x42,
    GET_SEL_ENTRY = 0x43,
};

enum {
    RECORD_FIRST = 0x0000,
    RECORD_LAST = 0xFFFF,
    WHOLE_RECORD = 0xFF,
    RESERVATION_LOST = 0xC5, /* completion code */
    CAN_RESERVE = 0x02,
    SLACK = 16, /* records that may be added while the log is read */
};

void ipmi_read_log(struct ipmi *ipmi, void (*take)(void *context, const struct sel_record *record),
                   void *context)
{
    ipmi->log = (struct ipmi_log){.take = take, .context = context, .task = TASK_LOG_INFO};
}

bool ipmi_log_is_open(const struct ipmi *ipmi)
{
    return ipmi->log.task != TASKS;
}

bool ipmi_log_is_read(const struct ipmi *ipmi)
{
    return !ipmi_log_is_open(ipmi) || ipmi->state == IPMI_ABSENT;
}

/* The log's next task; a reading comes before it. */
static void go_on(struct ipmi *ipmi, enum ipmi_task task)
{
    ipmi->log.task = task;
    ipmi_next(ipmi, TASK_READING);
}

static unsigned kept(const struct ipmi_log *log)
{
    return log->walked < IPMI_LOG_KEPT ? log->walked : IPMI_LOG_KEPT;
}

/* All that is to be had of the log was read: `why` says what cut it short. */
static void end_log(struct ipmi *ipmi, const char *why)
{
    const struct ipmi_log *log = &ipmi->log;

    if (why)
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  "The BMC's event log is cut short after %u records: %s", log->walked, why);
    else
        emit_note(ipmi->sink, SEVERITY_INFO,
                  "The BMC's event log has %u records, the newest %u are looked at", log->entries,
                  kept(log));
    go_on(ipmi, TASK_LOG_TELL);
}

static void leave_log(struct ipmi *ipmi, enum severity severity, const char *what)
{
    emit_note(ipmi->sink, severity, "The BMC's event log %s", what);
    go_on(ipmi, TASKS);
}

void ipmi_ask_log_info(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, NETFN_STORAGE, 0, GET_SEL_INFO, NULL, 0);
}

/* Section 31.2. */
void ipmi_take_log_info(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_log *log = &ipmi->log;
    uint16_t entries = bytes_le16(&data, 1);
    uint8_t support = bytes_u8(&data, 13);

    if (completion != 0 || data.failed) {
        if (ipmi_gives_up(ipmi, completion))
            leave_log(ipmi, SEVERITY_INFO, "cannot be read");
        return;
    }
    log->entries = entries;
    log->may_jump = entries > IPMI_LOG_KEPT;
    log->record = log->may_jump ? RECORD_LAST : RECORD_FIRST;
    if (entries == 0)
        leave_log(ipmi, SEVERITY_INFO, "is empty");
    else
        go_on(ipmi, support & CAN_RESERVE ? TASK_LOG_RESERVE : TASK_LOG_RECORD);
}

void ipmi_ask_log_reserve(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, NETFN_STORAGE, 0, RESERVE_SEL, NULL, 0);
}

/* A whole record may be asked for without a reservation: section 31.5. */
void ipmi_take_log_reserve(struct ipmi *ipmi, int completion, struct bytes data)
{
    uint16_t reservation = bytes_le16(&data, 0);

    if (completion < 0)
        return;
    ipmi->log.reservation = completion == 0 ? reservation : 0;
    go_on(ipmi, TASK_LOG_RECORD);
}

void ipmi_ask_log_record(struct ipmi *ipmi)
{
    const struct ipmi_log *log = &ipmi->log;
    uint8_t request[] = {
        (uint8_t)log->reservation,
        (uint8_t)(log->reservation >> 8),
        (uint8_t)log->record,
        (uint8_t)(log->record >> 8),
        0,
        WHOLE_RECORD,
    };

    ipmi_ask(ipmi, NETFN_STORAGE, 0, GET_SEL_ENTRY, request, sizeof(request));
}

/* Records are mostly numbered one after the other: by the number of the last one the walk begins so
 * far before it as records are kept. Where nothing has that number, it begins at the first. */
static void jump(struct ipmi *ipmi, uint16_t last)
{
    struct ipmi_log *log = &ipmi->log;

    log->may_jump = false;
    log->jumped = last > IPMI_LOG_KEPT && last != RECORD_LAST;
    log->record = log->jumped ? (uint16_t)(last - IPMI_LOG_KEPT + 1) : RECORD_FIRST;
    go_on(ipmi, TASK_LOG_RECORD);
}

static void keep(struct ipmi *ipmi, const uint8_t *bytes, uint16_t next)
{
    struct ipmi_log *log = &ipmi->log;
    unsigned most = log->entries < IPMI_LOG_RECORDS_MAX ? log->entries : IPMI_LOG_RECORDS_MAX;

    memcpy(log->kept[log->walked++ % IPMI_LOG_KEPT], bytes, SEL_RECORD_SIZE);
    log->jumped = false;
    if (next == RECORD_LAST) {
        end_log(ipmi, NULL);
    } else if (next == log->record || next == RECORD_FIRST) {
        end_log(ipmi, "it runs in a circle");
    } else if (log->walked >= most + SLACK) {
        end_log(ipmi, "it is longer than it says, or than can be read");
    } else {
        log->record = next;
        go_on(ipmi, TASK_LOG_RECORD);
    }
}

/* A record that does not come: the way to the next one is lost with it. */
static void miss(struct ipmi *ipmi, int completion)
{
    struct ipmi_log *log = &ipmi->log;

    if (!ipmi_gives_up(ipmi, completion))
        return;
    if (log->may_jump || log->jumped)
        jump(ipmi, 0);
    else
        end_log(ipmi, "a record could not be read");
}

/* Section 31.5: the number of the next record, and the record. */
void ipmi_take_log_record(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_log *log = &ipmi->log;
    uint16_t next = bytes_le16(&data, 0), id = bytes_le16(&data, 2);

    if (completion == RESERVATION_LOST && ++log->lost > IPMI_RESERVATIONS_MAX)
        end_log(ipmi, "it keeps changing");
    else if (completion == RESERVATION_LOST)
        go_on(ipmi, TASK_LOG_RESERVE);
    else if (completion != 0 || !bytes_have(&data, 2, SEL_RECORD_SIZE))
        miss(ipmi, completion);
    else if (log->may_jump)
        jump(ipmi, id);
    else
        keep(ipmi, data.data + 2, next);
}

/* The next record of the ring, the oldest first. */
static void tell(struct ipmi_log *log)
{
    unsigned index = (log->walked - kept(log) + log->told++) % IPMI_LOG_KEPT;
    struct sel_record record;

    if (sel_record_of(bytes_of(log->kept[index], SEL_RECORD_SIZE), &record) == OK)
        log->take(log->context, &record);
    else
        log->malformed++;
}

void ipmi_tell_log(struct ipmi *ipmi)
{
    struct ipmi_log *log = &ipmi->log;

    if (log->told < kept(log)) {
        tell(log);
        go_on(ipmi, TASK_LOG_TELL);
        return;
    }
    if (log->malformed > 0)
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  "%u records of the BMC's event log make no sense and are left out",
                  log->malformed);
    go_on(ipmi, TASKS);
}

bool ipmi_tell_log_of_dead(struct ipmi *ipmi)
{
    if (!ipmi_log_is_open(ipmi))
        return false;
    if (ipmi->log.task == TASK_LOG_TELL)
        ipmi_tell_log(ipmi);
    else
        end_log(ipmi, "the BMC answers no longer");
    return true;
}
