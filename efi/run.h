/*
 * A run: the phases of a plan over the machine's seams, what goes on beside them, and the verdict.
 *
 * run.c has the phases, run_tasks.c what is done between their steps, run_verdict.c the end,
 * run_resume.c what a run takes over from one that died. All run*.c are wiring and know no
 * firmware.
 */
#ifndef ASSAY_EFI_RUN_H
#define ASSAY_EFI_RUN_H

#include "base/access.h"
#include "base/block.h"
#include "base/clock.h"
#include "base/event.h"
#include "base/options.h"
#include "base/pool.h"
#include "base/workers.h"
#include "diagnosis/judge.h"
#include "disk/health/health.h"
#include "disk/imaging/imaging.h"
#include "disk/volumes/permission.h"
#include "disk/volumes/volumes.h"
#include "disk/writing/writing.h"
#include "efi/inject.h"
#include "efi/panel.h"
#include "efi/recorder.h"
#include "report/resume.h"
#include "sensors/cpu.h"
#include "sensors/dimm_watch.h"
#include "sensors/guard.h"
#include "sensors/ipmi.h"
#include "sensors/superio_watch.h"
#include "stress/last_look.h"
#include "stress/memory_account.h"
#include "stress/memory_dma.h"
#include "stress/memory_hold.h"
#include "stress/memory_run.h"
#include "stress/plan.h"
#include "stress/sweep.h"

enum {
    RUN_DISKS = 32,
    RUN_PARTS = 64,
    RUN_MEMORY_MAP = EVIDENCE_MAP,
    RUN_PRIORS = 64,
    RUN_FINDINGS = FINDINGS_LIMIT,
    RUN_MEMORY_RUNS = 2,
    RUN_REPORTS = MEMORY_PARTS + 1,
};

struct run_disk {
    struct block_device *device;
    struct event_part part; /* as it is announced; its number is set by the run */
    bool chosen;
    bool is_boot;            /* Assay was started from it */
    bool is_stick;           /* it is, and is left out for that */
    char reason[PLACE_SIZE]; /* why it was not chosen */
};

/* The machine as the run sees it. */
struct machine {
    const struct clock *clock;
    const struct access *access;
    const struct panel *panel;
    struct workers workers;
    struct pool *pool;          /* NULL: no memory could be had */
    struct memory_hold *memory; /* that has the pool; NULL: the pool is all there is */
    struct memory_nodes nodes;
    uint64_t memory_total; /* bytes that memory coverage is counted against */
    uint64_t fill_rate;    /* bytes per second that one processor fills; 0: not measured */
    struct run_disk disks[RUN_DISKS];
    unsigned disk_count;
    uint16_t boot_processor;
    unsigned processors_working, processors_present;
    uint16_t bmc_port; /* data register of the BMC's KCS interface */
    unsigned bmc_spacing;
    const char *smbus_unsafe;           /* why the SMBus is not to be touched; NULL: it may be */
    struct event_part parts[RUN_PARTS]; /* processor, memory as a whole, modules, in this order */
    unsigned part_count;
    struct event_memory_map memory_map[RUN_MEMORY_MAP]; /* `part` is an index into `parts` */
    unsigned memory_map_count;
    /* What firmware and devices had recorded before the run; `part` and `other` count the modules
     * among the parts from 1. */
    struct event_prior_error priors[RUN_PRIORS];
    unsigned prior_count;
    bool priors_known; /* by an earlier run of this boot: the firmware's may be gone by now */
    /* Opens a disk, by its index, for writing. */
    void (*allow_writes)(unsigned index);
    /* Machine-check banks of the boot processor, as a mask, whose errors were told by
     * machine_checks and are cleared when what was told is on the medium, as all of the last call
     * then is. NULL: none ever. */
    uint32_t (*held_banks)(void);
    /* Machine checks that other processors found, or any in an exception, since the last call. */
    unsigned (*machine_checks)(struct event_machine_check *ret, unsigned limit);
    /* The latest sample of a processor's own sensors, by its index from 0, the boot processor;
     * false where it has none. NULL: nobody has. */
    bool (*cpu_sample)(unsigned index, struct cpu_sample *ret);
    void (*cpu_sense)(bool on); /* whether other processors read theirs; they begin without */
    struct cpu_registers cpu_registers; /* of the boot processor */
    uint32_t tsc_khz;
    /* Errors of PCI Express links since the last call. NULL: none ever. */
    unsigned (*pcie_errors)(struct event_pcie_error *ret, unsigned limit);
    /* The same of the links themselves (pcie_watch.h). */
    unsigned (*pcie_links)(bool loaded, struct event_pcie_link *ret, unsigned limit);
};

