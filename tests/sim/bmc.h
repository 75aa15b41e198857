/*
 * A simulated BMC behind KCS registers (IPMI 2.0, section 9), with named faults and a clock.
 *
 * The model works at register level: every byte takes the BMC some time, commands take more, and
 * whatever is written while it is busy is counted as a breach of protocol. The clock advances by
 * one microsecond with each register access and by what wait_us() and bmc_sleep() say.
 */
#ifndef ASSAY_TESTS_SIM_BMC_H
#define ASSAY_TESTS_SIM_BMC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/access.h"
#include "base/clock.h"

enum bmc_fault {
    BMC_HEALTHY,
    BMC_FLOATING,         /* nobody drives the bus: all reads give FFh */
    BMC_NEVER_ANSWERS,    /* registers read 0, writes have no effect */
    BMC_STUCK_IBF,        /* input never taken */
    BMC_STUCK_OBF,        /* output buffer always full */
    BMC_ENDLESS,          /* responses do not end */
    BMC_GARBAGE,          /* responses are random bytes */
    BMC_ALL_ERRORS,       /* every command is answered with C0h, node busy */
    BMC_READING_ERRORS,   /* from fault_us on: Get Sensor Reading is answered with CBh */
    BMC_RESERVATION_LOST, /* every seventh Get SDR is answered with C5h */
    BMC_RESERVATION_NONE, /* every Get SDR but those of a header is answered with C5h */
    BMC_SHORT_SDR,        /* the second record ends in its middle */
    BMC_LYING_SDR,        /* the second record claims 255 bytes */
    BMC_CIRCULAR_SDR,     /* the third record names the first as the next */
    BMC_SCANNING_OFF,     /* from fault_us on, for fault_for_us: the first sensor is not scanned */
    BMC_FAN_STOPS,        /* from fault_us on, for fault_for_us: the first sensor reads 0 */
    BMC_HOT,              /* from fault_us on: the third sensor climbs by 4 each second */
    BMC_DIES,             /* from fault_us on: as BMC_STUCK_IBF */
    BMC_VANISHES,         /* from fault_us on: as BMC_FLOATING */
    BMC_HICCUP,           /* at fault_us: one transaction falls into the error state */
    BMC_WATCHDOG,         /* a watchdog runs */
    BMC_WATCHDOG_STAYS,   /* and cannot be stopped */
    BMC_SLOW,             /* 10 ms for each reading */
    BMC_RESTART_REFUSED,  /* Get System Restart Cause is answered with D4h, no privilege */
    BMC_RESTART_SHORT,    /* its answer has no cause in it */
    BMC_FACTORS_REFUSED,  /* Get Sensor Reading Factors is unknown */
    BMC_FACTORS_BUSY,     /* it is answered with C0h two times of three */
    BMC_LOG_NONE,         /* the commands of the event log are unknown */
    BMC_LOG_BARE,         /* no reservations, and none is said to be */
    BMC_LOG_RESERVATION,  /* every third Get SEL Entry is answered with C5h */
    BMC_LOG_NO_LAST,      /* FFFFh is no record */
    BMC_LOG_CIRCULAR,     /* the third record names the first as the next */
    BMC_LOG_LONG,         /* each record names another as the next, for ever */
    BMC_LOG_BROKEN,       /* the fourth record is answered with FFh */
    BMC_LOG_SHORT,        /* the fourth record has 10 bytes */
    BMC_LOG_ERASED,       /* the second record reads FFh all over */
    BMC_FAULTS,
};

/* What a record and the readings are made of. Raw values; zero means what it means in a record. */
struct bmc_sensor {
    const char *name;
    uint8_t number, type, entity;
    uint8_t unit, units1;
    int m, b, b_exponent, r_exponent;
    uint8_t lower_critical, upper_critical;
    uint8_t raw; /* its reading in good times */
    uint8_t linearization;
    uint8_t record;       /* 1 full, 2 compact */
    uint8_t reading_type; /* 1 threshold */
    uint8_t owner;        /* 20h: the BMC */
    uint8_t share;        /* of a compact record */
    uint8_t lun;
};

/* A small server: two fans, processor, board and module temperature, a voltage, a temperature that
 * is not linear; and what a driver has to leave out: a percentage, a discrete one, one of another
 * controller. */
extern const struct bmc_sensor bmc_server[];
extern const size_t bmc_server_count;

struct bmc {
    enum bmc_fault fault;
    uint64_t fault_us, fault_for_us;
    uint16_t port;
    unsigned spacing;
    const struct bmc_sensor *sensors;
    size_t sensor_count;
    const uint8_t (*log)[16]; /* records of the event log, their numbers in the first two bytes */
    size_t log_count;
    uint64_t now_us;
    /* What a sensor reads now, raw, or -1 when the reading is unavailable; NULL: what stands in its
     * record and the fault make of it. */
    int (*read_sensor)(void *context, size_t index);
    void *read_context;

    uint8_t state; /* bits 7:6 of the status */
    bool output_full;
    uint8_t output;
    bool busy, busy_command; /* a byte was written and is not taken yet */
    uint8_t input;
    uint64_t busy_until_us;
    bool last_byte, aborting;
    uint8_t request[64], response[64];
    size_t request_size, response_size, response_at;

    bool watchdog_running;
    uint8_t restart_cause; /* as table 28-11 of IPMI 2.0 numbers them */
    uint16_t reservation;
    unsigned get_sdr_count, get_entry_count;
    uint16_t log_reservation;
    uint64_t random;

    unsigned strays;   /* accesses to other ports */
    unsigned breaches; /* of the protocol */
    unsigned writes;   /* to the registers */
    unsigned readings; /* Get Sensor Reading answered */
    unsigned factors;  /* Get Sensor Reading Factors asked for */
    unsigned entries;  /* Get SEL Entry answered */
    unsigned changing; /* commands that change something, Set Watchdog Timer left out */
    unsigned watchdog_stops;
};

void bmc_init(struct bmc *bmc, enum bmc_fault fault);
struct access bmc_access(struct bmc *bmc);
struct clock bmc_clock(struct bmc *bmc);
void bmc_sleep(struct bmc *bmc, uint64_t duration_us);

/* The bytes of a sensor's record, as Get SDR gives them: returns their count, at most 64. */
size_t bmc_record(const struct bmc_sensor *sensor, uint16_t id, uint8_t *ret_bytes);

/* The offset b that Get Sensor Reading Factors gives for a raw reading; the rest is as in the
 * record: one step of a staircase. */
int bmc_offset(const struct bmc_sensor *sensor, uint8_t raw);

#endif
