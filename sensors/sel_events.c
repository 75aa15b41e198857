#include "sensors/sel_events.h"

#include <stddef.h>

/* Events that mean the same for every sensor: thresholds and generic states, IPMI 2.0 table 42-2.
 * Beyond a critical limit is bad; a non-critical one is there to warn. */
static const struct sel_event generic[] = {
    {0x01, 0, SEL_OTHER, false, "below its lower non-critical limit"},
    {0x01, 1, SEL_OTHER, false, "above its lower non-critical limit"},
    {0x01, 2, SEL_OTHER, true, "below its lower critical limit"},
    {0x01, 3, SEL_OTHER, false, "above its lower critical limit"},
    {0x01, 4, SEL_OTHER, true, "below its lower non-recoverable limit"},
    {0x01, 5, SEL_OTHER, false, "above its lower non-recoverable limit"},
    {0x01, 6, SEL_OTHER, false, "below its upper non-critical limit"},
    {0x01, 7, SEL_OTHER, false, "above its upper non-critical limit"},
    {0x01, 8, SEL_OTHER, false, "below its upper critical limit"},
    {0x01, 9, SEL_OTHER, true, "above its upper critical limit"},
    {0x01, 10, SEL_OTHER, false, "below its upper non-recoverable limit"},
    {0x01, 11, SEL_OTHER, true, "above its upper non-recoverable limit"},
    {0x04, 0, SEL_OTHER, false, "no failure is expected"},
    {0x04, 1, SEL_OTHER, true, "a failure is expected"},
    {0x05, 0, SEL_OTHER, false, "within its limit"},
    {0x05, 1, SEL_OTHER, true, "beyond its limit"},
    {0x07, 0, SEL_OTHER, false, "in order"},
    {0x07, 1, SEL_OTHER, false, "became non-critical"},
    {0x07, 2, SEL_OTHER, true, "became critical"},
    {0x07, 3, SEL_OTHER, true, "became non-recoverable"},
    {0x07, 4, SEL_OTHER, false, "went down to non-critical"},
    {0x07, 5, SEL_OTHER, true, "went down to critical"},
    {0x07, 6, SEL_OTHER, true, "non-recoverable"},
    {0x08, 0, SEL_OTHER, false, "removed"},
    {0x08, 1, SEL_OTHER, false, "there"},
    {0x0B, 0, SEL_OTHER, false, "fully redundant"},
    {0x0B, 1, SEL_OTHER, true, "redundancy lost"},
    {0x0B, 2, SEL_OTHER, true, "redundancy degraded"},
    {0x0B, 5, SEL_OTHER, true, "not enough are left"},
};

