/*
 * The BMC's system event log: what one record says (IPMI 2.0, section 32 and tables 42-1 to 42-3).
 */
#ifndef ASSAY_SENSORS_SEL_H
#define ASSAY_SENSORS_SEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

enum { SEL_RECORD_SIZE = 16 };

/* What a record is about, as far as a diagnosis cares. */
enum sel_topic {
    SEL_OTHER,
    SEL_TEMPERATURE,
    SEL_VOLTAGE,
    SEL_FAN,
    SEL_PROCESSOR,
    SEL_PROCESSOR_HOT, /* it switched itself off, or throttled */
    SEL_POWER,         /* supplies and the power of the whole machine */
    SEL_MEMORY_CORRECTED,
    SEL_MEMORY_UNCORRECTED,
    SEL_MEMORY_LIMIT, /* so many corrected errors that no more are logged */
    SEL_MEMORY,       /* anything else about it */
    SEL_DRIVE,
    SEL_FIRMWARE, /* an error or a stop of the start-up */
    SEL_LOG,      /* the log itself: cleared, full */
    SEL_BUS_CORRECTED,
    SEL_BUS,       /* PCI, PCI Express or another bus, not corrected */
    SEL_INTERRUPT, /* a front-panel NMI and the like */
    SEL_WATCHDOG,
    SEL_SYSTEM, /* starting and stopping */
    SEL_TOPICS,
};

/* How a time was counted. */
enum sel_clock {
    SEL_CLOCK_NONE,
    SEL_CLOCK_UPTIME, /* seconds since the BMC started: its clock was not set */
    SEL_CLOCK_DATE,   /* seconds since 1970, mostly of local time */
};

struct sel_record {
    uint16_t id;
    uint8_t type;  /* 02h, C0h to DFh, E0h to FFh; others are not known */
    uint8_t clock; /* enum sel_clock */
    uint32_t time;
    bool is_event; /* of type 02h: the next ones count */
    uint16_t generator;
    uint8_t sensor_type, sensor;
    uint8_t event_type; /* 01h threshold, 02h to 0Ch generic, 6Fh of the sensor's own kind */
    uint8_t offset;     /* which of its events */
    bool asserted;      /* it began; else it ended */
    uint8_t data[3];
    uint32_t manufacturer; /* of types C0h to DFh; 0 */
    uint8_t topic;         /* enum sel_topic; SEL_OTHER where it is no event */
    bool is_bad;           /* a fault, or the beginning of one; false for its end */
};

/* ERR_FORMAT for less than 16 bytes, and for a record type of 00h or FFh filled with FFh, as an
 * erased log reads. */
int sel_record_of(struct bytes bytes, struct sel_record *ret_record);

/* "fan 30h: below its lower critical limit"; "memory 88h: corrected error, module 49, ended". */
void sel_record_text(const struct sel_record *record, struct text *text);

/* "2010-08-15 23:20:09"; "12 min 5 s after the BMC started"; "at an unknown time". */
void sel_time_text(const struct sel_record *record, struct text *text);

/* "fan", "memory". Never NULL. */
const char *sel_sensor_text(uint8_t sensor_type);

#endif
