/*
 * The vocabulary of a run.
 *
 * The engine never prints. Whatever it does, sees or concludes it says as an event; the journal
 * keeps events, the screen shows them, the reports are made from them and the diagnosis judges by
 * them. Nothing else passes between those folders.
 *
 * An event is plain data. Its layout stands once more, as data, in event_kinds[]: the journal is
 * written and read by that table, so a new field is one line here and one line there.
 */
#ifndef ASSAY_BASE_EVENT_H
#define ASSAY_BASE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_SIZE = 48, /* a model, a sensor, a phase; with its NUL, as all sizes here */
    SERIAL_SIZE = 40,
    PLACE_SIZE = 48, /* where a part sits: a slot, a port, a PCI address */
    TEXT_SIZE = 240, /* one sentence */
    MAP_SIZE = 65,   /* one character for each of 64 regions of a drive */
    OPTIONS_SIZE = 400,
    RERUN_SIZE = 160, /* options that run one thing again */
};

/* Parts of the machine are numbered as they are found; 0 is the machine itself. */
typedef uint16_t part_id;

enum part_kind {
    PART_MACHINE,
    PART_PROCESSOR,
    PART_MEMORY, /* all of it, or one module */
    PART_DISK,
    PART_FAN,
    PART_SENSOR, /* a place whose temperature is read */
    PART_BMC,
    PART_KINDS,
};

enum certainty {
    POSSIBLE,
    LIKELY,
    CERTAIN,
    CERTAINTIES,
};

enum overall {
    OVERALL_PASS,
    OVERALL_FAIL,
    OVERALL_SUSPECT,
    OVERALL_INCOMPLETE,
    OVERALLS,
};

enum quantity {
    QUANTITY_TEMPERATURE, /* thousandths of a degree Celsius */
    QUANTITY_FAN_SPEED,   /* thousandths of a revolution per minute */
    QUANTITY_VOLTAGE,     /* millivolts */
    QUANTITY_THROUGHPUT,  /* thousandths of a byte per second, of one part */
    QUANTITY_POWER,       /* milliwatts */
    QUANTITY_CLOCK,       /* thousandths of a megahertz */
    QUANTITIES,
};

/* What the machine is built into. */
enum chassis {
    CHASSIS_UNKNOWN,  /* or of a kind that may be built either way */
    CHASSIS_PORTABLE, /* carried, and may run on a battery */
    CHASSIS_FIXED,
    CHASSIS_KINDS,
};

/* How a phase, or a whole run, ended. */
enum ending {
    ENDED_DONE,    /* it had its time or its pass */
    ENDED_CUT,     /* Esc, or an error of Assay's own */
    ENDED_SKIPPED, /* nothing to test, or not asked for */
    ENDINGS,
};

enum severity {
    SEVERITY_INFO,
    SEVERITY_WARNING, /* the user should know: the run is not what was asked for */
    SEVERITY_ERROR,   /* Assay itself failed at something */
    SEVERITIES,
};

/* What a drive's failed read was, as far as the drive or its controller says. */
enum disk_fault {
    DISK_FAULT_MEDIUM,  /* the drive could not read the sector */
    DISK_FAULT_LINK,    /* a CRC or link error between drive and controller */
    DISK_FAULT_ABORTED, /* the drive refused or gave up the command without saying why */
    DISK_FAULT_TIMEOUT, /* no answer in time */
    DISK_FAULT_STALE,   /* success was claimed and the buffer was not filled */
    DISK_FAULT_GONE,    /* the drive left */
    DISK_FAULTS,
};

/* Where on its way a block first differed; the hops of the imaging workload in their order. */
enum hop {
    HOP_ARRIVAL,     /* read from the drive */
    HOP_COPY,        /* copied to another page */
    HOP_ROUND_TRIP,  /* compressed and decompressed */
    HOP_ARENA,       /* kept compressed in memory for a while and read back */
    HOP_SECOND_READ, /* read again from the drive, into another page */
    HOPS,
};