/* Events of a sensor's own kind, table 42-3. */
static const struct sel_event own[] = {
    {SENSOR_PROCESSOR, 0, SEL_PROCESSOR, true, "internal error (IERR)"},
    {SENSOR_PROCESSOR, 1, SEL_PROCESSOR_HOT, true, "switched off for heat (thermal trip)"},
    {SENSOR_PROCESSOR, 2, SEL_PROCESSOR, true, "failed its self-test"},
    {SENSOR_PROCESSOR, 3, SEL_PROCESSOR, true, "hung while starting"},
    {SENSOR_PROCESSOR, 4, SEL_PROCESSOR, true, "did not start"},
    {SENSOR_PROCESSOR, 5, SEL_PROCESSOR, true, "configuration error"},
    {SENSOR_PROCESSOR, 6, SEL_PROCESSOR, true, "error that was not corrected"},
    {SENSOR_PROCESSOR, 7, SEL_PROCESSOR, false, "there"},
    {SENSOR_PROCESSOR, 8, SEL_PROCESSOR, true, "taken out of use"},
    {SENSOR_PROCESSOR, 10, SEL_PROCESSOR_HOT, false, "throttled"},
    {SENSOR_PROCESSOR, 11, SEL_PROCESSOR, true, "machine check, not corrected"},
    {SENSOR_PROCESSOR, 12, SEL_PROCESSOR, false, "machine check, corrected"},
    {SENSOR_POWER_SUPPLY, 0, SEL_POWER, false, "there"},
    {SENSOR_POWER_SUPPLY, 1, SEL_POWER, true, "failed"},
    {SENSOR_POWER_SUPPLY, 2, SEL_POWER, true, "expects to fail"},
    {SENSOR_POWER_SUPPLY, 3, SEL_POWER, true, "lost its input"},
    {SENSOR_POWER_SUPPLY, 4, SEL_POWER, true, "input lost or out of range"},
    {SENSOR_POWER_SUPPLY, 5, SEL_POWER, true, "input out of range"},
    {SENSOR_POWER_SUPPLY, 6, SEL_POWER, true, "configuration error"},
    {SENSOR_POWER_UNIT, 0, SEL_POWER, false, "machine switched off"},
    {SENSOR_POWER_UNIT, 1, SEL_POWER, false, "machine switched off and on"},
    {SENSOR_POWER_UNIT, 2, SEL_POWER, true, "switched off for too much current"},
    {SENSOR_POWER_UNIT, 3, SEL_POWER, false, "switched off by the cover"},
    {SENSOR_POWER_UNIT, 4, SEL_POWER, true, "mains lost"},
    {SENSOR_POWER_UNIT, 5, SEL_POWER, true, "did not answer a request to switch"},
    {SENSOR_POWER_UNIT, 6, SEL_POWER, true, "failed"},
    {SENSOR_POWER_UNIT, 7, SEL_POWER, true, "expects to fail"},
    {SENSOR_MEMORY, 0, SEL_MEMORY_CORRECTED, true, "corrected error"},
    {SENSOR_MEMORY, 1, SEL_MEMORY_UNCORRECTED, true, "error that was not corrected"},
    {SENSOR_MEMORY, 2, SEL_MEMORY_UNCORRECTED, true, "parity error"},
    {SENSOR_MEMORY, 3, SEL_MEMORY_UNCORRECTED, true, "scrubbing found a stuck bit"},
    {SENSOR_MEMORY, 4, SEL_MEMORY, true, "module taken out of use"},
    {SENSOR_MEMORY, 5, SEL_MEMORY_LIMIT, true, "so many corrected errors that logging stopped"},
    {SENSOR_MEMORY, 6, SEL_MEMORY, false, "module there"},
    {SENSOR_MEMORY, 7, SEL_MEMORY, true, "configuration error"},
    {SENSOR_MEMORY, 8, SEL_MEMORY, false, "spare module in use"},
    {SENSOR_MEMORY, 9, SEL_MEMORY, false, "throttled"},
    {SENSOR_MEMORY, 10, SEL_MEMORY, true, "critically hot"},
    {SENSOR_DRIVE, 0, SEL_DRIVE, false, "there"},
    {SENSOR_DRIVE, 1, SEL_DRIVE, true, "failed"},
    {SENSOR_DRIVE, 2, SEL_DRIVE, true, "expects to fail"},
    {SENSOR_DRIVE, 3, SEL_DRIVE, false, "spare"},
    {SENSOR_DRIVE, 4, SEL_DRIVE, false, "array being checked"},
    {SENSOR_DRIVE, 5, SEL_DRIVE, true, "in a critical array"},
    {SENSOR_DRIVE, 6, SEL_DRIVE, true, "in a failed array"},
    {SENSOR_DRIVE, 7, SEL_DRIVE, false, "array being rebuilt"},
    {SENSOR_DRIVE, 8, SEL_DRIVE, true, "rebuilding the array was given up"},
    {SENSOR_FIRMWARE, 0, SEL_FIRMWARE, true, "error while starting"},
    {SENSOR_FIRMWARE, 1, SEL_FIRMWARE, true, "hung while starting"},
    {SENSOR_FIRMWARE, 2, SEL_FIRMWARE, false, "starting"},
    {SENSOR_LOGGING, 0, SEL_MEMORY_LIMIT, true, "corrected memory errors are no longer logged"},
    {SENSOR_LOGGING, 1, SEL_LOG, false, "some events are no longer logged"},
    {SENSOR_LOGGING, 2, SEL_LOG, false, "log cleared"},
    {SENSOR_LOGGING, 3, SEL_LOG, false, "events are no longer logged"},
    {SENSOR_LOGGING, 4, SEL_LOG, false, "log full"},
    {SENSOR_LOGGING, 5, SEL_LOG, false, "log almost full"},
    {SENSOR_LOGGING, 6, SEL_LOG, false, "corrected machine checks are no longer logged"},
    {SENSOR_SYSTEM_EVENT, 0, SEL_SYSTEM, false, "configuration changed"},
    {SENSOR_SYSTEM_EVENT, 2, SEL_SYSTEM, true, "undetermined failure of the hardware"},
    {SENSOR_SYSTEM_EVENT, 5, SEL_LOG, false, "clock set"},
    {SENSOR_INTERRUPT, 0, SEL_INTERRUPT, false, "NMI from the front panel"},
    {SENSOR_INTERRUPT, 1, SEL_BUS, true, "bus timed out"},
    {SENSOR_INTERRUPT, 2, SEL_BUS, true, "I/O channel check"},
    {SENSOR_INTERRUPT, 3, SEL_INTERRUPT, false, "NMI from software"},
    {SENSOR_INTERRUPT, 4, SEL_BUS, true, "PCI parity error (PERR)"},
    {SENSOR_INTERRUPT, 5, SEL_BUS, true, "PCI system error (SERR)"},
    {SENSOR_INTERRUPT, 7, SEL_BUS_CORRECTED, true, "bus error, corrected"},
    {SENSOR_INTERRUPT, 8, SEL_BUS, true, "bus error, not corrected"},
    {SENSOR_INTERRUPT, 9, SEL_INTERRUPT, true, "fatal NMI"},
    {SENSOR_INTERRUPT, 10, SEL_BUS, true, "bus error, fatal"},
    {SENSOR_INTERRUPT, 11, SEL_BUS, true, "bus slower or narrower than it should be"},
    {SENSOR_CHIPSET, 0, SEL_POWER, true, "did not answer a request to switch"},
    {SENSOR_CHIPSET, 1, SEL_PROCESSOR_HOT, true, "switched off for heat (thermal trip)"},
    {SENSOR_BOOT, 0, SEL_SYSTEM, false, "started by power"},
    {SENSOR_BOOT, 1, SEL_SYSTEM, false, "started by a reset"},
    {SENSOR_BOOT, 2, SEL_SYSTEM, false, "started by a warm reset"},
    {SENSOR_BOOT, 3, SEL_SYSTEM, false, "started from the network"},
    {SENSOR_BOOT, 5, SEL_SYSTEM, false, "reset by the operating system"},
    {SENSOR_BOOT, 6, SEL_SYSTEM, false, "warm reset by the operating system"},
    {SENSOR_BOOT, 7, SEL_SYSTEM, false, "restarted"},
    {SENSOR_BOOT_ERROR, 0, SEL_SYSTEM, false, "no medium to start from"},
    {SENSOR_BOOT_ERROR, 2, SEL_SYSTEM, false, "network server not found"},
    {SENSOR_BOOT_ERROR, 3, SEL_SYSTEM, false, "invalid boot sector"},
    {SENSOR_OS_BOOT, 1, SEL_SYSTEM, false, "started from a disk"},
    {SENSOR_OS_BOOT, 2, SEL_SYSTEM, false, "started from the network"},
    {SENSOR_OS_BOOT, 6, SEL_SYSTEM, false, "started"},
    {SENSOR_OS_STOP, 0, SEL_SYSTEM, true, "stopped by an error while loading"},
    {SENSOR_OS_STOP, 1, SEL_SYSTEM, true, "stopped by an error while running"},
    {SENSOR_OS_STOP, 2, SEL_SYSTEM, false, "stopped"},
    {SENSOR_OS_STOP, 3, SEL_SYSTEM, false, "shut down"},
    {SENSOR_OS_STOP, 4, SEL_SYSTEM, false, "shut down by the BMC"},
    {SENSOR_WATCHDOG, 0, SEL_WATCHDOG, true, "expired"},
    {SENSOR_WATCHDOG, 1, SEL_WATCHDOG, true, "expired and reset the machine"},
    {SENSOR_WATCHDOG, 2, SEL_WATCHDOG, true, "expired and switched the machine off"},
    {SENSOR_WATCHDOG, 3, SEL_WATCHDOG, true, "expired and switched the machine off and on"},
    {SENSOR_WATCHDOG, 8, SEL_WATCHDOG, false, "about to expire"},
    {SENSOR_BATTERY, 0, SEL_OTHER, false, "low"},
    {SENSOR_BATTERY, 1, SEL_OTHER, true, "failed"},
};

