/*
 * Whole runs over a made-up machine: from the first event to the last report, with each fault that
 * a run is there to find, and each that it has to survive. What is expected is all that may be
 * said: exactly these findings, goods and gaps, and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "stress/tests.h"
#include "tests/sim/run_machine.h"

static const uint64_t SECOND = 1000000;

/* Corrected read error of the memory controller's channel 0; L2 cache error: Intel SDM volume 3,
 * "MCA Error Codes". */
static const struct msr_bank corrected = {.status = 0x8C00004000010090, .address = 0x12345000};
static const struct msr_bank uncorrected_cache = {.status = 0xB400000000000136};

struct run_case {
    const char *name;
    void (*arrange)(struct run_machine *of); /* NULL: healthy */
    uint32_t inject;                         /* bit n: enum inject n */
    const char *plan;                        /* NULL: imaging */
    uint32_t imaging_s;                      /* 0: 30 s */
    uint32_t memory_tests;                   /* 0: SERIAL_TESTS */
    bool plan_tests;                         /* the memory tests that the plan has itself */
    const char *skip;
    bool no_sensors, painted;
    bool slow; /* drives of a tenth of the pace: long runs then move no more than short ones */

    enum overall overall;
    const char *findings; /* "id certainty component" and ";" each */
    const char *goods;    /* ids, a blank behind each */
    const char *gaps;     /* subsystems, likewise */
    const char *warning;  /* part of each warning in the run; NULL: there is none */
    const char *evidence; /* part of the first finding's evidence */
    const char *advice;   /* part of its advice */
    bool bad_memory;      /* there is a bad-memory.txt */
    bool loses_store; /* the journal's file does not hold all of it, and reports are not written */
    int report_error; /* what became of the reports */
    const char *late; /* a report that had to wait for the verdict, to grow */
    bool cut;         /* the run ends before its time */
    bool long_waits;  /* the boot processor waits for something for more than two seconds */
    unsigned open_steps; /* begun and not ended */
    bool not_loaded;     /* DISK-A is not read at all */
    bool other_bits;     /* what is wrong in memory is not bit 5 */
};

/* Those that need neither a drive nor two processors at once: those made up here take turns. */
enum {
    SERIAL_TESTS = 1 << TEST_OWN_ADDRESS | 1 << TEST_RANDOM,
};

#define ALL_GOOD "memory-ok disk-ok cooling-ok cpu-ok "

/* ---- what is broken */

static void unreadable_sector(struct run_machine *of)
{
    of->drives[1].fault = DRIVE_UNREADABLE_SECTOR;
    of->drives[1].fault_lba = 5000;
}

static void silent_failure(struct run_machine *of)
{
    of->drives[0].fault = DRIVE_SILENT_FAILURE;
    of->drives[0].fault_lba = 50001;
}

static void times_out(struct run_machine *of)
{
    of->drives[0].fault = DRIVE_TIMES_OUT;
    of->drives[0].fault_lba = 50001;
    of->drives[0].timeout_us = 10 * SECOND;
    of->drives[0].fault_times = 12;
}

static void predicts_failure(struct run_machine *of)
{
    of->drives[0].fault = DRIVE_PREDICTS_FAILURE;
}

static void corrupts(struct run_machine *of)
{
    of->drives[1].fault = DRIVE_PARTIAL_DMA;
    of->drives[1].fault_lba = 4711;
}

static void vanishes(struct run_machine *of)
{
    of->drives[1].fault = DRIVE_VANISHES;
    of->drives[1].fault_us = 25 * SECOND;
}

static void bad_lead(struct run_machine *of)
{
    of->drives[0].counters[2] = 17; /* from years ago */
    of->lead_us = 20 * SECOND;
}

static void one_slow_drive(struct run_machine *of)
{
    of->machine.disk_count = 1;
    of->drives[0].fault = DRIVE_SLOW;
    of->drives[0].fault_us = 20 * SECOND;
    of->drives[0].fault_for_us = 8 * SECOND;
}

static void locked(struct run_machine *of)
{
    of->drives[0].fault = DRIVE_LOCKED;
}

static void only_the_stick(struct run_machine *of)
{
    of->machine.disk_count = 1;
    of->machine.disks[0].chosen = false;
    of->machine.disks[0].is_stick = true;
    copy_text(of->machine.disks[0].reason, PLACE_SIZE, "the stick Assay was started from");
}

static void no_disk(struct run_machine *of)
{
    of->machine.disk_count = 0;
}

static void fan_stops(struct run_machine *of)
{
    of->bmc.fault = BMC_FAN_STOPS;
    of->bmc.fault_us = 20 * SECOND;
}

static unsigned link_looks;
static const struct run *looked_at;

/* Corrected errors of a link, each time somebody looks at it from the tenth time on. */
static unsigned link_fails_now(struct event_pcie_error *ret, unsigned limit)
{
    if (++link_looks < 10 || !limit)
        return 0;
    *ret = (struct event_pcie_error){
        .place = "0000:00:03.0", .port = "0000:00:01.0", .corrected = 0x80, .text = "a word"};
    return 1;
}

static void link_fails(struct run_machine *of)
{
    link_looks = 0;
    of->machine.pcie_errors = link_fails_now;
}

/* Once, and that between the last of the phases and the verdict. */
static unsigned link_failed_late(struct event_pcie_error *ret, unsigned limit)
{
    if (!text_equal(looked_at->phase_name, PHASE_OF_VERDICT) || link_looks++ || !limit)
        return 0;
    *ret =
        (struct event_pcie_error){.place = "0000:00:03.0", .uncorrected = 0x10, .text = "a word"};
    return 1;
}