/* What became of a block that Assay wrote itself. */
enum write_fault {
    WRITE_LOST,       /* an older generation stands there */
    WRITE_MISPLACED,  /* a block that belongs elsewhere stands there */
    WRITE_TORN,       /* part of it is of this generation, part of an older one */
    WRITE_CORRUPTED,  /* it is none that Assay ever wrote */
    WRITE_UNREADABLE, /* it cannot be read back */
    WRITE_FAILED,     /* the drive refused to write it */
    WRITE_FAULTS,
};

/* What set the pace of a load. */
enum pace_setter {
    PACE_SET_BY_NOBODY, /* drives and processors kept each other busy */
    PACE_SET_BY_DRIVE,  /* the processors had to wait */
    PACE_SET_BY_PROCESSORS,
    PACE_SETTERS,
};

enum coverage_unit {
    COVERAGE_BYTES,
    COVERAGE_PROCESSORS,
    COVERAGE_UNITS,
};

enum moment {
    MOMENT_START,
    MOMENT_END,
    MOMENTS,
};

enum memory_repeat {
    REPEAT_NOT_TRIED,
    REPEAT_HELD,   /* tested again, the place held */
    REPEAT_FAILED, /* tested again, the place failed again */
    REPEATS,
};

/* What a fault of memory looks like when its place is examined. The names of the cells' faults are
 * those of van de Goor, "Testing Semiconductor Memories". */
enum memory_shape {
    SHAPE_UNKNOWN,
    SHAPE_STUCK_AT_0,
    SHAPE_STUCK_AT_1,
    SHAPE_TRANSITION, /* a cell that holds both values and does not always take one of them */
    SHAPE_COUPLING,   /* a cell that writes to others change */
    SHAPE_DECODER,    /* two addresses reach one word */
    SHAPE_FADING,     /* a cell that holds a value for a moment and not for milliseconds */
    SHAPE_TRANSIENT,  /* it was wrong, and held in every try */
    SHAPE_DMA_ONLY,   /* wrong only while drives moved data; it held without */
    SHAPE_HOT_ONLY,   /* it failed again when it was warm, and held when it had cooled down */
    SHAPE_DISTURBED,  /* wrong only after its neighbour rows had been activated very often */
    SHAPES,
};

/* How a memory module stands in the firmware's tables. */
enum memory_state {
    MEMORY_MAPPED,  /* the addresses from start to end may lie in it */
    MEMORY_UNSIZED, /* its slot names a module and no size; no addresses */
    MEMORY_MISSING, /* less is mapped than is installed, by its size; no addresses */
    MEMORY_STATES,
};

/* Who has a range of memory that was not tested, or why it was not. */
enum memory_holder {
    HELD_BY_NOBODY, /* in no event */
    HELD_BY_RUNTIME_SERVICES,
    HELD_BY_BOOT_SERVICES,
    HELD_BY_ACPI,            /* tables, and what they use */
    HELD_BY_FIRMWARE,        /* reserved, with no word what for; may be no memory at all */
    HELD_BY_EARLIER_PROGRAM, /* a boot loader or driver that was there before Assay */
    HELD_BY_ASSAY,
    HELD_PERSISTENT,
    HELD_FOR_SPECIFIC_PURPOSE,
    HELD_UNACCEPTED, /* a confidential guest has not accepted it */
    HELD_UNUSABLE,   /* bad, by the firmware's own word */
    HELD_BELOW_1_MIB,
    HELD_LEFT,       /* left to the firmware */
    HELD_REFUSED,    /* free by the firmware's map, and it would not give it */
    HELD_UNCACHED,   /* ten times slower than the rest */
    HELD_UNFINISHED, /* no processor finished testing it */
    HELD_CUT,        /* the run was cut short before */
    HELD_UNASKED,    /* outside of what the options ask for */
    HELD_BY_MANY,    /* the sum of ranges that are not told one by one */
    HOLDERS,
};

/* Who wrote down an error from before the run. */
enum prior_origin {
    PRIOR_BERT,     /* the firmware, in memory, at the last boot */
    PRIOR_VARIABLE, /* an error record in the firmware's variables */
    PRIOR_SEL,      /* the BMC, in its event log */
    PRIOR_AER,      /* the error registers of a PCI Express device */
    PRIOR_ORIGINS,
};

