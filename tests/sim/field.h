/*
 * Field machines: whole machines made from a seed, healthy or with one or two faults, and run by
 * the real wiring of efi/run.c.
 *
 * Nothing is told to the diagnosis: a fault is what a drive answers, what memory holds, what a
 * sensor or a bank of machine checks reads. What was said is taken out of the journal. Figures
 * here are those of machines, and none is taken from a rule.
 *
 * field_deal() draws the machine and what is wrong with it, field_run() runs it.
 */
#ifndef ASSAY_TESTS_SIM_FIELD_H
#define ASSAY_TESTS_SIM_FIELD_H

#include <stdbool.h>
#include <stdint.h>

#include "efi/run.h"
#include "sensors/aer_watch.h"
#include "sensors/link_watch.h"
#include "tests/sim/bmc.h"
#include "tests/sim/clock.h"
#include "tests/sim/field_drive.h"
#include "tests/sim/memory.h"
#include "tests/sim/msr.h"

enum field_kind { FIELD_NOTEBOOK, FIELD_DESKTOP, FIELD_SERVER, FIELD_KINDS };

enum field_fault {
    FIELD_STUCK_BIT,
    FIELD_WEAK_BIT,
    FIELD_ADDRESS_LINE,
    FIELD_ECC_REPEATED,
    FIELD_ECC_SINGLE,
    FIELD_ECC_UNCORRECTED,
    FIELD_CACHE,
    FIELD_COMPUTE,
    FIELD_UNREADABLE,
    FIELD_PENDING,
    FIELD_SILENT,
    FIELD_STALE,
    FIELD_CORRUPTION,
    FIELD_LEAD,
    FIELD_LINK_LOST,
    FIELD_SLOW_REGION,
    FIELD_SLOWING,
    FIELD_PREDICTED,
    FIELD_PCIE_ERRORS,
    FIELD_HOT_DRIVE,
    FIELD_FAN,
    FIELD_AIRFLOW,
    FIELD_VOLTAGE,
    FIELD_LOGGED,
    FIELD_BOOT_RECORD,
    FIELD_DEAD_MODULE,
    FIELD_LOW_LINK,
    FIELD_PRIOR_RUN,
    FIELD_FAULTS,
};

extern const char *const field_fault_names[FIELD_FAULTS];
/* The verdict that each is to be given: enum verdict. */
extern const uint8_t field_fault_verdicts[FIELD_FAULTS];
bool field_is_of_drive(enum field_fault fault);

enum {
    FIELD_DRIVES = 4,
    FIELD_FANS = 4,
    FIELD_SENSORS = 12,
    FIELD_WORKERS = 3,
    FIELD_CHUNKS = 18,
    FIELD_BANKS = 10,
    FIELD_CHECKS = 12,
    FIELD_IMAGING_S = 90,
    FIELD_FAULTS_MAX = 2,
    FIELD_LOG = 24,
    FIELD_REGION = 256,
};

#define FIELD_ADDRESS ((uint64_t)0x100000000)

struct field_fan {
    uint32_t rpm;      /* under load */
    bool fitted;       /* else a header without one */
    bool semi_passive; /* off while the processor is cool */
    bool off;
    uint64_t stops_us; /* 0: never */
    uint32_t left;     /* percent of its speed that is left then */
};

enum field_sensor_kind {
    SENSOR_FAN,
    SENSOR_PROCESSOR,
    SENSOR_INLET,
    SENSOR_MODULE,
    SENSOR_VOLTAGE,
    SENSOR_STUCK,  /* never moves, whatever it says */
    SENSOR_ABSENT, /* declared, and never has a reading */
};

struct field_sensor {
    enum field_sensor_kind kind;
    unsigned fan;
    int stuck;
    uint64_t silent_us;        /* it gives no readings from here on; 0: never */
    uint32_t glitches_per_10k; /* readings of 0 among good ones */
};

/* An error that a bank of machine checks holds from a time on. */
struct field_check {
    uint64_t at_us; /* 0: since before the run */
    unsigned bank;
    uint16_t processor; /* 0: the boot processor */
    struct msr_bank content;
    bool shared; /* read by all of them within a second */
    unsigned told;
};

/* Error registers (AER) of the function behind a link, and what comes up in them. */
struct field_link {
    struct aer_watched watched;
    uint32_t corrected, uncorrected;         /* the registers */
    uint32_t bad_corrected, bad_uncorrected; /* bits that come up, one at a time */
    uint32_t harmless_permille;              /* bits of healthy machines, each second */
    uint64_t next_us, every_us;              /* of the bad ones; every_us 0: once */
};

/* A card, its slot, and the link between them. */
struct field_slot;

struct field_end {
    const struct field_slot *slot;
    bool is_port;
};

struct field_slot {
    bool fitted;
    struct field_end ends[2]; /* the card's, the port's */
    struct link_watched watched;
    uint32_t class_code;
    uint8_t speed, width;         /* both ends can do it */
    uint8_t low_speed, low_width; /* of a link that fails */
    uint64_t low_us, low_for_us;  /* from when, 0: never; for how long, 0: for good */
    uint32_t rests_permille, trains_permille;
    bool is_low, was_low, rests, trains; /* now */
};

