/*
 * What a drive says of itself: its identity, its limits, its counters of wear and error.
 *
 * ATA: IDENTIFY DEVICE (ACS-4), SMART READ DATA and SMART RETURN STATUS (ACS-3); the attributes in
 * SMART READ DATA are the vendor's, laid out as in SFF-8035i. NVMe: Identify Controller and the
 * SMART / Health Information log 02h (NVMe Base 2.0, 5.17.2.1 and 5.16.1.3). The pages are the
 * drive's claims: they are parsed within their size, and a page with a wrong checksum or without
 * content counts as not given.
 */
#ifndef ASSAY_DISK_HEALTH_H
#define ASSAY_DISK_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/event.h"

enum {
    HEALTH_VALUES_MAX = 24,
    ATA_PAGE_SIZE = 512, /* bytes of a page, as the parsers want them */
    ATA_SMART_STATUS_SIZE = 2,
    NVME_IDENTIFY_SIZE = 4096,
    NVME_SMART_SIZE = 512,
};

enum health_id {
    HEALTH_REALLOCATED,
    HEALTH_PENDING,
    HEALTH_UNCORRECTABLE,
    HEALTH_REPORTED_UNCORRECTABLE,
    HEALTH_INTERFACE_CRC,
    HEALTH_COMMAND_TIMEOUTS,
    HEALTH_POWER_ON_HOURS,
    HEALTH_POWER_CYCLES,
    HEALTH_SPIN_RETRIES,
    HEALTH_END_TO_END,
    HEALTH_SMART_FAILING,
    HEALTH_MEDIA_ERRORS,
    HEALTH_UNSAFE_SHUTDOWNS,
    HEALTH_ERROR_LOG,
    HEALTH_PERCENTAGE_USED,
    HEALTH_AVAILABLE_SPARE,
    HEALTH_CRITICAL_WARNING,
    HEALTH_WARNING_MINUTES,
    HEALTH_CRITICAL_MINUTES,
    HEALTH_IDS,
};

/* A name as it stands in EVENT_COUNTER. A state counts as it stands, a counter by its rise. */
struct health_name {
    const char *name;
    bool state;
};

extern const struct health_name health_names[HEALTH_IDS];

struct health_identity {
    char model[NAME_SIZE];
    char serial[SERIAL_SIZE]; /* may be empty */
    char firmware[NAME_SIZE];
    bool locked; /* ATA security: the data is not to be had without a password */
    bool has_rotation;
    uint16_t rotation_rpm;              /* 0: nothing rotates */
    uint64_t block_count;               /* 0: not given (NVMe: a namespace tells it) */
    uint32_t block_size, physical_size; /* bytes; 0: not given */
    bool has_warning, has_critical;     /* NVMe WCTEMP, CCTEMP */
    int64_t warning, critical;          /* thousandths of a degree Celsius */
};

struct health_value {
    uint8_t id; /* enum health_id */
    uint64_t value;
};

struct health {
    struct health_value values[HEALTH_VALUES_MAX];
    size_t count;
    bool has_temperature;
    int64_t temperature; /* thousandths of a degree Celsius */
    bool predicts_failure;
    char reason[TEXT_SIZE]; /* of the prediction: a clause without a full stop */
};

/*
 * Asks the drive who it is. `page` is DRIVE_PAGE_SIZE_MAX bytes of scratch. ERR_UNSUPPORTED for a
 * device without pages, ERR_FORMAT when its answer is none, else what the device's page() gave.
 */
int health_identify(const struct block_device *device, uint8_t *page, struct health_identity *ret);

/*
 * Asks the drive for its counters. An ATA drive is asked twice: OK when either answer is good.
 * Errors as above. SMART READ DATA drains a drive's queue: not more often than every 30 s.
 */
int health_read(const struct block_device *device, uint8_t *page, struct health *ret);

/* One EVENT_COUNTER for each value. */
void health_emit(const struct health *health, part_id part, enum moment moment,
                 const struct sink *sink);

/* The value with this id; false when the drive does not give it. */
bool health_find(const struct health *health, enum health_id id, uint64_t *ret_value);

/* Adds a value; beyond HEALTH_VALUES_MAX it is left out. For the parsers. */
void health_add(struct health *health, enum health_id id, uint64_t value);

/*
 * The parsers behind it. Each takes the bytes of a page and their count; ERR_FORMAT when they are
 * not what the standard says. Those of struct health add to what stands there.
 */
int ata_identify_parse(const void *data, size_t size, struct health_identity *ret);
int ata_smart_parse(const void *data, size_t size, struct health *health);
int ata_smart_status_parse(const void *data, size_t size, struct health *health);
int nvme_identify_parse(const void *data, size_t size, struct health_identity *ret);
int nvme_smart_parse(const void *data, size_t size, struct health *health);

#endif