/* What it befell. */
enum prior_kind {
    PRIOR_MEMORY,
    PRIOR_PROCESSOR,
    PRIOR_PCIE,
    PRIOR_FAN,
    PRIOR_TEMPERATURE,
    PRIOR_POWER, /* voltages and power supplies */
    PRIOR_DRIVE,
    PRIOR_WATCHDOG,
    PRIOR_POWER_LOSS, /* the mains, or the input of a supply */
    PRIOR_OTHER,
    PRIOR_KINDS,
};

enum prior_severity {
    PRIOR_CORRECTED,
    PRIOR_RECOVERABLE, /* not corrected, and not fatal */
    PRIOR_FATAL,
    PRIOR_INFORMATION,
    PRIOR_SEVERITIES,
};

/* Why the machine was restarted last. */
enum restart_cause {
    RESTART_UNKNOWN,
    RESTART_COMMAND,        /* a command to the BMC, over the network or from a program */
    RESTART_RESET_BUTTON,   /* somebody pressed it */
    RESTART_POWER_BUTTON,   /* switched on with it; how it went off before is not said */
    RESTART_POWER_OVERRIDE, /* the power button was held until the power went; some chipsets say
                               the same of far too much heat */
    RESTART_WATCHDOG,
    RESTART_POWER_BACK, /* the mains came back */
    RESTART_POLICY,     /* the BMC's event filter reset or power-cycled it */
    RESTART_SOFT,       /* software, or Ctrl-Alt-Del */
    RESTART_ALARM,      /* the clock switched it on */
    RESTART_OTHER,      /* the maker's own */
    RESTART_CAUSES,
};

/* Who says so. */
enum restart_witness {
    RESTART_TOLD_BY_BMC,
    RESTART_TOLD_BY_CHIPSET, /* PM1 status, ACPI 6.5 section 4.8.3.1.1 */
    RESTART_WITNESSES,
};

/* What the user says of a run without an end. */
enum prior_answer {
    ANSWER_NONE,         /* not asked, or not answered */
    ANSWER_BY_ITSELF,    /* the machine reset, or went off, by itself */
    ANSWER_HUNG,         /* it stood still */
    ANSWER_SWITCHED_OFF, /* the user did it */
    ANSWERS,
};

/* What changed since an earlier run of the same machine. */
enum change_kind {
    CHANGE_NOTHING,
    CHANGE_GONE, /* a finding of that run is not there any more, or was not found again */
    CHANGE_NEW,
    CHANGE_SAME,
    CHANGE_COUNTER, /* a drive counted errors between the runs */
    CHANGE_TEMPERATURE,
    CHANGE_THROUGHPUT,
    CHANGES,
};

/* What is told of a PCI Express link. */
enum link_change {
    LINK_AT_START, /* as it was when the run began */
    LINK_LOWER,    /* slower or narrower under load than it was before in the run */
    LINK_LOST,     /* it went down, or nobody answers behind it any more */
    LINK_BACK,     /* after one of these two it is as it was */
    LINK_CHANGES,
};

enum event_type {
    EVENT_RUN_START,
    EVENT_PART,
    EVENT_MEMORY_MAP,
    EVENT_STEP,
    EVENT_PHASE_START,
    EVENT_PROGRESS,
    EVENT_PHASE_END,
    EVENT_SERIES,
    EVENT_SAMPLE,
    EVENT_SENSOR_STATE,
    EVENT_COUNTER,
    EVENT_COVERAGE,
    EVENT_UNTESTED_RANGE,
    EVENT_MEMORY_ERROR,
    EVENT_MEMORY_REGION,
    EVENT_MEMORY_RETEST,
    EVENT_DISK_ERROR,
    EVENT_MISMATCH,
    EVENT_PACE,
    EVENT_LATENCY,
    EVENT_OUTLIER,
    EVENT_WRITE_ERROR,
    EVENT_BOTTLENECK,
    EVENT_MACHINE_CHECK,
    EVENT_PCIE_ERROR,
    EVENT_PCIE_LINK,
    EVENT_PRIOR_RUN,
    EVENT_PRIOR_ERROR,
    EVENT_RESTART,
    EVENT_NOT_TESTED,
    EVENT_NOTE,
    EVENT_FINDING,
    EVENT_GOOD,
    EVENT_CHANGE,
    EVENT_VERDICT,
    EVENT_RUN_END,
    EVENT_TYPES,
};

