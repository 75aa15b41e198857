#include "disk/health.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

const struct health_name health_names[HEALTH_IDS] = {
    [HEALTH_REALLOCATED] = {"reallocated-sectors", false},
    [HEALTH_PENDING] = {"pending-sectors", true},
    [HEALTH_UNCORRECTABLE] = {"uncorrectable-sectors", true},
    [HEALTH_REPORTED_UNCORRECTABLE] = {"reported-uncorrectable", false},
    [HEALTH_INTERFACE_CRC] = {"interface-crc", false},
    [HEALTH_COMMAND_TIMEOUTS] = {"command-timeouts", false},
    [HEALTH_POWER_ON_HOURS] = {"power-on-hours", false},
    [HEALTH_POWER_CYCLES] = {"power-cycles", false},
    [HEALTH_SPIN_RETRIES] = {"spin-retries", false},
    [HEALTH_END_TO_END] = {"end-to-end-errors", false},
    [HEALTH_SMART_FAILING] = {"smart-status-failing", true},
    [HEALTH_MEDIA_ERRORS] = {"media-errors", false},
    [HEALTH_UNSAFE_SHUTDOWNS] = {"unsafe-shutdowns", false},
    [HEALTH_ERROR_LOG] = {"error-log-entries", false},
    [HEALTH_PERCENTAGE_USED] = {"percentage-used", true},
    [HEALTH_AVAILABLE_SPARE] = {"available-spare", true},
    [HEALTH_CRITICAL_WARNING] = {"critical-warning", true},
    [HEALTH_WARNING_MINUTES] = {"warning-temperature-minutes", false},
    [HEALTH_CRITICAL_MINUTES] = {"critical-temperature-minutes", false},
};

void health_add(struct health *health, enum health_id id, uint64_t value)
{
    if (health->count < HEALTH_VALUES_MAX)
        health->values[health->count++] = (struct health_value){.id = id, .value = value};
}

bool health_find(const struct health *health, enum health_id id, uint64_t *ret_value)
{
    for (size_t i = 0; i < health->count; i++) {
        if (health->values[i].id == id) {
            *ret_value = health->values[i].value;
            return true;
        }
    }
    return false;
}

void health_emit(const struct health *health, part_id part, enum moment moment,
                 const struct sink *sink)
{
    for (size_t i = 0; i < health->count; i++) {
        struct event event = {.type = EVENT_COUNTER};

        event.counter.part = part;
        event.counter.moment = moment;
        copy_text(event.counter.name, sizeof(event.counter.name),
                  health_names[health->values[i].id].name);
        event.counter.value = health->values[i].value;
        emit(sink, &event);
    }
}

static int fetch(const struct block_device *device, enum drive_page which, uint8_t *page,
                 size_t size)
{
    if (device->page == NULL || device->protocol == PROTOCOL_NONE)
        return ERR_UNSUPPORTED;
    memset(page, 0, size);
    return device->page(device->context, which, page, size);
}

int health_identify(const struct block_device *device, uint8_t *page, struct health_identity *ret)
{
    size_t size = device->protocol == PROTOCOL_NVME ? NVME_IDENTIFY_SIZE : ATA_PAGE_SIZE;
    int error = fetch(device, PAGE_IDENTIFY, page, size);

    if (error != OK)
        return error;
    if (device->protocol == PROTOCOL_NVME)
        return nvme_identify_parse(page, size, ret);
    return ata_identify_parse(page, size, ret);
}

static int read_ata(const struct block_device *device, uint8_t *page, struct health *health)
{
    int data_error = fetch(device, PAGE_SMART, page, ATA_PAGE_SIZE);
    int status_error;

    if (data_error == OK)
        data_error = ata_smart_parse(page, ATA_PAGE_SIZE, health);
    status_error = fetch(device, PAGE_SMART_STATUS, page, ATA_SMART_STATUS_SIZE);
    if (status_error == OK)
        status_error = ata_smart_status_parse(page, ATA_SMART_STATUS_SIZE, health);
    return status_error == OK ? OK : data_error;
}

static int read_nvme(const struct block_device *device, uint8_t *page, struct health *health)
{
    int error = fetch(device, PAGE_SMART, page, NVME_SMART_SIZE);

    return error != OK ? error : nvme_smart_parse(page, NVME_SMART_SIZE, health);
}

int health_read(const struct block_device *device, uint8_t *page, struct health *ret)
{
    struct health health = {0};
    int error = device->protocol == PROTOCOL_NVME ? read_nvme(device, page, &health)
                                                  : read_ata(device, page, &health);

    if (error == OK)
        *ret = health;
    return error;
}
