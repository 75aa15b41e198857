/*
 * A whole machine behind the seams of a run: two drives, memory, three processors beside the boot
 * processor, a BMC, machine-check banks, a medium for reports and somebody at the keyboard, all on
 * one simulated clock. Healthy as made; a test then breaks what it wants broken.
 */
#ifndef ASSAY_TESTS_SIM_RUN_MACHINE_H
#define ASSAY_TESTS_SIM_RUN_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "efi/reports.h"
#include "efi/run.h"
#include "report/model.h"
#include "tests/sim/bmc.h"
#include "tests/sim/clock.h"
#include "tests/sim/cpu.h"
#include "tests/sim/drive.h"
#include "tests/sim/msr.h"
#include "tests/sim/store.h"
#include "tests/sim/superio.h"
#include "tests/sim/workers.h"

enum {
    RUN_MACHINE_CHUNKS = 32,
    RUN_MACHINE_DRIVES = 2,
    RUN_MACHINE_WORKERS = 3,
    RUN_MACHINE_BANKS = 10,
    JOB_US = 400, /* what a job takes */
};

/* Physical address of the memory under test, never the pointer. */
#define RUN_MACHINE_ADDRESS ((uint64_t)0x100000000)

/* Several megabytes: static, one at a time, for the panel's callbacks have no context. */
struct run_machine {
    struct sim_clock time;
    struct clock clock;
    struct bmc bmc;
    struct sio sio; /* without a chip as made */
    struct msr_model msr;
    struct access access;
    struct sim_cpu cpu;  /* sensors of the processors, where run_machine_add_cpu() was called */
    bool cpu_senses;     /* the other processors were told to read theirs */
    uint64_t cpu_hot_us; /* from then on at 98 °C and 80 % of the nominal clock */
    unsigned cpu_samples;
    struct sim_drive drives[RUN_MACHINE_DRIVES]; /* "DISK-A" by SATA, "DISK-B" by NVMe */
    struct sim_workers workers;
    uint8_t *memory;
    struct chunk chunks[RUN_MACHINE_CHUNKS];
    struct pool pool;
    struct panel panel;
    struct sim_store store;

    /* What happens in the run, and when; 0: never. */
    uint64_t escape_us;
    uint64_t workers_stop_us; /* from then on no processor takes a job */
    bool prior_run;           /* an earlier run on this medium has no end */
    uint64_t lead_us;         /* from then on each read over SATA costs a CRC error and a retry */
    uint64_t check_us;        /* bank 7 of the boot processor then holds these */
    struct msr_bank check;
    uint64_t *stuck_word; /* NULL: none. Its bit 5 reads 0, whatever is written. */

    /* What the person in front of the machine saw. */
    uint64_t ports_us;         /* spent at the ports of sensors */
    unsigned lines, bad_lines; /* bad: longer than 79 columns, or not printable ASCII */
    unsigned paints;
    uint64_t alive_us, longest_us; /* the last sign of life, and the longest time between two */

    struct machine machine;
    struct recorder recorder;
    struct run run;
    struct model model;
    struct reports reports;
    int report_error;
    char journal[JOURNAL_SIZE];
};

void run_machine_init(struct run_machine *of);
/* Gives the processors sensors of their own: two cores of two processors each, at 47 °C. */
void run_machine_add_cpu(struct run_machine *of);
void run_machine_free(struct run_machine *of);

/* The whole run as the image does it, from the first event to the last report. */
enum overall run_machine_run(struct run_machine *of, const struct run_config *config);

#endif