static const struct sel_event *find(const struct sel_event *events, size_t count, uint8_t kind,
                                    uint8_t offset)
{
    for (size_t i = 0; i < count; i++)
        if (events[i].kind == kind && events[i].offset == offset)
            return &events[i];
    return NULL;
}

const struct sel_event *sel_event_of(const struct sel_record *record)
{
    if (record->event_type == EVENT_TYPE_SENSOR)
        return find(own, sizeof(own) / sizeof(own[0]), record->sensor_type, record->offset);
    return find(generic, sizeof(generic) / sizeof(generic[0]), record->event_type, record->offset);
}

uint8_t sel_topic_of(uint8_t sensor_type)
{
    static const struct {
        uint8_t sensor_type, topic;
    } topics[] = {
        {SENSOR_TEMPERATURE, SEL_TEMPERATURE},
        {SENSOR_VOLTAGE, SEL_VOLTAGE},
        {SENSOR_FAN, SEL_FAN},
        {SENSOR_COOLING, SEL_FAN},
        {SENSOR_PROCESSOR, SEL_PROCESSOR},
        {SENSOR_POWER_SUPPLY, SEL_POWER},
        {SENSOR_POWER_UNIT, SEL_POWER},
        {SENSOR_MEMORY, SEL_MEMORY},
        {SENSOR_DRIVE, SEL_DRIVE},
        {SENSOR_FIRMWARE, SEL_FIRMWARE},
        {SENSOR_LOGGING, SEL_LOG},
        {SENSOR_SYSTEM_EVENT, SEL_SYSTEM},
        {SENSOR_INTERRUPT, SEL_INTERRUPT},
        {SENSOR_BOOT, SEL_SYSTEM},
        {SENSOR_BOOT_ERROR, SEL_SYSTEM},
        {SENSOR_OS_BOOT, SEL_SYSTEM},
        {SENSOR_OS_STOP, SEL_SYSTEM},
        {SENSOR_WATCHDOG, SEL_WATCHDOG},
    };

    for (size_t i = 0; i < sizeof(topics) / sizeof(topics[0]); i++)
        if (topics[i].sensor_type == sensor_type)
            return topics[i].topic;
    return SEL_OTHER;
}

/* Table 42-3. */
const char *sel_sensor_text(uint8_t sensor_type)
{
    static const char *const texts[] = {
        NULL,
        "temperature",
        "voltage",
        "current",
        "fan",
        "cover",
        "security",
        "processor",
        "power supply",
        "power unit",
        "cooling",
        "sensor",
        "memory",
        "drive",
        "memory size",
        "firmware",
        "event log",
        "watchdog",
        "system",
        "critical interrupt",
        "button",
        "board",
        "microcontroller",
        "card",
        "chassis",
        "chip set",
        "part",
        "cable",
        "terminator",
        "start",
        "start",
        "operating system",
        "operating system",
        "slot",
        "power state",
        "watchdog",
        "alert",
        "presence",
        "monitor",
        "network",
        "management",
        "battery",
        "session",
        "version",
        "part",
    };

    return sensor_type < sizeof(texts) / sizeof(texts[0]) && texts[sensor_type] ? texts[sensor_type]
                                                                                : "sensor";
}
