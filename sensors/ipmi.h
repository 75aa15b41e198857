/*
 * The BMC: its fans, temperatures, voltages and powers over IPMI 2.0.
 *
 * ipmi_step() is called very often and does a little of the work each time: it greets the BMC,
 * asks it why the machine was restarted, stops its watchdog, reads the list of its sensors and from
 * then on reads one sensor after the other, all of them once a second or as often as the BMC
 * manages. What it finds it says as events; every wait is bounded, and a BMC that stops answering
 * is given up with a note.
 *
 * The only command that changes anything is Set Watchdog Timer, and only to stop a running one.
 */
#ifndef ASSAY_SENSORS_IPMI_H
#define ASSAY_SENSORS_IPMI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"
#include "base/event.h"
#include "sensors/ipmi_sdr.h"
#include "sensors/kcs.h"
#include "sensors/sel.h"

enum {
    IPMI_SENSORS_MAX = 256,
    IPMI_RECORDS_MAX = 256,        /* records of the repository that are looked at */
    IPMI_RESERVATIONS_MAX = 16,    /* lost ones, until the list of sensors is left as it is */
    IPMI_TRIES_MAX = 3,            /* of a command that is answered with an error */
    IPMI_MISSES_MAX = 3,           /* readings missing in a row until a sensor counts as silent */
    IPMI_ROUND_US = 1000000,       /* every sensor is read once in a round */
    IPMI_ROUND_LONG_US = 10000000, /* a longer round is noted, once */
    IPMI_RETRY_US = 1000000,       /* pause after a failed transaction */
    IPMI_LOG_KEPT = 64,            /* records of the event log, the newest */
    IPMI_LOG_RECORDS_MAX = 4096,   /* of the event log that are walked over */
    IPMI_STEP_US = 100,            /* what ipmi_step() may spend on the registers */
    IPMI_PATIENCE_US = 20,         /* that a busy BMC is watched, or more: ipmi_set_patience() */
    IPMI_PATIENCE_US_MAX = 1000,
    IPMI_PAUSE_US = 250, /* until a BMC that was busy is looked at again */
};

enum ipmi_state {
    IPMI_PROBING, /* until its sensors are known */
    IPMI_READY,   /* its sensors are being read */
    IPMI_ABSENT,  /* nobody answered, or not as a BMC does */
    IPMI_DIED,    /* it answered once and does no longer */
};

/* What is asked next; see ipmi_tasks.h. */
enum ipmi_task {
    TASK_DEVICE_ID,
    TASK_RESTART_CAUSE,
    TASK_GET_WATCHDOG,
    TASK_STOP_WATCHDOG,
    TASK_CHECK_WATCHDOG,
    TASK_RESERVE,
    TASK_SDR,
    TASK_THRESHOLDS,
    TASK_LIMIT_FACTORS,
    TASK_READING,
    TASK_FACTORS,
    TASK_LOG_INFO,
    TASK_LOG_RESERVE,
    TASK_LOG_RECORD,
    TASK_LOG_TELL,
    TASKS,
};

struct ipmi_sensor {
    uint8_t number, lun;
    uint8_t quantity; /* enum quantity */
    bool of_processor;
    bool has_values;  /* else only its threshold states count */
    bool by_reading;  /* each raw reading has factors of its own */
    bool upside_down; /* its lower threshold is the upper one of its values */
    bool has_factors;
    uint8_t factors_of; /* by_reading: the raw reading that they belong to, if there are any */
    uint8_t compared;
    struct ipmi_factors factors;
    uint16_t series;
    uint8_t misses;
    bool below, above, silent; /* as last told by EVENT_SENSOR_STATE */
};

/* The walk over the sensor data record repository. */
struct ipmi_walk {
    uint8_t netfn, reserve_command, get_command;
    uint16_t reservation;
    uint16_t record, next;
    uint8_t data[SDR_SIZE_MAX];
    uint8_t size, have;
    struct ipmi_sdr sdr; /* the one whose thresholds are asked for */
    uint8_t limits_due;  /* of it, those whose factors are to be asked for */
    unsigned records, lost, malformed, foreign, nameless, left_out;
};

/* The walk over the system event log. */
struct ipmi_log {
    void (*take)(void *context, const struct sel_record *record); /* NULL: it is not read */
    void *context;
    enum ipmi_task task; /* its next one; TASKS when all is done */
    bool had_turn;       /* between two readings */
    bool may_jump;       /* the last record is asked for, to begin near the end */
    bool jumped;         /* the record asked for is only hoped to be there */
    uint16_t entries, reservation, record;
    unsigned walked, told, lost, malformed;
    uint8_t kept[IPMI_LOG_KEPT][SEL_RECORD_SIZE]; /* a ring */
};

