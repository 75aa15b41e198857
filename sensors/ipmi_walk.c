#include <string.h>

#include "base/error.h"
#include "base/event.h"
#include "sensors/ipmi_tasks.h"

/* Commands of the SDR repository (section 33, network function Storage) and of a controller's own
 * device SDRs (section 35, network function Sensor), which take and give the same bytes. */
enum {
    RESERVE = 0x22,
    GET_SDR = 0x23,
    GET_DEVICE_SDR = 0x21,
};

enum {
    RECORD_FIRST = 0x0000,
    RECORD_LAST = 0xFFFF,
    CHUNK_MAX = 16,
    RESERVATION_LOST = 0xC5, /* completion code */
    HAS_DEVICE_SDRS = 0x80,
    HAS_REPOSITORY = 0x02,
};

static void begin_record(struct ipmi_walk *walk, uint16_t record)
{
    walk->record = record;
    walk->size = SDR_HEADER_SIZE;
    walk->have = 0;
}

void ipmi_begin_walk(struct ipmi *ipmi, uint8_t revision, uint8_t additional)
{
    struct ipmi_walk *walk = &ipmi->walk;
    bool own = !(additional & HAS_REPOSITORY) && revision & HAS_DEVICE_SDRS;

    walk->netfn = own ? NETFN_SENSOR : NETFN_STORAGE;
    walk->reserve_command = RESERVE;
    walk->get_command = own ? GET_DEVICE_SDR : GET_SDR;
    begin_record(walk, RECORD_FIRST);
}

static void note_left_out(struct ipmi *ipmi)
{
    const struct ipmi_walk *walk = &ipmi->walk;

    if (walk->malformed > 0)
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  "%u of the BMC's sensor records make no sense and are left out", walk->malformed);
    if (walk->foreign > 0)
        emit_note(ipmi->sink, SEVERITY_INFO,
                  "%u sensors behind other controllers than the BMC are not read", walk->foreign);
    if (walk->nameless > 0)
        emit_note(ipmi->sink, SEVERITY_INFO,
                  "%u sensors of the BMC measure other things than heat, fans, voltages and watts, "
                  "and are not read",
                  walk->nameless);
    if (walk->left_out > 0)
        emit_note(ipmi->sink, SEVERITY_WARNING, "%u sensors of the BMC are more than can be read",
                  walk->left_out);
}

/* The list is complete, or as complete as it will be: `why` says what cut it short. */
static void end_walk(struct ipmi *ipmi, const char *why)
{
    if (why)
        emit_note(ipmi->sink, SEVERITY_WARNING,
                  "The list of the BMC's sensors is cut short after %u records: %s",
                  ipmi->walk.records, why);
    note_left_out(ipmi);
    emit_note(ipmi->sink, SEVERITY_INFO, "The BMC has %u fans, %u temperatures, %u sensors in all",
              ipmi_fans(ipmi), ipmi_temperatures(ipmi), ipmi->sensor_count);
    ipmi->state = IPMI_READY;
    ipmi->round_start_us = clock_now_us(ipmi->clock);
    ipmi_next(ipmi, TASK_READING);
}

void ipmi_next_record(struct ipmi *ipmi)
{
    struct ipmi_walk *walk = &ipmi->walk;

    walk->records++;
    if (walk->next == RECORD_LAST) {
        end_walk(ipmi, NULL);
    } else if (walk->records == IPMI_RECORDS_MAX) {
        end_walk(ipmi, "it is longer than any known one");
    } else if (walk->next == walk->record) {
        end_walk(ipmi, "it runs in a circle");
    } else {
        begin_record(walk, walk->next);
        ipmi_next(ipmi, TASK_SDR);
    }
}

void ipmi_ask_reserve(struct ipmi *ipmi)
{
    ipmi_ask(ipmi, ipmi->walk.netfn, 0, ipmi->walk.reserve_command, NULL, 0);
}

/* A BMC that knows no reservations is asked with number 0. */
void ipmi_take_reserve(struct ipmi *ipmi, int completion, struct bytes data)
{
    uint16_t reservation = bytes_le16(&data, 0);

    if (completion < 0)
        return;
    ipmi->walk.reservation = completion == 0 ? reservation : 0;
    begin_record(&ipmi->walk, ipmi->walk.record);
    ipmi_next(ipmi, TASK_SDR);
}

