/*
 * Evidence: what the events of a run say about each part, added up.
 *
 * Nothing is judged here. Every table is bounded; what found no room is counted in `left_out`.
 * struct evidence is some 400 KiB and belongs into the state of a run. evidence_add() copies, so
 * the event may go. Any sequence of events is accepted, and whatever does not make sense (a sample
 * of a series never declared, a text without an end) is left out.
 */
#ifndef ASSAY_DIAGNOSIS_EVIDENCE_H
#define ASSAY_DIAGNOSIS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/event.h"
#include "base/mca.h"
#include "diagnosis/thermal.h"

enum {
    EVIDENCE_PARTS = 256,
    EVIDENCE_PAGES = 64,
    EVIDENCE_REGIONS = 128,
    EVIDENCE_DRIVES = 32,
    EVIDENCE_COUNTERS = 80, /* of one drive */
    EVIDENCE_CHECKS = 32,
    EVIDENCE_PRIORS = 64,
    EVIDENCE_LINKS = 32,
    EVIDENCE_SERIES = 128,
    EVIDENCE_COVERAGES = 64,
    EVIDENCE_GAPS = 32,
    EVIDENCE_PHASES = 16,
    EVIDENCE_PROCESSORS = 16, /* that computed wrong, or may have */
    EVIDENCE_MAP = 128,       /* ranges of memory modules, and modules that cannot be used */
    PAGE_SIZE = 4096,
    STATUS_SIZE = 80,
    HEAT_STEPS = 32, /* of HEAT_STEP thousandths of a degree, from 0 on */
    HEAT_STEP = 5000,
};

/* What happened at one 4 KiB page of physical memory. */
struct evidence_page {
    uint64_t page;           /* physical address, a multiple of PAGE_SIZE */
    uint64_t address;        /* of the first word that was wrong */
    uint64_t bits;           /* all bits that were wrong at any time */
    uint32_t tested_wrong;   /* words found wrong by memory tests */
    uint32_t mismatches;     /* blocks that differed and lay here */
    char test[NAME_SIZE];    /* that saw it first; empty: no memory test did */
    bool other_test;         /* a second memory test saw it, too */
    uint8_t test_repeat;     /* enum memory_repeat, the worst of the memory tests */
    uint8_t mismatch_repeat; /* the same of the experiments after a mismatch */
    uint32_t aliases;        /* words that held another word's address in the address test */
    uint64_t alias_at;       /* the first of them */
    uint64_t alias;          /* and the address it held */
    bool bits_elsewhere;     /* another memory test saw few bits differ in a word here */
    part_id part;            /* drive of the first mismatch */
    uint8_t shape;           /* enum memory_shape, as far as it is known */
    uint64_t other;          /* of SHAPE_DECODER: the other address, or 0 */
    bool quiet;              /* a memory test that runs beside no drive saw it wrong */
    bool has_warm;           /* it failed again at this temperature, the highest of them */
    int64_t warm;
    uint8_t rested; /* enum memory_repeat: examined once more at the end of the run */
    bool has_rest;  /* at this temperature */
    int64_t rest;
};

/* What a mismatch looks like after its experiment; the first that fits. */
enum mismatch_class {
    MISMATCH_COMPUTE,       /* equal bytes, two hashes */
    MISMATCH_PAGE_FAILED,   /* the page failed again under test */
    MISMATCH_UNSEEN,        /* two hashes within memory, and no byte was found wrong */
    MISMATCH_IN_MEMORY,     /* between two hops that involve no drive */
    MISMATCH_LEFTOVER,      /* part of the canary or of an older read stood in it */
    MISMATCH_SECTORS_AGAIN, /* whole sectors, and the same block again */
    MISMATCH_SECTORS,       /* whole sectors, once */
    MISMATCH_BITS,          /* less than a sector; the page held or could not be tried */
    MISMATCH_CLASSES,
};

struct evidence_mismatches {
    uint32_t count;
    uint32_t direct; /* of which the firmware cannot have copied */
    uint64_t lba;    /* of the first, like the next two */
    uint32_t bits;
    uint64_t address;
    uint8_t hops; /* bit per enum hop: where they were seen */
};

