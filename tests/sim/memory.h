/*
 * Memory with named faults.
 *
 * The memory is plain host memory. Faults are put into it between two pieces of work, never within
 * one: what the faulty cells would hold by now is worked out from what they held at the last call.
 * sim_memory_apply() does so for any work; memory_rows.h for the kernels, row by row, for faults
 * that depend on the order of reads and writes. The names of the classes are those of van de Goor,
 * "Testing Semiconductor Memories".
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_H
#define ASSAY_TESTS_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"
#include "stress/pattern.h"

enum sim_memory_fault_kind {
    SIM_STUCK_AT_0,
    SIM_STUCK_AT_1,
    SIM_NO_RISE, /* transition fault: the bit cannot go from 0 to 1 */
    SIM_NO_FALL,
    SIM_COUPLING,    /* each change of `other_bit` of `other` inverts the bit */
    SIM_INVERT_RISE, /* only its change from 0 to 1 */
    SIM_INVERT_FALL,
    SIM_SET_RISE,   /* a change of `other_bit` from 0 to 1 makes the bit 1 */
    SIM_CLEAR_RISE, /* … makes it 0 */
    SIM_SET_FALL,
    SIM_CLEAR_FALL,
    SIM_ALIAS,        /* `word` and `other` are one cell; the last write counts */
    SIM_FLIP,         /* inverted once, after `delay` calls */
    SIM_NO_CELL,      /* `word` is not there: writes are lost, all its bits are read as `bit` & 1 */
    SIM_FADE_TO_0,    /* the bit is lost `after_us` after the word was written */
    SIM_FADE_TO_1,    /* … */
    SIM_LINE,         /* the address bit whose value is `other` words is stuck: pairs of one cell */
    SIM_READS_OTHER,  /* what is read at `word` is what `other` holds */
    SIM_WRITES_OTHER, /* what is written to `other` is written to `word`, too */
    SIM_READ_DISTURB, /* inverted after `delay` reads of the word with no write between */
    SIM_TRAFFIC,      /* read inverted while more than `delay` bytes were moved lately */
    SIM_DEVICE,       /* read and written inverted while a device moves data, or did lately */
    SIM_MEMORY_FAULTS,
};

extern const char *const sim_memory_fault_names[SIM_MEMORY_FAULTS];

struct sim_memory_fault {
    enum sim_memory_fault_kind kind;
    size_t word; /* index */
    unsigned bit;
    size_t other;
    unsigned other_bit;
    unsigned delay;
    uint64_t after_us;
    uint64_t held, other_held; /* at the last call */
    uint64_t written_us;       /* when the word was written */
    unsigned reads;            /* of the word since then */
};

enum {
    SIM_MEMORY_FAULTS_MAX = 512,
    SIM_MEMORY_LATELY_US = 1000,    /* traffic fades in this time */
    SIM_MEMORY_DEVICE_US = 1000000, /* a device counts as busy for so long: jobs take no time */
};

struct sim_memory {
    uint64_t *words;
    size_t count;
    const struct clock *clock; /* NULL: time stands still */
    struct sim_memory_fault faults[SIM_MEMORY_FAULTS_MAX];
    size_t fault_count;
    uint64_t moved_us;
    uint64_t moved; /* bytes, those of long ago faded, at moved_us */
    bool device;    /* one has moved data, at device_us */
    uint64_t device_us;
};

void sim_memory_init(struct sim_memory *memory, uint64_t *words, size_t count);
void sim_memory_add(struct sim_memory *memory, const struct sim_memory_fault *fault);

/* After any piece of work. SIM_READS_OTHER, SIM_WRITES_OTHER, SIM_READ_DISTURB and SIM_TRAFFIC need
 * to know reads and writes, and do nothing here. */
void sim_memory_apply(struct sim_memory *memory);

/* One row (stress/pattern.h) as the faulty memory shows it now. `row` is an index of rows. */
void sim_memory_read_row(struct sim_memory *memory, size_t row, uint64_t ret_words[ROW_WORDS]);
/* Writes one row: its words at once, then what that does to others. */
void sim_memory_write_row(struct sim_memory *memory, size_t row, const uint64_t words[ROW_WORDS]);
/* Counts traffic. */
void sim_memory_moved(struct sim_memory *memory, uint64_t bytes);
/* After a device wrote to `count` words from `word` on. */
void sim_memory_device(struct sim_memory *memory, size_t word, size_t count);
/* True when some fault depends on the order of accesses to a block, or on their number. */
bool sim_memory_watches(const struct sim_memory *memory, size_t block);

#endif
