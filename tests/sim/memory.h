/*
 * Memory with named faults.
 *
 * The memory is plain host memory. Faults are put into it by sim_memory_apply(), which is called
 * between two pieces of work, never within one: what the faulty cells would hold by now is worked
 * out from what they held at the last call.
 */
#ifndef ASSAY_TESTS_SIM_MEMORY_H
#define ASSAY_TESTS_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sim_memory_fault_kind {
    SIM_STUCK_AT_0,
    SIM_STUCK_AT_1,
    SIM_NO_RISE, /* transition fault: the bit cannot go from 0 to 1 */
    SIM_NO_FALL,
    SIM_COUPLING, /* each change of `other_bit` of `other` inverts the bit */
    SIM_ALIAS,    /* `word` and `other` are one cell; the last write counts */
    SIM_FLIP,     /* inverted once, after `delay` calls */
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
    uint64_t held, other_held; /* at the last call */
};

enum { SIM_MEMORY_FAULTS_MAX = 512 };

struct sim_memory {
    uint64_t *words;
    size_t count;
    struct sim_memory_fault faults[SIM_MEMORY_FAULTS_MAX];
    size_t fault_count;
};

void sim_memory_init(struct sim_memory *memory, uint64_t *words, size_t count);
void sim_memory_add(struct sim_memory *memory, const struct sim_memory_fault *fault);
void sim_memory_apply(struct sim_memory *memory);

#endif