/* Reads that failed, or written blocks with which something was wrong. */
struct evidence_faults {
    uint32_t count;
    uint32_t again; /* of which a second read failed as well */
    uint64_t lba_first, lba_low, lba_high;
    uint64_t first_us, last_us;
    char status[STATUS_SIZE]; /* of the first */
};

struct evidence_counter {
    char name[NAME_SIZE];
    bool has_start, has_end;
    uint64_t start, end;
};

/* Stretches in which a drive was far below its own pace, but those in which the others were, too.
 * A stretch is told when it is established and again when it ends; one read is no stretch. */
struct evidence_pace {
    uint32_t stretches;
    uint32_t witnessed; /* stretches in which another device kept its pace */
    uint32_t total_s;   /* of the stretches that have ended, and what is known of the last */
    uint32_t last_s;
    uint64_t last_lba;
    bool last_witnessed;
    uint32_t hot; /* stretches in which the drive was at its warning temperature or above */
    bool last_hot;
    uint64_t last_us;
    uint64_t lba, usual, slow; /* of the slowest */
};

struct evidence_drive {
    part_id part;
    struct evidence_faults faults[DISK_FAULTS];
    struct evidence_faults writes[WRITE_FAULTS];
    struct evidence_mismatches mismatches[MISMATCH_CLASSES];
    struct evidence_pace pace;
    struct evidence_counter counters[EVIDENCE_COUNTERS];
    unsigned counter_count;
    bool warm; /* it was at its own warning temperature or above, last at warm_us */
    uint64_t warm_us;
    int64_t warmest;
};

/* Machine checks of one kind at one place: one bank and channel and, where the bank gives addresses
 * of memory that one module has, that module. */
struct evidence_check {
    struct mca_error error; /* of the first */
    uint16_t processor, bank;
    uint64_t status, address; /* of the first that had one */
    bool has_address;
    bool physical;          /* that address is one of physical memory, by its own word */
    uint32_t in_run, prior; /* errors, corrected ones counted as the bank counts them */
    uint64_t first_us;      /* of those in the run */
    uint64_t last_us;
    uint16_t last_processor;
    uint64_t last_status, last_address;
};

/* Errors of one kind at one place that somebody wrote down before the run. */
struct evidence_prior {
    struct event_prior_error error; /* the first of them */
    bool uncorrected;
    bool outside;     /* a processor reported it and may only have waited for something else */
    bool dated;       /* the last boot's, or not old by the machine's clock */
    uint32_t count;   /* 0: it has ended since */
    uint32_t origins; /* bit n: enum prior_origin n */
};

/* Errors that the two ends of a PCI Express link told of in the run, and what became of it. */
struct evidence_link {
    char place[NAME_SIZE];      /* of the port */
    char device[NAME_SIZE];     /* that told of the first one: the port, or what is behind it */
    char behind[NAME_SIZE];     /* what is behind it, where that is known */
    uint32_t corrected_looks;   /* times that new ones stood in the registers */
    uint32_t uncorrected_looks; /* the same */
    uint32_t corrected;         /* kinds of them, as bits of the register */
    char text[STATUS_SIZE];     /* the first in words; an uncorrected one goes before others */
    bool slower, narrower;      /* under load, than it had been before in the run */
    bool lost;                  /* it went down, or nobody answered behind it any more */
    bool back;                  /* after the last of these it was as before again */
    char change[STATUS_SIZE];   /* the worst of them in words */
    uint64_t first_us, last_us;
};

/* Where a part was how warm while memory was under test. */
struct evidence_heat {
    uint16_t tested[HEAT_STEPS]; /* samples at this heat */
    uint16_t wrong[HEAT_STEPS];  /* of which some had memory errors before the next */
    bool wrong_now;              /* since the last sample */
};

/* A fan that had stopped, and what came of it while the same phase went on under load. */
struct evidence_stop {
    unsigned phase;                     /* number of the phase */
    uint32_t samples;                   /* of the fan, since then */
    bool has_heat;                      /* the next two are known */
    int64_t hottest_then, hottest_last; /* place of the machine */
    int64_t others_then, others_last;   /* the sum of the speeds of all other fans */
};

