/*
 * What a drive says of itself: its identity, its limits, its counters of wear and error.
 *
 * ATA: IDENTIFY DEVICE, device statistics, error and self-test logs, SCT status (ACS-4); SMART READ
 * DATA and SMART RETURN STATUS (ACS-3), whose attributes are the vendor's, laid out as in
 * SFF-8035i; Phy event counters (Serial ATA 3.x, 13.7). NVMe: Identify Controller and Namespace and
 * the logs 01h, 02h and 06h (NVMe Base 2.0, 5.16 and 5.17). The pages are the drive's claims: they
 * are parsed within their size, and a page with a wrong checksum or without content counts as not
 * given. docs/drives.md tells what each value means in a report.
 */
#ifndef ASSAY_DISK_HEALTH_H
#define ASSAY_DISK_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/block.h"
#include "base/event.h"

enum {
    ATA_PAGE_SIZE = 512, /* bytes of a page, as the parsers want them */
    ATA_SMART_STATUS_SIZE = 2,
    NVME_IDENTIFY_SIZE = 4096,
    NVME_SMART_SIZE = 512,
    NVME_ERRORS_SIZE = 4096,
    NVME_SELF_TESTS_SIZE = 564,
};

enum health_id {
    /* SMART, ATA and NVMe. */
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

    /* SMART attributes of ATA drives, where their maker is known to mean this. */
    HEALTH_START_STOPS,
    HEALTH_CALIBRATION_RETRIES,
    HEALTH_HELIUM,
    HEALTH_BAD_BLOCKS,
    HEALTH_PROGRAM_FAILS,
    HEALTH_ERASE_FAILS,
    HEALTH_ERASE_CYCLES,
    HEALTH_RESERVE_USED,
    HEALTH_RESERVE_LEFT,
    HEALTH_DOWNSHIFTS,
    HEALTH_HIGH_FLY_WRITES,
    HEALTH_SHOCKS,
    HEALTH_RETRACTS,
    HEALTH_LOAD_CYCLES,
    HEALTH_LOAD_RETRIES,
    HEALTH_ECC_RECOVERED,
    HEALTH_REALLOCATION_EVENTS,
    HEALTH_WRITE_ERRORS,
    HEALTH_SOFT_READ_ERRORS,
    HEALTH_RAIN_RECOVERIES,
    HEALTH_HEAD_HOURS,
    HEALTH_LBA_WRITTEN,
    HEALTH_LBA_READ,
    HEALTH_FREE_FALLS,

    /* ATA device statistics and SCT status. */
    HEALTH_STATISTICS_HOURS,
    HEALTH_STATISTICS_CYCLES,
    HEALTH_STATISTICS_WRITTEN,
    HEALTH_STATISTICS_READ,
    HEALTH_STATISTICS_PENDING,
    HEALTH_STATISTICS_UNCORRECTABLE,
    HEALTH_STATISTICS_RESETS,
    HEALTH_STATISTICS_OVER_MINUTES,
    HEALTH_STATISTICS_HARDWARE_RESETS,
    HEALTH_STATISTICS_ASR,
    HEALTH_STATISTICS_CRC,
    HEALTH_STATISTICS_USED,
    HEALTH_SCT_OVER_LIMIT,
    HEALTH_HIGHEST_CELSIUS,
    HEALTH_LIMIT_CELSIUS,
    HEALTH_WARNING_CELSIUS,

    /* SATA Phy event counters, by their identifiers 001h to 013h. */
    HEALTH_PHY_COMMAND_CRC,
    HEALTH_PHY_DATA,
    HEALTH_PHY_DATA_IN,
    HEALTH_PHY_DATA_OUT,
    HEALTH_PHY_OTHER,
    HEALTH_PHY_OTHER_IN,
    HEALTH_PHY_OTHER_OUT,
    HEALTH_PHY_RETRIES,
    HEALTH_PHY_NOT_READY,
    HEALTH_PHY_COMRESETS,
    HEALTH_PHY_OUT_CRC,
    HEALTH_PHY_OUT_NOT_CRC,
    HEALTH_PHY_DATA_OUT_CRC,
    HEALTH_PHY_DATA_OUT_NOT_CRC,
    HEALTH_PHY_OTHER_OUT_CRC,
    HEALTH_PHY_OTHER_OUT_NOT_CRC,

    /* Error and self-test logs. The newest error; the newest self-test that came to a result. */
    HEALTH_LAST_ERROR_LBA,
    HEALTH_LAST_ERROR_STATUS,
    HEALTH_LAST_ERROR_MEDIUM,
    HEALTH_SELF_TEST_FAILED,
    HEALTH_SELF_TEST_RESULT,
    HEALTH_SELF_TEST_HOURS,
    HEALTH_SELF_TEST_LBA,

    /* The link, by the driver or else by IDENTIFY DEVICE. */
    HEALTH_LINK_RESETS,
    HEALTH_LINK_TIMEOUTS,
    HEALTH_LINK_CRC,
    HEALTH_LINK_PHY_CHANGES,
    HEALTH_LINK_BAD_ANSWERS,
    HEALTH_LINK_GENERATION,
    HEALTH_LINK_GENERATION_DRIVE,
    HEALTH_LINK_GENERATION_PORT,
    HEALTH_LINK_WIDTH,
    HEALTH_LINK_WIDTH_DRIVE,
    HEALTH_LINK_WIDTH_PORT,
    HEALTH_IDS,
};

enum { HEALTH_VALUES_MAX = HEALTH_IDS };

/* A name as it stands in EVENT_COUNTER. A state counts as it stands, a counter by its rise. */
struct health_name {
    const char *name;
    bool state;
};

extern const struct health_name health_names[HEALTH_IDS];

