#include "disk/health/health.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "disk/health/health_parts.h"

void health_add(struct health *health, enum health_id id, uint64_t value)
{
    uint64_t known;

    if (health->count < HEALTH_VALUES_MAX && !health_find(health, id, &known))
        health->values[health->count++] = (struct health_value){.id = (uint8_t)id, .value = value};
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

uint8_t health_sum(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum;
}

int health_fetch(const struct block_device *device, enum drive_page which, uint8_t *page,
                 size_t size)
{
    if (device->page == NULL || device->protocol == PROTOCOL_NONE)
        return ERR_UNSUPPORTED;
    memset(page, 0, size);
    return device->page(device->context, which, page, size);
}

static int identify_nvme(const struct block_device *device, uint8_t *page,
                         struct health_identity *ret)
{
    int error = health_fetch(device, PAGE_IDENTIFY, page, NVME_IDENTIFY_SIZE);

    if (error == OK)
        error = nvme_identify_parse(page, NVME_IDENTIFY_SIZE, ret);
    if (error == OK && health_fetch(device, PAGE_NAMESPACE, page, NVME_IDENTIFY_SIZE) == OK)
        (void)nvme_namespace_parse(page, NVME_IDENTIFY_SIZE, ret);
    return error;
}

int health_identify(const struct block_device *device, uint8_t *page, struct health_identity *ret)
{
    int error;

    if (device->protocol == PROTOCOL_NVME)
        return identify_nvme(device, page, ret);
    error = health_fetch(device, PAGE_IDENTIFY, page, ATA_PAGE_SIZE);
    return error != OK ? error : ata_identify_parse(page, ATA_PAGE_SIZE, ret);
}

static int read_ata(const struct block_device *device, const char *model, uint8_t *page,
                    struct health *health)
{
    int data_error = health_fetch(device, PAGE_SMART, page, ATA_PAGE_SIZE);
    int status_error;

    if (data_error == OK)
        data_error = ata_smart_parse(page, ATA_PAGE_SIZE, model, health);
    status_error = health_fetch(device, PAGE_SMART_STATUS, page, ATA_SMART_STATUS_SIZE);
    if (status_error == OK)
        status_error = ata_smart_status_parse(page, ATA_SMART_STATUS_SIZE, health);
    return status_error == OK ? OK : data_error;
}

static int read_nvme(const struct block_device *device, uint8_t *page, struct health *health)
{
    int error = health_fetch(device, PAGE_SMART, page, NVME_SMART_SIZE);

    return error != OK ? error : nvme_smart_parse(page, NVME_SMART_SIZE, health);
}

static int read_smart(const struct block_device *device, const char *model, uint8_t *page,
                      struct health *health)
{
    int error = device->protocol == PROTOCOL_NVME ? read_nvme(device, page, health)
                                                  : read_ata(device, model, page, health);

    health->answered = error == OK;
    return error;
}

int health_read(const struct block_device *device, uint8_t temperature_log, uint8_t *page,
                struct health *ret)
{
    struct health health = {.count = 0};
    int error = read_smart(device, "", page, &health);

    if (error != OK)
        return error;
    if (temperature_log && !health.has_temperature)
        health_read_temperature(device, temperature_log, page, &health);
    *ret = health;
    return OK;
}

int health_read_all(const struct block_device *device, const struct health_identity *identity,
                    uint8_t *page, struct health *ret)
{
    struct health health = {.count = 0};
    int error = read_smart(device, identity->model, page, &health);

    if (error != ERR_GONE)
        health_read_logs(device, identity, page, &health);
    health_read_link(device, identity, &health);
    if (error != OK && health.count == 0)
        return error;
    *ret = health;
    return OK;
}