/* A time in which something held without a break; one sample is no break. */
struct evidence_stretch {
    bool lasts, seen;  /* now; ever for as long as it takes to count */
    uint8_t breaks;    /* samples in a row that do not belong to it */
    uint64_t since_us; /* of the one that lasts */
    uint64_t first_us; /* when the first that counted began */
};

/* A processor that runs below its base clock under load. */
struct evidence_slowness {
    struct evidence_stretch hot;  /* at its limit of temperature */
    struct evidence_stretch cool; /* far below it, while another device slows it down */
    bool prochot;                 /* another device did, by its own word */
};

struct evidence_series {
    struct event_series series;
    uint32_t samples;
    int64_t last, min, max;
    uint32_t zeros;    /* samples at 0 in a row, up to now */
    uint32_t high_run; /* samples above the upper limit in a row, up to now */
    bool stood;  /* a fan: it stood still and then turned, as those do that stop while it is cool */
    bool turned; /* a fan: it turned in this run, and did not stop for a good reason */
    bool stopped;    /* a fan: it turned and then read 0 twice, for no good reason */
    bool low_state;  /* ever below its critical threshold, by its own word */
    bool high_state; /* ever above it */
    bool high_seen;  /* two samples in a row above the upper limit */
    uint64_t zero_us, stopped_us, low_us, high_us; /* since when */
    uint32_t low_samples, high_samples;            /* of the state that holds now */
    bool throttled;                                /* a processor was, by its state */
    int64_t prochot_at;                            /* the last sample when prochot was told */
    uint32_t outside;                              /* a voltage: samples beyond one of its limits */
    uint32_t outside_run;                          /* those in a row, up to now */
    bool outside_seen;                             /* two in a row were */
    bool outside_at_rest;                          /* one was before any load */
    uint64_t outside_first_us, outside_last_us;
    struct evidence_heat heat;
    struct evidence_stop stop;
    struct thermal thermal;
    struct evidence_slowness slow;  /* of the first temperature of a processor */
    struct evidence_stretch slowed; /* a fan: far below what it had turned at, or below its limit */
    bool top_known;
    unsigned top_place; /* a fan: when it was fastest, where it was warm: an index */
    int64_t top_heat;   /* and how warm */
};

struct evidence_phase {
    char name[NAME_SIZE];
    bool started, ended;
    uint8_t ending;
};

struct evidence_part {
    bool known;
    uint8_t kind; /* enum part_kind */
    part_id parent;
    char name[NAME_SIZE];
    char serial[SERIAL_SIZE];
    char place[PLACE_SIZE];
};

struct evidence {
    struct event_run_start run;
    bool run_ended;
    uint8_t run_ending;
    struct evidence_part parts[EVIDENCE_PARTS]; /* by part_id */
    bool amd;                                   /* a processor's name says so */
    struct event_memory_map memory_map[EVIDENCE_MAP];
    unsigned memory_map_count;
    bool memory_map_lost; /* some of it found no room, so that none of it tells who is left */
    struct evidence_page pages[EVIDENCE_PAGES];
    unsigned page_count;
    struct event_memory_region regions[EVIDENCE_REGIONS];
    unsigned region_count;
    struct evidence_drive drives[EVIDENCE_DRIVES];
    unsigned drive_count;
    struct evidence_check checks[EVIDENCE_CHECKS];
    unsigned check_count;
    struct evidence_prior priors[EVIDENCE_PRIORS];
    unsigned prior_count;
    struct evidence_link links[EVIDENCE_LINKS];
    unsigned link_count;
    struct evidence_series series[EVIDENCE_SERIES];
    unsigned series_count;
    struct event_coverage coverages[EVIDENCE_COVERAGES];
    unsigned coverage_count;
    struct event_not_tested gaps[EVIDENCE_GAPS];
    unsigned gap_count;
    struct evidence_phase phases[EVIDENCE_PHASES];
    unsigned phase_count;
    char phase[NAME_SIZE]; /* the one that runs; empty between */
    unsigned phase_number; /* how many have begun */
    bool loaded;           /* a phase that puts load on the machine has begun */
    uint8_t stage;         /* enum thermal_stage */
    uint64_t stage_us;     /* since when */
    uint64_t load_us;      /* when the load began */
    uint16_t wrong_processors[EVIDENCE_PROCESSORS];
    uint32_t wrong_counts[EVIDENCE_PROCESSORS];
    uint32_t unsure_counts[EVIDENCE_PROCESSORS]; /* two hashes and no byte wrong, once each */
    uint32_t unsure_alone[EVIDENCE_PROCESSORS];  /* of which no other processor had part in */
    unsigned wrong_count;
    struct event_prior_run prior_run; /* the newest of those that nobody says to have ended */
    uint32_t prior_runs;              /* how many these are */
    struct event_prior_run ended_run; /* the newest that the user says to have switched off */
    uint32_t ended_runs;
    uint32_t restarts[RESTART_WITNESSES]; /* bit n: enum restart_cause n is told */
    uint32_t left_out;                    /* events for which a table had no room */
};

