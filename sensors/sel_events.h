/*
 * The meaning of the numbers in event records; used by their readers alone (sel.c,
 * prior_log.c).
 */
#ifndef ASSAY_SENSORS_SEL_EVENTS_H
#define ASSAY_SENSORS_SEL_EVENTS_H

#include "sensors/sel.h"

/* Sensor types, IPMI 2.0 table 42-3, and event types, table 42-1. */
enum {
    SENSOR_TEMPERATURE = 0x01,
    SENSOR_VOLTAGE = 0x02,
    SENSOR_FAN = 0x04,
    SENSOR_PROCESSOR = 0x07,
    SENSOR_POWER_SUPPLY = 0x08,
    SENSOR_POWER_UNIT = 0x09,
    SENSOR_COOLING = 0x0A,
    SENSOR_MEMORY = 0x0C,
    SENSOR_DRIVE = 0x0D,
    SENSOR_FIRMWARE = 0x0F,
    SENSOR_LOGGING = 0x10,
    SENSOR_SYSTEM_EVENT = 0x12,
    SENSOR_INTERRUPT = 0x13,
    SENSOR_CHIPSET = 0x19,
    SENSOR_BOOT = 0x1D,
    SENSOR_BOOT_ERROR = 0x1E,
    SENSOR_OS_BOOT = 0x1F,
    SENSOR_OS_STOP = 0x20,
    SENSOR_WATCHDOG = 0x23,
    SENSOR_BATTERY = 0x29,
    EVENT_TYPE_THRESHOLD = 0x01,
    EVENT_TYPE_SENSOR = 0x6F,
};

struct sel_event {
    uint8_t kind; /* event type, or sensor type for those of the sensor's own kind */
    uint8_t offset;
    uint8_t topic; /* enum sel_topic; SEL_OTHER: that of the sensor */
    bool is_bad;
    const char *text;
};

/* NULL for an event that has no name here. */
const struct sel_event *sel_event_of(const struct sel_record *record);

/* What events of a sensor are about when nothing more is known. */
uint8_t sel_topic_of(uint8_t sensor_type);

#endif