/* The first event of a run. Wall time is the machine's clock; its zone may be unknown. */
struct event_run_start {
    char version[NAME_SIZE];
    char plan[NAME_SIZE];
    char options[OPTIONS_SIZE]; /* those that were given, as "key=value key=value" */
    char inject[TEXT_SIZE];     /* named faults of a self-test; empty in a real run */
    uint64_t seed;
    uint32_t number;    /* of the run on this medium; 0 without a medium */
    uint32_t imaging_s; /* planned length of the imaging phase */
    uint16_t year;      /* 0: the machine's clock could not be read */
    uint8_t month, day, hour, minute, second;
    bool zone_known;
    int16_t zone_minutes; /* local time minus UTC */
    uint8_t chassis;      /* enum chassis */
    /* Of a run that goes on where another one died; `continues` is 0 of any other. */
    uint32_t continues;         /* number of that run */
    uint32_t imaged_s;          /* of the imaging phase, had by the parts before */
    uint32_t deaths;            /* in a row at that place */
    char stopped_at[NAME_SIZE]; /* the phase where it died, and with a slash the step */
    char done[NAME_SIZE];       /* phases done by the parts before, between commas */
};

struct event_part {
    part_id part;
    part_id parent;
    uint8_t kind;         /* enum part_kind */
    char name[NAME_SIZE]; /* model, or name on the board */
    char serial[SERIAL_SIZE];
    char place[PLACE_SIZE];
    char detail[TEXT_SIZE];
    uint64_t size; /* bytes of a disk or of memory, else 0 */
};

/* Where in physical memory a module lies, by the firmware's tables. A module has as many of these
 * as it has ranges, and an address in several modules lies in one of them. */
struct event_memory_map {
    part_id part;
    uint64_t start, end; /* the first and the last byte */
    uint8_t state;       /* enum memory_state */
    bool reported;       /* the tables tell of an uncorrected error of this module */
    uint8_t position;    /* DSP0134 section 7.21: 0 not interleaved, 255 unknown */
    uint8_t depth;       /* the same: rows in one interleaved transfer */
};

/* Begun just before anything that may hang for good, ended when it came back. */
struct event_step {
    bool ended;
    char name[NAME_SIZE];
};

struct event_phase_start {
    char phase[NAME_SIZE];
    uint32_t planned_s; /* 0: until its pass is done */
};

struct event_progress {
    char phase[NAME_SIZE];
    uint16_t permille;
    uint32_t left_s; /* estimate */
};

struct event_phase_end {
    char phase[NAME_SIZE];
    uint8_t ending; /* enum ending */
};

/* Declares a row of samples. Limits are of the sensor itself, in thousandths like its samples. */
struct event_series {
    uint16_t series;
    part_id part;
    uint8_t quantity; /* enum quantity */
    char name[NAME_SIZE];
    char source[NAME_SIZE]; /* "BMC sensor 2", "NVMe SMART log" */
    bool may_stop;          /* of a fan: it may be one that stops by design while it is cool */
    bool has_low, has_high;
    /* Beyond these the sensor's own maker calls it critical; but the lower one of a clock is the
     * base clock, and the upper one of a power what the processor may draw for long. */
    int64_t low, high;
};

struct event_sample {
    uint16_t series;
    int64_t value;
};

/* A sensor that came to be, or stopped being, beyond its own threshold, or fell silent. */
struct event_sensor_state {
    uint16_t series;
    bool below_critical;
    bool above_critical;
    bool silent; /* no reading any more */
    /* Of a processor's temperature; each, once told, stays for the rest of the run. */
    bool throttled;     /* it slowed itself down for heat */
    bool prochot;       /* another device made it slow */
    bool slow_when_hot; /* its clock was long below nominal, at its limit of temperature */
};