struct field_dealt {
    enum field_fault fault;
    unsigned drive, fan;
    uint64_t at_us;
};

/* Large: static, one at a time. */
struct field_machine {
    uint64_t seed, dealing, noise; /* states of the random numbers of making and of running */
    enum field_kind kind;
    bool amd, has_bmc, has_ecc, has_modules, interleaved, prior_run;
    int64_t ambient; /* millidegrees */
    struct field_dealt faults[FIELD_FAULTS_MAX];
    unsigned fault_count;

    struct field_drive drives[FIELD_DRIVES];
    unsigned drive_count;
    char serials[FIELD_DRIVES][21];
    struct field_fan fans[FIELD_FANS];
    unsigned fan_count;
    struct bmc_sensor records[FIELD_SENSORS];
    char names[FIELD_SENSORS][16];
    struct field_sensor sensors[FIELD_SENSORS];
    unsigned sensor_count;
    int64_t heat, rise, rise_without_air; /* of the processor: now, under load, and more of it */
    uint64_t airless_us;                  /* from then on the air is blocked; 0: never */
    uint64_t heat_us, jobs, jobs_seen;

    struct sim_memory cells;
    uint64_t *weak_word; /* NULL: none */
    uint64_t weak_bit, weak_permille;
    struct field_link links[FIELD_DRIVES]; /* of NVMe drives */
    struct field_slot slot;
    uint8_t region[FIELD_REGION]; /* the errors of the last boot (BERT) */
    size_t region_size;
    bool dead_module, dead_module_sized;
    uint8_t log[FIELD_LOG][16]; /* the BMC's event log */
    unsigned log_count;
    uint64_t sag_us; /* from then on the supply gives way under load; 0: never */
    int sag;         /* steps of the sensor */
    bool busy;       /* processors had work in the last second */
    struct field_check checks[FIELD_CHECKS];
    unsigned check_count;
    unsigned wrong_processor, wrong_permille; /* processor 0: none computes wrong */

    /* The seams. */
    struct sim_clock time;
    struct clock clock;
    struct bmc bmc;
    struct msr_model msr;
    struct access access;
    struct queue queue;
    unsigned computing; /* the processor that runs a job; 0: none does */
    uint8_t *memory;
    struct chunk chunks[FIELD_CHUNKS];
    struct pool pool;
    struct panel panel;
    struct machine machine;
    struct recorder recorder;
    struct run run;
    char journal[JOURNAL_SIZE];
};

/* Zeroes and makes the machine of a seed, with so many things wrong with it. The first of them is
 * drawn before the machine, so that each has its share, however few machines can show it. */
void field_deal(struct field_machine *field, uint64_t seed, unsigned faults);
/* field_faults.c: whether this machine can show it at all; makes so many things wrong with it. */
bool field_can_show(const struct field_machine *field, enum field_fault fault);
void field_deal_faults(struct field_machine *field, enum field_fault first, unsigned count);
/* field_apply.c: makes one of them. */
void field_apply(struct field_machine *field, const struct field_dealt *dealt);
/* The BMC's records, and what each is. */
void field_deal_sensors(struct field_machine *field);

enum overall field_run(struct field_machine *field);

/* field_access.c: registers, and what processors but the first find in theirs. */
struct access field_access(struct field_machine *field);
unsigned field_machine_checks(struct event_machine_check *ret, unsigned limit);

extern struct field_machine *field_running; /* for callbacks without a context */

/* field_board.c: what was written down before the run, and the error registers of links. */
void field_deal_log(struct field_machine *field);
void field_deal_links(struct field_machine *field);
void field_add_logged(struct field_machine *field);
void field_add_link_errors(struct field_machine *field, unsigned drive, uint64_t at_us);
void field_begin_links(struct field_machine *field);
unsigned field_pcie_errors(struct event_pcie_error *ret, unsigned limit);

/* field_slot.c: the link of a card. */
void field_deal_slot(struct field_machine *field);
bool field_slot_can_show(const struct field_machine *field);
void field_add_low_link(struct field_machine *field, uint64_t at_us);
void field_begin_slot(struct field_machine *field);
unsigned field_pcie_links(bool loaded, struct event_pcie_link *ret, unsigned limit);

/* field_firmware.c: what the firmware says. field_list_firmware() adds it to the machine. */
void field_deal_firmware(struct field_machine *field);
void field_add_boot_record(struct field_machine *field);
void field_list_firmware(struct field_machine *field);

/* field_sensors.c: heat and readings. */
void field_heat(struct field_machine *field);
int field_reading(void *context, size_t index);

/* Random numbers of the making: below a limit, from low to high, and with a chance in a hundred. */
uint64_t field_below(struct field_machine *field, uint64_t limit);
uint64_t field_from(struct field_machine *field, uint64_t low, uint64_t high);
bool field_chance(struct field_machine *field, unsigned percent);

#endif