static void link_fails_late(struct run_machine *of)
{
    link_looks = 0;
    looked_at = &of->run;
    of->machine.pcie_errors = link_failed_late;
}

/* Under load, and it comes back; nobody calls these phases a load. */
static unsigned link_drops_now(bool loaded, struct event_pcie_link *ret, unsigned limit)
{
    const char *phase = looked_at->phase_name;
    bool first = !link_looks;

    if (!loaded || !limit || link_looks > 1)
        return 0;
    assert_false(text_equal(phase, "baseline") || text_equal(phase, "cool-down") ||
                 text_equal(phase, PHASE_OF_VERDICT));
    *ret = (struct event_pcie_link){.change = first ? LINK_LOWER : LINK_BACK,
                                    .port = "0000:00:01.0",
                                    .device = "0000:03:00.0",
                                    .speed = first ? 1 : 4,
                                    .width = first ? 4 : 8,
                                    .speed_best = 4,
                                    .width_best = 8,
                                    .text = "16 GT/s, 8 lanes"};
    if (!link_looks++)
        copy_text(ret->text, sizeof(ret->text), "2.5 GT/s, 4 lanes; it was 16 GT/s, 8 lanes");
    return 1;
}

static void link_drops(struct run_machine *of)
{
    link_looks = 0;
    looked_at = &of->run;
    of->machine.pcie_links = link_drops_now;
}

static void gets_hot(struct run_machine *of)
{
    of->bmc.fault = BMC_HOT;
    of->bmc.fault_us = 15 * SECOND;
}

static void no_bmc(struct run_machine *of)
{
    of->bmc.fault = BMC_FLOATING;
}

/* SMBIOS gives the keyboard's port as the BMC's. */
static void bmc_at_the_keyboard(struct run_machine *of)
{
    of->machine.bmc_port = 0x60;
}

static void cpu_sensors(struct run_machine *of)
{
    no_bmc(of);
    run_machine_add_cpu(of);
}

static void slow_when_hot(struct run_machine *of)
{
    cpu_sensors(of);
    of->cpu_hot_us = 10 * SECOND;
}

static void slow_when_hot_late(struct run_machine *of)
{
    cpu_sensors(of);
    of->cpu_hot_us = 60 * SECOND;
}

static void bmc_hangs(struct run_machine *of)
{
    of->bmc.fault = BMC_STUCK_IBF;
}

static void check_in_run(struct run_machine *of)
{
    of->check_us = 12 * SECOND;
    of->check = corrected;
}

static void check_before(struct run_machine *of)
{
    of->msr.banks[7] = uncorrected_cache;
}

static void bit_is_stuck(struct run_machine *of)
{
    of->stuck_word = (uint64_t *)of->memory + 3 * CHUNK_SIZE / 8 + 1234;
}

static void no_memory(struct run_machine *of)
{
    of->machine.pool = NULL;
    of->machine.fill_rate = 0;
}

static void half_the_memory(struct run_machine *of)
{
    of->machine.memory_total = 2 * of->pool.size;
}

static void escape(struct run_machine *of)
{
    of->escape_us = 20 * SECOND;
}

static void escape_at_once(struct run_machine *of)
{
    of->escape_us = 1;
}

static void store_refuses(struct run_machine *of)
{
    of->store.fault = STORE_REFUSES;
}

static void store_fails(struct run_machine *of)
{
    of->store.fault = STORE_JOURNAL_FAILS;
    of->store.fault_us = 20 * SECOND;
}

static void flush_fails(struct run_machine *of)
{
    of->store.fault = STORE_FLUSH_FAILS;
    of->store.fault_us = 20 * SECOND;
}

static void reports_fail(struct run_machine *of)
{
    of->store.fault = STORE_REPORTS_FAIL;
}

static void report_is_long(struct run_machine *of)
{
    of->store.fault = STORE_SMALL;
}

static void medium_is_full(struct run_machine *of)
{
    of->store.fault = STORE_FULL;
}

static void none_prepared(struct run_machine *of)
{
    of->store.fault = STORE_UNPREPARED;
}

static void workers_stop(struct run_machine *of)
{
    of->workers_stop_us = 20 * SECOND;
}

/* In the middle of the drive, which is what is read into memory under test. */
static void never_fills(struct run_machine *of)
{
    of->drives[0].fault = DRIVE_SILENT_FAILURE;
    of->drives[0].fault_lba = 32768;
}

/* A word under the drive's read, each time it is filled. */
static void flip_under_dma(void *context, void *buffer, size_t size)
{
    uint64_t *word = (uint64_t *)(void *)(((struct run_machine *)context)->memory + 0x302000);

    if ((uint8_t *)word >= (uint8_t *)buffer && (uint8_t *)word < (uint8_t *)buffer + size)
        *word ^= 1 << 5;
}

static void flips_under_dma(struct run_machine *of)
{
    of->drives[0].after_dma = flip_under_dma;
}

static void reset_before(struct run_machine *of)
{
    of->prior_run = true;
}

/* Two fan events, the first ended, and an uncorrected memory error; the machine's clock is at the
 * beginning of 2026, the log's at its end of 2025, or ten years before. */