/* A counter or a state of a drive, at the start or at the end of the run. */
struct event_counter {
    part_id part;
    uint8_t moment; /* enum moment */
    char name[NAME_SIZE];
    uint64_t value;
};

/* How much of a part a phase has put to the test. */
struct event_coverage {
    char phase[NAME_SIZE];
    part_id part;
    uint8_t unit;    /* enum coverage_unit, of tested and total */
    uint64_t tested; /* each byte, or processor, counted once */
    uint64_t total;
    uint64_t moved; /* bytes moved in all, repeats counted; 0 where none are */
};

/* Memory that no test has looked at, once at the end of the memory phase: all there is, but for the
 * last ones, which say the sum of what is not told one by one. */
struct event_untested_range {
    uint64_t start, end; /* the first and the last byte */
    uint64_t size;       /* bytes; of a sum, less than lies between */
    uint8_t holder;      /* enum memory_holder */
    bool counted;        /* was free when Assay started: part of the total of the coverage */
};

struct event_memory_error {
    uint64_t address; /* physical, of the 64-bit word */
    uint64_t expected, actual, reread;
    char test[NAME_SIZE];
    uint16_t processor;
    uint8_t repeat; /* enum memory_repeat: the page tested again, without any drive */
    bool has_temperature;
    int64_t temperature; /* thousandths of a degree, the nearest sensor's last */
    uint8_t shape;       /* enum memory_shape, as far as it was known then */
    uint64_t other;      /* of SHAPE_DECODER: the other address of this word; 0: not known */
};

/* Wrong words that lie near each other: every one that was counted belongs to one of these. Once
 * for each region at the end of the work that found them. */
struct event_memory_region {
    uint64_t start, end;   /* the first byte of the first wrong word, the last of the last */
    uint64_t words;        /* wrong ones, each as often as it was found */
    uint64_t pages;        /* of 4 KiB with wrong words: at least so many */
    uint64_t ones;         /* bits that read 1 and should be 0 */
    uint64_t zeros;        /* bits that read 0 and should be 1 */
    uint8_t shape;         /* enum memory_shape */
    uint8_t repeat;        /* enum memory_repeat: the worst of its pages */
    char tests[TEXT_SIZE]; /* that found them, separated by commas */
};

/* A page that had failed, examined once more at the end of the run, after the cool-down where the
 * plan has one. */
struct event_memory_retest {
    uint64_t address; /* of the page */
    uint8_t repeat;   /* enum memory_repeat */
    uint8_t shape;    /* enum memory_shape */
    bool has_temperature;
    int64_t temperature; /* as of event_memory_error */
};

struct event_disk_error {
    part_id part;
    uint8_t fault; /* enum disk_fault */
    uint64_t lba;
    uint32_t blocks;        /* how many from lba on */
    bool again;             /* a second read of the same blocks failed as well */
    char status[TEXT_SIZE]; /* what firmware and drive said, in their own terms */
};

/* A block that differed on its way, after the experiment that belongs to it. */
struct event_mismatch {
    part_id part;
    uint8_t hop; /* enum hop */
    uint64_t lba;
    uint32_t bits;          /* that differ */
    uint32_t whole_sectors; /* of which most bytes differ */
    uint64_t address;       /* physical, of the first difference in the buffer that was wrong */
    uint64_t bit_mask;      /* the bits that differ in that 64-bit word */
    uint8_t page;           /* enum memory_repeat: that page, tested alone under DMA load */
    bool again;             /* the block read again, after much else, differed again */
    bool leftover;          /* part of the canary or of an older read stood in it */
    bool bounced;           /* firmware may have copied through a buffer of its own */
    bool compute;           /* equal bytes gave two hashes on one processor, twice */
    uint16_t processor;
};

