#include "base/text.h"
#include "sensors/prior.h"
#include "sensors/sel_events.h"

/* ---- registers of PCI Express devices */

static bool take_aer(const struct aer_state *aer, struct event_prior_error *row, struct text *text)
{
    uint32_t uncorrected = aer->uncorrected & ~(uint32_t)AER_NO_UNCORRECTED;
    uint32_t corrected = aer->corrected & ~(uint32_t)AER_NO_CORRECTED;

    if (uncorrected) {
        row->severity = uncorrected & aer->uncorrected_severity ? PRIOR_FATAL : PRIOR_RECOVERABLE;
        aer_uncorrected_text(text, uncorrected);
    } else {
        row->severity = PRIOR_CORRECTED;
        aer_corrected_text(text, corrected);
    }
    return uncorrected || corrected;
}

/* Without the registers of AER all that is known is the class of an error. */
static bool take_status(uint16_t status, struct event_prior_error *row, struct text *text)
{
    uint16_t errors = status & (PCIE_FATAL | PCIE_NOT_FATAL);

    if (status & PCIE_UNSUPPORTED || !(errors | (status & PCIE_CORRECTED)))
        return false;
    row->severity = PRIOR_CORRECTED;
    if (errors)
        row->severity = errors & PCIE_FATAL ? PRIOR_FATAL : PRIOR_RECOVERABLE;
    text_add(text, prior_severity_names[row->severity]);
    return true;
}

bool prior_add_device(struct prior_list *list, const struct pcie_device *device, const char *place)
{
    struct event_prior_error row = {.origin = PRIOR_AER, .kind = PRIOR_PCIE};
    struct text text = text_in(row.text, sizeof(row.text));

    text_format(&text, "%s %s (%04x:%04x): ", pcie_port_text(device->pcie.port), place,
                device->vendor, device->device);
    if (!device->has_pcie)
        return false;
    if (!(device->has_aer ? take_aer(&device->aer, &row, &text)
                          : take_status(device->pcie.status, &row, &text)))
        return false;
    copy_text(row.place, sizeof(row.place), place);
    if (list->count < list->limit)
        list->rows[list->count++] = row;
    else
        list->lost++;
    return true;
}

/* ---- the event log */

static const struct {
    uint8_t topic, kind, severity;
} topics[] = {
    {SEL_TEMPERATURE, PRIOR_TEMPERATURE, PRIOR_RECOVERABLE},
    {SEL_PROCESSOR_HOT, PRIOR_TEMPERATURE, PRIOR_FATAL},
    {SEL_VOLTAGE, PRIOR_POWER, PRIOR_RECOVERABLE},
    {SEL_POWER, PRIOR_POWER, PRIOR_RECOVERABLE},
    {SEL_FAN, PRIOR_FAN, PRIOR_RECOVERABLE},
    {SEL_PROCESSOR, PRIOR_PROCESSOR, PRIOR_FATAL},
    {SEL_MEMORY_CORRECTED, PRIOR_MEMORY, PRIOR_CORRECTED},
    {SEL_MEMORY_LIMIT, PRIOR_MEMORY, PRIOR_CORRECTED},
    {SEL_MEMORY_UNCORRECTED, PRIOR_MEMORY, PRIOR_FATAL},
    {SEL_MEMORY, PRIOR_MEMORY, PRIOR_INFORMATION},
    {SEL_DRIVE, PRIOR_DRIVE, PRIOR_RECOVERABLE},
    {SEL_BUS_CORRECTED, PRIOR_PCIE, PRIOR_CORRECTED},
    {SEL_BUS, PRIOR_PCIE, PRIOR_RECOVERABLE},
    {SEL_WATCHDOG, PRIOR_WATCHDOG, PRIOR_RECOVERABLE},
    {SEL_FIRMWARE, PRIOR_OTHER, PRIOR_RECOVERABLE},
    {SEL_INTERRUPT, PRIOR_OTHER, PRIOR_RECOVERABLE},
    {SEL_SYSTEM, PRIOR_OTHER, PRIOR_RECOVERABLE},
};

/* Events of a sensor's own kind, IPMI 2.0 table 42-3, that are not what their topic says: a supply
 * that lost its input, the mains lost; a part that is not set up right, or is left out. */
static const struct {
    uint8_t sensor_type, offset, kind, severity;
} exceptions[] = {
    {SENSOR_POWER_SUPPLY, 3, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {SENSOR_POWER_SUPPLY, 4, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {SENSOR_POWER_SUPPLY, 5, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {SENSOR_POWER_UNIT, 4, PRIOR_POWER_LOSS, PRIOR_RECOVERABLE},
    {SENSOR_POWER_SUPPLY, 6, PRIOR_POWER, PRIOR_INFORMATION},
    {SENSOR_PROCESSOR, 5, PRIOR_PROCESSOR, PRIOR_INFORMATION},
    {SENSOR_PROCESSOR, 8, PRIOR_PROCESSOR, PRIOR_INFORMATION},
};

static bool take_topic(const struct sel_record *record, struct event_prior_error *row)
{
    size_t i = 0;

    while (i < sizeof(topics) / sizeof(topics[0]) && topics[i].topic != record->topic)
        i++;
    if (i == sizeof(topics) / sizeof(topics[0]))
        return false;
    row->kind = topics[i].kind;
    row->severity = topics[i].severity;
    for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++) {
        if (record->event_type == EVENT_TYPE_SENSOR &&
            exceptions[i].sensor_type == record->sensor_type &&
            exceptions[i].offset == record->offset) {
            row->kind = exceptions[i].kind;
            row->severity = exceptions[i].severity;
        }
    }
    return true;
}

/* Of a threshold, crossing it downwards and upwards are two events of one code. The generic states
 * of table 42-2 have one code for each type: a sensor is in one of them at a time. */
static uint16_t code_of(const struct sel_record *record)
{
    uint8_t offset = record->offset;

    if (record->event_type == EVENT_TYPE_THRESHOLD)
        offset /= 2;
    else if (record->event_type != EVENT_TYPE_SENSOR)
        offset = 0;
    return (uint16_t)(record->event_type << 8 | offset);
}

/* Whether the same threshold crossed the other way is bad. */
static bool turns_bad(const struct sel_record *record)
{
    struct sel_record other = *record;
    const struct sel_event *event;

    other.offset ^= 1;
    event = sel_event_of(&other);
    return event && event->is_bad;
}

/* The end of a bad event, the crossing back of a threshold, and the state in which all is well. */
static bool is_end(const struct sel_record *record, const struct sel_event *event)
{
    if (event->is_bad)
        return !record->asserted;
    if (record->event_type == EVENT_TYPE_THRESHOLD)
        return record->asserted && turns_bad(record);
    return record->asserted && record->event_type != EVENT_TYPE_SENSOR && record->offset == 0;
}

bool prior_of_sel(const struct sel_record *record, struct event_prior_error *ret_error)
{
    const struct sel_event *event = record->is_event ? sel_event_of(record) : NULL;
    struct event_prior_error row = {.origin = PRIOR_SEL, .code = code_of(record)};
    struct text text = text_in(row.text, sizeof(row.text));
    struct text when = text_in(row.when, sizeof(row.when));

    if (!event || !take_topic(record, &row))
        return false;
    row.ended = is_end(record, event);
    if (!row.ended && !record->is_bad)
        return false;
    format_text(row.place, sizeof(row.place), "BMC sensor %u", record->sensor);
    row.time_s = record->clock == SEL_CLOCK_DATE ? record->time : 0;
    sel_record_text(record, &text);
    sel_time_text(record, &when);
    *ret_error = row;
    return true;
}