static const uint8_t log_recent[][16] = {
    {1, 0, 2, 0x80, 0x6B, 0x54, 0x69, 0x20, 0, 4, 0x04, 0x31, 0x01, 2, 0xFF, 0xFF},
    {2, 0, 2, 0x90, 0x6B, 0x54, 0x69, 0x20, 0, 4, 0x04, 0x31, 0x81, 2, 0xFF, 0xFF},
    {3, 0, 2, 0xA0, 0x6B, 0x54, 0x69, 0x20, 0, 4, 0x04, 0x30, 0x01, 2, 0xFF, 0xFF},
    {4, 0, 2, 0xB0, 0x6B, 0x54, 0x69, 0x20, 0, 4, 0x0C, 0x88, 0x6F, 0x01, 0xFF, 0xFF},
};
static const uint8_t log_old[][16] = {
    {1, 0, 2, 0x80, 0x6B, 0x54, 0x55, 0x20, 0, 4, 0x04, 0x30, 0x01, 2, 0xFF, 0xFF},
    {2, 0, 2, 0x90, 0x6B, 0x54, 0x55, 0x20, 0, 4, 0x0C, 0x88, 0x6F, 0x01, 0xFF, 0xFF},
};

static void events_logged(struct run_machine *of)
{
    of->bmc.log = log_recent;
    of->bmc.log_count = sizeof(log_recent) / sizeof(log_recent[0]);
}

static void events_of_long_ago(struct run_machine *of)
{
    of->bmc.log = log_old;
    of->bmc.log_count = sizeof(log_old) / sizeof(log_old[0]);
}

static void memory_recorded(struct run_machine *of)
{
    of->machine.priors[0] = (struct event_prior_error){
        .origin = PRIOR_BERT, .kind = PRIOR_MEMORY, .severity = PRIOR_FATAL, .part = 1};
    of->machine.prior_count = 1;
}

/* The same error in the region, in a bank and in the log. */
static void memory_recorded_thrice(struct run_machine *of)
{
    memory_recorded(of);
    of->msr.banks[7] = (struct msr_bank){.status = 0xBC00000000010090};
    of->bmc.log = &log_recent[3];
    of->bmc.log_count = 1;
}

/* Of a module that the machine has not. */
static void stranger_recorded(struct run_machine *of)
{
    memory_recorded(of);
    of->machine.priors[0].part = 9;
}

static void processors_idle(struct run_machine *of)
{
    of->machine.processors_present = 8;
}

/* A board without a BMC: what there is of sensors is in its Super I/O chip. */
static void super_io(struct run_machine *of)
{
    no_bmc(of);
    sio_put(&of->sio, 0, 0xD42B, SIO_NCT6775, 0x290, sio_nct6796, sio_nct6796_count, SIO_HEALTHY);
}

static void super_io_with_bank_thief(struct run_machine *of)
{
    super_io(of);
    of->sio.chips[0].fault = SIO_BANK_STOLEN;
}

static void super_io_switched_off(struct run_machine *of)
{
    super_io(of);
    of->sio.chips[0].fault = SIO_SWITCHED_OFF;
}

/* In the middle of the run fan 2 stops, and the processor gets warm or stays as it is. */
static void super_io_fan_stops_warm(struct run_machine *of)
{
    super_io(of);
    sio_at(&of->sio, 0, 0x4C2, 0, 20 * SECOND);
    sio_at(&of->sio, 0, 0x4C3, 0, 20 * SECOND);
    sio_at(&of->sio, 0, 0x150, 70, 17 * SECOND);
}

static void super_io_fan_stops_cool(struct run_machine *of)
{
    super_io(of);
    sio_at(&of->sio, 0, 0x4C2, 0, 20 * SECOND);
    sio_at(&of->sio, 0, 0x4C3, 0, 20 * SECOND);
}