/* A drive far below its own pace for a while. */
struct event_pace {
    part_id part;
    uint64_t lba;   /* where it began */
    uint64_t usual; /* bytes per second */
    uint64_t slow;  /* bytes per second, over the slow time */
    uint32_t duration_s;
    uint16_t reads;    /* in the slow time */
    bool others_known; /* another device was measured over the same time */
    bool others_kept;  /* and kept its pace */
};

/* How long one drive's reads took in a phase: once for each drive at the end of the phase. */
struct event_latency {
    char phase[NAME_SIZE];
    part_id part;
    uint64_t reads;   /* in the histogram */
    uint64_t undated; /* left out: nobody looked for too long to tell when they ended */
    uint32_t median_us, p99_us, p999_us, longest_us;
    uint64_t longest_lba;
    /* Reads of 2^n to 2^(n+1) - 1 microseconds, n = 0, 1, ... as decimal numbers between commas. */
    char histogram[TEXT_SIZE];
    /* The drive in 64 equal regions: pace in tenths of its median region's, 0 to 9 (9: nine tenths
     * and more), '-' for a region that was not read. */
    char map[MAP_SIZE];
};

/* A read that took far longer than the drive's others. */
struct event_outlier {
    part_id part;
    uint64_t lba;
    uint32_t blocks;
    uint32_t duration_us;
    uint32_t median_us; /* of the drive's reads by then */
};

/* A block of a drive that was written for this test and read back. */
struct event_write_error {
    part_id part;
    uint8_t fault; /* enum write_fault */
    uint64_t lba;
    uint64_t generation; /* that it should have */
    uint64_t found_lba;  /* what stands there says of itself; both 0 where it says nothing */
    uint64_t found_generation;
    bool again;             /* read again, the same */
    char status[TEXT_SIZE]; /* what the drive said, or how much differs */
};

/* Once at the end of a phase that loads drives. */
struct event_bottleneck {
    char phase[NAME_SIZE];
    uint8_t setter;           /* enum pace_setter */
    part_id part;             /* the busiest drive */
    uint64_t rate;            /* bytes per second, of all drives together */
    uint16_t drive_busy;      /* thousandths of the time: that drive */
    uint16_t drives_wait;     /* a drive had nothing to do, for want of room behind it */
    uint16_t processors_wait; /* no block was there to be worked on */
};

struct event_machine_check {
    uint16_t processor;
    uint16_t bank;
    uint64_t status, address, misc; /* IA32_MCi_STATUS, ADDR, MISC */
    bool has_address, has_misc;
    bool prior; /* stood there before the run began */
};

/* Errors of a PCI Express link that came up in the registers of one of its ends since they were
 * looked at before. */
struct event_pcie_error {
    char place[NAME_SIZE];           /* "0000:01:00.0": whose registers */
    char port[NAME_SIZE];            /* the port that the link begins at; may be the same */
    uint32_t corrected, uncorrected; /* bits of the two status registers of AER */
    char text[TEXT_SIZE];            /* the same in words */
};

/* A PCI Express link: each once at the beginning, and again when it changed. Speeds count from 1
 * for 2.5 GT/s, widths are lanes; 0: not known, or there is none now. */
struct event_pcie_link {
    uint8_t change;         /* enum link_change */
    char port[NAME_SIZE];   /* where the link begins, "0000:00:01.0"; may be empty */
    char device[NAME_SIZE]; /* at its other end */
    char name[NAME_SIZE];   /* what kind of device that is: "NVMe controller" */
    uint8_t speed, width;
    uint8_t speed_best, width_best; /* it had in the run until now */
    uint8_t speed_most, width_most; /* both ends can do */
    char text[TEXT_SIZE];           /* the same in words */
};