struct ipmi {
    struct kcs kcs;
    const struct clock *clock;
    const struct sink *sink;
    struct numbers *numbers;
    uint16_t port;
    enum ipmi_state state;
    enum ipmi_task task;
    bool begun, asked, stopping;
    uint64_t not_before_us; /* of the next command */
    uint64_t moved_us;      /* when the transaction last proceeded */
    uint64_t look_us;       /* when a BMC that was busy is looked at again */
    uint64_t patience_us;
    uint8_t raw; /* the reading whose factors are asked for */
    unsigned tries;
    part_id part; /* the BMC itself */
    uint8_t watchdog[6];
    struct ipmi_walk walk;
    struct ipmi_log log;
    struct ipmi_sensor sensors[IPMI_SENSORS_MAX];
    unsigned sensor_count, current, silenced;
    uint64_t round_start_us;
    bool round_noted;
};

/* `port` and `spacing` as SMBIOS type 38 (sensors/smbios.h) or the SPMI table (sensors/spmi.h)
 * gives them. Touches no register. What the pointers name must outlive the struct. */
void ipmi_init(struct ipmi *ipmi, const struct access *access, const struct clock *clock,
               const struct sink *sink, struct numbers *numbers, uint16_t port, unsigned spacing);

/*
 * Has the system event log read as well, once, after the list of sensors and between the readings
 * of sensors: the newest IPMI_LOG_KEPT records go to `take`, the oldest of them first and at most
 * one in a step; a note says how many there are, and what cut them short if something did. When the
 * BMC dies while its log is read, what came goes to `take` all the same. Nothing is ever cleared,
 * added or set. To be called before the first step.
 */
void ipmi_read_log(struct ipmi *ipmi, void (*take)(void *context, const struct sel_record *record),
                   void *context);

/* True when the log was read, or is not to be. */
bool ipmi_log_is_read(const struct ipmi *ipmi);

/*
 * Does the next little piece, within IPMI_STEP_US and one register access more. Events:
 * EVENT_STEP "bmc" around the first contact: the first call emits its beginning and does nothing
 * else, so that the journal can be brought to the medium before the next.
 * EVENT_RESTART with what the BMC says of the last restart, unknown included; none where it has no
 * such command.
 * EVENT_PART for the BMC, for each fan and for each place whose temperature is read; a processor's
 * has PART_ALL_PROCESSORS as its parent, a memory module's PART_ALL_MEMORY. Voltages and powers are
 * series of the BMC's own part.
 * EVENT_SERIES with the lower and upper critical threshold where they can be known; of a power none
 * is told, for it would not be what the processor may draw.
 * EVENT_SAMPLE for each reading, EVENT_SENSOR_STATE when a threshold state changes, when a sensor
 * has been silent for IPMI_MISSES_MAX readings (also one that never spoke: then no sample came
 * before), when it speaks again, and for all of them when the BMC died.
 *
 * It does not wait for a BMC that has something to do: one that was busy for IPMI_PATIENCE_US is
 * left alone for IPMI_PAUSE_US. True when there is more to do at once; false when some time has to
 * go by first, when an event is to reach the medium first, and for good when there is nothing left
 * to do.
 */
bool ipmi_step(struct ipmi *ipmi);

/* Where steps are far apart, a command that the BMC answers quickly is better waited for. Held
 * between IPMI_PATIENCE_US, which it is at first, and IPMI_PATIENCE_US_MAX. */
void ipmi_set_patience(struct ipmi *ipmi, uint64_t patience_us);

/* Ends the work: no new command is begun. Call it until it returns true, at most for
 * KCS_TRANSACTION_US; then the BMC is not left in the middle of a transaction. */
bool ipmi_stop(struct ipmi *ipmi);

enum ipmi_state ipmi_state(const struct ipmi *ipmi);

/* How many sensors give readings or threshold states now, silent ones not counted. */
unsigned ipmi_fans(const struct ipmi *ipmi);
unsigned ipmi_temperatures(const struct ipmi *ipmi);

/* True when one of the temperatures that are read is a processor's (entity 03h or 41h). */
bool ipmi_has_cpu_temperature(const struct ipmi *ipmi);

#endif