/* What a disk is called: its serial number, else its place. */
static inline const char *run_disk_name(const struct run_disk *disk)
{
    return disk->part.serial[0] ? disk->part.serial : disk->part.place;
}

struct run_config {
    const char *plan;
    uint32_t imaging_s;
    uint64_t seed;
    uint64_t stamp; /* number of the run in the blocks that it writes: no other run's */
    const struct options *options; /* what may be written; NULL: nothing */
    uint32_t memory_tests;         /* mask of stress/tests.h */
    bool memory_tests_named;       /* they were named; else the plan may leave some out */
    bool sensors;
    bool sensors_all;            /* also what is not known to be safe to read */
    uint32_t inject;             /* bit n: enum inject n of base/options.h */
    const char *skip;            /* a step in which the last boot hung, or "" */
    const struct resume *resume; /* the run that this one goes on with; NULL: none */
    const char *earlier;         /* its journal */
    size_t earlier_size;
    /* Emits what changed since an earlier run of this machine, from the journals of both; this
     * one's stands in the recorder. NULL: nothing is compared. */
    void (*compare)(const struct recorder *recorder);
};

/* Turns a count of bytes that only grows into a series of throughput. */
struct meter {
    uint16_t series;
    uint64_t moved, time_us;
    bool idle; /* the last sample was 0 */
};

/* The drive that reads into memory under test. */
struct run_dma {
    struct memory_dma seam;
    const struct block_device *device; /* NULL: not chosen yet */
    uint64_t lba;
    size_t size;
    uint64_t canary_seed;
    struct block_request request; /* the one under way */
};

struct run {
    struct machine *machine;
    struct run_config config;
    struct recorder *recorder;
    const struct sink *sink;
    struct numbers numbers;
    struct injector injector;
    bool stopped; /* Esc */

    struct planned_phase phases[PHASES];
    size_t phase_count, phase_index;
    uint64_t phase_start_us;
    uint64_t phase_planned_us; /* 0: until its pass is done */
    char phase_name[NAME_SIZE];

    struct memory_run memory_tests[RUN_MEMORY_RUNS];
    struct memory_run *memory; /* the one of these that runs, or ran last */
    unsigned memory_lost;      /* of these, how many have a job that never came back */
    unsigned memory_parts;     /* of memory tested so far */
    uint64_t memory_moved;     /* bytes moved by the parts that are done */
    uint64_t memory_done;      /* bytes of memory in those parts */
    struct memory_report reports[RUN_REPORTS]; /* of the parts, and of the sweep: what failed */
    unsigned report_count;
    struct run_dma dma;
    struct sweep sweep;
    struct imaging imaging;
    const struct block_device *devices[RUN_DISKS]; /* under load in this phase */
    unsigned device_disk[RUN_DISKS];               /* which of the machine's disks each one is */
    unsigned device_count;
    struct pace paces[RUN_DISKS];   /* of each disk, in the phase before */
    struct pace earlier[RUN_DISKS]; /* the same, by device */
    uint64_t hashed;                /* bytes hashed and compared by the imaging load so far */
    bool imaging_runs, memory_runs, sweep_runs, writing_runs;

    struct volumes volumes; /* of the disk that is decided about */
    struct permission_disk facts[RUN_DISKS];
    struct permission permissions[WRITING_DRIVES + 1]; /* of the targets; one to decide with */
    struct writing_target targets[WRITING_DRIVES];
    unsigned target_disk[WRITING_DRIVES]; /* which of the machine's disks each one is */
    unsigned target_count;
    struct writing writing;