/* A run on this medium that has a beginning and no end. */
struct event_prior_run {
    uint32_t number;
    uint32_t after_s; /* the last thing it wrote */
    char phase[NAME_SIZE];
    char step[NAME_SIZE]; /* a step begun and not ended, if there was one */
    /* Its last moments, by its journal (report/last_moments.h). A name that is empty: there is
     * nothing to be said of that. Values are in thousandths, like samples. */
    char load[NAME_SIZE];    /* what ran, in words: "imaging from 3 drives" */
    uint64_t ended_s;        /* its last word by the machine's clock, since 1970; 0: not known */
    char hottest[NAME_SIZE]; /* the sensor that was nearest to its limit, else the hottest */
    int64_t temperature;
    bool has_limit;
    int64_t limit;
    char fan[NAME_SIZE]; /* the one furthest below the fastest it turned in that run */
    int64_t fan_speed, fan_fastest;
    char trend[NAME_SIZE];  /* the sensor that moved most in the last minute */
    uint8_t trend_quantity; /* enum quantity */
    int64_t trend_from, trend_to;
    char dip[NAME_SIZE]; /* a voltage that was lower in its last samples than ever before */
    int64_t dip_from, dip_to;
    uint32_t corrected;        /* errors that were corrected in the last minute */
    uint32_t corrected_before; /* and in the minute before it */
    bool override_stood;       /* RESTART_POWER_OVERRIDE was told already when it began */
    bool watchdog_ran;         /* a watchdog of the BMC ran in it, and could not be stopped */
    char found[TEXT_SIZE];     /* its findings: "cooling-fan at Fan 2, disk-media at S1234" */
    uint8_t answer;            /* enum prior_answer */
};

/* An error that the machine, or its firmware, wrote down before the run. */
struct event_prior_error {
    uint8_t origin, kind, severity; /* enum prior_origin, prior_kind, prior_severity */
    bool ended;            /* no error: what was told of this place and code before has ended */
    part_id part;          /* 0: not known */
    part_id other;         /* a second part that it may have been instead; 0: none */
    uint16_t code;         /* tells states of one place apart */
    char place[NAME_SIZE]; /* "0000:03:00.0", "BMC sensor 48"; may be empty */
    bool has_address;
    uint64_t address;
    uint16_t bank;        /* with status */
    uint64_t status;      /* IA32_MCi_STATUS; 0: not told */
    uint64_t time_s;      /* since 1970 by the clock of who wrote it; 0: not known */
    char when[NAME_SIZE]; /* the same in words, as recorded; may be empty */
    char text[TEXT_SIZE];
};

struct event_restart {
    uint8_t witness; /* enum restart_witness */
    uint8_t cause;   /* enum restart_cause */
};

struct event_not_tested {
    char subsystem[NAME_SIZE];
    char reason[TEXT_SIZE];
    part_id part;
    bool subject; /* the plan was about it: without it the run is INCOMPLETE */
};

struct event_note {
    uint8_t severity; /* enum severity */
    char text[TEXT_SIZE];
};

/* Findings and goods are provisional, as things stand, until the phase of this name begins; those
 * that follow it are the run's. */
#define PHASE_OF_VERDICT "verdict"

struct event_finding {
    char id[NAME_SIZE];
    part_id part;
    uint8_t certainty;         /* enum certainty */
    char component[TEXT_SIZE]; /* serial number or slot first */
    char evidence[TEXT_SIZE];
    char advice[TEXT_SIZE];
    char rerun[RERUN_SIZE]; /* options that run just this again; empty where there are none */
};

/* A subsystem tested and found good. */
struct event_good {
    char id[NAME_SIZE];
    char evidence[TEXT_SIZE];
};

/* The run compared with an earlier one, a sentence each; at the end of the run. */
struct event_change {
    char run[NAME_SIZE]; /* "run 7 of 2026-11-20 14:03" */
    uint8_t change;      /* enum change_kind */
    char text[TEXT_SIZE];
};

struct event_verdict {
    uint8_t overall; /* enum overall */
    char reason[TEXT_SIZE];
};

/* The last event of a run. */
struct event_run_end {
    uint8_t ending; /* enum ending */
};