static uint8_t chunk_size(const struct ipmi_walk *walk)
{
    unsigned left = walk->size - walk->have;

    return (uint8_t)(left < CHUNK_MAX ? left : CHUNK_MAX);
}

void ipmi_ask_sdr(struct ipmi *ipmi)
{
    const struct ipmi_walk *walk = &ipmi->walk;
    uint8_t request[] = {
        (uint8_t)walk->reservation,
        (uint8_t)(walk->reservation >> 8),
        (uint8_t)walk->record,
        (uint8_t)(walk->record >> 8),
        walk->have,
        chunk_size(walk),
    };

    ipmi_ask(ipmi, walk->netfn, 0, walk->get_command, request, sizeof(request));
}

/* All of a record that is to be had is there. */
static void take_record(struct ipmi *ipmi)
{
    struct ipmi_walk *walk = &ipmi->walk;
    int error = ipmi_sdr_parse(bytes_of(walk->data, walk->have), &walk->sdr);

    if (error == ERR_FORMAT)
        walk->malformed++;
    if (error != OK) {
        ipmi_next_record(ipmi);
    } else if (walk->sdr.foreign) {
        walk->foreign += walk->sdr.share_count;
        ipmi_next_record(ipmi);
    } else if (walk->sdr.quantity == QUANTITIES) {
        walk->nameless += walk->sdr.share_count;
        ipmi_next_record(ipmi);
    } else if (walk->sdr.readable & (LOWER_CRITICAL | UPPER_CRITICAL)) {
        ipmi_next(ipmi, TASK_THRESHOLDS);
    } else {
        ipmi_declare(ipmi, &walk->sdr);
        ipmi_next_record(ipmi);
    }
}

/* The header says how long the record is, and whether the rest is of any interest. */
static void take_header(struct ipmi *ipmi)
{
    struct ipmi_walk *walk = &ipmi->walk;
    unsigned size = SDR_HEADER_SIZE + walk->data[4];

    walk->size = (uint8_t)(size < SDR_SIZE_MAX ? size : SDR_SIZE_MAX);
    if (walk->data[3] != SDR_FULL && walk->data[3] != SDR_COMPACT)
        ipmi_next_record(ipmi);
    else if (walk->size == SDR_HEADER_SIZE)
        take_record(ipmi);
}

static void take_chunk(struct ipmi *ipmi, const struct bytes *data)
{
    struct ipmi_walk *walk = &ipmi->walk;
    size_t size = data->size - 2;

    if (size > chunk_size(walk))
        size = chunk_size(walk);
    memcpy(walk->data + walk->have, data->data + 2, size);
    walk->have += (uint8_t)size;
    ipmi->tries = 0;
    if (walk->have == SDR_HEADER_SIZE)
        take_header(ipmi);
    else if (walk->have == walk->size)
        take_record(ipmi);
}

/* A record whose header came and whose rest does not is judged by what there is of it. Without
 * its header, the number of the next one is not known either. */
static void miss_chunk(struct ipmi *ipmi, int completion)
{
    if (!ipmi_gives_up(ipmi, completion))
        return;
    if (ipmi->walk.have >= SDR_HEADER_SIZE)
        take_record(ipmi);
    else
        end_walk(ipmi, "a record could not be read");
}

void ipmi_take_sdr(struct ipmi *ipmi, int completion, struct bytes data)
{
    struct ipmi_walk *walk = &ipmi->walk;
    uint16_t next = bytes_le16(&data, 0);

    if (completion == RESERVATION_LOST && ++walk->lost > IPMI_RESERVATIONS_MAX) {
        end_walk(ipmi, "it keeps changing");
    } else if (completion == RESERVATION_LOST) {
        ipmi_next(ipmi, TASK_RESERVE);
    } else if (completion != 0 || data.size <= 2) {
        miss_chunk(ipmi, completion);
    } else {
        walk->next = next;
        take_chunk(ipmi, &data);
    }
}