/* ATA: word 69 bits 1:0. */
enum zones { ZONES_NONE, ZONES_HOST_AWARE, ZONES_DRIVE_MANAGED };

struct health_identity {
    char model[NAME_SIZE];
    char serial[SERIAL_SIZE]; /* may be empty */
    char firmware[NAME_SIZE];
    bool locked;             /* ATA security: the data is not to be had without a password */
    const char *busy_reason; /* a clause: why it cannot be tested now though nothing is wrong with
                                it; NULL: no such reason */
    bool has_rotation;
    uint16_t rotation_rpm;              /* 0: nothing rotates */
    uint64_t block_count;               /* 0: not given */
    uint32_t block_size, physical_size; /* bytes; 0: not given */
    bool has_warning, has_critical;     /* NVMe WCTEMP, CCTEMP */
    int64_t warning, critical;          /* thousandths of a degree Celsius */
    bool frozen;                        /* ATA security: frozen until the next power cycle */
    bool has_smart;                     /* ATA: supported and enabled; NVMe always */
    bool has_logs;                      /* ATA: READ LOG EXT; NVMe always */
    bool has_sct;                       /* ATA: SCT status may be asked for */
    bool has_self_test;                 /* NVMe: OACS bit 4; ATA: words 84 and 87 bit 1 */
    bool has_trim, has_sanitize;
    bool has_hpa;      /* ATA: the host protected area feature is supported and enabled */
    bool has_queueing; /* SATA NCQ; NVMe always */
    uint8_t generation, generation_drive; /* SATA: of the link now, and the drive's best; 0: n/a */
    uint8_t zones;                        /* enum zones */
    uint8_t form_factor;                  /* ATA word 168; 0: not given */
    uint16_t error_entries;               /* NVMe: that the error log holds */
    uint16_t extended_test_minutes;       /* NVMe; 0: not given */
};

struct health_value {
    uint8_t id; /* enum health_id */
    uint64_t value;
};

struct health {
    struct health_value values[HEALTH_VALUES_MAX];
    size_t count;
    bool answered; /* the drive gave a page of health; without, only the link is known */
    bool has_temperature;
    int64_t temperature;     /* thousandths of a degree Celsius */
    uint8_t temperature_log; /* the ATA log that gave it, enum drive_page; 0: SMART data did */
    bool has_limit;
    int64_t limit; /* that its maker specifies for it at most */
    bool predicts_failure;
    char reason[TEXT_SIZE]; /* of the prediction: a clause without a full stop */
};

/*
 * Asks the drive who it is. `page` is DRIVE_PAGE_SIZE_MAX bytes of scratch, here and below.
 * ERR_UNSUPPORTED for a device without pages, ERR_FORMAT when its answer is none, else what the
 * device's page() gave. Where an NVMe drive gives no namespace its sizes stay 0.
 */
int health_identify(const struct block_device *device, uint8_t *page, struct health_identity *ret);

/*
 * Asks the drive for its SMART counters and its temperature, and no more: for the poll that goes
 * on beside the load. An ATA drive is asked twice: OK when either answer is good. Errors as above.
 * `temperature_log` is that of what health_read_all() gave: a drive whose SMART data has no
 * temperature is asked for this log as well.
 * SMART READ DATA drains a drive's queue: not more often than every 30 s.
 */
int health_read(const struct block_device *device, uint8_t temperature_log, uint8_t *page,
                struct health *ret);

/*
 * All there is, for the start and the end of a run: SMART with the attributes of its maker, the
 * logs, the link. A dozen commands; those that the drive does not announce are not sent, and a page
 * that cannot be read is left out. The identity is health_identify()'s. OK when anything was read.
 */
int health_read_all(const struct block_device *device, const struct health_identity *identity,
                    uint8_t *page, struct health *ret);

/* The logs alone, added to what stands in `health`. */
void health_read_logs(const struct block_device *device, const struct health_identity *identity,
                      uint8_t *page, struct health *health);
/* One of the ATA logs that hold a temperature, added likewise. */
void health_read_temperature(const struct block_device *device, uint8_t log, uint8_t *page,
                             struct health *health);
/* The link alone. A driver's device->link counts before what IDENTIFY DEVICE says. */
void health_read_link(const struct block_device *device, const struct health_identity *identity,
                      struct health *health);

/* One EVENT_COUNTER for each value. */
void health_emit(const struct health *health, part_id part, enum moment moment,
                 const struct sink *sink);

/* The value with this id; false when the drive does not give it. */
bool health_find(const struct health *health, enum health_id id, uint64_t *ret_value);

/* Adds a value; what is there already stays. For the parsers. */
void health_add(struct health *health, enum health_id id, uint64_t value);

/* A self-test of the drive's own, and the newest one in its log that came to a result. */
struct self_test_state {
    bool running;
    uint8_t percent; /* done of the running one */
    bool known;      /* what follows is of a finished test */
    bool failed;
    uint8_t result; /* the standard's code */
    uint64_t hours; /* power-on hours at which it ended */
    bool has_lba;
    uint64_t lba;                             /* first that it could not read */
    uint16_t short_minutes, extended_minutes; /* that the drive wants; 0: not given */
};

/*
 * Starts a self-test or, with SELF_TEST_ABORT, stops it. The drive goes on serving reads, slower.
 * ERR_UNSUPPORTED when the drive or its driver has none, else what the device gave.
 */
int health_self_test_start(const struct block_device *device,
                           const struct health_identity *identity, enum self_test test);
/* How it stands with the self-tests. Errors as health_identify(). */
int health_self_test_read(const struct block_device *device, const struct health_identity *identity,
                          uint8_t *page, struct self_test_state *ret);
/* What a result code means: a clause, never NULL. */
const char *health_self_test_text(enum drive_protocol protocol, uint8_t result);

#endif