struct event {
    uint8_t type;     /* enum event_type */
    uint64_t time_us; /* since the run began */
    union {
        struct event_run_start run_start;
        struct event_part part;
        struct event_memory_map memory_map;
        struct event_step step;
        struct event_phase_start phase_start;
        struct event_progress progress;
        struct event_phase_end phase_end;
        struct event_series series;
        struct event_sample sample;
        struct event_sensor_state sensor_state;
        struct event_counter counter;
        struct event_coverage coverage;
        struct event_untested_range untested_range;
        struct event_memory_error memory_error;
        struct event_memory_region memory_region;
        struct event_memory_retest memory_retest;
        struct event_disk_error disk_error;
        struct event_mismatch mismatch;
        struct event_pace pace;
        struct event_latency latency;
        struct event_outlier outlier;
        struct event_write_error write_error;
        struct event_bottleneck bottleneck;
        struct event_machine_check machine_check;
        struct event_pcie_error pcie_error;
        struct event_pcie_link pcie_link;
        struct event_prior_run prior_run;
        struct event_prior_error prior_error;
        struct event_restart restart;
        struct event_not_tested not_tested;
        struct event_note note;
        struct event_finding finding;
        struct event_good good;
        struct event_change change;
        struct event_verdict verdict;
        struct event_run_end run_end;
    };
};

/* How a field is written in the journal. */
enum field_form {
    FIELD_UNSIGNED,
    FIELD_SIGNED,
    FIELD_HEX,
    FIELD_FLAG,
    FIELD_NAMED, /* a uint8_t that stands for one of `names` */
    FIELD_TEXT,
};

struct field {
    const char *name;
    enum field_form form;
    uint16_t offset; /* in struct event */
    uint16_t size;   /* in bytes; of a text, its buffer */
    const char *const *names;
    uint8_t name_count;
};

struct event_kind {
    const char *name;
    const struct field *fields;
    size_t field_count;
};

extern const struct event_kind event_kinds[EVENT_TYPES];

extern const char *const part_kind_names[PART_KINDS];
extern const char *const certainty_names[CERTAINTIES];
extern const char *const overall_names[OVERALLS];
extern const char *const quantity_names[QUANTITIES];
extern const char *const chassis_names[CHASSIS_KINDS];
extern const char *const ending_names[ENDINGS];
extern const char *const severity_names[SEVERITIES];
extern const char *const disk_fault_names[DISK_FAULTS];
extern const char *const hop_names[HOPS];
extern const char *const write_fault_names[WRITE_FAULTS];
extern const char *const pace_setter_names[PACE_SETTERS];
extern const char *const coverage_unit_names[COVERAGE_UNITS];
extern const char *const moment_names[MOMENTS];
extern const char *const memory_repeat_names[REPEATS];
extern const char *const memory_shape_names[SHAPES];
extern const char *const memory_state_names[MEMORY_STATES];
extern const char *const memory_holder_names[HOLDERS];
extern const char *const prior_origin_names[PRIOR_ORIGINS];
extern const char *const prior_kind_names[PRIOR_KINDS];
extern const char *const prior_severity_names[PRIOR_SEVERITIES];
extern const char *const restart_cause_names[RESTART_CAUSES];
extern const char *const restart_witness_names[RESTART_WITNESSES];
extern const char *const prior_answer_names[ANSWERS];
extern const char *const change_names[CHANGES];
extern const char *const link_change_names[LINK_CHANGES];

/* The next free numbers, shared by all who declare parts or series. Parts 1 and 2 always stand for
 * the processors and for the memory as a whole. */
enum { PART_ALL_PROCESSORS = 1, PART_ALL_MEMORY = 2, PART_FIRST_FREE = 3 };

struct numbers {
    part_id next_part;
    uint16_t next_series;
};

/* The sink seam. Events are emitted on the boot processor only; the sink copies what it keeps, and
 * puts the time into the event. */
struct sink {
    void *context;
    void (*emit)(void *context, struct event *event);
};

void emit(const struct sink *sink, struct event *event);

/* The commonest events, in one line. */
__attribute__((format(printf, 3, 4))) void
emit_note(const struct sink *sink, enum severity severity, const char *format, ...);
__attribute__((format(printf, 5, 6))) void emit_not_tested(const struct sink *sink,
                                                           const char *subsystem, part_id part,
                                                           bool subject, const char *format, ...);
void emit_step(const struct sink *sink, const char *name, bool ended);

#endif