    struct guard guard; /* between the sensors and the machine */
    struct ipmi ipmi;
    struct superio_watch superio;
    struct dimm_watch dimms;
    struct cpu_sensors cpu;
    bool sensors_settled; /* it is known, and was said, what there is */
    unsigned boot_banks;  /* machine-check banks of the boot processor */
    uint8_t page[DRIVE_PAGE_SIZE_MAX] __attribute__((aligned(4096)));
    struct health health;
    struct health_identity identities[RUN_DISKS];
    uint16_t disk_temperature[RUN_DISKS]; /* series plus one; 0: none */
    uint8_t temperature_logs[RUN_DISKS];  /* of struct health */
    struct meter disk_meters[RUN_DISKS];
    struct meter memory_meter;
    uint64_t due_us[12]; /* of the tasks, run_tasks.c */
    uint64_t tasks_us;   /* when they were looked at last */
    uint64_t begun_us;
    uint64_t sensing_us;       /* what reading sensors has taken of the boot processor's time */
    int64_t sensors_credit_ns; /* what it may take now */

    struct event_finding findings[RUN_FINDINGS];
    unsigned finding_count;
    struct event_finding judged[RUN_FINDINGS]; /* the judgement while it is compared with those */
};

/* Begins: the prior machine checks of the boot processor are read before anything disturbs them. */
void run_begin(struct run *run, const struct run_config *config, struct machine *machine,
               struct recorder *recorder);

/* The phases of the plan in their order, then the verdict, which it returns. That the run has ended
 * reaches the medium only with recorder_close(): when its reports are there, it has. */
enum overall run_execute(struct run *run);

/* Repeats `step` with the tasks between until it is done, the time is up, or Esc. */
void run_phase(struct run *run, bool (*step)(struct run *run));
struct memory_means run_memory_means(struct run *run, struct pool *pool);
/* Keeps what failed in memory, for a last look at the end of the run. */
void run_keep_report(struct run *run, const struct memory_report *report);
/* run_memory.c. The memory phase; false when there is no memory to test. */
bool run_do_memory(struct run *run);
uint16_t run_memory_permille(const struct run *run);
/* Banks of the boot processor that are not to be read now. */
uint32_t run_held_banks(const struct run *run);
void run_begin_phase(struct run *run, const char *name, uint32_t planned_s);
void run_end_phase(struct run *run, enum ending ending);
/* Between any two steps of a phase; a few milliseconds at most, drives' logs apart. */
void run_tasks(struct run *run);
/* The same for who takes a callback: between the reads that look for a bad sector, each of which
 * may take half a minute. */
void run_tend(void *run);
/* Errors of PCI Express links, and what changed of them, since it was called last. */
void run_read_links(struct run *run);
/* Reads health and temperature of every chosen drive. */
void run_read_health(struct run *run, enum moment moment);
/* The counters' last look, findings, what is good, the verdict. */
enum overall run_verdict(struct run *run);

/* run_dma.c. A drive for the memory tests; for one memory phase. */
const struct memory_dma *run_dma(struct run *run);
/* run_resume.c. Takes over what the run that this one goes on with has found, and says so. */
void run_resume(struct run *run);

/* run_sensors.c. To be called when the run begins. */
void run_begin_sensing(struct run *run);
/* Reads a little more of the BMC and of Super I/O chips, within their share of the
 * time that has gone by since the last call. */
void run_step_sensors(struct run *run, uint64_t gone_us);
/* Counts the time since `start_us` as that of sensors, and returns it. */
uint64_t run_count_sensing(struct run *run, uint64_t start_us);
/* Says how much of the run has gone by while sensors were read. */
void run_tell_sensing(struct run *run);
/* Says what there is of sensors, once it is known, or in the verdict phase what is known by then.
 */
void run_settle_sensors(struct run *run);

/* run_cpu.c. The processors' own sensors: at the inventory, and once a second. */
void run_begin_cpu(struct run *run);
void run_sample_cpu(struct run *run);

/* run_writing.c. Decides what may be overwritten, and says what may not. True when anything may. */
bool run_prepare_writing(struct run *run);
/* OK, or an error that was told. */
int run_begin_writing(struct run *run, bool once);

/* Seconds until the end of the plan, by what is known now. */
uint32_t run_left_s(const struct run *run);
uint16_t run_permille(const struct run *run);

#endif