void evidence_init(struct evidence *evidence);
void evidence_add(struct evidence *evidence, const struct event *event);

/* Never NULL: a part nobody declared gives one that is not `known`. */
const struct evidence_part *evidence_part(const struct evidence *evidence, part_id part);
const struct evidence_drive *evidence_drive(const struct evidence *evidence, part_id part);

/* When the run began, in seconds since 1970 by the machine's clock; 0: not known. */
uint64_t evidence_run_began_s(const struct evidence *evidence);

/* By how much a counter of a drive rose from the start of the run to its end; 0 when one of the
 * two was not read, or it fell. */
uint64_t evidence_rise(const struct evidence_drive *drive, const char *counter);
/* By how much a state fell in that time; 0 as above. */
uint64_t evidence_fall(const struct evidence_drive *drive, const char *state);
/* What a counter or state stood at when it was read last. False when it never was. */
bool evidence_state(const struct evidence_drive *drive, const char *counter, uint64_t *ret_value);

/* The hottest last reading of a temperature that is not a drive's. False where there is none. */
bool evidence_hottest(const struct evidence *evidence, int64_t *ret_milli);
/* The sum of the last speeds of all fans but one. */
int64_t evidence_other_fans(const struct evidence *evidence, const struct evidence_series *but);
/* Whether a state that lasted for so many samples was a reading gone wrong, as readings of 0 are
 * now and then: one is none. A sensor without samples has nothing but its word. */
static inline bool evidence_is_glitch(const struct evidence_series *series, uint32_t samples)
{
    return series->samples && samples < 2;
}
/* Whether a fan was seen turning in its last sample, or at any time. */
bool evidence_fan_turns(const struct evidence *evidence);
bool evidence_fan_turned(const struct evidence *evidence);
/* Whether a series is of temperatures, of drives or of anything else. */
bool evidence_is_drive_temperature(const struct evidence *evidence,
                                   const struct evidence_series *series);
bool evidence_is_temperature(const struct evidence *evidence, const struct evidence_series *series);

/* The index of the first series of a part that is of this quantity; series_count where there is
 * none. The first temperature, power and clock of a processor stand for it. */
unsigned evidence_first(const struct evidence *evidence, part_id part, enum quantity quantity);

/* Whether the phase that runs puts no load on the machine: inventory, baseline, cool-down. */
bool evidence_resting(const struct evidence *evidence);
/* Whether the plan, or what was seen of the run, includes a phase of this name. */
bool evidence_has_phase(const struct evidence *evidence, const char *phase);
/* What a page that held at the end of the run is known for then: SHAPE_HOT_ONLY when it had failed
 * again at a temperature that is known, and it is REST_COOLER now at least; else as before. */
enum { REST_COOLER = 5000 }; /* thousandths of a degree */
enum memory_shape evidence_rest_shape(const struct evidence *evidence,
                                      const struct event_memory_retest *retest);

/* The module of memory that a check is about; 0 where it is not one, or not known. */
part_id evidence_check_module(const struct evidence *evidence, const struct evidence_check *check);

/* What of a part was tested, over all phases the widest: bytes; 0 when nothing was. */
uint64_t evidence_tested(const struct evidence *evidence, part_id part, const char *phase,
                         uint64_t *ret_total);

#endif