static const struct run_case run_cases[] = {
    {.name = "healthy", .goods = ALL_GOOD},
    {.name = "healthy, with a painted screen", .painted = true, .goods = ALL_GOOD},
    {.name = "healthy, plan memory",
     .plan = "memory",
     .goods = "memory-ok ",
     .gaps = "fans cpu-temperature "},
    {.name = "healthy, with the memory tests of the plan",
     .plan_tests = true,
     .goods = ALL_GOOD,
     .gaps = "memory "},
    {.name = "healthy, a drive reads into memory",
     .plan = "memory",
     .memory_tests = 1 << TEST_DMA,
     .goods = "memory-ok cooling-ok "},
    {.name = "a bit that turns when a drive reads into memory",
     .arrange = flips_under_dma,
     .plan = "memory",
     .memory_tests = 1 << TEST_DMA,
     .overall = OVERALL_SUSPECT,
     .findings = "memory-bit-error possible page 0x100302000 bit 5;",
     .goods = "cooling-ok ",
     .bad_memory = true},
    {.name = "a drive that says it read into memory and did not",
     .arrange = never_fills,
     .plan = "memory",
     .memory_tests = 1 << TEST_DMA | 1 << TEST_RANDOM,
     .goods = "memory-ok ",
     .gaps = "memory fans cpu-temperature "},
    {.name = "no drive to read into memory",
     .arrange = no_disk,
     .plan = "memory",
     .memory_tests = 1 << TEST_DMA | 1 << TEST_RANDOM,
     .goods = "memory-ok ",
     .gaps = "memory fans cpu-temperature "},
    {.name = "two processors for a test, and only one",
     .plan = "memory",
     .memory_tests = 1 << TEST_PING_PONG,
     .overall = OVERALL_INCOMPLETE,
     .goods = "cooling-ok ",
     .gaps = "memory "},
    {.name = "bits left alone for two minutes",
     .plan = "memory",
     .memory_tests = 1 << TEST_BIT_FADE,
     .goods = "memory-ok cooling-ok "},
    {.name = "healthy, plan disk", .plan = "disk", .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "healthy, plan sensors", .plan = "sensors", .goods = "cooling-ok "},

    {.name = "an unreadable sector",
     .arrange = unreadable_sector,
     .overall = OVERALL_FAIL,
     .findings = "disk-media certain DISK-B Model;",
     .evidence = "LBA 5000 ",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "SATA reads that fail and claim success",
     .arrange = silent_failure,
     .overall = OVERALL_FAIL,
     .findings = "disk-media certain DISK-A Model;",
     .evidence = "LBA 50001 ",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "a place that never answers",
     .arrange = times_out,
     .overall = OVERALL_FAIL,
     .findings = "disk-media likely DISK-A Model;",
     .evidence = "reads without an answer from LBA 50001",
     .goods = "memory-ok cooling-ok cpu-ok ",
     .warning = "came round only after",
     .long_waits = true},
    {.name = "a drive that predicts its failure",
     .arrange = predicts_failure,
     .overall = OVERALL_FAIL,
     .findings = "disk-failing certain DISK-A Model;",
     .advice = "opy",
     .not_loaded = true,
     .goods = "memory-ok cooling-ok cpu-ok ",
     .gaps = "disk "},
    {.name = "a sector that never arrives",
     .arrange = corrupts,
     .overall = OVERALL_FAIL,
     .findings = "disk-silent-corruption likely DISK-B Model;",
     .evidence = "LBA 4711",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "a drive that leaves",
     .arrange = vanishes,
     .overall = OVERALL_SUSPECT,
     .findings = "disk-link possible DISK-B Model;",
     .goods = "memory-ok cooling-ok cpu-ok ",
     .gaps = "disk "},
    {.name = "a bad lead",
     .arrange = bad_lead,
     .overall = OVERALL_FAIL,
     .findings = "disk-link likely DISK-A Model;",
     .evidence = "interface-crc rose by",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "the only drive is slow for a while",
     .arrange = one_slow_drive,
     .overall = OVERALL_SUSPECT,
     .findings = "disk-slow possible DISK-A Model;",
     .goods = "memory-ok cooling-ok cpu-ok ",
     .long_waits = true},
    {.name = "a locked drive",
     .arrange = locked,
     .goods = ALL_GOOD,
     .gaps = "disk ",
     .not_loaded = true},
    {.name = "a drive at which the last boot hung",
     .skip = "first read NVMe 00:03.0",
     .goods = ALL_GOOD,
     .gaps = "disk "},
    {.name = "no disk",
     .arrange = no_disk,
     .overall = OVERALL_INCOMPLETE,
     .goods = "memory-ok cooling-ok ",
     .gaps = "disks "},
    {.name = "no disk but the stick",
     .arrange = only_the_stick,
     .overall = OVERALL_INCOMPLETE,
     .goods = "memory-ok cooling-ok ",
     .gaps = "boot-disk disks "},

    {.name = "a fan stops",
     .arrange = fan_stops,
     .overall = OVERALL_FAIL,
     .findings = "cooling-fan certain FAN1;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "the processor gets hot while fans turn",
     .arrange = gets_hot,
     .overall = OVERALL_SUSPECT,
     .findings = "cooling-airflow possible CPU1 Temp;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "no BMC",
     .arrange = no_bmc,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature "},
    {.name = "a BMC whose port is said to be the keyboard's",
     .arrange = bmc_at_the_keyboard,
     .goods = ALL_GOOD},
    {.name = "a Super I/O chip", .arrange = super_io, .goods = ALL_GOOD},
    {.name = "a Super I/O chip whose bank is stolen",
     .arrange = super_io_with_bank_thief,
     .goods = ALL_GOOD},
    {.name = "a Super I/O chip that is switched off",
     .arrange = super_io_switched_off,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature "},
    {.name = "a Super I/O chip at which the last boot hung",
     .arrange = super_io,
     .skip = "Super I/O 2Eh",
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "super-io fans cpu-temperature "},
    {.name = "a fan of a Super I/O chip stops under load",
     .arrange = super_io_fan_stops_warm,
     .overall = OVERALL_FAIL,
     .findings = "cooling-fan likely Super I/O fan 2;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "a fan of a Super I/O chip stops while it is cool",
     .arrange = super_io_fan_stops_cool,
     .goods = ALL_GOOD},
    {.name = "a BMC that hangs",
     .arrange = bmc_hangs,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature ",
     .warning = "does not answer"},
    {.name = "a BMC still silent at the end of a short run",
     .arrange = bmc_hangs,
     .plan = "memory",
     .goods = "memory-ok ",
     .gaps = "fans cpu-temperature ",
     .open_steps = 1,
     .long_waits = true},
    {.name = "sensors of the processors",
     .arrange = cpu_sensors,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans "},
    {.name = "the last boot hung at them",
     .arrange = cpu_sensors,
     .skip = "processor sensors",
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature cpu-sensors "},
    {.name = "sensors=off, of processors",
     .arrange = cpu_sensors,
     .no_sensors = true,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature "},
    {.name = "a processor slow for heat as soon as the load comes",
     .arrange = slow_when_hot,
     .imaging_s = 60,
     .overall = OVERALL_SUSPECT,
     .findings = "cooling-heatsink possible CPU package 0;",
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans ",
     .evidence = "C at rest"},
    {.name = "a processor slow for heat",
     .arrange = slow_when_hot_late,
     .imaging_s = 150,
     .overall = OVERALL_SUSPECT,
     .findings = "cooling-throttle possible CPU package 0;",
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans ",
     .evidence = "below its nominal clock"},
    {.name = "sensors=off",
     .no_sensors = true,
     .goods = "memory-ok disk-ok cpu-ok ",
     .gaps = "fans cpu-temperature "},

    {.name = "a corrected memory error",
     .arrange = check_in_run,
     .overall = OVERALL_SUSPECT,
     .findings = "memory-ecc-corrected possible memory channel 0 (bank 7);",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "an uncorrected cache error from before",
     .arrange = check_before,
     .overall = OVERALL_FAIL,
     .findings = "cpu-machine-check likely processor 0 (bank 7);",
     .evidence = "before",
     .goods = "memory-ok disk-ok cooling-ok "},
    {.name = "processors that do not work",
     .arrange = processors_idle,
     .goods = "memory-ok disk-ok cooling-ok "},
    {.name = "processors that stop working",
     .arrange = workers_stop,
     .imaging_s = 100,
     .overall = OVERALL_INCOMPLETE,
     .goods = ALL_GOOD,
     .gaps = "imaging memory ",
     .warning = " given up",
     .long_waits = true},
    {.name = "a reset in the run before",
     .arrange = reset_before,
     .overall = OVERALL_SUSPECT,
     .findings = "reset-under-load possible machine;",
     .goods = ALL_GOOD},

    {.name = "the firmware recorded a memory error",
     .arrange = memory_recorded,
     .overall = OVERALL_FAIL,
     .findings = "memory-ecc-uncorrected likely DIMM A1;",
     .evidence = "the firmware (BERT)",
     .advice = "DIMM A1",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "one memory error, told by three",
     .arrange = memory_recorded_thrice,
     .overall = OVERALL_FAIL,
     .findings = "memory-ecc-uncorrected likely DIMM A1;",
     .evidence = "bank 7 of processor 0 holds one as well; the BMC's event log",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "a memory error of a module that is not there",
     .arrange = stranger_recorded,
     .overall = OVERALL_SUSPECT,
     .findings = "memory-ecc-uncorrected possible memory;",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "events in the BMC's log",
     .arrange = events_logged,
     .overall = OVERALL_SUSPECT,
     .findings = "memory-ecc-uncorrected possible memory;cooling-fan possible FAN1;",
     .evidence = "the BMC's event log",
     .goods = "disk-ok cpu-ok "},
    {.name = "events in the BMC's log, of long ago",
     .arrange = events_of_long_ago,
     .goods = ALL_GOOD},

    {.name = "a stuck bit",
     .arrange = bit_is_stuck,
     .overall = OVERALL_FAIL,
     .findings = "memory-bit-error likely page 0x100302000 bit 5;",
     .goods = "disk-ok cooling-ok cpu-ok ",
     .bad_memory = true},
    {.name = "no memory",
     .arrange = no_memory,
     .overall = OVERALL_INCOMPLETE,
     .goods = "cooling-ok ",
     .gaps = "disks "},
    {.name = "half of the memory",
     .arrange = half_the_memory,
     .overall = OVERALL_INCOMPLETE,
     .goods = "disk-ok cooling-ok cpu-ok "},

    {.name = "Esc while imaging",
     .arrange = escape,
     .overall = OVERALL_INCOMPLETE,
     .goods = ALL_GOOD,
     .cut = true},
    {.name = "Esc at once",
     .arrange = escape_at_once,
     .overall = OVERALL_INCOMPLETE,
     .gaps = "fans cpu-temperature ",
     .cut = true},

    {.name = "a medium that is read-only",
     .arrange = store_refuses,
     .goods = ALL_GOOD,
     .gaps = "report-files ",
     .loses_store = true},
    {.name = "a medium that fails",
     .arrange = store_fails,
     .goods = ALL_GOOD,
     .gaps = "report-files ",
     .warning = "journal can no longer be written",
     .loses_store = true},
    {.name = "a medium that does not keep what is written",
     .arrange = flush_fails,
     .goods = ALL_GOOD,
     .gaps = "report-files ",
     .warning = "journal can no longer be written",
     .loses_store = true},

    {.name = "a medium that fails at the reports",
     .arrange = reports_fail,
     .goods = ALL_GOOD,
     .report_error = ERR_IO},
    {.name = "a report longer than its prepared file",
     .arrange = report_is_long,
     .goods = ALL_GOOD,
     .late = "report.html"},
    {.name = "reports that are not prepared",
     .arrange = none_prepared,
     .goods = ALL_GOOD,
     .late = "summary.txt report.html report.jsonl junit.xml"},
    {.name = "a report longer than its file on a full medium",
     .arrange = medium_is_full,
     .goods = ALL_GOOD,
     .late = "report.html",
     .report_error = ERR_FULL},

    {.name = "inject=memory-bit",
     .inject = 1 << INJECT_MEMORY_BIT,
     .overall = OVERALL_FAIL,
     .findings = "memory-bit-error certain page 0x101002000 bit 5;",
     .goods = "disk-ok cooling-ok cpu-ok ",
     .bad_memory = true},
    {.name = "inject=disk-media",
     .inject = 1 << INJECT_DISK_MEDIA,
     .overall = OVERALL_FAIL,
     .findings = "disk-media certain DISK-A Model;",
     .evidence = "LBA 2048 ",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=disk-stale",
     .inject = 1 << INJECT_DISK_STALE,
     .overall = OVERALL_FAIL,
     .findings = "disk-silent-corruption likely DISK-A Model;",
     .evidence = "LBA 4096",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=fan-stop",
     .inject = 1 << INJECT_FAN_STOP,
     .overall = OVERALL_FAIL,
     .findings = "cooling-fan likely FAN1;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "inject=fan-stop, with a long baseline",
     .inject = 1 << INJECT_FAN_STOP,
     .imaging_s = 300,
     .slow = true,
     .overall = OVERALL_FAIL,
     .findings = "cooling-fan likely FAN1;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "inject=memory-alias",
     .inject = 1 << INJECT_MEMORY_ALIAS,
     .overall = OVERALL_FAIL,
     .findings = "memory-address-fault likely page 0x101001000;",
     .goods = "disk-ok cooling-ok cpu-ok ",
     .bad_memory = true,
     .other_bits = true},
    {.name = "inject=module",
     .inject = 1 << INJECT_MODULE,
     .overall = OVERALL_FAIL,
     .findings = "memory-unusable likely DIMM X9;",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "inject=disk-corrupt",
     .inject = 1 << INJECT_DISK_CORRUPT,
     .imaging_s = 60,
     .overall = OVERALL_FAIL,
     .findings = "disk-silent-corruption likely DISK-A Model;",
     .evidence = "LBA 6144",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=disk-slow",
     .inject = 1 << INJECT_DISK_SLOW,
     .imaging_s = 60,
     .long_waits = true,
     .overall = OVERALL_FAIL,
     .findings = "disk-slow likely DISK-A Model;",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=disk-crc",
     .inject = 1 << INJECT_DISK_CRC,
     .overall = OVERALL_FAIL,
     .findings = "disk-link likely DISK-A Model;",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=disk-failing",
     .inject = 1 << INJECT_DISK_FAILING,
     .overall = OVERALL_FAIL,
     .findings = "disk-failing certain DISK-A Model;",
     .gaps = "disk ",
     .goods = "memory-ok cooling-ok cpu-ok ",
     .not_loaded = true},
    {.name = "inject=disk-hot",
     .inject = 1 << INJECT_DISK_HOT,
     .overall = OVERALL_FAIL,
     .findings = "disk-hot certain DISK-B Model;",
     .goods = "memory-ok cooling-ok cpu-ok "},
    {.name = "inject=pcie-link",
     .inject = 1 << INJECT_PCIE_LINK,
     .overall = OVERALL_FAIL,
     .findings = "pcie-link-degraded likely DISK-A Model;",
     .goods = "memory-ok disk-ok cooling-ok cpu-ok "},
    {.name = "inject=pcie-errors",
     .inject = 1 << INJECT_PCIE_ERRORS,
     .overall = OVERALL_FAIL,
     .findings = "pcie-link-errors likely PCI Express 0000:00:1c.0;",
     .evidence = "receiver error",
     .goods = ALL_GOOD},
    {.name = "inject=voltage",
     .inject = 1 << INJECT_VOLTAGE,
     .overall = OVERALL_FAIL,
     .findings = "power-voltage likely 12V;",
     .goods = ALL_GOOD},
    {.name = "inject=heat",
     .inject = 1 << INJECT_HEAT,
     .overall = OVERALL_SUSPECT,
     .findings = "cooling-airflow possible CPU1 Temp;",
     .goods = "memory-ok disk-ok cpu-ok "},
    {.name = "inject=mce-memory",
     .inject = 1 << INJECT_MCE_MEMORY,
     .overall = OVERALL_FAIL,
     .findings = "memory-ecc-uncorrected certain memory channel 0 (bank 7);",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "inject=mce-cpu",
     .inject = 1 << INJECT_MCE_CPU,
     .overall = OVERALL_FAIL,
     .findings = "cpu-machine-check certain processor 0 (bank 1);",
     .goods = "memory-ok disk-ok cooling-ok "},
    {.name = "inject=cpu-compute",
     .inject = 1 << INJECT_CPU_COMPUTE,
     .overall = OVERALL_FAIL,
     .findings = "cpu-compute-error certain processor 1;",
     .goods = "memory-ok disk-ok cooling-ok "},
    {.name = "inject=reset",
     .inject = 1 << INJECT_RESET,
     .overall = OVERALL_SUSPECT,
     .findings = "reset-under-load possible machine;",
     .goods = ALL_GOOD},
    {.name = "inject=mce",
     .inject = 1 << INJECT_MCE,
     .overall = OVERALL_SUSPECT,
     .findings = "memory-ecc-corrected possible memory channel 0 (bank 7);",
     .goods = "disk-ok cooling-ok cpu-ok "},
    {.name = "a link has errors, the link of a drive",
     .arrange = link_fails,
     .overall = OVERALL_FAIL,
     .findings = "pcie-link-errors likely PCI Express 0000:00:01.0;",
     .evidence = "behind it is DISK-B",
     .goods = ALL_GOOD},
    {.name = "an error of a link that comes last of all",
     .arrange = link_fails_late,
     .overall = OVERALL_FAIL,
     .findings = "pcie-link-errors likely PCI Express 0000:00:03.0;",
     .goods = ALL_GOOD},
    {.name = "a link drops from 16 GT/s and 8 lanes to 2.5 GT/s and 4",
     .arrange = link_drops,
     .overall = OVERALL_FAIL,
     .findings = "pcie-link-degraded likely PCI Express 0000:00:01.0;",
     .evidence = "2.5 GT/s, 4 lanes; it was 16 GT/s, 8 lanes, and later was so again",
     .goods = ALL_GOOD},
    {.name = "two faults at once",
     .arrange = fan_stops,
     .inject = 1 << INJECT_DISK_MEDIA,
     .overall = OVERALL_FAIL,
     .findings = "disk-media certain DISK-A Model;cooling-fan certain FAN1;",
     .goods = "memory-ok cpu-ok "},
};

static struct run_machine machine;

/* ---- what was said, as text */

struct said {
    char findings[2000], goods[400], gaps[400];
    struct event_finding first_finding;
    const char *warning; /* part of each warning there may be, or NULL */
    unsigned warnings;
    unsigned open_steps;
    bool final;
    uint8_t first, last; /* enum event_type */
    uint8_t overall;
    uint8_t ending; /* enum ending */
};

static void add_finding(struct said *said, const struct event_finding *finding)
{
    size_t used = strlen(said->findings);

    if (!used)
        said->first_finding = *finding;
    snprintf(said->findings + used, sizeof(said->findings) - used, "%s %s %s;", finding->id,
             certainty_names[finding->certainty], finding->component);
    assert_true(finding->advice[0] && finding->evidence[0]);
}

static void add_word(char *list, size_t size, const char *word)
{
    size_t used = strlen(list);

    snprintf(list + used, size - used, "%s ", word);
}

static void add_warning(struct said *said, const char *text)
{
    if (!said->warning || !strstr(text, said->warning))
        fail_msg("unexpected warning: %s", text);
    said->warnings++;
}

static void take_in(struct said *said, const struct event *event)
{
    said->last = event->type;
    switch (event->type) {
    case EVENT_PHASE_START:
        said->final |= text_equal(event->phase_start.phase, PHASE_OF_VERDICT);
        break;
    case EVENT_FINDING:
        if (said->final)
            add_finding(said, &event->finding);
        break;
    case EVENT_GOOD:
        add_word(said->goods, sizeof(said->goods), event->good.id);
        break;
    case EVENT_NOT_TESTED:
        add_word(said->gaps, sizeof(said->gaps), event->not_tested.subsystem);
        break;
    case EVENT_NOTE:
        if (event->note.severity >= SEVERITY_WARNING)
            add_warning(said, event->note.text);
        break;
    case EVENT_STEP:
        said->open_steps += event->step.ended ? -1u : 1u;
        break;
    case EVENT_VERDICT:
        said->overall = event->verdict.overall;
        break;
    case EVENT_RUN_END:
        said->ending = event->run_end.ending;
        break;
    default:
        break;
    }
}

/* Reads the journal, which must be whole. */
static void read_journal(const struct run_machine *of, struct said *said)
{
    struct journal_reader reader =
        journal_read_from(of->recorder.journal.data, of->recorder.journal.length);
    struct event event;

    said->first = EVENT_TYPES;
    while (journal_read(&reader, &event)) {
        if (said->first == EVENT_TYPES)
            said->first = event.type;
        take_in(said, &event);
    }
    assert_int_equal(reader.stop, JOURNAL_ENDED);
    assert_int_equal(reader.skipped, 0);
    assert_int_equal(of->recorder.journal.dropped, 0);
    assert_int_equal(said->first, EVENT_RUN_START);
    assert_int_equal(said->last, EVENT_RUN_END);
}

/* ---- what holds for every run */

static void check_manners(const struct run_machine *of, const struct run_case *run_case)
{
    enum { FLUSH_S = 2, ALIVE_S = 60, SLACK_US = 400000 };

    assert_int_equal(of->bmc.breaches + of->bmc.strays + of->bmc.changing, 0);
    assert_int_equal(of->msr.faults + of->msr.invalid, 0);
    assert_int_equal(of->sio.breaches + of->run.guard.refused, 0);
    assert_false(of->sio.chips[0].open);
    assert_true(!of->sio.chips[0].bank || of->sio.chips[0].fault == SIO_BANK_STOLEN);
    assert_int_equal(of->store.breaches, 0);
    if (run_case->not_loaded)
        assert_int_equal(of->drives[0].reads + of->drives[0].asks, 0);
    assert_int_equal(of->bad_lines, 0);
    assert_true(run_case->painted ? of->paints > 20 && of->lines == 0 : of->lines > 5);
    assert_true(of->longest_us < ALIVE_S * SECOND);
    if (!run_case->long_waits)
        assert_true(of->store.longest_us < FLUSH_S * SECOND + SLACK_US);
    /* Buffers come home, but for those of jobs that were given up. */
    for (unsigned i = 0; !of->workers_stop_us && i < of->pool.count; i++)
        assert_int_not_equal(of->chunks[i].state, CHUNK_TAKEN);
    for (unsigned i = 0; i < RUN_MACHINE_DRIVES; i++)
        assert_ptr_equal(of->drives[i].device.context, &of->drives[i]);
}

static bool holds(const struct sim_file *file, const char *text)
{
    size_t length = strlen(text);

    for (size_t at = 0; at + length <= file->size; at++) {
        if (memcmp(file->data + at, text, length) == 0)
            return true;
    }
    return false;
}

/* Which files waited for the verdict. */
static void check_late(const struct run_machine *of, const char *late)
{
    for (unsigned i = 0; i < REPORT_FILES; i++) {
        bool waited = late && strstr(late, report_files[i].name);

        assert_int_equal(of->reports.late >> i & 1, waited);
    }
}

/* Each of them is whole, with all that was found. */
static void check_files(const struct run_machine *of, const struct run_case *run_case)
{
    static const char *const names[] = {"summary.txt", "report.html", "report.jsonl", "junit.xml"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct sim_file *file = sim_store_file(&of->store, names[i]);

        assert_non_null(file);
        assert_true(file->size > 200);
        assert_int_equal(file->data[file->size - 1], '\n');
        for (unsigned j = 0; j < of->model.finding_rows.kept; j++)
            assert_true(holds(file, of->model.findings[j].finding.id));
    }
    assert_true(holds(sim_store_file(&of->store, "summary.txt"), overall_names[run_case->overall]));
    assert_int_equal(sim_store_file(&of->store, "bad-memory.txt") != NULL, run_case->bad_memory);
    for (unsigned i = 0; i < INJECTS; i++) {
        if (run_case->inject >> i & 1)
            assert_true(holds(sim_store_file(&of->store, "summary.txt"), inject_names[i]));
    }
}

static void check_reports(const struct run_machine *of, const struct run_case *run_case)
{
    assert_int_equal(of->report_error, run_case->report_error);
    assert_int_equal(of->reports.failed != NULL, run_case->report_error != OK);
    check_late(of, run_case->late);
    if (run_case->loses_store) {
        assert_int_equal(of->store.file_count, 0);
        return;
    }
    if (!run_case->report_error)
        check_files(of, run_case);
    assert_true(of->store.journal_closed);
    assert_int_equal(of->store.journal_size, JOURNAL_SIZE);
    assert_memory_equal(of->store.journal, of->journal, of->recorder.journal.length);
    for (size_t i = of->recorder.journal.length; i < JOURNAL_SIZE; i++)
        assert_int_equal(of->store.journal[i], ' ');
}

static struct run_config config_of(const struct run_case *run_case)
{
    return (struct run_config){
        .plan = run_case->plan ? run_case->plan : "imaging",
        .imaging_s = run_case->imaging_s ? run_case->imaging_s : 30,
        .seed = 42,
        .memory_tests = run_case->plan_tests     ? MEMORY_TESTS_ALL
                        : run_case->memory_tests ? run_case->memory_tests
                                                 : SERIAL_TESTS,
        .memory_tests_named = !run_case->plan_tests,
        .sensors = !run_case->no_sensors,
        .inject = run_case->inject,
        .skip = run_case->skip ? run_case->skip : "",
    };
}

/* Memory errors carry the temperature of the nearest sensor, "DIMM A1" and never a drive's. */
static void check_memory_errors(const struct run_machine *of, const struct run_case *run_case)
{
    enum { DIMM_MILLI = 38500 };

    assert_int_equal(of->model.memory_error_rows.kept > 0, run_case->bad_memory);
    for (unsigned i = 0; i < of->model.memory_error_rows.kept; i++) {
        const struct event_memory_error *error = &of->model.memory_errors[i].memory_error;

        /* Those of the first seconds may come before the BMC has named its sensors. */
        assert_true(error->has_temperature || run_case->memory_tests);
        assert_true(!error->has_temperature || error->temperature == DIMM_MILLI);
        if (!run_case->other_bits)
            assert_int_equal(error->expected ^ error->actual, 1 << 5);
    }
}

static bool has_word(const char *list, const char *word)
{
    const char *at = strstr(list, word);

    while (at && at != list && at[-1] != ' ')
        at = strstr(at + 1, word);
    return at != NULL;
}

/* Every word of a list, each with a blank behind it, stands in the other one. */
static bool within(const char *list, const char *other)
{
    char word[NAME_SIZE];
    size_t length;

    for (; *list; list += length) {
        length = (size_t)(strchr(list, ' ') - list) + 1;
        assert_true(length < sizeof(word));
        copy_text(word, length + 1, list);
        if (!has_word(other, word))
            return false;
    }
    return true;
}

/* In any order, and however often: the reports say equal ones once. */
static void check_words(const char *said, const char *expected)
{
    if (!within(said, expected) || !within(expected, said))
        assert_string_equal(said, expected);
}

/* One row of the table: its own test, so that each tells how it went. */
static void whole_run(void **state)
{
    const struct run_case *run_case = *state;
    struct run_config config = config_of(run_case);
    struct said said = {.warning = run_case->warning};
    enum overall overall;

    run_machine_init(&machine);
    machine.panel.painted = run_case->painted;
    for (unsigned i = 0; run_case->slow && i < RUN_MACHINE_DRIVES; i++)
        machine.drives[i].pace /= 10;
    if (run_case->arrange)
        run_case->arrange(&machine);
    overall = run_machine_run(&machine, &config);
    read_journal(&machine, &said);
    assert_string_equal(said.findings, run_case->findings ? run_case->findings : "");
    assert_string_equal(said.goods, run_case->goods ? run_case->goods : "");
    check_words(said.gaps, run_case->gaps ? run_case->gaps : "");
    assert_string_equal(overall_names[overall], overall_names[run_case->overall]);
    assert_int_equal(said.overall, overall);
    assert_int_equal(said.open_steps, run_case->open_steps);
    assert_int_equal(said.warnings > 0, run_case->warning != NULL);
    assert_true(!run_case->evidence || strstr(said.first_finding.evidence, run_case->evidence));
    assert_true(!run_case->advice || strstr(said.first_finding.advice, run_case->advice));
    assert_int_equal(said.ending, run_case->cut ? ENDED_CUT : ENDED_DONE);
    check_manners(&machine, run_case);
    check_reports(&machine, run_case);
    check_memory_errors(&machine, run_case);
    assert_int_equal(machine.cpu.faults + machine.cpu.forbidden, 0);
    assert_true(!machine.cpu_samples || !run_case->no_sensors);
}

static int free_machine(void **state)
{
    (void)state;
    run_machine_free(&machine);
    return 0;
}

/* For the manual: the verdict that each fault of the self-test ends in. */
static void list_injects(void)
{
    for (unsigned fault = 0; fault < INJECTS; fault++) {
        for (size_t i = 0; i < sizeof(run_cases) / sizeof(run_cases[0]); i++) {
            const struct run_case *run_case = &run_cases[i];

            if (run_case->inject != (uint32_t)1 << fault || run_case->arrange ||
                !run_case->findings)
                continue;
            printf("%.*s inject %s\n", (int)strcspn(run_case->findings, " "), run_case->findings,
                   inject_names[fault]);
            break;
        }
    }
}

int main(int count, char **arguments)
{
    enum { CASES = sizeof(run_cases) / sizeof(run_cases[0]) };
    static struct CMUnitTest tests[CASES];

    if (count == 2 && strcmp(arguments[1], "--injects") == 0) {
        list_injects();
        return 0;
    }
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){.name = run_cases[i].name,
                                       .test_func = whole_run,
                                       .teardown_func = free_machine,
                                       .initial_state = (void *)&run_cases[i]};
    return cmocka_run_group_tests_name("run", tests, NULL, NULL);
}
