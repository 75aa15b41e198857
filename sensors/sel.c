#include "sensors/sel.h"

#include "base/error.h"
#include "sensors/sel_events.h"

enum {
    TYPE_EVENT = 0x02,
    TYPE_OEM = 0xC0,      /* to DFh: with a time and a manufacturer */
    TYPE_OEM_BARE = 0xE0, /* to FFh: 13 bytes of anything */
    TIME_NONE = -1,
    UPTIME_MOST = 0x20000000, /* section 37.1 */
};

static void take_time(struct sel_record *record, uint32_t time)
{
    record->time = time;
    if (time == (uint32_t)TIME_NONE)
        record->clock = SEL_CLOCK_NONE;
    else if (time <= UPTIME_MOST)
        record->clock = SEL_CLOCK_UPTIME;
    else
        record->clock = SEL_CLOCK_DATE;
}

/* Table 32-1. */
static void take_event(struct sel_record *record, struct bytes *bytes)
{
    const struct sel_event *event;

    record->is_event = true;
    record->generator = bytes_le16(bytes, 7);
    record->sensor_type = bytes_u8(bytes, 10);
    record->sensor = bytes_u8(bytes, 11);
    record->event_type = bytes_u8(bytes, 12) & 0x7F;
    record->asserted = !(bytes_u8(bytes, 12) & 0x80);
    for (unsigned i = 0; i < 3; i++)
        record->data[i] = bytes_u8(bytes, 13 + i);
    record->offset = record->data[0] & 0x0F;
    event = sel_event_of(record);
    record->topic =
        event && event->topic != SEL_OTHER ? event->topic : sel_topic_of(record->sensor_type);
    record->is_bad = event && event->is_bad && record->asserted;
}

static bool is_erased(const struct bytes *bytes)
{
    for (unsigned i = 2; i < SEL_RECORD_SIZE; i++)
        if (bytes->data[i] != 0xFF)
            return false;
    return true;
}

int sel_record_of(struct bytes bytes, struct sel_record *ret_record)
{
    struct sel_record record = {.id = bytes_le16(&bytes, 0), .type = bytes_u8(&bytes, 2)};

    if (!bytes_have(&bytes, 0, SEL_RECORD_SIZE) || record.type == 0 || is_erased(&bytes))
        return ERR_FORMAT;
    if (record.type < TYPE_OEM_BARE)
        take_time(&record, bytes_le32(&bytes, 3));
    if (record.type == TYPE_EVENT)
        take_event(&record, &bytes);
    else if (record.type >= TYPE_OEM && record.type < TYPE_OEM_BARE)
        record.manufacturer = (uint32_t)bytes_le(&bytes, 7, 3);
    *ret_record = record;
    return OK;
}

/* ---- text */

/* Bits of the first byte that say what the other two are, table 29-6. */
static unsigned kind_of_data(const struct sel_record *record, unsigned index)
{
    return record->data[0] >> (index == 1 ? 6 : 4) & 3;
}

enum { DATA_NONE = 0, DATA_COMMON = 1, DATA_MAKER = 2, DATA_EXTENSION = 3 };

/* Reading and threshold are raw: the sensor's record alone could convert them. */
static void add_reading(const struct sel_record *record, struct text *text)
{
    if (kind_of_data(record, 1) == DATA_COMMON)
        text_format(text, ", raw reading %u", record->data[1]);
    if (kind_of_data(record, 2) == DATA_COMMON)
        text_format(text, ", raw limit %u", record->data[2]);
}

static void add_data(const struct sel_record *record, struct text *text)
{
    if (record->sensor_type == SENSOR_MEMORY && kind_of_data(record, 2) == DATA_EXTENSION)
        text_format(text, ", module %u", record->data[2]);
    if (record->sensor_type == SENSOR_FIRMWARE && kind_of_data(record, 1) == DATA_EXTENSION)
        text_format(text, ", code %02Xh", record->data[1]);
    if (kind_of_data(record, 1) == DATA_MAKER || kind_of_data(record, 2) == DATA_MAKER)
        text_format(text, ", maker's bytes %02Xh %02Xh", record->data[1], record->data[2]);
}

static void event_text(const struct sel_record *record, struct text *text)
{
    const struct sel_event *event = sel_event_of(record);

    text_format(text, "%s %02Xh: ", sel_sensor_text(record->sensor_type), record->sensor);
    if (event)
        text_add(text, event->text);
    else
        text_format(text, "event %u of type %02Xh", record->offset, record->event_type);
    if (record->event_type == EVENT_TYPE_THRESHOLD)
        add_reading(record, text);
    else
        add_data(record, text);
    if (!record->asserted)
        text_add(text, ", ended");
}

void sel_record_text(const struct sel_record *record, struct text *text)
{
    if (record->is_event)
        event_text(record, text);
    else if (record->type >= TYPE_OEM && record->type < TYPE_OEM_BARE)
        text_format(text, "record of kind %02Xh of manufacturer %u", record->type,
                    record->manufacturer);
    else if (record->type >= TYPE_OEM_BARE)
        text_format(text, "record of the maker's kind %02Xh", record->type);
    else
        text_format(text, "record of unknown kind %02Xh", record->type);
}

/* Days since 1970 to a date of the Gregorian calendar. The year is counted from March on, so that
 * the leap day is its last. */
static void date_of(uint32_t days, unsigned *ret_year, unsigned *ret_month, unsigned *ret_day)
{
    uint32_t since = days + 719468; /* from 1 March of year 0 on */
    uint32_t era = since / 146097, day_of_era = since % 146097;
    uint32_t year =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day = day_of_era - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * day + 2) / 153;

    *ret_day = day - (153 * month + 2) / 5 + 1;
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

void sel_time_text(const struct sel_record *record, struct text *text)
{
    uint32_t seconds = record->time % 86400;
    unsigned year, month, day;

    if (record->clock == SEL_CLOCK_NONE) {
        text_add(text, "at an unknown time");
    } else if (record->clock == SEL_CLOCK_UPTIME) {
        text_duration(text, record->time);
        text_add(text, " after the BMC started");
    } else {
        date_of(record->time / 86400, &year, &month, &day);
        text_format(text, "%04u-%02u-%02u %02u:%02u:%02u", year, month, day, seconds / 3600,
                    seconds / 60 % 60, seconds % 60);
    }
}
