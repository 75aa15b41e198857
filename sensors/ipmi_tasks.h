/*
 * What the files of the IPMI driver share, and nobody else needs.
 *
 * The driver is always at one task: a command to the BMC with a function that asks and one that
 * takes the answer. The answer's function names the next task, or leaves the same one to be asked
 * again. Asking may be put off by not asking: it is called again at the next step.
 */
#ifndef ASSAY_SENSORS_IPMI_TASKS_H
#define ASSAY_SENSORS_IPMI_TASKS_H

#include "base/bytes.h"
#include "sensors/ipmi.h"

/* Network functions, section 5.1. */
enum {
    NETFN_CHASSIS = 0x00,
    NETFN_SENSOR = 0x04,
    NETFN_APP = 0x06,
    NETFN_STORAGE = 0x0A,
};

/* Section 35.5: asked with a sensor's number and a raw reading. */
enum { GET_SENSOR_READING_FACTORS = 0x23 };

/* `completion` is 0, or the BMC's completion code (section 5.2), or a negative error of the
 * transport; `data` is what follows the completion code. */
struct ipmi_task_functions {
    void (*ask)(struct ipmi *ipmi);
    void (*answer)(struct ipmi *ipmi, int completion, struct bytes data);
};

/* Sends a command with up to 16 bytes of data. */
void ipmi_ask(struct ipmi *ipmi, uint8_t netfn, uint8_t lun, uint8_t command, const uint8_t *data,
              size_t size);

/* Counts an answer that was an error. True when the command has had its tries; a new count
 * begins then. A failure of the transport does not count: the transport gives up by itself. */
bool ipmi_gives_up(struct ipmi *ipmi, int completion);

void ipmi_next(struct ipmi *ipmi, enum ipmi_task task);

/* ipmi_restart.c */
void ipmi_ask_restart(struct ipmi *ipmi);
void ipmi_take_restart(struct ipmi *ipmi, int completion, struct bytes data);

/* ipmi_watchdog.c */
void ipmi_ask_watchdog(struct ipmi *ipmi);
void ipmi_take_watchdog(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_stop_watchdog(struct ipmi *ipmi);
void ipmi_take_stop_watchdog(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_take_watchdog_check(struct ipmi *ipmi, int completion, struct bytes data);

/* ipmi_walk.c: from the reservation to the state IPMI_READY. `additional` and `revision` are bytes
 * of Get Device ID that say where the sensor records are kept. */
void ipmi_begin_walk(struct ipmi *ipmi, uint8_t revision, uint8_t additional);
void ipmi_ask_reserve(struct ipmi *ipmi);
void ipmi_take_reserve(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_sdr(struct ipmi *ipmi);
void ipmi_take_sdr(struct ipmi *ipmi, int completion, struct bytes data);
/* Goes on with the next record, or ends the walk. */
void ipmi_next_record(struct ipmi *ipmi);

/* ipmi_limits.c. Each sensor that has limits passes here, and is declared at the end. */
void ipmi_ask_thresholds(struct ipmi *ipmi);
void ipmi_take_thresholds(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_limit_factors(struct ipmi *ipmi);
void ipmi_take_limit_factors(struct ipmi *ipmi, int completion, struct bytes data);

/* ipmi_declare.c: adds the sensors of a record and says so as parts and series. */
void ipmi_declare(struct ipmi *ipmi, const struct ipmi_sdr *sdr);

/* ipmi_log.c: the system event log. Each of its tasks ends in a reading being next. */
void ipmi_ask_log_info(struct ipmi *ipmi);
void ipmi_take_log_info(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_log_reserve(struct ipmi *ipmi);
void ipmi_take_log_reserve(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_log_record(struct ipmi *ipmi);
void ipmi_take_log_record(struct ipmi *ipmi, int completion, struct bytes data);
/* Hands on the next record that was kept, and asks nothing. */
void ipmi_tell_log(struct ipmi *ipmi);
/* Of a BMC that died: tells that the log is cut short. False when there is none left to hand on. */
bool ipmi_tell_log_of_dead(struct ipmi *ipmi);
/* True while it has tasks. */
bool ipmi_log_is_open(const struct ipmi *ipmi);

/* ipmi_watch.c */
void ipmi_ask_reading(struct ipmi *ipmi);
void ipmi_take_reading(struct ipmi *ipmi, int completion, struct bytes data);
void ipmi_ask_factors(struct ipmi *ipmi);
void ipmi_take_factors(struct ipmi *ipmi, int completion, struct bytes data);
/* Reports the next sensor of a BMC that died as silent. False when all are. */
bool ipmi_silence_next(struct ipmi *ipmi);

#endif
